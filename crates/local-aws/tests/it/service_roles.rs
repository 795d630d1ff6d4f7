//! CodeBuild takes only roles that trust it.

use local_aws::Access;
use serde_json::Value;
use serde_json::json;

use crate::raw::call_json;
use crate::raw::form;
use crate::raw::keys;
use crate::raw::refusal;
use crate::server::TestServer;
use crate::server::create_role;

const ACCOUNT: &str = "arn:aws:iam::123456789012:role";

fn target(operation: &str) -> String {
    format!("CodeBuild_20161006.{operation}")
}

fn project(role: &str) -> Value {
    json!({
        "name": "demo", "serviceRole": role, "artifacts": { "type": "NO_ARTIFACTS" },
        "source": { "type": "NO_SOURCE", "buildspec": "version: 0.2\nphases: {}" },
        "environment": { "type": "LINUX_CONTAINER", "image": "i",
                         "computeType": "BUILD_GENERAL1_SMALL" } })
}

async fn refused(access: &Access, operation: &str, input: Value, role: &str) {
    assert_eq!(
        refusal(access, &target(operation), input).await,
        (
            "InvalidInputException".to_owned(),
            format!("CodeBuild is not authorized to perform: sts:AssumeRole on {ACCOUNT}/{role}")
        )
    );
}

#[tokio::test]
async fn the_role_has_to_be_there_and_to_trust_codebuild() {
    let server = TestServer::start().await;
    let access = server.access();
    create_role(access, "of-ec2", "ec2.amazonaws.com").await;
    create_role(access, "build", "codebuild.amazonaws.com").await;
    for role in ["nobody", "of-ec2", "Build", "service-role/build"] {
        let input = project(&format!("{ACCOUNT}/{role}"));
        refused(access, "CreateProject", input, role).await;
    }
    refused(access, "CreateProject", project("nobody"), "nobody").await;

    // By name, and by ARN.
    let created = call_json(access, &target("CreateProject"), project("build")).await;
    let role = format!("{ACCOUNT}/build");
    assert_eq!(created["project"]["serviceRole"], role);
    for input in [
        json!({ "name": "demo", "serviceRole": format!("{ACCOUNT}/of-ec2") }),
        json!({ "name": "demo", "buildBatchConfig": { "serviceRole": "of-ec2" } }),
    ] {
        refused(access, "UpdateProject", input, "of-ec2").await;
    }
    let overridden = json!({ "projectName": "demo", "serviceRoleOverride": "of-ec2" });
    refused(access, "StartBuild", overridden, "of-ec2").await;
    let batch = json!({ "projectName": "demo",
        "buildBatchConfigOverride": { "serviceRole": "of-ec2" } });
    refused(access, "StartBuildBatch", batch, "of-ec2").await;
}

#[tokio::test]
async fn a_project_whose_role_is_gone_goes_on() {
    let server = TestServer::start().await;
    let access = server.access();
    create_role(access, "build", "codebuild.amazonaws.com").await;
    call_json(access, &target("CreateProject"), project("build")).await;
    let delete = [("Action", "DeleteRole"), ("RoleName", "build")];
    let deleted = form(access, &keys(access), "iam", &delete).await;
    assert_eq!(deleted.status, 200);
    let update = json!({ "name": "demo", "description": "still here" });
    call_json(access, &target("UpdateProject"), update).await;
    call_json(
        access,
        &target("StartBuild"),
        json!({ "projectName": "demo" }),
    )
    .await;
    let same = json!({ "name": "demo", "serviceRole": format!("{ACCOUNT}/build") });
    refused(access, "UpdateProject", same, "build").await;
}
