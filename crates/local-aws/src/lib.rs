//! AWS on your machine: the services that the demos touch, behind the real wire protocols and
//! SigV4, on a loopback address.
//!
//! | service | protocol | operations |
//! |---|---|---|
//! | CodeBuild | JSON 1.1, RPC v2 CBOR | all: projects, builds, batch builds, sandboxes, reports, fleets, webhooks, source credentials, resource policies |
//! | ECR | JSON 1.1, and the OCI distribution protocol | repositories, images, lifecycle policies; `docker push` and `docker pull` |
//! | CloudFormation | query | stacks, change sets, exports, drift |
//! | CodeCommit | JSON 1.1, git's smart HTTP | repositories, branches, commits and files; `git clone` and `git push` |
//! | EC2 | EC2 query | DescribeRegions |
//! | CloudWatch Logs | JSON 1.1 | log groups, streams and events, retention, tags, Live Tail |
//! | S3 | REST | buckets and objects, listings, copies, uploads in parts, presigned URLs |
//! | Systems Manager | JSON 1.1 | Parameter Store: put, get, list, label, tag, delete |
//! | Secrets Manager | JSON 1.1 | secrets, their versions and stages, tags, random passwords |
//! | IAM | query | roles, policies, simulation |
//! | SNS | query | topics, subscriptions, publishing to web servers of this machine and to a mailbox |
//! | STS | query | GetCallerIdentity, AssumeRole |
//!
//! Builds really run: each in a container on a Docker Engine, through [`build_engine`]. Everything
//! else is kept in one directory, where an acknowledged write survives the end of the process.
//!
//! Commands of a build reach the local AWS too, with keys of the build's own. Where a container does
//! not reach the loopback address, a second listener takes connections from containers only, and
//! requests of running builds only. Docker's requests to ECR's registry have a password instead of a
//! signature, which the user or a running build has asked for.

mod access;
mod access_keys;
mod account;
mod background;
mod batches;
mod builds;
mod callbacks;
mod cloudformation;
mod codebuild;
mod codecommit;
mod constraint;
mod dispatch;
mod ec2;
mod ecr;
mod error;
mod event_bridge;
mod hidden;
mod host_header;
mod iam;
mod logs;
mod model;
mod notification_rules;
mod operations;
mod page_token;
mod parameter_store;
mod percent_encoding;
mod policy;
mod query_protocol;
mod reference;
mod reply;
mod reports;
mod request_body;
mod rpc_v2_cbor;
mod runner;
mod s3;
mod sandboxes;
mod secrets_manager;
mod server;
mod services;
mod sigv4;
mod sns;
mod source;
mod state_dir;
mod store;
mod sts;
mod system_tags;
mod timestamp;
mod webhooks;

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

pub use access::Access;
pub use access::Credentials;
pub use cloudformation::makes_resource_type;
pub use reference::ApiOperation;
pub use reference::ApiService;
pub use reference::Support;
pub use reference::api_reference;
pub use reference::api_services;
pub use reports::NewReport;
pub use reports::ReportFile;
pub use runner::BuildRunner;
pub use runner::RunnerFuture;
pub use runner::StartedBuild;
pub use runner::StartedSandbox;
pub use server::LocalAws;
pub use sns::Email;
pub use sns::Mailbox;
pub use sns::ServiceNotification;

/// How to start the local AWS.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where everything is kept. Created if it is not there. One process at a time.
    pub state_dir: PathBuf,
    /// Where to listen: a loopback address; port 0 for a free one.
    pub listen: SocketAddr,
    /// The region that ARNs and signatures name.
    pub region: String,
    /// The twelve-digit account id that ARNs name.
    pub account_id: String,
    /// Where builds run.
    pub engine: EngineChoice,
    /// GitHub URLs that are served from a directory on this machine instead of being cloned.
    pub checkouts: Vec<Checkout>,
    /// Whether each answer of CodeBuild is held against the service model, and replaced by an error
    /// if it breaks it. For tests.
    pub check_answers: bool,
}

/// Which Docker Engine builds run on.
#[derive(Clone, Debug)]
pub enum EngineChoice {
    /// Connect when the first build starts; `None` means the default of [`build_engine::Engine::connect`].
    Connect(Option<String>),
    /// This one.
    Connected(build_engine::Engine),
    /// Something else that runs builds, for tests.
    Runner(Arc<dyn BuildRunner>),
}

/// A repository URL that is served from a working tree.
#[derive(Clone, Debug)]
pub struct Checkout {
    /// Such as `https://github.com/owner/repo.git`.
    pub url: String,
    /// The working tree. Files that `.gitignore` names are left out.
    pub directory: PathBuf,
    /// Further files: where they appear in the source, and where they are on this machine. Those
    /// that are not there when a build starts are left out.
    pub extra_files: Vec<(String, PathBuf)>,
}

/// Why the local AWS could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A file of the state directory cannot be used.
    #[error("the state directory cannot be used: {path}: {source}. Check its permissions and the free space, or name another one", path = path.display())]
    StateDir {
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Another process serves the state directory.
    #[error("the state directory {path} is in use: {holder}. Use that one, stop it, or name another directory", path = path.display())]
    Held {
        /// The state directory.
        path: PathBuf,
        /// Who holds it, as a clause.
        holder: String,
    },
    /// The database cannot be opened.
    #[error("the database {path} cannot be opened: {source}. If it is damaged, move it away: projects and builds in it are lost then", path = path.display())]
    Database {
        /// The database file.
        path: PathBuf,
        /// What the database says.
        source: Box<redb::Error>,
    },
    /// The records in the database cannot be read or written.
    #[error("the state of the local AWS cannot be read: {0}")]
    State(String),
    /// The system has no more threads.
    #[error("a thread could not be started: {0}")]
    Thread(io::Error),
    /// The system gives no random numbers.
    #[error("no random numbers for the access keys: {0}")]
    Random(String),
    /// The address is not a loopback address.
    #[error(
        "{0} is not a loopback address. The local AWS starts privileged containers: let it listen on 127.0.0.1 or [::1]"
    )]
    NotLoopback(SocketAddr),
    /// The account id is not one.
    #[error("'{0}' is not an account id: it must have twelve digits")]
    AccountId(String),
    /// The region is not a name.
    #[error(
        "'{0}' is not the name of a region: use lower-case letters, digits and dashes, such as eu-central-1"
    )]
    Region(String),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}. Choose another port, or 0 for a free one")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
}

impl LocalAws {
    /// The local AWS that another process serves from this state directory, if one does.
    #[must_use]
    pub fn running(state_dir: &Path) -> Option<Access> {
        state_dir::served_by(state_dir)
    }
}
