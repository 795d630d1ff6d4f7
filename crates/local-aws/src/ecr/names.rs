//! Names of repositories and tags, digests, and registry ids.

use super::errors;
use crate::account::Account;
use crate::error::AwsError;

const REPOSITORY: &str = "(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*";

/// A repository's name, checked.
pub(super) fn repository(name: Option<&str>) -> Result<&str, AwsError> {
    let name = errors::required("repositoryName", name)?;
    if is_repository(name) {
        return Ok(name);
    }
    let constraint = if (2..=256).contains(&name.len()) {
        format!("must satisfy regular expression '{REPOSITORY}'")
    } else {
        "must have length between 2 and 256".to_owned()
    };
    Err(errors::invalid("repositoryName", &constraint))
}

/// Components of small letters and digits, with `.`, `_`, `__` or dashes between them.
pub(super) fn is_repository(name: &str) -> bool {
    let is_component = |component: &str| {
        let mut separator = String::new();
        let mut after_letter = false;
        for character in component.chars() {
            if character.is_ascii_lowercase() || character.is_ascii_digit() {
                let joins = matches!(separator.as_str(), "" | "." | "_" | "__")
                    || separator.bytes().all(|byte| byte == b'-');
                if !joins {
                    return false;
                }
                separator.clear();
                after_letter = true;
            } else if "._-".contains(character) && after_letter {
                separator.push(character);
            } else {
                return false;
            }
        }
        after_letter && separator.is_empty()
    };
    (2..=256).contains(&name.len()) && name.split('/').all(is_component)
}

/// A tag: as Docker takes them.
pub(super) fn is_tag(tag: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=128).contains(&tag.len()) && tag.bytes().all(allowed) && !tag.starts_with(['.', '-'])
}

/// Whether this is a SHA-256 digest: its digits name a file.
pub(super) fn is_digest(text: &str) -> bool {
    text.strip_prefix("sha256:").is_some_and(|digits| {
        digits.len() == 64
            && digits
                .bytes()
                .all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
    })
}

/// `RepositoryNotFoundException` if the input names the registry of another account.
pub(super) fn check_registry(
    account: &Account,
    registry: Option<&str>,
    repository: &str,
) -> Result<(), AwsError> {
    match registry {
        Some(registry) if registry.len() != 12 || !registry.bytes().all(|b| b.is_ascii_digit()) => {
            Err(errors::invalid(
                "registryId",
                "must satisfy regular expression '[0-9]{12}'",
            ))
        }
        Some(registry) if registry != account.id => {
            Err(errors::no_such_repository(repository, registry))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_repositories() {
        for good in ["app", "a1", "team/app", "a.b_c-d", "a__b", "a---b", "1/2"] {
            assert!(is_repository(good), "{good}");
        }
        let long = "a".repeat(257);
        for bad in [
            "", "a", "App", "-app", "app-", "a..b", "a___b", "a//b", "/a", "a/", "a._b", "é1",
            "../x", &long,
        ] {
            assert!(!is_repository(bad), "{bad}");
        }
    }

    #[test]
    fn a_digest_has_small_hexadecimal_digits() {
        assert!(is_digest(&format!("sha256:{}", "0f".repeat(32))));
        for bad in ["", "sha256:", "sha256:../x", "md5:00"] {
            assert!(!is_digest(bad), "{bad}");
        }
        assert!(!is_digest(&format!("sha256:{}", "0F".repeat(32))));
    }
}
