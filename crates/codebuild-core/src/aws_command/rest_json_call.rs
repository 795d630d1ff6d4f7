//! The REST-JSON protocol: some members stand in the path or the query, the others in a JSON body.

use serde_json::Value;

use super::json_call;
use super::model_operation::ModelOperation;
use super::s3_call::encoded;
use crate::call_error::CallError;
use crate::direct_call::DirectRequest;
use crate::session::Session;

/// Calls an operation.
pub(super) async fn call(
    session: &Session,
    operation: ModelOperation,
    input: &Value,
) -> Result<Value, CallError> {
    let ModelOperation { model, facts, .. } = operation;
    let mut body = json_call::on_the_wire(&operation.input(), input);
    let mut uri = facts.uri.unwrap_or("/").to_owned();
    let mut query = Vec::new();
    let mut has_body = false;
    if let Some(shape) = facts.input.and_then(|name| model.shape(name)) {
        for (member, _) in &shape.members.0 {
            let Some((place, name)) = shape.places.get(member) else {
                has_body = true;
                continue;
            };
            let value = body
                .as_object_mut()
                .and_then(|members| members.shift_remove(*member));
            match (*place, value) {
                ("uri", value) => {
                    let value = value.map(text).unwrap_or_default();
                    uri = uri.replace(&format!("{{{name}}}"), &encoded(&value, false));
                }
                ("querystring", Some(Value::Array(values))) => {
                    query.extend(values.into_iter().map(|value| (*name, text(value))));
                }
                ("querystring", Some(value)) => query.push((*name, text(value))),
                _ => {}
            }
        }
    }
    for (at, (name, value)) in query.iter().enumerate() {
        uri.push(if at == 0 { '?' } else { '&' });
        uri.push_str(&format!("{name}={}", encoded(value, false)));
    }
    let request = DirectRequest {
        method: facts.method.unwrap_or("POST"),
        uri,
        headers: vec![("content-type", "application/json".to_owned())],
        body: if has_body {
            body.to_string().into_bytes()
        } else {
            Vec::new()
        },
    };
    json_call::answer(session, operation.service, operation.name, request).await
}

fn text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}
