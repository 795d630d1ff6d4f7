//! Blobs on their way in: they are hashed while they pass and are never kept in memory.
//!
//! An upload lives as long as the server; what it has written goes away with it.

use std::collections::HashMap;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::Instant;

use axum::body::Body;
use bytes::Bytes;
use http_body_util::BodyExt;
use sha2::Digest as _;
use sha2::Sha256;
use tempfile::NamedTempFile;
use tokio::sync::mpsc;

use super::errors;
use crate::error::AwsError;

/// The longest blob: ECR's quota for a layer was 10 GiB for long.
pub(super) const LONGEST: u64 = 10 * 1024 * 1024 * 1024;

/// How many uploads may be open; the one that was idle longest goes for a new one.
const OPEN: usize = 256;

/// An upload that nobody went on with for so long is given up.
const IDLE: Duration = Duration::from_secs(60 * 60);

/// How many chunks may wait to be written.
const WAITING: usize = 16;

/// What must stay free on the disk: the database needs room to note what happened.
const HEADROOM: u64 = 64 * 1024 * 1024;

/// How many bytes are written between two looks at the free space.
const LOOK: u64 = 8 * 1024 * 1024;

/// The open uploads, cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Uploads {
    directory: Arc<Path>,
    open: Arc<Mutex<HashMap<String, Open>>>,
}

#[derive(Debug)]
struct Open {
    repository: String,
    used: Instant,
    /// Empty once it is complete.
    upload: Arc<tokio::sync::Mutex<Option<Upload>>>,
}

/// A blob as far as it is here.
#[derive(Debug)]
pub(super) struct Upload {
    pub(super) file: NamedTempFile,
    pub(super) size: u64,
    sha256: Sha256,
}

impl Uploads {
    pub(super) fn new(directory: PathBuf) -> Self {
        Self {
            directory: directory.into(),
            open: Arc::default(),
        }
    }

    /// Opens an upload; its id.
    pub(super) fn start(&self, repository: &str) -> Result<String, AwsError> {
        let upload = Upload {
            file: tempfile::Builder::new()
                .tempfile_in(&self.directory)
                .map_err(AwsError::storage)?,
            size: 0,
            sha256: Sha256::new(),
        };
        let id = uuid::Uuid::new_v4().to_string();
        let mut open = self.open();
        open.retain(|_, upload| upload.used.elapsed() < IDLE);
        if open.len() >= OPEN {
            let oldest = open.iter().min_by_key(|(_, upload)| upload.used);
            if let Some(oldest) = oldest.map(|(id, _)| id.clone()) {
                open.remove(&oldest);
            }
        }
        open.insert(
            id.clone(),
            Open {
                repository: repository.to_owned(),
                used: Instant::now(),
                upload: Arc::new(tokio::sync::Mutex::new(Some(upload))),
            },
        );
        Ok(id)
    }

    /// How many bytes of an upload are here.
    pub(super) async fn size(&self, repository: &str, id: &str) -> Result<u64, AwsError> {
        let upload = self.find(repository, id)?;
        let upload = upload.lock().await;
        let upload = upload.as_ref().ok_or_else(|| errors::no_such_upload(id))?;
        Ok(upload.size)
    }

    /// Adds a body. What came before it was cut off stays; `at`, where it is to begin, must be the end.
    ///
    /// # Errors
    ///
    /// `InvalidLayerPartException` if `at` is not where the upload ends, and what the disk says.
    pub(super) async fn append(
        &self,
        repository: &str,
        id: &str,
        at: Option<u64>,
        body: Body,
    ) -> Result<u64, AwsError> {
        let mut upload = self.find(repository, id)?.lock_owned().await;
        let size = upload
            .as_ref()
            .ok_or_else(|| errors::no_such_upload(id))?
            .size;
        if at.is_some_and(|at| at != size) {
            return Err(AwsError::new(
                "InvalidLayerPartException",
                format!("The part does not begin where the upload ends, at byte {size}."),
            ));
        }
        let (chunks, mut waiting) = mpsc::channel::<Bytes>(WAITING);
        let directory = Arc::clone(&self.directory);
        let writer = tokio::task::spawn_blocking(move || {
            let Some(upload) = upload.as_mut() else {
                return Ok::<_, AwsError>(0);
            };
            let mut looked = None;
            while let Some(chunk) = waiting.blocking_recv() {
                if looked.is_none_or(|at| upload.size - at >= LOOK) {
                    check_space(&directory)?;
                    looked = Some(upload.size);
                }
                upload.write(&chunk)?;
            }
            Ok(upload.size)
        });
        let mut body = body;
        let mut cut_off = false;
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else {
                cut_off = true;
                break;
            };
            if let Ok(data) = frame.into_data()
                && chunks.send(data).await.is_err()
            {
                // The writer says why.
                break;
            }
        }
        drop(chunks);
        let size = writer.await.map_err(AwsError::storage)??;
        if cut_off {
            return Err(AwsError::new(
                "InvalidLayerPartException",
                "The request's body was cut off. Send the rest, or start again.",
            ));
        }
        Ok(size)
    }

    /// Takes an upload that is complete: its bytes, and the digest that they have.
    ///
    /// # Errors
    ///
    /// `UploadNotFoundException`.
    pub(super) async fn finish(
        &self,
        repository: &str,
        id: &str,
    ) -> Result<(Upload, String), AwsError> {
        let found = self.find(repository, id)?;
        let upload = found.lock().await.take();
        self.open().remove(id);
        let upload = upload.ok_or_else(|| errors::no_such_upload(id))?;
        let digest = digest_of(upload.sha256.clone());
        Ok((upload, digest))
    }

    /// Gives up an upload.
    pub(super) fn cancel(&self, repository: &str, id: &str) -> Result<(), AwsError> {
        self.find(repository, id)?;
        self.open().remove(id);
        Ok(())
    }

    fn find(
        &self,
        repository: &str,
        id: &str,
    ) -> Result<Arc<tokio::sync::Mutex<Option<Upload>>>, AwsError> {
        let mut open = self.open();
        let found = open
            .get_mut(id)
            .filter(|upload| upload.repository == repository)
            .ok_or_else(|| errors::no_such_upload(id))?;
        found.used = Instant::now();
        Ok(Arc::clone(&found.upload))
    }

    fn open(&self) -> MutexGuard<'_, HashMap<String, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Upload {
    fn write(&mut self, bytes: &[u8]) -> Result<(), AwsError> {
        if self.size + bytes.len() as u64 > LONGEST {
            return Err(AwsError::new(
                "LimitExceededException",
                "The layer is longer than 10 GiB, which is the most that is taken.",
            ));
        }
        self.file
            .as_file_mut()
            .write_all(bytes)
            .map_err(AwsError::storage)?;
        self.sha256.update(bytes);
        self.size += bytes.len() as u64;
        Ok(())
    }
}

fn check_space(directory: &Path) -> Result<(), AwsError> {
    let free = fs4::available_space(directory).map_err(AwsError::storage)?;
    if free < HEADROOM {
        let full = io::Error::new(io::ErrorKind::StorageFull, "less than 64 MiB are free");
        return Err(AwsError::storage(full));
    }
    Ok(())
}

/// The digest of a text.
pub(super) fn digest(text: &[u8]) -> String {
    digest_of(Sha256::new_with_prefix(text))
}

fn digest_of(hash: Sha256) -> String {
    use std::fmt::Write as _;
    let mut digest = "sha256:".to_owned();
    for byte in hash.finalize() {
        // Writing to a string does not fail.
        let _ = write!(digest, "{byte:02x}");
    }
    digest
}
