//! The end of a stack.

use crate::call_error::CallError;
use crate::session::Session;

/// Has a stack deleted. What happens then, [`follow_stack`](super::follow_stack) tells.
///
/// # Errors
///
/// If CloudFormation refuses it, or the service cannot be reached.
pub async fn delete_stack(session: &Session, stack: &str) -> Result<(), CallError> {
    session.check_region()?;
    session
        .cloudformation()
        .delete_stack()
        .stack_name(stack)
        .send()
        .await
        .map_err(|error| session.call_error("cloudformation", "DeleteStack", error))?;
    Ok(())
}
