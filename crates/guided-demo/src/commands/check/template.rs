//! Templates of CloudFormation.

use std::path::Path;

use cloudformation_template::Template;
use cloudformation_template::TemplateError;

use super::Round;
use super::counted;
use super::finding;
use super::report;
use super::text_of;
use super::unreadable;
use crate::command_error::CommandError;
use crate::command_error::ErrorKind;
use crate::ui::Ui;

/// Whether a file is a template: it has its usual name, or sections that only templates have.
pub(super) fn is_template(path: &Path) -> bool {
    let is = |name: Option<&std::ffi::OsStr>, wanted: &[&str]| {
        name.and_then(|name| name.to_str())
            .is_some_and(|name| wanted.iter().any(|one| name.eq_ignore_ascii_case(one)))
    };
    if is(path.extension(), &["template"]) {
        return true;
    }
    is(path.extension(), &["yml", "yaml", "json"])
        && (is(path.file_stem(), &["template"])
            || text_of(path).is_ok_and(|text| Template::is_meant(&text)))
}

/// Checks one template; whether it is good.
pub(super) fn check(ui: &Ui, path: &Path, round: &mut Round) -> bool {
    round.files.insert(path.to_owned());
    let file = path.display().to_string();
    let text = match text_of(path) {
        Ok(text) => text,
        Err(why) => return unreadable(ui, &file, "template", &why, round),
    };
    let errors = Template::check(&text);
    match (&mut round.findings, errors.is_empty()) {
        (Some(findings), _) => {
            findings.extend(
                errors
                    .iter()
                    .map(|error| finding::of_template(&file, error)),
            );
        }
        (None, false) => ui.error(&shown(&file, &text, &errors)),
        (None, true) => {
            ui.line(&format!("{file}: no mistakes ({})", facts(&text)));
        }
    }
    errors.is_empty()
}

/// All mistakes with the lines around them.
fn shown(file: &str, text: &str, errors: &[TemplateError]) -> CommandError {
    let reports: Vec<String> = errors
        .iter()
        .map(|error| report::template_error(file, text, error))
        .collect();
    CommandError::new(ErrorKind::BadDemo, reports.join("\n"))
}

fn facts(text: &str) -> String {
    match Template::parse(text) {
        Ok(template) => {
            let resources = counted(template.resources().count(), "resource");
            match template.parameters().len() {
                0 => resources,
                count => format!("{resources}, {}", counted(count, "parameter")),
            }
        }
        Err(error) => error.to_string(),
    }
}
