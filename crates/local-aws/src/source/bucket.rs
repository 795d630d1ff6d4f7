//! Source that is an object or a prefix of a bucket, and a buildspec that is an object.

use std::fs::File;
use std::io;
use std::io::BufWriter;
use std::io::Read;
use std::path::Component;
use std::path::Path;

use build_engine::PhaseContext;
use jiff::civil;
use jiff::tz::TimeZone;
use tar::Builder;
use tar::EntryType;
use tar::Header;
use zip::ZipArchive;

use super::client_error;
use super::private_file;
use crate::error::AwsError;
use crate::s3::Buckets;
use crate::s3::StoredObject;

/// The longest buildspec that is read from a bucket.
const LONGEST_BUILDSPEC: u64 = 4 * 1024 * 1024;

/// Modes of files and directories that have none of their own.
const FILE: u32 = 0o644;
const DIRECTORY: u32 = 0o755;

/// Writes the source at `location` (`bucket/key.zip`, or `bucket/prefix/`) to `archive`.
pub(super) async fn fetch(
    buckets: &Buckets,
    location: &str,
    which: &str,
    version: Option<&str>,
    archive: &Path,
) -> Result<(), PhaseContext> {
    let failed = |error: &AwsError| {
        client_error(format!(
            "{} for {which} and source version {}",
            shown(error),
            version.unwrap_or_default()
        ))
    };
    let location = location.strip_prefix("arn:aws:s3:::").unwrap_or(location);
    let (bucket, key) = location.split_once('/').unwrap_or((location, ""));
    let mut objects = Vec::new();
    if key.is_empty() || key.ends_with('/') {
        for listed in buckets.list(bucket, key).map_err(|error| failed(&error))? {
            let name = listed.key.get(key.len()..).unwrap_or_default().to_owned();
            let object = buckets.get(bucket, &listed.key);
            if let Some(object) = object.map_err(|error| failed(&error))? {
                objects.push((name, object));
            }
        }
        if objects.is_empty() {
            return Err(failed(&no_such_key()));
        }
    } else {
        let object = buckets.get(bucket, key).map_err(|error| failed(&error))?;
        let object = object.ok_or_else(|| failed(&no_such_key()))?;
        objects.push((String::new(), object));
    }
    let target = archive.to_owned();
    let written = tokio::task::spawn_blocking(move || {
        let written = match objects.as_slice() {
            [(name, object)] if name.is_empty() => unzip(object, &target),
            objects => collect(objects, &target),
        };
        written.inspect_err(|_| drop(std::fs::remove_file(&target)))
    });
    let written = written
        .await
        .unwrap_or_else(|error| Err(io::Error::other(error)));
    written.map_err(|error| {
        client_error(format!(
            "The source {location} cannot be unpacked: {error}. It must be a ZIP archive, or a \
             prefix that ends in a slash"
        ))
    })
}

/// The text of a buildspec that is named by its ARN.
pub(super) async fn buildspec(buckets: &Buckets, arn: &str) -> Result<String, PhaseContext> {
    let failed = |error: &AwsError| client_error(format!("{} for {arn}", shown(error)));
    let location = arn.strip_prefix("arn:aws:s3:::").unwrap_or_default();
    let (bucket, key) = location.split_once('/').unwrap_or((location, ""));
    let object = buckets.get(bucket, key).map_err(|error| failed(&error))?;
    let object = object.ok_or_else(|| failed(&no_such_key()))?;
    if object.size > LONGEST_BUILDSPEC {
        return Err(client_error(format!(
            "The buildspec {arn} is longer than {LONGEST_BUILDSPEC} bytes"
        )));
    }
    let text = tokio::fs::read_to_string(&object.path).await;
    text.map_err(|error| client_error(format!("The buildspec {arn} cannot be read: {error}")))
}

fn no_such_key() -> AwsError {
    AwsError::new("NoSuchKey", "The specified key does not exist.")
        .with_status(http::StatusCode::NOT_FOUND)
}

/// S3's error as CodeBuild passes it on.
fn shown(error: &AwsError) -> String {
    format!(
        "{}: {} status code: {}",
        error.code,
        error.message.as_deref().unwrap_or_default(),
        error.status.as_u16()
    )
}

/// A ZIP archive as a tar archive.
fn unzip(object: &StoredObject, target: &Path) -> io::Result<()> {
    let mut zip = ZipArchive::new(File::open(&object.path)?)?;
    let mut tar = Builder::new(BufWriter::new(private_file::create(target)?));
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index)?;
        let name = entry.enclosed_name().ok_or_else(|| {
            io::Error::other(format!("entry {index} lies outside of the archive"))
        })?;
        if name.as_os_str().is_empty() {
            continue;
        }
        let changed = entry.last_modified().and_then(seconds);
        let changed = changed.unwrap_or(object.last_modified);
        let mode = entry.unix_mode().map(|mode| mode & 0o7777);
        if entry.is_dir() {
            let mut header = header(EntryType::Directory, 0, mode.unwrap_or(DIRECTORY), changed);
            tar.append_data(&mut header, name, io::empty())?;
        } else if entry.is_symlink() {
            let mut link = String::new();
            entry.read_to_string(&mut link)?;
            let mut header = header(EntryType::Symlink, 0, 0o777, changed);
            tar.append_link(&mut header, name, link)?;
        } else {
            let size = entry.size();
            let mut header = header(EntryType::Regular, size, mode.unwrap_or(FILE), changed);
            tar.append_data(&mut header, name, exactly(entry, size))?;
        }
    }
    finish(tar)
}

/// Objects with their names as a tar archive.
fn collect(objects: &[(String, StoredObject)], target: &Path) -> io::Result<()> {
    let mut tar = Builder::new(BufWriter::new(private_file::create(target)?));
    for (name, object) in objects {
        let path = Path::new(name);
        let plain = |part: Component<'_>| matches!(part, Component::Normal(_));
        // Keys that end in a slash stand for directories; others may name none.
        if name.is_empty() || name.ends_with('/') || !path.components().all(plain) {
            continue;
        }
        let mut header = header(EntryType::Regular, object.size, FILE, object.last_modified);
        let file = File::open(&object.path)?;
        tar.append_data(&mut header, path, exactly(file, object.size))?;
    }
    finish(tar)
}

/// The length in a header must be true whatever happens to the file.
fn exactly(from: impl Read, length: u64) -> impl Read {
    from.chain(io::repeat(0)).take(length)
}

fn finish(tar: Builder<BufWriter<File>>) -> io::Result<()> {
    let buffer = tar.into_inner()?;
    buffer.into_inner().map_err(|error| error.into_error())?;
    Ok(())
}

fn header(kind: EntryType, size: u64, mode: u32, changed: i64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(mode);
    header.set_mtime(u64::try_from(changed).unwrap_or(0));
    header.set_uid(0);
    header.set_gid(0);
    header
}

/// Seconds since 1970; ZIP archives have no time zone.
fn seconds(time: zip::DateTime) -> Option<i64> {
    let part = |part: u8| i8::try_from(part).ok();
    let date = civil::DateTime::new(
        i16::try_from(time.year()).ok()?,
        part(time.month())?,
        part(time.day())?,
        part(time.hour())?,
        part(time.minute())?,
        part(time.second())?,
        0,
    );
    let zoned = date.ok()?.to_zoned(TimeZone::UTC).ok()?;
    Some(zoned.timestamp().as_second())
}
