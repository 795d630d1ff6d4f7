//! The tar archive of a build's source: find a file in it, move it to where the build expects it.

use std::fs::File;
use std::io;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::path::Component;
use std::path::Path;
use std::path::PathBuf;

use tar::Archive;
use tar::Builder;
use tar::EntryType;
use tar::Header;

/// A buildspec that is larger than this is refused. In bytes.
const LARGEST_FILE: u64 = 16 * 1024 * 1024;

/// The content of a file of the archive, or `None` if there is no such file.
pub(crate) fn read_file(archive: &Path, name: &str) -> io::Result<Option<Vec<u8>>> {
    let wanted = plain_path(Path::new(name));
    let mut archive = Archive::new(BufReader::new(File::open(archive)?));
    for entry in archive.entries_with_seek()? {
        let mut entry = entry?;
        let is_file = entry.header().entry_type().is_file();
        if is_file && plain_path(&entry.path()?) == wanted {
            if entry.size() > LARGEST_FILE {
                return Err(io::Error::other(format!(
                    "{name} is larger than {LARGEST_FILE} bytes"
                )));
            }
            let mut content = Vec::new();
            entry.read_to_end(&mut content)?;
            return Ok(Some(content));
        }
    }
    Ok(None)
}

/// Writes the archive anew so that it unpacks below `directory` (relative to `/`), owned by root:
/// git refuses to work in a tree that somebody else owns.
pub(crate) fn write_below(
    directory: &Path,
    archive: &Path,
    output: &mut dyn Write,
) -> io::Result<()> {
    let mut builder = Builder::new(output);
    append_directories(&mut builder, directory)?;
    let mut archive = Archive::new(BufReader::new(File::open(archive)?));
    for entry in archive.entries()? {
        let mut entry = entry?;
        let mut header = entry.header().clone();
        let kind = header.entry_type();
        if kind == EntryType::XGlobalHeader {
            continue;
        }
        let inside = plain_path(&entry.path()?);
        if inside.as_os_str().is_empty() {
            continue;
        }
        let path = directory.join(inside);
        own_by_root(&mut header);
        match (kind, entry.link_name()?) {
            (EntryType::Symlink, Some(target)) => {
                builder.append_link(&mut header, &path, &target)?;
            }
            (EntryType::Link, Some(target)) => {
                let target = directory.join(plain_path(&target));
                builder.append_link(&mut header, &path, &target)?;
            }
            _ => builder.append_data(&mut header, &path, &mut entry)?,
        }
    }
    builder.finish()
}

/// Entries for `directory` and everything above it.
fn append_directories(builder: &mut Builder<&mut dyn Write>, directory: &Path) -> io::Result<()> {
    let mut path = PathBuf::new();
    for part in directory.components() {
        path.push(part);
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Directory);
        header.set_mode(0o755);
        header.set_size(0);
        own_by_root(&mut header);
        builder.append_data(&mut header, &path, io::empty())?;
    }
    Ok(())
}

fn own_by_root(header: &mut Header) {
    header.set_uid(0);
    header.set_gid(0);
    // A name would win over the number.
    let _ = header.set_username("root");
    let _ = header.set_groupname("root");
}

/// The path without `./`, `/` and `..`, so that nothing can leave the directory.
fn plain_path(path: &Path) -> PathBuf {
    path.components()
        .filter(|part| matches!(part, Component::Normal(_)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive_of(files: &[(&str, &str)]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut builder = Builder::new(file.reopen().unwrap());
        for (path, text) in files {
            let mut header = Header::new_gnu();
            header.set_mode(0o644);
            header.set_uid(1000);
            header.set_size(text.len() as u64);
            builder
                .append_data(&mut header, path, text.as_bytes())
                .unwrap();
        }
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Symlink);
        header.set_size(0);
        builder.append_link(&mut header, "link", "a/b.txt").unwrap();
        builder.finish().unwrap();
        file
    }

    #[test]
    fn finds_a_file_however_its_path_is_written() {
        let archive = archive_of(&[("./buildspec.yml", "version: 0.2"), ("a/b.txt", "b")]);
        let content = read_file(archive.path(), "buildspec.yml").unwrap();
        assert_eq!(content.as_deref(), Some(b"version: 0.2".as_slice()));
        assert!(read_file(archive.path(), "./a/b.txt").unwrap().is_some());
        assert!(read_file(archive.path(), "b.txt").unwrap().is_none());
    }

    #[test]
    fn a_tree_moves_below_its_directory_and_belongs_to_root() {
        let long = format!("{}/file.txt", "directory/".repeat(20));
        let archive = archive_of(&[("a/b.txt", "b"), (long.as_str(), "long")]);
        let mut moved = Vec::new();
        write_below(Path::new("codebuild/src1/src"), archive.path(), &mut moved).unwrap();
        let mut paths = Vec::new();
        for entry in Archive::new(moved.as_slice()).entries().unwrap() {
            let entry = entry.unwrap();
            assert_eq!(entry.header().uid().unwrap(), 0);
            assert_eq!(entry.header().username().unwrap(), Some("root"));
            let link = entry
                .link_name()
                .unwrap()
                .map(|link| link.display().to_string());
            paths.push((entry.path().unwrap().display().to_string(), link));
        }
        let path = |path: &str| (path.to_owned(), None);
        assert_eq!(
            paths,
            [
                path("codebuild"),
                path("codebuild/src1"),
                path("codebuild/src1/src"),
                path("codebuild/src1/src/a/b.txt"),
                path(
                    &plain_path(&Path::new("codebuild/src1/src").join(&long))
                        .display()
                        .to_string()
                ),
                (
                    "codebuild/src1/src/link".to_owned(),
                    Some("a/b.txt".to_owned())
                ),
            ]
        );
    }

    #[test]
    fn garbage_is_an_error() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), [b'x'; 2000]).unwrap();
        assert!(read_file(file.path(), "a").is_err());
        assert!(write_below(Path::new("a"), file.path(), &mut Vec::new()).is_err());
    }
}
