//! A stack as CloudFormation describes it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::call_error::CallError;
use crate::session::Session;

/// A stack.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Stack {
    /// The ARN, which finds the stack also when it is deleted.
    pub id: String,
    /// The name.
    pub name: String,
    /// Such as `CREATE_COMPLETE`.
    pub status: String,
    /// Why, if CloudFormation says so.
    pub reason: Option<String>,
    /// The template's description.
    pub description: Option<String>,
    /// The values of the parameters; `****` for those that are not echoed.
    pub parameters: BTreeMap<String, String>,
    /// What the template gives out.
    pub outputs: Vec<StackOutput>,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// When it was last updated.
    pub updated: Option<Timestamp>,
    /// Whether DeleteStack is refused.
    pub protected: bool,
}

/// A value that a template gives out.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StackOutput {
    /// The output's logical id.
    pub key: String,
    /// Its value.
    pub value: String,
    /// What it is.
    pub description: String,
}

/// A resource of a stack.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StackResource {
    /// The name in the template.
    pub logical_id: String,
    /// The name or ARN in the account, once there is one.
    pub physical_id: Option<String>,
    /// Such as `AWS::S3::Bucket`.
    pub resource_type: String,
    /// Such as `CREATE_COMPLETE`.
    pub status: String,
    /// Why, if CloudFormation says so.
    pub reason: Option<String>,
}

impl Stack {
    /// Whether CloudFormation is working on it.
    #[must_use]
    pub fn is_in_progress(&self) -> bool {
        self.status.ends_with("_IN_PROGRESS") && self.status != "REVIEW_IN_PROGRESS"
    }

    /// Whether it cannot be updated, only deleted: its creation never came to its end.
    #[must_use]
    pub fn must_be_deleted_first(&self) -> bool {
        matches!(
            self.status.as_str(),
            "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "CREATE_FAILED" | "DELETE_FAILED"
        )
    }
}

/// Describes a stack by name or ARN; `None` if there is none.
///
/// # Errors
///
/// If the service refuses the call or cannot be reached.
pub async fn describe_stack(session: &Session, stack: &str) -> Result<Option<Stack>, CallError> {
    session.check_region()?;
    let answer = session
        .cloudformation()
        .describe_stacks()
        .stack_name(stack)
        .send()
        .await
        .map_err(|error| session.call_error("cloudformation", "DescribeStacks", error));
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) if is_missing(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(answer.stacks().first().map(read))
}

/// Whether CloudFormation says that there is no such stack: it has no code of its own for that.
pub(super) fn is_missing(error: &CallError) -> bool {
    matches!(
        error,
        CallError::Service { code, message, .. }
            if code == "ValidationError" && message.contains("does not exist")
    )
}

/// The resources of a stack, in CloudFormation's order.
///
/// # Errors
///
/// If there is no such stack, or the service refuses the call or cannot be reached.
pub async fn stack_resources(
    session: &Session,
    stack: &str,
) -> Result<Vec<StackResource>, CallError> {
    session.check_region()?;
    let mut resources = Vec::new();
    let mut token = None;
    loop {
        let page = session
            .cloudformation()
            .list_stack_resources()
            .stack_name(stack)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| session.call_error("cloudformation", "ListStackResources", error))?;
        for found in page.stack_resource_summaries() {
            resources.push(StackResource {
                logical_id: text(found.logical_resource_id()),
                physical_id: filled(found.physical_resource_id()),
                resource_type: text(found.resource_type()),
                status: text(found.resource_status().map(|status| status.as_str())),
                reason: filled(found.resource_status_reason()),
            });
        }
        token = page.next_token;
        if token.is_none() {
            return Ok(resources);
        }
    }
}

fn read(stack: &aws_sdk_cloudformation::types::Stack) -> Stack {
    let parameters = stack.parameters().iter().map(|parameter| {
        (
            text(parameter.parameter_key()),
            text(parameter.parameter_value()),
        )
    });
    let outputs = stack.outputs().iter().map(|output| StackOutput {
        key: text(output.output_key()),
        value: text(output.output_value()),
        description: text(output.description()),
    });
    Stack {
        id: text(stack.stack_id()),
        name: text(stack.stack_name()),
        status: text(stack.stack_status().map(|status| status.as_str())),
        reason: filled(stack.stack_status_reason()),
        description: filled(stack.description()),
        parameters: parameters.collect(),
        outputs: outputs.collect(),
        created: timestamp(stack.creation_time()),
        updated: timestamp(stack.last_updated_time()),
        protected: stack.enable_termination_protection().unwrap_or_default(),
    }
}

pub(super) fn text(value: Option<&str>) -> String {
    value.unwrap_or_default().to_owned()
}

/// A text that says something.
pub(super) fn filled(value: Option<&str>) -> Option<String> {
    value.filter(|value| !value.is_empty()).map(str::to_owned)
}

pub(super) fn timestamp(value: Option<&aws_smithy_types::DateTime>) -> Option<Timestamp> {
    let value = value?;
    Timestamp::new(value.secs(), i32::try_from(value.subsec_nanos()).ok()?).ok()
}
