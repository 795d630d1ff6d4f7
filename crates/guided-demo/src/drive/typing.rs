//! A command that is typed out before the eyes of the room.

use std::time::Duration;

use super::Driver;
use crate::script::ItemKind;
use crate::ui::Answer;
use crate::walk::Place;

/// How long a character takes: 35 in a second.
const CHARACTER: Duration = Duration::from_millis(1000 / 35);

impl Driver {
    /// Types a command out; any key completes it at once. `None` if the person interrupts.
    pub(super) async fn type_command(&mut self, place: Place) -> Option<()> {
        let script = self.script.clone();
        let item = script.steps.get(place.step)?.items.get(place.item)?;
        let ItemKind::Command(command) = &item.kind else {
            return Some(());
        };
        let screen = self.ui.screen();
        if !self.ui.draws() {
            self.ui.out(&screen.command(&command.text));
            return Some(());
        }
        // What is typed has the screen to itself.
        self.show_head(place.step, false);
        // What is hidden has to be hidden before it is taken apart.
        let text = self.ui.shown(&command.text).into_owned();
        self.ui.out(&format!("{} ", screen.paint.good("$")));
        let mut characters = text.chars();
        let mut reading = self.reading_key();
        while let Some(c) = characters.next() {
            self.show_typed(c);
            tokio::select! {
                biased;
                () = self.signals.next() => return None,
                key = &mut reading => {
                    let Ok(Answer::Given(_)) = key else {
                        return None;
                    };
                    for c in characters.by_ref() {
                        self.show_typed(c);
                    }
                    self.ui.out("\n\n");
                    return Some(());
                }
                () = tokio::time::sleep(CHARACTER) => {}
            }
        }
        // The key that it waits for is that of the next question.
        self.pending_key = Some(reading);
        self.ui.out("\n\n");
        Some(())
    }

    fn show_typed(&self, c: char) {
        let screen = self.ui.screen();
        match c {
            '\n' => self.ui.out("\n  "),
            c => self.ui.out(&screen.paint.strong(&c.to_string())),
        }
    }
}
