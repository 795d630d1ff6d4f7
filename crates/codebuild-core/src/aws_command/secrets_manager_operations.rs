//! Secrets Manager's operations (service model 2017-10-17).

use super::json_call;
use super::json_call::json_operations;
use super::logs_operations::list;
use super::logs_operations::structure;
use super::operations::Operations;
use super::operations::Service;
use super::service_model::Shape;
use crate::direct_call::DirectService;

const SERVICE: DirectService = DirectService {
    name: "secretsmanager",
    id: "Secrets Manager",
    host: "secretsmanager",
    is_global: false,
    signs_as_s3: false,
    error: json_call::error,
};

/// Secrets Manager.
pub(crate) static SECRETS_MANAGER: Service = Service {
    name: "secretsmanager",
    operations: Operations::Written(json_operations! {
        SERVICE, "secretsmanager",
        CreateSecret(vec![
            ("Name", Shape::String),
            ("ClientRequestToken", Shape::String),
            ("Description", Shape::String),
            ("KmsKeyId", Shape::String),
            ("SecretString", Shape::String),
            ("Tags", tags()),
        ]) -> vec![
            ("ARN", Shape::String),
            ("Name", Shape::String),
            ("VersionId", Shape::String),
        ];
        DeleteSecret(vec![
            ("SecretId", Shape::String),
            ("RecoveryWindowInDays", Shape::Integer),
            ("ForceDeleteWithoutRecovery", Shape::Boolean),
        ]) -> vec![
            ("ARN", Shape::String),
            ("Name", Shape::String),
            ("DeletionDate", Shape::Timestamp),
        ];
        DescribeSecret(vec![("SecretId", Shape::String)]) -> vec![
            ("ARN", Shape::String),
            ("Name", Shape::String),
            ("Description", Shape::String),
            ("KmsKeyId", Shape::String),
            ("LastChangedDate", Shape::Timestamp),
            ("LastAccessedDate", Shape::Timestamp),
            ("DeletedDate", Shape::Timestamp),
            ("Tags", tags()),
            ("VersionIdsToStages", Shape::Map(Box::new(list(Shape::String)))),
            ("CreatedDate", Shape::Timestamp),
        ];
        GetSecretValue(vec![
            ("SecretId", Shape::String),
            ("VersionId", Shape::String),
            ("VersionStage", Shape::String),
        ]) -> vec![
            ("ARN", Shape::String),
            ("Name", Shape::String),
            ("VersionId", Shape::String),
            ("SecretString", Shape::String),
            ("VersionStages", list(Shape::String)),
            ("CreatedDate", Shape::Timestamp),
        ];
        ListSecrets(vec![
            ("IncludePlannedDeletion", Shape::Boolean),
            ("MaxResults", Shape::Integer),
            ("NextToken", Shape::String),
        ]) -> vec![
            ("SecretList", list(structure("SecretListEntry", vec![
                ("ARN", Shape::String),
                ("Name", Shape::String),
                ("Description", Shape::String),
                ("KmsKeyId", Shape::String),
                ("LastChangedDate", Shape::Timestamp),
                ("LastAccessedDate", Shape::Timestamp),
                ("DeletedDate", Shape::Timestamp),
                ("Tags", tags()),
                ("SecretVersionsToStages", Shape::Map(Box::new(list(Shape::String)))),
                ("CreatedDate", Shape::Timestamp),
            ]))),
            ("NextToken", Shape::String),
        ];
        PutSecretValue(vec![
            ("SecretId", Shape::String),
            ("ClientRequestToken", Shape::String),
            ("SecretString", Shape::String),
            ("VersionStages", list(Shape::String)),
        ]) -> vec![
            ("ARN", Shape::String),
            ("Name", Shape::String),
            ("VersionId", Shape::String),
            ("VersionStages", list(Shape::String)),
        ];
    }),
};

fn tags() -> Shape {
    list(structure(
        "SecretTag",
        vec![("Key", Shape::String), ("Value", Shape::String)],
    ))
}
