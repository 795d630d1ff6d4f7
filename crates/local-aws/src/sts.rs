//! STS over the query protocol: GetCallerIdentity.

use http::StatusCode;

use crate::access_keys::Caller;
use crate::access_keys::RoleSession;
use crate::account::Account;
use crate::error::AwsError;

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// What is here of STS.
pub(crate) const OPERATIONS: [&str; 1] = ["GetCallerIdentity"];

/// Whether STS has the action here.
pub(crate) fn has_action(action: &str) -> bool {
    OPERATIONS.contains(&action)
}

/// The reply of GetCallerIdentity.
pub(crate) fn get_caller_identity(account: &Account, caller: &Caller, request_id: &str) -> String {
    let (arn, user_id) = match caller {
        Caller::User => (account.user_arn(), format!("AIDA{}LOCALUSR", account.id)),
        Caller::Role(RoleSession { role, session }) => (
            account.assumed_role_arn(role, session),
            format!("AROA{}LOCALROL:{session}", account.id),
        ),
    };
    format!(
        "<GetCallerIdentityResponse xmlns=\"{NAMESPACE}\">\
         <GetCallerIdentityResult><Arn>{}</Arn><UserId>{}</UserId><Account>{}</Account>\
         </GetCallerIdentityResult>\
         <ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>\
         </GetCallerIdentityResponse>\n",
        escape(&arn),
        escape(&user_id),
        escape(&account.id),
    )
}

/// An error with the names and the status that query services use.
pub(crate) fn error(error: &AwsError, request_id: &str) -> (StatusCode, String) {
    let (code, status) = match error.code {
        "MissingAuthenticationTokenException" => {
            ("MissingAuthenticationToken", StatusCode::FORBIDDEN)
        }
        "IncompleteSignatureException" => ("IncompleteSignature", StatusCode::BAD_REQUEST),
        "InvalidSignatureException" => ("SignatureDoesNotMatch", StatusCode::FORBIDDEN),
        "ExpiredTokenException" => ("ExpiredToken", StatusCode::FORBIDDEN),
        "UnrecognizedClientException" => ("InvalidClientTokenId", StatusCode::FORBIDDEN),
        other => (other, error.status),
    };
    let body = format!(
        "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>Sender</Type><Code>{code}</Code>\
         <Message>{}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>\n",
        escape(error.message.as_deref().unwrap_or_default())
    );
    (status, body)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
