//! What an audience should not see: account ids, keys, tokens and addresses, hidden in text that
//! goes to the screen. What is hidden keeps its length, so that tables stay aligned.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Captures;
use regex::Regex;

/// What stands in place of what is hidden.
const MASK: char = '*';
/// Base64 of this length is taken as a session token.
const TOKEN: usize = 100;

/// A value with a name that says that it is secret, in JSON, in shell lines and in headers.
static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?i)((?:secret_?access_?key|session_?token|security[-_]token)["']?(?:\s*[:=]\s*|\s+)["']?)([A-Za-z0-9/+=]{8,})"#,
    )
    .ok()
});
/// The account in an ARN, even if the ARN was cut off in it.
static ARN: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(arn:aws[a-z-]*:[a-z0-9-]*:[a-z0-9-]*:)([0-9]{1,12})").ok());
/// Key ids of IAM. A colour may end where they begin.
static KEY_ID: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"((?:\x1b\[[0-9;]*m|\b)(?:AKIA|ASIA|AIDA|AROA|AGPA|ANPA|ABIA|ACCA))([A-Z0-9]{12,})\b",
    )
    .ok()
});
static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(\x1b\[[0-9;]*m|\b)([A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,})\b",
    )
    .ok()
});
/// Digits; twelve of them are an account id.
static DIGITS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"()([0-9]+)").ok());
/// Runs that may be a secret key or a token; [`is_secret`] decides.
static RUN: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"((?:\x1b\[[0-9;]*m)?)([A-Za-z0-9/+]{40,}={0,2})").ok());

/// The text without what an audience should not see.
pub(crate) fn redact(text: &str) -> Cow<'_, str> {
    let mut shown = Cow::Borrowed(text);
    for pattern in [&NAMED, &ARN, &KEY_ID] {
        shown = masked(shown, pattern, |_| true);
    }
    // The login of Git over SSH is the same for everybody.
    shown = masked(shown, &ADDRESS, |address| !address.starts_with("git@"));
    shown = masked(shown, &DIGITS, |digits| digits.len() == 12);
    masked(shown, &RUN, is_secret)
}

/// Masks the second group of each match that `hides` is true of.
fn masked<'t>(
    text: Cow<'t, str>,
    pattern: &LazyLock<Option<Regex>>,
    hides: impl Fn(&str) -> bool,
) -> Cow<'t, str> {
    let Some(pattern) = &**pattern else {
        return text;
    };
    if !pattern.is_match(&text) {
        return text;
    }
    let replaced = pattern.replace_all(&text, |found: &Captures<'_>| {
        let secret = &found[2];
        if hides(secret) {
            format!("{}{}", &found[1], mask(secret))
        } else {
            found[0].to_owned()
        }
    });
    Cow::Owned(replaced.into_owned())
}

/// The same number of columns; what is neither letter nor digit stays.
fn mask(secret: &str) -> String {
    secret
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { MASK } else { c })
        .collect()
}

fn is_secret(run: &str) -> bool {
    // Commit ids and digests are lower case, words have no digits.
    let mixed = run.bytes().any(|byte| byte.is_ascii_lowercase())
        && run.bytes().any(|byte| byte.is_ascii_uppercase())
        && run.bytes().any(|byte| byte.is_ascii_digit());
    mixed && (run.len() == 40 || run.len() >= TOKEN)
}

#[cfg(test)]
mod tests {
    use super::redact;

    #[test]
    fn what_an_audience_should_not_see_is_hidden_and_keeps_its_length() {
        let token = "IQoJb3JpZ2luX2VjE".repeat(8);
        for (text, shown) in [
            (
                "arn:aws:iam::123456789012:role/x",
                "arn:aws:iam::************:role/x",
            ),
            (
                "arn:aws:codebuild:eu-central-1:1234",
                "arn:aws:codebuild:eu-central-1:****",
            ),
            ("account 000000000000.", "account ************."),
            ("\x1b[1m123456789012\x1b[0m", "\x1b[1m************\x1b[0m"),
            ("| 123456789012 | x |", "| ************ | x |"),
            ("AKIAIOSFODNN7EXAMPLE", "AKIA****************"),
            (
                "wJalrXUtnFEMIAK7MDENGAbPxRfiCYEXAMPLEKEY",
                "****************************************",
            ),
            (
                "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/b",
                "aws_secret_access_key = *************/*******/*",
            ),
            (
                "\"sessionToken\": \"abcDEF123==\"",
                "\"sessionToken\": \"*********==\"",
            ),
            ("ada.l@example.org wrote", "***.*@*******.*** wrote"),
            (&token, &"*".repeat(token.len())),
        ] {
            assert_eq!(redact(text), shown);
            assert_eq!(text.chars().count(), shown.chars().count());
        }
    }

    #[test]
    fn what_only_looks_like_a_secret_stays() {
        for text in [
            "commit 4b825dc642cb6eb9a060e54bf8d69288fbee4904",
            "at 1763848392123 ms",
            "git@github.com:someone/some.git",
            "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "demo-cert-devops-codebuild-sample-dckr-dind",
        ] {
            assert_eq!(redact(text), text);
        }
    }
}
