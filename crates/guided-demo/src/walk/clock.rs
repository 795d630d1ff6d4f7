//! How long each step takes against the plan. Pure: the time of day comes from outside.

use std::time::Duration;

/// Measures the steps of one walk. Times are durations since any fixed moment.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    steps: Vec<Span>,
    /// The first step that this clock has seen: what was skipped before it is not part of the plan.
    first: Option<usize>,
    /// The step that is being measured, and since when; `None` while paused.
    running: Option<(usize, Duration)>,
    step: usize,
}

/// A planned and a measured time.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Span {
    /// As the script says.
    pub(crate) planned: Duration,
    /// Up to now.
    pub(crate) elapsed: Duration,
}

/// What the clock shows.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Reading {
    /// The current step.
    pub(crate) step: Span,
    /// The whole walk.
    pub(crate) whole: Span,
}

impl Span {
    /// How much longer than planned it takes, if it does.
    pub(crate) fn over(self) -> Option<Duration> {
        self.elapsed
            .checked_sub(self.planned)
            .filter(|over| !over.is_zero())
    }
}

impl Clock {
    /// A clock for steps that are planned to take so long, and have taken so long already.
    pub(crate) fn new(steps: impl IntoIterator<Item = Span>) -> Self {
        let steps: Vec<Span> = steps.into_iter().collect();
        Self {
            first: steps.iter().position(|step| !step.elapsed.is_zero()),
            steps,
            running: None,
            step: 0,
        }
    }

    /// Measures this step from now on.
    pub(crate) fn enter(&mut self, step: usize, now: Duration) {
        self.pause(now);
        self.step = step;
        self.first = Some(self.first.map_or(step, |first| first.min(step)));
        self.running = Some((step, now));
    }

    /// Stops measuring.
    pub(crate) fn pause(&mut self, now: Duration) {
        if let Some((step, since)) = self.running.take()
            && let Some(span) = self.steps.get_mut(step)
        {
            span.elapsed += now.saturating_sub(since);
        }
    }

    /// Goes on measuring the step that was paused.
    pub(crate) fn resume(&mut self, now: Duration) {
        if self.running.is_none() {
            self.running = Some((self.step, now));
        }
    }

    /// Whether it measures now.
    pub(crate) fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// Each step up to now.
    pub(crate) fn spans(&self, now: Duration) -> Vec<Span> {
        let mut steps = self.steps.clone();
        if let Some((step, since)) = self.running
            && let Some(span) = steps.get_mut(step)
        {
            span.elapsed += now.saturating_sub(since);
        }
        steps
    }

    /// What it shows now.
    pub(crate) fn reading(&self, now: Duration) -> Reading {
        let steps = self.spans(now);
        let mut whole = Span::default();
        for span in steps.iter().skip(self.first.unwrap_or(0)) {
            whole.planned += span.planned;
            whole.elapsed += span.elapsed;
        }
        Reading {
            step: steps.get(self.step).copied().unwrap_or_default(),
            whole,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Clock;
    use super::Span;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn planned(minutes: u64) -> Span {
        Span {
            planned: seconds(minutes * 60),
            elapsed: Duration::ZERO,
        }
    }

    #[test]
    fn a_pause_does_not_count_and_the_clock_goes_on_beyond_the_plan() {
        let mut clock = Clock::new([planned(1), planned(2)]);
        clock.enter(0, seconds(100));
        assert_eq!(clock.reading(seconds(130)).step.elapsed, seconds(30));
        clock.pause(seconds(130));
        assert_eq!(clock.reading(seconds(999)).step.elapsed, seconds(30));
        clock.resume(seconds(1000));
        clock.resume(seconds(1010));
        assert_eq!(clock.reading(seconds(1030)).step.over(), None);
        let late = clock.reading(seconds(1122));
        assert_eq!(late.step.over(), Some(seconds(92)));
        assert_eq!(late.whole.planned, seconds(180));
        clock.enter(1, seconds(1122));
        let next = clock.reading(seconds(1123));
        assert_eq!(next.step.elapsed, seconds(1));
        assert_eq!(next.whole.elapsed, seconds(153));
    }

    #[test]
    fn a_walk_that_goes_on_later_keeps_its_times() {
        let half = Span {
            planned: seconds(60),
            elapsed: seconds(40),
        };
        let mut clock = Clock::new([half, planned(1)]);
        clock.enter(1, seconds(0));
        let reading = clock.reading(seconds(5));
        assert_eq!(reading.whole.elapsed, seconds(45));
        assert_eq!(reading.whole.planned, seconds(120));
    }

    #[test]
    fn steps_that_were_jumped_over_are_not_in_the_plan() {
        let mut clock = Clock::new([planned(5), planned(2), planned(1)]);
        clock.enter(1, seconds(0));
        assert_eq!(clock.reading(seconds(0)).whole.planned, seconds(180));
    }
}
