//! `aws ecr get-login-password`: a password for `docker login`.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use serde_json::json;

use super::logs_operations::structure;
use super::operations::Operation;
use super::operations::Source;
use crate::call_error::CallError;
use crate::session::Session;

/// The command among the operations.
pub(super) const COMMAND: Operation = Operation {
    name: "GetLoginPassword",
    positional: &[],
    pages: None,
    source: Source::Command(|| structure("GetLoginPasswordInput", Vec::new())),
};

/// The password, and a line break.
pub(super) async fn run(session: &Session) -> Result<String, CallError> {
    let answer = super::call(session, "GetAuthorizationToken", json!({})).await?;
    let password = answer
        .pointer("/authorizationData/0/authorizationToken")
        .and_then(Value::as_str)
        .and_then(|token| BASE64_STANDARD.decode(token).ok())
        .and_then(|token| String::from_utf8(token).ok())
        .and_then(|token| Some(token.split_once(':')?.1.to_owned()));
    match password {
        Some(password) => Ok(password + "\n"),
        None => Err(CallError::Request {
            operation: "GetAuthorizationToken".to_owned(),
            reason: "the answer has no token that is a user and a password in base64".to_owned(),
        }),
    }
}
