//! Names of parameters: "Working with parameter names" in the Systems Manager user guide.

use super::invalid;
use crate::account::Account;
use crate::error::AwsError;

/// How many levels a hierarchy has at most.
const LEVELS: usize = 15;

/// How long a name with its ARN's prefix may be.
const LONGEST: usize = 1011;

/// A name as a request gives it, with the version or label after its colon.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Selected<'a> {
    pub(super) name: &'a str,
    pub(super) selector: Option<&'a str>,
}

impl<'a> Selected<'a> {
    /// Reads `name`, `name:3`, `name:label` or an ARN in place of the name.
    pub(super) fn parse(account: &Account, text: &'a str) -> Result<Self, AwsError> {
        let rest = bare(account, text);
        let (name, selector) = match rest.split_once(':') {
            Some((name, selector)) => (name, Some(selector)),
            None => (rest, None),
        };
        if name.is_empty() || selector.is_some_and(|text| text.is_empty() || text.contains(':')) {
            return Err(invalid(format!(
                "Invalid parameter name. Please use correct syntax for referencing a version/label \
                 <name>:<version/label>: '{text}'"
            )));
        }
        Ok(Self { name, selector })
    }
}

/// The name in an ARN of this account and region; anything else is returned as it is.
pub(super) fn bare<'a>(account: &Account, text: &'a str) -> &'a str {
    let prefix = account.parameter_arn("/");
    match text.strip_prefix(&prefix) {
        // A name in a hierarchy keeps its first slash, another has none.
        Some(rest) if rest.contains('/') => text.get(prefix.len() - 1..).unwrap_or(rest),
        Some(rest) => rest,
        None => text,
    }
}

/// Checks the name of a parameter that is to be written.
pub(super) fn check(name: &str) -> Result<(), AwsError> {
    if name.is_empty() {
        return Err(crate::constraint::violated(
            "name",
            "",
            "have length greater than or equal to 1",
        ));
    }
    if name.len() > LONGEST {
        return Err(invalid(format!(
            "Parameter name length cannot exceed {LONGEST} characters."
        )));
    }
    let levels: Vec<&str> = name.strip_prefix('/').unwrap_or(name).split('/').collect();
    if name.contains('/') && !name.starts_with('/') {
        return Err(invalid("Parameter name must be a fully qualified name."));
    }
    let first = levels.first().copied().unwrap_or_default();
    if name.starts_with('/') && first.eq_ignore_ascii_case("aws") {
        return Err(AwsError::new(
            "AccessDeniedException",
            format!("No access to reserved parameter name: {name}."),
        ));
    }
    let reserved = ["aws", "ssm"].into_iter().find(|reserved| {
        first
            .get(..reserved.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(reserved))
    });
    let allowed = |character: char| character.is_ascii_alphanumeric() || ".-_".contains(character);
    let malformed = levels
        .iter()
        .any(|level| level.is_empty() || !level.chars().all(allowed));
    if reserved.is_some() || malformed {
        let prefix = match reserved {
            Some(reserved) => format!("can't be prefixed with \"{reserved}\" (case-insensitive). "),
            None => String::new(),
        };
        return Err(invalid(format!(
            "Parameter name: {prefix}If formed as a path, it can consist of sub-paths divided by \
             slash symbol; each sub-path can be formed as a mix of letters, numbers and the \
             following 3 symbols .-_"
        )));
    }
    if levels.len() > LEVELS {
        return Err(AwsError::new(
            "HierarchyLevelLimitExceededException",
            format!("Hierarchy depth must not exceed {LEVELS} levels"),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> Account {
        Account {
            region: "eu-central-1".to_owned(),
            id: "123456789012".to_owned(),
            endpoint: String::new(),
        }
    }

    #[test]
    fn names_have_versions_labels_and_arns() {
        let account = account();
        let parse = |text| {
            let selected = Selected::parse(&account, text).unwrap();
            (selected.name, selected.selector)
        };
        assert_eq!(parse("a"), ("a", None));
        assert_eq!(parse("/a/b:3"), ("/a/b", Some("3")));
        let deep = "arn:aws:ssm:eu-central-1:123456789012:parameter/a/b:prod";
        assert_eq!(parse(deep), ("/a/b", Some("prod")));
        let flat = "arn:aws:ssm:eu-central-1:123456789012:parameter/a";
        assert_eq!(parse(flat), ("a", None));
        assert!(Selected::parse(&account, "a:b:c").is_err());
        assert!(Selected::parse(&account, "a:").is_err());
    }

    #[test]
    fn names_have_rules() {
        for good in ["a", "/a", "/a/b.c-d_e", "db-password"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in ["", "a/b", "/a//b", "a b", "awsome", "/ssm/x", "SSM-x", "ä"] {
            assert_eq!(check(bad).unwrap_err().code, "ValidationException", "{bad}");
        }
        assert_eq!(check("/aws/x").unwrap_err().code, "AccessDeniedException");
        assert_eq!(
            check(&"/a".repeat(16)).unwrap_err().code,
            "HierarchyLevelLimitExceededException"
        );
    }
}
