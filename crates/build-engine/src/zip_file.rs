//! An artifact as one ZIP file.

use std::fs::File;
use std::io;
use std::io::BufWriter;
use std::io::Read;
use std::io::Write;
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use md5::Digest;
use zip::CompressionMethod;
use zip::DateTime;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::collect::Content;
use crate::collect::Entry;
use crate::collect::Tree;

/// From this size on a file needs ZIP64. In bytes.
const LARGE: u64 = 0xffff_ffff;

/// One member of a ZIP file: its name there and what it holds.
pub(crate) struct Member<'a> {
    pub(crate) path: String,
    pub(crate) entry: &'a Entry,
}

/// Writes a ZIP file.
pub(crate) fn write(tree: &Tree, members: &[Member<'_>], path: &Path) -> io::Result<()> {
    let mut zip = ZipWriter::new(BufWriter::new(File::create(path)?));
    for member in members {
        let mut options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .unix_permissions(member.entry.mode);
        if let Some(modified) = date_time(member.entry.modified) {
            options = options.last_modified_time(modified);
        }
        match &member.entry.content {
            Content::Symlink(target) => {
                zip.add_symlink(member.path.as_str(), target.as_str(), options)?;
            }
            content @ Content::File { size, .. } => {
                zip.start_file(member.path.as_str(), options.large_file(*size >= LARGE))?;
                io::copy(&mut tree.open(content)?, &mut zip)?;
            }
            Content::Directory => {}
        }
    }
    zip.finish()?.flush()
}

/// The SHA-256 and MD5 sums of a file, in hexadecimal.
pub(crate) fn sums(path: &Path) -> io::Result<(String, String)> {
    let mut file = File::open(path)?;
    let (mut sha256, mut md5) = (sha2::Sha256::new(), md5::Md5::new());
    let mut buffer = vec![0; 128 * 1024];
    loop {
        let count = file.read(&mut buffer)?;
        let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else {
            break;
        };
        sha256.update(bytes);
        md5.update(bytes);
    }
    Ok((
        hexadecimal(&sha256.finalize()),
        hexadecimal(&md5.finalize()),
    ))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A ZIP file knows times from 1980 on, to two seconds.
fn date_time(seconds: u64) -> Option<DateTime> {
    let timestamp = Timestamp::from_second(i64::try_from(seconds).ok()?).ok()?;
    let time = timestamp.to_zoned(TimeZone::UTC);
    DateTime::from_date_and_time(
        u16::try_from(time.year()).ok()?,
        u8::try_from(time.month()).ok()?,
        u8::try_from(time.day()).ok()?,
        u8::try_from(time.hour()).ok()?,
        u8::try_from(time.minute()).ok()?,
        u8::try_from(time.second()).ok()?,
    )
    .ok()
}
