//! What CloudFormation reads in a template before it makes anything of it.

use super::record::filled;
use super::record::text;
use crate::call_error::CallError;
use crate::session::Session;

/// What a template asks for.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TemplateSummary {
    /// Its description.
    pub description: Option<String>,
    /// Its parameters, in the service's order.
    pub parameters: Vec<TemplateParameter>,
    /// What the deployer has to acknowledge, such as `CAPABILITY_IAM`.
    pub capabilities: Vec<String>,
    /// Why, in CloudFormation's words.
    pub capabilities_reason: Option<String>,
    /// The types of its resources.
    pub resource_types: Vec<String>,
}

/// A parameter of a template.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TemplateParameter {
    /// Its name.
    pub name: String,
    /// The value that it has if none is given.
    pub default: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Whether its value is never shown.
    pub no_echo: bool,
}

/// Has a template read.
///
/// # Errors
///
/// If the template has a mistake that CloudFormation sees, or the service cannot be reached.
pub async fn summarize_template(
    session: &Session,
    body: &str,
) -> Result<TemplateSummary, CallError> {
    session.check_region()?;
    let answer = session
        .cloudformation()
        .get_template_summary()
        .template_body(body)
        .send()
        .await
        .map_err(|error| session.call_error("cloudformation", "GetTemplateSummary", error))?;
    let parameters = answer
        .parameters()
        .iter()
        .map(|parameter| TemplateParameter {
            name: text(parameter.parameter_key()),
            default: parameter.default_value().map(str::to_owned),
            description: filled(parameter.description()),
            no_echo: parameter.no_echo().unwrap_or_default(),
        });
    Ok(TemplateSummary {
        description: filled(answer.description()),
        parameters: parameters.collect(),
        capabilities: answer
            .capabilities()
            .iter()
            .map(|capability| capability.as_str().to_owned())
            .collect(),
        capabilities_reason: filled(answer.capabilities_reason()),
        resource_types: answer.resource_types().to_vec(),
    })
}
