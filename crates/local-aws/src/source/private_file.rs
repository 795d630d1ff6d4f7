//! A file that only its owner can read.

use std::fs::File;
use std::io;
use std::path::Path;

/// Makes a new file for an archive of somebody's source.
pub(super) fn create(path: &Path) -> io::Result<File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
