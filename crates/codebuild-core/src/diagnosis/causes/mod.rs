//! The known causes by subject. In each file they are in the order in which they are tried.

pub(super) mod artifacts;
pub(super) mod aws;
pub(super) mod build_image;
pub(super) mod buildspec;
pub(super) mod container;
pub(super) mod docker_daemon;
pub(super) mod dockerfile;
pub(super) mod exit_status;
pub(super) mod network;
pub(super) mod otherwise;
pub(super) mod registry;
pub(super) mod resources;
pub(super) mod service;
pub(super) mod shell;
pub(super) mod source;
pub(super) mod variables;
