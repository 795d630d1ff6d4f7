//! The values of a build's secret variables: from Parameter Store and Secrets Manager.

use build_engine::Answer;
use build_engine::PhaseContext;
use build_engine::SecretStore;

use super::BuildHost;
use crate::error::AwsError;
use crate::parameter_store;
use crate::secrets_manager::Reference;

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
                .map_err(|error| secret_error(name, &error))?;
            found.ok_or_else(|| {
                PhaseContext::client_error(format!("Parameter does not exist: {name}"))
            })
        })
    }

    fn secret<'a>(&'a self, reference: &'a str) -> Answer<'a, String> {
        Box::pin(async move {
            Reference::parse(reference)
                .and_then(|parsed| parsed.resolve(&self.host.store, &self.host.account))
                .map_err(|error| secret_error(reference, &error))
        })
    }
}

/// The reference is no secret; the value is never in an error.
fn secret_error(reference: &str, error: &AwsError) -> PhaseContext {
    PhaseContext::client_error(format!(
        "Secrets Manager or Parameter Store, {reference}: {}: {}",
        error.code,
        error.message.as_deref().unwrap_or_default()
    ))
}
