//! DeleteParameter and DeleteParameters.

use redb::ReadableTable;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use super::name;
use super::not_found;
use crate::constraint;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteInput {
    name: Option<String>,
}

pub(super) async fn one(services: &Services, input: DeleteInput) -> Result<Value, AwsError> {
    let name = constraint::required("name", input.name)?;
    let output = remove(services, vec![name]).await?;
    if output.deleted_parameters.is_empty() {
        return Err(not_found());
    }
    Ok(json!({}))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SeveralInput {
    names: Option<Vec<String>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SeveralOutput {
    deleted_parameters: Vec<String>,
    invalid_parameters: Vec<String>,
}

pub(super) async fn several(
    services: &Services,
    input: SeveralInput,
) -> Result<SeveralOutput, AwsError> {
    let names = constraint::required("names", input.names)?;
    constraint::list_length("names", &names, 10)?;
    remove(services, names).await
}

async fn remove(services: &Services, names: Vec<String>) -> Result<SeveralOutput, AwsError> {
    let account = services.account.clone();
    services
        .store
        .write(move |transaction| {
            let mut table = transaction.open_table(store::PARAMETERS)?;
            let (mut deleted_parameters, mut invalid_parameters) = (Vec::new(), Vec::new());
            for given in names {
                let name = name::bare(&account, &given);
                if table.get(name)?.is_some() {
                    table.remove(name)?;
                    deleted_parameters.push(given);
                } else {
                    invalid_parameters.push(given);
                }
            }
            Ok(SeveralOutput {
                deleted_parameters,
                invalid_parameters,
            })
        })
        .await
}
