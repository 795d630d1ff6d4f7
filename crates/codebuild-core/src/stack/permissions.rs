//! What the caller may do, asked of IAM's policy simulator.

use serde_json::Value;
use serde_json::json;

use crate::aws_command::call_service;
use crate::call_error::CallError;
use crate::session::Session;

/// What deploying, using and deleting the demo's stack calls for. Those of CodeCommit and ECR only
/// where the template's parameters ask for a repository.
pub const STACK_ACTIONS: [&str; 48] = [
    "cloudformation:CreateChangeSet",
    "cloudformation:DeleteChangeSet",
    "cloudformation:DeleteStack",
    "cloudformation:DescribeChangeSet",
    "cloudformation:DescribeStackEvents",
    "cloudformation:DescribeStacks",
    "cloudformation:ExecuteChangeSet",
    "cloudformation:GetTemplateSummary",
    "cloudformation:ListStackResources",
    "codebuild:BatchGetBuilds",
    "codebuild:BatchGetProjects",
    "codebuild:CreateProject",
    "codebuild:DeleteProject",
    "codebuild:StartBuild",
    "codebuild:UpdateProject",
    "codecommit:CreateRepository",
    "codecommit:DeleteRepository",
    "ecr:BatchDeleteImage",
    "ecr:CreateRepository",
    "ecr:DeleteRepository",
    "events:DeleteRule",
    "events:DescribeRule",
    "events:PutRule",
    "events:PutTargets",
    "events:RemoveTargets",
    "iam:CreateRole",
    "iam:DeleteRole",
    "iam:DeleteRolePolicy",
    "iam:GetRole",
    "iam:PassRole",
    "iam:PutRolePolicy",
    "iam:TagRole",
    "logs:CreateLogGroup",
    "logs:DeleteLogGroup",
    "logs:DescribeLogGroups",
    "logs:GetLogEvents",
    "logs:PutRetentionPolicy",
    "s3:CreateBucket",
    "s3:DeleteBucket",
    "s3:DeleteObject",
    "s3:ListBucket",
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
    "sns:CreateTopic",
    "sns:DeleteTopic",
    "sns:SetTopicAttributes",
];

/// What policies say about an action.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Permission {
    /// Such as `iam:CreateRole`.
    pub action: String,
    /// Whether it is allowed.
    pub allowed: bool,
    /// `allowed`, `implicitDeny` (nothing allows it) or `explicitDeny` (something forbids it).
    pub decision: String,
}

/// Asks IAM what the policies of a caller say about actions on any resource (SimulatePrincipalPolicy).
/// `None` for the root user of an account, whom no policy of IAM concerns. Policies of the
/// organization are considered only as far as the simulator does, those of resources not at all.
///
/// # Errors
///
/// If the caller may not ask, or the service cannot be reached.
pub async fn simulate(
    session: &Session,
    caller: &str,
    actions: &[&str],
) -> Result<Option<Vec<Permission>>, CallError> {
    if caller.ends_with(":root") {
        return Ok(None);
    }
    let principal = principal(session, caller).await?;
    let mut permissions = Vec::new();
    let mut input = json!({ "PolicySourceArn": principal, "ActionNames": actions });
    loop {
        let answer = call_service(session, "iam", "SimulatePrincipalPolicy", input.clone()).await?;
        let results = answer.get("EvaluationResults").and_then(Value::as_array);
        permissions.extend(results.into_iter().flatten().map(read));
        let marker = answer
            .get("Marker")
            .filter(|_| answer["IsTruncated"] == true);
        match marker {
            Some(marker) => input["Marker"] = marker.clone(),
            None => return Ok(Some(permissions)),
        }
    }
}

fn read(result: &Value) -> Permission {
    let text = |name: &str| result[name].as_str().unwrap_or_default().to_owned();
    let decision = text("EvalDecision");
    Permission {
        action: text("EvalActionName"),
        allowed: decision == "allowed",
        decision,
    }
}

/// The role of a session: the session's own ARN has no policies, and not the role's path.
async fn principal(session: &Session, caller: &str) -> Result<String, CallError> {
    let Some(role) = role_of_session(caller) else {
        return Ok(caller.to_owned());
    };
    let input = json!({ "RoleName": role });
    let answer = call_service(session, "iam", "GetRole", input).await?;
    let arn = answer.pointer("/Role/Arn").and_then(Value::as_str);
    Ok(arn.unwrap_or(caller).to_owned())
}

fn role_of_session(caller: &str) -> Option<&str> {
    let (_, session) = caller.split_once(":assumed-role/")?;
    session.split('/').next()
}

#[cfg(test)]
mod tests {
    use super::role_of_session;

    #[test]
    fn the_role_of_a_session_is_found() {
        let caller = "arn:aws:sts::123456789012:assumed-role/Admin/me@example.com";
        assert_eq!(role_of_session(caller), Some("Admin"));
        assert_eq!(role_of_session("arn:aws:iam::123456789012:user/me"), None);
    }
}
