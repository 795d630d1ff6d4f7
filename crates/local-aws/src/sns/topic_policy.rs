//! Who may do what with a topic.

use serde_json::json;

use super::invalid;
use super::record::Topic;
use super::topic_attributes;
use crate::account::Account;
use crate::error::AwsError;
use crate::policy::Context;
use crate::policy::Decision;
use crate::policy::Document;
use crate::policy::Principal;
use crate::policy::Request;

const PUBLISH: &str = "SNS:Publish";

/// The policy that a topic has until somebody sets another: its account may do everything.
pub(super) fn default(account: &Account, name: &str) -> String {
    json!({
        "Version": "2008-10-17",
        "Id": "__default_policy_ID",
        "Statement": [{
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": { "AWS": "*" },
            "Action": [
                "SNS:GetTopicAttributes",
                "SNS:SetTopicAttributes",
                "SNS:AddPermission",
                "SNS:RemovePermission",
                "SNS:DeleteTopic",
                "SNS:Subscribe",
                "SNS:ListSubscriptionsByTopic",
                PUBLISH,
            ],
            "Resource": account.topic_arn(name),
            "Condition": { "StringEquals": { "AWS:SourceOwner": account.id } },
        }],
    })
    .to_string()
}

/// Checks a policy.
pub(super) fn check(text: &str) -> Result<(), AwsError> {
    let document =
        Document::read(text).map_err(|error| invalid(format!("Policy Error: {error}")))?;
    for statement in &document.statements {
        if !statement.has_principal() {
            return Err(invalid("Policy Error: Missing required field Principal"));
        }
        let mut actions = statement.action_names().peekable();
        if actions.peek().is_none() {
            return Err(invalid(
                "Policy Error: Policy statement must contain actions.",
            ));
        }
        let is_in_scope = |action: &str| action == "*" || action.to_lowercase().starts_with("sns:");
        if !actions.all(is_in_scope) {
            return Err(invalid("Policy statement action out of service scope!"));
        }
    }
    Ok(())
}

/// Whether a service such as `events.amazonaws.com` may publish to a topic.
pub(super) fn lets_service_publish(
    account: &Account,
    topic: &Topic,
    service: &str,
    source_arn: &str,
) -> bool {
    let principal = Principal {
        service: Some(service.to_owned()),
        ..Principal::default()
    };
    let mut context = Context::default();
    context.set("aws:SourceAccount", [account.id.as_str()]);
    context.set("aws:SourceArn", [source_arn]);
    decide(account, topic, &principal, &context) == Decision::Allowed
}

/// Whether somebody of the account may publish to a topic: its own policies would allow it, so only
/// a Deny counts.
pub(super) fn lets_account_publish(account: &Account, topic: &Topic, caller_arn: &str) -> bool {
    let principal = Principal {
        arns: vec![caller_arn.to_owned()],
        account: Some(account.id.clone()),
        service: None,
    };
    let mut context = Context::default();
    context.set("aws:SourceOwner", [account.id.as_str()]);
    context.set("aws:PrincipalAccount", [account.id.as_str()]);
    context.set("aws:PrincipalArn", [caller_arn]);
    decide(account, topic, &principal, &context) != Decision::ExplicitDeny
}

fn decide(account: &Account, topic: &Topic, principal: &Principal, context: &Context) -> Decision {
    let policy = topic_attributes::policy(account, topic);
    // It was read when it was set.
    let Ok(document) = Document::read(&policy) else {
        return Decision::ImplicitDeny;
    };
    document.decide(&Request {
        principal: Some(principal),
        action: PUBLISH,
        resource: Some(&account.topic_arn(&topic.name)),
        context,
    })
}
