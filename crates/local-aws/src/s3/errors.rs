//! S3's errors: codes, statuses and messages of "Error responses" in the S3 API reference.

use http::StatusCode;
use s3s::S3Error;
use s3s::S3ErrorCode;

use crate::error::AwsError;

/// What a request with a broken name or a wrong signature is told: `s3s` gives only the code.
pub(super) fn standard_message(code: &str) -> Option<&'static str> {
    Some(match code {
        "AccessDenied" => "Access Denied",
        "AuthorizationHeaderMalformed" => {
            "The authorization header that you provided is not valid."
        }
        "BadDigest" => "The Content-MD5 you specified did not match what we received.",
        "EntityTooLarge" => "Your proposed upload exceeds the maximum allowed size",
        "ExpiredToken" => "The provided token has expired.",
        "IncompleteBody" => {
            "You did not provide the number of bytes specified by the Content-Length HTTP header"
        }
        "InvalidAccessKeyId" => "The AWS Access Key Id you provided does not exist in our records.",
        "InvalidBucketName" => "The specified bucket is not valid.",
        "InvalidRange" => "The requested range is not satisfiable",
        "InvalidToken" => "The provided token is malformed or otherwise invalid.",
        "InvalidURI" => "Couldn't parse the specified URI.",
        "KeyTooLongError" => "Your key is too long",
        "MalformedXML" => {
            "The XML you provided was not well-formed or did not validate against our published \
             schema"
        }
        "MaxMessageLengthExceeded" => "Your request was too big.",
        "MethodNotAllowed" => "The specified method is not allowed against this resource.",
        "MissingContentLength" => "You must provide the Content-Length HTTP header.",
        "NotImplemented" => "A header you provided implies functionality that is not implemented",
        "SignatureDoesNotMatch" => {
            "The request signature we calculated does not match the signature you provided. Check \
             your key and signing method."
        }
        _ => return None,
    })
}

/// The error as `s3s` sends it.
pub(super) fn into_s3(error: AwsError) -> S3Error {
    let code = S3ErrorCode::from_bytes(error.code.as_bytes()).unwrap_or(S3ErrorCode::InternalError);
    let mut answer = match error.message {
        Some(message) => S3Error::with_message(code, message),
        None => S3Error::new(code),
    };
    answer.set_status_code(error.status);
    answer
}

fn with(status: StatusCode, code: &'static str, message: impl Into<String>) -> AwsError {
    AwsError::new(code, message).with_status(status)
}

pub(super) fn no_such_bucket() -> AwsError {
    with(
        StatusCode::NOT_FOUND,
        "NoSuchBucket",
        "The specified bucket does not exist",
    )
}

pub(super) fn no_such_key() -> AwsError {
    with(
        StatusCode::NOT_FOUND,
        "NoSuchKey",
        "The specified key does not exist.",
    )
}

pub(super) fn no_such_upload() -> AwsError {
    with(
        StatusCode::NOT_FOUND,
        "NoSuchUpload",
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have \
         been aborted or completed.",
    )
}

pub(super) fn no_such_tag_set() -> AwsError {
    with(
        StatusCode::NOT_FOUND,
        "NoSuchTagSet",
        "The TagSet does not exist",
    )
}

pub(super) fn no_such_version() -> AwsError {
    with(
        StatusCode::NOT_FOUND,
        "NoSuchVersion",
        "The specified version does not exist.",
    )
}

pub(super) fn bucket_not_empty() -> AwsError {
    with(
        StatusCode::CONFLICT,
        "BucketNotEmpty",
        "The bucket you tried to delete is not empty",
    )
}

pub(super) fn bucket_already_owned() -> AwsError {
    with(
        StatusCode::CONFLICT,
        "BucketAlreadyOwnedByYou",
        "Your previous request to create the named bucket succeeded and you already own it.",
    )
}

pub(super) fn precondition_failed() -> AwsError {
    with(
        StatusCode::PRECONDITION_FAILED,
        "PreconditionFailed",
        "At least one of the pre-conditions you specified did not hold",
    )
}

pub(super) fn not_modified() -> AwsError {
    with(StatusCode::NOT_MODIFIED, "NotModified", "Not Modified")
}

pub(super) fn invalid_range() -> AwsError {
    with(
        StatusCode::RANGE_NOT_SATISFIABLE,
        "InvalidRange",
        "The requested range is not satisfiable",
    )
}

pub(super) fn not_implemented(message: impl Into<String>) -> AwsError {
    with(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message)
}

pub(super) fn invalid_argument(message: impl Into<String>) -> AwsError {
    AwsError::new("InvalidArgument", message)
}

pub(super) fn invalid_request(message: impl Into<String>) -> AwsError {
    AwsError::new("InvalidRequest", message)
}

pub(super) fn malformed_xml() -> AwsError {
    AwsError::new(
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published \
         schema",
    )
}

pub(super) fn incomplete_body() -> AwsError {
    AwsError::new(
        "IncompleteBody",
        "You did not provide the number of bytes specified by the Content-Length HTTP header",
    )
}
