//! Stack policies: what an update may do to which resource. See
//! [protect stack resources](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html).

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::ledger;
use super::record::Stack;
use super::template_source;
use super::validation;
use crate::error::AwsError;
use crate::policy::Context;
use crate::policy::Decision;
use crate::policy::Document;
use crate::policy::Principal;
use crate::policy::Request;
use crate::services::Services;

/// The longest policy, in bytes.
const LONGEST: usize = 16_384;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetStackPolicy {
    stack_name: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SetStackPolicy {
    stack_name: String,
    stack_policy_body: Option<String>,
    #[serde(rename = "StackPolicyURL")]
    stack_policy_url: Option<String>,
}

/// GetStackPolicy.
pub(super) fn get(services: &Services, input: &GetStackPolicy) -> Result<Value, AwsError> {
    let stack = ledger::stack(&services.store, &input.stack_name)?;
    Ok(match stack.policy {
        Some(policy) => json!({ "StackPolicyBody": policy }),
        None => json!({}),
    })
}

/// SetStackPolicy.
pub(super) async fn set(services: &Services, input: SetStackPolicy) -> Result<Value, AwsError> {
    let stack = ledger::stack(&services.store, &input.stack_name)?;
    let url = input.stack_policy_url.as_deref();
    let policy = given(services, input.stack_policy_body, url).await?;
    let policy = policy
        .ok_or_else(|| validation("Either StackPolicyBody or StackPolicyURL must be specified."))?;
    ledger::write(services, &stack.id, move |entry| {
        entry.change().policy = Some(policy);
        Ok(json!({}))
    })
    .await
}

/// The policy of a request, checked.
///
/// # Errors
///
/// `ValidationError`.
pub(super) async fn given(
    services: &Services,
    body: Option<String>,
    url: Option<&str>,
) -> Result<Option<String>, AwsError> {
    let policy = match (body, url) {
        (Some(_), Some(_)) => {
            return Err(validation(
                "You cannot specify both StackPolicyURL and StackPolicyBody",
            ));
        }
        (Some(body), None) => body,
        (None, Some(url)) => template_source::object(services, url).await?,
        (None, None) => return Ok(None),
    };
    if policy.len() > LONGEST {
        return Err(validation(format!(
            "Stack policy may not exceed {LONGEST} bytes in size."
        )));
    }
    Document::read(&policy)
        .map_err(|error| validation(format!("Error validating stack policy: {}", error.0)))?;
    Ok(Some(policy))
}

/// Whether the stack's policy lets an update do this. Without a policy it does.
///
/// # Errors
///
/// The reason of the failure.
pub(super) fn check(
    stack: &Stack,
    action: &str,
    logical_id: &str,
    resource_type: &str,
) -> Result<(), String> {
    let policy = stack
        .policy_during_update
        .as_ref()
        .or(stack.policy.as_ref());
    let Some(policy) = policy else { return Ok(()) };
    let denied = || {
        Err(format!(
            "Action denied by stack policy: Statement does not allow [{action}] for resource \
             [LogicalResourceId/{logical_id}]"
        ))
    };
    // It was read when it was set.
    let Ok(document) = Document::read(policy) else {
        return denied();
    };
    let mut context = Context::default();
    context.set("ResourceType", [resource_type]);
    let everybody = Principal {
        arns: vec!["*".to_owned()],
        ..Principal::default()
    };
    let decision = document.decide(&Request {
        principal: Some(&everybody),
        action,
        resource: Some(&format!("LogicalResourceId/{logical_id}")),
        context: &context,
    });
    if decision == Decision::Allowed {
        Ok(())
    } else {
        denied()
    }
}
