//! The types of resources that a stack can have: how each is made, changed, removed and looked at.
//!
//! A type has a module with six functions of the same names as here. It makes its resource through
//! the operations of the service that the resource belongs to, with [`Request::ask`]. Its properties
//! have the types of the schema. `read` answers all that the service tells.

mod codebuild;
mod failure;
mod live;
mod members;
mod names;
mod properties;
mod request;
mod s3_lifecycle;
mod scalars;
mod tags;

use serde_json::Map;
use serde_json::Value;

pub(crate) use failure::Failure;
pub(crate) use request::Request;

/// Live properties.
type Live = Option<Map<String, Value>>;

/// A resource that is there. `Ref` gives its `physical_id`, `Fn::GetAtt` one of its `attributes`
/// (nested ones by names with dots).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Made {
    pub(crate) physical_id: String,
    pub(crate) attributes: Map<String, Value>,
}

impl Made {
    /// A resource with these attributes.
    fn new<const N: usize>(physical_id: impl Into<String>, attributes: [(&str, Value); N]) -> Self {
        Self {
            physical_id: physical_id.into(),
            attributes: attributes
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        }
    }
}

/// The properties with the types of the schema, as all functions here see them.
pub(crate) fn normalized(resource_type: &str, properties: &Value) -> Value {
    match cloudformation_template::resource_types::of(resource_type) {
        Some(resource_type) => resource_type.normalized(properties),
        None => properties.clone(),
    }
}

/// The one table of resource types, and the functions that choose by it.
macro_rules! resource_types {
    ($($name:literal => $module:ident,)*) => {
        $(mod $module;)*

        /// Whether resources of this type can be made here.
        pub(crate) fn is_supported(resource_type: &str) -> bool {
            matches!(resource_type, $($name)|*)
        }

        /// The physical id if it is known before creation: a given name, or one generated from
        /// stack name, logical id and token as AWS does.
        pub(crate) fn planned_id(
            request: &Request<'_>,
            resource_type: &str,
            properties: &Value,
        ) -> Option<String> {
            let properties = &normalized(resource_type, properties);
            match resource_type {
                $($name => $module::planned_id(request, properties),)*
                _ => None,
            }
        }

        /// Makes a resource.
        ///
        /// # Errors
        ///
        /// What the service has against it. Nothing that was not there before is there then.
        pub(crate) async fn create(
            request: &Request<'_>,
            resource_type: &str,
            properties: &Value,
        ) -> Result<Made, Failure> {
            let properties = &normalized(resource_type, properties);
            properties::refuse_reserved_tags(properties)?;
            match resource_type {
                $($name => $module::create(request, properties).await,)*
                _ => Err(Failure::unknown_type(resource_type)),
            }
        }

        /// Changes a resource in place. Properties that need another resource are the same in `old`
        /// and `new`.
        ///
        /// # Errors
        ///
        /// What the service has against it.
        pub(crate) async fn update(
            request: &Request<'_>,
            resource_type: &str,
            physical_id: &str,
            old: &Value,
            new: &Value,
        ) -> Result<Made, Failure> {
            let old = &normalized(resource_type, old);
            let new = &normalized(resource_type, new);
            properties::refuse_reserved_tags(new)?;
            match resource_type {
                $($name => $module::update(request, physical_id, old, new).await,)*
                _ => Err(Failure::unknown_type(resource_type)),
            }
        }

        /// Removes a resource. It is fine if it is not there.
        ///
        /// # Errors
        ///
        /// What the service has against it.
        pub(crate) async fn delete(
            request: &Request<'_>,
            resource_type: &str,
            physical_id: &str,
            properties: &Value,
        ) -> Result<(), Failure> {
            let properties = &normalized(resource_type, properties);
            match resource_type {
                $($name => $module::delete(request, physical_id, properties).await,)*
                _ => Err(Failure::unknown_type(resource_type)),
            }
        }

        /// The properties as they are now, for drift: those that `properties` names. To be compared
        /// with [`normalized`] properties. `None` if the resource is gone.
        ///
        /// # Errors
        ///
        /// What the service has against it.
        pub(crate) async fn read(
            request: &Request<'_>,
            resource_type: &str,
            physical_id: &str,
            properties: &Value,
        ) -> Result<Option<Value>, Failure> {
            let properties = &normalized(resource_type, properties);
            let live = match resource_type {
                $($name => $module::read(request, physical_id, properties).await,)*
                _ => Err(Failure::unknown_type(resource_type)),
            };
            Ok(live?.map(|live| properties::as_in_template(resource_type, live, properties)))
        }

        /// Finds what an interrupted creation has made, and completes it.
        ///
        /// # Errors
        ///
        /// What the service has against it.
        pub(crate) async fn find(
            request: &Request<'_>,
            resource_type: &str,
            properties: &Value,
        ) -> Result<Option<Made>, Failure> {
            let properties = &normalized(resource_type, properties);
            match resource_type {
                $($name => $module::find(request, properties).await,)*
                _ => Err(Failure::unknown_type(resource_type)),
            }
        }
    };
}

// A line a type: its name and its module, sorted by name.
resource_types! {
    "AWS::CodeBuild::Project" => codebuild_project,
    "AWS::CodeBuild::ReportGroup" => codebuild_report_group,
    "AWS::CodeBuild::SourceCredential" => codebuild_source_credential,
    "AWS::CodeCommit::Repository" => codecommit_repository,
    "AWS::CodeStarNotifications::NotificationRule" => notifications_rule,
    "AWS::ECR::Repository" => ecr_repository,
    "AWS::Events::Rule" => events_rule,
    "AWS::IAM::ManagedPolicy" => iam_managed_policy,
    "AWS::IAM::Policy" => iam_policy,
    "AWS::IAM::Role" => iam_role,
    "AWS::IAM::RolePolicy" => iam_role_policy,
    "AWS::Logs::LogGroup" => logs_log_group,
    "AWS::Logs::LogStream" => logs_log_stream,
    "AWS::S3::Bucket" => s3_bucket,
    "AWS::S3::BucketPolicy" => s3_bucket_policy,
    "AWS::SNS::Subscription" => sns_subscription,
    "AWS::SNS::Topic" => sns_topic,
    "AWS::SNS::TopicInlinePolicy" => sns_topic_inline_policy,
    "AWS::SNS::TopicPolicy" => sns_topic_policy,
    "AWS::SSM::Parameter" => ssm_parameter,
    "AWS::SecretsManager::Secret" => secrets_manager_secret,
}

#[cfg(test)]
mod build_resources_tests;
#[cfg(test)]
mod tests;
