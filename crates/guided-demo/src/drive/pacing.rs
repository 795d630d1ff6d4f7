//! Time in a walk: the clock that the speaker sees, and how long an unattended walk stays.

use std::collections::BTreeMap;
use std::time::Duration;
use std::time::Instant;

use super::Driver;
use crate::script::Script;
use crate::walk::Clock;
use crate::walk::Reading;
use crate::walk::Span;

/// The clock of a walk, and how long its steps last at least.
pub(super) struct Pacing {
    clock: Clock,
    origin: Instant,
    /// Whether the line of keys has the clock in it.
    pub(super) shows_clock: bool,
    /// How long a step of an unattended walk, or a screen of it, is to be seen.
    pub(super) at_least: Option<Duration>,
    /// Since when the current screen is seen.
    seen_since: Instant,
}

impl Pacing {
    /// Measures this walk, which has taken `spent` (milliseconds by step id) before.
    pub(super) fn new(
        script: &Script,
        spent: &BTreeMap<String, u64>,
        shows_clock: bool,
        at_least: Option<Duration>,
    ) -> Self {
        let spans = script.steps.iter().map(|step| Span {
            planned: Duration::from_secs(u64::from(step.minutes) * 60),
            elapsed: Duration::from_millis(spent.get(&step.id).copied().unwrap_or(0)),
        });
        Self {
            clock: Clock::new(spans),
            origin: Instant::now(),
            shows_clock,
            at_least,
            seen_since: Instant::now(),
        }
    }

    fn now(&self) -> Duration {
        self.origin.elapsed()
    }

    /// A step is on the screen.
    pub(super) fn enter(&mut self, step: usize) {
        self.clock.enter(step, self.now());
        self.seen_since = Instant::now();
    }

    pub(super) fn pause(&mut self) {
        self.clock.pause(self.now());
    }

    pub(super) fn resume(&mut self) {
        self.clock.resume(self.now());
    }

    pub(super) fn is_running(&self) -> bool {
        self.clock.is_running()
    }

    pub(super) fn reading(&self) -> Reading {
        self.clock.reading(self.now())
    }

    /// Plan and measure of each step.
    pub(super) fn spans(&self) -> Vec<Span> {
        self.clock.spans(self.now())
    }

    /// Milliseconds by step id, of the steps that took any.
    pub(super) fn spent(&self, script: &Script) -> BTreeMap<String, u64> {
        script
            .steps
            .iter()
            .zip(self.spans())
            .filter(|(_, span)| !span.elapsed.is_zero())
            .map(|(step, span)| {
                let milliseconds = u64::try_from(span.elapsed.as_millis()).unwrap_or(u64::MAX);
                (step.id.clone(), milliseconds)
            })
            .collect()
    }
}

impl Driver {
    /// So many lines are on the screen that nobody's key follows.
    pub(super) fn passes(&mut self, lines: usize) {
        if self.pacing.at_least.is_some() {
            self.unread += lines;
        }
    }

    /// Waits until the current screen was seen for as long as it should be, and counts down where
    /// that can be drawn. `None` if a signal came first.
    pub(super) async fn linger(&mut self) -> Option<()> {
        let Some(at_least) = self.pacing.at_least else {
            return Some(());
        };
        loop {
            let left = at_least.saturating_sub(self.pacing.seen_since.elapsed());
            if left.is_zero() {
                break;
            }
            let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
            let draws = self.ui.draws();
            if draws {
                let screen = self.ui.screen();
                let text = screen.paint.faint(&format!("next in {seconds} s"));
                self.ui.line(&text);
            }
            let until = left - Duration::from_secs(seconds - 1);
            let waited = self.signals.or_interrupt(tokio::time::sleep(until)).await;
            if draws {
                self.ui.erase_lines(1);
            }
            waited?;
        }
        self.pacing.seen_since = Instant::now();
        Some(())
    }
}
