//! AWS on your machine: the services that the demos touch, behind the real wire protocols and
//! SigV4, on a loopback address.

use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;

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
}

/// Which Docker Engine builds run on.
#[derive(Clone, Debug)]
pub enum EngineChoice {
    /// Connect when the first build starts; `None` means the default of [`build_engine::Engine::connect`].
    Connect(Option<String>),
    /// This one.
    Connected(build_engine::Engine),
}

/// A repository URL that is served from a working tree.
#[derive(Clone, Debug)]
pub struct Checkout {
    /// Such as `https://github.com/owner/repo.git`.
    pub url: String,
    /// The working tree. Files that `.gitignore` names are left out.
    pub directory: PathBuf,
    /// Further files: where they appear in the source, and where they are on this machine.
    pub extra_files: Vec<(String, PathBuf)>,
}

/// A long-lived key pair for this state directory.
#[derive(Clone)]
pub struct Credentials {
    /// Begins with `AKIA`.
    pub access_key_id: String,
    /// Never logged.
    pub secret_access_key: String,
}

/// How to reach a local AWS: in this process or in another one.
#[derive(Clone, Debug)]
pub struct Access {
    /// Such as `http://127.0.0.1:4566`.
    pub endpoint: String,
    /// The region to sign for.
    pub region: String,
    /// The account id.
    pub account_id: String,
    /// The keys to sign with.
    pub credentials: Credentials,
    /// The process that serves it.
    pub pid: u32,
}

/// A running local AWS. Dropping it stops the server, and with it all builds.
#[derive(Debug)]
pub struct LocalAws {}

/// Why the local AWS could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {}

impl LocalAws {
    /// Starts serving. Builds that were running when an earlier process died are settled first.
    ///
    /// # Errors
    ///
    /// If the state directory is held by another process, cannot be read or written, or the address
    /// is taken or not loopback.
    pub async fn start(_config: Config) -> Result<Self, StartError> {
        todo!()
    }

    /// How to reach it.
    #[must_use]
    pub fn access(&self) -> &Access {
        todo!()
    }

    /// Stops taking requests, stops running builds (they end as STOPPED, their containers are
    /// removed) and returns when everything is settled.
    pub async fn shutdown(self) {
        todo!()
    }

    /// The local AWS that another process serves from this state directory, if one does.
    #[must_use]
    pub fn running(_state_dir: &Path) -> Option<Access> {
        todo!()
    }
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}
