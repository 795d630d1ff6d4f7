//! What is to be deployed: a template, a name, and values for the template's parameters.

use std::collections::BTreeMap;

use codebuild_core::ChangeSetRequest;
use codebuild_core::ParameterValue;
use codebuild_core::Session;
use codebuild_core::Stack;
use codebuild_core::TemplateSummary;
use codebuild_core::summarize_template;

use super::DEFAULT_STACK;
use super::explained;
use crate::cli::StackPlanArgs;
use crate::command_error::CommandError;
use crate::demos::DEFAULT_DEMO;
use crate::demos::Repository;
use crate::script::did_you_mean;

/// How large a template may be that is sent in the request itself (CloudFormation's quota).
const LARGEST: usize = 51_200;

/// A plan.
pub(super) struct Plan {
    pub(super) name: String,
    template: String,
    given: BTreeMap<String, String>,
    tags: Vec<(String, String)>,
    pub(super) summary: TemplateSummary,
}

impl Plan {
    /// Reads the template, and has CloudFormation read it.
    pub(super) async fn read(args: StackPlanArgs, session: &Session) -> Result<Self, CommandError> {
        let name = match (args.name, &args.template) {
            (Some(name), _) => name,
            (None, None) => DEFAULT_STACK.to_owned(),
            (None, Some(_)) => {
                return Err(CommandError::usage(
                    "a template of your own needs a name for its stack",
                )
                .hinted("Add --name NAME."));
            }
        };
        let path = match args.template {
            Some(path) => path,
            None => {
                let root = Repository::find()?.root().to_owned();
                root.join("demos").join(DEFAULT_DEMO).join("template.yaml")
            }
        };
        let template = std::fs::read_to_string(&path).map_err(|error| {
            CommandError::usage(format!(
                "the template {} cannot be read: {error}",
                path.display()
            ))
        })?;
        if template.len() > LARGEST {
            return Err(CommandError::usage(format!(
                "the template {} has {} bytes, and CloudFormation takes at most {LARGEST} in a request",
                path.display(),
                template.len()
            ))
            .hinted("Upload it and use `aws cloudformation create-change-set --template-url`."));
        }
        let given = pairs(&args.parameter, "--parameter")?.into_iter().collect();
        let tags = pairs(&args.tag, "--tag")?;
        let summary = summarize_template(session, &template)
            .await
            .map_err(explained)?;
        let plan = Self {
            name,
            template,
            given,
            tags,
            summary,
        };
        plan.check_names()?;
        Ok(plan)
    }

    /// Whether each parameter that was given is one of the template's.
    fn check_names(&self) -> Result<(), CommandError> {
        let names: Vec<&str> = self
            .summary
            .parameters
            .iter()
            .map(|parameter| parameter.name.as_str())
            .collect();
        let Some(unknown) = self
            .given
            .keys()
            .find(|name| !names.contains(&name.as_str()))
        else {
            return Ok(());
        };
        let error = CommandError::usage(format!("the template has no parameter `{unknown}`"));
        Err(match did_you_mean(unknown, names.iter().copied()) {
            Some(meant) => error.hinted(format!("Did you mean `{meant}`?")),
            None if names.is_empty() => error.hinted("It has no parameters."),
            None => error.hinted(format!("Its parameters are: {}.", names.join(", "))),
        })
    }

    /// The request for a change set. What is not given stays as it is in a stack that is there, and
    /// has its default in a new one.
    pub(super) fn request(&self, stack: Option<&Stack>) -> ChangeSetRequest {
        let previous = |name: &str| stack.is_some_and(|stack| stack.parameters.contains_key(name));
        let parameters = self.summary.parameters.iter().filter_map(|parameter| {
            let value = match self.given.get(&parameter.name) {
                Some(value) => ParameterValue::Given(value.clone()),
                None if previous(&parameter.name) => ParameterValue::Previous,
                None => return None,
            };
            Some((parameter.name.clone(), value))
        });
        ChangeSetRequest {
            stack: self.name.clone(),
            template: self.template.clone(),
            parameters: parameters.collect(),
            tags: self.tags.clone(),
            capabilities: self.summary.capabilities.clone(),
            is_update: stack.is_some(),
        }
    }

    /// The parameters with their values, by where these come from.
    pub(super) fn describe_parameters(&self, stack: Option<&Stack>) -> Vec<(&'static str, String)> {
        let mut described: Vec<(&str, Vec<String>)> = ["given", "missing", "as before", "default"]
            .map(|source| (source, Vec::new()))
            .to_vec();
        for parameter in &self.summary.parameters {
            let name = &parameter.name;
            let kept = stack.and_then(|stack| stack.parameters.get(name));
            let (value, source) = match (self.given.get(name), kept, &parameter.default) {
                (Some(value), _, _) => (value.as_str(), "given"),
                (None, Some(value), _) => (value.as_str(), "as before"),
                (None, None, Some(value)) => (value.as_str(), "default"),
                (None, None, None) => ("", "missing"),
            };
            let value = match (parameter.no_echo, value) {
                (true, _) => "****",
                (false, "") => "\"\"",
                (false, value) => value,
            };
            if let Some((_, values)) = described.iter_mut().find(|(known, _)| *known == source) {
                values.push(format!("{name}={value}"));
            }
        }
        described
            .into_iter()
            .filter(|(_, values)| !values.is_empty())
            .map(|(source, values)| (source, values.join(", ")))
            .collect()
    }
}

/// `KEY=VALUE` words.
fn pairs(words: &[String], option: &str) -> Result<Vec<(String, String)>, CommandError> {
    words
        .iter()
        .map(|word| match word.split_once('=') {
            Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
            _ => Err(CommandError::usage(format!(
                "`{option} {word}` is not KEY=VALUE"
            ))),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::pairs;

    #[test]
    fn a_value_may_hold_an_equals_sign_and_a_key_must_not_be_empty() {
        let words = |word: &str| vec![word.to_owned()];
        let read = pairs(&words("Key=a=b"), "--tag").unwrap();
        assert_eq!(read, [("Key".to_owned(), "a=b".to_owned())]);
        let error = pairs(&words("=b"), "--tag").unwrap_err();
        assert_eq!(error.message, "`--tag =b` is not KEY=VALUE");
    }
}
