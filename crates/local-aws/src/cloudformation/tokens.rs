//! Clients' tokens: a request that is sent again has its effect once.

use super::record::Stack;
use super::record::UsedToken;
use crate::error::AwsError;

/// How many a stack remembers.
const REMEMBERED: usize = 100;

/// The use of this token for this action before, if there was one.
///
/// # Errors
///
/// `TokenAlreadyExistsException` if it was used for something else.
pub(super) fn used<'s>(
    stack: &'s Stack,
    token: Option<&str>,
    action: &str,
) -> Result<Option<&'s UsedToken>, AwsError> {
    let Some(token) = token else { return Ok(None) };
    match stack.tokens.iter().find(|used| used.token == token) {
        Some(used) if used.action == action => Ok(Some(used)),
        Some(used) => Err(AwsError::new(
            "TokenAlreadyExistsException",
            format!(
                "Token [{token}] was already used for {} of stack [{}]",
                used.action, stack.name
            ),
        )),
        None => Ok(None),
    }
}

/// Remembers a token with the operation that goes on.
pub(super) fn remember(stack: &mut Stack, action: &str) {
    if let Some(token) = stack.operation.token.clone() {
        if stack.tokens.len() >= REMEMBERED {
            stack.tokens.remove(0);
        }
        stack.tokens.push(UsedToken {
            token,
            action: action.to_owned(),
            operation_id: stack.operation.id.clone(),
        });
    }
}
