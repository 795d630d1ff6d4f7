//! Why a deployment or a deletion failed: which resource, why, and what to do. A table of the reasons
//! that students meet.

use super::events::StackEvent;
use crate::call_error::CallError;

/// A resource that failed, explained.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StackFailure {
    /// The name in the template.
    pub logical_id: String,
    /// Such as `AWS::CodeBuild::Project`.
    pub resource_type: String,
    /// Such as `CREATE_FAILED`.
    pub status: String,
    /// CloudFormation's words.
    pub reason: String,
    /// What that means, if it is known.
    pub why: Option<&'static str>,
    /// What to do.
    pub fix: &'static str,
    /// Whether the same may succeed a moment later: a new role is not known everywhere at once.
    pub passes: bool,
}

/// A reason that is known.
struct Known {
    /// The reason contains all of one of these.
    signs: &'static [&'static [&'static str]],
    why: &'static str,
    fix: &'static str,
    passes: bool,
}

const KNOWN: [Known; 13] = [
    Known {
        signs: &[
            &["CodeBuild is not authorized to perform: sts:AssumeRole"],
            &["Not authorized to perform: sts:AssumeRole on service role"],
        ],
        why: "CodeBuild could not take on the service role. A role that was created a moment ago is \
              not known in all of IAM yet; or the role is not there, or its trust policy does not \
              name codebuild.amazonaws.com.",
        fix: "Deploy again. If it fails again, compare the role's name and its trust policy with \
              what the project asks for.",
        passes: true,
    },
    Known {
        signs: &[
            &["not empty"],
            &["still contains images"],
            &["NotEmptyException"],
        ],
        why: "CloudFormation deletes no bucket and no repository that has something in it, so that \
              no data is lost by a mistake.",
        fix: "Empty it and delete the stack again; `guided-demo stack delete` does both for a stack \
              that it has deployed.",
        passes: false,
    },
    Known {
        signs: &[
            &["already exists"],
            &["AlreadyExists"],
            &["AlreadyOwnedByYou"],
            &["already taken"],
        ],
        why: "A resource of this name is there already, of another stack or made by hand. \
              CloudFormation takes over nothing that it did not create.",
        fix: "Choose another name with a parameter (such as --parameter ProjectName=NAME), or delete \
              what is there if nobody needs it.",
        passes: false,
    },
    Known {
        signs: &[&["CAPABILITY_"], &["Requires capabilities"]],
        why: "The template creates roles or policies, which give rights in the account. \
              CloudFormation does that only if it is told that you know.",
        fix: "`guided-demo stack deploy` says so by itself; with the AWS CLI add --capabilities with \
              the name in the message.",
        passes: false,
    },
    Known {
        signs: &[
            &["Access token not found"],
            &["No Access token found"],
            &["OAuthProviderException"],
            &["Could not find access token"],
            &["Failed to call CreateWebhook"],
        ],
        why: "CodeBuild has no credentials for GitHub in this account and region, and a webhook \
              needs some.",
        fix: "Connect CodeBuild to GitHub (`aws codebuild import-source-credentials`), or deploy \
              with --parameter CreateWebhook=no.",
        passes: false,
    },
    Known {
        signs: &[&["CreateRepository request is not allowed"]],
        why: "CodeCommit does not let accounts without a repository create their first one: it was \
              closed to new customers.",
        fix: "Use --parameter SourceType=GITHUB or NO_SOURCE on this account.",
        passes: false,
    },
    Known {
        signs: &[
            &["LimitExceeded"],
            &["limit exceeded"],
            &["Cannot exceed quota"],
            &["TooManyBuckets"],
            &["quota"],
        ],
        why: "The account has as many of these as it may have.",
        fix: "Delete some that nobody needs, or ask for a higher quota in Service Quotas.",
        passes: false,
    },
    Known {
        signs: &[
            &["is not authorized to perform"],
            &["AccessDenied"],
            &["Access Denied"],
            &["UnauthorizedOperation"],
        ],
        why: "CloudFormation acts with your rights, and they do not allow this call.",
        fix: "`guided-demo doctor --target aws` lists what is missing; let an administrator allow \
              it, or deploy with another profile.",
        passes: false,
    },
    Known {
        signs: &[
            &["must detach all policies"],
            &["DeleteConflict"],
            &["must delete policies first"],
        ],
        why: "Something was attached to the role that the stack does not know of.",
        fix: "Detach it (`aws iam list-attached-role-policies --role-name ROLE` shows it), then \
              delete the stack again.",
        passes: false,
    },
    Known {
        signs: &[&["TerminationProtection"], &["termination protection"]],
        why: "The stack is protected from being deleted.",
        fix: "If it really should go: `aws cloudformation update-termination-protection \
              --no-enable-termination-protection --stack-name NAME`.",
        passes: false,
    },
    Known {
        signs: &[
            &["state and can not be updated"],
            &["state and cannot be updated"],
        ],
        why: "The first creation of this stack failed and was rolled back. What is left is an empty \
              shell that shows the events and cannot be updated.",
        fix: "Delete it first: guided-demo stack delete NAME. `stack deploy` offers that.",
        passes: false,
    },
    Known {
        signs: &[
            &["Properties validation failed"],
            &["extraneous key"],
            &["Encountered unsupported property"],
            &["Template format error"],
            &["Unrecognized resource types"],
            &["ValidationException"],
            &["InvalidRequest"],
            &["Invalid parameter"],
            &["MalformedPolicy"],
            &["must have values"],
            &["must be one of AllowedValues"],
            &["failed to satisfy constraint"],
        ],
        why: "A value in the template or of a parameter is not what the service takes.",
        fix: "Correct the value that the message names. `guided-demo check template.yaml` and \
              cfn-lint find most of these before anything is deployed.",
        passes: false,
    },
    Known {
        signs: &[&["Rate exceeded"], &["Throttling"]],
        why: "The service was asked too often in a short time.",
        fix: "Wait a minute and deploy again.",
        passes: true,
    },
];

/// What CloudFormation says of a resource that it left because another one had failed.
const CONSEQUENCES: [&str; 3] = [
    "Resource creation cancelled",
    "Resource update cancelled",
    "Resource deletion cancelled",
];

/// Explains the resources that failed, in the order in which they did. What failed only because
/// something else had is left out.
#[must_use]
pub fn explain_stack_failure(events: &[StackEvent]) -> Vec<StackFailure> {
    let failed: Vec<StackFailure> = events
        .iter()
        .filter(|event| event.status.ends_with("_FAILED"))
        .filter(|event| {
            let reason = event.reason.as_deref().unwrap_or_default();
            !CONSEQUENCES.iter().any(|known| reason.contains(known))
        })
        .map(explain)
        .collect();
    // The stack's own failure says only which of its resources failed.
    let of_resources = events
        .iter()
        .any(|event| !event.is_stack && event.status.ends_with("_FAILED"));
    let stack = events.iter().find(|event| event.is_stack);
    failed
        .into_iter()
        .filter(|failure| {
            !of_resources || stack.is_none_or(|stack| stack.logical_id != failure.logical_id)
        })
        .collect()
}

/// Explains a refusal: what it means and what to do.
#[must_use]
pub fn explain_stack_error(error: &CallError) -> Option<(&'static str, &'static str)> {
    if !matches!(error, CallError::Service { .. }) {
        return None;
    }
    let known = known(&error.to_string())?;
    Some((known.why, known.fix))
}

fn explain(event: &StackEvent) -> StackFailure {
    let reason = event.reason.clone().unwrap_or_default();
    let known = known(&reason);
    StackFailure {
        logical_id: event.logical_id.clone(),
        resource_type: event.resource_type.clone(),
        status: event.status.clone(),
        why: known.map(|known| known.why),
        fix: known.map_or(
            "Read the reason above: it is the service's own answer. The service's documentation \
             explains its error codes.",
            |known| known.fix,
        ),
        passes: known.is_some_and(|known| known.passes),
        reason,
    }
}

fn known(reason: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| {
        known
            .signs
            .iter()
            .any(|signs| signs.iter().all(|sign| reason.contains(sign)))
    })
}

#[cfg(test)]
mod tests {
    use super::super::events::StackEvent;
    use super::explain_stack_failure;

    fn event(logical_id: &str, status: &str, reason: &str) -> StackEvent {
        StackEvent {
            id: format!("{logical_id}-{status}"),
            at: jiff::Timestamp::UNIX_EPOCH,
            logical_id: logical_id.to_owned(),
            physical_id: None,
            resource_type: "AWS::X::Y".to_owned(),
            status: status.to_owned(),
            reason: Some(reason.to_owned()),
            is_stack: logical_id == "stack",
        }
    }

    #[test]
    fn the_cause_is_told_and_not_its_consequences() {
        let events = [
            event("stack", "CREATE_IN_PROGRESS", "User Initiated"),
            event("Topic", "CREATE_FAILED", "Resource creation cancelled"),
            event(
                "Project",
                "CREATE_FAILED",
                "CodeBuild is not authorized to perform: sts:AssumeRole on arn:aws:iam::1:role/r \
                 (Service: AWSCodeBuild; Status Code: 400; Error Code: InvalidInputException)",
            ),
            event(
                "stack",
                "ROLLBACK_FAILED",
                "The following resource(s) failed to delete: [Bucket].",
            ),
        ];
        let failures = explain_stack_failure(&events);
        assert_eq!(failures.len(), 1, "{failures:?}");
        assert_eq!(failures[0].logical_id, "Project");
        assert!(failures[0].passes);
    }

    #[test]
    fn a_failure_of_the_stack_alone_is_told() {
        let events = [event("stack", "CREATE_FAILED", "Rate exceeded")];
        assert_eq!(explain_stack_failure(&events).len(), 1);
    }

    #[test]
    fn messages_of_aws_are_known_by_their_words() {
        for (message, word) in [
            (
                "Access token not found in CodeBuild project for server type github (Service: \
                 AWSCodeBuild; Status Code: 400; Error Code: ResourceNotFoundException)",
                "no credentials for GitHub",
            ),
            (
                "Resource handler returned message: \"Resource of type 'AWS::Logs::LogGroup' with \
                 identifier '{\"/properties/LogGroupName\":\"/x\"}' already exists.\" \
                 (RequestToken: 1, HandlerErrorCode: AlreadyExists)",
                "there already",
            ),
            (
                "Resource handler returned message: \"The bucket you tried to delete is not empty \
                 (Service: S3, Status Code: 409)\" (RequestToken: 1, HandlerErrorCode: GeneralServiceException)",
                "something in it",
            ),
            (
                "Resource handler returned message: \"User: arn:aws:iam::1:user/u is not authorized \
                 to perform: iam:CreateRole on resource: arn:aws:iam::1:role/r because no \
                 identity-based policy allows the iam:CreateRole action\"",
                "your rights",
            ),
            (
                "Resource handler returned message: \"Failed to call CreateWebhook, reason: Could \
                 not find access token for server type github\"",
                "credentials for GitHub",
            ),
            (
                "CreateRepository request is not allowed because there is no existing repository in \
                 this AWS account or AWS Organization",
                "closed to new customers",
            ),
            (
                "Properties validation failed for resource X with message:",
                "not what",
            ),
        ] {
            let failures = explain_stack_failure(&[event("X", "CREATE_FAILED", message)]);
            let why = failures[0].why.unwrap_or_default();
            assert!(why.contains(word), "{message}: {why}");
        }
    }
}
