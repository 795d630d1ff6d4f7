//! Lints: what is allowed and runs, but does probably not do what its author thinks.

mod commands;
mod docker;
mod env;
mod sections;
mod state;

use crate::error::Warning;
use crate::shell::Script;
use crate::spec::Buildspec;
use crate::spec::Command;

/// What is known about the project that a buildspec is for.
#[derive(Clone, Copy, Debug, Default)]
pub struct LintContext<'a> {
    /// Whether its environment has privileged mode.
    pub privileged: Option<bool>,
    /// The image of its environment, such as `docker:dind`.
    pub image: Option<&'a str>,
}

impl LintContext<'_> {
    /// Whether it is one of AWS's own build images, if the image is known.
    fn is_managed(&self) -> Option<bool> {
        self.image.map(|image| {
            image.starts_with("aws/codebuild/") || image.starts_with("public.ecr.aws/codebuild/")
        })
    }

    /// The image's name without registry, tag and digest.
    fn image_name(&self) -> Option<&str> {
        let name = self.image?.rsplit('/').next()?;
        name.split(['@', ':']).next()
    }

    /// Whether `sh` in the image is BusyBox's.
    fn has_busybox(&self) -> bool {
        let is_alpine = self.image.is_some_and(|image| image.contains("alpine"));
        is_alpine || matches!(self.image_name(), Some("docker" | "busybox"))
    }

    /// Whether `sh` in the image is bash.
    fn sh_is_bash(&self) -> bool {
        const FAMILIES: [&str; 7] = [
            "amazonlinux",
            "amazon/aws",
            "fedora",
            "centos",
            "rockylinux",
            "almalinux",
            "ubi",
        ];
        self.image
            .is_some_and(|image| FAMILIES.iter().any(|family| image.contains(family)))
    }
}

/// A command of a phase, and what it does.
struct Seen<'a> {
    command: &'a Command,
    script: Script,
}

/// Where the warnings of a run are collected.
struct Lint<'a> {
    spec: &'a Buildspec,
    context: LintContext<'a>,
    /// The commands of all phases in the order in which they run.
    seen: Vec<Seen<'a>>,
    warnings: Vec<Warning>,
}

impl Buildspec {
    /// What is probably not what the author meant, in the order of the text. These warnings come in
    /// addition to [`Buildspec::warnings`], which are about the form of the text alone.
    ///
    /// Where the context leaves something open that a rule depends on, the warning says so.
    #[must_use]
    pub fn lint(&self, context: &LintContext<'_>) -> Vec<Warning> {
        let seen = self
            .phases
            .iter()
            .flat_map(|(_, phase)| phase.commands.iter().chain(&phase.finally))
            .map(|command| Seen {
                command,
                script: Script::of(&command.text),
            })
            .collect();
        let mut lint = Lint {
            spec: self,
            context: *context,
            seen,
            warnings: Vec::new(),
        };
        lint.env();
        lint.sections();
        lint.commands();
        lint.state();
        lint.docker();
        let mut warnings = lint.warnings;
        warnings.sort_by_key(|warning| (warning.line, warning.column));
        warnings
    }
}

impl Lint<'_> {
    fn warn(
        &mut self,
        code: &'static str,
        (line, column): (usize, usize),
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.warnings.push(Warning {
            message: message.into(),
            line,
            column,
            help: Some(help.into()),
            code,
        });
    }
}
