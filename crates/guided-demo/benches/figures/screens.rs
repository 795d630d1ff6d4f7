//! The walk in a terminal: how long a person waits for a screen.

use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::channel;
use std::time::Duration;
use std::time::Instant;

use portable_pty::Child;
use portable_pty::CommandBuilder;
use portable_pty::PtySize;
use portable_pty::native_pty_system;

use crate::milliseconds;
use crate::row;

/// How long a screen may take before the measurement is given up.
const PATIENCE: Duration = Duration::from_secs(20);

/// Steps that have nothing but text: each key shows the next one.
fn write_demo(folder: &Path, steps: usize) {
    let mut text = String::from("<!-- demo:format version=1 -->\n\n# Screens\n");
    for step in 0..steps {
        text.push_str(&format!(
            "\n<!-- demo:step id=s{step} minutes=1 -->\n\n## Step number {step}\n\nText of step {step}.\n\n```console\n$ aws codebuild list-projects\n```\n"
        ));
    }
    std::fs::write(folder.join("demo.md"), text).unwrap();
}

/// Measures the first screen, and from a key to the next screen.
pub(crate) fn measure() {
    let folder = tempfile::tempdir().unwrap();
    write_demo(folder.path(), 60);
    let mut first: Vec<Duration> = (0..20)
        .map(|_| {
            let begun = Instant::now();
            let mut walk = Walk::start(folder.path());
            walk.sees("Text of step 0");
            let took = begun.elapsed();
            walk.sees("q quit");
            walk.leave();
            took
        })
        .collect();
    percentiles("walk: start to first screen", &mut first, "100 ms");

    let mut walk = Walk::start(folder.path());
    walk.sees("q quit");
    let mut keys = Vec::new();
    for step in 0..59 {
        // Skipping the command ends the step; the next key shows the next step.
        walk.key("s");
        walk.sees("next: Step number");
        let begun = Instant::now();
        walk.key("\r");
        walk.sees(&format!("Text of step {}", step + 1));
        keys.push(begun.elapsed());
        walk.sees("q quit");
    }
    walk.leave();
    percentiles("walk: key to next screen", &mut keys, "100 ms");
}

fn percentiles(figure: &str, times: &mut [Duration], goal: &str) {
    times.sort();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    row(&format!("{figure}, p50"), &milliseconds(at(50)), goal);
    row(&format!("{figure}, p99"), &milliseconds(at(99)), goal);
}

/// The binary in a terminal.
struct Walk {
    child: Box<dyn Child + Send + Sync>,
    writer: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    /// What was printed and not yet looked for.
    unseen: String,
}

impl Walk {
    fn start(folder: &Path) -> Self {
        let pair = native_pty_system()
            .openpty(PtySize {
                rows: 30,
                cols: 100,
                pixel_width: 0,
                pixel_height: 0,
            })
            .unwrap();
        let state = tempfile::tempdir_in(folder).unwrap().keep();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_guided-demo"));
        command.arg("run");
        command.arg(folder);
        command.env("GUIDED_DEMO_STATE_DIR", state);
        command.env("TERM", "xterm-256color");
        command.env("LC_ALL", "C.UTF-8");
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let writer = pair.master.take_writer().unwrap();
        let (sender, output) = channel();
        std::thread::spawn(move || {
            // The terminal lives as long as somebody reads it.
            let _master = pair.master;
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self {
            child,
            writer,
            output,
            unseen: String::new(),
        }
    }

    /// Waits until this is printed, and forgets what stood before it.
    fn sees(&mut self, text: &str) {
        loop {
            if let Some(at) = self.unseen.find(text) {
                self.unseen.drain(..at + text.len());
                return;
            }
            let bytes = self.output.recv_timeout(PATIENCE).unwrap();
            self.unseen.push_str(&String::from_utf8_lossy(&bytes));
        }
    }

    fn key(&mut self, key: &str) {
        self.writer.write_all(key.as_bytes()).unwrap();
    }

    fn leave(mut self) {
        self.key("q");
        self.child.wait().unwrap();
    }
}
