//! Subscriptions of SNS that wait for a confirmation.

use aws_smithy_types::error::metadata::ErrorMetadata;

use crate::call_error::CallError;
use crate::direct_call::DirectAnswer;
use crate::direct_call::DirectRequest;
use crate::direct_call::DirectService;
use crate::session::Session;

const SERVICE: DirectService = DirectService {
    name: "sns",
    id: "SNS",
    host: "sns",
    is_global: false,
    signs_as_s3: false,
    error,
};

/// Confirms a subscription with the token that its endpoint was sent; the subscription's ARN.
///
/// # Errors
///
/// As ConfirmSubscription has them.
pub async fn confirm_subscription(
    session: &Session,
    topic_arn: &str,
    token: &str,
) -> Result<String, CallError> {
    // Neither has a character that a form would write otherwise, but for the colons.
    let topic_arn = topic_arn.replace(':', "%3A");
    let request = DirectRequest {
        method: "POST",
        uri: "/".to_owned(),
        headers: vec![(
            "content-type",
            "application/x-www-form-urlencoded".to_owned(),
        )],
        body: format!(
            "Action=ConfirmSubscription&Version=2010-03-31&TopicArn={topic_arn}&Token={token}"
        )
        .into_bytes(),
    };
    let answer = session
        .call_directly(SERVICE, "ConfirmSubscription", request)
        .await?;
    Ok(text(&answer, "SubscriptionArn").unwrap_or_default())
}

fn error(answer: &DirectAnswer) -> ErrorMetadata {
    let mut error = ErrorMetadata::builder();
    if let Some(code) = text(answer, "Code") {
        error = error.code(code);
    }
    if let Some(message) = text(answer, "Message") {
        error = error.message(message);
    }
    error.build()
}

/// The text of the first element with this name.
fn text(answer: &DirectAnswer, name: &str) -> Option<String> {
    let body = std::str::from_utf8(&answer.body).ok()?;
    let document = roxmltree::Document::parse(body).ok()?;
    let mut nodes = document.descendants();
    let found = nodes.find(|node| node.tag_name().name() == name)?;
    Some(found.text()?.to_owned())
}
