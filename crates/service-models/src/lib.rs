//! Facts of the public service models of AWS, as data.
//!
//! Each constant is a JSON text: `metadata` (version, protocols, XML namespace), `operations` (input
//! and output shape, errors, pages), `shapes` (members, constraints, enums, names in XML). Documentation
//! texts are not in them. `examples/model_facts.rs` makes them from an installed botocore. Of all
//! services but CodeBuild there are only the operations that this workspace has a use for.

/// CodeBuild, version 2016-10-06: every operation.
pub const CODEBUILD: &str = include_str!("codebuild.json");
/// CloudFormation, version 2010-05-15: templates, stacks, change sets and drift.
pub const CLOUDFORMATION: &str = include_str!("cloudformation.json");
/// CodeCommit, version 2015-04-13: repositories, branches, commits and files.
pub const CODECOMMIT: &str = include_str!("codecommit.json");
/// CodeStar Notifications, version 2019-10-15.
pub const CODESTAR_NOTIFICATIONS: &str = include_str!("codestar_notifications.json");
/// Elastic Compute Cloud, version 2016-11-15: regions.
pub const EC2: &str = include_str!("ec2.json");
/// Elastic Container Registry, version 2015-09-21.
pub const ECR: &str = include_str!("ecr.json");
/// EventBridge, version 2015-10-07.
pub const EVENTS: &str = include_str!("events.json");
/// Identity and Access Management, version 2010-05-08: roles and policies.
pub const IAM: &str = include_str!("iam.json");
/// Simple Notification Service, version 2010-03-31.
pub const SNS: &str = include_str!("sns.json");
/// Security Token Service, version 2011-06-15.
pub const STS: &str = include_str!("sts.json");
