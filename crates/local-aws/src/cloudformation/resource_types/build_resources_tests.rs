//! Each type from its creation to its end, on a local AWS of its own.

use std::sync::Arc;

use serde_json::Value;
use serde_json::json;

use super::*;
use crate::Config;
use crate::EngineChoice;
use crate::LocalAws;
use crate::access_keys::Caller;
use crate::s3::PutOptions;
use crate::services::Services;

const ROLE: &str = "arn:aws:iam::123456789012:role/service-role/codebuild-demo";

struct Aws {
    aws: LocalAws,
    tags: Vec<(String, String)>,
    _state: tempfile::TempDir,
}

impl Aws {
    async fn start() -> Self {
        let state = tempfile::tempdir().unwrap();
        let config = Config {
            state_dir: state.path().to_owned(),
            listen: ([127, 0, 0, 1], 0).into(),
            region: "eu-central-1".to_owned(),
            account_id: "123456789012".to_owned(),
            engine: EngineChoice::Connect(None),
            checkouts: Vec::new(),
            check_answers: true,
        };
        Self {
            aws: LocalAws::start(config).await.unwrap(),
            tags: vec![("team".to_owned(), "ops".to_owned())],
            _state: state,
        }
    }

    fn services(&self) -> &Arc<Services> {
        self.aws.services()
    }

    fn request(&self) -> Request<'_> {
        Request {
            services: self.services(),
            caller: &Caller::User,
            stack_name: "demo",
            stack_id: "arn:aws:cloudformation:eu-central-1:123456789012:stack/demo/1",
            logical_id: "Thing",
            stack_tags: &self.tags,
            token: "token",
        }
    }

    async fn call(&self, service: &str, operation: &str, input: Value) -> Value {
        let called = self
            .services()
            .call(&Caller::User, service, operation, input);
        called.await.unwrap()
    }

    /// Makes it, and checks that it is found as what was made and is as the template says.
    async fn make(&self, kind: &str, properties: &Value) -> Made {
        let request = self.request();
        assert_eq!(find(&request, kind, properties).await.unwrap(), None);
        let made = create(&request, kind, properties).await.unwrap();
        if let Some(id) = planned_id(&request, kind, properties) {
            assert_eq!(id, made.physical_id);
        }
        let found = find(&request, kind, properties).await.unwrap();
        assert_eq!(found.as_ref(), Some(&made));
        self.assert_live(kind, &made.physical_id, properties).await;
        made
    }

    async fn change(&self, kind: &str, id: &str, old: &Value, new: &Value) -> Made {
        let request = self.request();
        let made = update(&request, kind, id, old, new).await.unwrap();
        assert_eq!(made.physical_id, id);
        self.assert_live(kind, id, new).await;
        made
    }

    async fn assert_live(&self, kind: &str, id: &str, properties: &Value) {
        let live = read(&self.request(), kind, id, properties).await.unwrap();
        assert_eq!(live, Some(normalized(kind, properties)));
    }

    /// Removes it twice: what is gone is no error.
    async fn remove(&self, kind: &str, id: &str, properties: &Value) {
        let request = self.request();
        for _ in 0..2 {
            delete(&request, kind, id, properties).await.unwrap();
        }
        assert_eq!(read(&request, kind, id, properties).await.unwrap(), None);
    }

    /// Makes it in vain, and says why.
    async fn refused(&self, kind: &str, properties: &Value) -> Failure {
        let made = create(&self.request(), kind, properties).await;
        made.unwrap_err()
    }
}

fn with(properties: &Value, more: Value) -> Value {
    let mut all = properties.clone();
    if let (Some(all), Value::Object(more)) = (all.as_object_mut(), more) {
        all.extend(more);
    }
    all
}

#[track_caller]
fn assert_reason(failure: &Failure, code: &str, text: &str) {
    assert_eq!(failure.handler_error_code, code, "{failure:?}");
    assert!(failure.reason.contains(text), "{failure:?}");
}

#[tokio::test]
async fn a_bucket_with_its_policy() {
    let aws = Aws::start().await;
    let kind = "AWS::S3::Bucket";
    let properties = json!({
        "BucketEncryption": { "ServerSideEncryptionConfiguration": [{
            "ServerSideEncryptionByDefault": {
                "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/aws/s3" },
            "BucketKeyEnabled": "true",
        }] },
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": "false" },
        "OwnershipControls": { "Rules": [{ "ObjectOwnership": "BucketOwnerPreferred" }] },
        "LifecycleConfiguration": { "Rules": [
            { "Id": "logs", "Status": "Enabled", "Prefix": "logs/", "ExpirationInDays": "14" },
            { "Status": "Disabled",
              "AbortIncompleteMultipartUpload": { "DaysAfterInitiation": 1 },
              "NoncurrentVersionExpiration": { "NoncurrentDays": 3 } },
        ] },
        "Tags": [{ "Key": "b", "Value": "2" }, { "Key": "a", "Value": "1" }],
    });
    let made = aws.make(kind, &properties).await;
    let name = made.physical_id.as_str();
    assert!(
        name.starts_with("demo-thing-") && name == name.to_lowercase(),
        "{name}"
    );
    assert_eq!(made.attributes["Arn"], format!("arn:aws:s3:::{name}"));
    let domain = format!("{name}.s3.eu-central-1.amazonaws.com");
    assert_eq!(made.attributes["RegionalDomainName"], domain);

    let of_policy = "AWS::S3::BucketPolicy";
    let policy = |action: &str| {
        json!({ "Bucket": name, "PolicyDocument": { "Statement": [{
            "Effect": "Deny", "Principal": "*", "Action": action,
            "Resource": [format!("arn:aws:s3:::{name}"), format!("arn:aws:s3:::{name}/*")],
            "Condition": { "Bool": { "aws:SecureTransport": "false" } },
        }] } })
    };
    aws.make(of_policy, &policy("s3:*")).await;
    let again = aws.refused(of_policy, &policy("s3:*")).await;
    let text = format!("The bucket policy already exists on bucket {name}.");
    assert_reason(&again, "AlreadyExists", &text);
    aws.change(of_policy, name, &policy("s3:*"), &policy("s3:Get*"))
        .await;
    let wrong = update(
        &aws.request(),
        of_policy,
        name,
        &policy("s3:*"),
        &policy("sns:*"),
    )
    .await;
    assert_reason(
        &wrong.unwrap_err(),
        "InvalidRequest",
        "Policy has invalid action",
    );
    aws.remove(of_policy, name, &policy("s3:Get*")).await;

    let less = json!({ "Tags": [{ "Key": "c", "Value": "3" }] });
    aws.change(kind, name, &properties, &less).await;
    let bucket = aws.services().buckets.bucket(name).unwrap();
    assert_eq!(bucket.encryption.algorithm, "AES256");
    assert!(bucket.lifecycle.is_empty());
    assert!(bucket.tags.contains(&("team".to_owned(), "ops".to_owned())));

    let buckets = &aws.services().buckets;
    let options = PutOptions::default();
    buckets
        .put_bytes(name, "key", b"text".to_vec(), options)
        .await
        .unwrap();
    let full = delete(&aws.request(), kind, name, &less).await.unwrap_err();
    let text = "\"The bucket you tried to delete is not empty (Service: S3, Status Code: 409, ";
    assert_reason(&full, "GeneralServiceException", text);
    buckets.delete(name, "key").await.unwrap();
    aws.remove(kind, name, &less).await;
}

#[tokio::test]
async fn a_bucket_that_is_there_or_cannot_be_had() {
    let aws = Aws::start().await;
    let kind = "AWS::S3::Bucket";
    aws.services().buckets.create_bucket("taken").await.unwrap();
    let taken = json!({ "BucketName": "taken" });
    let text = "\"taken already exists (Service: S3, Status Code: 0, Request ID: null)\"";
    assert_reason(&aws.refused(kind, &taken).await, "AlreadyExists", text);
    let found = find(&aws.request(), kind, &taken).await.unwrap();
    assert_eq!(found, None, "it is not the stack's");
    for (property, value) in [
        ("VersioningConfiguration", json!({ "Status": "Enabled" })),
        ("AccessControl", "PublicRead".into()),
        (
            "WebsiteConfiguration",
            json!({ "IndexDocument": "index.html" }),
        ),
    ] {
        let failure = aws.refused(kind, &json!({ property: value })).await;
        assert_reason(&failure, "InvalidRequest", property);
    }
    let rule = json!({ "Status": "Enabled", "Transitions": [{
        "StorageClass": "GLACIER", "TransitionInDays": 1 }] });
    let moving = json!({ "LifecycleConfiguration": { "Rules": [rule] } });
    let pointer = "LifecycleConfiguration/Rules/0/Transitions";
    assert_reason(&aws.refused(kind, &moving).await, "InvalidRequest", pointer);
    let gone = json!({ "Bucket": "gone", "PolicyDocument": {} });
    let failure = aws.refused("AWS::S3::BucketPolicy", &gone).await;
    assert_reason(&failure, "NotFound", "The specified bucket does not exist");
}

#[tokio::test]
async fn a_repository_of_images() {
    let aws = Aws::start().await;
    let kind = "AWS::ECR::Repository";
    let policy = json!({ "rules": [{
        "rulePriority": 1,
        "selection": { "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 10 },
        "action": { "type": "expire" },
    }] });
    let properties = json!({
        "ImageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
        "ImageTagMutabilityExclusionFilters": [{
            "ImageTagMutabilityExclusionFilterType": "WILDCARD",
            "ImageTagMutabilityExclusionFilterValue": "latest*",
        }],
        "ImageScanningConfiguration": { "ScanOnPush": "true" },
        "EncryptionConfiguration": { "EncryptionType": "AES256" },
        "LifecyclePolicy": { "LifecyclePolicyText": policy.to_string() },
        "RepositoryPolicyText": { "Statement": [{
            "Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage" }] },
        "EmptyOnDelete": true,
        "Tags": [{ "Key": "a", "Value": "1" }],
    });
    let made = aws.make(kind, &properties).await;
    let name = made.physical_id.as_str();
    assert!(name.starts_with("demo-thing-"), "{name}");
    let arn = format!("arn:aws:ecr:eu-central-1:123456789012:repository/{name}");
    assert_eq!(made.attributes["Arn"], arn);
    let endpoint = aws.aws.access().endpoint.replace("http://", "");
    assert_eq!(
        made.attributes["RepositoryUri"],
        format!("{endpoint}/{name}")
    );
    let again = aws.refused(kind, &json!({ "RepositoryName": name })).await;
    let text = format!("with identifier '{name}' already exists.");
    assert_reason(&again, "AlreadyExists", &text);
    let less = json!({ "ImageTagMutability": "MUTABLE", "Tags": [{ "Key": "b", "Value": "2" }] });
    aws.change(kind, name, &properties, &less).await;
    aws.assert_live(kind, name, &less).await;
    aws.remove(kind, name, &less).await;
}

/// A project with every property that the local AWS takes.
fn whole_project() -> Value {
    json!({
        "Name": "demo",
        "Description": "all of it",
        "ServiceRole": ROLE,
        "Source": {
            "Type": "GITHUB_ENTERPRISE", "Location": "https://127.0.0.1:1/owner/repo.git",
            "BuildSpec": "ci/buildspec.yml", "GitCloneDepth": "1",
            "GitSubmodulesConfig": { "FetchSubmodules": "false" }, "InsecureSsl": false,
            "ReportBuildStatus": true,
            "BuildStatusConfig": { "Context": "checks", "TargetUrl": "https://example.com/" },
        },
        "SourceVersion": "main",
        "SecondarySources": [{
            "Type": "S3", "Location": "a-bucket/source.zip", "SourceIdentifier": "other" }],
        "SecondarySourceVersions": [{ "SourceIdentifier": "other", "SourceVersion": "v2" }],
        "Artifacts": {
            "Type": "S3", "Location": "a-bucket", "Packaging": "ZIP", "Name": "site.zip",
            "NamespaceType": "BUILD_ID", "Path": "out", "EncryptionDisabled": true,
            "OverrideArtifactName": true },
        "SecondaryArtifacts": [{
            "Type": "S3", "Location": "a-bucket", "Name": "docs", "ArtifactIdentifier": "docs" }],
        "Cache": { "Type": "LOCAL", "Modes": ["LOCAL_SOURCE_CACHE"] },
        "Environment": {
            "Type": "LINUX_CONTAINER", "Image": "docker:dind", "PrivilegedMode": "true",
            "ComputeType": "BUILD_GENERAL1_SMALL", "ImagePullCredentialsType": "SERVICE_ROLE",
            "EnvironmentVariables": [
                { "Name": "B", "Value": 5 }, { "Name": "A", "Value": "x", "Type": "PLAINTEXT" }],
        },
        "TimeoutInMinutes": 20,
        "QueuedTimeoutInMinutes": "120",
        "EncryptionKey": "arn:aws:kms:eu-central-1:123456789012:alias/aws/s3",
        "BadgeEnabled": true,
        "LogsConfig": {
            "CloudWatchLogs": { "Status": "ENABLED", "GroupName": "g", "StreamName": "s" },
            "S3Logs": {
                "Status": "ENABLED", "Location": "a-bucket/logs", "EncryptionDisabled": false },
        },
        "VpcConfig": {
            "VpcId": "vpc-1", "Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"] },
        "FileSystemLocations": [{
            "Type": "EFS", "Location": "fs-1.efs.eu-central-1.amazonaws.com:/",
            "MountPoint": "/mnt", "Identifier": "shared", "MountOptions": "nfsvers=4.1" }],
        "BuildBatchConfig": {
            "ServiceRole": ROLE, "CombineArtifacts": true, "TimeoutInMins": 100,
            "Restrictions": {
                "MaximumBuildsAllowed": 7, "ComputeTypesAllowed": ["BUILD_GENERAL1_SMALL"] },
            "BatchReportMode": "REPORT_AGGREGATED_BATCH" },
        "ConcurrentBuildLimit": 5,
        "AutoRetryLimit": 2,
        "Visibility": "PUBLIC_READ",
        "ResourceAccessRole": ROLE,
        "Triggers": {
            "Webhook": true, "BuildType": "BUILD",
            "FilterGroups": [[
                { "Type": "EVENT", "Pattern": "PUSH" },
                { "Type": "HEAD_REF", "Pattern": "^refs/heads/main$",
                  "ExcludeMatchedPattern": false },
            ]] },
        "Tags": [{ "Key": "a", "Value": "1" }],
    })
}

fn small_project() -> Value {
    json!({
        "ServiceRole": "codebuild-demo",
        "Source": { "Type": "NO_SOURCE", "BuildSpec": "version: 0.2\nphases: {}\n" },
        "Artifacts": { "Type": "NO_ARTIFACTS" },
        "Environment": {
            "Type": "LINUX_CONTAINER", "Image": "docker:dind",
            "ComputeType": "BUILD_GENERAL1_SMALL" },
    })
}

#[tokio::test]
async fn a_project_with_every_property() {
    let aws = Aws::start().await;
    let kind = "AWS::CodeBuild::Project";
    let whole = whole_project();
    let made = aws.make(kind, &whole).await;
    assert_eq!(made.physical_id, "demo");
    let arn = "arn:aws:codebuild:eu-central-1:123456789012:project/demo";
    assert_eq!(made.attributes["Arn"], arn);
    let again = aws.refused(kind, &whole).await;
    let text = format!(
        "Project already exists: {arn} (Service: AWSCodeBuild; Status Code: 400; Error Code: \
         ResourceAlreadyExistsException; Request ID: "
    );
    assert_reason(&again, "AlreadyExists", &text);
    let schema = cloudformation_template::resource_types::of(kind).unwrap();
    let tried = whole.as_object().unwrap();
    for property in schema.properties() {
        let is_told_only = matches!(property, "Arn" | "Id");
        assert!(is_told_only || tried.contains_key(property), "{property}");
    }

    // Everything that a template need not have goes away.
    let small = with(&small_project(), json!({ "Name": "demo" }));
    aws.change(kind, "demo", &whole, &small).await;
    let names = json!({ "names": ["demo"] });
    let changed = aws
        .call("codebuild", "BatchGetProjects", names.clone())
        .await["projects"][0]
        .clone();
    delete(&aws.request(), kind, "demo", &small).await.unwrap();
    create(&aws.request(), kind, &small).await.unwrap();
    let fresh = aws.call("codebuild", "BatchGetProjects", names).await["projects"][0].clone();
    for (member, value) in fresh.as_object().unwrap() {
        let may_differ = ["created", "lastModified", "logsConfig"].contains(&member.as_str());
        assert!(
            may_differ || changed[member] == *value,
            "{member}: {changed}"
        );
    }
    assert_eq!(changed["webhook"], Value::Null);
    assert_eq!(changed["projectVisibility"], "PRIVATE");
    aws.change(kind, "demo", &small, &whole).await;
    aws.remove(kind, "demo", &whole).await;
}

#[tokio::test]
async fn a_project_whose_role_is_not_there() {
    let aws = Aws::start().await;
    let kind = "AWS::CodeBuild::Project";
    let role = "arn:aws:iam::123456789012:role/service-role/nobody";
    let properties = with(&small_project(), json!({ "ServiceRole": role }));
    let text = format!(
        "CodeBuild is not authorized to perform: sts:AssumeRole on {role} (Service: AWSCodeBuild; \
         Status Code: 400; Error Code: InvalidInputException; Request ID: "
    );
    let failure = aws.refused(kind, &properties).await;
    assert_reason(&failure, "InvalidRequest", &text);
    assert!(failure.reason.ends_with("; Proxy: null)"), "{failure:?}");
    let made = aws.make(kind, &small_project()).await;
    let name = made.physical_id.as_str();
    assert!(name.starts_with("Thing-") && name.len() == 18, "{name}");
}

#[tokio::test]
async fn what_somebody_changed_in_a_project_is_seen() {
    let aws = Aws::start().await;
    let kind = "AWS::CodeBuild::Project";
    let properties = with(
        &small_project(),
        json!({
            "Name": "demo", "TimeoutInMinutes": "20",
            "Tags": [{ "Key": "a", "Value": "1" }],
        }),
    );
    aws.make(kind, &properties).await;
    let mut environment = json!({
        "type": "LINUX_CONTAINER", "image": "docker:other", "computeType": "BUILD_GENERAL1_SMALL" });
    environment["privilegedMode"] = true.into();
    let input = json!({ "name": "demo", "timeoutInMinutes": 30, "environment": environment });
    aws.call("codebuild", "UpdateProject", input).await;
    let live = read(&aws.request(), kind, "demo", &properties)
        .await
        .unwrap()
        .unwrap();
    let mut wanted = normalized(kind, &properties);
    wanted["TimeoutInMinutes"] = 30.into();
    wanted["Environment"]["Image"] = "docker:other".into();
    assert_eq!(live, wanted, "what the template leaves out is not compared");
}

#[tokio::test]
async fn report_groups_and_source_credentials() {
    let aws = Aws::start().await;
    let kind = "AWS::CodeBuild::ReportGroup";
    let group = json!({
        "Type": "TEST", "DeleteReports": true,
        "ExportConfig": { "ExportConfigType": "S3", "S3Destination": {
            "Bucket": "a-bucket", "Path": "reports", "Packaging": "ZIP",
            "EncryptionDisabled": "true" } },
        "Tags": [{ "Key": "a", "Value": "1" }],
    });
    let made = aws.make(kind, &group).await;
    assert_eq!(made.attributes["Arn"], made.physical_id.as_str());
    let plain = with(
        &group,
        json!({ "ExportConfig": { "ExportConfigType": "NO_EXPORT" } }),
    );
    aws.change(kind, &made.physical_id, &group, &plain).await;
    aws.remove(kind, &made.physical_id, &plain).await;

    let kind = "AWS::CodeBuild::SourceCredential";
    let credential = json!({
        "ServerType": "GITHUB", "AuthType": "PERSONAL_ACCESS_TOKEN", "Token": "secret" });
    let made = aws.make(kind, &credential).await;
    assert!(made.physical_id.ends_with(":token/github"), "{made:?}");
    let again = aws.refused(kind, &credential).await;
    let text = "Failed to call ImportSourceCredentials, reason: Access token with server type GITHUB already exists.";
    assert_reason(&again, "AlreadyExists", text);
    let other = with(&credential, json!({ "Token": "other" }));
    let found = find(&aws.request(), kind, &other).await.unwrap();
    assert_eq!(found, None, "it is somebody else's");
    aws.change(kind, &made.physical_id, &credential, &other)
        .await;
    aws.remove(kind, &made.physical_id, &other).await;
}

#[tokio::test]
async fn a_repository_of_sources() {
    let aws = Aws::start().await;
    let topic = topic(&aws).await;
    let kind = "AWS::CodeCommit::Repository";
    let properties = json!({
        "RepositoryName": "demo",
        "RepositoryDescription": "d",
        "Triggers": [{
            "Name": "pushes", "DestinationArn": topic, "CustomData": "c",
            "Branches": ["main"], "Events": ["all"] }],
        "Tags": [{ "Key": "a", "Value": "1" }],
    });
    let made = aws.make(kind, &properties).await;
    let id = made.physical_id.as_str();
    assert_eq!(made.attributes["RepositoryId"], id);
    assert_eq!(made.attributes["Name"], "demo");
    let arn = "arn:aws:codecommit:eu-central-1:123456789012:demo";
    assert_eq!(made.attributes["Arn"], arn);
    let again = aws.refused(kind, &properties).await;
    let text = "Repository named demo already exists (Service: AWSCodeCommit; Status Code: 400; Error Code: RepositoryNameExistsException; ";
    assert_reason(&again, "AlreadyExists", text);
    let code =
        json!({ "RepositoryName": "other", "Code": { "S3": { "Bucket": "b", "Key": "k" } } });
    assert_reason(&aws.refused(kind, &code).await, "InvalidRequest", "Code");
    let renamed = json!({ "RepositoryName": "other", "Tags": [{ "Key": "b", "Value": "2" }] });
    let made = aws.change(kind, id, &properties, &renamed).await;
    assert_eq!(made.attributes["Name"], "other");
    aws.remove(kind, id, &renamed).await;
}

async fn topic(aws: &Aws) -> String {
    let topic = aws
        .call("sns", "CreateTopic", json!({ "Name": "builds" }))
        .await;
    topic["TopicArn"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_rule_of_events_with_its_targets() {
    let aws = Aws::start().await;
    let topic = topic(&aws).await;
    let kind = "AWS::Events::Rule";
    let transformer = json!({
        "InputPathsMap": { "project": "$.detail.project-name" },
        "InputTemplate": "\"Build of <project>\"",
    });
    let properties = json!({
        "Description": "d",
        "EventBusName": "default",
        "EventPattern": {
            "source": ["aws.codebuild"],
            "detail": { "build-status": [{ "anything-but": "SUCCEEDED" }] } },
        "State": "DISABLED",
        "Targets": [
            { "Id": "b", "Arn": topic, "InputTransformer": transformer,
              "RetryPolicy": { "MaximumRetryAttempts": "3" } },
            { "Id": "a", "Arn": topic, "Input": "{}" },
        ],
        "Tags": [{ "Key": "a", "Value": "1" }],
    });
    let made = aws.make(kind, &properties).await;
    let name = made.physical_id.as_str();
    assert!(name.starts_with("demo-Thing-"), "{name}");
    let arn = format!("arn:aws:events:eu-central-1:123456789012:rule/{name}");
    assert_eq!(made.attributes["Arn"], arn);
    let taken = with(&properties, json!({ "Name": name }));
    assert_reason(&aws.refused(kind, &taken).await, "AlreadyExists", name);
    let less = json!({
        "ScheduleExpression": "rate(1 day)",
        "Targets": [{ "Id": "a", "Arn": topic }],
    });
    aws.change(kind, name, &properties, &less).await;
    let rule = aws
        .call("events", "DescribeRule", json!({ "Name": name }))
        .await;
    assert_eq!(
        (&rule["EventPattern"], &rule["State"]),
        (&Value::Null, &json!("ENABLED"))
    );
    let queue = json!({ "ScheduleExpression": "rate(1 day)", "Targets": [{
        "Id": "a", "Arn": topic, "SqsParameters": { "MessageGroupId": "g" } }] });
    assert_reason(
        &aws.refused(kind, &queue).await,
        "InvalidRequest",
        "SqsParameters",
    );
    let failure = aws.refused(kind, &json!({ "Name": "empty" })).await;
    let text = "Parameter(s) EventPattern or ScheduleExpression must be specified. (Service: EventBridge, Status Code: 400";
    assert_reason(&failure, "InvalidRequest", text);
    aws.remove(kind, name, &less).await;
}

#[tokio::test]
async fn nothing_stays_of_what_was_made_in_vain() {
    let aws = Aws::start().await;
    let kind = "AWS::Events::Rule";
    let lambda = json!({ "Name": "half", "ScheduleExpression": "rate(1 day)", "Targets": [{
        "Id": "a", "Arn": "arn:aws:lambda:eu-central-1:123456789012:function:f" }] });
    let text = "the local AWS cannot deliver to lambda";
    assert_reason(&aws.refused(kind, &lambda).await, "InvalidRequest", text);
    let half = read(&aws.request(), kind, "half", &lambda).await.unwrap();
    assert_eq!(half, None);

    let kind = "AWS::CodeBuild::Project";
    let hooked = with(
        &small_project(),
        json!({ "Name": "half", "Triggers": { "Webhook": true } }),
    );
    aws.refused(kind, &hooked).await;
    let half = read(&aws.request(), kind, "half", &hooked).await.unwrap();
    assert_eq!(half, None);
}

#[tokio::test]
async fn a_notification_rule() {
    let aws = Aws::start().await;
    let topic = topic(&aws).await;
    let kind = "AWS::CodeStarNotifications::NotificationRule";
    let properties = json!({
        "Name": "builds",
        "DetailType": "FULL",
        "EventTypeIds": [
            "codebuild-project-build-state-succeeded", "codebuild-project-build-state-failed"],
        "Resource": "arn:aws:codebuild:eu-central-1:123456789012:project/demo",
        "Targets": [{ "TargetType": "SNS", "TargetAddress": topic }],
        "Status": "DISABLED",
        "Tags": { "a": "1" },
    });
    let text =
        "\"Invalid request provided: AWS::CodeStarNotifications::NotificationRule: Resource ";
    assert_reason(
        &aws.refused(kind, &properties).await,
        "InvalidRequest",
        text,
    );
    let project = with(&small_project(), json!({ "Name": "demo" }));
    create(&aws.request(), "AWS::CodeBuild::Project", &project)
        .await
        .unwrap();
    let made = aws.make(kind, &properties).await;
    assert_eq!(made.attributes["Arn"], made.physical_id.as_str());
    assert_reason(
        &aws.refused(kind, &properties).await,
        "AlreadyExists",
        "builds",
    );
    let other = with(
        &properties,
        json!({
            "DetailType": "BASIC", "Status": "ENABLED", "Tags": { "b": "2" },
            "EventTypeIds": ["codebuild-project-build-state-failed"],
        }),
    );
    aws.change(kind, &made.physical_id, &properties, &other)
        .await;
    aws.remove(kind, &made.physical_id, &other).await;
}
