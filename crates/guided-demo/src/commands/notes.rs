//! `guided-demo notes`: the speaker's second terminal.

use std::time::Duration;
use std::time::Instant;

use jiff::Timestamp;

use crate::cli::NotesArgs;
use crate::command_error::CommandError;
use crate::drive::Signals;
use crate::exit_code::ExitCode;
use crate::invocation::invocation;
use crate::state::Now;
use crate::state::StateDirectory;
use crate::state::running_walk;
use crate::ui::Answer;
use crate::ui::TerminalGuard;
use crate::ui::Ui;
use crate::ui::notes_view;
use crate::ui::read_key;
use crate::walk::Key;

/// How often it looks where the walk is.
const LOOK: Duration = Duration::from_millis(100);
/// How often the clock is drawn anew.
const TICK: Duration = Duration::from_secs(1);

/// Follows the walk until the person leaves.
pub(crate) async fn notes(
    ui: &Ui,
    args: NotesArgs,
    state: StateDirectory,
) -> Result<ExitCode, CommandError> {
    let _guard = TerminalGuard::new(ui.can_ask());
    let mut signals = Signals::listen()?;
    let mut reading = ui.can_ask().then(|| tokio::task::spawn_blocking(read_key));
    let mut view = View::new(ui);
    loop {
        view.show(running_walk(&state, args.demo.as_deref())?);
        if ui.is_closed() {
            return Ok(ExitCode::DONE);
        }
        let key = async {
            match &mut reading {
                Some(reading) => reading.await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = signals.next() => return Ok(ExitCode::DONE),
            key = key => match key {
                Ok(Answer::Given(Key::Char('q') | Key::Escape)) => return Ok(ExitCode::DONE),
                Ok(Answer::Given(_)) => reading = Some(tokio::task::spawn_blocking(read_key)),
                _ => return Ok(ExitCode::DONE),
            },
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// What is on the screen.
struct View<'a> {
    ui: &'a Ui,
    shown: Option<Option<Now>>,
    width: usize,
    drawn: Instant,
}

impl<'a> View<'a> {
    fn new(ui: &'a Ui) -> Self {
        Self {
            ui,
            shown: None,
            width: 0,
            drawn: Instant::now(),
        }
    }

    /// Shows where the walk is, if that is not on the screen already.
    fn show(&mut self, now: Option<Now>) {
        let screen = self.ui.screen();
        let draws = self.ui.draws();
        let moved = match (&self.shown, &now) {
            // Where lines stay, only what the speaker has not read is worth another text.
            (Some(Some(shown)), Some(now)) if !draws => {
                (shown.step, &shown.last_command) != (now.step, &now.last_command)
            }
            (shown, now) => shown.as_ref() != Some(now),
        };
        let ticked = draws && now.is_some() && self.drawn.elapsed() >= TICK;
        if !moved && !ticked && screen.width == self.width {
            return;
        }
        let text = match &now {
            Some(now) => notes_view(now, Timestamp::now(), &screen),
            None => format!(
                "No walk is running on this state directory. This waits for one: {}\n",
                invocation("run --mode stage")
            ),
        };
        if draws {
            let fitting: Vec<_> = text
                .lines()
                .take(screen.height.saturating_sub(2))
                .map(|line| console::truncate_str(line, screen.width, "…"))
                .collect();
            // Each line is written over the old one, so that nothing flickers.
            let text = fitting.join("\x1b[K\n");
            let keys = screen.paint.faint("q leave");
            self.ui
                .out(&format!("\x1b[H{text}\x1b[K\n\x1b[K\n{keys}\x1b[K\x1b[0J"));
        } else {
            self.ui.out(&format!("{text}\n"));
        }
        self.shown = Some(now);
        self.width = screen.width;
        self.drawn = Instant::now();
    }
}
