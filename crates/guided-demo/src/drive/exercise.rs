//! Exercises: what the student types is run, and held against what the solution prints.

use codebuild_core::AwsCommand;
use serde_json::Value;

use super::Driver;
use super::comparison;
use super::comparison::Parsed;
use crate::command_error::CommandError;
use crate::script::Command;
use crate::script::Exercise;
use crate::script::ItemKind;
use crate::script::Judge;
use crate::script::TargetKind;
use crate::state::LedgerEntry;
use crate::walk::Event;
use crate::walk::Mode;
use crate::walk::Place;

impl Driver {
    fn exercise(&self, place: Place) -> Option<&Exercise> {
        match self.kind(place)? {
            ItemKind::Exercise(exercise) => Some(exercise),
            _ => None,
        }
    }

    /// Shows what an exercise asks for. `None` if the person interrupts.
    pub(super) async fn show_exercise(&mut self, place: Place) -> Option<()> {
        let Some(exercise) = self.exercise(place) else {
            return Some(());
        };
        let mut text = self.ui.screen().exercise(exercise);
        let markdown = exercise.task.clone();
        if self.mode == Mode::Learn && exercise.judge == Judge::Check {
            let done =
                "Type commands. When it is done, an empty line or :done looks whether it worked.";
            let screen = self.ui.screen();
            text.push_str(
                &screen
                    .paint
                    .faint(&crate::ui::wrap(done, screen.width, "", "")),
            );
            text.push_str("\n\n");
        }
        let text = self.with_definitions(text, &markdown);
        self.show_text(&text).await
    }

    /// Says that the solution comes, or that it was found. `None` if the person interrupts.
    pub(super) async fn show_solution(&mut self, place: Place, solved: bool) -> Option<()> {
        let Some(exercise) = self.exercise(place) else {
            return Some(());
        };
        let screen = self.ui.screen();
        let title = if solved {
            "Solved: that is what the solution prints."
        } else {
            "The solution"
        };
        let text = screen.solution(title, &exercise.explanation);
        self.show_text(&text).await
    }

    /// Runs a line that was typed at an exercise.
    pub(super) async fn try_line(
        &mut self,
        place: Place,
        text: &str,
    ) -> Result<Event, CommandError> {
        let unsolved = Event::Tried {
            solved: false,
            assigned: Vec::new(),
        };
        let typed = match comparison::read(text, &self.variables, self.work.path()) {
            Ok(typed) => typed,
            Err(why) => {
                self.say(&why);
                self.ui.line("");
                return Ok(unsolved);
            }
        };
        let script = self.script.clone();
        let items = &script.steps[place.step].items;
        let ItemKind::Exercise(exercise) = &items[place.item].kind else {
            return Ok(unsolved);
        };
        let solution: Vec<(usize, &Command)> = items
            .iter()
            .enumerate()
            .skip(place.item + 1)
            .take(exercise.commands)
            .filter_map(|(at, item)| match &item.kind {
                ItemKind::Command(command) => Some((at, command)),
                _ => None,
            })
            .collect();
        let intended = self.intend_typed(&typed, &solution)?;
        let step = script.steps[place.step].id.clone();
        let last = solution.last().map_or(place.item, |(at, _)| *at);
        let printed = match self.run_typed(&typed, &format!("{step}/{last}")).await? {
            None => return Ok(Event::Interrupted),
            Some(None) => return Ok(unsolved),
            Some(Some(output)) => output.text,
        };
        if let Some(remove) = intended {
            self.ledger.created(&remove)?;
        }
        let mut assigned: Vec<String> = typed.line.assign.iter().cloned().collect();
        let mut solved = false;
        if exercise.judge == Judge::Output {
            let Some(expected) = self.printed_by(&step, &solution, &mut assigned).await? else {
                return Ok(Event::Interrupted);
            };
            let likeness = match &expected {
                Some(expected) => Likeness::of(&printed, expected),
                // Why has been said.
                None => Likeness::Other,
            };
            solved = likeness == Likeness::Same;
            let said = match likeness {
                Likeness::Same => "",
                Likeness::OtherForm => {
                    "The value is right, and the solution prints it in another form: look at --output."
                }
                Likeness::Other => {
                    "This is not what the solution prints yet. :hint helps, :show shows it."
                }
            };
            if !solved {
                self.say(said);
                self.ui.line("");
            }
        }
        Ok(Event::Tried { solved, assigned })
    }

    /// What the solution prints now; the inner `None` if it cannot be run just to compare. `None`
    /// if a signal came first.
    async fn printed_by(
        &mut self,
        step: &str,
        solution: &[(usize, &Command)],
        assigned: &mut Vec<String>,
    ) -> Result<Option<Option<String>>, CommandError> {
        let mut printed = None;
        for (at, command) in solution {
            let parsed = match self.parse_line(&command.line) {
                Ok(parsed) if !parsed.changes_something() => parsed,
                Ok(_) => return Ok(Some(None)),
                Err(error) => {
                    self.ui.error(&error);
                    return Ok(Some(None));
                }
            };
            let result = self.send(&parsed, &format!("{step}/{at}"), true).await?;
            if let Some(session) = self.session().await? {
                // What compares is not what the student ran.
                drop(session.take_exchanges());
            }
            match result {
                None => return Ok(None),
                Some(Ok(output)) => {
                    if let Some(name) = &command.line.assign {
                        let value = output.text.trim_end().to_owned();
                        self.variables.insert(name.clone(), value);
                        assigned.push(name.clone());
                    }
                    printed = Some(output.text);
                }
                Some(Err(error)) => {
                    self.ui.error(&error);
                    return Ok(Some(None));
                }
            }
        }
        Ok(Some(printed))
    }

    /// Writes down what a typed command is about to create, as the solution's command of the same
    /// operation has it; answers how it is removed again.
    fn intend_typed(
        &mut self,
        typed: &Parsed,
        solution: &[(usize, &Command)],
    ) -> Result<Option<Vec<String>>, CommandError> {
        if self.kind == TargetKind::Replay {
            return Ok(None);
        }
        for (_, command) in solution {
            let Some(resource) = &command.creates else {
                continue;
            };
            let words = command.line.expand(&self.variables);
            let rest = words.get(1..).unwrap_or_default();
            let Ok(shown) = AwsCommand::parse(rest, self.work.path()) else {
                continue;
            };
            if shown.names() != typed.command.names() {
                continue;
            }
            let name = resource.name.expand(&self.variables);
            let own = named_alike(&shown, &typed.command, &name).unwrap_or_else(|| name.clone());
            let remove: Vec<String> = resource
                .remove
                .expand(&self.variables)
                .into_iter()
                .map(|word| word.replace(&name, &own))
                .collect();
            self.ledger.intend(LedgerEntry {
                kind: resource.kind.clone(),
                name: own,
                remove: remove.clone(),
                created: false,
            })?;
            return Ok(Some(remove));
        }
        let (_, operation) = typed.command.names();
        if operation.starts_with("create-") && self.kind == TargetKind::Aws {
            self.say("Note: `guided-demo cleanup` does not know of this. Remove it yourself.");
        }
        Ok(None)
    }
}

/// The typed command's value of the option that holds `name` in the script's command.
fn named_alike(shown: &AwsCommand, typed: &AwsCommand, name: &str) -> Option<String> {
    let (option, _) = shown
        .options()
        .into_iter()
        .find(|(_, value)| value.as_str() == Some(name))?;
    Some(typed.options().get(&option)?.as_str()?.to_owned())
}

/// How alike two outputs are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Likeness {
    /// They say the same: JSON by its values, anything else by its text.
    Same,
    /// The same text, once as JSON and once bare.
    OtherForm,
    /// They say different things.
    Other,
}

impl Likeness {
    fn of(one: &str, other: &str) -> Self {
        let (one, other) = (one.trim(), other.trim());
        let json = |text: &str| serde_json::from_str::<Value>(text).ok();
        match (json(one), json(other)) {
            _ if one == other => Self::Same,
            (Some(one), Some(other)) if one == other => Self::Same,
            (Some(Value::String(text)), _) if text == other => Self::OtherForm,
            (_, Some(Value::String(text))) if text == one => Self::OtherForm,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Likeness;

    #[test]
    fn outputs_are_compared_by_what_they_say() {
        for (one, other, likeness) in [
            ("a\tb\n", "a\tb", Likeness::Same),
            (
                "{\"a\": 1,\n \"b\": [2]}",
                "{\"b\":[2],\"a\":1}",
                Likeness::Same,
            ),
            ("[1, 2]", "[2, 1]", Likeness::Other),
            ("\"a\"", "a\n", Likeness::OtherForm),
            ("a", "b", Likeness::Other),
        ] {
            assert_eq!(Likeness::of(one, other), likeness, "{one} {other}");
        }
    }
}
