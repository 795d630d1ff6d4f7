//! What the speaker sees in the second terminal.

use std::time::Duration;

use jiff::Timestamp;

use super::Screen;
use super::clock::painted_clock;
use super::screen::clip;
use crate::state::Now;
use crate::walk::Reading;
use crate::walk::Span;

/// The step, its notes, what comes next, the clock and the last command.
pub(crate) fn notes_view(now: &Now, at: Timestamp, screen: &Screen) -> String {
    let paint = screen.paint;
    let place = format!("{}: step {} of {}", now.title, now.step, now.steps);
    let mut text = format!("{}\n", paint.faint(&clip(&place, screen.width)));
    text.push_str(&format!("{}\n\n", painted_clock(&reading(now, at), paint)));
    let title = clip(&now.step_title, screen.width);
    text.push_str(&format!("{}\n\n", paint.strong(&title)));
    for note in &now.notes {
        text.push_str(&screen.prose(note));
    }
    if now.notes.is_empty() {
        text.push_str("This step has no speaker's note.\n\n");
    }
    let next = match &now.next {
        Some(next) => format!("Next: {next}"),
        None => "Next: the end".to_owned(),
    };
    text.push_str(&format!("{}\n", paint.accent(&clip(&next, screen.width))));
    if let Some(command) = &now.last_command {
        text.push_str(&format!("\n{}\n", paint.faint("Last command")));
        text.push_str(&screen.command(command));
    }
    text
}

fn reading(now: &Now, at: Timestamp) -> Reading {
    let since = now.clock.since(at);
    let span = |planned, elapsed| Span {
        planned: Duration::from_millis(planned),
        elapsed: Duration::from_millis(elapsed) + since,
    };
    Reading {
        step: span(now.clock.step_planned, now.clock.step_elapsed),
        whole: span(now.clock.whole_planned, now.clock.whole_elapsed),
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use jiff::Timestamp;

    use super::notes_view;
    use crate::state::Now;
    use crate::state::NowClock;
    use crate::ui::Glyphs;
    use crate::ui::Paint;
    use crate::ui::Screen;

    #[test]
    fn a_speaker_sees_note_next_step_clock_and_last_command() {
        let at = Timestamp::UNIX_EPOCH;
        let now = Now {
            version: 1,
            demo: "demo".to_owned(),
            title: "Docker in Docker".to_owned(),
            step: 2,
            steps: 9,
            step_title: "Create the project".to_owned(),
            notes: vec!["Ask **who** has used it.".to_owned()],
            next: Some("List your projects".to_owned()),
            last_command: Some("aws codebuild list-projects".to_owned()),
            clock: NowClock {
                step_planned: 60_000,
                step_elapsed: 30_000,
                whole_planned: 600_000,
                whole_elapsed: 90_000,
                running: true,
                at,
            },
        };
        let screen = Screen {
            paint: Paint::new(false),
            width: 60,
            height: 24,
            label: None,
            glyphs: Glyphs::Unicode,
        };
        let later = at + SignedDuration::from_secs(42);
        insta::assert_snapshot!(notes_view(&now, later, &screen));
    }
}
