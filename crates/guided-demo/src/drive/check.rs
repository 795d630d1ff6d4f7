//! The checks of a step: looking at the world until it is as it should be.

use std::time::Duration;
use std::time::Instant;

use super::Driver;
use crate::command_error::CommandError;
use crate::script::Check;
use crate::script::ItemKind;
use crate::script::TargetKind;
use crate::walk::Event;
use crate::walk::Place;

impl Driver {
    /// Looks until the world is as the check expects, the time is up, or it has looked as often as
    /// it may.
    pub(super) async fn check(&mut self, place: Place) -> Result<Event, CommandError> {
        let script = self.script.clone();
        let step = &script.steps[place.step];
        let ItemKind::Check(check) = &step.items[place.item].kind else {
            return Ok(Event::Checked { passed: false });
        };
        let scene = format!("{}/{}", step.id, place.item);
        let spinner = self.spinner(&check.title);
        let looked = self.look(check, &scene, &spinner).await;
        spinner.finish_and_clear();
        let Some(looked) = looked? else {
            return Ok(Event::Interrupted);
        };
        self.show_check(check, &looked);
        Ok(Event::Checked {
            passed: looked.passed,
        })
    }

    /// `None` if a signal came first.
    async fn look(
        &mut self,
        check: &Check,
        scene: &str,
        spinner: &indicatif::ProgressBar,
    ) -> Result<Option<Looked>, CommandError> {
        let command = match self.parse_line(&check.command) {
            Ok(command) => command,
            Err(error) => return Ok(Some(Looked::refused(error.message))),
        };
        let mut looks = 0;
        let begun = Instant::now();
        loop {
            looks += 1;
            let (seen, failed) = match self.send(&command, scene, false).await? {
                None => return Ok(None),
                Some(Ok(output)) => (output.text.trim().to_owned(), false),
                Some(Err(error)) => (error.message, true),
            };
            if let Some(opened) = &self.opened {
                // What a check calls is not what the student ran.
                drop(opened.session.take_exchanges());
            }
            let passed = !failed && check.expect.accepts(&seen, &self.variables);
            let looked = Looked {
                passed,
                seen,
                looks,
                took: begun.elapsed(),
            };
            let is_last = check.retries.is_some_and(|retries| looks > retries);
            if passed || is_last || looked.took >= check.timeout {
                return Ok(Some(looked));
            }
            spinner.set_message(format!("{} Now: {}", check.title, one_line(&looked.seen)));
            let pause = tokio::time::sleep(self.pause(check));
            if self.signals.or_interrupt(pause).await.is_none() {
                return Ok(None);
            }
        }
    }

    fn show_check(&self, check: &Check, looked: &Looked) {
        let screen = self.ui.screen();
        if looked.passed {
            self.ui
                .line(&format!("{} {}\n", screen.paint.good("✔"), check.title));
            return;
        }
        self.ui
            .line(&format!("{} {}", screen.paint.bad("✘"), check.title));
        let expected = check.expect.expand(&self.variables);
        let seen = match looked.seen.as_str() {
            "" => "(nothing)",
            seen => seen,
        };
        let row =
            |first: &str, text: &str| crate::ui::wrap(text, screen.width, first, "            ");
        self.ui.line(&row("  expected: ", &expected));
        self.ui.line(&row("  seen:     ", seen));
        let looks = match looked.looks {
            1 => "one look".to_owned(),
            looks => format!("{looks} looks"),
        };
        let seconds = looked.took.as_secs_f64();
        self.ui
            .line(&format!("  after {seconds:.0} s of looking, {looks}\n"));
    }

    /// A recording does not change while one waits.
    fn pause(&self, check: &Check) -> Duration {
        if self.kind == TargetKind::Replay {
            Duration::ZERO
        } else {
            check.delay
        }
    }
}

/// What a check has seen.
struct Looked {
    passed: bool,
    seen: String,
    /// How many times it has looked.
    looks: u32,
    took: Duration,
}

impl Looked {
    /// The command of the check cannot be run at all.
    fn refused(why: String) -> Self {
        Self {
            passed: false,
            seen: why,
            looks: 0,
            took: Duration::ZERO,
        }
    }
}

/// The first line of what was seen, for a line that is drawn over.
fn one_line(seen: &str) -> &str {
    match seen.lines().next() {
        None | Some("") => "nothing yet",
        Some(line) => line,
    }
}
