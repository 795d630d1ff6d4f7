//! GetTemplate, GetTemplateSummary, ValidateTemplate, EstimateTemplateCost.

use cloudformation_template::Capability;
use cloudformation_template::Parameter;
use cloudformation_template::Summary;
use cloudformation_template::Template;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::change_sets;
use super::change_sets::Named;
use super::definition;
use super::ledger;
use super::record::Definition;
use super::template_source::TemplateSource;
use super::validation;
use crate::error::AwsError;
use crate::services::Services;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetTemplate {
    stack_name: Option<String>,
    change_set_name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetTemplateSummary {
    #[serde(flatten)]
    source: TemplateSource,
    stack_name: Option<String>,
    stack_set_name: Option<String>,
    template_summary_config: Option<TemplateSummaryConfig>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TemplateSummaryConfig {
    treat_unrecognized_resource_types_as_warnings: Option<bool>,
}

/// GetTemplate.
pub(super) fn get(services: &Services, input: &GetTemplate) -> Result<Value, AwsError> {
    let definition = match (&input.change_set_name, &input.stack_name) {
        (Some(name), stack) => {
            let named = Named::new(name.clone(), stack.clone());
            Some(change_sets::find(&services.store, &named)?.definition)
        }
        (None, Some(stack)) => ledger::stack(&services.store, stack)?.definition,
        (None, None) => {
            return Err(validation(
                "Either StackName or ChangeSetName must be specified.",
            ));
        }
    };
    let mut output = json!({ "StagesAvailable": ["Original", "Processed"] });
    if let Some(definition) = definition {
        output["TemplateBody"] = definition.template.into();
    }
    Ok(output)
}

/// GetTemplateSummary.
pub(super) async fn summary(
    services: &Services,
    input: GetTemplateSummary,
) -> Result<Value, AwsError> {
    if let Some(name) = input.stack_set_name {
        return Err(AwsError::new(
            "StackSetNotFoundException",
            format!("StackSet {name} not found"),
        ));
    }
    let text = match (input.source.text(services).await?, &input.stack_name) {
        (Some(_), Some(_)) => {
            return Err(validation(
                "Only one of StackName, TemplateBody and TemplateURL can be specified.",
            ));
        }
        (Some(text), None) => text,
        (None, Some(name)) => {
            let stack = ledger::stack(&services.store, name)?;
            let template = stack
                .definition
                .map(|definition: Definition| definition.template);
            template.ok_or_else(|| ledger::no_stack(name))?
        }
        (None, None) => {
            return Err(validation(
                "Either Template URL or Template Body must be specified.",
            ));
        }
    };
    let summary = definition::parse(&text)?.summary();
    let unknown = definition::unrecognized(&summary.resource_types);
    let config = input.template_summary_config;
    let only_warns = config.and_then(|config| config.treat_unrecognized_resource_types_as_warnings);
    let mut output = described(&summary);
    if !unknown.is_empty() {
        if only_warns != Some(true) {
            definition::refuse_unmade(&summary.resource_types)?;
        }
        output["Warnings"] = json!({ "UnrecognizedResourceTypes": unknown });
    }
    let parameters = summary.parameters.iter().map(|parameter| {
        let mut shown = declared(parameter);
        shown["ParameterType"] = parameter.parameter_type.as_str().into();
        shown["ParameterConstraints"] = match parameter.allowed_values.is_empty() {
            true => json!({}),
            false => json!({ "AllowedValues": parameter.allowed_values }),
        };
        shown
    });
    output["Parameters"] = parameters.collect();
    output["ResourceTypes"] = json!(summary.resource_types);
    for (member, value) in [
        ("Version", &summary.version),
        ("Metadata", &summary.metadata),
    ] {
        if let Some(value) = value {
            output[member] = value.as_str().into();
        }
    }
    Ok(output)
}

/// ValidateTemplate.
pub(super) async fn validate(
    services: &Services,
    input: TemplateSource,
) -> Result<Value, AwsError> {
    let summary = definition::parse(&input.required(services).await?)?.summary();
    definition::refuse_unmade(&summary.resource_types)?;
    let mut output = described(&summary);
    output["Parameters"] = summary.parameters.iter().map(declared).collect();
    Ok(output)
}

/// EstimateTemplateCost: refused.
pub(super) async fn cost(services: &Services, input: TemplateSource) -> Result<Value, AwsError> {
    definition::parse(&input.required(services).await?)?;
    Err(validation(
        "The local AWS has no prices, so that it cannot estimate costs. Ask AWS, or look at \
         https://calculator.aws.",
    ))
}

fn described(summary: &Summary) -> Value {
    let mut output = json!({});
    if let Some(description) = &summary.description {
        output["Description"] = description.as_str().into();
    }
    if !summary.capabilities.is_empty() {
        let names = summary.capabilities.iter().copied().map(Capability::as_str);
        output["Capabilities"] = names.collect();
    }
    if let Some(reason) = &summary.capabilities_reason {
        output["CapabilitiesReason"] = reason.as_str().into();
    }
    if !summary.declared_transforms.is_empty() {
        output["DeclaredTransforms"] = json!(summary.declared_transforms);
    }
    output
}

fn declared(parameter: &Parameter) -> Value {
    let mut shown = json!({ "ParameterKey": parameter.name, "NoEcho": parameter.no_echo });
    for (member, value) in [
        ("DefaultValue", &parameter.default),
        ("Description", &parameter.description),
    ] {
        if let Some(value) = value {
            shown[member] = value.as_str().into();
        }
    }
    shown
}

/// The description of a template.
pub(super) fn description(text: &str) -> Option<String> {
    Template::parse(text).ok()?.summary().description
}
