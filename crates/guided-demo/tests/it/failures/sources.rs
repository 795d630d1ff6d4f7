//! Sources on a Git server that does not give them: a small one on the loopback.

use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::net::TcpStream;

use super::run::Aws;
use super::run::Failing;
use crate::serving::has;
use crate::serving::has_docker;

/// Starts the server: it wants a login for `/private/…` and has nothing else. Gives its address.
async fn git_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream));
        }
    });
    address
}

async fn answer(mut stream: TcpStream) {
    let mut head = Vec::new();
    let mut buffer = [0; 1024];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut buffer).await {
            Ok(count @ 1..) => head.extend_from_slice(&buffer[..count]),
            _ => return,
        }
    }
    let status = match head.starts_with(b"GET /private/") {
        true => "401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"git\"",
        false => "404 Not Found",
    };
    let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let _ = stream.write_all(answer.as_bytes()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_that_a_git_server_does_not_give_are_explained() {
    let git = has("git", std::process::Command::new("git").arg("--version"));
    if !has_docker() || !git {
        return;
    }
    let server = git_server().await;
    // Nothing listens there any more.
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().to_string()
    };
    let source = |cause, shows, location: String| {
        Failing::buildspec(cause, shows, "").with(&[
            "--source-type-override",
            "GITHUB_ENTERPRISE",
            "--source-location-override",
            &location,
            "--buildspec-override",
            "buildspec.yml",
        ])
    };
    let aws = Aws::start(None).await;
    let builds = vec![
        source(
            "source-not-found",
            "repository not found",
            format!("http://{server}/owner/absent.git"),
        ),
        source(
            "source-access-denied",
            "authentication required",
            format!("http://{server}/private/repo.git"),
        ),
        source(
            "source-out-of-reach",
            "",
            format!("http://{closed}/owner/repo.git"),
        ),
    ];
    aws.explains(builds, 3).await;
}
