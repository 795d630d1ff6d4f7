//! A directory as a tar archive, as a build container is to see it.

use std::fs::File;
use std::fs::Metadata;
use std::io;
use std::io::BufWriter;
use std::io::Read;
use std::path::Path;

use ignore::WalkBuilder;
use tar::Builder;
use tar::EntryType;
use tar::Header;

/// Which files of a directory go into the archive.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Selection {
    /// Everything.
    All,
    /// What git would show: no `.git`, nothing that an ignore file names.
    WorkingTree,
}

/// Writes `directory` and the extra files (path in the archive, path on this machine) to `archive`.
/// Modes and symbolic links are kept; everything belongs to root.
pub(super) fn write(
    directory: &Path,
    selection: Selection,
    extra_files: &[(String, std::path::PathBuf)],
    archive: &Path,
) -> io::Result<()> {
    let mut tar = Builder::new(BufWriter::new(private(archive)?));
    let working_tree = selection == Selection::WorkingTree;
    let entries = WalkBuilder::new(directory)
        .standard_filters(false)
        .git_ignore(working_tree)
        .git_exclude(working_tree)
        .ignore(false)
        .require_git(false)
        .sort_by_file_name(std::cmp::Ord::cmp)
        .filter_entry(move |entry| !(working_tree && entry.file_name() == ".git"))
        .build();
    for entry in entries {
        let entry = entry.map_err(io::Error::other)?;
        let path = entry.path();
        let name = path.strip_prefix(directory).map_err(io::Error::other)?;
        if !name.as_os_str().is_empty() {
            append(&mut tar, path, name)?;
        }
    }
    for (name, path) in extra_files {
        append(&mut tar, &std::fs::canonicalize(path)?, Path::new(name))?;
    }
    tar.into_inner()?
        .into_inner()
        .map_err(|error| error.into_error())?;
    Ok(())
}

fn append(tar: &mut Builder<impl io::Write>, path: &Path, name: &Path) -> io::Result<()> {
    let metadata = path.symlink_metadata().map_err(|error| at(path, &error))?;
    if metadata.is_dir() {
        let mut header = header(&metadata, EntryType::Directory, 0);
        return tar.append_data(&mut header, name, io::empty());
    }
    if metadata.is_symlink() {
        let target = std::fs::read_link(path).map_err(|error| at(path, &error))?;
        let mut header = header(&metadata, EntryType::Symlink, 0);
        return tar.append_link(&mut header, name, target);
    }
    if !metadata.is_file() {
        // Sockets, pipes and devices are no source.
        return Ok(());
    }
    let file = File::open(path).map_err(|error| at(path, &error))?;
    let length = file.metadata()?.len();
    let mut header = header(&metadata, EntryType::Regular, length);
    // A file that changes while it is read: the length in its header stays true.
    tar.append_data(&mut header, name, file.chain(io::repeat(0)).take(length))
}

fn header(metadata: &Metadata, kind: EntryType, length: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_metadata(metadata);
    header.set_entry_type(kind);
    header.set_size(length);
    header.set_uid(0);
    header.set_gid(0);
    header
}

pub(super) fn private(path: &Path) -> io::Result<File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn at(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
