//! What commands share, and what they leave behind.

use build_engine::BuildStatus;
use build_engine::PrivilegedSupport;
use build_engine::Variable;

use crate::support;
use crate::support::run;

#[tokio::test(flavor = "multi_thread")]
async fn directory_and_variables_carry_over_to_commands_and_phases() {
    let Some(engine) = support::engine().await else {
        return;
    };
    let mut request = support::request(
        r#"
version: 0.2
env:
  variables:
    LITERAL: '$HOME/it''s'
    BOTH: from the buildspec
  exported-variables: [TAG, NOT_SET, LINES]
phases:
  install:
    commands:
      - mkdir sub && cd sub
      - PLAIN="not exported"
      - export TAG=v1
      - |
        LINES="one
        two"
  build:
    commands:
      - echo "in ${PWD##*/}, $PLAIN, $TAG"
      - echo "$LITERAL"
      - echo "$BOTH, $HOME, $(id -u), $CODEBUILD_SRC_DIR" | sed 's/src[0-9]*/srcN/'
      - echo "$CODEBUILD_RESOLVED_SOURCE_VERSION $CODEBUILD_BUILD_SUCCEEDING $CODEBUILD_LAST_EXIT"
      - read -r line || echo "stdin is empty"
"#,
    );
    request.environment = vec![
        Variable::plain("BOTH", "from the project"),
        Variable::plain("HOME", "/elsewhere"),
        Variable::plain("not-a-name", "x"),
    ];
    let told = run(&engine, request).await;
    assert_eq!(told.status, Some(BuildStatus::Succeeded), "{told:#?}");
    for line in [
        "in sub, not exported, v1",
        "$HOME/it's",
        "from the project, /root, 0, /codebuild/output/srcN/src",
        "c0ffee 1 0",
        "stdin is empty",
    ] {
        assert!(told.has(line), "{line:?} is missing: {told:#?}");
    }
    let exported = [("TAG", "v1"), ("LINES", "one\ntwo")];
    assert_eq!(
        told.exported,
        exported.map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
    assert!(told.log.iter().any(|line| line.contains("\"not-a-name\"")));
}

#[tokio::test(flavor = "multi_thread")]
async fn version_0_1_runs_each_command_in_a_shell_of_its_own() {
    let Some(engine) = support::engine().await else {
        return;
    };
    let told = run(
        &engine,
        support::request(
            "
version: 0.1
phases:
  build:
    commands:
      - export LOST=1; cd /
      - echo \"lost:$LOST\"; echo ${PWD##*/}
",
        ),
    )
    .await;
    assert_eq!(told.status, Some(BuildStatus::Succeeded), "{told:#?}");
    assert!(told.has("lost:") && told.has("src"), "{told:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_reads_like_codebuilds() {
    let Some(engine) = support::engine().await else {
        return;
    };
    let told = run(
        &engine,
        support::request("version: 0.2\nphases:\n  build:\n    commands:\n      - echo hi\n"),
    )
    .await;
    let log: Vec<&str> = told
        .log
        .iter()
        .map(|line| match line.strip_prefix("[Container] ") {
            // The date and the time have 26 characters and a space.
            Some(rest) => &rest[27..],
            None => line.as_str(),
        })
        .collect();
    let from = log
        .iter()
        .position(|line| *line == "Phase is DOWNLOAD_SOURCE");
    let mut after: Vec<String> = log[from.unwrap()..]
        .iter()
        .map(|s| (*s).to_owned())
        .collect();
    for line in &mut after {
        *line = line
            .split('/')
            .map(|part| {
                let digits = part.strip_prefix("src").unwrap_or_default();
                if digits.is_empty() { part } else { "srcN" }
            })
            .collect::<Vec<_>>()
            .join("/");
    }
    assert_eq!(
        after,
        [
            "Phase is DOWNLOAD_SOURCE",
            "The source is ready",
            "CODEBUILD_SRC_DIR=/codebuild/output/srcN/src",
            "YAML location is /codebuild/readonly/buildspec.yml",
            "Processing environment variables",
            "Moving to directory /codebuild/output/srcN/src",
            "Cache is not defined in the buildspec",
            "Skip cache due to: no paths specified to be cached",
            "Registering with agent",
            "Phases found in YAML: 1",
            " BUILD: 1 commands",
            "Phase complete: DOWNLOAD_SOURCE State: SUCCEEDED",
            "Phase context status code:  Message: ",
            "Entering phase INSTALL",
            "Phase complete: INSTALL State: SUCCEEDED",
            "Phase context status code:  Message: ",
            "Entering phase PRE_BUILD",
            "Phase complete: PRE_BUILD State: SUCCEEDED",
            "Phase context status code:  Message: ",
            "Entering phase BUILD",
            "Running command echo hi",
            "hi",
            "",
            "Phase complete: BUILD State: SUCCEEDED",
            "Phase context status code:  Message: ",
            "Entering phase POST_BUILD",
            "Phase complete: POST_BUILD State: SUCCEEDED",
            "Phase context status code:  Message: ",
            "Phase complete: UPLOAD_ARTIFACTS State: SUCCEEDED",
            "Phase context status code:  Message: ",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_probe_agrees_with_what_a_privileged_build_gets() {
    let Some(engine) = support::engine().await else {
        return;
    };
    let mut request = support::request(
        "version: 0.2\nphases:\n  build:\n    commands:\n      - mkdir -p /mnt && mount -t tmpfs none /mnt\n",
    );
    request.privileged = true;
    let owner = request.owner.clone();
    let told = run(&engine, request).await;
    assert_eq!(told.status, Some(BuildStatus::Succeeded), "{told:#?}");
    support::assert_nothing_left(&owner).await;
    let image = if engine.has_image("docker:dind").await.unwrap() {
        "docker:dind".to_owned()
    } else {
        engine.stand_in_name()
    };
    let probed = support::engine()
        .await
        .unwrap()
        .privileged_support(&image)
        .await
        .unwrap();
    let was_told = told
        .log
        .iter()
        .any(|line| line.contains("refuses privileged"));
    assert_eq!(was_told, probed == PrivilegedSupport::SpelledOut);
    support::assert_nothing_left("probe").await;
}
