//! The values of a build's secret variables: from Parameter Store and Secrets Manager.

use build_engine::Answer;
use build_engine::PhaseContext;
use build_engine::SecretStore;

use super::BuildHost;
use crate::error::AwsError;
use crate::parameter_store;
use crate::secrets_manager::Reference;

/// The status codes that published build records have.
const PARAMETER_ERROR: &str = "Decrypted Variables Error";
const SECRET_ERROR: &str = "Secrets Manager Error";

/// What a build may read: everything, as there is no IAM here.
#[derive(Debug)]
pub(super) struct SecretValues {
    host: BuildHost,
}

impl SecretValues {
    pub(super) fn of(host: &BuildHost) -> Self {
        Self { host: host.clone() }
    }
}

impl SecretStore for SecretValues {
    fn parameter<'a>(&'a self, name: &'a str) -> Answer<'a, String> {
        Box::pin(async move {
            let found = parameter_store::value(&self.host.store, &self.host.account, name)
                .map_err(|error| refused(PARAMETER_ERROR, &error))?;
            found.ok_or_else(|| PhaseContext {
                status_code: PARAMETER_ERROR.to_owned(),
                message: format!("Parameter does not exist: {name}"),
            })
        })
    }

    fn secret<'a>(&'a self, reference: &'a str) -> Answer<'a, String> {
        Box::pin(async move {
            Reference::parse(reference)
                .and_then(|parsed| parsed.resolve(&self.host.store, &self.host.account))
                .map_err(|error| refused(SECRET_ERROR, &error))
        })
    }
}

/// The service's error, as CodeBuild passes it on. The value is never in it.
fn refused(status_code: &str, error: &AwsError) -> PhaseContext {
    PhaseContext {
        status_code: status_code.to_owned(),
        message: format!(
            "{}: {}",
            error.code,
            error.message.as_deref().unwrap_or_default()
        ),
    }
}
