//! A line that is typed, with the keys of a shell: editing, history, several lines.

use std::cell::Cell;

use rustyline::Completer;
use rustyline::Config;
use rustyline::Editor;
use rustyline::Helper;
use rustyline::Highlighter;
use rustyline::config::BellStyle;
use rustyline::error::ReadlineError;
use rustyline::hint::Hinter;
use rustyline::history::MemHistory;
use rustyline::validate::ValidationContext;
use rustyline::validate::ValidationResult;
use rustyline::validate::Validator;

use super::Answer;
use crate::script::goes_on;

/// Asks for lines and remembers them.
pub(crate) struct LineEditor {
    editor: Editor<Lines, MemHistory>,
}

/// What ended a line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Typed {
    /// Enter.
    Line(String),
    /// Ctrl-D on an empty line: no more lines.
    End,
}

/// What belongs to a line, and how much of it there is.
#[derive(Completer, Helper, Highlighter)]
struct Lines {
    /// Whether a line goes on after a backslash, as commands do.
    commands: bool,
    /// Whether anything is typed. The editor does not tell when Ctrl-C ends a line.
    typed: Cell<bool>,
}

impl Hinter for Lines {
    type Hint = String;

    fn hint(&self, line: &str, _: usize, _: &rustyline::Context<'_>) -> Option<String> {
        self.typed.set(!line.trim().is_empty());
        None
    }
}

impl Validator for Lines {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        if self.commands && goes_on(context.input()) {
            return Ok(ValidationResult::Incomplete);
        }
        Ok(ValidationResult::Valid(None))
    }
}

impl LineEditor {
    /// An editor without history; `None` if the terminal cannot be used.
    pub(crate) fn new() -> Option<Self> {
        let config = Config::builder()
            .auto_add_history(false)
            // An interrupt from outside would leave the terminal in that mode.
            .bracketed_paste(false)
            .bell_style(BellStyle::None)
            .build();
        let mut editor = Editor::with_history(config, MemHistory::new()).ok()?;
        editor.set_helper(Some(Lines {
            commands: true,
            typed: Cell::new(false),
        }));
        Some(Self { editor })
    }

    /// Asks for a line. `commands`: they may go on in the next line, and are remembered.
    ///
    /// Ctrl-C drops what is typed, as in a shell; with nothing typed it interrupts.
    pub(crate) fn read(&mut self, prompt: &str, commands: bool) -> Answer<Typed> {
        loop {
            if let Some(lines) = self.editor.helper_mut() {
                lines.commands = commands;
                lines.typed.set(false);
            }
            match self.editor.readline(prompt) {
                Ok(line) => {
                    if commands && !line.trim().is_empty() {
                        // Without a history nothing else is lost.
                        let _ = self.editor.add_history_entry(&line);
                    }
                    return Answer::Given(Typed::Line(line));
                }
                Err(ReadlineError::Interrupted) => {
                    let typed = self.editor.helper().is_some_and(|lines| lines.typed.get());
                    if !typed {
                        return Answer::Interrupted;
                    }
                }
                Err(ReadlineError::Eof) => return Answer::Given(Typed::End),
                Err(_) => return Answer::Gone,
            }
        }
    }
}
