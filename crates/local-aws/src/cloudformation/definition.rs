//! What a request says a stack is made from, checked.

use std::collections::BTreeMap;
use std::sync::Arc;

use cloudformation_template::Bound;
use cloudformation_template::DeletionPolicy;
use cloudformation_template::PseudoParameters;
use cloudformation_template::Template;
use cloudformation_template::UpdateReplacePolicy;
use serde::Deserialize;
use serde_json::json;

use super::ask;
use super::record::Definition;
use super::record::Parameter;
use super::resource_types;
use super::template_source::TemplateSource;
use super::validation;
use crate::access_keys::Caller;
use crate::account::Account;
use crate::error::AwsError;
use crate::iam;
use crate::services::Services;
use crate::store;

/// CloudFormation, as trust policies name it.
const SERVICE: &str = "cloudformation.amazonaws.com";

/// How many parameters one request to Parameter Store may ask for.
const AT_ONCE: usize = 10;

/// The members that CreateStack, UpdateStack and CreateChangeSet share.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Given {
    #[serde(flatten)]
    pub(super) source: TemplateSource,
    pub(super) use_previous_template: Option<bool>,
    pub(super) parameters: Option<Vec<GivenParameter>>,
    capabilities: Option<Vec<String>>,
    resource_types: Option<Vec<String>>,
    #[serde(rename = "RoleARN")]
    role_arn: Option<String>,
    rollback_configuration: Option<RollbackConfiguration>,
    #[serde(rename = "NotificationARNs")]
    notification_arns: Option<Vec<String>>,
    tags: Option<Vec<Tag>>,
    deployment_config: Option<DeploymentConfig>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GivenParameter {
    parameter_key: Option<String>,
    parameter_value: Option<String>,
    use_previous_value: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    key: String,
    value: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RollbackConfiguration {
    #[serde(default)]
    rollback_triggers: Vec<serde_json::Value>,
    monitoring_time_in_minutes: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DeploymentConfig {
    mode: Option<String>,
}

/// Whose stack it is.
pub(super) struct Owner<'a> {
    pub(super) services: &'a Arc<Services>,
    pub(super) caller: &'a Caller,
    pub(super) stack_name: &'a str,
    pub(super) stack_id: &'a str,
}

impl Given {
    /// The definition that a stack gets. `previous` is the one that it has.
    ///
    /// # Errors
    ///
    /// `ValidationError`, `InsufficientCapabilitiesException`.
    pub(super) async fn checked(
        self,
        owner: &Owner<'_>,
        previous: Option<&Definition>,
    ) -> Result<Definition, AwsError> {
        let services = owner.services;
        self.refuse_unsupported()?;
        let text = self.source.text(services).await?;
        let template_text = match (text, self.use_previous_template, previous) {
            (Some(_), Some(true), _) => {
                return Err(validation(
                    "You cannot specify both usePreviousTemplate and Template Body/Template URL.",
                ));
            }
            (Some(text), ..) => text,
            (None, Some(true), Some(previous)) => previous.template.clone(),
            _ => {
                return Err(validation(
                    "Either Template URL or Template Body must be specified.",
                ));
            }
        };
        let template = parse(&template_text)?;
        check_types(&template, self.resource_types.as_deref())?;
        check_policies(&template)?;
        let capabilities = self.capabilities.unwrap_or_default();
        check_capabilities(&template, &capabilities)?;
        let tags = checked_tags(self.tags, previous)?;
        let role_arn = self.role_arn;
        if let Some(role) = &role_arn {
            check_role(owner, role)?;
        }
        let role_arn = role_arn.or_else(|| previous.and_then(|p| p.role_arn.clone()));
        let mut definition = Definition {
            template: template_text,
            parameters: Vec::new(),
            tags,
            capabilities,
            notification_arns: match self.notification_arns {
                Some(arns) => checked_topics(owner, arns).await?,
                None => previous.map_or_else(Vec::new, |p| p.notification_arns.clone()),
            },
            role_arn,
        };
        let values = parameter_values(self.parameters.unwrap_or_default(), previous)?;
        let stored = stored_parameters(owner, &template, &values).await?;
        let context = pseudo_parameters(&services.account, owner, &definition);
        let bound = template
            .bind(&values, &context, &stored)
            .map_err(|error| validation(error.to_string()))?;
        definition.parameters = bound
            .parameters()
            .iter()
            .map(|parameter| Parameter {
                key: parameter.name.clone(),
                value: parameter.value.clone(),
                resolved: parameter.resolved_value.clone(),
                no_echo: parameter.no_echo,
            })
            .collect();
        Ok(definition)
    }

    fn refuse_unsupported(&self) -> Result<(), AwsError> {
        if let Some(rollback) = &self.rollback_configuration
            && (!rollback.rollback_triggers.is_empty()
                || rollback.monitoring_time_in_minutes.is_some_and(|m| m > 0))
        {
            return Err(validation(
                "RollbackConfiguration is not supported by the local AWS: it has no CloudWatch \
                 alarms to watch. Leave it out, or create the stack on AWS.",
            ));
        }
        let mode = self
            .deployment_config
            .as_ref()
            .and_then(|c| c.mode.as_deref());
        if mode.is_some_and(|mode| mode != "STANDARD") {
            return Err(validation(
                "DeploymentConfig with Mode EXPRESS is not supported by the local AWS. Use \
                 STANDARD.",
            ));
        }
        Ok(())
    }
}

/// Reads a template.
///
/// # Errors
///
/// `ValidationError` in AWS's words.
pub(super) fn parse(text: &str) -> Result<Template, AwsError> {
    Template::parse(text).map_err(|error| validation(error.message()))
}

impl Definition {
    /// The template with its parameters.
    ///
    /// # Errors
    ///
    /// `ValidationError`: it was checked before, but may need what is not there any more.
    pub(super) fn bound(
        &self,
        account: &Account,
        stack_name: &str,
        stack_id: &str,
    ) -> Result<Bound, AwsError> {
        let template = parse(&self.template)?;
        let values = self.parameters.iter();
        let values = values.map(|parameter| (parameter.key.clone(), parameter.value.clone()));
        let stored = self
            .parameters
            .iter()
            .filter_map(|parameter| Some((parameter.value.clone(), parameter.resolved.clone()?)));
        let context = context(account, stack_name, stack_id, self);
        template
            .bind(&values.collect(), &context, &stored.collect())
            .map_err(|error| validation(error.to_string()))
    }

    /// The values of parameters that are never shown.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &str> {
        let parameters = self.parameters.iter().filter(|parameter| parameter.no_echo);
        parameters
            .map(|parameter| parameter.value.as_str())
            .filter(|value| !value.is_empty())
    }
}

fn pseudo_parameters(
    account: &Account,
    owner: &Owner<'_>,
    definition: &Definition,
) -> PseudoParameters {
    context(account, owner.stack_name, owner.stack_id, definition)
}

fn context(
    account: &Account,
    stack_name: &str,
    stack_id: &str,
    definition: &Definition,
) -> PseudoParameters {
    PseudoParameters {
        region: account.region.clone(),
        account_id: account.id.clone(),
        partition: "aws".to_owned(),
        url_suffix: "amazonaws.com".to_owned(),
        stack_name: stack_name.to_owned(),
        stack_id: stack_id.to_owned(),
        notification_arns: definition.notification_arns.clone(),
    }
}

/// The types must be known, and among those that the request allows.
fn check_types(template: &Template, allowed: Option<&[String]>) -> Result<(), AwsError> {
    let types = template.summary().resource_types;
    refuse_unmade(&types)?;
    let is_allowed = |name: &String| {
        allowed.is_none_or(|allowed| {
            allowed
                .iter()
                .any(|pattern| match pattern.strip_suffix('*') {
                    Some(prefix) => name.starts_with(prefix),
                    None => name == pattern,
                })
        })
    };
    let refused: Vec<&str> = types
        .iter()
        .filter(|name| !is_allowed(name))
        .map(String::as_str)
        .collect();
    if refused.is_empty() {
        Ok(())
    } else {
        Err(validation(format!(
            "Resource types [{}] are not among the ResourceTypes of the request",
            refused.join(", ")
        )))
    }
}

/// Refuses types that cannot be made here: those that CloudFormation does not have in its words.
pub(super) fn refuse_unmade(types: &[String]) -> Result<(), AwsError> {
    let unmade = unrecognized(types);
    if unmade.is_empty() {
        return Ok(());
    }
    let mut unknown = unmade.clone();
    unknown.retain(|name| !cloudformation_template::resource_types::exists(name));
    Err(validation(match unknown.is_empty() {
        true => format!(
            "Template error: the local AWS does not support the resource types [{}]. Leave them out \
             of the template, or create the stack on an account of AWS.",
            unmade.join(", ")
        ),
        false => format!(
            "Template format error: Unrecognized resource types: [{}]",
            unknown.join(", ")
        ),
    }))
}

/// The types that cannot be made here.
pub(super) fn unrecognized(types: &[String]) -> Vec<&str> {
    let unknown = types
        .iter()
        .filter(|name| !resource_types::is_supported(name));
    unknown.map(String::as_str).collect()
}

/// None of the types that are here has snapshots.
fn check_policies(template: &Template) -> Result<(), AwsError> {
    for resource in template.resources() {
        let resource_type = &resource.resource_type;
        for (has_snapshot, policy) in [
            (
                resource.deletion_policy == DeletionPolicy::Snapshot,
                "deletion",
            ),
            (
                resource.update_replace_policy == UpdateReplacePolicy::Snapshot,
                "update replace",
            ),
        ] {
            if has_snapshot {
                return Err(validation(format!(
                    "Template error: resource type {resource_type} does not support {policy} \
                     policy Snapshot"
                )));
            }
        }
    }
    Ok(())
}

fn check_capabilities(template: &Template, given: &[String]) -> Result<(), AwsError> {
    let has = |name: &str| {
        given.iter().any(|given| {
            given == name || (name == "CAPABILITY_IAM" && given == "CAPABILITY_NAMED_IAM")
        })
    };
    let missing: Vec<&str> = template
        .summary()
        .capabilities
        .into_iter()
        .map(cloudformation_template::Capability::as_str)
        .filter(|name| !has(name))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(AwsError::new(
        "InsufficientCapabilitiesException",
        format!("Requires capabilities : [{}]", missing.join(", ")),
    ))
}

fn checked_tags(
    given: Option<Vec<Tag>>,
    previous: Option<&Definition>,
) -> Result<Vec<(String, String)>, AwsError> {
    let Some(given) = given else {
        return Ok(previous.map_or_else(Vec::new, |previous| previous.tags.clone()));
    };
    let mut tags: Vec<(String, String)> = Vec::new();
    for tag in given {
        if tag.key.starts_with("aws:") {
            return Err(validation(
                "aws: prefixed tag key names are not allowed for external use.",
            ));
        }
        if tags.iter().any(|(key, _)| *key == tag.key) {
            return Err(validation(format!(
                "Duplicate tag keys found: [{}]",
                tag.key
            )));
        }
        tags.push((tag.key, tag.value));
    }
    Ok(tags)
}

fn check_role(owner: &Owner<'_>, role: &str) -> Result<(), AwsError> {
    let services = owner.services;
    let found = services.store.read(|transaction| {
        let roles = transaction.open_table(store::IAM_ROLES)?;
        iam::role_for_service(&roles, &services.account, role, SERVICE, owner.stack_id)
    })?;
    match found {
        Some(_) => Ok(()),
        None => Err(validation(format!(
            "Role {role} is invalid or cannot be assumed"
        ))),
    }
}

async fn checked_topics(owner: &Owner<'_>, arns: Vec<String>) -> Result<Vec<String>, AwsError> {
    let arns: Vec<String> = arns.into_iter().filter(|arn| !arn.is_empty()).collect();
    for arn in &arns {
        let input = json!({ "TopicArn": arn });
        ask(
            owner.services,
            owner.caller,
            "sns",
            "GetTopicAttributes",
            input,
        )
        .await
        .map_err(|error| {
            let why = error.message.unwrap_or_default();
            validation(format!("Notification ARN {arn} cannot be used: {why}"))
        })?;
    }
    Ok(arns)
}

fn parameter_values(
    given: Vec<GivenParameter>,
    previous: Option<&Definition>,
) -> Result<BTreeMap<String, String>, AwsError> {
    let mut values = BTreeMap::new();
    for parameter in given {
        let Some(key) = parameter.parameter_key else {
            return Err(validation("ParameterKey must be specified"));
        };
        let value = match (parameter.use_previous_value, parameter.parameter_value) {
            (Some(true), Some(value)) if !value.is_empty() => {
                return Err(validation(format!(
                    "Invalid input for parameter key {key}. Cannot specify both usePreviousValue as \
                     true and non empty value for a parameter"
                )));
            }
            (Some(true), _) => {
                let mut known = previous.iter().flat_map(|previous| &previous.parameters);
                let known = known.find(|known| known.key == key).ok_or_else(|| {
                    validation(format!(
                        "Invalid input for parameter key {key}. Cannot specify usePreviousValue as \
                         true for a parameter key not in the previous template"
                    ))
                })?;
                known.value.clone()
            }
            (_, Some(value)) => value,
            (_, None) => {
                return Err(validation(format!(
                    "Invalid input for parameter key {key}. Need to specify either usePreviousValue \
                     as true or a value for the parameter"
                )));
            }
        };
        if values.insert(key.clone(), value).is_some() {
            return Err(validation(format!(
                "Parameter keys must be unique: {key} is there twice"
            )));
        }
    }
    Ok(values)
}

/// The values in Parameter Store that parameters stand for.
async fn stored_parameters(
    owner: &Owner<'_>,
    template: &Template,
    values: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, AwsError> {
    let names: Vec<String> = template.stored_parameters(values).into_iter().collect();
    let mut stored = BTreeMap::new();
    for names in names.chunks(AT_ONCE) {
        let input = json!({ "Names": names });
        let found = ask(owner.services, owner.caller, "ssm", "GetParameters", input)
            .await
            .map_err(|error| validation(error.message.unwrap_or_default()))?;
        for parameter in found["Parameters"].as_array().into_iter().flatten() {
            let text = |member: &str| parameter[member].as_str().unwrap_or_default().to_owned();
            // A SecureString is not read for a template.
            if parameter["Type"] != "SecureString" {
                stored.insert(text("Name"), text("Value"));
            }
        }
    }
    Ok(stored)
}
