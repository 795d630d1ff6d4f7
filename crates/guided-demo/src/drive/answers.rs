//! Answers that go into the history of questions, beside the walk's own progress.

use jiff::Timestamp;

use super::Driver;
use crate::command_error::CommandError;
use crate::practice::question_name;
use crate::script::ItemKind;
use crate::state::Questions;

impl Driver {
    /// Writes down the answers that were given since the last time, so that practice knows of them.
    pub(super) fn note_answers(&mut self) -> Result<(), CommandError> {
        let script = self.script.clone();
        let file = self.options.state.questions();
        let ids = script
            .steps
            .iter()
            .flat_map(|step| &step.items)
            .filter_map(|item| match &item.kind {
                ItemKind::Quiz(quiz) if !quiz.reveal_later => quiz.id.as_ref(),
                _ => None,
            });
        for id in ids {
            let Some(right) = self.walk.answers().get(id).map(|answer| answer.right) else {
                continue;
            };
            if !self.noted.insert(id.clone()) {
                continue;
            }
            // A round of practice has questions of several demos, each with its whole name.
            let name = match id.contains('/') {
                true => id.clone(),
                false => question_name(&script.id, id),
            };
            Questions::answered(&file, &name, right, Timestamp::now())?;
        }
        Ok(())
    }
}
