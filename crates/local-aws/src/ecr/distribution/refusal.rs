//! Errors as registries answer them: `{"errors": [{"code": …, "message": …}]}`.

use axum::body::Body;
use http::HeaderName;
use http::HeaderValue;
use http::Response;
use http::StatusCode;
use serde_json::json;

use crate::error::AwsError;
use crate::reply;

/// An error answer.
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    pub(super) header: Option<(HeaderName, HeaderValue)>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &'static str, message: &str) -> Self {
        Self {
            status,
            code,
            message: message.to_owned(),
            header: None,
        }
    }

    pub(super) fn unsupported() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "UNSUPPORTED",
            "The registry has no such operation.",
        )
    }

    pub(super) fn digest_invalid(message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "DIGEST_INVALID", message)
    }

    pub(super) fn into_response(self) -> Response<Body> {
        let body = json!({ "errors": [{ "code": self.code, "message": self.message }] });
        let mut response = reply::plain_json(self.status, &body);
        if let Some((name, value)) = self.header {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

impl From<AwsError> for Refusal {
    /// Never a 500: clients would repeat what fails again.
    fn from(error: AwsError) -> Self {
        let (status, code) = match error.code {
            "RepositoryNotFoundException" => (StatusCode::NOT_FOUND, "NAME_UNKNOWN"),
            "ImageNotFoundException" => (StatusCode::NOT_FOUND, "MANIFEST_UNKNOWN"),
            "ImageTagAlreadyExistsException" => (StatusCode::BAD_REQUEST, "TAG_INVALID"),
            "LayersNotFoundException" | "ReferencedImagesNotFoundException" => {
                (StatusCode::BAD_REQUEST, "MANIFEST_BLOB_UNKNOWN")
            }
            "ImageDigestDoesNotMatchException" | "InvalidLayerException" => {
                (StatusCode::BAD_REQUEST, "DIGEST_INVALID")
            }
            "InvalidParameterException" => (StatusCode::BAD_REQUEST, "MANIFEST_INVALID"),
            "UploadNotFoundException" => (StatusCode::NOT_FOUND, "BLOB_UPLOAD_UNKNOWN"),
            "InvalidLayerPartException" => {
                (StatusCode::RANGE_NOT_SATISFIABLE, "BLOB_UPLOAD_INVALID")
            }
            "LimitExceededException" | "RequestEntityTooLargeException" => {
                (StatusCode::PAYLOAD_TOO_LARGE, "SIZE_INVALID")
            }
            _ => (StatusCode::BAD_REQUEST, "DENIED"),
        };
        Self {
            status,
            code,
            message: error.message.unwrap_or_default(),
            header: None,
        }
    }
}
