//! Where calls go.

use std::fmt;
use std::path::PathBuf;

/// Where calls go. Nothing but [`Session::connect`](crate::Session::connect) looks at this.
#[derive(Clone, Debug)]
pub enum Target {
    /// The user's own account, found as the AWS CLI finds it.
    Aws {
        /// A profile of `~/.aws/config`.
        profile: Option<String>,
        /// Overrides the profile's region.
        region: Option<String>,
    },
    /// An AWS-compatible endpoint.
    Endpoint {
        /// Such as `http://127.0.0.1:4566`.
        url: String,
        /// Overrides the profile's region.
        region: Option<String>,
        /// A profile of `~/.aws/config`.
        profile: Option<String>,
        /// Keys to sign with; without them, as for [`Target::Aws`].
        keys: Option<Keys>,
    },
    /// A recording of an earlier walk: answers come from the file, nothing is called.
    Replay {
        /// Written by [`Session::save_recording`](crate::Session::save_recording).
        file: PathBuf,
        /// How much faster than recorded answers come: 1.0 is the recorded pace, 2.0 twice as
        /// fast, 0.0 means no waiting.
        pace: f64,
    },
}

/// An access key pair.
#[derive(Clone)]
pub struct Keys {
    /// The access key id.
    pub access_key_id: String,
    /// The secret access key. Never shown.
    pub secret_access_key: String,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys")
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}
