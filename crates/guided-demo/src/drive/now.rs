//! Telling those who follow from another terminal where the walk is.

use std::time::Duration;

use jiff::Timestamp;

use super::Driver;
use crate::script::ItemKind;
use crate::state::Now;
use crate::state::NowClock;

impl Driver {
    /// Writes down where the walk is; `command` is about to run.
    pub(super) fn write_now(&mut self, command: Option<&str>) {
        if let Some(command) = command {
            self.last_command = Some(command.to_owned());
        }
        let Some(file) = &self.now_file else {
            return;
        };
        let (at, _) = self.walk.position();
        let Some(step) = self.script.steps.get(at) else {
            return;
        };
        let notes = step
            .items
            .iter()
            .filter(|item| item.is_for(self.kind))
            .filter_map(|item| match &item.kind {
                ItemKind::Note(text) => Some(text.clone()),
                _ => None,
            });
        let reading = self.pacing.reading();
        file.write(&Now {
            version: Now::VERSION,
            demo: self.script.id.clone(),
            title: self.script.title.clone(),
            step: at + 1,
            steps: self.script.steps.len(),
            step_title: step.title.clone(),
            notes: notes.collect(),
            next: self.script.steps.get(at + 1).map(|step| step.title.clone()),
            last_command: self.last_command.clone(),
            clock: NowClock {
                step_planned: milliseconds(reading.step.planned),
                step_elapsed: milliseconds(reading.step.elapsed),
                whole_planned: milliseconds(reading.whole.planned),
                whole_elapsed: milliseconds(reading.whole.elapsed),
                running: self.pacing.is_running(),
                at: Timestamp::now(),
            },
        });
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
