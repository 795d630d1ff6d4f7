//! Looks at an account: what its policies allow the caller, and how much still fits.

use codebuild_core::CallError;
use codebuild_core::Identity;
use codebuild_core::STACK_ACTIONS;
use codebuild_core::Session;
use codebuild_core::builds_quota;
use codebuild_core::simulate;
use codebuild_core::stack_quota;

use super::Finding;
use super::FindingState;

/// Looks at the account behind a session.
pub(crate) async fn account_findings(session: &Session, identity: &Identity) -> Vec<Finding> {
    vec![
        permissions_finding(session, identity).await,
        quotas_finding(session).await,
    ]
}

/// Asks IAM's simulator for everything that the demo's stack calls for.
async fn permissions_finding(session: &Session, identity: &Identity) -> Finding {
    let name = "Permissions";
    match simulate(session, &identity.arn, &STACK_ACTIONS).await {
        Ok(None) => Finding::new(
            name,
            FindingState::Detour,
            "these are the credentials of the account's root user, who may do everything. Make a \
             user or a role for daily work.",
        ),
        Ok(Some(permissions)) => {
            let denied: Vec<String> = permissions
                .iter()
                .filter(|permission| !permission.allowed)
                .map(|permission| match permission.decision.as_str() {
                    "explicitDeny" => format!("{} (forbidden)", permission.action),
                    _ => permission.action.clone(),
                })
                .collect();
            if denied.is_empty() {
                let count = permissions.len();
                return Finding::new(
                    name,
                    FindingState::Ready,
                    format!(
                        "IAM's simulator allows all {count} actions of the demo's stack. It does \
                         not ask the policies of resources, nor always those of an organization."
                    ),
                );
            }
            Finding::new(
                name,
                FindingState::Missing,
                format!(
                    "IAM's simulator says that you may not: {}. Those of codecommit and ecr are \
                     needed only with SourceType=CODECOMMIT and CreateEcrRepository=yes. A policy \
                     that is limited to some names may allow what is denied here.",
                    denied.join(", ")
                ),
            )
        }
        Err(error) => Finding::new(
            name,
            FindingState::Detour,
            format!(
                "not simulated: {} A deployment says what is missing when it meets it.",
                why_not(&error)
            ),
        ),
    }
}

async fn quotas_finding(session: &Session) -> Finding {
    let builds = builds_quota(session).await;
    // New accounts may begin without any.
    let none = matches!(builds, Ok(Some(limit)) if limit < 1.0);
    let read = builds.is_ok();
    let builds = match builds {
        Ok(Some(_)) if none => {
            "no build may run on the smallest Linux machine: ask for more in the \
                                console of Service Quotas, or AWS Support."
                .to_owned()
        }
        Ok(Some(limit)) => {
            format!("builds on the smallest Linux machine at a time: {limit}.")
        }
        Ok(None) => "Service Quotas does not say how many builds may run at a time.".to_owned(),
        Err(error) => format!(
            "how many builds may run at a time was not read: {} A new account may begin with one.",
            why_not(&error)
        ),
    };
    let stacks = match stack_quota(session).await {
        Ok(Some(limit)) => format!(" CloudFormation stacks: {limit}."),
        Ok(None) => String::new(),
        Err(error) => format!(" The quota of stacks was not read: {}", why_not(&error)),
    };
    let state = match (none, read) {
        (true, _) => FindingState::Missing,
        (false, true) => FindingState::Ready,
        (false, false) => FindingState::Detour,
    };
    Finding::new(
        "Quotas",
        state,
        format!("{builds}{stacks} Those of IAM (roles) and S3 (buckets) are not asked."),
    )
}

/// The error as a sentence that others follow.
fn why_not(error: &CallError) -> String {
    let text = error.to_string();
    format!("{}.", text.trim_end_matches('.'))
}
