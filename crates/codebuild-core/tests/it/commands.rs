//! Command lines, run over a socket.

use codebuild_core::CallError;
use serde_json::json;

use crate::canned_aws::CannedAws;
use crate::canned_aws::parse;
use crate::canned_aws::parse_error;
use crate::canned_aws::run;

#[tokio::test]
async fn a_refusal_is_told_as_the_cli_tells_it() {
    let server = CannedAws::start(|_, _, _| {
        let message = "Project already exists: arn:aws:codebuild:eu-central-1:1:project/demo";
        (
            400,
            json!({"__type": "ResourceAlreadyExistsException", "message": message}),
        )
    })
    .await;
    let session = server.session().await;
    let error = run(&session, "codebuild delete-project --name demo")
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "An error occurred (ResourceAlreadyExistsException) when calling the DeleteProject \
         operation: Project already exists: arn:aws:codebuild:eu-central-1:1:project/demo"
    );
    assert!(error.hint().unwrap().contains("update-project"));
}

#[tokio::test]
async fn refused_credentials_denied_access_and_expired_tokens_are_told_apart() {
    for (code, hint) in [
        ("UnrecognizedClientException", "aws configure list"),
        ("InvalidSignatureException", "clock"),
        ("AccessDeniedException", "get-caller-identity"),
        ("ExpiredTokenException", "Log in again"),
    ] {
        let server =
            CannedAws::start(move |_, _, _| (400, json!({"__type": code, "message": "no"}))).await;
        let session = server.session().await;
        let error = run(&session, "codebuild list-projects").await.unwrap_err();
        assert_eq!(error.code(), Some(code));
        let said = error.hint().unwrap();
        assert!(said.contains(hint), "{code}: {said}");
    }
}

#[tokio::test]
async fn the_tap_keeps_what_crossed_the_wire_without_secrets() {
    let server = CannedAws::start(|_, _, _| {
        (
            200,
            json!({"project": {"name": "demo", "webhook": {"secret": "hush"}}}),
        )
    })
    .await;
    let session = server.session().await;
    let output = run(
        &session,
        "codebuild update-project --name demo --timeout-in-minutes 7",
    )
    .await
    .unwrap();
    let exchanges = session.take_exchanges();
    let [exchange] = exchanges.as_slice() else {
        panic!("one call, one exchange: {exchanges:?}");
    };
    assert_eq!(exchange.service, "codebuild");
    assert_eq!(exchange.operation, "UpdateProject");
    assert_eq!(
        exchange.request,
        json!({"name": "demo", "timeoutInMinutes": 7})
    );
    assert_eq!(exchange.status, 200);
    assert_eq!(exchange.response["project"]["webhook"]["secret"], "***");
    let head = format!("{:?}", exchange.request_head);
    assert!(head.contains("CodeBuild_20161006.UpdateProject"), "{head}");
    assert!(!head.to_lowercase().contains("authorization"), "{head}");
    assert!(!format!("{exchange:?}").contains("very-secret"));
    assert_eq!(output.response["project"]["name"], "demo");
    assert!(session.take_exchanges().is_empty(), "taken once");
}

#[tokio::test]
async fn an_endpoint_that_is_not_there_or_not_aws_is_told_so() {
    let server = CannedAws::start(|_, _, _| (404, json!("<html>nothing here</html>"))).await;
    let session = server.session().await;
    let error = run(&session, "codebuild list-projects").await.unwrap_err();
    assert!(
        matches!(error, CallError::NotAws { status: 404, .. }),
        "{error:?}"
    );

    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let line = format!("codebuild list-projects --endpoint-url {url}");
    let error = codebuild_core::Session::connect(codebuild_core::Target::Endpoint {
        url,
        region: None,
        profile: None,
        keys: Some(codebuild_core::Keys {
            access_key_id: "a".to_owned(),
            secret_access_key: "b".to_owned(),
        }),
    })
    .await
    .unwrap();
    let error = run(&error, &line).await.unwrap_err();
    assert!(matches!(error, CallError::Unreachable { .. }), "{error:?}");
    assert!(error.to_string().contains("127.0.0.1"), "{error}");
}

#[tokio::test]
async fn pages_are_followed_cut_and_taken_up_again() {
    let pages = |operation: &str, input: &serde_json::Value, _: usize| {
        assert_eq!(operation, "ListProjects");
        let body = match input.get("nextToken").and_then(|token| token.as_str()) {
            None => json!({"projects": ["a", "b"], "nextToken": "two"}),
            Some("two") => json!({"projects": ["c", "d"], "nextToken": "three"}),
            _ => json!({"projects": ["e"]}),
        };
        (200, body)
    };
    let server = CannedAws::start(pages).await;
    let session = server.session().await;
    let list = async |options: &str| {
        let line = format!("codebuild list-projects {options}");
        run(&session, &line).await.unwrap().response
    };
    assert_eq!(list("").await["projects"], json!(["a", "b", "c", "d", "e"]));
    assert_eq!(list("--no-paginate").await["projects"], json!(["a", "b"]));
    assert_eq!(list("--next-token three").await["projects"], json!(["e"]));
    let cut = list("--max-items 3").await;
    assert_eq!(cut["projects"], json!(["a", "b", "c"]));
    let token = cut["NextToken"].as_str().unwrap();
    let rest = list(&format!("--starting-token {token}")).await;
    assert_eq!(rest["projects"], json!(["d", "e"]));
}

#[test]
fn a_saved_record_cannot_be_created_and_the_reason_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let record = json!({"name": "demo", "arn": "arn:…", "webhook": {"url": "u"}, "badge": {"badgeEnabled": true}});
    std::fs::write(directory.path().join("project.json"), record.to_string()).unwrap();
    let words: Vec<String> = "codebuild create-project --cli-input-json file://project.json"
        .split(' ')
        .map(str::to_owned)
        .collect();
    let error = codebuild_core::AwsCommand::parse(&words, directory.path()).unwrap_err();
    let said = error.to_string();
    assert!(
        said.contains("Unknown parameter in input: \"arn\""),
        "{said}"
    );
    assert!(said.contains("batch-get-projects"), "{said}");
    assert!(said.contains("\"badgeEnabled\": true"), "{said}");
}

#[test]
fn slips_are_named_with_their_column() {
    insta::assert_snapshot!(
        [
            "",
            "s4 ls",
            "codebuild",
            "logs tail",
            "logs tail /g --since soon",
            "logs tail /g --format yaml",
            "logs tail /g h",
            "codebuild create-fleet --generate-cli-skeleton yaml-input",
            "codebuild create-fleet --generate-cli-skeleton output",
            "codebuild creat-project",
            "codebuild batch-get-projects --nam demo --debug",
            "codebuild batch-get-projects --nmes demo",
            "codebuild batch-get-projects demo",
            "codebuild batch-get-projects",
            "codebuild batch-get-projects --names",
            "codebuild start-build --project-name demo --timeout-in-minutes-override soon",
            "codebuild start-build --project-name demo --privileged-mode-override=true",
            "codebuild start-build --project-name demo --environment-variables-override name",
            "codebuild start-build --project-name demo --environment-variables-override nam=A,value=B",
            "codebuild start-build --project-name demo --s x",
            "codebuild list-projects --output yaml",
            "codebuild list-projects --query projects[",
            "codebuild list-projects --cli-input-json file://nowhere.json",
            "codebuild list-projects --cli-input-json '[1]'",
            "codebuild create-project --name demo",
        ]
        .map(|line| {
            let error = parse_error(line);
            let short: String = error.chars().take(230).collect();
            format!("$ aws {line}\n{short}")
        })
        .join("\n"),
        @r#"
        $ aws 
        the command ends too early: a service is missing; these are known: codebuild, logs, s3, s3api, secretsmanager, ssm, cloudformation, codecommit, codestar-notifications, ec2, ecr, events, iam, sns, sts
        $ aws s4 ls
        column 5: unknown service `s4`; these are known: codebuild, logs, s3, s3api, secretsmanager, ssm, cloudformation, codecommit, codestar-notifications, ec2, ecr, events, iam, sns, sts
        $ aws codebuild
        the command ends too early: an operation of codebuild is missing; these are known: batch-delete-builds, batch-get-build-batches, batch-get-builds, batch-get-command-executions, batch-get-fleets, batch-get-projects, batch-get-repor
        $ aws logs tail
        the following arguments are required: group_name
        $ aws logs tail /g --since soon
        column 18: Error parsing parameter '--since': `soon` is neither a time such as 2025-10-09T08:00:00 nor a number with one of the units s, m, h, d, w
        $ aws logs tail /g --format yaml
        column 18: Error parsing parameter '--format': `yaml` is not a format; use detailed, short or json
        $ aws logs tail /g h
        column 18: unexpected `h`: options begin with `--`
        $ aws codebuild create-fleet --generate-cli-skeleton yaml-input
        column 28: Error parsing parameter '--generate-cli-skeleton': `yaml-input` of the AWS CLI is not supported here; use input or output
        $ aws codebuild create-fleet --generate-cli-skeleton output
        the following arguments are required: --name, --base-capacity, --environment-type, --compute-type
        $ aws codebuild creat-project
        column 15: unknown operation `creat-project` of codebuild, did you mean `create-project`?; these are known: batch-delete-builds, batch-get-build-batches, batch-get-builds, batch-get-command-executions, batch-get-fleets, batch-get-
        $ aws codebuild batch-get-projects --nam demo --debug
        column 45: `--debug` of the AWS CLI is not supported here; the exchange with the service is kept by the wire tap
        $ aws codebuild batch-get-projects --nmes demo
        column 34: unknown option `--nmes` of codebuild batch-get-projects, did you mean `--names`?; these are known: --names, --region, --profile, --endpoint-url, --query, --output, --cli-input-json, --generate-cli-skeleton, --no-cli-pag
        $ aws codebuild batch-get-projects demo
        column 34: unexpected `demo`: options begin with `--`; is it meant for --names?
        $ aws codebuild batch-get-projects
        the following arguments are required: --names
        $ aws codebuild batch-get-projects --names
        column 34: argument --names: expected at least one argument
        $ aws codebuild start-build --project-name demo --timeout-in-minutes-override soon
        column 47: Error parsing parameter '--timeout-in-minutes-override': `soon` is not a whole number
        $ aws codebuild start-build --project-name demo --privileged-mode-override=true
        column 47: argument --privileged-mode-override: ignored explicit argument 'true'; it is a switch and takes no value
        $ aws codebuild start-build --project-name demo --environment-variables-override name
        column 47: Error parsing parameter '--environment-variables-override': Expected: '=', received: the end at position 5 in `name`, which is read as shorthand (key=value,…) because it does not begin with {
        $ aws codebuild start-build --project-name demo --environment-variables-override nam=A,value=B
        Parameter validation failed:
        Missing required parameter in environmentVariablesOverride[0]: "name"
        Unknown parameter in environmentVariablesOverride[0]: "nam", must be one of: name, value, type
        $ aws codebuild start-build --project-name demo --s x
        column 47: ambiguous option: `--s` could match --secondary-sources-override, --secondary-sources-version-override, --source-version, --secondary-artifacts-override, --source-type-override, --source-location-override, --source-auth
        $ aws codebuild list-projects --output yaml
        column 29: Error parsing parameter '--output': the output format yaml of the AWS CLI is not supported here; use json, text or table
        $ aws codebuild list-projects --query projects[
        column 29: Bad value for --query: Parse error: Expected number, ':', or '*' -- found Eof (line 0, column 9)
        $ aws codebuild list-projects --cli-input-json file://nowhere.json
        column 29: Error parsing parameter '--cli-input-json': Unable to load paramfile ./nowhere.json: No such file or directory (os error 2)
        $ aws codebuild list-projects --cli-input-json '[1]'
        column 29: Error parsing parameter '--cli-input-json': Invalid JSON: it must be an object with the operation's members
        $ aws codebuild create-project --name demo
        the following arguments are required: --source, --artifacts, --environment, --service-role
        "#
    );
}

#[test]
fn a_command_tells_what_it_is() {
    let command = parse("--region eu-west-1 codebuild start-build --project-name demo");
    assert_eq!(command.service(), "codebuild");
    assert_eq!(command.operation(), "StartBuild");
    assert_eq!(command.input(), &json!({"projectName": "demo"}));
    assert!(command.changes_something());
    assert!(!parse("codebuild list-builds").changes_something());
}

#[tokio::test]
async fn the_caller_is_told_by_sts() {
    let server = CannedAws::start(|_, _, _| {
        let xml = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
                   <GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/u</Arn>\
                   <UserId>AIDA</UserId><Account>123456789012</Account></GetCallerIdentityResult>\
                   </GetCallerIdentityResponse>";
        (200, json!(xml))
    })
    .await;
    let session = server.session().await;
    let identity = session.identity().await.unwrap();
    assert_eq!(identity.account, "123456789012");
    let output = run(
        &session,
        "sts get-caller-identity --query Account --output text",
    )
    .await
    .unwrap();
    assert_eq!(output.text, "123456789012\n");
}

#[test]
fn two_ways_to_write_a_command_have_the_same_options() {
    let one =
        parse("codebuild batch-get-projects --names a b --query projects[0].name --output text");
    let other = parse(
        "--output=text codebuild batch-get-projects --quer projects[0].name --names [\"a\",\"b\"]",
    );
    assert_eq!(one.names(), ("codebuild", "batch-get-projects".to_owned()));
    assert_eq!(one.options(), other.options());
    assert_eq!(one.options()["--names"], json!(["a", "b"]));
    let plain = parse("codebuild list-projects");
    assert_eq!(plain.options()["--output"], "json");
}
