//! Templates of CloudFormation.

use std::path::Path;

use cloudformation_template::Resource;
use cloudformation_template::Template;
use cloudformation_template::TemplateError;
use cloudformation_template::resource_types;

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
    let mut errors = Template::check(&text);
    errors.extend(Template::check_resources(&text));
    errors.sort_by_key(TemplateError::position);
    let template = Template::parse(&text).ok();
    let unmade: Vec<&Resource> = template.iter().flat_map(Template::resources).collect();
    let unmade: Vec<&Resource> = unmade.into_iter().filter(|one| is_unmade(one)).collect();
    if let Some(findings) = &mut round.findings {
        let mistakes = errors.iter();
        findings.extend(mistakes.map(|error| finding::of_template(&file, error)));
        let unmade = unmade.iter();
        findings.extend(unmade.map(|resource| finding::of_unmade(&file, resource)));
        return errors.is_empty();
    }
    for resource in &unmade {
        ui.status(report::unmade(&file, &text, resource).trim_end());
    }
    if errors.is_empty() {
        let mistakes = match unmade.len() {
            0 => "no mistakes".to_owned(),
            count => format!("no mistakes, {}", counted(count, "warning")),
        };
        ui.line(&format!("{file}: {mistakes} ({})", facts(&text)));
    } else {
        ui.error(&shown(&file, &text, &errors));
    }
    errors.is_empty()
}

/// Whether CloudFormation makes a resource and the local AWS does not.
fn is_unmade(resource: &Resource) -> bool {
    let name = &resource.resource_type;
    resource_types::exists(name) && !local_aws::makes_resource_type(name)
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
