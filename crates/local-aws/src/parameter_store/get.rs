//! GetParameter and GetParameters.

use serde::Deserialize;
use serde::Serialize;

use super::find;
use super::name::Selected;
use super::not_found;
use super::put::version_not_found;
use super::record::Shown;
use crate::constraint;
use crate::error::AwsError;
use crate::services::Services;

/// How many names GetParameters takes.
const NAMES: usize = 10;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetInput {
    name: Option<String>,
    with_decryption: Option<bool>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetOutput {
    parameter: Shown,
}

pub(super) fn one(services: &Services, input: GetInput) -> Result<GetOutput, AwsError> {
    let name = constraint::required("name", input.name)?;
    let decrypted = input.with_decryption == Some(true);
    let parameter = shown(services, &name, decrypted)?;
    Ok(GetOutput { parameter })
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SeveralInput {
    names: Option<Vec<String>>,
    with_decryption: Option<bool>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SeveralOutput {
    parameters: Vec<Shown>,
    invalid_parameters: Vec<String>,
}

pub(super) fn several(services: &Services, input: SeveralInput) -> Result<SeveralOutput, AwsError> {
    let names = constraint::required("names", input.names)?;
    constraint::list_length("names", &names, NAMES)?;
    let decrypted = input.with_decryption == Some(true);
    let mut output = SeveralOutput {
        parameters: Vec::new(),
        invalid_parameters: Vec::new(),
    };
    for name in names {
        match shown(services, &name, decrypted) {
            Ok(parameter) => output.parameters.push(parameter),
            Err(error) if error.code == "LocalStorageException" => return Err(error),
            Err(_) => output.invalid_parameters.push(name),
        }
    }
    Ok(output)
}

fn shown(services: &Services, text: &str, decrypted: bool) -> Result<Shown, AwsError> {
    let Selected { name, selector } = Selected::parse(&services.account, text)?;
    let parameter = find(&services.store, name)?.ok_or_else(not_found)?;
    let version = parameter
        .select(selector)
        .ok_or_else(|| version_not_found(name, selector.unwrap_or_default()))?;
    Ok(version.shown(&services.account, name, selector, decrypted))
}
