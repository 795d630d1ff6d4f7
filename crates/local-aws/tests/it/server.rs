//! A local AWS for one test, and SDK clients for it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_codebuild::config::BehaviorVersion;
use aws_sdk_codebuild::config::Credentials;
use aws_sdk_codebuild::config::Region;
use aws_sdk_codebuild::types::ArtifactsType;
use aws_sdk_codebuild::types::Build;
use aws_sdk_codebuild::types::ComputeType;
use aws_sdk_codebuild::types::EnvironmentType;
use aws_sdk_codebuild::types::EnvironmentVariable;
use aws_sdk_codebuild::types::ProjectArtifacts;
use aws_sdk_codebuild::types::ProjectEnvironment;
use aws_sdk_codebuild::types::ProjectSource;
use aws_sdk_codebuild::types::SourceType;
use local_aws::Access;
use local_aws::Config;
use local_aws::EngineChoice;
use local_aws::LocalAws;

use crate::fake_runner::FakeRunner;
use crate::raw::form;

pub(crate) const BUILDSPEC: &str =
    "version: 0.2\nphases:\n  build:\n    commands:\n      - echo hi\n";

/// How long a test waits for what must happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A server with builds that only pass through their phases.
pub(crate) struct TestServer {
    pub(crate) aws: LocalAws,
    pub(crate) runner: Arc<FakeRunner>,
    pub(crate) state: tempfile::TempDir,
}

impl TestServer {
    pub(crate) async fn start() -> Self {
        let state = tempfile::tempdir().unwrap();
        let runner = Arc::new(FakeRunner::default());
        let aws = LocalAws::start(config(state.path(), &runner))
            .await
            .unwrap();
        Self { aws, runner, state }
    }

    pub(crate) fn access(&self) -> &Access {
        self.aws.access()
    }

    pub(crate) fn codebuild(&self) -> aws_sdk_codebuild::Client {
        codebuild(self.access())
    }

    pub(crate) fn logs(&self) -> aws_sdk_cloudwatchlogs::Client {
        logs(self.access())
    }
}

pub(crate) fn logs(access: &Access) -> aws_sdk_cloudwatchlogs::Client {
    let config = aws_sdk_cloudwatchlogs::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(&access.endpoint)
        .region(Region::new(access.region.clone()))
        .credentials_provider(keys(access))
        .build();
    aws_sdk_cloudwatchlogs::Client::from_conf(config)
}

pub(crate) fn config(state: &Path, runner: &Arc<FakeRunner>) -> Config {
    Config {
        state_dir: state.to_owned(),
        listen: ([127, 0, 0, 1], 0).into(),
        region: "eu-central-1".to_owned(),
        account_id: "123456789012".to_owned(),
        engine: EngineChoice::Runner(Arc::clone(runner) as _),
        checkouts: Vec::new(),
        check_answers: true,
    }
}

pub(crate) fn codebuild(access: &Access) -> aws_sdk_codebuild::Client {
    let config = aws_sdk_codebuild::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(&access.endpoint)
        .region(Region::new(access.region.clone()))
        .credentials_provider(keys(access))
        .build();
    aws_sdk_codebuild::Client::from_conf(config)
}

fn keys(access: &Access) -> Credentials {
    let keys = &access.credentials;
    Credentials::new(
        &keys.access_key_id,
        &keys.secret_access_key,
        None,
        None,
        "test",
    )
}

pub(crate) fn inline_source() -> ProjectSource {
    ProjectSource::builder()
        .r#type(SourceType::NoSource)
        .buildspec(BUILDSPEC)
        .build()
        .unwrap()
}

pub(crate) fn environment(variables: &[(&str, &str)]) -> ProjectEnvironment {
    let variables = variables
        .iter()
        .map(|(name, value)| variable(name, value))
        .collect();
    ProjectEnvironment::builder()
        .r#type(EnvironmentType::LinuxContainer)
        .image("docker:dind")
        .compute_type(ComputeType::BuildGeneral1Small)
        .privileged_mode(true)
        .set_environment_variables(Some(variables))
        .build()
        .unwrap()
}

pub(crate) fn variable(name: &str, value: &str) -> EnvironmentVariable {
    EnvironmentVariable::builder()
        .name(name)
        .value(value)
        .build()
        .unwrap()
}

pub(crate) fn no_artifacts() -> ProjectArtifacts {
    ProjectArtifacts::builder()
        .r#type(ArtifactsType::NoArtifacts)
        .build()
        .unwrap()
}

/// A project with an inline buildspec and these variables.
pub(crate) async fn create_project(
    client: &aws_sdk_codebuild::Client,
    name: &str,
    variables: &[(&str, &str)],
) {
    client
        .create_project()
        .name(name)
        .source(inline_source())
        .artifacts(no_artifacts())
        .environment(environment(variables))
        .service_role("arn:aws:iam::123456789012:role/service-role/codebuild-demo")
        .send()
        .await
        .unwrap();
}

/// A role that this service may assume.
pub(crate) async fn create_role(access: &Access, name: &str, service: &str) {
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"Service":"{service}"}},"Action":"sts:AssumeRole"}}}}"#
    );
    let parameters = [
        ("Action", "CreateRole"),
        ("RoleName", name),
        ("AssumeRolePolicyDocument", &trust),
    ];
    let reply = form(access, &crate::raw::keys(access), "iam", &parameters).await;
    assert_eq!(reply.status, 200, "{reply:?}");
}

/// Waits until the build is as asked for.
pub(crate) async fn wait_for(
    client: &aws_sdk_codebuild::Client,
    id: &str,
    wanted: impl Fn(&Build) -> bool,
) -> Build {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let reply = client.batch_get_builds().ids(id).send().await.unwrap();
        let build = reply.builds().first().unwrap().clone();
        if wanted(&build) {
            return build;
        }
        assert!(tokio::time::Instant::now() < deadline, "still {build:?}");
        tokio::task::yield_now().await;
    }
}

/// Runs a build of a project to its end.
pub(crate) async fn run_build(client: &aws_sdk_codebuild::Client, project: &str) -> Build {
    let reply = client
        .start_build()
        .project_name(project)
        .send()
        .await
        .unwrap();
    let id = reply.build_value().unwrap().id().unwrap().to_owned();
    wait_for(client, &id, Build::build_complete).await
}

/// Waits until a build that was just started is over.
pub(crate) async fn finished(
    client: &aws_sdk_codebuild::Client,
    started: &aws_sdk_codebuild::operation::start_build::StartBuildOutput,
) -> Build {
    let id = started.build_value().unwrap().id().unwrap();
    wait_for(client, id, Build::build_complete).await
}

/// Starts a build of `demo`, which holds in BUILD; its id.
pub(crate) async fn start_held(client: &aws_sdk_codebuild::Client) -> String {
    let started = client
        .start_build()
        .project_name("demo")
        .send()
        .await
        .unwrap();
    let id = started.build_value().unwrap().id().unwrap().to_owned();
    wait_for(client, &id, |build| build.current_phase() == Some("BUILD")).await;
    id
}

/// The first page of a build's log.
pub(crate) async fn log_text(logs: &aws_sdk_cloudwatchlogs::Client, build: &Build) -> String {
    let location = build.logs().unwrap();
    let events = logs
        .get_log_events()
        .log_group_name(location.group_name().unwrap())
        .log_stream_name(location.stream_name().unwrap())
        .send()
        .await
        .unwrap();
    let messages = events.events().iter();
    messages.filter_map(|event| event.message()).collect()
}
