//! The services whose operations are those of a service model.

use std::sync::LazyLock;

use super::deploy;
use super::ecr_login;
use super::json_call;
use super::model_facts::Model;
use super::model_operation::ModelOperations;
use super::operations::Operation;
use super::operations::Operations;
use super::operations::Service;
use super::query_call;
use crate::direct_call::DirectAnswer;
use crate::direct_call::DirectService;
use aws_smithy_types::error::metadata::ErrorMetadata;

/// A service: its name in the AWS CLI and in signatures, its name in settings, the beginning of its
/// host name, its model, what reads its errors, and the AWS CLI's own commands.
macro_rules! service {
    ($(#[$doc:meta])* $service:ident, $name:literal, $id:literal, $host:literal, $model:ident, $error:path, $commands:expr) => {
        $(#[$doc])*
        pub(super) static $service: Service = {
            static MODEL: LazyLock<Model<'static>> =
                LazyLock::new(|| Model::read(service_models::$model));
            static OPERATIONS: LazyLock<ModelOperations> = LazyLock::new(|| {
                let error: fn(&DirectAnswer) -> ErrorMetadata = $error;
                let commands: &[Operation] = $commands;
                ModelOperations::of(
                    DirectService {
                        name: $name,
                        id: $id,
                        host: $host,
                        is_global: $name == "iam",
                        signs_as_s3: false,
                        error,
                    },
                    &MODEL,
                    commands,
                )
            });
            Service {
                name: $name,
                operations: Operations::Model(&OPERATIONS),
            }
        };
    };
}

service! {
    /// CloudFormation.
    CLOUDFORMATION, "cloudformation", "CloudFormation", "cloudformation", CLOUDFORMATION,
    query_call::error, &[deploy::COMMAND]
}
service! {
    /// CodeCommit.
    CODECOMMIT, "codecommit", "CodeCommit", "codecommit", CODECOMMIT, json_call::error, &[]
}
service! {
    /// CodeStar Notifications: notification rules.
    CODESTAR_NOTIFICATIONS, "codestar-notifications", "codestar notifications",
    "codestar-notifications", CODESTAR_NOTIFICATIONS, json_call::error, &[]
}
service! {
    /// Elastic Compute Cloud.
    EC2, "ec2", "EC2", "ec2", EC2, query_call::error, &[]
}
service! {
    /// Elastic Container Registry.
    ECR, "ecr", "ECR", "api.ecr", ECR, json_call::error, &[ecr_login::COMMAND]
}
service! {
    /// EventBridge.
    EVENTS, "events", "EventBridge", "events", EVENTS, json_call::error, &[]
}
service! {
    /// Identity and Access Management.
    IAM, "iam", "IAM", "iam", IAM, query_call::error, &[]
}
service! {
    /// Simple Notification Service.
    SNS, "sns", "SNS", "sns", SNS, query_call::error, &[]
}
service! {
    /// Security Token Service.
    STS, "sts", "STS", "sts", STS, query_call::error, &[]
}
