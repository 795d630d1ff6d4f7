//! Runs one build: a buildspec in a container, phase by phase, as a stream of events. Or a sandbox:
//! the container of a build, with commands that come one by one.
//!
//! The engine knows Docker and the rules of CodeBuild's build phases. It knows no AWS API and
//! stores nothing: whoever starts a build (see [`Engine::run`]) reads its [`Event`]s and keeps
//! what matters.

mod artifacts;
mod build;
mod cache_volumes;
mod capabilities;
mod capture;
mod collect;
mod container;
mod conversation;
mod curated_image;
mod directory_archive;
mod docker_host;
mod download_source;
mod engine;
mod environment;
mod error;
mod evaluate;
mod event;
mod host_route;
mod image;
mod log;
mod mask;
mod output;
mod phase_machine;
#[cfg(test)]
mod phase_transitions;
mod provision;
mod remote_cache;
mod request;
mod runner;
#[cfg(test)]
mod runner_in_shells;
mod source_archive;
mod stand_in;
mod stepper;
mod storage;
mod tar_stream;
mod upload_artifacts;
mod zip_file;

pub use directory_archive::DirectorySelection;
pub use directory_archive::archive_directory;
pub use engine::Engine;
pub use engine::EngineInfo;
pub use engine::Leftovers;
pub use engine::PrivilegedSupport;
pub use engine::RunningBuild;
pub use engine::RunningSandbox;
pub use error::EngineError;
pub use event::BuildStatus;
pub use event::CommandResult;
pub use event::Event;
pub use event::Phase;
pub use event::PhaseContext;
pub use event::PhaseStatus;
pub use host_route::HostRoute;
pub use host_route::Subnet;
pub use log::LogSink;
pub use request::Answer;
pub use request::BuildRequest;
pub use request::BuildspecLocation;
pub use request::CacheRequest;
pub use request::FetchedSource;
pub use request::RegistryLogin;
pub use request::SecondarySource;
pub use request::SecretStore;
pub use request::Source;
pub use request::Variable;
pub use request::VariableValue;
pub use stepper::AfterFailure;
pub use stepper::Before;
pub use stepper::CommandAt;
pub use stepper::Decision;
pub use stepper::Stepper;
pub use storage::ArtifactContent;
pub use storage::ArtifactRequest;
pub use storage::CollectedArtifact;
pub use storage::CollectedFile;
pub use storage::CollectedReport;
pub use storage::FoundCache;
pub use storage::Packaging;
pub use storage::Storage;
