//! Whether a typed command means what the script's command means, and what is different if not.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;

use codebuild_core::AwsCommand;
use codebuild_core::CommandError;
use serde_json::Value;

use crate::script::ShellLine;
use crate::script::Variables;

/// What a typed command is, beside the one of the script.
#[derive(Debug)]
pub(super) enum Comparison {
    /// It means the same.
    Same,
    /// It does not; what is different, a sentence each.
    Different(Vec<String>),
    /// It calls something else, and only looks.
    LooksElsewhere,
}

/// A line that can be run.
pub(super) struct Parsed {
    /// The line.
    pub(super) line: ShellLine,
    /// What it calls.
    pub(super) command: AwsCommand,
}

/// Reads a typed line; a sentence about why it cannot be run.
pub(super) fn read(text: &str, variables: &Variables, directory: &Path) -> Result<Parsed, String> {
    let line = ShellLine::parse(text, 0).map_err(|mistake| {
        let help = mistake.help.map(|help| format!(" {help}"));
        format!("{}.{}", mistake.message, help.unwrap_or_default())
    })?;
    let words = line.expand(variables);
    let rest = match words.split_first() {
        Some((first, rest)) if first == "aws" => rest,
        _ => {
            return Err(
                "Commands here begin with `aws`; :shell opens a shell for everything else."
                    .to_owned(),
            );
        }
    };
    let unknown = line
        .variables()
        .into_iter()
        .find(|name| !variables.contains_key(*name));
    if let Some(name) = unknown {
        return Err(format!("${name} has no value here."));
    }
    let command = AwsCommand::parse(rest, directory).map_err(|error| in_short(&error))?;
    if command.is_endless() {
        return Err("This command never ends; use it in a shell of its own.".to_owned());
    }
    Ok(Parsed { line, command })
}

/// An error of the command line without its column, and without the list of all that is known.
fn in_short(error: &CommandError) -> String {
    let meant = |suggestion: &Option<String>| match suggestion {
        Some(name) => format!("; did you mean {name}?"),
        None => ".".to_owned(),
    };
    match error {
        CommandError::UnknownService {
            name, suggestion, ..
        } => format!("There is no service {name} here{}", meant(&suggestion.0)),
        CommandError::UnknownOperation {
            service,
            name,
            suggestion,
            ..
        } => format!(
            "There is no operation {name} of {service}{}",
            meant(&suggestion.0)
        ),
        CommandError::UnknownOption {
            command,
            name,
            suggestion,
            ..
        } => format!("{command} has no option {name}{}", meant(&suggestion.0)),
        CommandError::Incomplete { expected, .. } => {
            format!("The command ends too early: {expected} is missing.")
        }
        CommandError::MissingArguments { options } => format!("{options} is missing."),
        other => {
            let text = other.to_string();
            match text.split_once(": ") {
                Some((column, rest)) if column.starts_with("column ") => rest.to_owned(),
                _ => text,
            }
        }
    }
}

/// Holds a typed line against the script's.
pub(super) fn compare(
    typed: &Parsed,
    shown: &ShellLine,
    variables: &Variables,
    directory: &Path,
) -> Comparison {
    let words = shown.expand(variables);
    let rest = words.get(1..).unwrap_or_default();
    let Ok(command) = AwsCommand::parse(rest, directory) else {
        // The script's own command says what is wrong with it when it runs.
        return Comparison::Same;
    };
    let (service, operation) = command.names();
    if typed.command.names() != (service, operation.clone()) {
        if !typed.command.changes_something() {
            return Comparison::LooksElsewhere;
        }
        let (other_service, other) = typed.command.names();
        return Comparison::Different(vec![format!(
            "This calls {other_service} {other}; the command here is {service} {operation}."
        )]);
    }
    let mut differences = Vec::new();
    if typed.line.assign != shown.assign {
        differences.push(match (&shown.assign, &typed.line.assign) {
            (Some(name), _) => format!("What it prints is to be kept: {name}=$(aws …)."),
            (None, Some(name)) => format!("Nothing is kept here: leave {name}=$(…) out."),
            (None, None) => String::new(),
        });
    }
    let file = |line: &ShellLine| line.redirect.as_ref().map(|file| file.expand(variables));
    if file(&typed.line) != file(shown) {
        differences.push(match file(shown) {
            Some(file) => format!("What it prints is to be saved: > {file} at the end."),
            None => "Nothing is saved in a file here: leave > out.".to_owned(),
        });
    }
    let file = "--cli-input-json";
    let has_file = |line: &ShellLine| {
        let words = line.expand(variables);
        words.iter().any(|word| word.starts_with(file))
    };
    if has_file(shown) && !has_file(&typed.line) {
        differences.push(format!("{file} is missing."));
    } else {
        differences.extend(of_options(&typed.command.options(), &command.options()));
    }
    if differences.is_empty() {
        return Comparison::Same;
    }
    Comparison::Different(differences)
}

fn of_options(typed: &BTreeMap<String, Value>, shown: &BTreeMap<String, Value>) -> Vec<String> {
    let names: BTreeSet<&String> = typed.keys().chain(shown.keys()).collect();
    names
        .into_iter()
        .filter_map(|name| match (typed.get(name), shown.get(name)) {
            (None, Some(_)) => Some(format!("{name} is missing.")),
            (Some(_), None) => Some(format!("{name} is not wanted here.")),
            (Some(typed), Some(shown)) if !is_same(name, typed, shown) => {
                Some(format!("{name} has another value: {}.", brief(shown)))
            }
            _ => None,
        })
        .collect()
}

fn is_same(name: &str, typed: &Value, shown: &Value) -> bool {
    match (typed, shown) {
        (Value::String(typed), Value::String(shown)) if name == "--query" => {
            without_spaces(typed) == without_spaces(shown)
        }
        _ => typed == shown,
    }
}

/// A JMESPath expression without the white space that means nothing.
fn without_spaces(query: &str) -> String {
    let mut quote = None;
    let mut text = String::new();
    for c in query.chars() {
        match quote {
            None if c.is_whitespace() => continue,
            None if "'\"`".contains(c) => quote = Some(c),
            Some(open) if open == c => quote = None,
            _ => {}
        }
        text.push(c);
    }
    text
}

/// A value in a sentence.
fn brief(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if text.chars().count() <= 60 {
        return text;
    }
    let start: String = text.chars().take(59).collect();
    format!("{start}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(typed: &str, shown: &str) -> Vec<String> {
        let variables = Variables::from([("NAME".to_owned(), "demo".to_owned())]);
        let directory = Path::new("/nonexistent");
        let typed = match read(typed, &variables, directory) {
            Ok(typed) => typed,
            Err(why) => return vec![why],
        };
        let shown = ShellLine::parse(shown, 0).unwrap();
        match compare(&typed, &shown, &variables, directory) {
            Comparison::Same => vec!["same".to_owned()],
            Comparison::LooksElsewhere => vec!["looks elsewhere".to_owned()],
            Comparison::Different(differences) => differences,
        }
    }

    const SHOWN: &str = "aws codebuild batch-get-projects --names \"$NAME\" --query 'projects[0].name' --output text";

    #[test]
    fn order_quotes_line_breaks_and_forms_of_values_do_not_matter() {
        for typed in [
            SHOWN,
            "aws codebuild batch-get-projects --output text \\\n --query \"projects[0] . name\" --names demo",
            "aws codebuild batch-get-projects --output=text --query projects[0].name --names '[\"demo\"]'",
        ] {
            assert_eq!(compared(typed, SHOWN), ["same"], "{typed}");
        }
        assert_eq!(
            compared(
                "aws codebuild start-build --project-name demo --source-version main --environment-variables-override '[{\"name\":\"A\",\"value\":\"1\"}]'",
                "aws codebuild start-build --environment-variables-override name=A,value=1 --project-name $NAME --source-version main"
            ),
            ["same"]
        );
    }

    #[test]
    fn what_is_different_is_said_in_words() {
        for (typed, said) in [
            (
                "aws codebuild batch-get-project --names demo",
                "There is no operation batch-get-project of codebuild; did you mean batch-get-projects?",
            ),
            (
                "aws codebuild batch-get-projects --query projects[0].name --output text",
                "--names is missing.",
            ),
            (
                "aws codebuild batch-get-projects --names demo --query projects[0].arn --output text",
                "--query has another value: projects[0].name.",
            ),
            (
                "aws codebuild batch-get-projects --names demo --query projects[0].name",
                "--output has another value: text.",
            ),
            (
                "aws codebuild delete-project --name demo",
                "This calls codebuild delete-project; the command here is codebuild batch-get-projects.",
            ),
            (
                "aws codebuild batch-get-projects --names demo --region x --query projects[0].name --output text",
                "--region is not wanted here.",
            ),
            (
                "ls",
                "Commands here begin with `aws`; :shell opens a shell for everything else.",
            ),
            (
                "aws codebuild list-projects | jq",
                "`|` cannot be used here. A command is one `aws …` line with quotes and $VARIABLES, `aws … > FILE`, or NAME=$(aws …). To use the character itself, put the word in single quotes.",
            ),
            (
                "aws codebuild batch-get-projects --names $OTHER",
                "$OTHER has no value here.",
            ),
        ] {
            assert_eq!(compared(typed, SHOWN), [said], "{typed}");
        }
        assert_eq!(
            compared(
                "aws codebuild start-build --project-name demo",
                "ID=$(aws codebuild start-build --project-name $NAME)"
            ),
            ["What it prints is to be kept: ID=$(aws …)."]
        );
        assert_eq!(
            compared(
                "aws codebuild list-projects",
                "aws codebuild list-projects > p.json"
            ),
            ["What it prints is to be saved: > p.json at the end."]
        );
    }

    #[test]
    fn another_command_that_only_looks_is_no_mistake() {
        assert_eq!(
            compared("aws codebuild list-projects", SHOWN),
            ["looks elsewhere"]
        );
    }
}
