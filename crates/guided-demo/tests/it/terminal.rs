//! The walk in a real terminal: keys, Ctrl-C, resize.

use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::thread::JoinHandle;
use std::time::Duration;
use std::time::Instant;

use portable_pty::Child;
use portable_pty::CommandBuilder;
use portable_pty::MasterPty;
use portable_pty::PtySize;
use portable_pty::native_pty_system;

use crate::command_line::write_demo;

/// How long a screen may take to appear on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

fn nonzero(size: u16) -> std::num::NonZero<u16> {
    std::num::NonZero::new(size).unwrap()
}

/// The binary in a terminal of its own.
struct Terminal {
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    screen: Arc<(Mutex<vt100::Parser>, Condvar)>,
    /// Ends when everything that the binary has printed is on the screen.
    reading: Option<JoinHandle<()>>,
}

impl Terminal {
    fn start(folder: &Path, columns: u16) -> Self {
        write_demo(folder);
        let size = PtySize {
            rows: 30,
            cols: columns,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_guided-demo"));
        command.args(["run", "--target", "replay"]);
        command.arg(folder);
        command.env("GUIDED_DEMO_STATE_DIR", folder.join("state"));
        command.env("GUIDED_DEMO_CHECK_ANSWERS", "1");
        command.env("GUIDED_DEMO_REPLAY_PACE", "0");
        command.env("TERM", "xterm-256color");
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let screen = Arc::new((
            Mutex::new(vt100::Parser::new(nonzero(30), nonzero(columns), 0)),
            Condvar::new(),
        ));
        let mut reader = pair.master.try_clone_reader().unwrap();
        let shared = screen.clone();
        let reading = std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                shared.0.lock().unwrap().process(&buffer[..count]);
                shared.1.notify_all();
            }
        });
        let writer = pair.master.take_writer().unwrap();
        Self {
            master: pair.master,
            writer,
            child,
            screen,
            reading: Some(reading),
        }
    }

    /// Waits until the screen shows a text.
    fn sees(&self, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        let mut parser = self.screen.0.lock().unwrap();
        while !parser.screen().contents().contains(text) {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero(),
                "`{text}` is not on the screen:\n{}",
                parser.screen().contents()
            );
            parser = self.screen.1.wait_timeout(parser, left).unwrap().0;
        }
    }

    fn keys(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
    }

    fn exit_code(&mut self) -> u32 {
        let code = self.child.wait().unwrap().exit_code();
        if let Some(reading) = self.reading.take() {
            reading.join().unwrap();
        }
        code
    }

    /// Whether the cursor shows and typed characters would be seen.
    fn is_restored(&self) -> bool {
        let modes = self
            .master
            .get_termios()
            .map(|modes| format!("{:?}", modes.local_flags));
        let echoes = modes.is_none_or(|flags| flags.contains("ECHO |") && flags.contains("ICANON"));
        echoes && !self.screen.0.lock().unwrap().screen().hide_cursor()
    }
}

#[test]
fn a_demo_is_walked_with_keys_from_begin_to_end() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(folder.path(), 80);
    terminal.sees("Look at the projects");
    terminal.sees("RECORDING of 2026-11-22");
    terminal.sees("⏎ run");
    terminal.keys("h");
    terminal.sees("There is one project.");
    terminal.keys("?");
    terminal.sees("look at the next or previous step");
    terminal.keys("\x1b[C");
    terminal.sees("Only looking");
    terminal.keys("\r");
    terminal.sees("Back at step 1");
    terminal.sees("⏎ run");
    terminal.keys("\r");
    terminal.sees("✔ There is one.");
    terminal.sees("⏎ next: A question");
    terminal.keys("\r");
    terminal.sees("1-2 answer");
    terminal.keys("1");
    terminal.sees("Not 1: the answer is 2.");
    terminal.sees("The demo is finished.");
    terminal.sees("0 of 1 questions right");
    assert_eq!(terminal.exit_code(), 0);
    assert!(terminal.is_restored());
}

#[test]
fn ctrl_c_at_a_prompt_leaves_at_once_and_the_walk_goes_on_there_later() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(folder.path(), 80);
    terminal.sees("⏎ run");
    terminal.keys("\r");
    terminal.sees("⏎ next: A question");
    terminal.keys("\r");
    terminal.sees("1-2 answer");
    terminal.keys("\x03");
    terminal.sees("Your progress is kept.");
    assert_eq!(terminal.exit_code(), 130);
    assert!(terminal.is_restored());

    let mut terminal = Terminal::start(folder.path(), 80);
    terminal.sees("step 2 of 2");
    terminal.keys("\r");
    terminal.sees("1-2 answer");
    terminal.keys("2");
    terminal.sees("The demo is finished.");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn ctrl_c_in_the_list_restores_the_cursor_that_the_list_hides() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(folder.path(), 80);
    terminal.sees("⏎ run");
    terminal.keys("l");
    terminal.sees("Go to");
    terminal.keys("\x03");
    assert_eq!(terminal.exit_code(), 130);
    assert!(terminal.is_restored());
}

#[test]
fn a_narrow_terminal_that_is_resized_is_used_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(folder.path(), 60);
    terminal.sees("⏎ run");
    let size = PtySize {
        rows: 30,
        cols: 100,
        pixel_width: 0,
        pixel_height: 0,
    };
    terminal
        .screen
        .0
        .lock()
        .unwrap()
        .screen_mut()
        .set_size(nonzero(30), nonzero(100));
    terminal.master.resize(size).unwrap();
    terminal.keys("?");
    terminal.sees("show all of the last output, and what crossed the wire");
    terminal.keys("q");
    terminal.sees("Your progress is kept.");
    assert_eq!(terminal.exit_code(), 0);
}
