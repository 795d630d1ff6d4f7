//! The terminal. Everything that the binary says goes through [`Ui`]; nothing else prints.

mod build_view;
mod excerpt;
mod line_editor;
mod markdown;
mod paint;
mod question;
mod screen;
mod terminal;

use std::io;
use std::io::IsTerminal;
use std::io::Write;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

pub(crate) use build_view::BuildView;
pub(crate) use excerpt::excerpt;
pub(crate) use line_editor::LineEditor;
pub(crate) use line_editor::Typed;
pub(crate) use paint::Paint;
pub(crate) use screen::Screen;
pub(crate) use screen::StepHead;
pub(crate) use screen::wrap;
pub(crate) use terminal::Answer;
pub(crate) use terminal::TerminalGuard;
pub(crate) use terminal::choose;
pub(crate) use terminal::choose_one;
pub(crate) use terminal::confirm;
pub(crate) use terminal::read_key;
pub(crate) use terminal::read_value;

use crate::command_error::CommandError;

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, clap::ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set or TERM is `dumb`.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Owns standard output and standard error. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Ui {
    color_out: bool,
    color_err: bool,
    /// Whether standard output is a terminal that can be drawn on.
    draws: bool,
    /// Shown on every screen of a replay.
    label: Option<String>,
    closed: Arc<AtomicBool>,
    /// Takes what would be written, if it is not for the terminal now.
    kept: Option<Arc<Mutex<String>>>,
}

impl Ui {
    /// Looks at the terminal.
    pub(crate) fn new(color: ColorChoice) -> Self {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let wanted = |terminal: bool| match color {
            ColorChoice::Auto => terminal && !dumb && !no_color,
            ColorChoice::Always => true,
            ColorChoice::Never => false,
        };
        Self {
            color_out: wanted(io::stdout().is_terminal()),
            color_err: wanted(io::stderr().is_terminal()),
            draws: io::stdout().is_terminal() && !dumb,
            label: None,
            closed: Arc::default(),
            kept: None,
        }
    }

    /// The same terminal, but what is written is kept, and nobody can be asked.
    #[must_use]
    pub(crate) fn kept(&self) -> Self {
        Self {
            draws: false,
            color_out: false,
            color_err: false,
            kept: Some(Arc::default()),
            ..self.clone()
        }
    }

    /// What was kept so far.
    pub(crate) fn what_was_kept(&self) -> String {
        let kept = self.kept.as_ref().and_then(|kept| kept.lock().ok());
        kept.map(|kept| kept.clone()).unwrap_or_default()
    }

    /// Keeps the text, if it is not for the terminal now.
    fn keep(&self, text: &str) -> bool {
        let Some(kept) = &self.kept else {
            return false;
        };
        if let Ok(mut kept) = kept.lock() {
            kept.push_str(text);
        }
        true
    }

    /// The same terminal, with a label on every screen.
    #[must_use]
    pub(crate) fn labelled(&self, label: Option<String>) -> Self {
        Self {
            label,
            ..self.clone()
        }
    }

    /// Whether a person can be asked: both ends are a terminal.
    pub(crate) fn can_ask(&self) -> bool {
        self.draws && io::stdin().is_terminal()
    }

    /// Whether lines may be drawn over.
    pub(crate) fn draws(&self) -> bool {
        self.draws
    }

    /// Whether whoever read our output has gone away.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Whether standard output is coloured.
    pub(crate) fn has_colour(&self) -> bool {
        self.color_out
    }

    /// How things look now; asked afresh each time, so that a resized terminal is used well.
    pub(crate) fn screen(&self) -> Screen {
        let (rows, columns) = match self.draws {
            true => console::Term::stdout().size(),
            false => (24, 80),
        };
        Screen {
            paint: Paint::new(self.color_out),
            width: usize::from(columns).clamp(40, 100),
            height: usize::from(rows).max(10),
            label: self.label.clone(),
        }
    }

    /// Writes text to standard output as it is.
    pub(crate) fn out(&self, text: &str) {
        if self.keep(text) {
            return;
        }
        let mut stdout = io::stdout().lock();
        let written = stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.flush());
        if written.is_err() {
            self.closed.store(true, Ordering::Relaxed);
        }
    }

    /// Writes a line to standard output.
    pub(crate) fn line(&self, text: &str) {
        self.out(&format!("{text}\n"));
    }

    /// Writes a line to standard error: what is not data.
    pub(crate) fn status(&self, text: &str) {
        if self.keep(&format!("{text}\n")) {
            return;
        }
        // Nobody is left to tell if standard error is gone.
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// Clears the screen, if there is one.
    pub(crate) fn clear(&self) {
        if self.draws {
            self.out("\x1b[2J\x1b[H");
        }
    }

    /// Shows why a command ended.
    pub(crate) fn error(&self, error: &CommandError) {
        let paint = Paint::new(self.color_err);
        let mut text = String::new();
        if error.kind == crate::command_error::ErrorKind::BadDemo {
            text.push_str(error.message.trim_end());
            text.push('\n');
        } else {
            text.push_str(&format!("{} {}\n", paint.bad("error:"), error.message));
        }
        for hint in &error.hints {
            text.push_str(&format!("{} {hint}\n", paint.accent("hint:")));
        }
        if self.keep(&text) {
            return;
        }
        if error.kind != crate::command_error::ErrorKind::BadDemo && io::stderr().is_terminal() {
            text = screen::wrap(&text, self.screen().width, "", "");
        }
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }

    /// Shows something that a person should know but that stops nothing.
    pub(crate) fn warning(&self, text: &str) {
        let paint = Paint::new(self.color_err);
        self.status(&format!("{} {text}", paint.warn("warning:")));
    }
}
