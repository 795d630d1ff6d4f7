//! The variables that CodeBuild puts into a build's environment.
//!
//! As in "Environment variables in build environments" of the CodeBuild user guide. The build engine
//! adds `CODEBUILD_SRC_DIR`, `CODEBUILD_RESOLVED_SOURCE_VERSION`, `CODEBUILD_BUILD_SUCCEEDING` and
//! `HOME`.

use build_engine::Variable;
use build_engine::VariableValue;

use crate::account::Account;
use crate::codebuild::StoredBuild;

/// The environment, lowest precedence first: CodeBuild's own, then the project's and the build's.
pub(super) fn of(stored: &StoredBuild, account: &Account) -> Vec<Variable> {
    let build = &stored.build;
    let mut environment = Vec::new();
    let mut set = |name: &str, value: &str| environment.push(Variable::plain(name, value));
    set("AWS_DEFAULT_REGION", &account.region);
    set("AWS_REGION", &account.region);
    if let Some(identifier) = &build.batch_build_identifier {
        set("CODEBUILD_BATCH_BUILD_IDENTIFIER", identifier);
    }
    set("CODEBUILD_BUILD_ARN", &build.arn);
    set("CODEBUILD_BUILD_ID", &build.id);
    set("CODEBUILD_BUILD_IMAGE", &build.environment.image);
    set("CODEBUILD_BUILD_NUMBER", &build.build_number.to_string());
    set("CODEBUILD_CI", "true");
    set("CODEBUILD_INITIATOR", &build.initiator);
    set("CODEBUILD_KMS_KEY_ID", &build.encryption_key);
    if let Some(stream) = &build.logs.stream_name {
        set("CODEBUILD_LOG_PATH", stream);
    }
    if let Some(alias) = &build.public_project_alias {
        let url = account.public_build_url(alias, build.log_file());
        set("CODEBUILD_PUBLIC_BUILD_URL", &url);
    }
    if let Some(location) = &build.source.location {
        set("CODEBUILD_SOURCE_REPO_URL", location);
    }
    if let Some(version) = &build.source_version {
        set("CODEBUILD_SOURCE_VERSION", version);
    }
    set(
        "CODEBUILD_START_TIME",
        &build.start_time.millis().to_string(),
    );
    for source in &build.secondary_sources {
        let Some(identifier) = &source.source_identifier else {
            continue;
        };
        if let Some(location) = &source.location {
            set(&format!("CODEBUILD_SOURCE_REPO_URL_{identifier}"), location);
        }
        let versions = &build.secondary_source_versions;
        if let Some(version) = versions.iter().find(|v| v.source_identifier == *identifier) {
            let name = format!("CODEBUILD_SOURCE_VERSION_{identifier}");
            set(&name, &version.source_version);
        }
    }
    for variable in stored.webhook.iter().flat_map(|webhook| &webhook.variables) {
        set(&variable.name, &variable.value);
    }
    for variable in &build.environment.environment_variables {
        let value = variable.value.clone();
        environment.push(Variable {
            name: variable.name.clone(),
            value: match variable.r#type.as_str() {
                "PARAMETER_STORE" => VariableValue::ParameterStore(value),
                "SECRETS_MANAGER" => VariableValue::SecretsManager(value),
                _ => VariableValue::Plain(value),
            },
        });
    }
    environment
}
