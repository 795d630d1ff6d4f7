//! The small web app that the demo's Dockerfile puts into an image.
//!
//! It serves a greeting page and `/healthz`, ends in an orderly way on SIGTERM (what `docker stop`
//! sends), and knows two further commands, because an image that was made `FROM scratch` holds no
//! other program: `echo` prints its words, `healthcheck` asks a running server how it is.

mod command;
mod healthcheck;
mod server;

use std::io::Write;
use std::process::ExitCode;

use crate::command::Command;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            // A closed stderr leaves nobody to tell.
            let _ = writeln!(std::io::stderr(), "error: {message}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), String> {
    let port = command::port(std::env::var("PORT").ok().as_deref())?;
    match Command::parse(std::env::args().skip(1))? {
        Command::Serve => server::serve(port).await,
        Command::Echo(line) => say(&line),
        Command::Healthcheck => {
            healthcheck::ask(port)?;
            say("healthy")
        }
        Command::Help => say(command::HELP),
    }
}

/// Writes a line to stdout.
fn say(line: &str) -> Result<(), String> {
    writeln!(std::io::stdout(), "{line}")
        .map_err(|error| format!("cannot write to stdout: {error}"))
}
