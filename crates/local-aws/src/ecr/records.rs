//! What the database keeps of repositories, images and layers.

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use super::lifecycle_policy::Expiry;
use crate::timestamp::EpochSeconds;

/// A repository.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Repository {
    pub(super) created: EpochSeconds,
    /// `MUTABLE`, `IMMUTABLE`, or one of them with `_WITH_EXCLUSION`.
    pub(super) mutability: String,
    /// The tags that are the other way: patterns with `*`.
    pub(super) exclusions: Vec<String>,
    pub(super) scan_on_push: bool,
    /// As it was given.
    pub(super) encryption: Value,
    pub(super) tags: Vec<(String, String)>,
    pub(super) policy: Option<String>,
    pub(super) lifecycle: Option<Lifecycle>,
    pub(super) preview: Option<Preview>,
}

/// A repository's lifecycle policy.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Lifecycle {
    pub(super) text: String,
    pub(super) evaluated: EpochSeconds,
}

/// What a lifecycle policy would remove.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Preview {
    pub(super) text: String,
    pub(super) expiries: Vec<(Expiry, Image)>,
}

/// An image, or a list of images.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Image {
    pub(super) pushed: EpochSeconds,
    pub(super) pulled: Option<EpochSeconds>,
    pub(super) tags: Vec<String>,
    pub(super) facts: super::manifest::Facts,
}

/// A blob that a repository has: a layer or an image's configuration.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(super) struct Layer {
    pub(super) size: u64,
    pub(super) uploaded: EpochSeconds,
}

impl Repository {
    /// Whether a tag stays at the image that got it first.
    pub(super) fn is_immutable(&self, tag: &str) -> bool {
        let excluded = self.exclusions.iter().any(|filter| fits(filter, tag));
        match self.mutability.as_str() {
            "IMMUTABLE" => true,
            "IMMUTABLE_WITH_EXCLUSION" => !excluded,
            "MUTABLE_WITH_EXCLUSION" => excluded,
            _ => false,
        }
    }
}

/// Whether a text is as a pattern says, in which `*` stands for any characters.
pub(super) fn fits(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut pieces = pieces.peekable();
    if pieces.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        match rest.split_once(piece) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, text, expected) in [
            ("latest", "latest", true),
            ("latest", "latest-1", false),
            ("v*", "v1.2", true),
            ("v*", "1v", false),
            ("*-rc", "1-rc", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c", false),
            ("a*a", "a", false),
            ("*", "", true),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }
}
