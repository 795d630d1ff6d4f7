//! Errors as AWS answers them.

use http::StatusCode;

/// An error answer: an HTTP status, AWS's error code and a message.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{code}: {}", message.as_deref().unwrap_or_default())]
pub(crate) struct AwsError {
    /// The HTTP status. JSON services answer 400 to everything that the caller can change.
    pub(crate) status: StatusCode,
    /// The value of `__type`, such as `InvalidInputException`.
    pub(crate) code: &'static str,
    /// What happened. AWS sends some errors without a message.
    pub(crate) message: Option<String>,
}

impl AwsError {
    /// The code of [`Self::storage`].
    pub(crate) const STORAGE: &'static str = "LocalStorageException";

    /// An error with status 400.
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code,
            message: Some(message.into()),
        }
    }

    /// An error with status 400 and no message.
    pub(crate) const fn bare(code: &'static str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code,
            message: None,
        }
    }

    /// The same error with another status.
    pub(crate) const fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// CodeBuild's answer to an input that breaks one of its rules.
    pub(crate) fn invalid_input(message: impl Into<String>) -> Self {
        Self::new("InvalidInputException", message)
    }

    /// CodeBuild's and CloudWatch Logs' answer to something that is not there.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new("ResourceNotFoundException", message)
    }

    /// The answer to a body that is not JSON or has a value of a wrong type.
    pub(crate) fn serialization(message: impl Into<String>) -> Self {
        Self::new("SerializationException", message)
    }

    /// The answer when the state directory cannot be read or written. AWS would answer 500, which
    /// clients repeat several times; 400 shows the reason at once.
    pub(crate) fn storage(error: impl std::fmt::Display) -> Self {
        tracing::error!(%error, "the state directory cannot be used");
        Self::new(
            Self::STORAGE,
            format!(
                "The local AWS could not read or write its state directory: {error}. \
                 Check that the disk is not full and that the directory is writable, then try again."
            ),
        )
    }
}
