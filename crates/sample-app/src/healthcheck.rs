//! `sample-app healthcheck`: the image's HEALTHCHECK and the buildspec's smoke test.

use std::io::Read;
use std::io::Write;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::net::TcpStream;
use std::time::Duration;

/// How long each step of the check may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Asks the server on this host for `/healthz`; fails unless the answer is 200.
pub(crate) fn ask(port: u16) -> Result<(), String> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let answer = request(address)
        .map_err(|error| format!("no answer from http://{address}/healthz: {error}"))?;
    let status = answer.split(' ').nth(1).unwrap_or("nothing");
    if status == "200" {
        Ok(())
    } else {
        Err(format!(
            "http://{address}/healthz answered {status}, not 200"
        ))
    }
}

/// HTTP/1.0, so that the server closes the connection after its answer.
fn request(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(b"GET /healthz HTTP/1.0\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(64 * 1024).read_to_string(&mut answer)?;
    Ok(answer)
}
