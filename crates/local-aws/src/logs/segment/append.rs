//! Appending the events of one PutLogEvents to a file.

use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Seek;
use std::io::SeekFrom;
use std::io::Write;
use std::path::Path;

use super::INDEX_EVERY;
use crate::logs::record::Run;

/// Adds an event to bytes that [`append`] writes.
pub(in crate::logs) fn encode(
    bytes: &mut Vec<u8>,
    time: i64,
    ingested: i64,
    number: u64,
    message: &str,
) {
    let length = (message.len() as u32).to_le_bytes();
    bytes.extend_from_slice(&time.to_le_bytes());
    bytes.extend_from_slice(&length);
    bytes.extend_from_slice(&ingested.to_le_bytes());
    bytes.extend_from_slice(&number.to_le_bytes());
    bytes.extend_from_slice(message.as_bytes());
    bytes.extend_from_slice(&length);
}

/// Appends encoded events, the first of which has the time `first`, and changes the lengths in
/// `run`. What is in the file beyond the run's length was never acknowledged and goes.
///
/// # Errors
///
/// `UnexpectedEof` if the file has lost its end: then nothing can be added to it.
pub(in crate::logs) fn append(
    path: &Path,
    run: &mut Run,
    first: i64,
    bytes: &[u8],
) -> io::Result<()> {
    let length = run.span.length;
    let mut file = open_at(path, length)?;
    if let Err(error) = file.write_all(bytes) {
        let _ = file.set_len(length);
        return Err(error);
    }
    let end = length + bytes.len() as u64;
    if end - run.indexed >= INDEX_EVERY {
        let mut entry = [0_u8; 16];
        entry[..8].copy_from_slice(&first.to_le_bytes());
        entry[8..].copy_from_slice(&length.to_le_bytes());
        // Without an entry, reading only takes longer.
        let index = open_at(&path.with_extension("idx"), 16 * run.entries);
        if index.and_then(|mut index| index.write_all(&entry)).is_ok() {
            run.entries += 1;
            run.indexed = end;
        }
    }
    run.span.length = end;
    Ok(())
}

/// Opens a file to write from `length` on, which is its end then.
fn open_at(path: &Path, length: u64) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let mut file = options
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)?;
    let found = file.metadata()?.len();
    if found < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    if found > length {
        file.set_len(length)?;
    }
    file.seek(SeekFrom::Start(length))?;
    Ok(file)
}
