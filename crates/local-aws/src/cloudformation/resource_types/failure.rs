//! Why a resource could not be made, in AWS's words.

use uuid::Uuid;

use crate::error::AwsError;

/// Why not.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Failure {
    /// The whole `ResourceStatusReason`.
    pub(crate) reason: String,
    /// One of the [handler error codes](https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html).
    pub(crate) handler_error_code: &'static str,
}

impl Failure {
    /// `Resource handler returned message: "…" (RequestToken: …, HandlerErrorCode: …)`, as types on
    /// the CloudFormation registry say it.
    pub(super) fn of_handler(code: &'static str, message: impl std::fmt::Display) -> Self {
        Self {
            reason: format!(
                "Resource handler returned message: \"{message}\" (RequestToken: {}, HandlerErrorCode: {code})",
                Uuid::new_v4()
            ),
            handler_error_code: code,
        }
    }

    /// What a service has answered, as the handler of a type on the registry passes it on. `service`
    /// is the SDK's name of it, such as `Iam` or `CloudWatchLogs`.
    pub(super) fn of_service(service: &str, error: &AwsError) -> Self {
        Self::of_handler(
            handler_error_code(error),
            format_args!(
                "{} (Service: {service}, Status Code: {}, Request ID: {}) (SDK Attempt Count: 1)",
                error.message.as_deref().unwrap_or("null"),
                error.status.as_u16(),
                Uuid::new_v4(),
            ),
        )
    }

    /// Whether something was not there.
    pub(super) fn is_not_found(&self) -> bool {
        self.handler_error_code == "NotFound"
    }

    /// Whether something was there already.
    pub(super) fn is_already_exists(&self) -> bool {
        self.handler_error_code == "AlreadyExists"
    }

    /// There is one already that does not belong to the stack.
    pub(super) fn already_exists(resource_type: &str, identifier: impl std::fmt::Display) -> Self {
        Self::of_handler(
            "AlreadyExists",
            format_args!(
                "Resource of type '{resource_type}' with identifier '{identifier}' already exists."
            ),
        )
    }

    /// It is not there (any more).
    pub(super) fn not_found(resource_type: &str, identifier: impl std::fmt::Display) -> Self {
        Self::of_handler(
            "NotFound",
            format_args!(
                "Resource of type '{resource_type}' with identifier '{identifier}' was not found."
            ),
        )
    }

    /// A property of the type that the local AWS has no effect for.
    pub(super) fn unsupported_property(pointer: &str, why: &str) -> Self {
        Self::of_handler(
            "InvalidRequest",
            format_args!(
                "The local AWS does not support the property {pointer}: {why}. Remove it from the template, or create the stack on AWS."
            ),
        )
    }

    /// What a service has answered, in the words of types that are older than the registry. `service`
    /// is such as `AWSCodeBuild`.
    pub(super) fn of_older_handler(service: &str, error: &AwsError) -> Self {
        Self {
            reason: format!(
                "{} (Service: {service}; Status Code: {}; Error Code: {}; Request ID: {}; Proxy: null)",
                error.message.as_deref().unwrap_or("null"),
                error.status.as_u16(),
                error.code,
                Uuid::new_v4(),
            ),
            handler_error_code: handler_error_code(error),
        }
    }

    /// The type has no module.
    pub(super) fn unknown_type(resource_type: &str) -> Self {
        Self::of_handler(
            "InvalidRequest",
            format_args!("The local AWS does not support the resource type {resource_type}."),
        )
    }
}

/// `None` instead of the failure that something is not there.
pub(super) fn if_there<T>(result: Result<T, Failure>) -> Result<Option<T>, Failure> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(failure) if failure.is_not_found() => Ok(None),
        Err(failure) => Err(failure),
    }
}

fn handler_error_code(error: &AwsError) -> &'static str {
    let code = error.code;
    let has = |part: &str| code.contains(part);
    if has("AlreadyExists") || has("AlreadyOwned") || has("NameExists") {
        "AlreadyExists"
    } else if has("NotFound") || has("NoSuch") || has("DoesNotExist") {
        "NotFound"
    } else if has("AccessDenied") || has("Unauthorized") || has("AuthorizationError") {
        "AccessDenied"
    } else if has("Limit") || has("TooMany") {
        "ServiceLimitExceeded"
    } else if has("DeleteConflict") || has("NotEmpty") {
        "GeneralServiceException"
    } else if has("Conflict") || has("InUse") || has("ConcurrentModification") {
        "ResourceConflict"
    } else if has("LocalStorage") {
        "ServiceInternalError"
    } else {
        "InvalidRequest"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_of_a_service_is_passed_on_as_the_registry_does() {
        let error = AwsError::new("EntityAlreadyExists", "Role with name x already exists.")
            .with_status(http::StatusCode::CONFLICT);
        let failure = Failure::of_service("Iam", &error);
        assert_eq!(failure.handler_error_code, "AlreadyExists");
        assert!(
            failure.reason.starts_with(
                "Resource handler returned message: \"Role with name x already exists. (Service: Iam, Status Code: 409, Request ID: "
            ),
            "{}",
            failure.reason
        );
        assert!(
            failure
                .reason
                .ends_with(", HandlerErrorCode: AlreadyExists)")
        );
    }
}
