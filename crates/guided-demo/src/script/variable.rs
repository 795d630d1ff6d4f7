//! `demo:variable`: what a variable of the commands can be.

use std::collections::BTreeSet;

use super::Detector;
use super::TargetKind;
use super::Variable;
use super::directive::Directive;
use super::error::Mistake;
use super::quiz::not_a_pattern;
use super::quiz::one_of;

/// Reads a declaration; puts what is wrong with it into `mistakes`. What is wrong is left out, so
/// that the commands which use the variable are no mistakes.
pub(crate) fn read(directive: &Directive, name: &str, mistakes: &mut Vec<Mistake>) -> Variable {
    let pattern = directive.get("pattern").and_then(|pattern| {
        let whole = regex::Regex::new(&pattern.text)
            .and_then(|_| regex::Regex::new(&format!("^(?:{})$", pattern.text)));
        whole
            .map_err(|error| mistakes.push(not_a_pattern(pattern.span.clone(), &error)))
            .ok()
    });
    let detect =
        one_of(directive, "detect", &["dockerfile"], mistakes).map(|_| Detector::Dockerfile);
    let text = |key: &str| directive.get(key).map(|value| value.text.clone());
    let target_defaults = TargetKind::ALL
        .into_iter()
        .filter_map(|kind| Some((kind, text(&format!("default-{}", kind.as_str()))?)))
        .collect();
    let mut variable = Variable {
        name: name.to_owned(),
        default: text("default"),
        target_defaults,
        pattern,
        choices: Vec::new(),
        prompt: text("prompt"),
        detect,
    };
    choices(directive, &mut variable, mistakes);
    for key in ["default", "default-local", "default-aws", "default-replay"] {
        let Some(value) = directive.get(key) else {
            continue;
        };
        if !variable.choices.is_empty() && !variable.choices.contains(&value.text) {
            mistakes.push(
                Mistake::new(
                    value.span.clone(),
                    format!("`{key}` is none of the choices"),
                )
                .meant(&value.text, variable.choices.iter().map(String::as_str)),
            );
        } else if !variable.accepts(&value.text) {
            mistakes.push(Mistake::new(
                value.span.clone(),
                format!("`{key}` does not match the variable's own pattern"),
            ));
        }
    }
    variable
}

fn choices(directive: &Directive, variable: &mut Variable, mistakes: &mut Vec<Mistake>) {
    let Some(value) = directive.get("choices") else {
        return;
    };
    let choices: Vec<String> = value
        .text
        .split(',')
        .map(|choice| choice.trim().to_owned())
        .collect();
    let mut seen = BTreeSet::new();
    let wrong = choices.iter().find_map(|choice| {
        if choice.is_empty() {
            Some("an empty choice".to_owned())
        } else if !seen.insert(choice) {
            Some(format!("the choice `{choice}` is given twice"))
        } else if !variable.accepts(choice) {
            Some(format!(
                "the choice `{choice}` does not match the variable's own pattern"
            ))
        } else {
            None
        }
    });
    match wrong {
        Some(message) => mistakes.push(Mistake::new(value.span.clone(), message)),
        None if choices.len() < 2 => mistakes.push(
            Mistake::new(value.span.clone(), "one choice is none")
                .help("Give at least two, with commas: choices=a,b."),
        ),
        None => variable.choices = choices,
    }
}
