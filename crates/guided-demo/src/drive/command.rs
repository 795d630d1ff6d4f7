//! Running a command of the script.

use codebuild_core::AwsCommand;
use codebuild_core::CommandOutput;

use super::Driver;
use super::LastOutput;
use crate::command_error::CommandError;
use crate::script::Command;
use crate::script::ItemKind;
use crate::script::ShellLine;
use crate::script::TargetKind;
use crate::state::LedgerEntry;
use crate::ui::excerpt;
use crate::walk::Event;
use crate::walk::Place;

impl Driver {
    /// Runs the command of an item.
    pub(super) async fn run(&mut self, place: Place) -> Result<Event, CommandError> {
        let script = self.script.clone();
        let step = &script.steps[place.step];
        let ItemKind::Command(command) = &step.items[place.item].kind else {
            return Ok(Event::Ran { ok: false });
        };
        if let Some(event) = self.without_engine_for(command).await? {
            return Ok(event);
        }
        match self.app_compiled_for(command).await {
            None => return Ok(Event::Interrupted),
            Some(Ok(())) => {}
            Some(Err(error)) if !self.is_guided() => return Err(error),
            Some(Err(error)) => {
                self.ui.error(&error);
                return Ok(Event::Ran { ok: false });
            }
        }
        self.write_now(Some(&command.text));
        let intended = self.intend(command)?;
        let scene = format!("{}/{}", step.id, place.item);
        let result = match self.call(&command.line, &scene).await? {
            Some(result) => result,
            None => return Ok(Event::Interrupted),
        };
        self.last.log.clear();
        self.last.exchanges = match self.session().await? {
            Some(session) => session.take_exchanges(),
            None => return Ok(Event::Interrupted),
        };
        let ok = match result {
            Ok(output) => {
                if let Some(remove) = intended {
                    self.ledger.created(&remove)?;
                }
                if !self.is_replaying() || self.kind == TargetKind::Replay {
                    self.ledger.removed(&command.line.expand(&self.variables))?;
                }
                self.succeeded(command, &output)?
            }
            Err(error) => self.failed(command, &error),
        };
        Ok(Event::Ran { ok })
    }

    /// A local build needs a Docker Engine: without one, says so before the build is started.
    async fn without_engine_for(
        &mut self,
        command: &Command,
    ) -> Result<Option<Event>, CommandError> {
        let operation = command.line.expand(&self.variables);
        let starts = operation.get(2).is_some_and(|word| word == "start-build");
        if !starts || self.kind != TargetKind::Local || self.is_replaying() {
            return Ok(None);
        }
        let why = match self.engine().await {
            None => return Ok(Some(Event::Interrupted)),
            Some(Some(Err(why))) => why.clone(),
            Some(_) => return Ok(None),
        };
        let error = CommandError::prerequisite(why)
            .hinted("A recorded walk needs no Docker Engine: --target replay");
        if !self.is_guided() {
            return Err(error);
        }
        self.ui.error(&error);
        Ok(Some(Event::Ran { ok: false }))
    }

    /// Writes down what a command is about to create; answers how it is removed again.
    fn intend(&mut self, command: &Command) -> Result<Option<Vec<String>>, CommandError> {
        let Some(resource) = &command.creates else {
            return Ok(None);
        };
        // A recording creates nothing.
        if self.is_replaying() {
            return Ok(None);
        }
        let remove = resource.remove.expand(&self.variables);
        self.ledger.intend(LedgerEntry {
            kind: resource.kind.clone(),
            name: resource.name.expand(&self.variables),
            remove: remove.clone(),
            created: false,
        })?;
        Ok(Some(remove))
    }

    /// Calls AWS as a line says. `None` if a signal came first.
    pub(super) async fn call(
        &mut self,
        line: &ShellLine,
        scene: &str,
    ) -> Result<Option<Result<CommandOutput, CommandError>>, CommandError> {
        match self.parse_line(line) {
            Ok(parsed) => self.send(&parsed, scene, true).await,
            Err(error) => Ok(Some(Err(error))),
        }
    }

    /// Calls AWS. `None` if a signal came first.
    pub(super) async fn send(
        &mut self,
        command: &AwsCommand,
        scene: &str,
        with_spinner: bool,
    ) -> Result<Option<Result<CommandOutput, CommandError>>, CommandError> {
        let Some(session) = self.session().await? else {
            return Ok(None);
        };
        session.begin_scene(scene);
        let spinner = with_spinner.then(|| self.spinner("Waiting for AWS"));
        let result = self.signals.or_interrupt(command.run(&session)).await;
        if let Some(spinner) = spinner {
            spinner.finish_and_clear();
        }
        Ok(result.map(|result| result.map_err(CommandError::from)))
    }

    /// A spinner for as long as something takes; nothing where nothing can be drawn.
    pub(super) fn spinner(&self, message: &str) -> indicatif::ProgressBar {
        if !self.ui.draws() {
            return indicatif::ProgressBar::hidden();
        }
        let spinner =
            indicatif::ProgressBar::with_draw_target(None, indicatif::ProgressDrawTarget::stdout());
        if let Ok(style) = indicatif::ProgressStyle::with_template("{spinner} {wide_msg}") {
            spinner.set_style(style.tick_chars(self.ui.glyphs().spinner()));
        }
        spinner.set_message(self.ui.shown(message).into_owned());
        spinner.enable_steady_tick(std::time::Duration::from_millis(100));
        spinner
    }

    fn succeeded(
        &mut self,
        command: &Command,
        output: &CommandOutput,
    ) -> Result<bool, CommandError> {
        self.keep_or_show(&command.line, output)?;
        if let Some(failure) = &command.expect_failure {
            let code = failure.code.as_deref().unwrap_or("an error");
            self.say(&format!(
                "This was expected to fail with {code}, but it succeeded."
            ));
            self.ui.line("");
            return Ok(false);
        }
        Ok(true)
    }

    /// Keeps what a command printed where its line says so, or shows it.
    pub(super) fn keep_or_show(
        &mut self,
        line: &ShellLine,
        output: &CommandOutput,
    ) -> Result<(), CommandError> {
        let text = output.text.trim_end();
        if let Some(file) = &line.redirect {
            let saved = self
                .work
                .write(&file.expand(&self.variables), &output.text)?;
            text.clone_into(&mut self.last.text);
            self.last.hidden = 0;
            self.say(&saved);
            self.ui.line("");
        } else if let Some(name) = &line.assign {
            self.variables.insert(name.clone(), text.to_owned());
            self.last = LastOutput {
                exchanges: std::mem::take(&mut self.last.exchanges),
                text: text.to_owned(),
                ..LastOutput::default()
            };
            let screen = self.ui.screen();
            self.ui.line(&format!(
                "{} {text}\n",
                screen.paint.faint(&format!("{name} is"))
            ));
        } else {
            self.show_output(text);
        }
        Ok(())
    }

    /// Shows what a command printed, cut to what fits the screen.
    pub(super) fn show_output(&mut self, text: &str) {
        let screen = self.ui.screen();
        let is_seen = self.is_guided() || self.pacing.at_least.is_some();
        let room = if is_seen && self.ui.draws() {
            screen.height.saturating_sub(9).max(8)
        } else {
            40
        };
        let (shown, hidden) = excerpt(text, room);
        self.last.text = text.to_owned();
        self.last.hidden = hidden;
        self.passes(shown.lines().count() + 2);
        if text.is_empty() {
            self.ui
                .line(&screen.paint.faint("(no output: the call succeeded)"));
        } else {
            self.ui.line(&shown);
        }
        if hidden > 0 {
            let how = if self.is_guided() {
                ": press v to see all"
            } else {
                ""
            };
            self.ui
                .line(&screen.paint.faint(&format!("… {hidden} more lines{how}")));
        }
        self.ui.line("");
    }

    fn failed(&mut self, command: &Command, error: &CommandError) -> bool {
        let expected = command.expect_failure.as_ref().is_some_and(|failure| {
            failure
                .code
                .as_ref()
                .is_none_or(|code| error.message.contains(code))
        });
        self.last.text.clone_from(&error.message);
        self.last.hidden = 0;
        if expected {
            self.say(&error.message);
            let screen = self.ui.screen();
            self.ui
                .line(&screen.paint.accent("This failure is expected."));
            self.ui.line("");
            return true;
        }
        self.ui.error(error);
        false
    }
}
