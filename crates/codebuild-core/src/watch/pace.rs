//! How often to ask.

use std::future::Future;
use std::time::Duration;
use std::time::Instant;

/// A watch spends about one part in this many waiting for answers: an endpoint that answers in 5 ms
/// is asked ten times a second, one that takes 150 ms every three seconds.
const WAIT_PER_ANSWER: u32 = 20;

const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(4);
const LONGEST_WHEN_THROTTLED: Duration = Duration::from_secs(15);

/// The time between polls, from how long answers take and whether the service asked for fewer.
#[derive(Debug)]
pub(crate) struct Pace {
    /// A moving average of answer times.
    answer: Option<Duration>,
    /// How much slower than measured, because of throttling.
    factor: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            answer: None,
            factor: 1,
        }
    }
}

impl Pace {
    /// Runs a call and learns from how long it takes.
    pub(crate) async fn measure<T, E>(
        &mut self,
        call: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let begin = Instant::now();
        let answer = call.await;
        if answer.is_ok() {
            self.learn(begin.elapsed());
        }
        answer
    }

    fn learn(&mut self, took: Duration) {
        self.answer = Some(match self.answer {
            Some(average) => (average * 3 + took) / 4,
            None => took,
        });
    }

    /// The service asked for fewer requests.
    pub(crate) fn slow_down(&mut self) {
        self.factor = (self.factor * 2).min(64);
    }

    pub(crate) fn interval(&self) -> Duration {
        let measured = (self.answer.unwrap_or_default() * WAIT_PER_ANSWER).clamp(SHORTEST, LONGEST);
        (measured * self.factor).min(LONGEST_WHEN_THROTTLED)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Pace;

    #[test]
    fn a_fast_endpoint_is_asked_often_and_a_slow_one_seldom() {
        let mut near = Pace::default();
        near.learn(Duration::from_millis(3));
        assert_eq!(near.interval(), Duration::from_millis(100));
        let mut far = Pace::default();
        far.learn(Duration::from_millis(150));
        assert_eq!(far.interval(), Duration::from_secs(3));
    }

    #[test]
    fn throttling_slows_down_to_a_limit() {
        let mut pace = Pace::default();
        pace.learn(Duration::from_millis(100));
        pace.slow_down();
        assert_eq!(pace.interval(), Duration::from_secs(4));
        for _ in 0..20 {
            pace.slow_down();
        }
        assert_eq!(pace.interval(), Duration::from_secs(15));
    }
}
