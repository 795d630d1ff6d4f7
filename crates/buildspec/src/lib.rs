//! The buildspec language: parse, check, explain, with source positions. Does no I/O.
//!
//! The rules come from the [buildspec reference](https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html).
//!
//! ```
//! let spec = buildspec::Buildspec::parse("
//! version: 0.2
//! phases:
//!   build:
//!     commands:
//!       - docker build -t helloworld .
//! ")?;
//! let build = spec.phases.build.ok_or("no build phase")?;
//! assert_eq!(build.commands[0].text, "docker build -t helloworld .");
//! assert_eq!(build.commands[0].line, 6);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod explain;
mod keys;
mod lint;
mod node;
mod on_failure;
mod places;
mod read;
mod schema;
mod shell;
mod spec;

pub use error::BuildspecError;
pub use error::Warning;
pub use explain::Plan;
pub use explain::PlanCommand;
pub use explain::PlanStep;
pub use lint::LintContext;
pub use node::Entry;
pub use node::Node;
pub use node::Value;
pub use on_failure::OnFailure;
pub use schema::json_schema;
pub use spec::ArtifactFiles;
pub use spec::Artifacts;
pub use spec::Batch;
pub use spec::BatchBuild;
pub use spec::BatchEnvironment;
pub use spec::BatchFanout;
pub use spec::BatchKind;
pub use spec::BatchMatrix;
pub use spec::Buildspec;
pub use spec::Cache;
pub use spec::CacheAction;
pub use spec::Command;
pub use spec::Environment;
pub use spec::PhaseSpec;
pub use spec::Phases;
pub use spec::Proxy;
pub use spec::ReportFiles;
pub use spec::ReportFormat;
pub use spec::Shell;
pub use spec::Version;
