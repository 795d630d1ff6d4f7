//! Operations of JSON services that have no SDK crate here.

use aws_smithy_types::error::metadata::ErrorMetadata;
use serde_json::Map;
use serde_json::Value;

use super::parameter;
use super::service_model::Shape;
use crate::call_error::CallError;
use crate::direct_call::DirectAnswer;
use crate::direct_call::DirectRequest;
use crate::direct_call::DirectService;
use crate::session::Session;

/// The member of that token.
const TOKEN: &str = "ClientRequestToken";

/// Operations that the SDKs give a token of their own, so that a call that is repeated counts once.
const WITH_TOKEN: [&str; 2] = ["CreateSecret", "PutSecretValue"];

/// Calls an operation over the JSON 1.1 protocol. `target` is what `X-Amz-Target` begins with.
pub(crate) async fn call(
    session: &Session,
    service: DirectService,
    target: &str,
    operation: &'static str,
    mut input: Value,
) -> Result<Value, CallError> {
    if WITH_TOKEN.contains(&operation) && input.get(TOKEN).is_none() {
        input[TOKEN] = Value::String(uuid::Uuid::new_v4().to_string());
    }
    let request = DirectRequest {
        method: "POST",
        uri: "/".to_owned(),
        headers: vec![
            ("content-type", "application/x-amz-json-1.1".to_owned()),
            ("x-amz-target", format!("{target}.{operation}")),
        ],
        body: input.to_string().into_bytes(),
    };
    answer(session, service, operation, request).await
}

/// Sends a request whose answer is JSON.
pub(super) async fn answer(
    session: &Session,
    service: DirectService,
    operation: &'static str,
    request: DirectRequest,
) -> Result<Value, CallError> {
    let answer = session.call_directly(service, operation, request).await?;
    if answer.body.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    serde_json::from_slice(&answer.body).map_err(|error| CallError::Request {
        operation: operation.to_owned(),
        reason: format!("the answer is not JSON: {error}"),
    })
}

/// An input as JSON services want it: times as seconds since the epoch, and no null.
pub(super) fn on_the_wire(shape: &Shape, value: &Value) -> Value {
    match (shape, value) {
        (Shape::Structure(structure), Value::Object(members)) => members
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| {
                let value = match structure.member(name) {
                    Some(member) => on_the_wire(&member.shape, value),
                    None => value.clone(),
                };
                (name.clone(), value)
            })
            .collect::<Map<_, _>>()
            .into(),
        (Shape::List(element), Value::Array(elements)) => elements
            .iter()
            .map(|value| on_the_wire(element, value))
            .collect(),
        (Shape::Map(values), Value::Object(members)) => members
            .iter()
            .map(|(name, value)| (name.clone(), on_the_wire(values, value)))
            .collect::<Map<_, _>>()
            .into(),
        (Shape::Timestamp, Value::String(text)) => {
            parameter::time(text).unwrap_or_else(|_| value.clone())
        }
        _ => value.clone(),
    }
}

/// The code and the message of a refusal.
pub(crate) fn error(answer: &DirectAnswer) -> ErrorMetadata {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let code = answer
        .header("x-amzn-errortype")
        .or(text("__type"))
        .or(text("code"))
        .map(|code| code.split(':').next().unwrap_or(code))
        .map(|code| code.rsplit('#').next().unwrap_or(code));
    let mut error = ErrorMetadata::builder();
    if let Some(code) = code {
        error = error.code(code);
    }
    if let Some(message) = text("message").or(text("Message")) {
        error = error.message(message);
    }
    error.build()
}

/// The operations of a JSON service, each with the shapes of its input and output.
macro_rules! json_operations {
    ($service:expr, $target:literal, $($operation:ident ($input:expr) -> $output:expr;)*) => {
        &[$($crate::aws_command::operations::Operation {
            name: stringify!($operation),
            positional: &[],
            pages: None,
            source: $crate::aws_command::operations::Source::Written {
            input: || $crate::aws_command::logs_operations::structure(
                concat!(stringify!($operation), "Input"),
                $input,
            ),
            output: || $crate::aws_command::logs_operations::structure(
                concat!(stringify!($operation), "Output"),
                $output,
            ),
            send: |session, input| Box::pin($crate::aws_command::json_call::call(
                session,
                $service,
                $target,
                stringify!($operation),
                input,
            )),
            },
        }),*]
    };
}
pub(super) use json_operations;
