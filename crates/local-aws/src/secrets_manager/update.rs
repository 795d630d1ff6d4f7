//! PutSecretValue and UpdateSecret.

use serde::Deserialize;
use serde::Serialize;

use super::create::CreateOutput;
use super::invalid_request;
use super::record;
use super::record::CURRENT;
use super::record::NewVersion;
use crate::constraint;
use crate::error::AwsError;
use crate::hidden::Hidden;
use crate::services::Services;
use crate::timestamp::EpochSeconds;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PutInput {
    secret_id: Option<String>,
    client_request_token: Option<String>,
    secret_binary: Option<Hidden>,
    secret_string: Option<Hidden>,
    version_stages: Option<Vec<String>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PutOutput {
    #[serde(rename = "ARN")]
    arn: String,
    name: String,
    version_id: String,
    version_stages: Vec<String>,
}

pub(super) async fn value(services: &Services, input: PutInput) -> Result<PutOutput, AwsError> {
    let id = constraint::required("secretId", input.secret_id)?;
    let version = NewVersion::of(
        input.client_request_token.as_deref(),
        input.secret_string,
        input.secret_binary,
    )?
    .ok_or_else(|| invalid_request("You must provide either SecretString or SecretBinary."))?;
    let stages = input
        .version_stages
        .unwrap_or_else(|| vec![CURRENT.to_owned()]);
    constraint::list_length("versionStages", &stages, 20)?;
    record::change(services, id, move |name, secret| {
        let version_id = version.id.clone();
        secret.add(version, &stages)?;
        let stages = secret
            .select(Some(&version_id), None)
            .map(|version| version.stages.clone())?;
        Ok(PutOutput {
            arn: secret.arn.clone(),
            name: name.to_owned(),
            version_id,
            version_stages: stages,
        })
    })
    .await
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdateInput {
    secret_id: Option<String>,
    client_request_token: Option<String>,
    description: Option<String>,
    kms_key_id: Option<String>,
    secret_binary: Option<Hidden>,
    secret_string: Option<Hidden>,
}

pub(super) async fn secret(
    services: &Services,
    input: UpdateInput,
) -> Result<CreateOutput, AwsError> {
    let id = constraint::required("secretId", input.secret_id)?;
    let version = NewVersion::of(
        input.client_request_token.as_deref(),
        input.secret_string,
        input.secret_binary,
    )?;
    record::change(services, id, move |name, secret| {
        let version_id = version.as_ref().map(|version| version.id.clone());
        if let Some(version) = version {
            secret.add(version, &[CURRENT.to_owned()])?;
        }
        if let Some(description) = input.description {
            secret.description = Some(description);
        }
        if let Some(key) = input.kms_key_id {
            secret.kms_key_id = Some(key);
        }
        secret.changed = EpochSeconds::now();
        Ok(CreateOutput {
            arn: secret.arn.clone(),
            name: name.to_owned(),
            version_id,
        })
    })
    .await
}
