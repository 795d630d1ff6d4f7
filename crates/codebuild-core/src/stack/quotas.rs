//! The quotas that can be read without the service Service Quotas.

use crate::call_error::CallError;
use crate::session::Session;

/// How many stacks there may be in the account and region (CloudFormation DescribeAccountLimits);
/// `None` if CloudFormation does not say.
///
/// # Errors
///
/// If the service refuses the call or cannot be reached.
pub async fn stack_quota(session: &Session) -> Result<Option<i32>, CallError> {
    session.check_region()?;
    let limits = session
        .cloudformation()
        .describe_account_limits()
        .send()
        .await
        .map_err(|error| session.call_error("cloudformation", "DescribeAccountLimits", error))?;
    let stacks = limits
        .account_limits()
        .iter()
        .find(|limit| limit.name() == Some("StackLimit"));
    Ok(stacks.and_then(|limit| limit.value()))
}
