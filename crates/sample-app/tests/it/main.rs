//! The built program, used as a container uses it.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::io::BufRead;
use std::io::BufReader;
use std::process::Child;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;

const PROGRAM: &str = env!("CARGO_BIN_EXE_sample-app");

/// A running server, killed if a test fails.
struct Server {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
    port: String,
}

impl Server {
    fn start() -> Self {
        let mut child = Command::new(PROGRAM)
            .env("PORT", "0")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let port = line.trim().rsplit(':').next().unwrap().to_owned();
        Self {
            child,
            output,
            port,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn sample_app(words: &[&str], port: &str) -> Output {
    Command::new(PROGRAM)
        .args(words)
        .env("PORT", port)
        .output()
        .unwrap()
}

#[test]
fn echo_says_hello() {
    let output = sample_app(&["echo", "Hello, World!"], "0");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "Hello, World!\n");
    assert!(output.status.success());
}

#[test]
fn healthcheck_tells_a_running_server_from_none() {
    let mut server = Server::start();
    let output = sample_app(&["healthcheck"], &server.port);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "healthy\n");

    server.child.kill().unwrap();
    server.child.wait().unwrap();
    let output = sample_app(&["healthcheck"], &server.port);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no answer from http://127.0.0.1:"));
}

#[cfg(unix)]
#[test]
fn sigterm_ends_it_with_exit_code_0() {
    let mut server = Server::start();
    let status = Command::new("kill")
        .args(["-TERM", &server.child.id().to_string()])
        .status()
        .unwrap();
    assert!(status.success());
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
    let mut rest = String::new();
    server.output.read_line(&mut rest).unwrap();
    assert_eq!(rest, "stopped\n");
}

#[test]
fn the_page_greets() {
    use std::io::Read;
    use std::io::Write;
    let server = Server::start();
    let mut stream = std::net::TcpStream::connect(format!("127.0.0.1:{}", server.port)).unwrap();
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    let mut page = String::new();
    stream.read_to_string(&mut page).unwrap();
    assert!(page.contains("200 OK"), "{page}");
    assert!(page.contains("<h1>Hello, World!</h1>"), "{page}");
}
