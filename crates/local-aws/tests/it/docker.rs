//! Real builds on a Docker Engine.

use aws_sdk_codebuild::types::BuildBatch;
use aws_sdk_codebuild::types::ProjectBuildBatchConfig;
use aws_sdk_codebuild::types::StatusType;
use local_aws::EngineChoice;
use local_aws::LocalAws;

use crate::batches;
use crate::server::TestServer;
use crate::server::codebuild;
use crate::server::config;
use crate::server::create_project;
use crate::server::finished;
use crate::server::log_text;

/// An engine with the image `docker:dind`; `None`, and a word about it, if there is none.
pub(crate) async fn engine() -> Option<build_engine::Engine> {
    let image = "docker:dind";
    let skip = |reason: String| {
        assert!(
            std::env::var_os("CI").is_none_or(|ci| ci != "true"),
            "{reason}"
        );
        println!("skipped: {reason}");
    };
    let engine = match build_engine::Engine::connect(None).await {
        Ok(engine) => engine,
        Err(error) => {
            skip(error.to_string());
            return None;
        }
    };
    if !engine.has_image(image).await.unwrap() && !engine.can_stand_in_for(image) {
        skip(format!("there is no image {image} and none can be made"));
        return None;
    }
    Some(engine)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_runs_in_a_container_and_its_output_is_in_the_log() {
    let Some(engine) = engine().await else { return };
    let state = tempfile::tempdir().unwrap();
    let runner = std::sync::Arc::default();
    let mut config = config(state.path(), &runner);
    config.engine = EngineChoice::Connected(engine);
    let aws = LocalAws::start(config).await.unwrap();
    let client = codebuild(aws.access());
    create_project(&client, "demo", &[("GREETING", "from the project")]).await;
    let buildspec = "version: 0.2\nenv:\n  exported-variables: [RESULT]\nphases:\n  build:\n    \
                     commands:\n      - echo \"Greeting $GREETING in $CODEBUILD_BUILD_NUMBER\"\n      \
                     - RESULT=done\n";
    let started = client
        .start_build()
        .project_name("demo")
        .buildspec_override(buildspec)
        .send()
        .await
        .unwrap();
    let build = finished(&client, &started).await;
    let server = TestServer { aws, runner, state };
    let text = log_text(&server.logs(), &build).await;
    assert_eq!(build.build_status(), Some(&StatusType::Succeeded), "{text}");
    assert!(
        text.contains("\nGreeting from the project in 1\n"),
        "{text}"
    );
    assert_eq!(
        build.exported_environment_variables()[0].value(),
        Some("done")
    );
    server.aws.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_builds_of_a_batch_run_in_containers_one_after_the_other() {
    let Some(engine) = engine().await else { return };
    let state = tempfile::tempdir().unwrap();
    let runner = std::sync::Arc::default();
    let mut config = config(state.path(), &runner);
    config.engine = EngineChoice::Connected(engine);
    let aws = LocalAws::start(config).await.unwrap();
    let client = codebuild(aws.access());
    create_project(&client, "demo", &[]).await;
    let buildspec = "version: 0.2
batch:
  build-graph:
    - identifier: second
      depend-on: [first]
      env:
        variables:
          WHO: me
    - identifier: first
phases:
  build:
    commands:
      - echo \"$CODEBUILD_BATCH_BUILD_IDENTIFIER $WHO\"
";
    let started = client
        .start_build_batch()
        .project_name("demo")
        .buildspec_override(buildspec)
        .build_batch_config_override(ProjectBuildBatchConfig::builder().build())
        .send()
        .await
        .unwrap();
    let id = started.build_batch().unwrap().id().unwrap();
    let batch = batches::wait_for(&client, id, BuildBatch::complete).await;
    assert_eq!(batch.build_batch_status(), Some(&StatusType::Succeeded));
    let ids = batch.build_groups().iter().map(|group| {
        let summary = group.current_build_summary().unwrap();
        summary.arn().unwrap().to_owned()
    });
    let got = client
        .batch_get_builds()
        .set_ids(Some(ids.collect()))
        .send()
        .await
        .unwrap();
    let [second, first] = got.builds() else {
        panic!("{got:?}");
    };
    let server = TestServer { aws, runner, state };
    let text = log_text(&server.logs(), second).await;
    assert!(text.contains("\nsecond me\n"), "{text}");
    assert!(first.end_time().unwrap().as_nanos() <= second.start_time().unwrap().as_nanos());
    server.aws.shutdown().await;
}
