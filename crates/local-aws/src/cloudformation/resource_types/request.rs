//! What a resource is made for.

use std::pin::Pin;
use std::sync::Arc;

use http::StatusCode;
use serde_json::Value;

use super::Failure;
use crate::access_keys::Caller;
use crate::error::AwsError;
use crate::model::IAM;
use crate::model::SNS;
use crate::services::Services;
use crate::system_tags;

/// A call of another service.
pub(super) type Calling<'a> = Pin<Box<dyn Future<Output = Result<Value, AwsError>> + Send + 'a>>;

/// A service that resources are made with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Service {
    /// The name that it signs with.
    pub(super) signing_name: &'static str,
    /// The name that handlers give it in messages, such as `Iam`.
    pub(super) shown_name: &'static str,
}

/// What a resource is made for.
#[derive(Clone, Copy)]
pub(crate) struct Request<'a> {
    pub(crate) services: &'a Arc<Services>,
    /// Who created the stack.
    pub(crate) caller: &'a Caller,
    pub(crate) stack_name: &'a str,
    /// The ARN of the stack.
    pub(crate) stack_id: &'a str,
    pub(crate) logical_id: &'a str,
    pub(crate) stack_tags: &'a [(String, String)],
    /// Stays the same when an interrupted creation is taken up again.
    pub(crate) token: &'a str,
}

impl<'a> Request<'a> {
    /// Runs an operation of the service that signs with this name, in the name of the stack's creator.
    ///
    /// # Errors
    ///
    /// As the operation does.
    // The future is boxed: operations of CloudFormation lead to stacks, and these to operations.
    pub(super) fn call(
        &self,
        service: &'static str,
        operation: &'static str,
        input: Value,
    ) -> Calling<'a> {
        let services = self.services;
        let caller = self.caller;
        Box::pin(system_tags::let_in(async move {
            services.call(caller, service, operation, input).await
        }))
    }

    /// The same, with what the handler of a type makes of an error.
    ///
    /// # Errors
    ///
    /// What the service has against it.
    pub(super) async fn ask(
        &self,
        service: Service,
        operation: &'static str,
        input: Value,
    ) -> Result<Value, Failure> {
        self.call(service.signing_name, operation, input)
            .await
            .map_err(|error| {
                let error = with_status(service, error);
                Failure::of_service(service.shown_name, &error)
            })
    }

    /// The tags of a resource whose type takes tags: its own, then the stack's that it does not
    /// have itself, then, where `system` says that AWS puts them there, those that name the stack.
    pub(super) fn tags(&self, own: Vec<(String, String)>, system: bool) -> Vec<(String, String)> {
        let mut tags = own;
        for (key, value) in self.stack_tags {
            if !tags.iter().any(|(known, _)| known == key) {
                tags.push((key.clone(), value.clone()));
            }
        }
        if system {
            tags.extend(self.system_tags());
        }
        tags
    }

    /// Stack name, stack id and logical id.
    pub(super) fn system_tags(&self) -> [(String, String); 3] {
        [
            ("stack-name", self.stack_name),
            ("stack-id", self.stack_id),
            ("logical-id", self.logical_id),
        ]
        .map(|(key, value)| (format!("aws:cloudformation:{key}"), value.to_owned()))
    }
}

/// Errors of services with XML have statuses of their own, which the model knows.
fn with_status(service: Service, error: AwsError) -> AwsError {
    let status = match service.signing_name {
        "iam" => IAM.status(error.code),
        "sns" => SNS.status(error.code),
        _ => None,
    };
    match status.and_then(|status| StatusCode::from_u16(status).ok()) {
        Some(status) => error.with_status(status),
        None => error,
    }
}
