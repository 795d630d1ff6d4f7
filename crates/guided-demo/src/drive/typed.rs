//! Lines that the student types instead of pressing keys.

use codebuild_core::AwsCommand;
use codebuild_core::CommandOutput;

use super::Driver;
use super::LastOutput;
use super::comparison;
use super::comparison::Comparison;
use super::comparison::Parsed;
use crate::command_error::CommandError;
use crate::script::ItemKind;
use crate::ui::Answer;
use crate::ui::LineEditor;
use crate::ui::Typed;
use crate::walk::Ask;
use crate::walk::Event;
use crate::walk::Key;
use crate::walk::Place;

impl Driver {
    /// Asks for a line.
    pub(super) async fn ask_line(&mut self, ask: Ask) -> Event {
        self.show_words(ask);
        let Some(mut editor) = self.editor.take().or_else(LineEditor::new) else {
            return Event::Interrupted;
        };
        let commands = ask != Ask::Answer;
        let prompt = if commands { "$ " } else { "Your answer: " };
        let asked = self
            .ask(move || match editor.read(prompt, commands) {
                Answer::Given(typed) => Answer::Given((editor, typed)),
                Answer::Interrupted => Answer::Interrupted,
                Answer::Gone => Answer::Gone,
            })
            .await;
        self.unread = 0;
        let Some((editor, typed)) = asked else {
            return Event::Interrupted;
        };
        self.editor = Some(editor);
        match typed {
            Typed::Line(text) => Event::Line(text),
            Typed::End => {
                self.ui.line("");
                Event::Key(Key::Escape)
            }
        }
    }

    /// The words that mean something now: once for each thing that is asked.
    fn show_words(&mut self, ask: Ask) {
        let here = (self.walk.position(), ask);
        if self.words_shown == Some(here) {
            return;
        }
        self.words_shown = Some(here);
        let screen = self.ui.screen();
        if let Some(label) = &screen.label {
            self.ui.out(&screen.label_line(label));
        }
        self.ui.out(&screen.words_now(ask, &self.extra_words()));
    }

    /// Holds a typed line against the script's command. What only looks at something else is run.
    pub(super) async fn judge_line(
        &mut self,
        place: Place,
        text: &str,
    ) -> Result<Event, CommandError> {
        let script = self.script.clone();
        let step = &script.steps[place.step];
        let ItemKind::Command(command) = &step.items[place.item].kind else {
            return Ok(Event::Judged { same: false });
        };
        let directory = self.work.path().to_owned();
        let typed = match comparison::read(text, &self.variables, &directory) {
            Ok(typed) => typed,
            Err(why) => {
                self.say(&why);
                self.ui.line("");
                return Ok(Event::Judged { same: false });
            }
        };
        match comparison::compare(&typed, &command.line, &self.variables, &directory) {
            Comparison::Same => return Ok(Event::Judged { same: true }),
            Comparison::Different(differences) => {
                self.say("Not quite:");
                for difference in differences {
                    self.say_indented(&difference);
                }
                self.ui.line("");
            }
            Comparison::LooksElsewhere => {
                let scene = format!("{}/{}", step.id, place.item);
                if self.run_typed(&typed, &scene).await?.is_none() {
                    return Ok(Event::Interrupted);
                }
                let (service, operation) = typed.command.names();
                self.say(&format!(
                    "{service} {operation} only looks, so it has run. The command of this step is \
                     still to come."
                ));
                self.ui.line("");
            }
        }
        Ok(Event::Judged { same: false })
    }

    /// Runs a typed line and shows what it prints. What was printed, unless it failed; `None` if a
    /// signal came first.
    pub(super) async fn run_typed(
        &mut self,
        typed: &Parsed,
        scene: &str,
    ) -> Result<Option<Option<CommandOutput>>, CommandError> {
        let Some(result) = self.send(&typed.command, scene, true).await? else {
            return Ok(None);
        };
        self.last = LastOutput::default();
        if let Some(opened) = &self.opened {
            self.last.exchanges = opened.session.take_exchanges();
        }
        let output = match result {
            Ok(output) => output,
            Err(error) => {
                self.last.text.clone_from(&error.message);
                self.ui.error(&error);
                self.ui.line("");
                return Ok(Some(None));
            }
        };
        self.ledger.removed(&typed.line.expand(&self.variables))?;
        self.keep_or_show(&typed.line, &output)?;
        Ok(Some(Some(output)))
    }

    /// Reads a command whose variables all have values.
    pub(super) fn parse_line(
        &self,
        line: &crate::script::ShellLine,
    ) -> Result<AwsCommand, CommandError> {
        let words = line.expand(&self.variables);
        match words.split_first() {
            Some((first, rest)) if first == "aws" => AwsCommand::parse(rest, self.work.path())
                .map_err(|error| CommandError::usage(error.to_string())),
            _ => Err(CommandError::usage("only `aws` commands can be run")),
        }
    }

    fn say_indented(&self, text: &str) {
        let width = self.ui.screen().width;
        self.ui.line(&crate::ui::wrap(text, width, "  ", "  "));
    }
}
