//! A rehearsal as a table: each step, its plan, what was measured, and the difference.

use std::time::Duration;

use super::Screen;
use super::clock::minutes;
use super::screen::clip;
use crate::state::Rehearsal;

/// The width of the three columns of numbers.
const NUMBERS: usize = 30;

/// The table, with the total in its last line.
pub(crate) fn rehearsal_table(rehearsal: &Rehearsal, screen: &Screen) -> String {
    let longest = rehearsal
        .steps
        .iter()
        .map(|step| step.title.chars().count())
        .max()
        .unwrap_or(0);
    let width = longest.clamp(6, screen.width.saturating_sub(NUMBERS).max(6));
    let row = |title: &str, planned: &str, measured: &str, difference: &str| {
        let title = clip(title, width);
        format!("{title:<width$}  {planned:>8} {measured:>8} {difference:>9}")
    };
    let mut text = screen
        .paint
        .strong(&row("Step", "planned", "measured", "over"));
    text.push('\n');
    for step in &rehearsal.steps {
        let (over, sign) = difference(step.planned, step.measured);
        let line = row(
            &step.title,
            &time(step.planned),
            &time(step.measured),
            &sign,
        );
        text.push_str(&if over { screen.paint.warn(&line) } else { line });
        text.push('\n');
    }
    let (planned, measured) = rehearsal.total();
    let (_, sign) = difference(planned, measured);
    let total = row("Total", &time(planned), &time(measured), &sign);
    text.push_str(&screen.paint.strong(&total));
    text.push('\n');
    text
}

fn time(seconds: u64) -> String {
    minutes(Duration::from_secs(seconds))
}

/// Whether it took longer than planned, and by how much more or less.
fn difference(planned: u64, measured: u64) -> (bool, String) {
    if measured > planned {
        (true, format!("+{}", time(measured - planned)))
    } else {
        (false, format!("-{}", time(planned - measured)))
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::rehearsal_table;
    use crate::state::Rehearsal;
    use crate::state::RehearsedStep;
    use crate::ui::Glyphs;
    use crate::ui::Paint;
    use crate::ui::Screen;

    fn step(title: &str, planned: u64, measured: u64) -> RehearsedStep {
        RehearsedStep {
            id: title.to_lowercase(),
            title: title.to_owned(),
            planned,
            measured,
        }
    }

    #[test]
    fn a_rehearsal_says_where_the_time_went() {
        let rehearsal = Rehearsal {
            ended: Timestamp::UNIX_EPOCH,
            steps: vec![
                step("Create the project", 240, 190),
                step(
                    "Break it: privileged mode off, and read why it fails",
                    60,
                    152,
                ),
            ],
        };
        let screen = Screen {
            paint: Paint::new(false),
            width: 60,
            height: 24,
            label: None,
            glyphs: Glyphs::Unicode,
        };
        let table = rehearsal_table(&rehearsal, &screen);
        assert!(
            table.lines().all(|line| line.chars().count() <= 60),
            "{table}"
        );
        insta::assert_snapshot!(table);
    }
}
