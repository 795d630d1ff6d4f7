//! A shell for the person in the middle of a walk, with the same AWS and the same variables.

use local_aws::LocalAws;
use tokio::process::Command;

use super::Driver;
use crate::aws_cli::version_that_ignores_the_endpoint;
use crate::command_error::CommandError;
use crate::commands::git_variables;
use crate::script::TargetKind;
use crate::shell_setting::ShellSetting;
use crate::target::TargetChoice;
use crate::ui::QuietInput;
use crate::ui::TerminalGuard;
use crate::walk::Event;

impl Driver {
    /// Opens a shell and waits until the person leaves it. The clock stands still meanwhile.
    pub(super) async fn break_out(&mut self) -> Result<Event, CommandError> {
        if self.kind == TargetKind::Replay {
            self.say(
                "There is no shell for a recording: nothing runs in it, so there is no AWS that a \
                 command could call. Walk with --target local to have one.",
            );
            self.ui.line("");
            return Ok(Event::CameBack { was_away: false });
        }
        let Some(setting) = self.shell_setting().await? else {
            return Ok(Event::Interrupted);
        };
        self.pacing.pause();
        self.write_now(None);
        let was_quiet = self.quiet.take().is_some();
        let guard = TerminalGuard::new(self.ui.can_ask());
        self.ui.line("");
        self.say(
            "A shell with the walk's AWS and variables. `aws` calls that AWS. Type `exit` to come \
             back to this step.",
        );
        self.ui.line("");
        let left = self.in_shell(&setting).await;
        drop(guard);
        self.signals.forget();
        if was_quiet {
            self.quiet = Some(QuietInput::begin());
        }
        self.pacing.resume();
        match left {
            Ok(true) => Ok(Event::CameBack { was_away: true }),
            Ok(false) => Ok(Event::Interrupted),
            Err(error) => {
                self.ui.error(&error);
                Ok(Event::CameBack { was_away: false })
            }
        }
    }

    /// False if the process has to end.
    async fn in_shell(&mut self, setting: &ShellSetting) -> Result<bool, CommandError> {
        let files = setting.write_files(&self.options.state.programs())?;
        let mut command = Command::from(setting.command(&files));
        let mut child = command.spawn().map_err(|error| {
            CommandError::step(format!(
                "the shell {} does not start: {error}",
                setting.program().display()
            ))
            .hinted("Name another one with the environment variable SHELL, such as SHELL=/bin/sh.")
        })?;
        tokio::select! {
            _ = child.wait() => Ok(true),
            () = self.signals.end() => {
                // The shell may be gone already.
                let _ = child.kill().await;
                Ok(false)
            }
        }
    }

    /// What the shell gets. `None` if a signal came first.
    async fn shell_setting(&mut self) -> Result<Option<ShellSetting>, CommandError> {
        let Some(opened) = self.opened().await? else {
            return Ok(None);
        };
        let session = opened.session.clone();
        let local = opened.endpoint().map(str::to_owned);
        let endpoint = match &self.options.choice {
            TargetChoice::Local => local,
            TargetChoice::Url(url) => Some(url.clone()),
            TargetChoice::Aws | TargetChoice::Replay => None,
        };
        let environment = match self.signals.or_interrupt(session.environment()).await {
            None => return Ok(None),
            Some(environment) => environment?,
        };
        drop(session.take_exchanges());
        let mut variables: Vec<(String, String)> = environment
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        if let Some(endpoint) = &endpoint {
            variables.push(("AWS_ENDPOINT_URL".to_owned(), endpoint.clone()));
        }
        if let Some(access) = LocalAws::running(&self.options.state.local_aws())
            && self.options.choice == TargetChoice::Local
        {
            variables.extend(git_variables(&access, &self.options.state));
        }
        variables.extend(self.variables.clone());
        let endpoint_option = match version_that_ignores_the_endpoint().await {
            Some(_) => endpoint,
            None => None,
        };
        let target = match &self.options.choice {
            TargetChoice::Local => None,
            choice => Some(choice.to_string()),
        };
        Ok(Some(ShellSetting {
            demo: self.script.id.clone(),
            directory: self.work.path().to_owned(),
            variables,
            endpoint_option,
            target,
            state_dir: self.options.state.root().to_owned(),
        }))
    }
}
