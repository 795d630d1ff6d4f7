//! A build while it runs: its phases with the end of its log beside them, or plain lines where
//! nothing can be drawn.

use std::collections::VecDeque;
use std::time::Duration;

use codebuild_core::WatchEvent;
use indicatif::MultiProgress;
use indicatif::ProgressBar;
use indicatif::ProgressDrawTarget;
use indicatif::ProgressStyle;

use super::Glyphs;
use super::Ui;
use super::screen::clip;

/// How many lines of the log are shown while the build runs.
const TAIL: usize = 8;

/// Shows watch events as they come.
pub(crate) struct BuildView {
    ui: Ui,
    live: Option<Live>,
    phases: Vec<PhaseRow>,
    log: Vec<String>,
}

/// What is known of a phase.
struct PhaseRow {
    name: String,
    status: Option<String>,
    seconds: Option<i64>,
    context: Option<(String, String)>,
}

/// The part of the screen that is drawn over.
struct Live {
    glyphs: Glyphs,
    bars: MultiProgress,
    phases: Vec<ProgressBar>,
    tail: Vec<ProgressBar>,
    lines: VecDeque<String>,
}

impl BuildView {
    /// A view of a build that begins now.
    pub(crate) fn new(ui: &Ui) -> Self {
        Self {
            ui: ui.clone(),
            live: ui.draws().then(|| Live::new(ui.glyphs())),
            phases: Vec::new(),
            log: Vec::new(),
        }
    }

    /// The build log so far.
    pub(crate) fn log(&self) -> &[String] {
        &self.log
    }

    /// The phase that ended as something else than SUCCEEDED, if one did.
    pub(crate) fn failed_phase(&self) -> Option<&str> {
        self.phases
            .iter()
            .find(|phase| {
                phase
                    .status
                    .as_deref()
                    .is_some_and(|status| status != "SUCCEEDED")
            })
            .map(|phase| phase.name.as_str())
    }

    /// Shows an event.
    pub(crate) fn show(&mut self, event: &WatchEvent) {
        match event {
            WatchEvent::Phase {
                name,
                status,
                context,
                seconds,
            } => self.phase(PhaseRow {
                name: name.clone(),
                status: status.clone(),
                seconds: *seconds,
                // What is drawn live does not pass through `Ui::out`.
                context: context
                    .as_ref()
                    .map(|(code, message)| (code.clone(), self.ui.shown(message).into_owned())),
            }),
            WatchEvent::Log { message, .. } => self.log_line(message),
            WatchEvent::Finished { .. } => {}
        }
    }

    fn phase(&mut self, row: PhaseRow) {
        let at = self.phases.iter().position(|known| known.name == row.name);
        let width = self.ui.screen().width;
        match &mut self.live {
            Some(live) => live.phase(at, &row, width),
            None => self.ui.line(&plain_row(&row)),
        }
        match at {
            Some(at) => self.phases[at] = row,
            None => self.phases.push(row),
        }
    }

    fn log_line(&mut self, message: &str) {
        let message = message.trim_end_matches(['\r', '\n']);
        match &mut self.live {
            Some(live) => live.log(&self.ui.shown(message), self.ui.screen().width),
            // Who hears the screen asks for the log, instead of hearing all of it.
            None if self.ui.is_plain() => {}
            None => self.ui.line(&format!("  | {}", printable(message))),
        }
        self.log.push(message.to_owned());
    }

    /// Says something without disturbing what is drawn.
    pub(crate) fn say(&self, text: &str) {
        match &self.live {
            Some(live) => {
                // Nothing is lost if the terminal has gone away.
                let _ = live.bars.println(&*self.ui.shown(text));
            }
            None => self.ui.line(text),
        }
    }

    /// Takes the drawn part away and leaves a summary that stays.
    pub(crate) fn finish(&mut self, status: &str) {
        let screen = self.ui.screen();
        if let Some(live) = self.live.take() {
            live.clear();
            let from = self.log.len().saturating_sub(TAIL);
            for line in &self.log[from..] {
                let line = clip(&printable(line), screen.width.saturating_sub(2));
                self.ui.line(&format!("  {}", screen.paint.faint(&line)));
            }
            if from > 0 {
                self.ui.line(&screen.paint.faint(&format!(
                    "  … {from} lines of the log before these: press v"
                )));
            }
            self.ui.line("");
            for phase in &self.phases {
                self.ui.line(&clip(&summary_row(phase), screen.width));
            }
        }
        if self.ui.is_plain() {
            self.ui
                .line(&format!("The build log has {} lines.", self.log.len()));
        }
        let painted = match status {
            "SUCCEEDED" => screen.paint.good(status),
            _ => screen.paint.bad(status),
        };
        self.ui.line(&format!("\nThe build ended: {painted}\n"));
    }
}

impl Live {
    fn new(glyphs: Glyphs) -> Self {
        Self {
            glyphs,
            bars: MultiProgress::with_draw_target(ProgressDrawTarget::stdout()),
            phases: Vec::new(),
            tail: Vec::new(),
            lines: VecDeque::new(),
        }
    }

    fn phase(&mut self, at: Option<usize>, row: &PhaseRow, width: usize) {
        let bar = match at {
            Some(at) => self.phases[at].clone(),
            None => {
                let bar = self
                    .bars
                    .insert(self.phases.len(), ProgressBar::new_spinner());
                bar.set_prefix(format!("{:<17}", row.name));
                let spinning = style("  {spinner} {prefix} {wide_msg}");
                bar.set_style(spinning.tick_chars(self.glyphs.spinner()));
                bar.enable_steady_tick(Duration::from_millis(100));
                self.phases.push(bar.clone());
                bar
            }
        };
        match &row.status {
            None => bar.set_message("running"),
            Some(status) => {
                bar.set_style(style("  {prefix} {wide_msg}"));
                let sign = self.glyphs.shown(sign(status));
                bar.set_prefix(format!("{sign} {:<17}", row.name));
                bar.finish_with_message(clip(&result(row, status), width.saturating_sub(24)));
            }
        }
    }

    fn log(&mut self, message: &str, width: usize) {
        self.lines
            .push_back(clip(&printable(message), width.saturating_sub(6)));
        if self.lines.len() > TAIL {
            self.lines.pop_front();
        }
        while self.tail.len() < self.lines.len() {
            let bar = self.bars.add(ProgressBar::new_spinner());
            bar.set_style(style(&self.glyphs.shown("  │ {wide_msg}")));
            self.tail.push(bar);
        }
        for (bar, line) in self.tail.iter().zip(&self.lines) {
            bar.set_message(line.clone());
        }
    }

    fn clear(&self) {
        for bar in self.phases.iter().chain(&self.tail) {
            bar.finish_and_clear();
        }
        let _ = self.bars.clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

fn sign(status: &str) -> &'static str {
    if status == "SUCCEEDED" { "✔" } else { "✘" }
}

fn result(row: &PhaseRow, status: &str) -> String {
    let mut text = status.to_owned();
    if let Some(seconds) = row.seconds {
        text.push_str(&format!("  {seconds} s"));
    }
    if let Some((code, message)) = &row.context {
        text.push_str(&format!("  {code}: {}", message.trim()));
    }
    text
}

fn summary_row(row: &PhaseRow) -> String {
    match &row.status {
        Some(status) => format!(
            "  {} {:<17} {}",
            sign(status),
            row.name,
            result(row, status)
        ),
        None => format!("    {}", row.name),
    }
}

fn plain_row(row: &PhaseRow) -> String {
    match &row.status {
        Some(status) => format!("[{}] {}", row.name, result(row, status)),
        None => format!("[{}] started", row.name),
    }
}

/// Takes out what would move the cursor: colours and control characters of the build's output.
fn printable(line: &str) -> String {
    // What stands before a carriage return was overwritten on the builder's terminal too.
    let line = line
        .rsplit('\r')
        .find(|part| !part.is_empty())
        .unwrap_or("");
    console::strip_ansi_codes(line)
        .chars()
        .map(|c| if c == '\t' { ' ' } else { c })
        .filter(|c| !c.is_control())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn a_builds_output_cannot_move_the_cursor() {
        assert_eq!(printable("\x1b[31mred\x1b[0m\x07 a\tb"), "red a b");
        assert_eq!(printable("10%\r20%\r100%\r"), "100%");
    }
}
