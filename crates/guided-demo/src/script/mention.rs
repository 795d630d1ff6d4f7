//! The commands and texts of a script in the order in which they count, each with its place: what
//! the linter goes through.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::ops::Range;

use super::Script;
use super::ShellLine;
use super::TargetKind;
use super::Template;
use super::error::Mistake;
use super::sources::Sources;

/// A command or text with variables.
#[derive(Debug)]
pub(crate) struct Mention {
    /// Where it stands.
    pub(crate) span: Range<usize>,
    /// The targets it is for; empty means all.
    pub(crate) targets: Vec<TargetKind>,
    /// What it is.
    pub(crate) what: Mentioned,
}

/// What is mentioned.
#[derive(Debug)]
pub(crate) enum Mentioned {
    /// A command line, and what it is for.
    Line(Role, ShellLine),
    /// Text with variables.
    Text(Template),
}

/// What a command line is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Role {
    /// A step runs it.
    Command,
    /// It looks whether something is true.
    Check,
    /// It removes what a command has created.
    Cleanup,
    /// It shows that an answer is right.
    Proof,
}

impl Mention {
    /// The variables in it.
    pub(crate) fn variables(&self) -> Vec<&str> {
        match &self.what {
            Mentioned::Line(_, line) => line.variables(),
            Mentioned::Text(text) => text.variables().collect(),
        }
    }

    /// Whether it is for this target.
    pub(crate) fn is_for(&self, target: TargetKind) -> bool {
        self.targets.is_empty() || self.targets.contains(&target)
    }
}

/// Finds the variables that have no value where they are used, on one target or on all.
pub(crate) fn without_value(
    script: &Script,
    sources: &Sources,
    mentions: &[Mention],
) -> Vec<Mistake> {
    let declared: BTreeSet<&str> = script
        .variables
        .iter()
        .map(|variable| variable.name.as_str())
        .collect();
    let mut assigned: BTreeMap<TargetKind, BTreeSet<&str>> = BTreeMap::new();
    let mut mistakes = Vec::new();
    for mention in mentions {
        let targets: Vec<TargetKind> = TargetKind::ALL
            .into_iter()
            .filter(|target| mention.is_for(*target))
            .collect();
        let mut told = BTreeSet::new();
        for name in mention.variables() {
            if declared.contains(name) || !told.insert(name) {
                continue;
            }
            let lacking: Vec<TargetKind> = targets
                .iter()
                .copied()
                .filter(|target| {
                    !assigned
                        .get(target)
                        .is_some_and(|names| names.contains(name))
                })
                .collect();
            if lacking.is_empty() {
                continue;
            }
            let place = place_of(sources, &mention.span, name);
            let everywhere = lacking.len() == targets.len();
            let message = match everywhere {
                true => format!("${name} has no value here"),
                false => {
                    let names: Vec<&str> = lacking.iter().map(|target| target.as_str()).collect();
                    format!(
                        "${name} has no value here on the target {}",
                        names.join(" and ")
                    )
                }
            };
            let mistake = Mistake::new(place, message);
            mistakes.push(if everywhere {
                let known: BTreeSet<&str> = declared
                    .iter()
                    .chain(assigned.values().flatten())
                    .copied()
                    .collect();
                mistake.meant(name, known)
            } else {
                mistake
                    .help("The command that assigns it stands in a `demo:only` for other targets.")
            });
        }
        if let Mentioned::Line(Role::Command, line) = &mention.what
            && let Some(name) = &line.assign
        {
            for target in targets {
                assigned.entry(target).or_default().insert(name);
            }
        }
    }
    mistakes
}

/// Where a variable stands in a mention.
fn place_of(sources: &Sources, span: &Range<usize>, name: &str) -> Range<usize> {
    let text = sources.text(span.clone());
    [format!("${name}"), format!("${{{name}}}")]
        .iter()
        .filter_map(|written| {
            let at = text.match_indices(written.as_str()).find(|(at, _)| {
                let next = text[at + written.len()..].chars().next();
                written.ends_with('}')
                    || !next.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
            })?;
            Some(span.start + at.0..span.start + at.0 + written.len())
        })
        .min_by_key(|place| place.start)
        .unwrap_or_else(|| span.clone())
}
