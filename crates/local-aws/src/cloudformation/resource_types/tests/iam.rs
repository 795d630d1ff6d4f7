//! Roles and policies.

use serde_json::Value;
use serde_json::json;

use super::Started;

const POWER: &str = "arn:aws:iam::aws:policy/PowerUserAccess";
const ADMIN: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

fn trust() -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": "codebuild.amazonaws.com" },
            "Action": "sts:AssumeRole",
        }],
    })
}

fn policy(action: &str) -> Value {
    let statement = json!({ "Effect": "Allow", "Action": action, "Resource": "*" });
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}

async fn role(aws: &Started, name: &str) {
    let input = json!({ "RoleName": name, "AssumeRolePolicyDocument": trust().to_string() });
    aws.call("iam", "CreateRole", input).await;
}

#[tokio::test]
async fn a_role_from_its_creation_to_its_end() {
    const TYPE: &str = "AWS::IAM::Role";
    let aws = Started::new().await;
    let old = json!({
        "AssumeRolePolicyDocument": trust(),
        "Path": "/service-role/",
        "Description": "d",
        "MaxSessionDuration": "7200",
        "PermissionsBoundary": ADMIN,
        "ManagedPolicyArns": [POWER, ADMIN],
        "Policies": [
            { "PolicyName": "a", "PolicyDocument": policy("s3:Get*") },
            { "PolicyName": "b", "PolicyDocument": policy("s3:Put*").to_string() },
        ],
        "Tags": [{ "Key": "k", "Value": "v" }],
    });
    let made = aws.made(TYPE, &old).await;
    let name = made.physical_id.as_str();
    assert!(name.starts_with("web-Thing-") && name.len() == "web-Thing-".len() + 12);
    assert_eq!(
        made.attributes["Arn"],
        format!("arn:aws:iam::123456789012:role/service-role/{name}")
    );
    assert_eq!(aws.find(TYPE, &old).await.as_ref(), Some(&made));
    // As the template says it, with the number as a number.
    let mut expected = old.clone();
    expected["MaxSessionDuration"] = json!(7200);
    assert_eq!(aws.read(TYPE, name, &old).await, Some(expected));
    // Stack tags are there; IAM has none of CloudFormation's own.
    let tags = aws
        .call("iam", "ListRoleTags", json!({ "RoleName": name }))
        .await;
    assert_eq!(
        tags["Tags"],
        json!([{ "Key": "k", "Value": "v" }, { "Key": "team", "Value": "blue" }])
    );

    let new = json!({
        "AssumeRolePolicyDocument": trust().to_string(),
        "Path": "/service-role/",
        "ManagedPolicyArns": [ADMIN],
        "Policies": [{ "PolicyName": "a", "PolicyDocument": policy("s3:*") }],
        "Tags": [{ "Key": "k", "Value": "w" }],
    });
    assert_eq!(aws.update(TYPE, name, &old, &new).await, made);
    assert_eq!(aws.read(TYPE, name, &new).await, Some(new.clone()));
    let role = aws
        .call("iam", "GetRole", json!({ "RoleName": name }))
        .await;
    assert_eq!(role["Role"]["MaxSessionDuration"], 3600);
    assert_eq!(role["Role"]["PermissionsBoundary"], Value::Null);

    // What is put there by hand is drift.
    let input = json!({ "RoleName": name, "PolicyArn": POWER });
    aws.call("iam", "AttachRolePolicy", input.clone()).await;
    let live = aws.read(TYPE, name, &new).await.expect("the role is there");
    assert_eq!(live["ManagedPolicyArns"], json!([ADMIN, POWER]));

    // And holds the role.
    let request = aws.request("Thing");
    let held = super::super::delete(&request, TYPE, name, &new).await;
    let failure = held.expect_err("the role is held");
    assert!(
        failure.reason.starts_with(
            "Resource handler returned message: \"Cannot delete entity, must detach all policies first. (Service: Iam, Status Code: 409, Request ID: "
        ),
        "{failure:?}"
    );
    aws.call("iam", "DetachRolePolicy", input).await;
    aws.delete(TYPE, name, &new).await;
    aws.is_gone(TYPE, name, &new).await;
}

#[tokio::test]
async fn a_role_that_was_there_is_not_touched() {
    const TYPE: &str = "AWS::IAM::Role";
    let aws = Started::new().await;
    role(&aws, "there").await;
    let properties = json!({
        "RoleName": "there",
        "AssumeRolePolicyDocument": trust(),
        "Policies": [{ "PolicyName": "a", "PolicyDocument": policy("s3:*") }],
    });
    let failure = aws.refused(TYPE, &properties).await;
    assert_eq!(failure.handler_error_code, "AlreadyExists");
    assert!(
        failure.reason.starts_with(
            "Resource handler returned message: \"Resource of type 'AWS::IAM::Role' with identifier 'there' already exists.\" (RequestToken: "
        ),
        "{failure:?}"
    );
    let policies = json!({ "RoleName": "there" });
    let policies = aws.call("iam", "ListRolePolicies", policies).await;
    assert_eq!(policies["PolicyNames"], json!([]));
    // Nor is it taken for one of the stack.
    assert_eq!(aws.find(TYPE, &properties).await, None);
}

#[tokio::test]
async fn a_role_that_cannot_be_completed_is_removed() {
    const TYPE: &str = "AWS::IAM::Role";
    let aws = Started::new().await;
    let properties = json!({
        "RoleName": "half",
        "AssumeRolePolicyDocument": trust(),
        "ManagedPolicyArns": [ADMIN, "arn:aws:iam::aws:policy/NoSuchPolicy"],
    });
    let failure = aws.refused(TYPE, &properties).await;
    assert_eq!(failure.handler_error_code, "NotFound");
    aws.is_gone(TYPE, "half", &properties).await;
}

#[tokio::test]
async fn a_role_whose_creation_was_interrupted_is_completed() {
    const TYPE: &str = "AWS::IAM::Role";
    let aws = Started::new().await;
    let properties = json!({
        "AssumeRolePolicyDocument": trust(),
        "ManagedPolicyArns": [ADMIN],
        "Policies": [{ "PolicyName": "a", "PolicyDocument": policy("s3:*") }],
    });
    assert_eq!(aws.find(TYPE, &properties).await, None);
    // As far as CreateRole goes.
    let planned = super::super::planned_id(&aws.request("Thing"), TYPE, &properties);
    let name = planned.expect("the name is known before");
    role(&aws, &name).await;
    let found = aws.find(TYPE, &properties).await;
    assert_eq!(found.map(|made| made.physical_id), Some(name.clone()));
    let live = aws.read(TYPE, &name, &properties).await;
    assert_eq!(live, Some(properties));
}

#[tokio::test]
async fn a_policy_of_several_roles_from_its_creation_to_its_end() {
    const TYPE: &str = "AWS::IAM::Policy";
    let aws = Started::new().await;
    for name in ["one", "two", "three"] {
        role(&aws, name).await;
    }
    let old = json!({
        "PolicyName": "p",
        "PolicyDocument": policy("s3:Get*"),
        "Roles": ["one", "two"],
    });
    let made = aws.made(TYPE, &old).await;
    let id = made.physical_id.as_str();
    assert_eq!(made.attributes["Id"], id);
    assert_eq!(aws.read(TYPE, id, &old).await, Some(old.clone()));
    let new = json!({
        "PolicyName": "q",
        "PolicyDocument": policy("s3:Put*"),
        "Roles": ["two", "three"],
    });
    aws.update(TYPE, id, &old, &new).await;
    assert_eq!(aws.read(TYPE, id, &new).await, Some(new.clone()));
    assert_eq!(aws.read(TYPE, id, &old).await, None);
    aws.delete(TYPE, id, &new).await;
    aws.is_gone(TYPE, id, &new).await;

    let users = json!({ "PolicyName": "p", "PolicyDocument": policy("s3:*"), "Users": ["u"] });
    let failure = aws.refused(TYPE, &users).await;
    assert!(failure.reason.contains("the property Users"), "{failure:?}");
    let nobody = json!({ "PolicyName": "p", "PolicyDocument": policy("s3:*"), "Roles": [] });
    let failure = aws.refused(TYPE, &nobody).await;
    let words = "At least one of [Groups,Roles,Users] must be non-empty.";
    assert!(failure.reason.contains(words), "{failure:?}");
    let missing = json!({
        "PolicyName": "p",
        "PolicyDocument": policy("s3:*"),
        "Roles": ["one", "nobody"],
    });
    let failure = aws.refused(TYPE, &missing).await;
    let words = "The role with name nobody cannot be found. (Service: Iam, Status Code: 404, ";
    assert!(failure.reason.contains(words), "{failure:?}");
    assert_eq!(aws.read(TYPE, id, &missing).await, None);
}

#[tokio::test]
async fn a_policy_of_one_role_from_its_creation_to_its_end() {
    const TYPE: &str = "AWS::IAM::RolePolicy";
    let aws = Started::new().await;
    role(&aws, "one").await;
    let old = json!({
        "RoleName": "one",
        "PolicyName": "p",
        "PolicyDocument": policy("s3:Get*"),
    });
    let made = aws.made(TYPE, &old).await;
    assert_eq!(made.physical_id, "p|one");
    assert_eq!(aws.find(TYPE, &old).await, Some(made));
    let again = aws.refused(TYPE, &old).await;
    assert_eq!(again.handler_error_code, "AlreadyExists");
    let mut new = old.clone();
    new["PolicyDocument"] = policy("s3:*");
    aws.update(TYPE, "p|one", &old, &new).await;
    assert_eq!(aws.read(TYPE, "p|one", &new).await, Some(new.clone()));
    aws.delete(TYPE, "p|one", &new).await;
    aws.is_gone(TYPE, "p|one", &new).await;
}

#[tokio::test]
async fn a_managed_policy_from_its_creation_to_its_end() {
    const TYPE: &str = "AWS::IAM::ManagedPolicy";
    let aws = Started::new().await;
    for name in ["one", "two"] {
        role(&aws, name).await;
    }
    let old = json!({
        "ManagedPolicyName": "build",
        "Path": "/a/",
        "Description": "d",
        "PolicyDocument": policy("s3:Get*"),
        "Roles": ["one"],
    });
    let made = aws.made(TYPE, &old).await;
    let arn = made.physical_id.as_str();
    assert_eq!(arn, "arn:aws:iam::123456789012:policy/a/build");
    assert_eq!(made.attributes["DefaultVersionId"], "v1");
    assert_eq!(aws.find(TYPE, &old).await.as_ref(), Some(&made));
    assert_eq!(aws.read(TYPE, arn, &old).await, Some(old.clone()));
    let failure = aws.refused(TYPE, &old).await;
    assert_eq!(failure.handler_error_code, "AlreadyExists");
    assert!(
        failure.reason.contains(
            "A policy called build already exists. Duplicate names are not allowed. (Service: Iam, Status Code: 409, "
        ),
        "{failure:?}"
    );

    // More often than IAM keeps versions.
    let mut before = old;
    for number in 0..6 {
        let mut new = before.clone();
        new["PolicyDocument"] = policy(&format!("s3:Put{number}*"));
        new["Roles"] = json!(["two"]);
        aws.update(TYPE, arn, &before, &new).await;
        assert_eq!(aws.read(TYPE, arn, &new).await, Some(new.clone()));
        before = new;
    }
    aws.delete(TYPE, arn, &before).await;
    aws.is_gone(TYPE, arn, &before).await;
}
