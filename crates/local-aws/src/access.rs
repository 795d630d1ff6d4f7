//! How a client reaches the local AWS, and the keys that it signs with.

use std::fmt;

use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

use crate::StartError;
use crate::state_dir;
use crate::state_dir::StateDir;

const CREDENTIALS: &str = "credentials.json";

/// A long-lived key pair for this state directory.
#[derive(Clone, Deserialize, Serialize)]
pub struct Credentials {
    /// Begins with `AKIA`.
    pub access_key_id: String,
    /// Never logged.
    pub secret_access_key: String,
}

/// How to reach a local AWS: in this process or in another one.
#[derive(Clone, Debug, Deserialize, Serialize)]
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
    /// When it began to serve.
    #[serde(default)]
    pub since: Timestamp,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}

impl Credentials {
    /// The keys of the directory, made when it is used for the first time.
    pub(crate) fn of(state: &StateDir) -> Result<Self, StartError> {
        let path = state.file(CREDENTIALS);
        let at = |source| StartError::StateDir {
            path: path.clone(),
            source,
        };
        if let Some(credentials) = state_dir::read_json(&path).map_err(at)? {
            return Ok(credentials);
        }
        let credentials =
            random_pair("AKIA").map_err(|error| StartError::Random(error.to_string()))?;
        state_dir::write_private_json(&path, &credentials).map_err(at)?;
        Ok(credentials)
    }
}

/// Fresh keys in the shape of AWS's: four letters and 16 capitals or digits 2 to 7; a secret of 40
/// characters.
pub(crate) fn random_pair(prefix: &str) -> Result<Credentials, getrandom::Error> {
    const ID: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    const SECRET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut random = [0_u8; 56];
    getrandom::fill(&mut random)?;
    let (id, secret) = random.split_at(16);
    let pick = |alphabet: &[u8], byte: &u8| {
        // Both lengths are powers of two: every character is equally likely.
        char::from(alphabet[usize::from(*byte) % alphabet.len()])
    };
    Ok(Credentials {
        access_key_id: prefix
            .chars()
            .chain(id.iter().map(|byte| pick(ID, byte)))
            .collect(),
        secret_access_key: secret.iter().map(|byte| pick(SECRET, byte)).collect(),
    })
}
