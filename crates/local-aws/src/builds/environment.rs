//! The variables that CodeBuild puts into a build's environment.
//!
//! As in "Environment variables in build environments" of the CodeBuild user guide. The build engine
//! adds `CODEBUILD_SRC_DIR`, `CODEBUILD_RESOLVED_SOURCE_VERSION`, `CODEBUILD_BUILD_SUCCEEDING` and
//! `HOME`.

use build_engine::Variable;

use crate::account::Account;
use crate::codebuild::Build;

/// The environment, lowest precedence first: CodeBuild's own, then the project's and the build's.
pub(super) fn of(build: &Build, account: &Account) -> Vec<Variable> {
    let mut environment = Vec::new();
    let mut set = |name: &str, value: &str| environment.push(Variable::plain(name, value));
    set("AWS_DEFAULT_REGION", &account.region);
    set("AWS_REGION", &account.region);
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
    for variable in &build.environment.environment_variables {
        if variable.r#type == "PLAINTEXT" {
            set(&variable.name, &variable.value);
        }
    }
    environment
}
