//! How a buildspec or an environment variable names a secret:
//! `secret-id:json-key:version-stage:version-id`.

use serde_json::Value;

use super::invalid_parameter;
use super::value;
use crate::account::Account;
use crate::error::AwsError;
use crate::store::Store;

/// A reference, taken apart. "Build specification reference for CodeBuild", `env/secrets-manager`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Reference<'a> {
    /// A name or an ARN.
    pub(crate) secret_id: &'a str,
    /// The key of a value in a secret that is a JSON object; the whole text if there is none.
    pub(crate) json_key: Option<&'a str>,
    /// Such as `AWSPREVIOUS`; `AWSCURRENT` if there is neither stage nor version.
    pub(crate) version_stage: Option<&'a str>,
    /// The id of a version.
    pub(crate) version_id: Option<&'a str>,
}

/// `arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME` has so many parts.
const ARN_PARTS: usize = 7;

impl<'a> Reference<'a> {
    /// Takes a reference apart. Parts that are empty or absent are not given.
    ///
    /// # Errors
    ///
    /// `InvalidParameterException` if there is no secret, if there are too many parts, or if both
    /// stage and version are given.
    pub(crate) fn parse(text: &'a str) -> Result<Self, AwsError> {
        let own = if text.starts_with("arn:") {
            ARN_PARTS
        } else {
            1
        };
        let end = text
            .match_indices(':')
            .nth(own - 1)
            .map_or(text.len(), |(at, _)| at);
        let (secret_id, rest) = text.split_at_checked(end).unwrap_or((text, ""));
        let malformed = |why: &str| {
            Err(invalid_parameter(format!(
                "The reference to a secret '{text}' {why}. Write \
                 secret-id:json-key:version-stage:version-id."
            )))
        };
        let mut parts = rest
            .split(':')
            .skip(1)
            .map(|part| Some(part).filter(|part| !part.is_empty()));
        let reference = Self {
            secret_id,
            json_key: parts.next().flatten(),
            version_stage: parts.next().flatten(),
            version_id: parts.next().flatten(),
        };
        if secret_id.is_empty() || (own > 1 && secret_id.split(':').count() < ARN_PARTS) {
            return malformed("names no secret");
        }
        if parts.next().is_some() {
            return malformed("has too many parts");
        }
        if reference.version_stage.is_some() && reference.version_id.is_some() {
            return malformed("has both a version stage and a version id");
        }
        Ok(reference)
    }

    /// The text that the reference stands for.
    ///
    /// # Errors
    ///
    /// As [`value`]; `InvalidParameterException` if the secret has no such JSON key.
    pub(crate) fn resolve(&self, store: &Store, account: &Account) -> Result<String, AwsError> {
        let text = value(
            store,
            account,
            self.secret_id,
            self.version_stage,
            self.version_id,
        )?;
        match self.json_key {
            None => Ok(text),
            Some(key) => member(&text, key, self.secret_id),
        }
    }
}

/// The value of a key in a JSON object; a value that is not a string as JSON.
fn member(text: &str, key: &str, secret_id: &str) -> Result<String, AwsError> {
    let Ok(Value::Object(members)) = serde_json::from_str(text) else {
        return Err(invalid_parameter(format!(
            "The specified json key {key} cannot be looked up: the secret {secret_id} is not a JSON \
             object."
        )));
    };
    match members.get(key) {
        Some(Value::String(value)) => Ok(value.clone()),
        Some(value) => Ok(value.to_string()),
        None => Err(invalid_parameter(format!(
            "The specified json key {key} does not exist in the secret {secret_id}."
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_have_four_parts_and_may_name_an_arn() {
        let parse = |text| {
            let reference = Reference::parse(text).unwrap();
            (
                reference.secret_id,
                reference.json_key,
                reference.version_stage,
                reference.version_id,
            )
        };
        assert_eq!(parse("db"), ("db", None, None, None));
        assert_eq!(parse("db:password"), ("db", Some("password"), None, None));
        assert_eq!(
            parse("db:password:AWSPREVIOUS"),
            ("db", Some("password"), Some("AWSPREVIOUS"), None)
        );
        assert_eq!(parse("db:::v1"), ("db", None, None, Some("v1")));
        let arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf";
        assert_eq!(parse(arn), (arn, None, None, None));
        let text = format!("{arn}:password::v1");
        assert_eq!(parse(&text), (arn, Some("password"), None, Some("v1")));
        for bad in ["", ":key", "a:b:c:d:e", "a:b:c:d", "arn:aws:secretsmanager"] {
            Reference::parse(bad).unwrap_err();
        }
    }

    #[test]
    fn json_keys_are_looked_up() {
        let text = r#"{"user": "admin", "port": 5432}"#;
        assert_eq!(member(text, "user", "db").as_deref(), Ok("admin"));
        assert_eq!(member(text, "port", "db").as_deref(), Ok("5432"));
        let error = member(text, "host", "db").unwrap_err();
        assert_eq!(
            error.message.as_deref(),
            Some("The specified json key host does not exist in the secret db.")
        );
        assert!(
            !member("hunter2", "x", "db")
                .unwrap_err()
                .to_string()
                .contains("hunter2")
        );
    }
}
