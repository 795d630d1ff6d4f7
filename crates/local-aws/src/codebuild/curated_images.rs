//! ListCuratedEnvironmentImages.

use serde_json::Value;

use crate::error::AwsError;

/// The images that AWS's documents name: see the note in the file.
const IMAGES: &str = include_str!("curated_images.json");

/// ListCuratedEnvironmentImages.
pub(super) fn list() -> Result<Value, AwsError> {
    let mut reply: Value = serde_json::from_str(IMAGES).map_err(AwsError::storage)?;
    if let Value::Object(members) = &mut reply {
        members.remove("note");
    }
    Ok(reply)
}
