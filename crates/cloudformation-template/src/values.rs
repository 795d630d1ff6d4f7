//! What a template does not know by itself.

use std::fmt;

use serde_json::Value;

/// What stands for a value that is not known before the resource is there, as in change sets.
pub const KNOWN_AFTER_APPLY: &str = "{{changeSet:KNOWN_AFTER_APPLY}}";

/// Gives the values that come from resources, other stacks and other services.
pub trait Values {
    /// What `Ref` gives for a resource: its physical id. `None` if it is not known yet.
    fn reference(&self, logical_id: &str) -> Option<Value>;

    /// What `Fn::GetAtt` gives. `None` if it is not known yet.
    fn attribute(&self, logical_id: &str, name: &str) -> Option<Value>;

    /// The value of an export. `None` if there is none of that name.
    fn import(&self, export: &str) -> Option<String>;

    /// What a dynamic reference stands for, or why it cannot be resolved, in AWS's words.
    ///
    /// # Errors
    /// The reason, which becomes [`EvaluationError::DynamicReference`].
    fn dynamic_reference(&self, reference: &DynamicReference) -> Result<String, String>;

    /// Whether a value that is not known yet becomes [`KNOWN_AFTER_APPLY`] instead of an error, and
    /// dynamic references stay as they are written.
    fn is_lenient(&self) -> bool {
        false
    }
}

/// The service that a dynamic reference names.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum SecretService {
    /// `ssm`: a parameter of type String or StringList.
    Ssm,
    /// `ssm-secure`: a parameter of type SecureString.
    SsmSecure,
    /// `secretsmanager`.
    SecretsManager,
}

impl SecretService {
    /// As it stands in a reference.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ssm => "ssm",
            Self::SsmSecure => "ssm-secure",
            Self::SecretsManager => "secretsmanager",
        }
    }
}

/// `{{resolve:SERVICE:KEY}}` in a value.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct DynamicReference {
    /// The service.
    pub service: SecretService,
    /// The name of the parameter, or the name or ARN of the secret.
    pub name: String,
    /// ssm, ssm-secure: the version, if one is named.
    pub version: Option<u64>,
    /// secretsmanager: the key of a JSON secret, if one is named.
    pub json_key: Option<String>,
    /// secretsmanager: the version stage, if one is named.
    pub version_stage: Option<String>,
    /// secretsmanager: the version id, if one is named.
    pub version_id: Option<String>,
}

impl fmt::Display for DynamicReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{{resolve:{}:{}", self.service.as_str(), self.name)?;
        if let Some(version) = self.version {
            write!(f, ":{version}")?;
        }
        if self.service == SecretService::SecretsManager {
            let parts = [&self.json_key, &self.version_stage, &self.version_id];
            let last = parts.iter().rposition(|part| part.is_some());
            if let Some(last) = last {
                f.write_str(":SecretString")?;
                for part in parts.iter().take(last + 1) {
                    write!(f, ":{}", part.as_deref().unwrap_or_default())?;
                }
            }
        }
        f.write_str("}}")
    }
}

/// Why a value cannot be evaluated. The text is AWS's `ResourceStatusReason` or message.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum EvaluationError {
    /// A function got what it cannot work with.
    #[error("Template error: {0}")]
    Template(String),
    /// A part of the template has a form that it cannot have.
    #[error("Template format error: {0}")]
    Format(String),
    /// The resource of a `Ref` or `Fn::GetAtt` is not there yet.
    #[error(
        "Template error: the value of {reference} is not known yet: {logical_id} has to be created first"
    )]
    NotKnown {
        /// The resource.
        logical_id: String,
        /// `Ref` or `Fn::GetAtt` with its name.
        reference: String,
    },
    /// No stack exports a name.
    #[error("No export named {0} found.")]
    NoExport(String),
    /// A dynamic reference has no value.
    #[error("{0}")]
    DynamicReference(String),
    /// There is no such resource among the active ones.
    #[error("Resource {0} does not exist in the template")]
    NoResource(String),
}
