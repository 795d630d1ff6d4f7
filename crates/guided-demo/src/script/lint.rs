//! What can be wrong with a script that parses: commands that the AWS CLI would not take.

use codebuild_core::AwsCommand;

use super::ItemKind;
use super::Script;
use super::ScriptErrors;
use super::ShellLine;
use super::Variables;
use super::error::Mistake;

/// Checks every command of a script against the AWS CLI's grammar, with the variables' defaults.
pub(crate) fn lint(script: &Script) -> Result<(), ScriptErrors> {
    let mut variables: Variables = script
        .variables
        .iter()
        .map(|variable| {
            let value = variable
                .default
                .clone()
                .or_else(|| {
                    variable
                        .target_defaults
                        .first()
                        .map(|(_, value)| value.clone())
                })
                .unwrap_or_else(|| "value".to_owned());
            (variable.name.clone(), value)
        })
        .collect();
    let mut mistakes = Vec::new();
    for item in script.steps.iter().flat_map(|step| &step.items) {
        match &item.kind {
            ItemKind::Command(command) => {
                check(
                    script,
                    &command.line,
                    &variables,
                    &command.span,
                    &mut mistakes,
                );
                if let Some(resource) = &command.creates {
                    check(
                        script,
                        &resource.remove,
                        &variables,
                        &command.span,
                        &mut mistakes,
                    );
                }
                if let Some(name) = &command.line.assign {
                    variables.insert(name.clone(), "value".to_owned());
                }
            }
            ItemKind::Check(check_item) => check(
                script,
                &check_item.command,
                &variables,
                &check_item.span,
                &mut mistakes,
            ),
            _ => {}
        }
    }
    if mistakes.is_empty() {
        return Ok(());
    }
    Err(ScriptErrors {
        file: script.path.display().to_string(),
        source: std::fs::read_to_string(&script.path).unwrap_or_default(),
        mistakes,
    })
}

fn check(
    script: &Script,
    line: &ShellLine,
    variables: &Variables,
    span: &std::ops::Range<usize>,
    mistakes: &mut Vec<Mistake>,
) {
    let words = line.expand(variables);
    match words.split_first() {
        Some((first, rest)) if first == "aws" => {
            match AwsCommand::parse(rest, script.directory()) {
                Ok(command) if command.is_endless() => mistakes.push(
                    Mistake::new(span.clone(), "this command never ends")
                        .help("Leave `--follow` out: a step ends when its command has."),
                ),
                Ok(_) => {}
                Err(error) => mistakes.push(Mistake::new(span.clone(), error.to_string())),
            }
        }
        _ => mistakes.push(
            Mistake::new(span.clone(), "only `aws` commands can be run").help(
                "Put what only a reader should see into a fence with another word than `console`.",
            ),
        ),
    }
}
