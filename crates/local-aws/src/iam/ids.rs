//! The unique ids of roles and policies: four letters that say what it is, and 17 more characters.

use crate::error::AwsError;

const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// How many characters follow the four letters.
const LENGTH: usize = 17;

/// A fresh id: the same name later has another one.
pub(super) fn random(prefix: &str) -> Result<String, AwsError> {
    let mut bytes = [0_u8; LENGTH];
    getrandom::fill(&mut bytes).map_err(AwsError::storage)?;
    Ok(with(prefix, bytes))
}

/// The id of something that is the same in every account.
pub(super) fn of_arn(prefix: &str, arn: &str) -> String {
    use sha2::Digest as _;
    let digest = sha2::Sha256::digest(arn.as_bytes());
    with(prefix, digest)
}

fn with(prefix: &str, bytes: impl IntoIterator<Item = u8>) -> String {
    let characters = bytes.into_iter().take(LENGTH);
    let characters = characters.map(|byte| char::from(LETTERS[usize::from(byte) % LETTERS.len()]));
    prefix.chars().chain(characters).collect()
}
