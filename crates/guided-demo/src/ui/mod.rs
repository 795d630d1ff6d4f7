//! The terminal. Everything that the binary says goes through [`Ui`]; nothing else prints.

mod build_view;
mod clock;
mod excerpt;
mod glyphs;
mod line_editor;
mod markdown;
mod notes_view;
mod pages;
mod paint;
mod plain_keys;
mod question;
mod quiet_input;
mod redaction;
mod rehearsal_table;
mod screen;
mod stack_view;
mod tee;
mod terminal;

use std::borrow::Cow;
use std::ffi::OsStr;
use std::io;
use std::io::IsTerminal;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

pub(crate) use build_view::BuildView;
pub(crate) use clock::minutes;
pub(crate) use clock::painted_clock;
pub(crate) use excerpt::excerpt;
pub(crate) use glyphs::Glyphs;
pub(crate) use line_editor::LineEditor;
pub(crate) use line_editor::Typed;
pub(crate) use markdown::render as render_markdown;
pub(crate) use notes_view::notes_view;
pub(crate) use pages::pages;
pub(crate) use paint::Paint;
pub(crate) use plain_keys::LOOKING as PLAIN_LOOKING_KEYS;
pub(crate) use plain_keys::sentence as plain_keys;
pub(crate) use quiet_input::QuietInput;
pub(crate) use quiet_input::forget_early_keys;
pub(crate) use rehearsal_table::rehearsal_table;
pub(crate) use screen::Screen;
pub(crate) use screen::StepHead;
pub(crate) use screen::wrap;
pub(crate) use stack_view::StackView;
pub(crate) use tee::Shown;
pub(crate) use tee::Tee;
pub(crate) use terminal::Answer;
pub(crate) use terminal::TerminalGuard;
pub(crate) use terminal::choose;
pub(crate) use terminal::choose_one;
pub(crate) use terminal::confirm;
pub(crate) use terminal::read_key;
pub(crate) use terminal::read_line;
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
    /// Whether standard output is a terminal.
    terminal: bool,
    /// Whether nothing may be drawn although there is a terminal: somebody hears the screen.
    plain: bool,
    /// Whether the terminal says that it can do nothing but print.
    dumb: bool,
    glyphs: Glyphs,
    /// Whether what an audience should not see is hidden.
    redacts: bool,
    /// Shown on every screen of a replay.
    label: Option<String>,
    closed: Arc<AtomicBool>,
    keeps: Option<Keeps>,
}

/// Somebody who takes what is written.
#[derive(Clone, Debug)]
struct Keeps {
    tee: Tee,
    columns: u16,
    rows: u16,
    /// Whether the terminal gets it too.
    shows: bool,
}

impl Ui {
    /// Looks at the terminal. `plain` is for those who hear the screen.
    pub(crate) fn new(color: ColorChoice, plain: bool) -> Self {
        let dumb = is_dumb(std::env::var_os("TERM").as_deref());
        let terminal = io::stdout().is_terminal();
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let wanted = |terminal: bool| match color {
            ColorChoice::Auto => terminal && !dumb && !no_color,
            ColorChoice::Always => true,
            ColorChoice::Never => false,
        };
        Self {
            color_out: wanted(io::stdout().is_terminal()),
            color_err: wanted(io::stderr().is_terminal()),
            draws: terminal && !dumb && !plain,
            terminal,
            plain,
            dumb,
            // A file or a pipe is read by programs, which know UTF-8.
            glyphs: match (terminal, plain) {
                (_, true) => Glyphs::Words,
                (true, false) => Glyphs::of_locale(|name| std::env::var(name).ok()),
                (false, false) => Glyphs::Unicode,
            },
            redacts: false,
            label: None,
            closed: Arc::default(),
            keeps: None,
        }
    }

    /// The same terminal, with a label on every screen.
    #[must_use]
    pub(crate) fn labelled(&self, label: Option<String>) -> Self {
        Self {
            label,
            ..self.clone()
        }
    }

    /// The same terminal, with what an audience should not see hidden or shown.
    #[must_use]
    pub(crate) fn redacting(&self, redacts: bool) -> Self {
        Self {
            redacts,
            ..self.clone()
        }
    }

    /// The same terminal, of which `tee` takes all that is written, in colour and for a screen of this
    /// size. Nothing is drawn over then, and nobody is asked.
    #[must_use]
    pub(crate) fn recorded(&self, tee: &Tee, columns: u16, rows: u16) -> Self {
        Self {
            draws: false,
            plain: false,
            glyphs: Glyphs::Unicode,
            keeps: Some(Keeps {
                tee: tee.clone(),
                columns,
                rows,
                shows: true,
            }),
            ..self.clone()
        }
    }

    /// Writes to `tee` alone; see [`Ui::recorded`].
    pub(crate) fn unseen(tee: &Tee, columns: u16, rows: u16) -> Self {
        Self {
            color_out: true,
            color_err: true,
            draws: false,
            terminal: false,
            plain: false,
            dumb: false,
            glyphs: Glyphs::Unicode,
            redacts: false,
            label: None,
            closed: Arc::default(),
            keeps: Some(Keeps {
                tee: tee.clone(),
                columns,
                rows,
                shows: false,
            }),
        }
    }

    /// Tells who keeps the output that a step begins.
    pub(crate) fn mark(&self, title: &str) {
        if let Some(keeps) = &self.keeps {
            keeps.tee.take_in(Shown::Mark(title.to_owned()));
        }
    }

    /// Gives text to who keeps it; what is left to write to the terminal.
    fn kept<'a>(&self, text: &'a str, colored: bool) -> Option<Cow<'a, str>> {
        let Some(keeps) = &self.keeps else {
            return Some(Cow::Borrowed(text));
        };
        keeps.tee.take_in(Shown::Text(text.to_owned()));
        match (keeps.shows, colored) {
            (false, _) => None,
            (true, true) => Some(Cow::Borrowed(text)),
            (true, false) => Some(console::strip_ansi_codes(text)),
        }
    }

    /// Whether a person can be asked: both ends are a terminal.
    pub(crate) fn can_ask(&self) -> bool {
        (self.draws || (self.plain && self.terminal)) && io::stdin().is_terminal()
    }

    /// Whether somebody hears the screen: everything is said in words and nothing is drawn.
    pub(crate) fn is_plain(&self) -> bool {
        self.plain
    }

    /// Why a terminal is not used as one, if it is not.
    pub(crate) fn why_not_drawn(&self) -> Option<&'static str> {
        (self.terminal && self.dumb && !self.plain).then_some(
            "TERM is dumb or not set, so nothing can be drawn here and no keys are asked for. Use \
             --plain to walk with keys all the same, or set TERM, such as TERM=xterm-256color.",
        )
    }

    /// Which signs the terminal has.
    pub(crate) fn glyphs(&self) -> Glyphs {
        self.glyphs
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
        let (rows, columns) = match (&self.keeps, self.terminal && !self.dumb) {
            (Some(keeps), _) => (keeps.rows, keeps.columns),
            (None, true) => console::Term::stdout().size(),
            (None, false) => (24, 80),
        };
        Screen {
            paint: Paint::new(self.color_out || self.keeps.is_some()),
            width: usize::from(columns).clamp(40, 100),
            height: usize::from(rows).max(10),
            label: self.label.clone(),
            glyphs: self.glyphs,
        }
    }

    /// The text as it may be shown: without what an audience should not see, in signs that the
    /// terminal has.
    pub(crate) fn shown<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let shown = match self.redacts {
            true => redaction::redact(text),
            false => Cow::Borrowed(text),
        };
        match self.glyphs.shown(&shown) {
            Cow::Borrowed(_) => shown,
            Cow::Owned(text) => Cow::Owned(text),
        }
    }

    /// Takes away the last lines that were written, where lines can be taken away.
    pub(crate) fn erase_lines(&self, lines: usize) {
        if self.draws && lines > 0 {
            // A key that was pressed too early may have moved the cursor.
            self.out(&format!("\r\x1b[{lines}A\x1b[0J"));
        }
    }

    /// Writes text to standard output.
    pub(crate) fn out(&self, text: &str) {
        let text = self.shown(text);
        let Some(text) = self.kept(&text, self.color_out) else {
            return;
        };
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

    /// Writes a text to standard output, broken between words at the width of the terminal.
    pub(crate) fn paragraph(&self, text: &str) {
        self.line(&wrap(text, self.screen().width, "", ""));
    }

    /// Writes a line to standard error: what is not data.
    pub(crate) fn status(&self, text: &str) {
        let text = format!("{text}\n");
        let text = self.said(&text);
        if let Some(text) = self.kept(&text, self.color_err) {
            // Nobody is left to tell if standard error is gone.
            let _ = io::stderr().lock().write_all(text.as_bytes());
        }
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
        if error.kind != crate::command_error::ErrorKind::BadDemo && io::stderr().is_terminal() {
            text = screen::wrap(&text, self.screen().width, "", "");
        }
        let text = self.said(&text);
        if let Some(text) = self.kept(&text, self.color_err) {
            let _ = io::stderr().lock().write_all(text.as_bytes());
        }
    }

    /// [`Self::shown`] for standard error.
    fn said<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if io::stderr().is_terminal() || self.plain {
            self.shown(text)
        } else if self.redacts {
            redaction::redact(text)
        } else {
            Cow::Borrowed(text)
        }
    }

    /// Shows something that a person should know but that stops nothing.
    pub(crate) fn warning(&self, text: &str) {
        let paint = Paint::new(self.color_err);
        self.status(&format!("{} {text}", paint.warn("warning:")));
    }
}

/// Whether a terminal of this name can do nothing but print: so it is without a name.
fn is_dumb(term: Option<&OsStr>) -> bool {
    if cfg!(windows) {
        return term.is_some_and(|term| term == "dumb");
    }
    term.is_none_or(|term| term.is_empty() || term == "dumb")
}
