//! moto's server, as a program that `MOTO_SERVER` names or that is on the PATH.

use std::io::BufRead;
use std::io::BufReader;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;

use crate::serving::has;

/// moto's server on a free port; ends when dropped.
pub(super) struct Moto {
    child: Child,
    pub(super) endpoint: String,
}

impl Moto {
    /// Starts it; `None` where it is not, except on CI.
    pub(super) fn start() -> Option<Self> {
        let program = std::env::var("MOTO_SERVER").unwrap_or_else(|_| "moto_server".to_owned());
        if !has("moto_server", Command::new(&program).arg("--help")) {
            return None;
        }
        let mut child = Command::new(program)
            .args(["-H", "127.0.0.1", "-p", "0"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let endpoint = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| Some(line.split_once("Running on ")?.1.trim().to_owned()))
            .expect("moto_server says where it listens");
        // It must not wait for somebody to read what it logs.
        std::thread::spawn(move || lines.for_each(drop));
        Some(Self { child, endpoint })
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
