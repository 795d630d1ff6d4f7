//! The web server.

use std::net::Ipv4Addr;

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use tokio::net::TcpListener;

/// The greeting page.
const PAGE: &str = "<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<title>Hello, World!</title>
<h1>Hello, World!</h1>
<p>This page comes from a container image that a Docker Engine inside a container built.</p>
</html>
";

/// Serves until the process gets SIGTERM or SIGINT, then finishes the requests under way.
pub(crate) async fn serve(port: u16) -> Result<(), String> {
    // Before anyone is told that the app listens: a signal that comes sooner would kill it.
    let stop = stop_signal().map_err(|error| format!("cannot listen for signals: {error}"))?;
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port))
        .await
        .map_err(|error| {
            format!("cannot listen on port {port}: {error}. Is it taken? PORT names another one.")
        })?;
    let address = listener
        .local_addr()
        .map_err(|error| format!("cannot tell the address: {error}"))?;
    crate::say(&format!("listening on http://{address}"))?;
    axum::serve(listener, router())
        .with_graceful_shutdown(stop)
        .await
        .map_err(|error| format!("the server stopped: {error}"))?;
    crate::say("stopped")
}

fn router() -> Router {
    Router::new()
        .route("/", get(|| async { Html(PAGE) }))
        .route("/healthz", get(|| async { "ok\n" }))
}

/// Listens for SIGTERM, which `docker stop` sends, and Ctrl-C from now on; resolves when one comes.
///
/// As process 1 of a container the app gets no default signal actions from the kernel: without a
/// handler `docker stop` would wait ten seconds and then kill it.
#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::SignalKind;
    use tokio::signal::unix::signal;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Resolves on Ctrl-C.
#[cfg(not(unix))]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        // An error leaves the app without an orderly end.
        let _ = tokio::signal::ctrl_c().await;
    })
}
