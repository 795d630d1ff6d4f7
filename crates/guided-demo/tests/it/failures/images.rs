//! Build images that cannot be had or cannot run a build.

use std::io::Read;
use std::io::Write;
use std::net::TcpListener;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use super::run::Aws;
use super::run::Failing;
use crate::serving::has_docker;

/// An image on the Docker Engine of this host that is removed with this.
struct Image(String);

impl Image {
    /// An image of the files of a directory.
    fn of(directory: &Path) -> Self {
        let name = format!("guided-demo/test-{}:1", uuid::Uuid::new_v4());
        let archive = directory.with_extension("tar");
        let is_packed = Command::new("tar")
            .arg("-cf")
            .arg(&archive)
            .arg("-C")
            .arg(directory)
            .arg(".")
            .status()
            .unwrap();
        assert!(is_packed.success());
        let import = Command::new("docker")
            .arg("import")
            .args([archive.as_path(), Path::new(&name)])
            .output()
            .unwrap();
        assert!(import.status.success(), "{import:?}");
        Self(name)
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        let _ = Command::new("docker")
            .args(["rmi", "--force", &self.0])
            .output();
    }
}

/// The head of a program for AArch64, or for x86-64 on that.
fn program_of_another_machine() -> Vec<u8> {
    let machine = if cfg!(target_arch = "aarch64") {
        0x3e
    } else {
        0xb7
    };
    let mut head = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0".to_vec();
    head.extend([machine, 0, 1, 0, 0, 0]);
    head.resize(120, 0);
    head
}

/// A registry on the loopback, which engines trust, that answers every request alike.
fn registry(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || respond(&mut stream, answer));
        }
    });
    address
}

fn respond(stream: &mut TcpStream, answer: &str) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            // The engine tries TLS first, and waits long for an answer to it.
            Ok(1) if !(head.is_empty() && byte[0] == 0x16) => head.push(byte[0]),
            _ => return,
        }
    }
    let asks_version = head.starts_with(b"GET /v2/ ");
    let (status, body) = match answer.split_once('|') {
        Some((_, _)) if asks_version && answer.starts_with("404") => ("200 OK", "{}"),
        Some(answer) => answer,
        None => (answer, ""),
    };
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nWWW-Authenticate: Basic realm=\"r\"\r\nDocker-Distribution-Api-Version: registry/2.0\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn build_images_that_do_not_serve_are_explained() {
    if !has_docker() {
        return;
    }
    let without_shell = tempfile::tempdir().unwrap();
    std::fs::write(without_shell.path().join("file"), "").unwrap();
    let other = tempfile::tempdir().unwrap();
    let bin = other.path().join("bin");
    std::fs::create_dir(&bin).unwrap();
    std::fs::write(bin.join("sh"), program_of_another_machine()).unwrap();
    let is_executable = Command::new("chmod")
        .arg("755")
        .arg(bin.join("sh"))
        .status();
    assert!(is_executable.unwrap().success());
    let (without_shell, other) = (Image::of(without_shell.path()), Image::of(other.path()));
    let missing = registry(
        r#"404 Not Found|{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#,
    );
    let closed = registry(
        r#"401 Unauthorized|{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}"#,
    );
    let busy = registry(
        r#"429 Too Many Requests|{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your pull rate limit"}]}"#,
    );
    let in_image = |cause, shows, image: &str| {
        Failing::commands(cause, shows, &["true"]).with(&["--image-override", image])
    };
    let builds = vec![
        in_image("build-image-without-shell", "", &without_shell.0),
        in_image("build-image-other-architecture", "format error", &other.0),
        in_image(
            "build-image-registry-out-of-reach",
            "127.0.0.1:9",
            "127.0.0.1:9/nobody/has-this:1",
        ),
        in_image(
            "build-image-not-found",
            "manifest unknown",
            &format!("{missing}/app:9"),
        ),
        in_image("build-image-pull-limit", "", &format!("{busy}/app:1")),
        in_image("build-image-access-denied", "", &format!("{closed}/app:1")),
    ];
    Aws::start(None).await.explains(builds, 5).await;
}
