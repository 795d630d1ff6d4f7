//! Questions: showing them, explaining them, proving them.

use super::Driver;
use crate::command_error::CommandError;
use crate::script::ItemKind;
use crate::script::TargetKind;
use crate::walk::Event;
use crate::walk::Given;
use crate::walk::Place;

impl Driver {
    /// Shows a question. `None` if the person interrupts.
    pub(super) async fn show_quiz(&mut self, place: Place) -> Option<()> {
        let Some(ItemKind::Quiz(quiz)) = self.kind(place) else {
            return Some(());
        };
        let (text, markdown) = (self.ui.screen().quiz(quiz), quiz.question.clone());
        let text = self.with_definitions(text, &markdown);
        self.show_text(&text).await
    }

    /// Explains a question. `None` if the person interrupts.
    pub(super) async fn explain(&mut self, place: Place, given: Option<&Given>) -> Option<()> {
        let Some(ItemKind::Quiz(quiz)) = self.kind(place) else {
            return Some(());
        };
        let text = self.ui.screen().explanation(quiz, given);
        let markdown = quiz.explanation.clone();
        let text = self.with_definitions(text, &markdown);
        self.show_text(&text).await
    }

    /// Runs the proofs of questions, each command with what it prints. That a command is refused may
    /// be the proof.
    pub(super) async fn prove(&mut self, places: &[Place]) -> Result<Event, CommandError> {
        if self.kind == TargetKind::Replay {
            self.say("This is a recording: it holds no proofs. They run on the local AWS.");
            self.ui.line("");
            return Ok(Event::Proved);
        }
        let script = self.script.clone();
        for place in places {
            let step = &script.steps[place.step];
            let ItemKind::Quiz(quiz) = &step.items[place.item].kind else {
                continue;
            };
            for line in &quiz.proof {
                for name in line.variables() {
                    match self.resolve(name).await? {
                        Event::Resolved(_) => {}
                        Event::Interrupted => return Ok(Event::Interrupted),
                        _ => return Ok(Event::Proved),
                    }
                }
                let words = line.expand(&self.variables);
                let shown: Vec<String> = words
                    .iter()
                    .map(|word| {
                        shlex::try_quote(word).map_or(word.clone(), |word| word.into_owned())
                    })
                    .collect();
                self.ui.out(&self.ui.screen().command(&shown.join(" ")));
                let scene = format!("{}/{}/proof", step.id, place.item);
                match self.call(line, &scene).await? {
                    None => return Ok(Event::Interrupted),
                    Some(Ok(output)) => self.show_output(output.text.trim_end()),
                    Some(Err(error)) => {
                        self.say(&error.message);
                        self.ui.line("");
                    }
                }
                if let Some(session) = self.session().await? {
                    self.last.exchanges = session.take_exchanges();
                }
            }
        }
        Ok(Event::Proved)
    }
}
