//! The clock in the line of keys.

use std::time::Duration;

use super::Paint;
use crate::walk::Reading;
use crate::walk::Span;

/// Such as `0:42 of 2:00 · all 5:10 of 25:00`, or `1:32 over`.
pub(crate) fn clock(reading: &Reading) -> String {
    format!("{} · all {}", span(reading.step), span(reading.whole))
}

/// The same, painted as a warning once a plan is over.
pub(crate) fn painted_clock(reading: &Reading, paint: Paint) -> String {
    let text = clock(reading);
    if reading.step.over().is_some() || reading.whole.over().is_some() {
        paint.warn(&text)
    } else {
        paint.faint(&text)
    }
}

fn span(span: Span) -> String {
    match span.over() {
        Some(over) => format!("{} over", minutes(over)),
        None => format!("{} of {}", minutes(span.elapsed), minutes(span.planned)),
    }
}

/// Such as `1:32`, or `1:02:03`.
pub(crate) fn minutes(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Reading;
    use super::Span;
    use super::clock;

    fn span(elapsed: u64, planned: u64) -> Span {
        Span {
            planned: Duration::from_secs(planned),
            elapsed: Duration::from_secs(elapsed),
        }
    }

    #[test]
    fn a_plan_that_is_over_says_by_how_much() {
        let reading = Reading {
            step: span(42, 120),
            whole: span(310, 3600 + 1500),
        };
        assert_eq!(clock(&reading), "0:42 of 2:00 · all 5:10 of 1:25:00");
        let late = Reading {
            step: span(152, 60),
            whole: span(160, 120),
        };
        assert_eq!(clock(&late), "1:32 over · all 0:40 over");
    }
}
