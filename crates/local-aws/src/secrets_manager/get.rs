//! GetSecretValue and BatchGetSecretValue.

use serde::Deserialize;
use serde::Serialize;

use super::describe::Filter;
use super::describe::matches;
use super::invalid_parameter;
use super::record;
use super::record::Secret;
use crate::constraint;
use crate::error::AwsError;
use crate::hidden::Hidden;
use crate::services::Services;
use crate::timestamp::EpochSeconds;

/// How many secrets BatchGetSecretValue takes.
const BATCH: usize = 20;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetInput {
    secret_id: Option<String>,
    version_id: Option<String>,
    version_stage: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SecretValue {
    #[serde(rename = "ARN")]
    arn: String,
    name: String,
    version_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_binary: Option<Hidden>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_string: Option<Hidden>,
    version_stages: Vec<String>,
    created_date: EpochSeconds,
}

pub(super) fn one(services: &Services, input: GetInput) -> Result<SecretValue, AwsError> {
    let id = constraint::required("secretId", input.secret_id)?;
    let (name, secret) = record::find(&services.store, &services.account, &id)?;
    shown(
        name,
        &secret,
        input.version_id.as_deref(),
        input.version_stage.as_deref(),
    )
}

fn shown(
    name: String,
    secret: &Secret,
    id: Option<&str>,
    stage: Option<&str>,
) -> Result<SecretValue, AwsError> {
    secret.check_alive()?;
    let version = secret.select(id, stage)?;
    Ok(SecretValue {
        arn: secret.arn.clone(),
        name,
        version_id: version.id.clone(),
        secret_binary: version.binary.clone(),
        secret_string: version.string.clone(),
        version_stages: version.stages.clone(),
        created_date: version.created,
    })
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct BatchInput {
    secret_id_list: Option<Vec<String>>,
    filters: Option<Vec<Filter>>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct BatchOutput {
    secret_values: Vec<SecretValue>,
    errors: Vec<BatchError>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

/// `APIErrorType` of the API.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct BatchError {
    secret_id: String,
    error_code: String,
    message: String,
}

pub(super) fn several(services: &Services, input: BatchInput) -> Result<BatchOutput, AwsError> {
    let (ids, next_token) = match (input.secret_id_list, input.filters) {
        (Some(_), Some(_)) | (None, None) => {
            return Err(invalid_parameter(
                "Either 'SecretIdList' or 'Filters' must be provided, but not both.",
            ));
        }
        (Some(ids), None) => {
            constraint::list_length("secretIdList", &ids, BATCH)?;
            (ids, None)
        }
        (None, Some(filters)) => {
            let length = constraint::page_length("maxResults", input.max_results, BATCH)?;
            let mut names = Vec::new();
            for (name, secret) in record::all(&services.store)? {
                if secret.deleted.is_none() && matches(&filters, &name, &secret)? {
                    names.push(name);
                }
            }
            let list = "BatchGetSecretValue";
            super::describe::page(services, list, names, length, input.next_token)?
        }
    };
    let mut output = BatchOutput {
        secret_values: Vec::new(),
        errors: Vec::new(),
        next_token,
    };
    for id in ids {
        let found = record::find(&services.store, &services.account, &id)
            .and_then(|(name, secret)| shown(name, &secret, None, None));
        match found {
            Ok(value) => output.secret_values.push(value),
            Err(error) => output.errors.push(BatchError {
                secret_id: id,
                error_code: error.code.to_owned(),
                message: error.message.unwrap_or_default(),
            }),
        }
    }
    Ok(output)
}
