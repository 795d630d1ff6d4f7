//! Runs an operation of any service, for requests and for services that use one another.

use std::sync::Arc;

use serde_json::Value;

use crate::access_keys::Caller;
use crate::cloudformation;
use crate::codebuild;
use crate::codecommit;
use crate::error::AwsError;
use crate::event_bridge;
use crate::iam;
use crate::logs;
use crate::model;
use crate::model::Model;
use crate::notification_rules;
use crate::parameter_store;
use crate::secrets_manager;
use crate::services::Services;
use crate::sns;
use crate::sts;

impl Services {
    /// Runs an operation of the service that signs with this name. Input and output are as JSON
    /// services have them: members by the names in the service model, times in epoch seconds.
    ///
    /// # Errors
    ///
    /// As the operation does.
    pub(crate) async fn call(
        self: &Arc<Self>,
        caller: &Caller,
        service: &str,
        operation: &str,
        input: Value,
    ) -> Result<Value, AwsError> {
        match service {
            "cloudformation" => {
                let answer = cloudformation::call(self, caller, operation, input).await;
                self.held_against(&model::CLOUDFORMATION, operation, answer)
            }
            "codebuild" => {
                let answer = codebuild::call(self, operation, input).await;
                self.held_against(&model::CODEBUILD, operation, answer)
            }
            "codecommit" => codecommit::call(self, operation, input).await,
            "codestar-notifications" => {
                let answer = notification_rules::call(self, operation, input).await;
                self.held_against(&model::NOTIFICATIONS, operation, answer)
            }
            "events" => {
                let answer = event_bridge::call(self, operation, input).await;
                self.held_against(&model::EVENTS, operation, answer)
            }
            "iam" => {
                let answer = iam::call(self, operation, input).await;
                self.held_against(&model::IAM, operation, answer)
            }
            "logs" => logs::call(self, operation, input).await,
            "secretsmanager" => secrets_manager::call(self, operation, input).await,
            "sns" => {
                let answer = sns::call(self, caller, operation, input).await;
                self.held_against(&model::SNS, operation, answer)
            }
            "ssm" => parameter_store::call(self, operation, input).await,
            "sts" => {
                let answer = sts::call(self, caller, operation, input);
                self.held_against(&model::STS, operation, answer)
            }
            _ => Err(AwsError::new(
                "UnknownOperationException",
                format!("The local AWS has no service {service}."),
            )),
        }
    }

    fn held_against(
        &self,
        model: &Model,
        operation: &str,
        answer: Result<Value, AwsError>,
    ) -> Result<Value, AwsError> {
        if !self.check_answers {
            return answer;
        }
        match model.check_answer(operation, answer.as_ref()) {
            Ok(()) => answer,
            Err(found) => {
                tracing::error!(found);
                Err(AwsError::new("ModelMismatchException", found))
            }
        }
    }
}
