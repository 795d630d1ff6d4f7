//! Keys that are pressed while nobody asks: not shown, and forgotten before the next question.

#[cfg(unix)]
use std::io;

/// While this lives, typed characters do not appear on the screen. Ctrl-C is a signal as ever.
#[derive(Debug)]
pub(crate) struct QuietInput {
    #[cfg(unix)]
    modes: Option<rustix::termios::Termios>,
}

impl QuietInput {
    /// Switches the echo off, if there is a terminal.
    pub(crate) fn begin() -> Self {
        #[cfg(unix)]
        {
            let modes = rustix::termios::tcgetattr(io::stdin()).ok();
            if let Some(modes) = &modes {
                let mut quiet = modes.clone();
                quiet.local_modes &=
                    !(rustix::termios::LocalModes::ECHO | rustix::termios::LocalModes::ICANON);
                set(&quiet);
            }
            Self { modes }
        }
        #[cfg(not(unix))]
        Self {}
    }
}

impl Drop for QuietInput {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(modes) = &self.modes {
            set(modes);
        }
    }
}

#[cfg(unix)]
fn set(modes: &rustix::termios::Termios) {
    // If this fails the terminal is gone, and with it what there was to hide.
    let _ = rustix::termios::tcsetattr(io::stdin(), rustix::termios::OptionalActions::Now, modes);
}

/// Forgets what was typed and not read.
pub(crate) fn forget_early_keys() {
    #[cfg(unix)]
    let _ = rustix::termios::tcflush(io::stdin(), rustix::termios::QueueSelector::IFlush);
}
