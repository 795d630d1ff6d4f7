//! Replies in the forms that AWS clients read.

use axum::body::Body;
use http::HeaderName;
use http::HeaderValue;
use http::Response;
use http::StatusCode;
use http::header::CACHE_CONTROL;
use http::header::CONTENT_SECURITY_POLICY;
use http::header::CONTENT_TYPE;
use serde_json::Value;
use serde_json::json;

use crate::error::AwsError;
use crate::rpc_v2_cbor;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
const SMITHY_PROTOCOL: HeaderName = HeaderName::from_static("smithy-protocol");

/// A result of a JSON service.
pub(crate) fn json(output: &Value) -> Response<Body> {
    response(
        StatusCode::OK,
        "application/x-amz-json-1.1",
        output.to_string(),
    )
}

/// A result that goes on as a stream of events.
pub(crate) fn event_stream(body: Body) -> Response<Body> {
    response(StatusCode::OK, "application/vnd.amazon.eventstream", body)
}

/// An error of a JSON service.
pub(crate) fn json_error(error: &AwsError) -> Response<Body> {
    let body = match &error.message {
        Some(message) => json!({ "__type": error.code, "message": message }),
        None => json!({ "__type": error.code }),
    };
    let mut response = response(error.status, "application/x-amz-json-1.1", body.to_string());
    response
        .headers_mut()
        .insert(ERROR_TYPE, HeaderValue::from_static(error.code));
    response
}

/// A result for a client that speaks RPC v2 CBOR.
pub(crate) fn cbor(body: Vec<u8>) -> Response<Body> {
    cbor_response(StatusCode::OK, body)
}

/// An error for a client that speaks RPC v2 CBOR.
pub(crate) fn cbor_error(error: &AwsError) -> Response<Body> {
    let mut response = cbor_response(error.status, rpc_v2_cbor::write_error(error));
    response
        .headers_mut()
        .insert(ERROR_TYPE, HeaderValue::from_static(error.code));
    response
}

fn cbor_response(status: StatusCode, body: Vec<u8>) -> Response<Body> {
    let mut response = response(status, rpc_v2_cbor::CONTENT_TYPE, body);
    response.headers_mut().insert(
        SMITHY_PROTOCOL,
        HeaderValue::from_static(rpc_v2_cbor::PROTOCOL),
    );
    response
}

/// An answer to somebody who is no AWS client.
pub(crate) fn plain_json(status: StatusCode, output: &Value) -> Response<Body> {
    response(status, "application/json", output.to_string())
}

/// A reply of a query service.
pub(crate) fn xml(status: StatusCode, body: String) -> Response<Body> {
    response(status, "text/xml", body)
}

/// A picture that must not be kept: the badge changes with every build.
pub(crate) fn svg(body: String) -> Response<Body> {
    let mut response = response(StatusCode::OK, "image/svg+xml", body);
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'"),
    );
    response
}

/// What AWS's front end answers to a method, path or content type that no service has.
pub(crate) fn no_such_path() -> Response<Body> {
    xml(
        StatusCode::NOT_FOUND,
        "<UnknownOperationException/>\n".to_owned(),
    )
}

/// Adds the request id that every reply of AWS has.
pub(crate) fn add_request_id(response: &mut Response<Body>, id: &str) {
    if let Ok(value) = HeaderValue::from_str(id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
}

fn response(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<Body>,
) -> Response<Body> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
