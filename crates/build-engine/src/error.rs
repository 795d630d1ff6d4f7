//! Why the Docker Engine could not do something.

use std::fmt::Write;

/// Why the Docker Engine could not do something.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// No engine answered at any of the places that were tried.
    #[error("{}", no_engine(.tried))]
    NoEngine {
        /// Each place and what happened there.
        tried: Vec<(String, String)>,
    },
    /// The current Docker context cannot be used.
    #[error(
        "the Docker context {name:?} cannot be used: {reason}. Choose another with `docker context use`, or set DOCKER_HOST"
    )]
    Context {
        /// The context's name.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The engine answered a request with an error, or did not answer.
    #[error("the Docker Engine at {host} did not do what was asked: {reason}")]
    Request {
        /// Where the engine listens.
        host: String,
        /// What it answered.
        reason: String,
    },
}

fn no_engine(tried: &[(String, String)]) -> String {
    let mut text = String::from("no Docker Engine answers. Tried:");
    for (host, reason) in tried {
        let _ = write!(text, "\n  {host}: {reason}");
    }
    text.push_str(
        "\nStart Docker (Docker Desktop, or `sudo systemctl start docker`), or set DOCKER_HOST to where it listens",
    );
    text
}

/// The engine's own words, without the client library's.
pub(crate) fn reason(error: &bollard::errors::Error) -> String {
    use bollard::errors::Error;
    match error {
        Error::DockerResponseServerError { message, .. } => message.trim().to_owned(),
        Error::DockerStreamError { error } => error.trim().to_owned(),
        Error::RequestTimeoutError => "no answer in time".to_owned(),
        other => {
            let mut text = other.to_string();
            let mut source = std::error::Error::source(other);
            while let Some(cause) = source {
                let cause_text = cause.to_string();
                if !text.contains(&cause_text) {
                    text = format!("{text}: {cause_text}");
                }
                source = cause.source();
            }
            text
        }
    }
}

/// The HTTP status of the engine's answer.
pub(crate) fn status(error: &bollard::errors::Error) -> Option<u16> {
    match error {
        bollard::errors::Error::DockerResponseServerError { status_code, .. } => Some(*status_code),
        _ => None,
    }
}
