//! What goes into a project or a build comes back, member by member of the service model.

use serde_json::Value;
use serde_json::json;

use crate::raw::call_json;
use crate::raw::refusal;
use crate::server::TestServer;
use crate::server::create_role;

const MODEL: &str = service_models::CODEBUILD;

async fn call(server: &TestServer, operation: &str, input: Value) -> Value {
    let target = format!("CodeBuild_20161006.{operation}");
    call_json(server.access(), &target, input).await
}

/// Panics if the value lacks a member that the model has.
fn assert_complete(model: &Value, shape: &str, value: &Value, path: &str) {
    let shape = &model["shapes"][shape];
    if let Some(members) = shape["members"].as_object() {
        for (member, shape) in members {
            let at = format!("{path}.{member}");
            // In answers only.
            if at.ends_with(".dockerServer.status") {
                continue;
            }
            assert!(value.get(member).is_some(), "{at} is not tried");
            assert_complete(model, shape.as_str().unwrap(), &value[member], &at);
        }
    }
    if let (Some(member), Some(element)) = (shape["member"].as_str(), value.get(0)) {
        assert_complete(model, member, element, &format!("{path}[0]"));
    }
}

fn source(identifier: &str) -> Value {
    json!({
        "type": "GITHUB_ENTERPRISE", "location": "https://127.0.0.1:1/owner/repo.git",
        "gitCloneDepth": 3, "gitSubmodulesConfig": { "fetchSubmodules": true },
        "buildspec": "ci/buildspec.yml",
        "auth": { "type": "SECRETS_MANAGER", "resource": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:token-AbCdEf" },
        "reportBuildStatus": true,
        "buildStatusConfig": { "context": "checks", "targetUrl": "https://example.com/" },
        "insecureSsl": true, "sourceIdentifier": identifier })
}

fn artifacts(identifier: &str) -> Value {
    json!({
        "type": "S3", "location": "a-bucket", "path": "out", "namespaceType": "BUILD_ID",
        "name": "site.zip", "packaging": "ZIP", "overrideArtifactName": true,
        "encryptionDisabled": true, "artifactIdentifier": identifier,
        "bucketOwnerAccess": "FULL" })
}

fn cache() -> Value {
    json!({ "type": "S3", "location": "a-bucket/cache", "modes": ["LOCAL_SOURCE_CACHE"],
            "cacheNamespace": "team" })
}

fn logs_config() -> Value {
    json!({
        "cloudWatchLogs": { "status": "ENABLED", "groupName": "group", "streamName": "stream" },
        "s3Logs": { "status": "ENABLED", "location": "a-bucket/logs", "encryptionDisabled": true,
                    "bucketOwnerAccess": "READ_ONLY" } })
}

fn batch_config() -> Value {
    json!({
        "serviceRole": "arn:aws:iam::123456789012:role/service-role/codebuild-demo", "combineArtifacts": true,
        "restrictions": {
            "maximumBuildsAllowed": 7, "computeTypesAllowed": ["BUILD_GENERAL1_SMALL"],
            "fleetsAllowed": ["arn:aws:codebuild:eu-central-1:123456789012:fleet/f:1"] },
        "timeoutInMins": 100, "batchReportMode": "REPORT_AGGREGATED_BATCH" })
}

fn registry_credential() -> Value {
    json!({ "credential": "registry", "credentialProvider": "SECRETS_MANAGER" })
}

fn project(fleet: &str) -> Value {
    json!({
        "name": "demo", "description": "all of it",
        "source": source("main"), "secondarySources": [source("other")], "sourceVersion": "v1",
        "secondarySourceVersions": [{ "sourceIdentifier": "other", "sourceVersion": "v2" }],
        "artifacts": artifacts("site"), "secondaryArtifacts": [artifacts("docs")],
        "cache": cache(),
        "environment": {
            "type": "LINUX_CONTAINER", "image": "registry.example.com/image:1",
            "computeType": "ATTRIBUTE_BASED_COMPUTE",
            "computeConfiguration": { "vCpu": 2, "memory": 4, "disk": 64,
                "machineType": "GENERAL", "instanceType": "t3.medium" },
            "fleet": { "fleetArn": fleet },
            "environmentVariables": [{ "name": "A", "value": "1", "type": "PLAINTEXT" }],
            "privilegedMode": true, "certificate": "a-bucket/ca.pem",
            "registryCredential": registry_credential(),
            "imagePullCredentialsType": "SERVICE_ROLE",
            "dockerServer": { "computeType": "BUILD_GENERAL1_SMALL", "securityGroupIds": ["sg-2"] },
            "hostKernel": "LINUX_KERNEL_6" },
        "serviceRole": "arn:aws:iam::123456789012:role/service-role/codebuild-demo",
        "timeoutInMinutes": 33, "queuedTimeoutInMinutes": 44,
        "encryptionKey": "arn:aws:kms:eu-central-1:123456789012:key/1",
        "tags": [{ "key": "team", "value": "a" }],
        "vpcConfig": { "vpcId": "vpc-1", "subnets": ["subnet-1"], "securityGroupIds": ["sg-1"] },
        "badgeEnabled": true, "logsConfig": logs_config(),
        "fileSystemLocations": [{
            "type": "EFS", "location": "fs-1.efs.eu-central-1.amazonaws.com:/", "mountPoint": "/mnt",
            "identifier": "shared", "mountOptions": "nfsvers=4.1" }],
        "buildBatchConfig": batch_config(), "concurrentBuildLimit": 5, "autoRetryLimit": 2 })
}

async fn fleet(server: &TestServer, name: &str) -> String {
    let input = json!({ "name": name, "baseCapacity": 1, "environmentType": "LINUX_CONTAINER",
                        "computeType": "BUILD_GENERAL1_SMALL" });
    let reply = call(server, "CreateFleet", input).await;
    reply["fleet"]["arn"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn of_a_project() {
    let server = TestServer::start().await;
    let model: Value = serde_json::from_str(MODEL).unwrap();
    let input = project(&fleet(&server, "ff").await);
    assert_complete(&model, "CreateProjectInput", &input, "");
    assert_complete(&model, "UpdateProjectInput", &input, "");
    let created = call(&server, "CreateProject", input.clone()).await["project"].clone();
    let read = call(&server, "BatchGetProjects", json!({ "names": ["demo"] })).await;
    assert_eq!(read["projects"][0], created);
    // Again by an update of a project that has only what it must have.
    let small = json!({
        "name": "demo", "serviceRole": "codebuild-demo", "artifacts": { "type": "NO_ARTIFACTS" },
        "source": { "type": "NO_SOURCE", "buildspec": "version: 0.2" },
        "environment": { "type": "LINUX_CONTAINER", "image": "i",
                         "computeType": "BUILD_GENERAL1_SMALL" } });
    call(&server, "DeleteProject", json!({ "name": "demo" })).await;
    call(&server, "CreateProject", small).await;
    let updated = call(&server, "UpdateProject", input.clone()).await["project"].clone();
    for shown in [created, updated] {
        for (member, value) in input.as_object().unwrap() {
            match member.as_str() {
                "badgeEnabled" => assert_eq!(&shown["badge"]["badgeEnabled"], value),
                _ => assert_eq!(&shown[member], value, "{member}"),
            }
        }
    }
}

#[tokio::test]
async fn of_a_build() {
    let server = TestServer::start().await;
    create_role(server.access(), "other", "codebuild.amazonaws.com").await;
    let model: Value = serde_json::from_str(MODEL).unwrap();
    let first = fleet(&server, "ff").await;
    let second = fleet(&server, "gg").await;
    call(&server, "CreateProject", project(&first)).await;
    let mut artifact = artifacts("site2");
    artifact["bucketOwnerAccess"] = json!("NONE");
    let input = json!({
        "projectName": "demo", "idempotencyToken": "token",
        "secondarySourcesOverride": [source("third")],
        "secondarySourcesVersionOverride":
            [{ "sourceIdentifier": "third", "sourceVersion": "v3" }],
        "sourceVersion": "v9", "artifactsOverride": artifact,
        "secondaryArtifactsOverride": [artifacts("more")],
        "environmentVariablesOverride": [{ "name": "B", "value": "2", "type": "PLAINTEXT" }],
        "sourceTypeOverride": "GITLAB", "sourceLocationOverride": "https://127.0.0.1:1/a/b.git",
        "sourceAuthOverride": { "type": "OAUTH", "resource": "r" },
        "gitCloneDepthOverride": 9, "gitSubmodulesConfigOverride": { "fetchSubmodules": false },
        "buildspecOverride": "other.yml", "insecureSslOverride": false,
        "reportBuildStatusOverride": false,
        "buildStatusConfigOverride": { "context": "c", "targetUrl": "https://example.org/" },
        "environmentTypeOverride": "LINUX_CONTAINER", "imageOverride": "other:2",
        "computeTypeOverride": "BUILD_GENERAL1_LARGE", "certificateOverride": "b/c.pem",
        "cacheOverride": { "type": "LOCAL", "location": "", "modes": ["LOCAL_CUSTOM_CACHE"],
                           "cacheNamespace": "" },
        "serviceRoleOverride": "arn:aws:iam::123456789012:role/other",
        // The project has file systems, which need it.
        "privilegedModeOverride": true,
        "timeoutInMinutesOverride": 12, "queuedTimeoutInMinutesOverride": 13,
        "encryptionKeyOverride": "arn:aws:kms:eu-central-1:123456789012:key/2",
        "logsConfigOverride": {
            "cloudWatchLogs": { "status": "ENABLED", "groupName": "g", "streamName": "s" },
            "s3Logs": { "status": "DISABLED", "location": "b/l", "encryptionDisabled": false,
                        "bucketOwnerAccess": "NONE" } },
        "registryCredentialOverride":
            { "credential": "other", "credentialProvider": "SECRETS_MANAGER" },
        "imagePullCredentialsTypeOverride": "CODEBUILD", "debugSessionEnabled": true,
        "fleetOverride": { "fleetArn": second }, "autoRetryLimitOverride": 1,
        "hostKernelOverride": "LINUX_KERNEL_4" });
    assert_complete(&model, "StartBuildInput", &input, "");
    let build = call(&server, "StartBuild", input.clone()).await["build"].clone();
    // Where the build shows what an input says: a JSON pointer.
    for (member, value) in input.as_object().unwrap() {
        let at = match member.as_str() {
            "idempotencyToken" => continue,
            "secondarySourcesOverride" => "/secondarySources",
            "secondarySourcesVersionOverride" => "/secondarySourceVersions",
            "environmentVariablesOverride" => {
                assert_eq!(build["environment"]["environmentVariables"][1], value[0]);
                continue;
            }
            "artifactsOverride" | "secondaryArtifactsOverride" => {
                let (shown, value) = match member.as_str() {
                    "artifactsOverride" => (&build["artifacts"], value),
                    _ => (&build["secondaryArtifacts"][0], &value[0]),
                };
                for member in [
                    "overrideArtifactName",
                    "encryptionDisabled",
                    "artifactIdentifier",
                    "bucketOwnerAccess",
                ] {
                    assert_eq!(shown[member], value[member], "{member}");
                }
                continue;
            }
            "sourceTypeOverride" => "/source/type",
            "sourceLocationOverride" => "/source/location",
            "sourceAuthOverride" => "/source/auth",
            "gitCloneDepthOverride" => "/source/gitCloneDepth",
            "gitSubmodulesConfigOverride" => "/source/gitSubmodulesConfig",
            "buildspecOverride" => "/source/buildspec",
            "insecureSslOverride" => "/source/insecureSsl",
            "reportBuildStatusOverride" => "/source/reportBuildStatus",
            "buildStatusConfigOverride" => "/source/buildStatusConfig",
            "environmentTypeOverride" => "/environment/type",
            "imageOverride" => "/environment/image",
            "computeTypeOverride" => "/environment/computeType",
            "certificateOverride" => "/environment/certificate",
            "cacheOverride" => "/cache",
            "serviceRoleOverride" => "/serviceRole",
            "privilegedModeOverride" => "/environment/privilegedMode",
            "timeoutInMinutesOverride" => "/timeoutInMinutes",
            "queuedTimeoutInMinutesOverride" => "/queuedTimeoutInMinutes",
            "encryptionKeyOverride" => "/encryptionKey",
            "logsConfigOverride" => {
                assert_eq!(build["logs"]["cloudWatchLogs"], value["cloudWatchLogs"]);
                assert_eq!(build["logs"]["s3Logs"], value["s3Logs"]);
                continue;
            }
            "registryCredentialOverride" => "/environment/registryCredential",
            "imagePullCredentialsTypeOverride" => "/environment/imagePullCredentialsType",
            "debugSessionEnabled" => "/debugSession/sessionEnabled",
            "fleetOverride" => "/environment/fleet",
            "autoRetryLimitOverride" => "/autoRetryConfig/autoRetryLimit",
            "hostKernelOverride" => "/environment/hostKernel",
            same => &format!("/{same}"),
        };
        assert_eq!(build.pointer(at), Some(value), "{member}");
    }
    // And what nothing overrides is the project's.
    let of_project = project(&first);
    assert_eq!(build["vpcConfig"], of_project["vpcConfig"]);
    assert_eq!(
        build["fileSystemLocations"],
        of_project["fileSystemLocations"]
    );
    let environment = &build["environment"];
    for member in ["computeConfiguration", "dockerServer"] {
        assert_eq!(
            environment[member], of_project["environment"][member],
            "{member}"
        );
    }
}

#[tokio::test]
async fn structures_without_members_take_away_what_a_project_had() {
    let server = TestServer::start().await;
    let mut input = project(&fleet(&server, "ff").await);
    input["fileSystemLocations"] = json!([]);
    input["environment"]["vpc"] = json!("no member of the model");
    input["vpcConfig"]["colour"] = json!("neither");
    let created = call(&server, "CreateProject", input).await["project"].clone();
    assert!(created["vpcConfig"].get("colour").is_none(), "{created}");
    let change = json!({ "name": "demo", "vpcConfig": {}, "buildBatchConfig": {} });
    let changed = call(&server, "UpdateProject", change).await["project"].clone();
    assert!(changed.get("vpcConfig").is_none(), "{changed}");
    assert!(changed.get("buildBatchConfig").is_none(), "{changed}");
}

#[tokio::test]
async fn a_file_system_needs_a_location_privileged_mode_and_a_vpc() {
    let server = TestServer::start().await;
    let full = project(&fleet(&server, "ff").await);
    let refused = async |input: Value| {
        let target = "CodeBuild_20161006.CreateProject";
        let (code, message) = refusal(server.access(), target, input).await;
        assert_eq!(code, "InvalidInputException");
        message
    };
    let mut input = full.clone();
    input.as_object_mut().unwrap().remove("vpcConfig");
    assert_eq!(
        refused(input.clone()).await,
        "VPC has to be configured for projects with File System Locations"
    );
    input["environment"]["privilegedMode"] = json!(false);
    assert_eq!(
        refused(input.clone()).await,
        "Privileged Mode has to be set for projects with File System Locations"
    );
    input["fileSystemLocations"][0]["location"] = json!("fs-1.efs.eu-central-1.amazonaws.com");
    assert_eq!(
        refused(input).await,
        "Invalid Input: File System Location is invalid, should be in the form \
         'FileSystemDNS':'FileSystemDirectory'"
    );
    let mut input = full;
    input["vpcConfig"] = json!({ "vpcId": "vpc-1" });
    assert!(refused(input).await.starts_with("Invalid vpc config: "));
}
