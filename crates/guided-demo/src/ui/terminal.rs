//! Reading from the terminal, and leaving it as it was found.

use std::io;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use console::Term;

use super::Ui;
use crate::walk::Key;

/// What came of asking for something.
#[derive(Debug)]
pub(crate) enum Answer<T> {
    /// The person answered.
    Given(T),
    /// Ctrl-C.
    Interrupted,
    /// The terminal has gone away.
    Gone,
}

impl<T> Answer<T> {
    fn from_io(result: io::Result<T>) -> Self {
        match result {
            Ok(value) => Self::Given(value),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Self::Interrupted,
            Err(_) => Self::Gone,
        }
    }

    fn from_dialoguer(result: dialoguer::Result<T>) -> Self {
        match result {
            Ok(value) => Self::Given(value),
            Err(dialoguer::Error::IO(error)) => Self::from_io(Err(error)),
        }
    }
}

/// Remembers the terminal's modes and puts them back when dropped: prompts hide the cursor and
/// switch echo off, and Ctrl-C or an error may come in between.
#[derive(Debug)]
pub(crate) struct TerminalGuard {
    #[cfg(unix)]
    modes: Option<rustix::termios::Termios>,
    active: bool,
}

impl TerminalGuard {
    /// Looks at the terminal as it is now. `active` is whether we are going to change it.
    pub(crate) fn new(active: bool) -> Self {
        if active {
            GUARDS.fetch_add(1, Ordering::SeqCst);
            CLOSED.store(false, Ordering::SeqCst);
        }
        Self {
            #[cfg(unix)]
            modes: active
                .then(|| rustix::termios::tcgetattr(io::stdin()).ok())
                .flatten(),
            active,
        }
    }
}

/// How many guards there are.
static GUARDS: AtomicUsize = AtomicUsize::new(0);
/// Whether nobody may wait for a key any more.
static CLOSED: AtomicBool = AtomicBool::new(false);
/// How many threads wait for a key, or are about to.
static WAITING: AtomicUsize = AtomicUsize::new(0);
/// How long a thread that is about to wait for a key may take to switch the terminal.
#[cfg(unix)]
const SWITCHING: Duration = Duration::from_millis(200);

impl TerminalGuard {
    /// A thread that is about to wait for a key switches echo off when it gets there, perhaps after
    /// the modes were put back. It ends with the process, so it cannot be waited for; but that it
    /// has switched can be seen.
    #[cfg(unix)]
    fn wait_until_switched() {
        use rustix::termios::LocalModes;

        let begun = Instant::now();
        while WAITING.load(Ordering::SeqCst) > 0 && begun.elapsed() < SWITCHING {
            let switched = rustix::termios::tcgetattr(io::stdin())
                .is_ok_and(|modes| !modes.local_modes.contains(LocalModes::ECHO));
            if switched {
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Drop for TerminalGuard {
    fn drop(&mut self) {
        if !self.active {
            return;
        }
        // A guard around a part of a walk leaves the rest of it its keys.
        if GUARDS.fetch_sub(1, Ordering::SeqCst) == 1 {
            CLOSED.store(true, Ordering::SeqCst);
            #[cfg(unix)]
            Self::wait_until_switched();
        }
        #[cfg(unix)]
        if let Some(modes) = &self.modes {
            // If this fails the terminal is gone, and with it what there was to restore.
            let _ = rustix::termios::tcsetattr(
                io::stdin(),
                rustix::termios::OptionalActions::Now,
                modes,
            );
        }
        let _ = Term::stdout().show_cursor();
        let _ = Term::stderr().show_cursor();
    }
}

/// Waits for a key.
pub(crate) fn read_key() -> Answer<Key> {
    WAITING.fetch_add(1, Ordering::SeqCst);
    let read = match CLOSED.load(Ordering::SeqCst) {
        true => Err(io::ErrorKind::NotConnected.into()),
        false => Term::stdout().read_key_raw(),
    };
    WAITING.fetch_sub(1, Ordering::SeqCst);
    let key = match read {
        Ok(key) => key,
        Err(error) => return Answer::from_io(Err(error)),
    };
    Answer::Given(match key {
        console::Key::CtrlC => return Answer::Interrupted,
        console::Key::Enter | console::Key::Char(' ') => Key::Enter,
        console::Key::ArrowLeft => Key::Left,
        console::Key::ArrowRight => Key::Right,
        console::Key::Escape => Key::Escape,
        // Ctrl-D: no more input.
        console::Key::Char('\u{4}') => Key::Escape,
        console::Key::Char(c) => Key::Char(c),
        _ => Key::Other,
    })
}

/// Waits for a line, which the terminal shows as it is typed.
pub(crate) fn read_line() -> Answer<String> {
    let mut line = String::new();
    match io::stdin().read_line(&mut line) {
        Ok(0) => Answer::Gone,
        Ok(_) => Answer::Given(line.trim().to_owned()),
        Err(error) => Answer::from_io(Err(error)),
    }
}

/// Asks for a value.
pub(crate) fn read_value(
    prompt: &str,
    default: Option<&str>,
    accepts: impl Fn(&str) -> Result<(), String>,
) -> Answer<String> {
    let mut input = dialoguer::Input::<String>::new().with_prompt(prompt);
    if let Some(default) = default {
        input = input.default(default.to_owned());
    }
    let input = input.validate_with(|value: &String| accepts(value));
    Answer::from_dialoguer(input.interact_text())
}

/// Asks to choose one of a list; `None` if the person chose none.
pub(crate) fn choose(prompt: &str, items: &[String], here: usize) -> Answer<Option<usize>> {
    let select = dialoguer::Select::new()
        .with_prompt(prompt)
        .items(items)
        .default(here);
    Answer::from_dialoguer(select.interact_opt())
}

/// Asks to choose one of a list; one has to be chosen.
pub(crate) fn choose_one(prompt: &str, items: &[String], here: usize) -> Answer<usize> {
    let select = dialoguer::Select::new()
        .with_prompt(prompt)
        .items(items)
        .default(here);
    Answer::from_dialoguer(select.interact())
}

/// Asks yes or no; Enter is no. One key answers, and Ctrl-C is a key too, so that it ends nothing
/// before the terminal is as it was.
pub(crate) fn confirm(ui: &Ui, prompt: &str) -> Answer<bool> {
    ui.out(&format!("{prompt} [y/N] "));
    loop {
        let yes = match read_key() {
            Answer::Given(Key::Char('y' | 'Y')) => true,
            Answer::Given(Key::Char('n' | 'N' | 'q') | Key::Enter | Key::Escape) => false,
            Answer::Given(_) => continue,
            Answer::Interrupted => {
                ui.line("");
                return Answer::Interrupted;
            }
            Answer::Gone => return Answer::Gone,
        };
        ui.line(if yes { "yes" } else { "no" });
        return Answer::Given(yes);
    }
}
