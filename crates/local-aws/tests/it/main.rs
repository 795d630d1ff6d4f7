//! The local AWS as its clients see it: over a socket.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used
)]

mod auth;
mod batch_retries;
mod batches;
mod builds;
mod callbacks;
mod cloudformation;
mod cloudformation_change_sets;
mod cloudformation_kill;
mod cloudformation_updates;
mod codecommit;
mod codecommit_git;
mod docker;
mod ec2;
mod ecr;
mod ecr_docker;
mod ecr_registry;
mod event_bridge;
mod every_member;
mod fake_runner;
mod fleets;
mod full_disk;
mod garbage;
mod git_server;
mod iam;
mod kill;
mod live_tail;
mod logs;
mod logs_groups;
mod notification_rules;
mod parameter_store;
mod projects;
mod protocol;
mod put_log_events;
mod query_protocol;
mod raw;
mod reference;
mod reports;
mod rpc_v2_cbor;
mod s3;
mod s3_multipart;
mod sandboxes;
mod secrets_manager;
mod server;
mod service_roles;
mod sharing;
mod sns;
mod source_credentials;
mod sources;
mod state;
mod sts;
mod webhooks;
mod whole_build;
mod whole_sandbox;
