//! What is wrong, as data for editors.

use buildspec::BuildspecError;
use buildspec::Warning;
use cloudformation_template::Resource;
use cloudformation_template::TemplateError;
use serde::Serialize;

use crate::command_error::CommandError;
use crate::script::ScriptErrors;

/// One mistake or warning.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    file: String,
    /// From 1.
    line: usize,
    /// In characters, from 1.
    column: usize,
    severity: Severity,
    message: String,
    help: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Severity {
    Error,
    Warning,
}

impl Finding {
    /// A mistake of the file as a whole.
    pub(super) fn at_start(file: &str, message: String) -> Self {
        Self {
            file: file.to_owned(),
            line: 1,
            column: 1,
            severity: Severity::Error,
            message,
            help: None,
        }
    }
}

/// The mistakes of a script.
pub(super) fn of_script(errors: &ScriptErrors) -> Vec<Finding> {
    errors
        .mistakes
        .iter()
        .map(|mistake| {
            let place = errors.sources().place(mistake.span.start);
            Finding {
                file: place.path.display().to_string(),
                line: place.line,
                column: place.column,
                severity: Severity::Error,
                message: mistake.message.clone(),
                help: mistake.help.clone(),
            }
        })
        .collect()
}

/// The error of a buildspec that cannot be read.
pub(super) fn of_buildspec(file: &str, error: &BuildspecError) -> Finding {
    Finding {
        file: file.to_owned(),
        line: error.line(),
        column: error.column(),
        severity: Severity::Error,
        message: error.message().to_owned(),
        help: error.help_text().map(str::to_owned),
    }
}

/// A mistake in a template.
pub(super) fn of_template(file: &str, error: &TemplateError) -> Finding {
    Finding {
        file: file.to_owned(),
        line: error.position().line,
        column: error.position().column,
        severity: Severity::Error,
        message: error.message().to_owned(),
        help: error.help().map(str::to_owned),
    }
}

/// A resource of a template that the local AWS does not make.
pub(super) fn of_unmade(file: &str, resource: &Resource) -> Finding {
    Finding {
        file: file.to_owned(),
        line: resource.type_position.line,
        column: resource.type_position.column,
        severity: Severity::Warning,
        message: unmade_message(resource),
        help: Some(UNMADE_HELP.to_owned()),
    }
}

/// What is said of a resource that the local AWS does not make.
pub(super) fn unmade_message(resource: &Resource) -> String {
    format!(
        "CloudFormation has the type {}, but the local AWS does not make such resources",
        resource.resource_type
    )
}

/// What to do about it.
pub(super) const UNMADE_HELP: &str = "the local AWS refuses the template: use it on your account \
                                      with --target aws, or leave the resource out";

/// A warning about a buildspec.
pub(super) fn of_warning(file: &str, warning: &Warning) -> Finding {
    Finding {
        file: file.to_owned(),
        line: warning.line,
        column: warning.column,
        severity: Severity::Warning,
        message: warning.message.clone(),
        help: warning.help.clone(),
    }
}

/// All of them.
pub(super) fn json(findings: &[Finding]) -> Result<String, CommandError> {
    serde_json::to_string_pretty(findings)
        .map_err(|error| CommandError::step(format!("cannot write JSON: {error}")))
}
