//! The line of keys, and waiting for one.

use std::time::Duration;

use tokio::task::JoinHandle;

use super::Driver;
use crate::ui::Answer;
use crate::ui::PLAIN_LOOKING_KEYS;
use crate::ui::forget_early_keys;
use crate::ui::painted_clock;
use crate::ui::plain_keys;
use crate::ui::read_key;
use crate::walk::Ask;
use crate::walk::Event;
use crate::walk::Key;

impl Driver {
    pub(super) async fn ask_key(&mut self, ask: Ask) -> Event {
        let (step, _) = self.walk.position();
        let script = self.script.clone();
        let next = script.steps.get(step + 1).map(|step| step.title.as_str());
        let screen = self.ui.screen();
        let keys = if self.ui.is_plain() {
            format!("{}\n", plain_keys(ask, next, self.last.hidden > 0))
        } else if self.keys_hidden {
            String::new()
        } else if self.mode.is_stage() {
            let more = if self.last.hidden > 0 {
                "v all · "
            } else {
                ""
            };
            screen.stage_keys(ask, more)
        } else {
            screen.keys(ask, next, self.last.hidden, &self.extra_keys())
        };
        self.write_now(None);
        self.key(&keys).await
    }

    pub(super) async fn ask_looking(&mut self) -> Event {
        let keys = if self.ui.is_plain() {
            format!("{PLAIN_LOOKING_KEYS}\n")
        } else {
            self.ui.screen().looking_keys()
        };
        self.key(&keys).await
    }

    /// Shows a line of keys, waits for a key, and takes the line away again. The clock in it goes
    /// on meanwhile.
    pub(super) async fn key(&mut self, keys: &str) -> Event {
        if std::mem::take(&mut self.was_busy) && self.pending_key.is_none() {
            forget_early_keys();
        }
        let mut reading = self.reading_key();
        self.show_keys(keys);
        let key = loop {
            let ticks = self.pacing.shows_clock && !self.keys_hidden && self.ui.draws();
            tokio::select! {
                biased;
                () = self.signals.next() => break None,
                key = &mut reading => break match key {
                    Ok(Answer::Given(key)) => Some(key),
                    _ => None,
                },
                () = tokio::time::sleep(Duration::from_secs(1)), if ticks => {
                    self.ui.erase_lines(self.key_lines);
                    self.show_keys(keys);
                }
            }
        };
        self.unread = 0;
        match key {
            Some(key) => {
                self.ui.erase_lines(self.key_lines);
                Event::Key(key)
            }
            None => Event::Interrupted,
        }
    }

    fn show_keys(&mut self, keys: &str) {
        let screen = self.ui.screen();
        let label = screen.label.as_ref().map(|label| screen.label_line(label));
        let mut shown = format!("{}{keys}", label.unwrap_or_default());
        if self.pacing.shows_clock && !self.keys_hidden {
            let clock = painted_clock(&self.pacing.reading(), screen.paint);
            shown = screen.beside(&shown, &clock);
        }
        self.ui.out(&shown);
        self.key_lines = shown.lines().count();
    }

    /// A key that is being waited for: the one that an earlier wait has left, or a new one.
    pub(super) fn reading_key(&mut self) -> JoinHandle<Answer<Key>> {
        match self.pending_key.take() {
            Some(reading) => reading,
            None => tokio::task::spawn_blocking(read_key),
        }
    }
}
