//! Why a call failed, in the AWS CLI's words, and what to do next.

use std::error::Error;
use std::path::PathBuf;

use aws_config::imds::client::error::ImdsError;
use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::credential_search::CredentialSearch;
use crate::replay::NotInRecording;

/// Why a call failed. The message is for the person at the terminal; [`CallError::hint`] says what
/// to do next.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// No place that the AWS CLI looks in has credentials.
    #[error("Unable to locate credentials. These places were looked at:\n{search}")]
    NoCredentials {
        /// Where credentials were looked for, and what was there.
        search: CredentialSearch,
    },
    /// Credentials are configured but could not be loaded, such as an SSO login that has ended.
    #[error("The credentials could not be loaded: {reason}.")]
    CredentialsFailed {
        /// The chain of causes, innermost last.
        reason: String,
        /// Where credentials were looked for, and what was there.
        search: CredentialSearch,
    },
    /// The service says that the session token has expired.
    #[error("An error occurred ({code}) when calling the {operation} operation: {message}")]
    ExpiredToken {
        /// The error code, such as `ExpiredTokenException`.
        code: String,
        /// Such as `CreateProject`.
        operation: String,
        /// The service's message.
        message: String,
    },
    /// The service does not know the keys, or the signature is wrong.
    #[error("An error occurred ({code}) when calling the {operation} operation: {message}")]
    CredentialsRefused {
        /// The error code, such as `UnrecognizedClientException`.
        code: String,
        /// Such as `CreateProject`.
        operation: String,
        /// The service's message.
        message: String,
    },
    /// The caller may not do this.
    #[error("An error occurred ({code}) when calling the {operation} operation: {message}")]
    AccessDenied {
        /// The error code, such as `AccessDeniedException`.
        code: String,
        /// Such as `CreateProject`.
        operation: String,
        /// The service's message.
        message: String,
    },
    /// The service refuses the request.
    #[error("An error occurred ({code}) when calling the {operation} operation: {message}")]
    Service {
        /// The error code, such as `ResourceAlreadyExistsException`.
        code: String,
        /// Such as `CreateProject`.
        operation: String,
        /// The service's message.
        message: String,
    },
    /// No region is configured.
    #[error(
        "You must specify a region: there is none in --region, AWS_REGION, AWS_DEFAULT_REGION or the profile."
    )]
    NoRegion,
    /// Nothing answers.
    #[error("Could not connect to the endpoint {endpoint} for {operation}: {reason}.")]
    Unreachable {
        /// The URL, or the service and region if the SDK chose it.
        endpoint: String,
        /// Such as `CreateProject`.
        operation: String,
        /// The chain of causes, innermost last.
        reason: String,
    },
    /// No answer in time.
    #[error("{operation} had no answer from {endpoint} in time.")]
    Timeout {
        /// The URL, or the service and region if the SDK chose it.
        endpoint: String,
        /// Such as `CreateProject`.
        operation: String,
    },
    /// What answered does not speak this AWS API.
    #[error("The answer of {endpoint} to {operation} is not an AWS answer (HTTP status {status}).")]
    NotAws {
        /// The URL, or the service and region if the SDK chose it.
        endpoint: String,
        /// Such as `CreateProject`.
        operation: String,
        /// The HTTP status.
        status: u16,
    },
    /// The request could not be made from the input.
    #[error("The request for {operation} could not be made: {reason}.")]
    Request {
        /// Such as `CreateProject`.
        operation: String,
        /// The chain of causes, innermost last.
        reason: String,
    },
    /// The recording has no answer for this call.
    #[error("{0}")]
    NotInRecording(NotInRecording),
    /// A recording cannot be read or written.
    #[error("The recording {path} cannot be {action}: {reason}.")]
    Recording {
        /// The file.
        path: PathBuf,
        /// `read` or `written`.
        action: &'static str,
        /// Why.
        reason: String,
    },
    /// A build id that the service does not know.
    #[error("There is no build {id}: BatchGetBuilds lists it in buildsNotFound.")]
    NoSuchBuild {
        /// The build id.
        id: String,
    },
    /// What was waited for did not come.
    #[error("Waiter {waiter} failed: {reason}")]
    Waiter {
        /// Such as `StackCreateComplete`.
        waiter: String,
        /// In the AWS CLI's words.
        reason: String,
    },
    /// A command of the AWS CLI's own failed, in its words.
    #[error("{message}")]
    Command {
        /// What happened.
        message: String,
    },
    /// `--query` does not fit the answer, such as a function that is given the wrong type.
    #[error("Bad value for --query: {reason}")]
    Query {
        /// Why.
        reason: String,
    },
}

impl CallError {
    /// What to do next, if there is something to say.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoCredentials { search } | Self::CredentialsFailed { search, .. } => {
                Some(search.advice())
            }
            Self::ExpiredToken { .. } => Some(
                "Log in again (`aws sso login`, or however you got the session), then run the \
                 command again."
                    .to_owned(),
            ),
            Self::CredentialsRefused { code, .. } if code.contains("Signature") => Some(
                "Check the secret access key and this computer's clock: AWS refuses requests that \
                 are more than five minutes off."
                    .to_owned(),
            ),
            Self::CredentialsRefused { .. } => Some(
                "Check which keys are used with `aws configure list`: these are wrong, deleted or \
                 of another AWS partition."
                    .to_owned(),
            ),
            Self::AccessDenied { operation, .. } => Some(format!(
                "The identity of these credentials needs a policy that allows {operation}. `aws \
                 sts get-caller-identity` shows whose credentials they are."
            )),
            Self::NoRegion => Some(
                "Add `--region eu-central-1` (or the region that you use), or set AWS_REGION, or \
                 run `aws configure`."
                    .to_owned(),
            ),
            Self::Unreachable { .. } => Some(
                "Check the endpoint URL, the region's name and the network; for a local endpoint, \
                 check that it is running."
                    .to_owned(),
            ),
            Self::Timeout { .. } => {
                Some("Check the network (proxy, VPN), then run the command again.".to_owned())
            }
            Self::NotAws { .. } => Some(
                "Check --endpoint-url, AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_CODEBUILD: another \
                 program answers there."
                    .to_owned(),
            ),
            Self::NotInRecording(_) => Some(
                "A recording can only replay the steps that were recorded, in their order. Use \
                 another target to run other commands."
                    .to_owned(),
            ),
            Self::Service { code, message, .. } => service_hint(code, message),
            Self::Request { .. }
            | Self::Recording { .. }
            | Self::NoSuchBuild { .. }
            | Self::Waiter { .. }
            | Self::Command { .. }
            | Self::Query { .. } => None,
        }
    }

    /// The AWS error code, if the service answered with one.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::ExpiredToken { code, .. }
            | Self::CredentialsRefused { code, .. }
            | Self::AccessDenied { code, .. }
            | Self::Service { code, .. } => Some(code),
            _ => None,
        }
    }

    /// What the service said, if it answered with an error.
    pub(crate) fn service_message(&self) -> Option<&str> {
        match self {
            Self::ExpiredToken { message, .. }
            | Self::CredentialsRefused { message, .. }
            | Self::AccessDenied { message, .. }
            | Self::Service { message, .. } => Some(message),
            _ => None,
        }
    }

    /// Whether the service asked for fewer requests.
    pub(crate) fn is_throttling(&self) -> bool {
        matches!(
            self.code(),
            Some(
                "ThrottlingException"
                    | "Throttling"
                    | "TooManyRequestsException"
                    | "RequestLimitExceeded"
                    | "ServiceUnavailableException"
            )
        )
    }

    /// Sorts what the SDK says by what the user can do about it.
    pub(crate) fn from_sdk<E>(
        operation: &str,
        endpoint: &str,
        search: impl FnOnce() -> CredentialSearch,
        error: SdkError<E, HttpResponse>,
    ) -> Self
    where
        E: Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        let operation = operation.to_owned();
        let endpoint = endpoint.to_owned();
        if let SdkError::ServiceError(refused) = &error {
            let metadata = refused.err().meta();
            return match metadata.code() {
                Some(code) => Self::from_code(code, metadata.message(), operation),
                None => Self::NotAws {
                    endpoint,
                    operation,
                    status: refused.raw().status().as_u16(),
                },
            };
        }
        if let Some(missing) = find_cause::<NotInRecording>(&error) {
            return Self::NotInRecording(missing.clone());
        }
        match find_cause::<CredentialsError>(&error) {
            Some(CredentialsError::CredentialsNotLoaded(_)) => {
                return Self::NoCredentials { search: search() };
            }
            // The metadata service is the last place of the search. Where it does not answer well
            // (a firewall or proxy in its place), this is not an EC2 instance with a role.
            Some(_) if find_cause::<ImdsError>(&error).is_some() => {
                return Self::NoCredentials { search: search() };
            }
            Some(failed) => {
                return Self::CredentialsFailed {
                    reason: causes(failed),
                    search: search(),
                };
            }
            None => {}
        }
        match error {
            SdkError::TimeoutError(_) => Self::Timeout {
                endpoint,
                operation,
            },
            SdkError::DispatchFailure(failure) if failure.is_timeout() => Self::Timeout {
                endpoint,
                operation,
            },
            SdkError::DispatchFailure(failure) => Self::Unreachable {
                endpoint,
                operation,
                reason: failure
                    .as_connector_error()
                    .map_or_else(|| "no connection".to_owned(), |error| causes(error)),
            },
            SdkError::ResponseError(answer) => Self::NotAws {
                endpoint,
                operation,
                status: answer.raw().status().as_u16(),
            },
            other => Self::Request {
                operation,
                reason: causes(&other),
            },
        }
    }

    fn from_code(code: &str, message: Option<&str>, operation: String) -> Self {
        let code = code.to_owned();
        let message = message.unwrap_or("no message").to_owned();
        match code.as_str() {
            "ExpiredTokenException" | "ExpiredToken" | "RequestExpired" => Self::ExpiredToken {
                code,
                operation,
                message,
            },
            "UnrecognizedClientException"
            | "InvalidClientTokenId"
            | "InvalidSignatureException"
            | "SignatureDoesNotMatch"
            | "AuthFailure"
            | "MissingAuthenticationTokenException" => Self::CredentialsRefused {
                code,
                operation,
                message,
            },
            "AccessDeniedException" | "AccessDenied" | "UnauthorizedOperation" => {
                Self::AccessDenied {
                    code,
                    operation,
                    message,
                }
            }
            _ => Self::Service {
                code,
                operation,
                message,
            },
        }
    }
}

/// What is known about some refusals that students meet (facts: CodeBuild user guide,
/// troubleshooting).
fn service_hint(code: &str, message: &str) -> Option<String> {
    let hint = match code {
        "ResourceAlreadyExistsException" if message.contains("roject") => {
            "Choose another name, or change what exists with `aws codebuild update-project`, or \
             remove it with `aws codebuild delete-project --name NAME`."
        }
        "ResourceNotFoundException" if message.contains("roject") => {
            "`aws codebuild list-projects` shows the projects of this account and region."
        }
        "InvalidInputException" if message.contains("sts:AssumeRole") => {
            "The service role must exist, its name is case-sensitive, and its trust policy must \
             allow codebuild.amazonaws.com to assume it."
        }
        "InvalidInputException" if message.contains("No Access token found") => {
            "Connect CodeBuild to GitHub once for this account and region, or use a public \
             repository without `reportBuildStatus`."
        }
        "InsufficientCapabilitiesException" => {
            "The template makes roles or policies. If that is what you want, add `--capabilities \
             CAPABILITY_NAMED_IAM`."
        }
        "AlreadyExistsException" if message.contains("Stack") => {
            "Choose another name, or change the stack with `aws cloudformation deploy` or \
             `update-stack`, or remove it with `aws cloudformation delete-stack --stack-name NAME`."
        }
        "DeleteConflict" => {
            "`aws iam list-role-policies` and `list-attached-role-policies` show what a role still \
             has: delete and detach that first."
        }
        "AccountLimitExceededException" => {
            "Wait until a build has ended, stop one, or ask for a higher quota in Service Quotas."
        }
        _ => return None,
    };
    Some(hint.to_owned())
}

/// The first error of a type in a chain of causes.
fn find_cause<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// The messages of a chain of causes, each once.
pub(crate) fn causes(error: &(dyn Error + 'static)) -> String {
    let mut messages: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let message = error.to_string();
        if messages
            .last()
            .is_none_or(|previous| !previous.contains(&message))
        {
            messages.push(message);
        }
        next = error.source();
    }
    messages.join(": ")
}
