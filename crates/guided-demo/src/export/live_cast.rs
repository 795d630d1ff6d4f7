//! A terminal recording of a walk as it happened.

use std::time::Duration;
use std::time::Instant;

use super::asciicast::Asciicast;
use super::redaction::Redaction;
use crate::ui::Shown;

/// The file of a walk that began at `begun`: what was shown, when, and a marker a step.
pub(crate) fn live_cast(
    title: &str,
    (columns, rows): (u16, u16),
    begun: Instant,
    shown: &[(Instant, Shown)],
    status: u8,
    redaction: Redaction,
) -> String {
    let timestamp = jiff::Timestamp::now().as_second();
    let mut cast = Asciicast::new(columns, rows, title, Some(timestamp));
    let mut last = begun;
    for (at, shown) in shown {
        cast.wait(whole_milliseconds(at.saturating_duration_since(last)));
        last = *at;
        match shown {
            Shown::Text(text) => cast.output(text),
            Shown::Mark(title) => cast.marker(title),
        }
    }
    cast.exit(status);
    cast.file(redaction)
}

/// Rounded down, as the file has no finer times.
fn whole_milliseconds(time: Duration) -> Duration {
    Duration::from_millis(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}
