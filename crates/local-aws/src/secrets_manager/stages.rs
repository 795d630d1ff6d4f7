//! UpdateSecretVersionStage.

use serde::Deserialize;

use super::create::CreateOutput;
use super::invalid_parameter;
use super::record;
use super::record::CURRENT;
use crate::constraint;
use crate::error::AwsError;
use crate::services::Services;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct StageInput {
    secret_id: Option<String>,
    version_stage: Option<String>,
    remove_from_version_id: Option<String>,
    move_to_version_id: Option<String>,
}

pub(super) async fn update(
    services: &Services,
    input: StageInput,
) -> Result<CreateOutput, AwsError> {
    let id = constraint::required("secretId", input.secret_id)?;
    let stage = constraint::required("versionStage", input.version_stage)?;
    record::change(services, id, move |name, secret| {
        let holder = secret
            .versions
            .iter()
            .find(|version| version.stages.contains(&stage))
            .map(|version| version.id.clone());
        for wanted in [&input.remove_from_version_id, &input.move_to_version_id]
            .into_iter()
            .flatten()
        {
            secret.select(Some(wanted), None)?;
        }
        match (&input.remove_from_version_id, &holder) {
            (Some(from), holder) if holder.as_ref() != Some(from) => {
                return Err(invalid_parameter(format!(
                    "The staging label {stage} is not currently attached to version {from}."
                )));
            }
            (None, Some(holder)) if input.move_to_version_id.as_ref() != Some(holder) => {
                return Err(invalid_parameter(format!(
                    "The parameter RemoveFromVersionId can't be empty. Staging label {stage} is \
                     currently attached to version {holder}, so you must explicitly reference that \
                     version in RemoveFromVersionId."
                )));
            }
            _ => {}
        }
        match &input.move_to_version_id {
            Some(to) => secret.move_stage(&stage, to),
            None if stage == CURRENT => {
                return Err(invalid_parameter(format!(
                    "You can't remove the staging label {CURRENT} from a version. Move it to \
                     another one."
                )));
            }
            None => {
                for version in &mut secret.versions {
                    version.stages.retain(|label| *label != stage);
                }
            }
        }
        Ok(CreateOutput {
            arn: secret.arn.clone(),
            name: name.to_owned(),
            version_id: None,
        })
    })
    .await
}
