//! Bytes on their way into a file. They are hashed while they pass and never kept in memory.

use std::fs::File;
use std::io;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use bytes::Bytes;
use futures_util::StreamExt;
use md5::Digest as _;
use md5::Md5;
use s3s::dto::StreamingBlob;
use tempfile::NamedTempFile;
use tokio::sync::mpsc;

use super::checksum::Algorithm;
use super::checksum::Hasher;
use super::errors;
use crate::error::AwsError;

/// How many chunks may wait to be written.
const WAITING: usize = 16;

/// How much of a file is read at once.
const CHUNK: usize = 256 * 1024;

/// Whole bytes in a file that goes away unless it is kept.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) file: NamedTempFile,
    pub(super) size: u64,
    pub(super) md5: [u8; 16],
    /// In Base64.
    pub(super) checksum: String,
}

impl Received {
    /// The MD5 in hexadecimal digits, as ETags have it.
    pub(super) fn etag(&self) -> String {
        hex(&self.md5)
    }
}

/// Writes and hashes.
#[derive(Debug)]
pub(super) struct Incoming {
    file: NamedTempFile,
    size: u64,
    md5: Md5,
    checksum: Hasher,
}

impl Incoming {
    /// A new file in `directory`.
    pub(super) fn new(directory: &Path, algorithm: Algorithm) -> io::Result<Self> {
        Ok(Self {
            file: tempfile::Builder::new().tempfile_in(directory)?,
            size: 0,
            md5: Md5::new(),
            checksum: algorithm.hasher(),
        })
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.size += bytes.len() as u64;
        self.md5.update(bytes);
        self.checksum.update(bytes);
        Ok(())
    }

    /// Writes everything that `from` gives.
    pub(super) fn copy(&mut self, mut from: impl Read) -> io::Result<()> {
        let mut buffer = vec![0; CHUNK];
        loop {
            let length = from.read(&mut buffer)?;
            let Some(bytes) = buffer.get(..length).filter(|bytes| !bytes.is_empty()) else {
                return Ok(());
            };
            self.write(bytes)?;
        }
    }

    pub(super) fn finish(self) -> Received {
        Received {
            file: self.file,
            size: self.size,
            md5: self.md5.finalize().into(),
            checksum: self.checksum.finish(),
        }
    }
}

/// Takes a request's body.
///
/// # Errors
///
/// What S3 answers if the body ends early or is not what was signed.
pub(super) async fn body(
    directory: PathBuf,
    body: Option<StreamingBlob>,
    algorithm: Algorithm,
) -> Result<Received, AwsError> {
    let (chunks, mut waiting) = mpsc::channel::<Bytes>(WAITING);
    let writer = tokio::task::spawn_blocking(move || {
        let mut incoming = Incoming::new(&directory, algorithm)?;
        while let Some(chunk) = waiting.blocking_recv() {
            incoming.write(&chunk)?;
        }
        io::Result::Ok(incoming.finish())
    });
    if let Some(mut body) = body {
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(|error| cut_off(&error.to_string()))?;
            if chunks.send(chunk).await.is_err() {
                // The writer says why.
                break;
            }
        }
    }
    drop(chunks);
    finished(writer.await)
}

/// Takes a part of a file: `offset` and length.
pub(super) async fn file(
    directory: PathBuf,
    path: PathBuf,
    (offset, length): (u64, u64),
    algorithm: Algorithm,
) -> Result<Received, AwsError> {
    let writer = tokio::task::spawn_blocking(move || {
        let mut from = File::open(path)?;
        io::Seek::seek(&mut from, io::SeekFrom::Start(offset))?;
        let mut incoming = Incoming::new(&directory, algorithm)?;
        incoming.copy(from.take(length))?;
        Ok(incoming.finish())
    });
    finished(writer.await)
}

/// What a writing thread came back with.
pub(super) fn finished<T>(
    result: Result<io::Result<T>, tokio::task::JoinError>,
) -> Result<T, AwsError> {
    result
        .map_err(AwsError::storage)?
        .map_err(AwsError::storage)
}

/// Why a body is not whole. `s3s` names its reasons only in texts.
fn cut_off(reason: &str) -> AwsError {
    if reason.contains("Sha256Mismatch") {
        AwsError::new(
            "XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
        )
    } else if reason.contains("SignatureMismatch") {
        AwsError::new(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. Check \
             your key and signing method.",
        )
        .with_status(http::StatusCode::FORBIDDEN)
    } else {
        errors::incomplete_body()
    }
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut digits = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a string does not fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}
