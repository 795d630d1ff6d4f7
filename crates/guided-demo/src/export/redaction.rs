//! Takes accounts, keys, tokens and the directories of this machine out of what is given away.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use regex::Captures;
use regex::Regex;

/// The account of the local AWS, and what other accounts become.
const NO_ACCOUNT: &str = "000000000000";

/// What stands for a secret.
const MASK: &str = "********";

/// An account id where there can be no doubt that it is one.
const ACCOUNT: &str = r#"(?:arn:aws[a-z-]*:[a-z0-9-]*:[a-z0-9-]*:|(?i:account)(?: id)?[>" :]+)([0-9]{12})\b|\b([0-9]{12})\.dkr\.ecr\."#;

static ACCOUNT_IN_PLACE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(ACCOUNT).ok());

/// Each secret, with what stands before it and is kept.
static SECRETS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        r"()\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
        r#"(?i)(secret_?access_?key["']?(?: is)?[=: \t"']+)[A-Za-z0-9/+]{20,}=*"#,
        r#"(?i)((?:session|security)_?token["']?(?: is)?[=: \t"']+)[A-Za-z0-9/+]{20,}=*"#,
        r"()\bgh[pousr]_[A-Za-z0-9]{30,}",
        r"()\bgithub_pat_[A-Za-z0-9_]{30,}",
        r"()\bglpat-[A-Za-z0-9_-]{20,}",
        r"()\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*",
    ]
    .iter()
    .filter_map(|pattern| Regex::new(pattern).ok())
    .collect()
});

/// Knows the accounts that a text names, and the directories of this machine.
#[derive(Clone, Debug, Default)]
pub(crate) struct Redaction {
    accounts: BTreeSet<String>,
    /// Each with what stands for it, longest first.
    directories: Vec<(String, &'static str)>,
}

impl Redaction {
    /// Replaces the repository, the state directory and the home.
    pub(crate) fn of_machine(repository: &Path, state: &Path) -> Self {
        let home = std::env::home_dir();
        let places = [
            (Some(repository), "."),
            (Some(state), "~/.local/state/guided-demo"),
            (home.as_deref(), "~"),
        ];
        let mut directories: Vec<(String, &str)> = places
            .into_iter()
            .filter_map(|(path, shown)| Some((path?.to_str()?.to_owned(), shown)))
            // A root directory would match everywhere.
            .filter(|(path, _)| path.len() > 1)
            .collect();
        directories.sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
        Self {
            directories,
            ..Self::default()
        }
    }

    /// Looks through texts for accounts.
    pub(crate) fn learn<'a>(&mut self, texts: impl Iterator<Item = &'a str>) {
        for text in texts {
            let found = ACCOUNT_IN_PLACE
                .iter()
                .flat_map(|pattern| pattern.captures_iter(text))
                .filter_map(|captures| captures.get(1).or(captures.get(2)))
                .map(|account| account.as_str().to_owned())
                .filter(|account| account != NO_ACCOUNT);
            self.accounts.extend(found);
        }
    }

    /// The text without secrets. An account becomes [`NO_ACCOUNT`], so that tables stay aligned.
    pub(crate) fn apply(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (directory, shown) in &self.directories {
            text = text.replace(directory.as_str(), shown);
        }
        for account in &self.accounts {
            text = text.replace(account.as_str(), NO_ACCOUNT);
        }
        for secret in SECRETS.iter() {
            text = secret
                .replace_all(&text, |captures: &Captures<'_>| {
                    format!("{}{MASK}", captures.get(1).map_or("", |kept| kept.as_str()))
                })
                .into_owned();
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::Redaction;

    fn redact(text: &str) -> String {
        let mut redaction = Redaction::of_machine("/src/demo".as_ref(), "/var/state".as_ref());
        redaction.learn(std::iter::once(text));
        redaction.apply(text)
    }

    #[test]
    fn directories_of_the_machine_are_replaced() {
        assert_eq!(
            redact("(/src/demo/crates/a) /var/state/b"),
            "(./crates/a) ~/.local/state/guided-demo/b"
        );
    }

    #[test]
    fn an_account_goes_wherever_it_stands_once_it_is_known() {
        assert_eq!(
            redact("arn:aws:iam::210987654321:user/a owns 210987654321.example, not 123456789012"),
            "arn:aws:iam::000000000000:user/a owns 000000000000.example, not 123456789012"
        );
        for text in [
            "Account: 210987654321",
            r#""Account": "210987654321""#,
            "210987654321.dkr.ecr.x",
        ] {
            assert!(!redact(text).contains("210987654321"), "{text}");
        }
        assert_eq!(
            redact("arn:aws:iam::000000000000:user/a"),
            "arn:aws:iam::000000000000:user/a"
        );
    }

    #[test]
    fn keys_and_tokens_are_masked_and_commits_are_not() {
        let commit = "3f786850e387550fdab836ed7e6dc881de23001b";
        assert_eq!(redact(commit), commit);
        assert_eq!(redact("AKIAIOSFODNN7EXAMPLE."), "********.");
        assert_eq!(
            redact("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            "AWS_SECRET_ACCESS_KEY=********"
        );
        assert_eq!(
            redact("\"SessionToken\": \"IQoJb3JpZ2luX2VjEXAMPLEIQoJb3J==\""),
            "\"SessionToken\": \"********\""
        );
    }
}
