//! CreateProject, UpdateProject, DeleteProject, BatchGetProjects, ListProjects.

use aws_sdk_codebuild::error::ProvideErrorMetadata;
use aws_sdk_codebuild::types::ComputeType;
use aws_sdk_codebuild::types::ProjectSortByType;
use aws_sdk_codebuild::types::ProjectSource;
use aws_sdk_codebuild::types::ReportExportConfig;
use aws_sdk_codebuild::types::ReportExportConfigType;
use aws_sdk_codebuild::types::ReportType;
use aws_sdk_codebuild::types::SortOrderType;
use aws_sdk_codebuild::types::SourceType;
use aws_sdk_codebuild::types::Tag;

use crate::raw::signed;
use crate::server::TestServer;
use crate::server::create_project;
use crate::server::environment;
use crate::server::inline_source;
use crate::server::no_artifacts;
use crate::server::variable;

#[tokio::test]
async fn a_project_is_created_with_codebuilds_defaults_and_read_back() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    create_project(&client, "demo", &[("A", "1")]).await;
    let reply = client
        .batch_get_projects()
        .names("demo")
        .names("absent")
        .send()
        .await
        .unwrap();
    assert_eq!(reply.projects_not_found(), ["absent"]);
    let project = &reply.projects()[0];
    assert_eq!(
        project.arn(),
        Some("arn:aws:codebuild:eu-central-1:123456789012:project/demo")
    );
    assert_eq!(project.timeout_in_minutes(), Some(60));
    assert_eq!(project.queued_timeout_in_minutes(), Some(480));
    assert_eq!(
        project.encryption_key(),
        Some("arn:aws:kms:eu-central-1:123456789012:alias/aws/s3")
    );
    assert_eq!(project.cache().unwrap().r#type().as_str(), "NO_CACHE");
    assert_eq!(project.project_visibility().unwrap().as_str(), "PRIVATE");
    assert_eq!(project.environment().unwrap().privileged_mode(), Some(true));
    assert!(!project.badge().unwrap().badge_enabled());

    let by_arn = client
        .batch_get_projects()
        .names(project.arn().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(by_arn.projects()[0].name(), Some("demo"));
}

#[tokio::test]
async fn an_update_changes_what_it_names_and_nothing_else() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    create_project(&client, "demo", &[("A", "1")]).await;
    let reply = client
        .update_project()
        .name("demo")
        .description("new")
        .timeout_in_minutes(5)
        .send()
        .await
        .unwrap();
    let project = reply.project().unwrap();
    assert_eq!(
        (project.description(), project.timeout_in_minutes()),
        (Some("new"), Some(5))
    );
    assert_eq!(
        project.environment().unwrap().environment_variables()[0].name(),
        "A"
    );
    let error = client
        .update_project()
        .name("absent")
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("ResourceNotFoundException"));
    assert_eq!(
        error.message(),
        Some("Project cannot be found: arn:aws:codebuild:eu-central-1:123456789012:project/absent")
    );
}

#[tokio::test]
async fn names_are_unique_until_a_project_is_deleted() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    create_project(&client, "demo", &[]).await;
    let again = client
        .create_project()
        .name("demo")
        .source(inline_source())
        .artifacts(no_artifacts())
        .environment(environment(&[]))
        .service_role("codebuild-demo");
    let error = again.clone().send().await.unwrap_err();
    assert_eq!(error.code(), Some("ResourceAlreadyExistsException"));
    client.delete_project().name("demo").send().await.unwrap();
    client.delete_project().name("demo").send().await.unwrap();
    again.send().await.unwrap();
}

#[tokio::test]
async fn pages_of_100_in_every_order() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    for number in 0..205 {
        create_project(&client, &format!("p{:03}", (number * 7) % 205), &[]).await;
    }
    let orders = [
        ProjectSortByType::Name,
        ProjectSortByType::CreatedTime,
        ProjectSortByType::LastModifiedTime,
    ];
    for sort_by in orders {
        let mut both = Vec::new();
        for order in [SortOrderType::Ascending, SortOrderType::Descending] {
            let mut names: Vec<String> = Vec::new();
            let mut pages = Vec::new();
            let mut token = None;
            loop {
                let reply = client
                    .list_projects()
                    .sort_by(sort_by.clone())
                    .sort_order(order.clone())
                    .set_next_token(token)
                    .send()
                    .await
                    .unwrap();
                pages.push(reply.projects().len());
                names.extend_from_slice(reply.projects());
                token = reply.next_token().map(str::to_owned);
                if token.is_none() {
                    break;
                }
            }
            assert_eq!(pages, [100, 100, 5]);
            both.push(names);
        }
        both[1].reverse();
        assert_eq!(both[0], both[1], "{sort_by:?}");
        assert!(sort_by != ProjectSortByType::Name || both[0].is_sorted());
    }
    let error = client
        .list_projects()
        .next_token("made up")
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("InvalidInputException"));
}

#[tokio::test]
async fn tags_of_aws_are_not_put_by_users() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    let tag = || {
        Tag::builder()
            .key("aws:cloudformation:stack-name")
            .value("s")
    };
    let words = "Caller is an end user and not allowed to mutate system tags.";
    let create = || {
        client
            .create_project()
            .name("demo")
            .source(inline_source())
            .artifacts(no_artifacts())
            .environment(environment(&[]))
            .service_role("codebuild-demo")
    };
    let error = create().tags(tag().build()).send().await.unwrap_err();
    assert_eq!(error.code(), Some("InvalidInputException"));
    assert_eq!(error.message(), Some(words));
    create().send().await.unwrap();
    let update = client.update_project().name("demo").tags(tag().build());
    let error = update.send().await.unwrap_err();
    assert_eq!(error.message(), Some(words));
    let group = client
        .create_report_group()
        .name("demo")
        .r#type(ReportType::Test)
        .export_config(
            ReportExportConfig::builder()
                .export_config_type(ReportExportConfigType::NoExport)
                .build(),
        )
        .tags(tag().build());
    let error = group.send().await.unwrap_err();
    assert_eq!(error.message(), Some(words));
}

/// What CodeBuild refuses, in its own words.
#[tokio::test]
async fn refusals() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    let create = || {
        client
            .create_project()
            .name("demo")
            .source(inline_source())
            .artifacts(no_artifacts())
            .environment(environment(&[]))
            .service_role("codebuild-demo")
    };
    let source = |kind: SourceType, location: Option<&str>| {
        ProjectSource::builder()
            .r#type(kind)
            .set_location(location.map(str::to_owned))
            .build()
            .unwrap()
    };
    let environment_with = |name: &str| {
        let mut environment = environment(&[]);
        environment.environment_variables = Some(vec![variable(name, "1"), variable(name, "2")]);
        environment
    };
    let mut bogus = environment(&[]);
    bogus.compute_type = ComputeType::from("BOGUS");
    let long = "x".repeat(151);
    let cases = [
        (
            create().name("bad name!"),
            "InvalidInputException",
            "Only alphanumeric characters, dash, and underscore are supported",
        ),
        (
            create().name(long),
            "InvalidInputException",
            "Project name length cannot be greater than 150 characters",
        ),
        (
            create().description("x".repeat(256)),
            "InvalidInputException",
            "Max description length is 255",
        ),
        (
            create().timeout_in_minutes(4),
            "ValidationException",
            "1 validation error detected: Value '4' at 'timeoutInMinutes' failed to satisfy constraint: Member must have value greater than or equal to 5",
        ),
        (
            create().environment(bogus),
            "InvalidInputException",
            "Invalid compute type provided",
        ),
        (
            create().environment(environment_with("CODEBUILD_X")),
            "InvalidInputException",
            "No user environment variables can start with CODEBUILD_",
        ),
        (
            create().environment(environment_with("X")),
            "InvalidInputException",
            "EnvironmentVariable name cannot be duplicated",
        ),
        (
            create().source(source(SourceType::Github, None)),
            "InvalidInputException",
            "Project source location is required",
        ),
        (
            create().source(source(SourceType::Github, Some("https://example.com/a/b"))),
            "InvalidInputException",
            "Invalid project source: source location must be a valid GitHub repository URL",
        ),
        (
            create().source(source(SourceType::NoSource, Some("x"))),
            "InvalidInputException",
            "Invalid input: source location must be empty for source type NO_SOURCE",
        ),
        (
            create().source(source(SourceType::Codepipeline, None)),
            "InvalidInputException",
            "Invalid input: when using CodePipeline both sourceType, and artifactType must be set to: CODEPIPELINE",
        ),
        (
            create().badge_enabled(true),
            "InvalidInputException",
            "Build badges are not supported for projects with no source",
        ),
        (
            create().service_role("arn:aws:iam::999999999999:role/x"),
            "InvalidInputException",
            "Invalid service role: Service role account ID does not match caller's account",
        ),
    ];
    for (request, code, message) in cases {
        let error = request.send().await.unwrap_err();
        assert_eq!((error.code(), error.message()), (Some(code), Some(message)));
    }
    assert_eq!(
        client
            .list_projects()
            .send()
            .await
            .unwrap()
            .projects()
            .len(),
        0
    );
}

#[tokio::test]
async fn members_that_are_null_or_unknown_are_passed_over() {
    let server = TestServer::start().await;
    let body = r#"{"name":"demo","description":null,"colour":"blue","serviceRole":"codebuild-demo",
        "source":{"type":"NO_SOURCE","buildspec":"version: 0.2","location":null},
        "artifacts":{"type":"NO_ARTIFACTS"},
        "environment":{"type":"LINUX_CONTAINER","image":"i","computeType":"BUILD_GENERAL1_SMALL",
                       "environmentVariables":null}}"#;
    let reply = signed(server.access(), "CodeBuild_20161006.CreateProject", body)
        .send(server.access())
        .await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert!(!reply.body.contains("colour"), "{reply:?}");
}
