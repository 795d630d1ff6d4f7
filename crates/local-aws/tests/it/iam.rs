//! Roles and policies, through signed forms.

use local_aws::Access;
use local_aws::LocalAws;

use crate::raw::Reply;
use crate::raw::form;
use crate::raw::keys;
use crate::server::TestServer;
use crate::server::config;
use crate::server::create_role;

const POLICY: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}}"#;
const ARN: &str = "arn:aws:iam::123456789012:policy";
const ADMIN: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

async fn call(access: &Access, parameters: &[(&str, &str)]) -> Reply {
    form(access, &keys(access), "iam", parameters).await
}

async fn ok(access: &Access, parameters: &[(&str, &str)]) -> Reply {
    let reply = call(access, parameters).await;
    assert_eq!(reply.status, 200, "{parameters:?}: {reply:?}");
    reply
}

async fn refused(
    access: &Access,
    parameters: &[(&str, &str)],
    status: u16,
    code: &str,
    text: &str,
) {
    let reply = call(access, parameters).await;
    let seen = (
        reply.status,
        reply.element("Code"),
        reply.element("Message"),
    );
    assert_eq!(seen, (status, code, text), "{parameters:?}");
}

fn create_policy(name: &str) -> [(&str, &str); 3] {
    [
        ("Action", "CreatePolicy"),
        ("PolicyName", name),
        ("PolicyDocument", POLICY),
    ]
}

#[tokio::test]
async fn a_boundary_has_the_type_that_aws_answers() {
    let server = TestServer::start().await;
    let access = server.access();
    create_role(access, "build", "codebuild.amazonaws.com").await;
    let put = [
        ("Action", "PutRolePermissionsBoundary"),
        ("RoleName", "build"),
        ("PermissionsBoundary", ADMIN),
    ];
    ok(access, &put).await;
    let role = ok(access, &[("Action", "GetRole"), ("RoleName", "build")]).await;
    assert_eq!(role.element("PermissionsBoundaryType"), "Policy");
    assert_eq!(role.element("PermissionsBoundaryArn"), ADMIN);
}

#[tokio::test]
async fn a_role_from_its_creation_to_its_end() {
    let server = TestServer::start().await;
    let access = server.access();
    create_role(access, "build", "codebuild.amazonaws.com").await;
    let get = [("Action", "GetRole"), ("RoleName", "build")];
    let role = ok(access, &get).await;
    assert_eq!(role.element("Arn"), "arn:aws:iam::123456789012:role/build");
    let id = role.element("RoleId");
    assert!(id.starts_with("AROA") && id.len() == 21, "{id}");
    assert!(
        role.element("AssumeRolePolicyDocument")
            .starts_with("%7B%22Version%22%3A")
    );
    assert_eq!(role.element("MaxSessionDuration"), "3600");
    assert_eq!(
        role.element("CreateDate").len(),
        "2026-01-01T00:00:00Z".len()
    );

    let again = [
        ("Action", "CreateRole"),
        ("RoleName", "BUILD"),
        (
            "AssumeRolePolicyDocument",
            r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}}"#,
        ),
    ];
    let exists = "Role with name BUILD already exists.";
    refused(access, &again, 409, "EntityAlreadyExists", exists).await;
    ok(
        access,
        &[
            ("Action", "UpdateRole"),
            ("RoleName", "build"),
            ("Description", "d"),
            ("MaxSessionDuration", "7200"),
        ],
    )
    .await;
    ok(
        access,
        &[
            ("Action", "TagRole"),
            ("RoleName", "build"),
            ("Tags.member.1.Key", "k"),
            ("Tags.member.1.Value", "v"),
        ],
    )
    .await;
    let role = ok(access, &get).await;
    assert_eq!(role.element("Description"), "d");
    assert!(
        role.body.contains("<Key>k</Key><Value>v</Value>"),
        "{role:?}"
    );
    ok(
        access,
        &[
            ("Action", "UntagRole"),
            ("RoleName", "build"),
            ("TagKeys.member.1", "K"),
        ],
    )
    .await;
    let tags = ok(access, &[("Action", "ListRoleTags"), ("RoleName", "build")]).await;
    assert_eq!(tags.element("Tags"), "");

    ok(
        access,
        &[
            ("Action", "AttachRolePolicy"),
            ("RoleName", "build"),
            ("PolicyArn", ADMIN),
        ],
    )
    .await;
    let delete = [("Action", "DeleteRole"), ("RoleName", "build")];
    let attached = "Cannot delete entity, must detach all policies first.";
    refused(access, &delete, 409, "DeleteConflict", attached).await;
    let attached = ok(
        access,
        &[
            ("Action", "ListAttachedRolePolicies"),
            ("RoleName", "build"),
        ],
    )
    .await;
    assert_eq!(attached.element("PolicyName"), "AdministratorAccess");
    let detach = [
        ("Action", "DetachRolePolicy"),
        ("RoleName", "build"),
        ("PolicyArn", ADMIN),
    ];
    ok(access, &detach).await;
    refused(
        access,
        &detach,
        404,
        "NoSuchEntity",
        &format!("Policy {ADMIN} was not found."),
    )
    .await;
    ok(
        access,
        &[
            ("Action", "PutRolePolicy"),
            ("RoleName", "build"),
            ("PolicyName", "own"),
            ("PolicyDocument", POLICY),
        ],
    )
    .await;
    let inline = "Cannot delete entity, must delete policies first.";
    refused(access, &delete, 409, "DeleteConflict", inline).await;
    let names = ok(
        access,
        &[("Action", "ListRolePolicies"), ("RoleName", "build")],
    )
    .await;
    assert_eq!(names.element("PolicyNames"), "<member>own</member>");
    let one = [("RoleName", "build"), ("PolicyName", "own")];
    ok(access, &[&[("Action", "GetRolePolicy")], &one[..]].concat()).await;
    ok(
        access,
        &[&[("Action", "DeleteRolePolicy")], &one[..]].concat(),
    )
    .await;
    let gone = "The role policy with name own cannot be found.";
    refused(
        access,
        &[&[("Action", "GetRolePolicy")], &one[..]].concat(),
        404,
        "NoSuchEntity",
        gone,
    )
    .await;
    ok(access, &delete).await;
    let gone = "The role with name build cannot be found.";
    refused(access, &get, 404, "NoSuchEntity", gone).await;
}

#[tokio::test]
async fn a_policy_and_its_versions() {
    let server = TestServer::start().await;
    let access = server.access();
    let created = ok(access, &create_policy("p")).await;
    let arn = &format!("{ARN}/p");
    assert_eq!(created.element("Arn"), arn);
    let exists = "A policy called p already exists. Duplicate names are not allowed.";
    refused(
        access,
        &create_policy("p"),
        409,
        "EntityAlreadyExists",
        exists,
    )
    .await;
    let version = [
        ("Action", "CreatePolicyVersion"),
        ("PolicyArn", arn),
        ("PolicyDocument", POLICY),
    ];
    for _ in 2..=5 {
        ok(access, &version).await;
    }
    let full = "A managed policy can have up to 5 versions. Before you create a new version, you \
                must delete an existing version.";
    refused(access, &version, 409, "LimitExceeded", full).await;
    let of = |action, version| {
        [
            ("Action", action),
            ("PolicyArn", arn.as_str()),
            ("VersionId", version),
        ]
    };
    let default = "Cannot delete the default version of a policy.";
    refused(
        access,
        &of("DeletePolicyVersion", "v1"),
        409,
        "DeleteConflict",
        default,
    )
    .await;
    ok(access, &of("SetDefaultPolicyVersion", "v5")).await;
    ok(access, &of("DeletePolicyVersion", "v1")).await;
    let made = ok(
        access,
        &[&version[..], &[("SetAsDefault", "true")]].concat(),
    )
    .await;
    assert_eq!(made.element("VersionId"), "v6");
    let policy = ok(access, &[("Action", "GetPolicy"), ("PolicyArn", arn)]).await;
    assert_eq!(policy.element("DefaultVersionId"), "v6");
    let several = call(access, &[("Action", "DeletePolicy"), ("PolicyArn", arn)]).await;
    assert_eq!(several.element("Code"), "DeleteConflict");
    let first = ok(
        access,
        &[
            ("Action", "ListPolicyVersions"),
            ("PolicyArn", arn),
            ("MaxItems", "2"),
        ],
    )
    .await;
    assert_eq!(first.element("VersionId"), "v6");
    assert_eq!(first.element("IsTruncated"), "true");
    let rest = ok(
        access,
        &[
            ("Action", "ListPolicyVersions"),
            ("PolicyArn", arn),
            ("Marker", first.element("Marker")),
        ],
    )
    .await;
    assert_eq!(rest.body.matches("<VersionId>").count(), 3);
    let elsewhere = call(
        access,
        &[("Action", "ListRoles"), ("Marker", first.element("Marker"))],
    )
    .await;
    assert_eq!(elsewhere.element("Code"), "ValidationError");

    create_role(access, "r", "codebuild.amazonaws.com").await;
    ok(
        access,
        &[
            ("Action", "AttachRolePolicy"),
            ("RoleName", "r"),
            ("PolicyArn", arn),
        ],
    )
    .await;
    let entities = ok(
        access,
        &[("Action", "ListEntitiesForPolicy"), ("PolicyArn", arn)],
    )
    .await;
    assert_eq!(entities.element("RoleName"), "r");
    let attached = "Cannot delete a policy attached to entities.";
    refused(
        access,
        &[("Action", "DeletePolicy"), ("PolicyArn", arn)],
        409,
        "DeleteConflict",
        attached,
    )
    .await;
    let used = ok(
        access,
        &[("Action", "ListPolicies"), ("OnlyAttached", "true")],
    )
    .await;
    assert_eq!(used.element("AttachmentCount"), "1");
    assert_eq!(used.body.matches("<PolicyName>").count(), 1);
}

#[tokio::test]
async fn policies_of_aws_are_there_and_nobody_changes_them() {
    let server = TestServer::start().await;
    let access = server.access();
    for name in [
        "AdministratorAccess",
        "AmazonEC2ContainerRegistryPowerUser",
        "CloudWatchLogsFullAccess",
    ] {
        let arn = format!("arn:aws:iam::aws:policy/{name}");
        let policy = ok(access, &[("Action", "GetPolicy"), ("PolicyArn", &arn)]).await;
        assert_eq!(policy.element("PolicyName"), name);
    }
    let changed = call(access, &[("Action", "DeletePolicy"), ("PolicyArn", ADMIN)]).await;
    assert_eq!(
        (changed.status, changed.element("Code")),
        (403, "AccessDenied")
    );
    create_role(access, "r", "codebuild.amazonaws.com").await;
    let other = "arn:aws:iam::aws:policy/NoSuchPolicyOfAws";
    let missing = format!("Policy {other} does not exist or is not attachable.");
    refused(
        access,
        &[
            ("Action", "AttachRolePolicy"),
            ("RoleName", "r"),
            ("PolicyArn", other),
        ],
        404,
        "NoSuchEntity",
        &missing,
    )
    .await;
}

#[tokio::test]
async fn malformed_documents_and_the_limits() {
    let server = TestServer::start().await;
    let access = server.access();
    let with = |document| {
        [
            ("Action", "CreatePolicy"),
            ("PolicyName", "p"),
            ("PolicyDocument", document),
        ]
    };
    let no_json = "This policy contains invalid Json";
    refused(access, &with("{"), 400, "MalformedPolicyDocument", no_json).await;
    let no_actions = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*"}]}"#;
    let message = "Policy statement must contain actions.";
    refused(
        access,
        &with(no_actions),
        400,
        "MalformedPolicyDocument",
        message,
    )
    .await;
    let long = POLICY.replace("s3:Get*", &format!("s3:{}", "x".repeat(6144)));
    refused(
        access,
        &with(&long),
        409,
        "LimitExceeded",
        "Cannot exceed quota for PolicySize: 6144",
    )
    .await;
    let trust = [
        ("Action", "CreateRole"),
        ("RoleName", "r"),
        ("AssumeRolePolicyDocument", POLICY),
    ];
    let no_sts = "AssumeRole policy may only specify STS AssumeRole actions.";
    refused(access, &trust, 400, "MalformedPolicyDocument", no_sts).await;
}

#[tokio::test]
async fn policies_are_really_evaluated() {
    let server = TestServer::start().await;
    let access = server.access();
    let group = "arn:aws:logs:eu-central-1:123456789012:log-group";
    let (in_group, elsewhere) = (
        format!("{group}:/aws/codebuild/x:y"),
        format!("{group}:/other"),
    );
    let role = "arn:aws:iam::123456789012:role/service-role/codebuild-demo";
    let simulated = ok(
        access,
        &[
            ("Action", "SimulatePrincipalPolicy"),
            ("PolicySourceArn", role),
            ("ActionNames.member.1", "logs:PutLogEvents"),
            ("ActionNames.member.2", "s3:GetObject"),
            ("ResourceArns.member.1", &in_group),
            ("ResourceArns.member.2", &elsewhere),
        ],
    )
    .await;
    let decisions: Vec<&str> = simulated
        .body
        .split("<EvalDecision>")
        .skip(1)
        .map(|rest| rest.split_once('<').unwrap().0)
        .collect();
    assert_eq!(
        decisions,
        ["allowed", "implicitDeny", "implicitDeny", "implicitDeny"]
    );

    let custom = |document: &'static str, boundary: &'static str| {
        [
            ("Action", "SimulateCustomPolicy"),
            ("PolicyInputList.member.1", document),
            ("ActionNames.member.1", "s3:GetObject"),
            ("ResourceArns.member.1", "arn:aws:s3:::b/k"),
            ("ContextEntries.member.1.ContextKeyName", "aws:SourceIp"),
            (
                "ContextEntries.member.1.ContextKeyValues.member.1",
                "10.1.2.3",
            ),
            ("ContextEntries.member.1.ContextKeyType", "ip"),
            ("PermissionsBoundaryPolicyInputList.member.1", boundary),
        ]
    };
    let within = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*",
        "Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}}"#;
    let denying = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},
        {"Effect":"Deny","NotAction":"s3:Put*","Resource":"arn:aws:s3:::b/*"}]}"#;
    let other = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"logs:*","Resource":"*"}}"#;
    for (document, boundary, decision) in [
        (within, POLICY, "allowed"),
        (denying, POLICY, "explicitDeny"),
        (within, other, "implicitDeny"),
        (other, POLICY, "implicitDeny"),
    ] {
        let reply = ok(access, &custom(document, boundary)).await;
        assert_eq!(
            reply.element("EvalDecision"),
            decision,
            "{document} {boundary}"
        );
    }
    let unknown = within.replace("IpAddress", "IpRange");
    let reply = call(
        access,
        &[
            ("Action", "SimulateCustomPolicy"),
            ("PolicyInputList.member.1", &unknown),
            ("ActionNames.member.1", "s3:GetObject"),
        ],
    )
    .await;
    assert_eq!(
        (reply.element("Code"), reply.element("Message")),
        ("InvalidInput", "Invalid Condition type : IpRange.")
    );
}

#[tokio::test]
async fn the_demos_role_is_there_from_the_start_and_again_at_the_next() {
    let TestServer { aws, runner, state } = TestServer::start().await;
    let get = [("Action", "GetRole"), ("RoleName", "codebuild-demo")];
    let role = ok(aws.access(), &get).await;
    assert_eq!(role.element("Path"), "/service-role/");
    create_role(aws.access(), "kept", "codebuild.amazonaws.com").await;
    let policy = [
        ("RoleName", "codebuild-demo"),
        ("PolicyName", "codebuild-demo"),
    ];
    ok(
        aws.access(),
        &[&[("Action", "DeleteRolePolicy")], &policy[..]].concat(),
    )
    .await;
    ok(
        aws.access(),
        &[("Action", "DeleteRole"), ("RoleName", "codebuild-demo")],
    )
    .await;
    aws.shutdown().await;
    let aws = LocalAws::start(config(state.path(), &runner))
        .await
        .unwrap();
    ok(aws.access(), &get).await;
    ok(aws.access(), &[("Action", "GetRole"), ("RoleName", "kept")]).await;
}

#[tokio::test]
async fn lists_of_roles_come_in_pages_and_by_path() {
    let server = TestServer::start().await;
    let access = server.access();
    for name in ["c", "a", "b"] {
        create_role(access, name, "codebuild.amazonaws.com").await;
    }
    let mut names = Vec::new();
    let mut marker = String::new();
    loop {
        let mut parameters = vec![("Action", "ListRoles"), ("MaxItems", "1")];
        if !marker.is_empty() {
            parameters.push(("Marker", &marker));
        }
        let page = ok(access, &parameters).await;
        names.push(page.element("RoleName").to_owned());
        if page.element("IsTruncated") == "false" {
            break;
        }
        marker = page.element("Marker").to_owned();
    }
    assert_eq!(names, ["a", "b", "c", "codebuild-demo"]);
    let of_path = ok(
        access,
        &[("Action", "ListRoles"), ("PathPrefix", "/service-role/")],
    )
    .await;
    assert_eq!(of_path.body.matches("<RoleName>").count(), 1);
}
