//! The values that a template does not know by itself: of resources, of other stacks, of Parameter
//! Store and Secrets Manager.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use cloudformation_template::DynamicReference;
use cloudformation_template::SecretService;
use cloudformation_template::Values;
use serde_json::Value;
use serde_json::json;

use super::ask;
use super::record::Physical;
use crate::access_keys::Caller;
use crate::services::Services;

/// What is known when a value is evaluated.
#[derive(Debug, Default)]
pub(super) struct KnownValues {
    /// By logical id.
    pub(super) resources: BTreeMap<String, Physical>,
    /// By name.
    pub(super) exports: BTreeMap<String, String>,
    pub(super) dynamic: BTreeMap<DynamicReference, Result<String, String>>,
    /// Whether what is not known may be so, and secrets stay references.
    pub(super) is_lenient: bool,
}

impl Values for KnownValues {
    fn reference(&self, logical_id: &str) -> Option<Value> {
        let id = self.resources.get(logical_id)?.id.as_deref()?;
        Some(id.into())
    }

    fn attribute(&self, logical_id: &str, name: &str) -> Option<Value> {
        let resource = self.resources.get(logical_id)?;
        resource.attributes.get(name).cloned()
    }

    fn import(&self, export: &str) -> Option<String> {
        self.exports.get(export).cloned()
    }

    fn dynamic_reference(&self, reference: &DynamicReference) -> Result<String, String> {
        match self.dynamic.get(reference) {
            Some(found) => found.clone(),
            None => Err(format!("Could not resolve {reference}")),
        }
    }

    fn is_lenient(&self) -> bool {
        self.is_lenient
    }
}

/// Looks up what dynamic references stand for.
pub(super) async fn resolve(
    services: &Arc<Services>,
    caller: &Caller,
    references: BTreeSet<DynamicReference>,
) -> BTreeMap<DynamicReference, Result<String, String>> {
    let mut resolved = BTreeMap::new();
    for reference in references {
        let found = match reference.service {
            SecretService::Ssm => parameter(services, caller, &reference).await,
            // None of the types that AWS allows it for is here.
            SecretService::SsmSecure => Err(format!(
                "SSM Secure reference is not supported in: [{reference}]"
            )),
            SecretService::SecretsManager => secret(services, caller, &reference).await,
        };
        resolved.insert(reference, found);
    }
    resolved
}

async fn parameter(
    services: &Arc<Services>,
    caller: &Caller,
    reference: &DynamicReference,
) -> Result<String, String> {
    let name = match reference.version {
        Some(version) => format!("{}:{version}", reference.name),
        None => reference.name.clone(),
    };
    let found = ask(
        services,
        caller,
        "ssm",
        "GetParameter",
        json!({ "Name": name }),
    )
    .await;
    let found = found
        .ok()
        .filter(|found| found["Parameter"]["Type"] != "SecureString");
    let value = found.and_then(|found| found["Parameter"]["Value"].as_str().map(str::to_owned));
    value.ok_or_else(|| {
        format!("Unable to fetch parameters [{name}] from parameter store for this account.")
    })
}

async fn secret(
    services: &Arc<Services>,
    caller: &Caller,
    reference: &DynamicReference,
) -> Result<String, String> {
    let mut input = json!({ "SecretId": reference.name });
    for (member, value) in [
        ("VersionStage", &reference.version_stage),
        ("VersionId", &reference.version_id),
    ] {
        if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
            input[member] = value.into();
        }
    }
    let found = ask(services, caller, "secretsmanager", "GetSecretValue", input)
        .await
        .map_err(|error| {
            format!(
                "{} (Service: AWSSecretsManager; Status Code: {}; Error Code: {})",
                error.message.as_deref().unwrap_or_default(),
                error.status.as_u16(),
                error.code
            )
        })?;
    let text = found["SecretString"].as_str().unwrap_or_default();
    let Some(key) = reference.json_key.as_deref().filter(|key| !key.is_empty()) else {
        return Ok(text.to_owned());
    };
    let secret: Value =
        serde_json::from_str(text).map_err(|_| "Could not parse SecretString JSON".to_owned())?;
    match &secret[key] {
        Value::String(value) => Ok(value.clone()),
        Value::Null => Err("Could not find a value associated with JSONKey in SecretString".into()),
        other => Ok(other.to_string()),
    }
}

/// Puts `****` in place of these secrets.
pub(super) fn masked<'s>(value: &Value, secrets: impl Iterator<Item = &'s str> + Clone) -> Value {
    match value {
        Value::String(text) => {
            let masked = secrets.fold(text.clone(), |text, secret| text.replace(secret, "****"));
            Value::String(masked)
        }
        Value::Array(elements) => {
            let elements = elements.iter();
            elements
                .map(|element| masked(element, secrets.clone()))
                .collect()
        }
        Value::Object(members) => {
            let members = members.iter();
            let members =
                members.map(|(name, value)| (name.clone(), masked(value, secrets.clone())));
            Value::Object(members.collect())
        }
        other => other.clone(),
    }
}
