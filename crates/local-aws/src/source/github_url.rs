//! The many ways to write one GitHub repository's URL.

/// A repository on GitHub. GitHub takes owner and name in any case.
#[derive(Clone, Debug)]
pub(super) struct GithubUrl {
    owner: String,
    name: String,
}

impl GithubUrl {
    /// Reads `https://github.com/owner/name`, with or without `.git`, a user, a closing slash, and
    /// the SSH forms `git@github.com:owner/name.git` and `ssh://git@github.com/owner/name`.
    pub(super) fn parse(url: &str) -> Option<Self> {
        let rest = match url.split_once("://") {
            Some((scheme, rest)) => {
                let known = ["https", "http", "ssh", "git"]
                    .iter()
                    .any(|known| known.eq_ignore_ascii_case(scheme));
                known.then_some(rest)?
            }
            None => url,
        };
        let (host, path) = rest.split_once(['/', ':'])?;
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        if !host.eq_ignore_ascii_case("github.com") && !host.eq_ignore_ascii_case("www.github.com")
        {
            return None;
        }
        let path = path.trim_matches('/');
        let (owner, name) = path.split_once('/')?;
        let name = name.strip_suffix(".git").unwrap_or(name);
        if owner.is_empty()
            || name.is_empty()
            || name.contains('/')
            || [owner, name].contains(&"..")
        {
            return None;
        }
        Some(Self {
            owner: owner.to_owned(),
            name: name.to_owned(),
        })
    }

    /// The source directory, as CodeBuild names it.
    pub(super) fn directory(&self) -> String {
        format!("github.com/{}/{}", self.owner, self.name)
    }
}

impl PartialEq for GithubUrl {
    fn eq(&self, other: &Self) -> bool {
        self.owner.eq_ignore_ascii_case(&other.owner) && self.name.eq_ignore_ascii_case(&other.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_ways_to_write_a_repository_are_the_same() {
        let plain = GithubUrl::parse("https://github.com/owner/repo").unwrap();
        for same in [
            "https://github.com/owner/repo.git",
            "https://GitHub.com/Owner/Repo/",
            "https://user@github.com/owner/repo.git",
            "git@github.com:owner/repo.git",
            "ssh://git@github.com/owner/repo",
        ] {
            assert_eq!(GithubUrl::parse(same), Some(plain.clone()), "{same}");
        }
        for other in [
            "https://github.com/owner/other",
            "https://github.com.example.org/owner/repo",
            "https://gitlab.com/owner/repo",
            "https://github.com/owner",
            "https://github.com/owner/..",
        ] {
            assert_ne!(GithubUrl::parse(other), Some(plain.clone()), "{other}");
        }
        assert_eq!(plain.directory(), "github.com/owner/repo");
    }
}
