//! The binary in a terminal of its own: what is typed goes in, a screen comes out.

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

/// A size of a terminal that is not 0.
pub(crate) fn nonzero(size: u16) -> std::num::NonZero<u16> {
    std::num::NonZero::new(size).unwrap()
}

/// The binary in a terminal of its own.
pub(crate) struct Terminal {
    pub(crate) master: Box<dyn MasterPty + Send>,
    pub(crate) writer: Box<dyn Write + Send>,
    pub(crate) child: Box<dyn Child + Send + Sync>,
    pub(crate) screen: Arc<(Mutex<vt100::Parser>, Condvar)>,
    /// Ends when everything that the binary has printed is on the screen.
    pub(crate) reading: Option<JoinHandle<()>>,
}

impl Terminal {
    /// Walks through a small demo on a recording, both written into `folder`.
    pub(crate) fn start(folder: &Path, columns: u16) -> Self {
        write_demo(folder);
        let demo = folder.to_string_lossy();
        Self::start_with(folder, columns, &["run", "--target", "replay", &*demo])
    }

    /// The binary with these arguments; its state is kept in `folder`.
    pub(crate) fn start_with(folder: &Path, columns: u16, args: &[&str]) -> Self {
        Self::start_in(folder, columns, args, &[])
    }

    /// The same with environment variables; an empty one is taken away.
    pub(crate) fn start_in(
        folder: &Path,
        columns: u16,
        args: &[&str],
        environment: &[(&str, &str)],
    ) -> Self {
        let size = PtySize {
            rows: 30,
            cols: columns,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_guided-demo"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("AWS_") {
                command.env_remove(name);
            }
        }
        command.args(args);
        command.env("GUIDED_DEMO_STATE_DIR", folder.join("state"));
        command.env("GUIDED_DEMO_CHECK_ANSWERS", "1");
        command.env("GUIDED_DEMO_REPLAY_PACE", "0");
        command.env("AWS_CONFIG_FILE", "/nonexistent");
        command.env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent");
        command.env("AWS_EC2_METADATA_DISABLED", "true");
        command.env("TERM", "xterm-256color");
        command.env("LC_ALL", "C.UTF-8");
        for (name, value) in environment {
            match value.is_empty() {
                true => command.env_remove(name),
                false => command.env(name, value),
            }
        }
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
    pub(crate) fn sees(&self, text: &str) {
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

    /// What is on the screen now.
    pub(crate) fn text(&self) -> String {
        self.screen.0.lock().unwrap().screen().contents()
    }

    /// Waits until the screen does not show a text any more.
    pub(crate) fn loses(&self, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        let mut parser = self.screen.0.lock().unwrap();
        while parser.screen().contents().contains(text) {
            let left = deadline.saturating_duration_since(Instant::now());
            let contents = parser.screen().contents();
            assert!(!left.is_zero(), "`{text}` is still there:\n{contents}");
            parser = self.screen.1.wait_timeout(parser, left).unwrap().0;
        }
    }

    /// Makes the terminal this wide.
    pub(crate) fn resize(&self, columns: u16) {
        let size = PtySize {
            rows: 30,
            cols: columns,
            pixel_width: 0,
            pixel_height: 0,
        };
        self.screen
            .0
            .lock()
            .unwrap()
            .screen_mut()
            .set_size(nonzero(30), nonzero(columns));
        self.master.resize(size).unwrap();
    }

    /// Waits until an empty prompt is the last thing on the screen.
    pub(crate) fn sees_prompt(&self, prompt: &str) {
        let deadline = Instant::now() + PATIENCE;
        let mut parser = self.screen.0.lock().unwrap();
        while parser.screen().contents().trim_end().lines().last() != Some(prompt) {
            let left = deadline.saturating_duration_since(Instant::now());
            let contents = parser.screen().contents();
            assert!(
                !left.is_zero(),
                "there is no prompt `{prompt}`:\n{contents}"
            );
            parser = self.screen.1.wait_timeout(parser, left).unwrap().0;
        }
    }

    /// Types.
    pub(crate) fn keys(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits for the end.
    pub(crate) fn exit_code(&mut self) -> u32 {
        let code = self.child.wait().unwrap().exit_code();
        if let Some(reading) = self.reading.take() {
            reading.join().unwrap();
        }
        code
    }

    /// Whether the cursor shows and typed characters would be seen.
    pub(crate) fn is_restored(&self) -> bool {
        let modes = self
            .master
            .get_termios()
            .map(|modes| format!("{:?}", modes.local_flags));
        let echoes = modes.is_none_or(|flags| flags.contains("ECHO |") && flags.contains("ICANON"));
        echoes && !self.screen.0.lock().unwrap().screen().hide_cursor()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A test that fails leaves nothing behind; one that passes has seen the end.
        let _ = self.child.kill();
    }
}
