//! One request of git, answered by git's own `git http-backend`: a CGI program whose input and output
//! are streamed.

use std::process::Stdio;
use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use futures_util::StreamExt;
use http::HeaderName;
use http::HeaderValue;
use http::Response;
use http::StatusCode;
use http::header::CACHE_CONTROL;
use http::header::CONTENT_ENCODING;
use http::header::CONTENT_LENGTH;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::process::Child;
use tokio::process::ChildStdin;
use tokio::process::ChildStdout;
use tokio::sync::mpsc;
use tokio::sync::oneshot;

use super::git;
use super::reference_events;
use crate::error::AwsError;
use crate::services::Services;

/// The longest request, and the longest pack when it is unpacked. A file on AWS has 2 GB at most.
const LONGEST: u64 = 2 * 1024 * 1024 * 1024;

/// The longest head of an answer.
const HEAD: usize = 16 * 1024;

/// What is read at once.
const CHUNK: usize = 32 * 1024;

/// Settings for this one run of git: name and value.
const SETTINGS: [(&str, &str); 3] = [
    ("http.receivepack", "true"),
    ("receive.maxInputSize", "2147483648"),
    // CodeCommit keeps the default branch too.
    ("receive.denyDeleteCurrent", "refuse"),
];

/// What is asked for, by somebody who may ask.
#[derive(Debug)]
pub(super) struct GitRequest {
    /// The repository's name.
    pub(super) name: String,
    /// What comes after it in the path.
    pub(super) asked: String,
    /// Whether it may change references.
    pub(super) is_push: bool,
    /// The ARN of who asks.
    pub(super) caller: String,
}

type Chunk = Result<Bytes, std::io::Error>;

/// Runs git for a request. A push goes on to its end when its client is gone.
///
/// # Errors
///
/// If git cannot be started or does not answer.
pub(super) async fn run(
    services: &Arc<Services>,
    request: GitRequest,
    parts: &Parts,
    body: Body,
) -> Result<Response<Body>, AwsError> {
    let mut command = git::command();
    for (name, value) in SETTINGS {
        command.args(["-c", &format!("{name}={value}")]);
    }
    let header = |name: &HeaderName| {
        let value = parts
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    command
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", &services.repositories)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env(
            "PATH_INFO",
            format!("/{}.git/{}", request.name, request.asked),
        )
        .env("QUERY_STRING", parts.uri.query().unwrap_or_default())
        .env("REQUEST_METHOD", parts.method.as_str())
        .env("REMOTE_USER", &request.caller)
        .env("REMOTE_ADDR", "127.0.0.1")
        .env("CONTENT_TYPE", header(&CONTENT_TYPE))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    for (variable, name) in [
        ("CONTENT_LENGTH", CONTENT_LENGTH),
        ("HTTP_CONTENT_ENCODING", CONTENT_ENCODING),
        ("GIT_PROTOCOL", HeaderName::from_static("git-protocol")),
    ] {
        let value = header(&name);
        if !value.is_empty() {
            command.env(variable, value);
        }
    }
    let child = command.spawn().map_err(git::no_git)?;
    let (head, answered) = oneshot::channel();
    let (chunks, mut received) = mpsc::channel::<Chunk>(4);
    let services = Arc::clone(services);
    tokio::spawn(async move {
        let stop = services.stop.clone();
        let carried = carry(&services, &request, child, body, head, chunks);
        if stop.run_until_cancelled(carried).await.is_none() {
            tracing::info!(request.name, "a request of git was cut off");
        }
    });
    let (status, headers) = answered.await.map_err(|_| silent())??;
    let stream = futures_util::stream::poll_fn(move |context| received.poll_recv(context));
    let mut response = Response::new(Body::from_stream(stream));
    *response.status_mut() = status;
    for (name, value) in headers {
        response.headers_mut().insert(name, value);
    }
    let no_cache = HeaderValue::from_static("no-cache");
    response
        .headers_mut()
        .entry(CACHE_CONTROL)
        .or_insert(no_cache);
    Ok(response)
}

type Head = (StatusCode, Vec<(HeaderName, HeaderValue)>);

/// Carries the request to git and the answer back, and tells of what was pushed before the answer
/// ends.
async fn carry(
    services: &Services,
    request: &GitRequest,
    mut child: Child,
    body: Body,
    head: oneshot::Sender<Result<Head, AwsError>>,
    chunks: mpsc::Sender<Chunk>,
) {
    let (Some(stdin), Some(mut stdout)) = (child.stdin.take(), child.stdout.take()) else {
        let _ = head.send(Err(AwsError::storage("git has no input or output")));
        return;
    };
    let back = async {
        let (found, rest) = read_head(&mut stdout).await?;
        // What was pushed is told of before the client hears that it was pushed.
        let mut waiting = vec![rest];
        if request.is_push {
            stdout.read_to_end(&mut waiting[0]).await.ok()?;
        }
        Some((found, waiting.pop().unwrap_or_default()))
    };
    let (is_whole, answer) = tokio::join!(feed(stdin, body), back);
    if !is_whole {
        let _ = child.start_kill();
    }
    let told = if request.is_push {
        let _ = child.wait().await;
        reference_events::tell(services, &request.name, &request.caller).await
    } else {
        Ok(())
    };
    let _ = match (is_whole, answer, told) {
        (false, ..) => head.send(Err(too_long())),
        (_, None, _) => head.send(Err(silent())),
        (_, _, Err(error)) => head.send(Err(error)),
        (true, Some((found, rest)), Ok(())) => {
            let sent = head.send(Ok(found));
            let _ = chunks.send(Ok(rest.into())).await;
            pass_on(stdout, &chunks).await;
            sent
        }
    };
    let _ = child.wait().await;
}

/// Gives git the request's body; whether it was not too long.
async fn feed(mut stdin: ChildStdin, body: Body) -> bool {
    let mut stream = body.into_data_stream();
    let mut fed = 0_u64;
    while let Some(Ok(chunk)) = stream.next().await {
        fed += chunk.len() as u64;
        if fed > LONGEST {
            return false;
        }
        if stdin.write_all(&chunk).await.is_err() {
            // git has seen enough.
            return true;
        }
    }
    let _ = stdin.shutdown().await;
    true
}

async fn pass_on(mut stdout: ChildStdout, chunks: &mpsc::Sender<Chunk>) {
    loop {
        let mut chunk = Vec::with_capacity(CHUNK);
        match stdout.read_buf(&mut chunk).await {
            Ok(0) => return,
            Ok(_) if chunks.send(Ok(chunk.into())).await.is_err() => return,
            Ok(_) => {}
            Err(error) => {
                let _ = chunks.send(Err(error)).await;
                return;
            }
        }
    }
}

/// The head of a CGI answer, and what was read beyond it.
async fn read_head(stdout: &mut ChildStdout) -> Option<(Head, Vec<u8>)> {
    let mut read = Vec::new();
    loop {
        if let Some(end) = read.windows(4).position(|end| end == b"\r\n\r\n") {
            let rest = read.split_off(end + 4);
            return Some((parse_head(&String::from_utf8_lossy(&read)), rest));
        }
        if read.len() > HEAD || stdout.read_buf(&mut read).await.ok()? == 0 {
            return None;
        }
    }
}

fn parse_head(text: &str) -> Head {
    let mut status = StatusCode::OK;
    let mut headers = Vec::new();
    for (name, value) in text.lines().filter_map(|line| line.split_once(": ")) {
        if name.eq_ignore_ascii_case("status") {
            let code = value.split(' ').next().and_then(|code| code.parse().ok());
            status = code.unwrap_or(StatusCode::OK);
        } else if let (Ok(name), Ok(value)) = (name.parse(), HeaderValue::from_str(value)) {
            headers.push((name, value));
        }
    }
    // No answer of the local AWS is a server error: clients repeat those.
    if status.is_server_error() {
        status = StatusCode::BAD_REQUEST;
    }
    (status, headers)
}

fn silent() -> AwsError {
    AwsError::new(
        "LocalGitException",
        "`git http-backend` gave no answer: git may be installed without it, or the local AWS is \
         stopping. Install the whole of git, then try again.",
    )
}

fn too_long() -> AwsError {
    AwsError::new(
        "RequestEntityTooLargeException",
        "The push is longer than 2 GiB. Push fewer commits at once.",
    )
    .with_status(StatusCode::PAYLOAD_TOO_LARGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_has_a_status_and_headers() {
        let (status, headers) = parse_head("Status: 404 Not Found\r\nExpires: 0\r\n\r\n");
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert_eq!(headers[0].0, "expires");
        let (status, _) = parse_head("Content-Type: text/plain\r\n\r\n");
        assert_eq!(status, StatusCode::OK);
        let (status, _) = parse_head("Status: 500 Internal Server Error\r\n\r\n");
        assert_eq!(status, StatusCode::BAD_REQUEST);
    }
}
