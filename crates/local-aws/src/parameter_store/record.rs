//! What the database keeps about a parameter, and how answers show it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::Serialize;

use crate::account::Account;
use crate::error::AwsError;
use crate::hidden::Hidden;
use crate::timestamp::EpochSeconds;

/// The key that SecureStrings are said to be encrypted with when none is named.
pub(super) const DEFAULT_KEY: &str = "alias/aws/ssm";

/// A parameter: its versions, oldest first, never none.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Parameter {
    pub(super) versions: Vec<Version>,
    #[serde(default)]
    pub(super) tags: Vec<(String, String)>,
}

/// A version of a parameter.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Version {
    pub(super) version: i64,
    /// `String`, `StringList` or `SecureString`.
    pub(super) r#type: String,
    pub(super) value: Hidden,
    /// What a SecureString is shown as without decryption. It says nothing about the value.
    pub(super) ciphertext: Option<String>,
    pub(super) key_id: Option<String>,
    pub(super) description: Option<String>,
    pub(super) allowed_pattern: Option<String>,
    pub(super) tier: String,
    pub(super) data_type: String,
    pub(super) modified: EpochSeconds,
    #[serde(default)]
    pub(super) labels: Vec<String>,
}

/// `Parameter` of the API.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Shown {
    name: String,
    r#type: String,
    value: Hidden,
    version: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    selector: Option<String>,
    last_modified_date: EpochSeconds,
    #[serde(rename = "ARN")]
    arn: String,
    data_type: String,
}

/// `ParameterMetadata` and `ParameterHistory` of the API.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Details {
    name: String,
    #[serde(rename = "ARN", skip_serializing_if = "Option::is_none")]
    arn: Option<String>,
    r#type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_id: Option<String>,
    last_modified_date: EpochSeconds,
    last_modified_user: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Hidden>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed_pattern: Option<String>,
    version: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    labels: Option<Vec<String>>,
    tier: String,
    policies: [(); 0],
    data_type: String,
}

impl Parameter {
    /// The latest version.
    pub(super) fn latest(&self) -> Option<&Version> {
        self.versions.last()
    }

    /// The version with this number or label; the latest if there is none.
    pub(super) fn select(&self, selector: Option<&str>) -> Option<&Version> {
        let Some(selector) = selector else {
            return self.latest();
        };
        let number: Option<i64> = selector.parse().ok();
        self.versions.iter().find(|version| match number {
            Some(number) => version.version == number,
            None => version.labels.iter().any(|label| label == selector),
        })
    }
}

impl Version {
    fn shown_value(&self, decrypted: bool) -> Hidden {
        match &self.ciphertext {
            Some(ciphertext) if !decrypted => Hidden(ciphertext.clone()),
            _ => self.value.clone(),
        }
    }

    pub(super) fn shown(
        &self,
        account: &Account,
        name: &str,
        selector: Option<&str>,
        decrypted: bool,
    ) -> Shown {
        Shown {
            name: name.to_owned(),
            r#type: self.r#type.clone(),
            value: self.shown_value(decrypted),
            version: self.version,
            selector: selector.map(|selector| format!(":{selector}")),
            last_modified_date: self.modified,
            arn: account.parameter_arn(name),
            data_type: self.data_type.clone(),
        }
    }

    fn details(&self, account: &Account, name: &str) -> Details {
        Details {
            name: name.to_owned(),
            arn: None,
            r#type: self.r#type.clone(),
            key_id: self.key_id.clone(),
            last_modified_date: self.modified,
            last_modified_user: account.user_arn(),
            description: self.description.clone(),
            value: None,
            allowed_pattern: self.allowed_pattern.clone(),
            version: self.version,
            labels: None,
            tier: self.tier.clone(),
            policies: [],
            data_type: self.data_type.clone(),
        }
    }

    pub(super) fn metadata(&self, account: &Account, name: &str) -> Details {
        Details {
            arn: Some(account.parameter_arn(name)),
            ..self.details(account, name)
        }
    }

    pub(super) fn past(&self, account: &Account, name: &str, decrypted: bool) -> Details {
        Details {
            value: Some(self.shown_value(decrypted)),
            labels: Some(self.labels.clone()),
            ..self.details(account, name)
        }
    }
}

/// Random bytes in the shape of what KMS makes.
pub(super) fn ciphertext() -> Result<String, AwsError> {
    let mut bytes = [0_u8; 144];
    getrandom::fill(&mut bytes).map_err(AwsError::storage)?;
    // Ciphertexts of KMS with a symmetric key begin with these bytes.
    for (byte, begin) in bytes.iter_mut().zip([0x01, 0x02, 0x02, 0x00, 0x78]) {
        *byte = begin;
    }
    Ok(STANDARD.encode(bytes))
}
