//! Lines that let git find the local CodeCommit: clone URLs have AWS's names, and go to the local AWS.
//!
//! They are settings in the environment (`GIT_CONFIG_COUNT`, git 2.31 and newer), so that no file of
//! the student's is touched. Others that are there already stay.

use local_aws::Access;

use super::shell_lines::ShellLines;
use crate::command_error::CommandError;
use crate::invocation::git_credential_helper;
use crate::state::StateDirectory;

/// Set while settings are ours: the number of the first one.
const MARK: &str = "GUIDED_DEMO_GIT_CONFIG";

const COUNT: &str = "GIT_CONFIG_COUNT";

/// More settings than this are nobody's.
const MOST: usize = 1000;

type Setting = (String, String);

/// The variables that add our settings to those of this process.
pub(crate) fn variables(access: &Access, state: &StateDirectory) -> Vec<(String, String)> {
    let (mut all, begin) = without_ours(&|name| std::env::var(name).ok());
    let first = all.len();
    all.extend(settings(access, state));
    let mut variables = vec![
        (COUNT.to_owned(), all.len().to_string()),
        (MARK.to_owned(), first.to_string()),
    ];
    for (at, (name, text)) in all.into_iter().enumerate().skip(begin) {
        variables.push((key(at), name));
        variables.push((value(at), text));
    }
    variables
}

/// The settings of git for the local CodeCommit.
fn settings(access: &Access, state: &StateDirectory) -> Vec<Setting> {
    let endpoint = &access.endpoint;
    let aws = format!("git-codecommit.{}.amazonaws.com/v1/repos/", access.region);
    let redirect = format!("url.{endpoint}/v1/repos/.insteadOf");
    let helper = format!("credential.{endpoint}.helper");
    vec![
        (redirect.clone(), format!("https://{aws}")),
        (redirect, format!("ssh://{aws}")),
        // Others would keep passwords that count for 15 minutes.
        (helper.clone(), String::new()),
        (helper, git_credential_helper(state.root(), &[])),
        (
            format!("credential.{endpoint}.useHttpPath"),
            "true".to_owned(),
        ),
    ]
}

/// Adds our settings to those of the shell.
///
/// # Errors
///
/// If a value cannot be written for a shell.
pub(super) fn add(
    lines: &mut ShellLines,
    access: &Access,
    state: &StateDirectory,
) -> Result<(), CommandError> {
    for (name, value) in variables(access, state) {
        lines.set(&name, &value)?;
    }
    Ok(())
}

/// Takes our settings out again.
///
/// # Errors
///
/// As [`add`].
pub(super) fn remove(lines: &mut ShellLines) -> Result<(), CommandError> {
    if std::env::var_os(MARK).is_none() {
        return Ok(());
    }
    let before = count(&|name| std::env::var(name).ok());
    let (others, begin) = without_ours(&|name| std::env::var(name).ok());
    write(lines, &others, begin)?;
    let over: Vec<String> = (others.len()..before)
        .flat_map(|at| [key(at), value(at)])
        .collect();
    let mut names: Vec<&str> = over.iter().map(String::as_str).collect();
    names.push(MARK);
    if others.is_empty() {
        names.push(COUNT);
    }
    lines.unset(&names);
    Ok(())
}

/// Writes the settings from this number on, and how many there are.
fn write(lines: &mut ShellLines, all: &[Setting], begin: usize) -> Result<(), CommandError> {
    for (at, (name, text)) in all.iter().enumerate().skip(begin) {
        lines.set(&key(at), name)?;
        lines.set(&value(at), text)?;
    }
    if !all.is_empty() {
        lines.set(COUNT, &all.len().to_string())?;
    }
    Ok(())
}

/// The settings of the shell that are not ours, and the number of the first one that moves.
fn without_ours(variable: &dyn Fn(&str) -> Option<String>) -> (Vec<Setting>, usize) {
    let all: Vec<Setting> = (0..count(variable))
        .map(|at| {
            let part = |name: String| variable(&name).unwrap_or_default();
            (part(key(at)), part(value(at)))
        })
        .collect();
    let mark = variable(MARK).and_then(|mark| mark.parse::<usize>().ok());
    let first = mark.filter(|first| {
        let setting = all.get(*first);
        setting.is_some_and(|(name, _)| name.ends_with("/v1/repos/.insteadOf"))
    });
    match first {
        None => {
            let begin = all.len();
            (all, begin)
        }
        Some(first) => {
            let is_ours = |at: usize| (first..first + OURS).contains(&at);
            let others = all.into_iter().enumerate();
            let others = others.filter(|(at, _)| !is_ours(*at));
            (others.map(|(_, setting)| setting).collect(), first)
        }
    }
}

/// How many settings are ours.
const OURS: usize = 5;

fn count(variable: &dyn Fn(&str) -> Option<String>) -> usize {
    let count = variable(COUNT).and_then(|count| count.trim().parse::<usize>().ok());
    count.filter(|count| *count <= MOST).unwrap_or(0)
}

fn key(at: usize) -> String {
    format!("GIT_CONFIG_KEY_{at}")
}

fn value(at: usize) -> String {
    format!("GIT_CONFIG_VALUE_{at}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(count: usize, first: Option<usize>) -> impl Fn(&str) -> Option<String> {
        move |name: &str| match name {
            COUNT => Some(count.to_string()),
            MARK => Some(first?.to_string()),
            _ => {
                let (kind, at) = name.rsplit_once('_')?;
                let at: usize = at.parse().ok()?;
                let is_ours = first.is_some_and(|first| (first..first + OURS).contains(&at));
                match (kind, is_ours) {
                    ("GIT_CONFIG_KEY", true) => Some("url.x/v1/repos/.insteadOf".to_owned()),
                    ("GIT_CONFIG_KEY", false) => Some(format!("own.{at}")),
                    _ => Some("v".to_owned()),
                }
            }
        }
    }

    #[test]
    fn settings_of_the_student_stay() {
        let (others, begin) = without_ours(&shell(2, None));
        assert_eq!((others.len(), begin), (2, 2));
        let (others, begin) = without_ours(&shell(8, Some(2)));
        let names: Vec<&str> = others.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!((names, begin), (vec!["own.0", "own.1", "own.7"], 2));
        // A mark that another shell has left says nothing.
        let (others, _) = without_ours(&|name| match name {
            MARK => Some("0".to_owned()),
            other => shell(1, None)(other),
        });
        assert_eq!(others.len(), 1);
    }
}
