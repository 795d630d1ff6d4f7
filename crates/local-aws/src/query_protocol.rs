//! The query protocol: parameters of a form in, XML out. CloudFormation, IAM, SNS and STS speak it.
//!
//! `parameters.rs` makes the JSON value of a form that handlers know, and `xml.rs` writes theirs; the
//! service model says what is a list, a map, a number or a truth value. See
//! [AWS query protocol](https://smithy.io/2.0/aws/protocols/aws-query-protocol.html).

mod parameters;
mod xml;

use http::StatusCode;
use http::request::Parts;

use crate::error::AwsError;
use crate::model;
use crate::model::Model;

pub(crate) use parameters::Parameters;
pub(crate) use xml::escape;

/// The services that speak it: the name that they sign with, and their model.
fn services() -> [(&'static str, &'static Model); 4] {
    [
        ("sts", &*model::STS),
        ("iam", &*model::IAM),
        ("sns", &*model::SNS),
        ("cloudformation", &*model::CLOUDFORMATION),
    ]
}

/// What a request asks for.
#[derive(Debug)]
pub(crate) struct Query {
    /// The name that the service signs with.
    pub(crate) service: &'static str,
    /// One of the service's operations.
    pub(crate) action: String,
    pub(crate) model: &'static Model,
    pub(crate) parameters: Parameters,
}

/// Whether a request without a body asks for something in its query string.
pub(crate) fn is_spoken_in(parts: &Parts) -> bool {
    let names_action = || {
        let query = parts.uri.query().unwrap_or_default();
        query.split('&').any(|pair| pair.starts_with("Action="))
    };
    parts.method == http::Method::GET && parts.uri.path() == "/" && names_action()
}

/// The model of the service that a request is for: the one that it is signed for, or else the one
/// with the version that it names. Its namespace is in every answer, in errors too.
pub(crate) fn addressed(scope: Option<&str>, parameters: &Parameters) -> &'static Model {
    let services = services();
    let version = parameters.value("Version").unwrap_or_default();
    let signed_for = services.iter().find(|(name, _)| Some(*name) == scope);
    let found = signed_for.or_else(|| {
        let mut services = services.iter();
        services.find(|(_, model)| model.version() == version)
    });
    // Links in messages of SNS name an action and no version.
    found.map_or(&*model::SNS, |(_, model)| *model)
}

/// Finds the operation that a form asks for.
///
/// # Errors
///
/// `MissingAction` and `InvalidAction`, in AWS's words.
pub(crate) fn read(
    model: &'static Model,
    scope: Option<&str>,
    parameters: Parameters,
) -> Result<Query, AwsError> {
    let services = services();
    let Some(action) = parameters.value("Action").filter(|name| !name.is_empty()) else {
        return Err(AwsError::new(
            "MissingAction",
            "The request must contain the parameter Action.",
        ));
    };
    if let Some(scope) = scope
        && services.iter().all(|(name, _)| *name != scope)
    {
        return Err(AwsError::new(
            "InvalidAction",
            format!(
                "The local AWS has no service that signs as '{scope}' and takes forms. It has \
                 CloudFormation, EC2, IAM, SNS and STS."
            ),
        ));
    }
    let service = services
        .iter()
        .find(|(_, known)| std::ptr::eq(*known, model))
        .map_or("sns", |(name, _)| name);
    let version = parameters.value("Version");
    let is_version = version.is_none_or(|version| version == model.version());
    if !is_version || !model.has_operation(action) {
        return Err(AwsError::new(
            "InvalidAction",
            format!(
                "Could not find operation {action} for version {}",
                version.unwrap_or("NO_VERSION_SPECIFIED")
            ),
        ));
    }
    Ok(Query {
        service,
        action: action.to_owned(),
        model,
        parameters,
    })
}

impl Query {
    /// The input as handlers know it, held against the model.
    ///
    /// # Errors
    ///
    /// `MalformedInput` for a number or a truth value that is none, `ValidationError` for what
    /// breaks a constraint.
    pub(crate) fn input(&self) -> Result<serde_json::Value, AwsError> {
        match self.model.input(&self.action) {
            Some(shape) => self.parameters.read(shape),
            None => Ok(serde_json::json!({})),
        }
    }

    /// The answer of the operation.
    pub(crate) fn answer(&self, output: &serde_json::Value, request_id: &str) -> String {
        xml::answer(self.model, &self.action, output, request_id)
    }
}

/// An error with the code and the status that query services use.
pub(crate) fn error(model: &Model, error: &AwsError, request_id: &str) -> (StatusCode, String) {
    let (code, status) = match error.code {
        "MissingAuthenticationTokenException" => {
            ("MissingAuthenticationToken", StatusCode::FORBIDDEN)
        }
        "IncompleteSignatureException" => ("IncompleteSignature", StatusCode::BAD_REQUEST),
        "InvalidSignatureException" => ("SignatureDoesNotMatch", StatusCode::FORBIDDEN),
        "ExpiredTokenException" => ("ExpiredToken", StatusCode::FORBIDDEN),
        "UnrecognizedClientException" => ("InvalidClientTokenId", StatusCode::FORBIDDEN),
        "AccessDenied" => ("AccessDenied", StatusCode::FORBIDDEN),
        "SerializationException" => ("MalformedInput", StatusCode::BAD_REQUEST),
        other => {
            let own = model
                .status(other)
                .and_then(|status| StatusCode::from_u16(status).ok());
            // Clients repeat what a server could not do.
            let own = own.filter(|status| status.is_client_error());
            (other, own.unwrap_or(error.status))
        }
    };
    let message = error.message.as_deref().unwrap_or_default();
    (status, xml::error(model, code, message, request_id))
}
