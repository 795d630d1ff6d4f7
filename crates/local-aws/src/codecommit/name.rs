//! Names of repositories and branches, paths of files, and clone URLs.

use crate::account::Account;
use crate::error::AwsError;

/// A repository's name, checked.
pub(super) fn required(name: Option<&str>) -> Result<&str, AwsError> {
    let name = name.ok_or_else(|| {
        AwsError::new(
            "RepositoryNameRequiredException",
            "A repository name is required.",
        )
    })?;
    if is_repository(name) {
        return Ok(name);
    }
    Err(AwsError::new(
        "InvalidRepositoryNameException",
        "The repository name is not valid. Repository names can be any valid combination of \
         letters, numbers, periods, underscores, and dashes between 1 and 100 characters in length. \
         Names are case sensitive. For more information, see Limits in the AWS CodeCommit User \
         Guide.",
    ))
}

fn is_repository(name: &str) -> bool {
    let allowed = |character: char| character.is_ascii_alphanumeric() || "._-".contains(character);
    (1..=100).contains(&name.len())
        && name.chars().all(allowed)
        && !name.starts_with('.')
        && !name.ends_with(".git")
}

/// A branch's name, checked with the rules of git-check-ref-format.
pub(super) fn branch(name: Option<&str>) -> Result<&str, AwsError> {
    let name = name.ok_or_else(|| {
        AwsError::new("BranchNameRequiredException", "A branch name is required.")
    })?;
    let forbidden = |character: char| {
        character.is_control() || character == ' ' || "~^:?*[\\".contains(character)
    };
    let bad_segment = |segment: &str| {
        segment.is_empty() || segment.starts_with('.') || segment.ends_with(".lock")
    };
    if name.len() > 256
        || name.starts_with('-')
        || name.contains("..")
        || name.contains("@{")
        || name == "@"
        || name.ends_with('.')
        || name.contains(forbidden)
        || name.split('/').any(bad_segment)
    {
        return Err(AwsError::new(
            "InvalidBranchNameException",
            format!("The branch name {name} is not valid."),
        ));
    }
    Ok(name)
}

/// A file's path in a repository, without a slash at either end.
pub(super) fn path(path: Option<&str>) -> Result<&str, AwsError> {
    let path = path
        .ok_or_else(|| AwsError::new("PathRequiredException", "A file path is required."))?
        .trim_matches('/');
    let bad = |segment: &str| {
        segment.is_empty()
            || segment == "."
            || segment == ".."
            || segment.eq_ignore_ascii_case(".git")
    };
    if path.len() > 4096 || path.contains(['\0', '\n']) || path.split('/').any(bad) {
        return Err(AwsError::new(
            "InvalidPathException",
            format!("The path {path} is not valid."),
        ));
    }
    Ok(path)
}

/// `https://git-codecommit.REGION.amazonaws.com/v1/repos/NAME`.
pub(super) fn http_url(account: &Account, name: &str) -> String {
    format!("https://{}", authority_and_path(account, name))
}

/// The same with `ssh://`.
pub(super) fn ssh_url(account: &Account, name: &str) -> String {
    format!("ssh://{}", authority_and_path(account, name))
}

fn authority_and_path(account: &Account, name: &str) -> String {
    format!(
        "git-codecommit.{}.amazonaws.com/v1/repos/{name}",
        account.region
    )
}

/// The name of the repository of this region that a clone URL names.
pub(super) fn in_clone_url<'a>(account: &Account, location: &'a str) -> Option<&'a str> {
    let rest = location
        .strip_prefix("https://")
        .or_else(|| location.strip_prefix("ssh://"))?;
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    let name = rest.strip_prefix(&authority_and_path(account, ""))?;
    let name = name.trim_end_matches('/');
    is_repository(name).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clone_urls_of_this_region_name_a_repository() {
        let account = Account {
            region: "eu-central-1".to_owned(),
            id: "123456789012".to_owned(),
            endpoint: String::new(),
        };
        let url = http_url(&account, "demo");
        assert_eq!(in_clone_url(&account, &url), Some("demo"));
        assert_eq!(
            in_clone_url(&account, &ssh_url(&account, "demo")),
            Some("demo")
        );
        let host = "https://git-codecommit.eu-central-1.amazonaws.com/v1/repos";
        assert_eq!(in_clone_url(&account, &format!("{host}/../../x")), None);
        let other = "https://git-codecommit.us-east-1.amazonaws.com/v1/repos/demo";
        assert_eq!(in_clone_url(&account, other), None);
    }

    #[test]
    fn names_of_branches_and_files_have_rules() {
        for good in ["main", "feature/x-1", "v1.0"] {
            branch(Some(good)).unwrap();
        }
        for bad in ["", "a..b", "-x", "a b", "x.lock", "/a", "a/", "@{1}", "a:b"] {
            branch(Some(bad)).unwrap_err();
        }
        assert_eq!(path(Some("/a/b.txt")).unwrap(), "a/b.txt");
        for bad in ["", "../x", "a//b", ".git/config", "a/./b"] {
            path(Some(bad)).unwrap_err();
        }
    }
}
