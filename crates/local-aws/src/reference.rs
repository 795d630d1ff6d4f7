//! What the local AWS has of each service: for docs/reference/api.md, and for the tests that hold it
//! against a running server.

use std::fmt::Write;

use crate::codecommit;
use crate::ec2;
use crate::ecr;
use crate::logs;
use crate::model;
use crate::parameter_store;
use crate::s3;
use crate::secrets_manager;

/// A service of the local AWS.
#[derive(Clone, Debug)]
pub struct ApiService {
    /// As AWS writes it, such as `CloudWatch Logs`.
    pub name: &'static str,
    /// Its protocols.
    pub protocol: &'static str,
    /// What comes before the dot in `X-Amz-Target`, for services that have one.
    pub target: Option<&'static str>,
    /// Its operations, sorted by name.
    pub operations: Vec<ApiOperation>,
}

/// An operation of a service.
#[derive(Clone, Copy, Debug)]
pub struct ApiOperation {
    /// Such as `CreateProject`.
    pub name: &'static str,
    /// How much of it is here.
    pub support: Support,
    /// What is otherwise than on AWS, or empty.
    pub note: &'static str,
}

/// How much of an operation is here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Support {
    /// It does what it does on AWS, as far as a machine of its own can do it.
    Full,
    /// What it is given is checked, kept and shown, and has no further effect.
    StoredOnly,
    /// It answers an error that says why, and what to do instead.
    Refused,
}

/// What is not as on AWS: service, operation, support, note.
const NOTES: &[(&str, &str, Support, &str)] = &[
    (
        "CodeBuild",
        "CreateFleet",
        Support::Full,
        "ACTIVE at once; its builds run on this host, `baseCapacity` at a time",
    ),
    (
        "CodeBuild",
        "CreateWebhook",
        Support::Full,
        "nothing is registered at the git server: send events to `payloadUrl`",
    ),
    (
        "CodeBuild",
        "DeleteResourcePolicy",
        Support::StoredOnly,
        "there is one account",
    ),
    (
        "CodeBuild",
        "GetResourcePolicy",
        Support::StoredOnly,
        "there is one account",
    ),
    (
        "CodeBuild",
        "ListCuratedEnvironmentImages",
        Support::Full,
        "the images that public documents name",
    ),
    (
        "CodeBuild",
        "ListSharedProjects",
        Support::Full,
        "always empty: there is one account",
    ),
    (
        "CodeBuild",
        "ListSharedReportGroups",
        Support::Full,
        "always empty: there is one account",
    ),
    (
        "CodeBuild",
        "PutResourcePolicy",
        Support::StoredOnly,
        "allows nothing: there is one account",
    ),
    (
        "CodeBuild",
        "StartSandboxConnection",
        Support::Refused,
        "there is no Session Manager; use StartCommandExecution",
    ),
    (
        "CodeBuild",
        "UpdateProjectVisibility",
        Support::StoredOnly,
        "the page of public builds is a site of AWS's own",
    ),
    (
        "CloudFormation",
        "DescribeAccountLimits",
        Support::StoredOnly,
        "the defaults of a new account; they are not checked",
    ),
    (
        "CloudFormation",
        "EstimateTemplateCost",
        Support::Refused,
        "there are no prices",
    ),
    (
        "CloudWatch Logs",
        "AssociateKmsKey",
        Support::StoredOnly,
        "nothing is encrypted",
    ),
    (
        "CloudWatch Logs",
        "DisassociateKmsKey",
        Support::StoredOnly,
        "nothing is encrypted",
    ),
    (
        "CloudWatch Logs",
        "StartLiveTail",
        Support::Full,
        "clients put `streaming-logs.` before the host: it works with `http://localhost:PORT` where `*.localhost` resolves; `aws logs tail --follow` works everywhere",
    ),
    (
        "CodeCommit",
        "DeleteFile",
        Support::Full,
        "`keepEmptyFolders` is refused",
    ),
    (
        "CodeCommit",
        "PutRepositoryTriggers",
        Support::Full,
        "to topics; there is no Lambda",
    ),
    (
        "ECR",
        "BatchGetRepositoryScanningConfiguration",
        Support::Refused,
        "images are not scanned",
    ),
    (
        "ECR",
        "DeleteRepositoryPolicy",
        Support::StoredOnly,
        "there is one account",
    ),
    (
        "ECR",
        "DescribeImageScanFindings",
        Support::Refused,
        "images are not scanned",
    ),
    (
        "ECR",
        "DescribeRegistry",
        Support::Full,
        "nothing is replicated",
    ),
    (
        "ECR",
        "GetRegistryScanningConfiguration",
        Support::Refused,
        "images are not scanned",
    ),
    (
        "ECR",
        "GetRepositoryPolicy",
        Support::StoredOnly,
        "there is one account",
    ),
    (
        "ECR",
        "InitiateLayerUpload",
        Support::Full,
        "`partSize` is 2 MiB: a request has 4 MiB at most",
    ),
    (
        "ECR",
        "PutImageScanningConfiguration",
        Support::StoredOnly,
        "images are not scanned",
    ),
    (
        "ECR",
        "PutLifecyclePolicy",
        Support::Full,
        "evaluated at once, at each push and every hour",
    ),
    (
        "ECR",
        "PutRegistryScanningConfiguration",
        Support::Refused,
        "images are not scanned",
    ),
    (
        "ECR",
        "SetRepositoryPolicy",
        Support::StoredOnly,
        "allows nothing: there is one account",
    ),
    (
        "ECR",
        "StartImageScan",
        Support::Refused,
        "images are not scanned",
    ),
    (
        "S3",
        "DeleteBucketEncryption",
        Support::StoredOnly,
        "nothing is encrypted",
    ),
    (
        "S3",
        "DeleteBucketOwnershipControls",
        Support::StoredOnly,
        "there is one account",
    ),
    (
        "S3",
        "DeleteBucketPolicy",
        Support::StoredOnly,
        "there is one account",
    ),
    (
        "S3",
        "DeletePublicAccessBlock",
        Support::StoredOnly,
        "nothing is public",
    ),
    (
        "S3",
        "GetBucketEncryption",
        Support::StoredOnly,
        "nothing is encrypted",
    ),
    (
        "S3",
        "GetBucketOwnershipControls",
        Support::StoredOnly,
        "there is one account",
    ),
    (
        "S3",
        "GetBucketPolicy",
        Support::StoredOnly,
        "there is one account",
    ),
    (
        "IAM",
        "DeleteRolePermissionsBoundary",
        Support::Full,
        "counts in simulations and when a role assumes another",
    ),
    (
        "IAM",
        "ListInstanceProfilesForRole",
        Support::Full,
        "always empty: there is no EC2",
    ),
    (
        "IAM",
        "PutRolePermissionsBoundary",
        Support::Full,
        "counts in simulations and when a role assumes another",
    ),
    (
        "IAM",
        "SimulateCustomPolicy",
        Support::Full,
        "without the positions of statements in their documents",
    ),
    (
        "IAM",
        "SimulatePrincipalPolicy",
        Support::Full,
        "without the positions of statements in their documents",
    ),
    ("S3", "GetBucketVersioning", Support::Full, "never enabled"),
    (
        "S3",
        "GetPublicAccessBlock",
        Support::StoredOnly,
        "nothing is public",
    ),
    (
        "S3",
        "PutBucketEncryption",
        Support::StoredOnly,
        "nothing is encrypted",
    ),
    (
        "S3",
        "PutBucketLifecycleConfiguration",
        Support::Full,
        "without transitions: there is one storage class",
    ),
    (
        "S3",
        "PutBucketOwnershipControls",
        Support::StoredOnly,
        "there is one account",
    ),
    (
        "S3",
        "PutBucketPolicy",
        Support::StoredOnly,
        "there is one account",
    ),
    (
        "S3",
        "PutBucketVersioning",
        Support::Refused,
        "objects have one version",
    ),
    (
        "S3",
        "PutPublicAccessBlock",
        Support::StoredOnly,
        "nothing is public",
    ),
];

/// Every service and operation that the local AWS has.
#[must_use]
pub fn api_services() -> Vec<ApiService> {
    let s3 = s3::INPUTS.iter();
    let s3: Vec<&str> = s3.filter_map(|input| input.strip_suffix("Input")).collect();
    let json = "JSON 1.1";
    [
        (
            "CodeBuild",
            "JSON 1.1, RPC v2 CBOR",
            Some("CodeBuild_20161006"),
            &model::CODEBUILD.operations()[..],
        ),
        (
            "CloudWatch Logs",
            json,
            Some("Logs_20140328"),
            &logs::OPERATIONS,
        ),
        ("S3", "REST", None, &s3),
        (
            "ECR",
            "JSON 1.1, OCI distribution",
            Some("AmazonEC2ContainerRegistry_V20150921"),
            &ecr::OPERATIONS,
        ),
        (
            "CodeCommit",
            "JSON 1.1, git's smart HTTP",
            Some("CodeCommit_20150413"),
            &codecommit::OPERATIONS,
        ),
        (
            "CodeStar Notifications",
            "REST, JSON",
            None,
            &model::NOTIFICATIONS.operations(),
        ),
        (
            "EventBridge",
            json,
            Some("AWSEvents"),
            &model::EVENTS.operations(),
        ),
        (
            "Systems Manager",
            json,
            Some("AmazonSSM"),
            &parameter_store::OPERATIONS,
        ),
        (
            "Secrets Manager",
            json,
            Some("secretsmanager"),
            &secrets_manager::OPERATIONS,
        ),
        (
            "CloudFormation",
            "query",
            None,
            &model::CLOUDFORMATION.operations(),
        ),
        ("EC2", "EC2 query", None, &ec2::OPERATIONS),
        ("IAM", "query", None, &model::IAM.operations()),
        ("SNS", "query", None, &model::SNS.operations()),
        ("STS", "query", None, &model::STS.operations()),
    ]
    .into_iter()
    .map(|(name, protocol, target, operations)| {
        let mut operations: Vec<ApiOperation> = operations
            .iter()
            .map(|operation| entry(name, operation))
            .collect();
        operations.sort_unstable_by_key(|operation| operation.name);
        ApiService {
            name,
            protocol,
            target,
            operations,
        }
    })
    .collect()
}

fn entry(service: &str, name: &'static str) -> ApiOperation {
    let note = NOTES
        .iter()
        .find(|note| (note.0, note.1) == (service, name));
    let (support, note) = note.map_or((Support::Full, ""), |note| (note.2, note.3));
    ApiOperation {
        name,
        support,
        note,
    }
}

/// The text of docs/reference/api.md.
#[must_use]
pub fn api_reference() -> String {
    let services = api_services();
    let mut page = "\
# What the local AWS has

Made by `cargo run -p local-aws --example api_reference`. A test holds each row against a running
server.

- **full**: does what it does on AWS, as far as one machine can; what is chosen where AWS's documents
  leave it open is in [fidelity.md](../fidelity.md).
- **stored only**: what it is given is checked, kept and shown, and has no further effect.
- **refused**: answers an error that says why, and what to do instead.

An operation that is not in these tables answers `UnknownOperationException` (S3: `NotImplemented`,
services with the query protocol: `InvalidAction`).
"
    .to_owned();
    for service in services {
        let count = service.operations.len();
        let operations = if count == 1 {
            "operation"
        } else {
            "operations"
        };
        let _ = write!(
            page,
            "\n## {} ({}): {count} {operations}\n\n| operation | here | |\n|---|---|---|\n",
            service.name, service.protocol
        );
        for operation in service.operations {
            let support = match operation.support {
                Support::Full => "full",
                Support::StoredOnly => "stored only",
                Support::Refused => "refused",
            };
            let _ = writeln!(
                page,
                "| {} | {support} | {} |",
                operation.name, operation.note
            );
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_note_is_about_an_operation_that_is_here() {
        let services = api_services();
        for (service, operation, ..) in NOTES {
            let service = services.iter().find(|known| known.name == *service);
            let mut operations = service.unwrap().operations.iter();
            assert!(
                operations.any(|known| known.name == *operation),
                "{operation}"
            );
        }
    }
}
