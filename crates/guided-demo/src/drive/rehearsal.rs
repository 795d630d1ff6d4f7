//! The end of a rehearsal: each step against its plan.

use jiff::Timestamp;

use super::Driver;
use crate::command_error::CommandError;
use crate::state::Rehearsal;
use crate::state::Rehearsals;
use crate::state::RehearsedStep;
use crate::ui::rehearsal_table;
use crate::walk::Mode;
use crate::walk::Outcome;

impl Driver {
    /// Shows and keeps what was measured, if this was a rehearsal. One that did not come to its end
    /// is shown only.
    pub(super) fn end_rehearsal(&self, outcome: Outcome) -> Result<(), CommandError> {
        if self.mode != Mode::Rehearse {
            return Ok(());
        }
        let steps = self
            .script
            .steps
            .iter()
            .zip(self.pacing.spans())
            .filter(|(_, span)| !span.elapsed.is_zero())
            .map(|(step, span)| RehearsedStep {
                id: step.id.clone(),
                title: step.title.clone(),
                planned: span.planned.as_secs(),
                measured: span.elapsed.as_secs(),
            })
            .collect();
        let rehearsal = Rehearsal {
            ended: Timestamp::now(),
            steps,
        };
        self.ui.line("");
        self.ui.out(&rehearsal_table(&rehearsal, &self.ui.screen()));
        if outcome == Outcome::Completed {
            let file = self.options.state.rehearsals();
            Rehearsals::keep(&file, &self.script.id, rehearsal)?;
        }
        Ok(())
    }
}
