//! CreateSecret.

use serde::Deserialize;
use serde::Serialize;

use super::invalid_request;
use super::record;
use super::record::CURRENT;
use super::record::NewVersion;
use super::record::Secret;
use super::tags;
use super::tags::Tag;
use crate::constraint;
use crate::error::AwsError;
use crate::hidden::Hidden;
use crate::services::Services;
use crate::store;
use crate::timestamp::EpochSeconds;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateInput {
    name: Option<String>,
    client_request_token: Option<String>,
    description: Option<String>,
    kms_key_id: Option<String>,
    secret_binary: Option<Hidden>,
    secret_string: Option<Hidden>,
    tags: Option<Vec<Tag>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateOutput {
    #[serde(rename = "ARN")]
    pub(super) arn: String,
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version_id: Option<String>,
}

pub(super) async fn secret(
    services: &Services,
    input: CreateInput,
) -> Result<CreateOutput, AwsError> {
    let name = constraint::required("name", input.name)?;
    check_name(&name)?;
    let tags = tags::checked(input.tags.unwrap_or_default())?;
    let version = NewVersion::of(
        input.client_request_token.as_deref(),
        input.secret_string,
        input.secret_binary,
    )?;
    let now = EpochSeconds::now();
    let new = Secret {
        arn: services.account.secret_arn(&name, &record::random_end()?),
        description: input.description,
        kms_key_id: input.kms_key_id,
        created: now,
        changed: now,
        deleted: None,
        tags,
        versions: Vec::new(),
    };
    let account = services.account.clone();
    services
        .store
        .write(move |transaction| {
            let mut table = transaction.open_table(store::SECRETS)?;
            let version_id = version.as_ref().map(|version| version.id.clone());
            let mut secret = match record::look_up(&*table, &account, &name) {
                Ok((_, existing)) => existing_or_refusal(existing, &name, version.as_ref())?,
                // There is none, or its recovery window is over.
                Err(store::StoreError::Refused(_)) => new,
                Err(error) => return Err(error),
            };
            if let Some(version) = version {
                secret.add(version, &[CURRENT.to_owned()])?;
            }
            store::put(&mut table, &name, &secret)?;
            Ok(CreateOutput {
                arn: secret.arn,
                name,
                version_id,
            })
        })
        .await
}

/// A request that is sent again with the same token finds what it has made.
fn existing_or_refusal(
    existing: Secret,
    name: &str,
    version: Option<&NewVersion>,
) -> Result<Secret, AwsError> {
    if existing.deleted.is_some() {
        return Err(invalid_request(
            "You can't create this secret because a secret with this name is already scheduled for \
             deletion.",
        ));
    }
    let again = version.is_some_and(|version| {
        existing
            .versions
            .iter()
            .any(|existing| existing.id == version.id)
    });
    if again {
        return Ok(existing);
    }
    Err(AwsError::new(
        "ResourceExistsException",
        format!("The operation failed because the secret {name} already exists."),
    ))
}

fn check_name(name: &str) -> Result<(), AwsError> {
    let allowed =
        |character: char| character.is_ascii_alphanumeric() || "-/_+=.@!".contains(character);
    if name.is_empty() || name.len() > 512 || !name.chars().all(allowed) {
        return Err(AwsError::new(
            "ValidationException",
            "Invalid name. Must be a valid name containing alphanumeric characters, or any of the \
             following: -/_+=.@!",
        ));
    }
    Ok(())
}
