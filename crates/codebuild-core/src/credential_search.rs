//! Where credentials are looked for, told to a person who has none.
//!
//! The order is the AWS CLI's ("Configuration and credential file settings" in its user guide).
//! Only names of places are read here, never a key.

use std::fmt;
use std::path::Path;
use std::path::PathBuf;

/// The places that were looked at, in order, and what was found there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CredentialSearch {
    /// The profile that was asked for, `default` if none was.
    pub profile: String,
    /// Place and finding, in the order of the search.
    pub places: Vec<(String, String)>,
    /// Whether the profile logs in through IAM Identity Center (SSO).
    pub sso: bool,
}

impl CredentialSearch {
    /// Looks again at every place, after the SDK found nothing.
    pub(crate) fn look(profile: Option<&str>) -> Self {
        Self::look_with(profile, |name| {
            std::env::var(name).ok().filter(|value| !value.is_empty())
        })
    }

    fn look_with(profile: Option<&str>, env: impl Fn(&str) -> Option<String>) -> Self {
        let profile = profile
            .map(str::to_owned)
            .or_else(|| env("AWS_PROFILE"))
            .unwrap_or_else(|| "default".to_owned());
        let set = |name: &str| {
            if env(name).is_some() {
                "set"
            } else {
                "not set"
            }
        };
        let mut places = vec![(
            "environment".to_owned(),
            format!(
                "AWS_ACCESS_KEY_ID is {}, AWS_SECRET_ACCESS_KEY is {}",
                set("AWS_ACCESS_KEY_ID"),
                set("AWS_SECRET_ACCESS_KEY")
            ),
        )];
        let config = read_profile(&config_file(&env, "AWS_CONFIG_FILE", "config"), |section| {
            section == profile || section.strip_prefix("profile ") == Some(profile.as_str())
        });
        let credentials = read_profile(
            &config_file(&env, "AWS_SHARED_CREDENTIALS_FILE", "credentials"),
            |section| section == profile,
        );
        let sso = config
            .settings
            .iter()
            .chain(&credentials.settings)
            .any(|setting| setting == "sso_session" || setting == "sso_start_url");
        places.push((format!("profile {profile}"), config.finding));
        places.push((String::new(), credentials.finding));
        let sso_finding = if sso {
            "configured in the profile, but there is no valid login"
        } else {
            "no sso_session in the profile"
        };
        places.push(("SSO login".to_owned(), sso_finding.to_owned()));
        places.push((
            "web identity".to_owned(),
            format!(
                "AWS_WEB_IDENTITY_TOKEN_FILE is {}",
                set("AWS_WEB_IDENTITY_TOKEN_FILE")
            ),
        ));
        places.push((
            "container".to_owned(),
            format!(
                "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is {}",
                set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
            ),
        ));
        let disabled = env("AWS_EC2_METADATA_DISABLED")
            .is_some_and(|value| value.eq_ignore_ascii_case("true"));
        places.push((
            "EC2 metadata".to_owned(),
            if disabled {
                "switched off by AWS_EC2_METADATA_DISABLED".to_owned()
            } else {
                "no role (this is not an EC2 instance, or it has none)".to_owned()
            },
        ));
        Self {
            profile,
            places,
            sso,
        }
    }

    /// What to do next.
    pub(crate) fn advice(&self) -> String {
        let profile = if self.profile == "default" {
            String::new()
        } else {
            format!(" --profile {}", self.profile)
        };
        let mut steps = Vec::new();
        if self.sso {
            steps.push((format!("aws sso login{profile}"), "logs in again"));
        } else {
            steps.push((
                format!("aws configure sso{profile}"),
                "an account with IAM Identity Center",
            ));
            steps.push((
                format!("aws configure{profile}"),
                "an access key of your own account",
            ));
        }
        steps.push((
            format!("aws sts get-caller-identity{profile}"),
            "shows whether it works",
        ));
        let width = steps.iter().map(|(command, _)| command.len()).max();
        let steps: Vec<String> = steps
            .iter()
            .map(|(command, what)| format!("  {command:0$}  {what}", width.unwrap_or_default()))
            .collect();
        format!(
            "Give the AWS CLI credentials, then run this again:\n{}\nOr use `--target local`: it \
             needs no AWS account and no credentials.",
            steps.join("\n")
        )
    }
}

impl fmt::Display for CredentialSearch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self
            .places
            .iter()
            .map(|(place, _)| place.len())
            .max()
            .unwrap_or_default();
        for (index, (place, finding)) in self.places.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "  {place:width$}  {finding}")?;
        }
        Ok(())
    }
}

struct Profile {
    finding: String,
    settings: Vec<String>,
}

/// A file of the AWS CLI: where a variable says, else in `~/.aws`.
pub(crate) fn config_file(
    env: impl Fn(&str) -> Option<String>,
    variable: &str,
    name: &str,
) -> PathBuf {
    if let Some(path) = env(variable) {
        return PathBuf::from(path);
    }
    let home = env("HOME")
        .or_else(|| env("USERPROFILE"))
        .unwrap_or_default();
    Path::new(&home).join(".aws").join(name)
}

/// The names of the settings of one section of an AWS config file.
fn read_profile(path: &Path, is_section: impl Fn(&str) -> bool) -> Profile {
    let shown = path.display();
    let Ok(text) = std::fs::read_to_string(path) else {
        return Profile {
            finding: format!("{shown} does not exist or cannot be read"),
            settings: Vec::new(),
        };
    };
    let mut found = false;
    let mut inside = false;
    let mut settings = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            inside = is_section(section.trim());
            found |= inside;
        } else if let (true, Some((name, _))) = (inside, line.split_once('=')) {
            settings.push(name.trim().to_owned());
        }
    }
    let finding = if found {
        format!("{shown} has it, without usable credentials")
    } else {
        format!("{shown} has no such profile")
    };
    Profile { finding, settings }
}

#[cfg(test)]
mod tests {
    use super::CredentialSearch;

    #[test]
    fn a_newcomer_is_told_every_place_and_the_way_out() {
        let search = CredentialSearch::look_with(None, |name| {
            (name == "HOME").then(|| "/nonexistent".to_owned())
        });
        insta::assert_snapshot!(format!("{search}\n\n{}", search.advice()), @r#"
          environment      AWS_ACCESS_KEY_ID is not set, AWS_SECRET_ACCESS_KEY is not set
          profile default  /nonexistent/.aws/config does not exist or cannot be read
                           /nonexistent/.aws/credentials does not exist or cannot be read
          SSO login        no sso_session in the profile
          web identity     AWS_WEB_IDENTITY_TOKEN_FILE is not set
          container        AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not set
          EC2 metadata     no role (this is not an EC2 instance, or it has none)

        Give the AWS CLI credentials, then run this again:
          aws configure sso            an account with IAM Identity Center
          aws configure                an access key of your own account
          aws sts get-caller-identity  shows whether it works
        Or use `--target local`: it needs no AWS account and no credentials.
        "#);
    }

    #[test]
    fn an_sso_profile_is_sent_to_log_in() {
        let home = tempfile::tempdir().unwrap();
        let config = home.path().join("config");
        std::fs::write(&config, "[profile work]\nsso_session = corp\n").unwrap();
        let search = CredentialSearch::look_with(Some("work"), |name| match name {
            "AWS_CONFIG_FILE" => Some(config.display().to_string()),
            _ => None,
        });
        assert!(search.sso);
        assert!(search.advice().contains("aws sso login --profile work"));
    }
}
