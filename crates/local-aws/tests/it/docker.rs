//! One real build on a Docker Engine.

use aws_sdk_codebuild::types::StatusType;
use local_aws::EngineChoice;
use local_aws::LocalAws;

use crate::server::TestServer;
use crate::server::codebuild;
use crate::server::config;
use crate::server::create_project;
use crate::server::finished;
use crate::server::log_text;

#[tokio::test(flavor = "multi_thread")]
async fn a_build_runs_in_a_container_and_its_output_is_in_the_log() {
    let image = "docker:dind";
    let engine = match build_engine::Engine::connect(None).await {
        Ok(engine) => engine,
        Err(error) => {
            assert!(
                std::env::var_os("CI").is_none_or(|ci| ci != "true"),
                "{error}"
            );
            println!("skipped: {error}");
            return;
        }
    };
    if !engine.has_image(image).await.unwrap() && !engine.can_stand_in_for(image) {
        assert!(
            std::env::var_os("CI").is_none_or(|ci| ci != "true"),
            "no image {image}"
        );
        println!("skipped: there is no image {image} and none can be made");
        return;
    }
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
