//! CloudFormation over the query protocol: stacks of resources, made from templates.
//!
//! An operation checks what it is asked and writes it down; `engine/` does the work in the background,
//! step by step, and takes it up again after a restart. `resource_types` makes the resources. See
//! [how CloudFormation works](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-overview.html).

mod change_set_lists;
mod change_sets;
mod changes;
mod continue_rollback;
mod create_stack;
mod definition;
mod delete_stack;
mod describe_resources;
mod describe_stacks;
mod drift;
mod engine;
mod exports;
mod known_values;
mod ledger;
mod limits;
mod notices;
mod paging;
mod record;
#[allow(dead_code, reason = "not all of a schema is asked for yet")]
mod resource_types;
mod stack_policy;
mod stacks;
mod status;
mod template_source;
mod templates;
mod tokens;
mod update_stack;

use std::pin::Pin;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::access_keys::Caller;
use crate::error::AwsError;
use crate::model::CLOUDFORMATION;
use crate::services::Services;

/// Whether the local AWS makes resources of a type of CloudFormation's, such as `AWS::S3::Bucket`.
#[must_use]
pub fn makes_resource_type(name: &str) -> bool {
    resource_types::is_supported(name)
}

pub(crate) use stacks::Stacks;
pub(crate) use stacks::resume;

/// Runs one operation.
///
/// # Errors
///
/// As the operation does.
pub(crate) async fn call(
    services: &Arc<Services>,
    caller: &Caller,
    operation: &str,
    mut input: Value,
) -> Result<Value, AwsError> {
    CLOUDFORMATION.check(operation, &input)?;
    CLOUDFORMATION.prune(operation, &mut input);
    match operation {
        "CreateStack" => create_stack::run(services, caller, read(input)?).await,
        "UpdateStack" => update_stack::run(services, caller, read(input)?).await,
        "CancelUpdateStack" => update_stack::cancel(services, read(input)?).await,
        "DeleteStack" => delete_stack::run(services, caller, read(input)?).await,
        "UpdateTerminationProtection" => delete_stack::protect(services, read(input)?).await,
        "ContinueUpdateRollback" => continue_rollback::run(services, caller, read(input)?).await,
        "RollbackStack" => continue_rollback::roll_back(services, caller, read(input)?).await,
        "CreateChangeSet" => change_sets::create(services, caller, read(input)?).await,
        "DescribeChangeSet" => change_set_lists::describe(services, &read(input)?),
        "ExecuteChangeSet" => change_sets::execute(services, caller, read(input)?).await,
        "ListChangeSets" => change_set_lists::list(services, &read(input)?),
        "DeleteChangeSet" => change_sets::delete(services, read(input)?).await,
        "DescribeStacks" => describe_stacks::describe(services, &read(input)?),
        "ListStacks" => describe_stacks::list(services, &read(input)?),
        "DescribeStackEvents" => describe_stacks::events(services, &read(input)?),
        "DescribeStackResource" => describe_resources::one(services, &read(input)?),
        "DescribeStackResources" => describe_resources::several(services, &read(input)?),
        "ListStackResources" => describe_resources::list(services, &read(input)?),
        "GetTemplate" => templates::get(services, &read(input)?),
        "GetTemplateSummary" => templates::summary(services, read(input)?).await,
        "ValidateTemplate" => templates::validate(services, read(input)?).await,
        "EstimateTemplateCost" => templates::cost(services, read(input)?).await,
        "ListExports" => exports::list(services, &read(input)?),
        "ListImports" => exports::importers(services, &read(input)?),
        "GetStackPolicy" => stack_policy::get(services, &read(input)?),
        "SetStackPolicy" => stack_policy::set(services, read(input)?).await,
        "DetectStackDrift" => drift::detect(services, caller, read(input)?).await,
        "DetectStackResourceDrift" => drift::detect_one(services, caller, read(input)?).await,
        "DescribeStackDriftDetectionStatus" => drift::detection(services, &read(input)?),
        "DescribeStackResourceDrifts" => drift::drifts(services, &read(input)?),
        "DescribeAccountLimits" => limits::describe(),
        _ => Err(AwsError::bare("UnknownOperationException")),
    }
}

fn validation(message: impl Into<String>) -> AwsError {
    AwsError::new("ValidationError", message)
}

fn read<T: DeserializeOwned>(input: Value) -> Result<T, AwsError> {
    serde_json::from_value(input).map_err(|error| AwsError::serialization(error.to_string()))
}

/// An operation of another service. Boxed: operations lead to stacks, and these to operations.
fn ask<'a>(
    services: &'a Arc<Services>,
    caller: &'a Caller,
    service: &'static str,
    operation: &'static str,
    input: Value,
) -> Pin<Box<dyn Future<Output = Result<Value, AwsError>> + Send + 'a>> {
    Box::pin(async move { services.call(caller, service, operation, input).await })
}
