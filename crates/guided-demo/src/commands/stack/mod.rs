//! `guided-demo stack …`: a CloudFormation stack, deployed, looked at, compared and deleted.

mod delete;
mod deploy;
mod diff;
mod follow;
mod ownership;
mod plan;
mod remains;
mod status;

use codebuild_core::CallError;
use codebuild_core::Identity;
use codebuild_core::explain_stack_error;

pub(super) use self::delete::remove;
pub(super) use self::ownership::names_stack;

use crate::cli::StackArgs;
use crate::cli::StackCommand;
use crate::cli::TargetArgs;
use crate::command_error::CommandError;
use crate::exit_code::ExitCode;
use crate::state::StateDirectory;
use crate::target;
use crate::target::Opened;
use crate::target::TargetChoice;
use crate::target::TargetOptions;
use crate::ui::Answer;
use crate::ui::TerminalGuard;
use crate::ui::Ui;
use crate::ui::confirm;

/// The name of the demo's stack.
pub(crate) const DEFAULT_STACK: &str = "demo-docker-in-docker";

/// Does what is asked with a stack.
pub(crate) async fn stack(
    ui: &Ui,
    args: StackArgs,
    state: StateDirectory,
) -> Result<ExitCode, CommandError> {
    match args.command {
        StackCommand::Deploy(args) => deploy::deploy(ui, args, state).await,
        StackCommand::Status(args) => status::status(ui, args, state).await,
        StackCommand::Diff(args) => diff::diff(ui, args, state).await,
        StackCommand::Delete(args) => delete::delete(ui, args, state).await,
    }
}

/// A target that is open, and whose it is.
struct Place {
    options: TargetOptions,
    opened: Opened,
    identity: Identity,
}

impl Place {
    async fn open(args: TargetArgs, state: StateDirectory) -> Result<Self, CommandError> {
        let options = super::target_options(args, state);
        if options.choice == TargetChoice::Replay {
            return Err(CommandError::usage("stacks are not in recordings")
                .hinted("Use --target local, --target aws or the URL of an endpoint."));
        }
        let checkouts = super::aws::default_checkouts(&options);
        let opened = target::open(&options, checkouts, None).await?;
        match opened.session.identity().await {
            Ok(identity) => Ok(Self {
                options,
                opened,
                identity,
            }),
            Err(error) => {
                opened.close().await;
                Err(error.into())
            }
        }
    }

    /// Where that is, for a person: `local (account 000000000000, eu-central-1)`.
    fn describe(&self) -> String {
        format!(
            "{} (account {}, {})",
            self.options.choice,
            self.identity.account,
            self.region()
        )
    }

    fn region(&self) -> String {
        self.opened.session.region().unwrap_or_default()
    }

    fn is_local(&self) -> bool {
        self.options.choice == TargetChoice::Local
    }

    /// A command of ours on this target, to tell a person.
    fn invocation(&self, arguments: &str) -> String {
        let mut arguments = arguments.to_owned();
        if !self.is_local() {
            arguments.push_str(&format!(" --target {}", self.options.choice));
        }
        if let Some(profile) = &self.options.profile {
            arguments.push_str(&format!(" --profile {profile}"));
        }
        if let Some(region) = &self.options.region {
            arguments.push_str(&format!(" --region {region}"));
        }
        self.options.state.invocation(&arguments)
    }
}

/// Whether a person agrees, or has agreed beforehand. `hint` is what to do where nobody can be asked.
struct Consent {
    yes: bool,
    may_ask: bool,
}

impl Consent {
    /// # Errors
    ///
    /// If nobody has agreed and nobody can be asked.
    fn new(
        ui: &Ui,
        command: &str,
        yes: bool,
        no_input: bool,
        json: bool,
    ) -> Result<Self, CommandError> {
        let may_ask = !no_input && !json && ui.can_ask();
        if yes || may_ask {
            return Ok(Self { yes, may_ask });
        }
        let why = match (no_input, json) {
            (true, _) => "--no-input forbids that",
            (_, true) => "--json leaves no place for a question",
            _ => "there is no terminal to ask at",
        };
        Err(CommandError::usage(format!(
            "stack {command} asks before it changes anything, and {why}"
        ))
        .hinted("Add --yes to agree. `stack diff` and `stack status` change nothing."))
    }

    fn given(&self, ui: &Ui, question: &str) -> Result<bool, CommandError> {
        if self.yes {
            return Ok(true);
        }
        if !self.may_ask {
            return Ok(false);
        }
        let _guard = TerminalGuard::new(true);
        match confirm(ui, question) {
            Answer::Given(yes) => Ok(yes),
            Answer::Interrupted | Answer::Gone => Err(CommandError::interrupted()),
        }
    }
}

/// A refusal of CloudFormation's, explained where it is one that students meet.
fn explained(error: CallError) -> CommandError {
    let known = explain_stack_error(&error);
    let mut converted = CommandError::from(error);
    if let Some((why, fix)) = known {
        converted.hints = vec![format!("{why} {fix}")];
    }
    converted
}
