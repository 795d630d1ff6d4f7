//! What a build of a buildspec does, step by step.

mod batch;
mod sections;

use std::fmt;

use crate::keys;
use crate::keys::Section;
use crate::on_failure::OnFailure;
use crate::spec::Buildspec;
use crate::spec::Command;
use crate::spec::PhaseSpec;
use crate::spec::Shell;
use crate::spec::Version;

/// What a build does, in the order in which it does it. Its [`Display`](fmt::Display) is a text for
/// a terminal, with lines of any length.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Plan {
    /// What holds for the whole build, a sentence each.
    pub facts: Vec<String>,
    /// The steps, named as CodeBuild's phases; those in which nothing of the buildspec happens are
    /// left out.
    pub steps: Vec<PlanStep>,
}

/// One step of a [`Plan`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PlanStep {
    /// The phase as builds report it, such as `PRE_BUILD`; `BATCH` for the builds of a batch.
    pub phase: &'static str,
    /// The line of the buildspec where it is described, from 1, if it is in one place.
    pub line: Option<usize>,
    /// What the step is for.
    pub about: &'static str,
    /// What else is known about it, a sentence each.
    pub facts: Vec<String>,
    /// The commands of `commands`.
    pub commands: Vec<PlanCommand>,
    /// The commands of `finally`.
    pub finally: Vec<PlanCommand>,
    /// What happens if it fails.
    pub if_it_fails: Option<String>,
}

/// One command of a [`PlanStep`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PlanCommand {
    /// Its whole text.
    pub text: String,
    /// The line where it begins, from 1.
    pub line: usize,
    /// The Linux user that it runs as.
    pub user: String,
    /// The shell that runs it.
    pub shell: &'static str,
}

impl Buildspec {
    /// What a build does with this buildspec, for a person who wants to understand it.
    #[must_use]
    pub fn explain(&self) -> Plan {
        let mut facts = Vec::new();
        let mut steps = Vec::new();
        if let Some(batch) = &self.batch {
            steps.push(self.batch_step(batch));
        }
        if !self.phases.is_empty() {
            let user = self.run_as.as_deref().unwrap_or("root");
            facts.push(format!("{} runs the commands, as {user}.", self.shell()));
            facts.push(match self.version {
                Version::V0_1 => "Each command has a shell of its own: nothing carries over to the next (version 0.1).".to_owned(),
                Version::V0_2 => "Each command is a script of its own; directory and variables carry over to the next.".to_owned(),
            });
            steps.extend(self.before_the_phases());
            for (name, phase) in self.phases.iter() {
                steps.push(self.phase_step(name, phase));
            }
            steps.extend(self.after_the_phases());
        }
        Plan { facts, steps }
    }

    fn shell(&self) -> &'static str {
        match self.env.shell {
            Some(Shell::Bash) => "bash",
            Some(Shell::Sh) | None => "sh",
        }
    }

    fn phase_step(&self, name: &str, phase: &PhaseSpec) -> PlanStep {
        let user = phase.run_as.as_ref().or(self.run_as.as_ref());
        let user = user.map_or("root", String::as_str);
        let commands = |commands: &[Command]| {
            commands
                .iter()
                .map(|command| PlanCommand {
                    text: command.text.clone(),
                    line: command.line,
                    user: user.to_owned(),
                    shell: self.shell(),
                })
                .collect()
        };
        let mut facts = Vec::new();
        if phase.run_as.is_some() {
            facts.push(format!("Its commands run as {user}."));
        }
        if !phase.runtime_versions.is_empty() {
            let runtimes: Vec<String> = phase
                .runtime_versions
                .iter()
                .map(|(language, version)| format!("{language} {version}"))
                .collect();
            facts.push(format!(
                "First it chooses runtimes: {}. Only AWS's managed images can.",
                runtimes.join(", ")
            ));
        }
        PlanStep {
            phase: match name {
                "install" => "INSTALL",
                "pre_build" => "PRE_BUILD",
                "build" => "BUILD",
                _ => "POST_BUILD",
            },
            line: Some(phase.line),
            about: about(&keys::PHASES, name),
            facts,
            commands: commands(&phase.commands),
            finally: commands(&phase.finally),
            if_it_fails: Some(self.if_it_fails(name, phase.on_failure.as_ref())),
        }
    }

    fn if_it_fails(&self, name: &str, on_failure: Option<&OnFailure>) -> String {
        let rest: Vec<&str> = match name {
            "install" => vec!["PRE_BUILD", "BUILD", "POST_BUILD"],
            "pre_build" => vec!["BUILD", "POST_BUILD"],
            "build" => vec!["POST_BUILD"],
            _ => vec![],
        };
        let there = |phase: &&str| {
            let name = phase.to_lowercase();
            self.phases.iter().any(|(other, _)| other == name)
        };
        let mut rest: Vec<&str> = rest.into_iter().filter(there).collect();
        if self.uploads() {
            rest.push("UPLOAD_ARTIFACTS");
        }
        let ends = match rest.is_empty() {
            true => "the build ends".to_owned(),
            false => format!("the build ends without {}", words(&rest)),
        };
        let goes_on = match rest.is_empty() {
            true => "the build ends".to_owned(),
            false => format!(
                "{} still run{}",
                words(&rest),
                if rest.len() == 1 { "s" } else { "" }
            ),
        };
        let by_default = match name {
            "install" | "pre_build" => &ends,
            _ => &goes_on,
        };
        match on_failure {
            None => format!("{by_default}. The build is FAILED."),
            Some(OnFailure::Abort) => format!("{ends} (ABORT). The build is FAILED."),
            Some(OnFailure::Continue) => format!("{goes_on} (CONTINUE)."),
            Some(OnFailure::Retry { count, pattern }) => {
                let times = match count {
                    1 => "once".to_owned(),
                    2 => "twice".to_owned(),
                    count => format!("{count} times"),
                };
                let only = match pattern {
                    Some(pattern) => format!(" if its output matches {pattern}"),
                    None => String::new(),
                };
                format!(
                    "it runs again{only}, at most {times} (RETRY). After that {by_default}, and the build is FAILED."
                )
            }
        }
    }

    /// Whether UPLOAD_ARTIFACTS has anything to do.
    fn uploads(&self) -> bool {
        self.artifacts.is_some() || self.cache.is_some() || !self.reports.is_empty()
    }
}

/// What the table of keys says about a key.
fn about(section: &Section, name: &str) -> &'static str {
    section.key(name).map_or("", |key| key.about)
}

/// `a, b and c`.
fn words<T: AsRef<str>>(list: &[T]) -> String {
    let list: Vec<&str> = list.iter().map(AsRef::as_ref).collect();
    match list.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for fact in &self.facts {
            writeln!(f, "{fact}")?;
        }
        for (index, step) in self.steps.iter().enumerate() {
            if index > 0 || !self.facts.is_empty() {
                writeln!(f)?;
            }
            write!(f, "{step}")?;
        }
        Ok(())
    }
}

impl fmt::Display for PlanStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => writeln!(f, "{} (line {line})", self.phase)?,
            None => writeln!(f, "{}", self.phase)?,
        }
        if !self.about.is_empty() {
            writeln!(f, "  {}", self.about)?;
        }
        for fact in &self.facts {
            writeln!(f, "  {fact}")?;
        }
        for (index, command) in self.commands.iter().enumerate() {
            writeln!(f, "  {}. {command}", index + 1)?;
        }
        if !self.finally.is_empty() {
            writeln!(f, "  Then, also after a failure:")?;
            for (index, command) in self.finally.iter().enumerate() {
                writeln!(f, "  {}. {command}", self.commands.len() + index + 1)?;
            }
        }
        match &self.if_it_fails {
            Some(text) => writeln!(f, "  If it fails: {text}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for PlanCommand {
    /// The first line, and how many follow.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = self
            .text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty());
        f.write_str(lines.next().unwrap_or("(nothing)"))?;
        match lines.count() {
            0 => Ok(()),
            1 => f.write_str(" … and 1 more line"),
            more => write!(f, " … and {more} more lines"),
        }
    }
}
