//! DeleteSecret and RestoreSecret.

use jiff::SignedDuration;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

use super::create::CreateOutput;
use super::invalid_parameter;
use super::record;
use crate::constraint;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;
use crate::timestamp::EpochSeconds;

/// How many days a deleted secret can be restored when the request does not say.
const DEFAULT_DAYS: i64 = 30;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteInput {
    secret_id: Option<String>,
    recovery_window_in_days: Option<i64>,
    force_delete_without_recovery: Option<bool>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteOutput {
    #[serde(rename = "ARN")]
    arn: String,
    name: String,
    deletion_date: EpochSeconds,
}

pub(super) async fn delete(
    services: &Services,
    input: DeleteInput,
) -> Result<DeleteOutput, AwsError> {
    let id = constraint::required("secretId", input.secret_id)?;
    let force = input.force_delete_without_recovery == Some(true);
    if force && input.recovery_window_in_days.is_some() {
        return Err(invalid_parameter(
            "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
        ));
    }
    let days = input.recovery_window_in_days.unwrap_or(DEFAULT_DAYS);
    if !(7..=30).contains(&days) {
        return Err(invalid_parameter(
            "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).",
        ));
    }
    let now = Timestamp::now();
    let gone = now
        .saturating_add(SignedDuration::from_hours(24 * days))
        .unwrap_or(now);
    let gone = if force { now } else { gone };
    let account = services.account.clone();
    services
        .store
        .write(move |transaction| {
            let mut table = transaction.open_table(store::SECRETS)?;
            let (name, mut secret) = match record::look_up(&*table, &account, &id) {
                Ok(found) => found,
                // Deleting by force what is not there is done already.
                Err(store::StoreError::Refused(_)) if force => {
                    return Ok(DeleteOutput {
                        arn: account.secret_arn(&id, &record::random_end()?),
                        name: id,
                        deletion_date: gone.into(),
                    });
                }
                Err(error) => return Err(error),
            };
            if !force {
                secret.check_alive()?;
            }
            secret.deleted = Some((now.into(), gone.into()));
            if force {
                table.remove(name.as_str())?;
            } else {
                store::put(&mut table, &name, &secret)?;
            }
            Ok(DeleteOutput {
                arn: secret.arn,
                name,
                deletion_date: gone.into(),
            })
        })
        .await
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RestoreInput {
    secret_id: Option<String>,
}

pub(super) async fn restore(
    services: &Services,
    input: RestoreInput,
) -> Result<CreateOutput, AwsError> {
    let id = constraint::required("secretId", input.secret_id)?;
    let account = services.account.clone();
    services
        .store
        .write(move |transaction| {
            let mut table = transaction.open_table(store::SECRETS)?;
            let (name, mut secret) = record::look_up(&*table, &account, &id)?;
            secret.deleted = None;
            store::put(&mut table, &name, &secret)?;
            Ok(CreateOutput {
                arn: secret.arn,
                name,
                version_id: None,
            })
        })
        .await
}
