//! Where the value of a variable comes from.

use super::Driver;
use super::pattern::in_words;
use crate::command_error::CommandError;
use crate::local_server;
use crate::script::TargetKind;
use crate::script::Variable;
use crate::script::Variables;
use crate::state::RememberedAnswers;
use crate::ui::choose_one;
use crate::ui::read_value;
use crate::ui::wrap;
use crate::walk::Event;

impl Driver {
    /// Gives a variable its value: known already, found out, meant for this target, or asked for.
    pub(super) async fn resolve(&mut self, name: &str) -> Result<Event, CommandError> {
        let done = Event::Resolved(name.to_owned());
        if self.variables.contains_key(name) {
            return Ok(done);
        }
        let script = self.script.clone();
        let Some(variable) = script.variable(name) else {
            // An assignment of a step that was jumped over.
            self.ui.error(
                &CommandError::step(format!(
                    "${name} has no value: the command that sets it has not run"
                ))
                .hinted("Skip this with s, or go to the step that sets it with l."),
            );
            return Ok(Event::Unresolved);
        };
        let value = if variable.detect.is_some() {
            self.detect_dockerfile().await?
        } else {
            self.value_of(variable).await?
        };
        let Some(value) = value else {
            return Ok(Event::Interrupted);
        };
        self.variables.insert(name.to_owned(), value);
        Ok(done)
    }

    /// `None` if the person interrupts.
    async fn value_of(&mut self, variable: &Variable) -> Result<Option<String>, CommandError> {
        let default = variable.default_for(self.kind);
        if let Some((value, true)) = default {
            return Ok(Some(self.in_this_account(value)));
        }
        let default = default.map(|(value, _)| self.in_this_account(value));
        if let Some(prompt) = variable.prompt.clone().filter(|_| self.is_guided()) {
            return self.ask_for(variable, prompt, default).await;
        }
        default.map(Some).ok_or_else(|| {
            CommandError::prerequisite(format!("${} has no value for this target", variable.name))
                .hinted(format!("Give it one with --set {}=VALUE.", variable.name))
        })
    }

    /// Asks, suggesting what was answered last time. `None` if the person interrupts.
    async fn ask_for(
        &mut self,
        variable: &Variable,
        prompt: String,
        default: Option<String>,
    ) -> Result<Option<String>, CommandError> {
        let file = self.options.state.answers();
        let mut answers = RememberedAnswers::load(&file);
        let last = answers
            .get(&self.script.id, &variable.name)
            .filter(|value| variable.accepts(value))
            .map(str::to_owned);
        let default = last.or(default);
        let value = if variable.choices.is_empty() {
            let pattern = variable.pattern.clone();
            let width = self.ui.screen().width;
            let asked = self.ask(move || {
                read_value(&prompt, default.as_deref(), |value| match &pattern {
                    Some(pattern) if !pattern.is_match(value) => {
                        let why = format!(
                            "`{value}` does not fit: it has to be {}",
                            in_words(bare(pattern))
                        );
                        // The prompt writes `error: ` before it and takes as many lines away again.
                        Err(wrap(&why, width, "       ", "").trim_start().to_owned())
                    }
                    _ => Ok(()),
                })
            });
            asked.await
        } else {
            let choices = variable.choices.clone();
            let here = default
                .and_then(|value| choices.iter().position(|choice| *choice == value))
                .unwrap_or(0);
            let asked = self.ask(move || choose_one(&prompt, &choices, here));
            let chosen = asked.await;
            chosen.and_then(|at| variable.choices.get(at).cloned())
        };
        self.ui.line("");
        if let Some(value) = &value {
            answers.remember(&file, &self.script.id, &variable.name, value)?;
        }
        Ok(value)
    }

    /// An ARN of a script for the local AWS, in the account that this one has.
    fn in_this_account(&self, value: &str) -> String {
        match self.kind {
            TargetKind::Local => value.replace(
                &format!(":{}:", local_server::ACCOUNT),
                &format!(":{}:", self.key.account),
            ),
            TargetKind::Aws | TargetKind::Replay => value.to_owned(),
        }
    }

    /// The variables that are worth keeping: what was found out is found out afresh.
    pub(super) fn kept_variables(&self) -> Variables {
        self.variables
            .iter()
            .filter(|(name, _)| {
                self.script
                    .variable(name)
                    .is_none_or(|variable| variable.detect.is_none())
            })
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }
}

/// A pattern as the script has it.
pub(crate) fn bare(pattern: &regex::Regex) -> &str {
    let text = pattern.as_str();
    text.strip_prefix("^(?:")
        .and_then(|text| text.strip_suffix(")$"))
        .unwrap_or(text)
}
