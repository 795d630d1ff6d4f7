//! Runs one build: a buildspec in a container, phase by phase, as a stream of events.
//!
//! The engine knows Docker and the rules of CodeBuild's build phases. It knows no AWS API and
//! stores nothing: whoever starts a build (see [`Engine::run`]) reads its [`Event`]s and keeps
//! what matters.

mod engine;
mod event;
mod request;

pub use engine::Engine;
pub use engine::EngineError;
pub use engine::EngineInfo;
pub use engine::Leftovers;
pub use engine::RunningBuild;
pub use event::BuildStatus;
pub use event::Event;
pub use event::Phase;
pub use event::PhaseContext;
pub use event::PhaseStatus;
pub use request::BuildRequest;
pub use request::BuildspecLocation;
pub use request::FetchedSource;
pub use request::LogSink;
pub use request::Source;
