//! Where a repository is among the sources of a build.

/// The source directory of a repository, as CodeBuild names it: host and path. `None` if the
/// location is not the URL of a repository on a server.
pub(super) fn directory(location: &str) -> Option<String> {
    let (authority, path) = match location.split_once("://") {
        Some((scheme, rest)) => {
            let known = ["https", "http", "ssh", "git"]
                .iter()
                .any(|known| known.eq_ignore_ascii_case(scheme));
            rest.split_once('/').filter(|_| known)?
        }
        // user@host:path
        None => location
            .split_once(':')
            .filter(|(host, _)| host.contains('@'))?,
    };
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    let host = host.split(':').next().unwrap_or_default();
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    let allowed = |character: char| !character.is_control() && !"\\?#:*\"<>|".contains(character);
    let safe = |segment: &str| {
        !segment.is_empty() && segment != "." && segment != ".." && segment.chars().all(allowed)
    };
    let is_host = !host.starts_with('-') && safe(host);
    (is_host && path.split('/').all(safe)).then(|| format!("{host}/{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_below_its_host() {
        for (location, expected) in [
            (
                "https://gitlab.com/group/sub/repo.git",
                Some("gitlab.com/group/sub/repo"),
            ),
            (
                "https://user@bitbucket.org/team/repo",
                Some("bitbucket.org/team/repo"),
            ),
            (
                "https://git.example.com:8443/o/r/",
                Some("git.example.com/o/r"),
            ),
            (
                "git@gitlab.com:group/repo.git",
                Some("gitlab.com/group/repo"),
            ),
            (
                "https://git-codecommit.eu-central-1.amazonaws.com/v1/repos/demo",
                Some("git-codecommit.eu-central-1.amazonaws.com/v1/repos/demo"),
            ),
            ("file:///etc", None),
            ("ext::sh -c id", None),
            ("-upload-pack=x", None),
            ("https://host/../../etc", None),
            ("https://host", None),
            ("/etc/passwd", None),
        ] {
            assert_eq!(directory(location).as_deref(), expected, "{location}");
        }
    }
}
