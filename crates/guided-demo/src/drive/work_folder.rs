//! The folder that a walk works in: a copy of the demo's files, and what commands write there.

use std::io;
use std::path::Path;
use std::path::PathBuf;

use crate::command_error::CommandError;
use crate::script::is_plain_file_name;

/// How many files a demo may have. A script that lies in somebody's home is not a demo's folder.
const MOST_FILES: usize = 500;

/// How large they may be together, in bytes.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// The folder of one walk.
#[derive(Clone, Debug)]
pub(crate) struct WorkFolder {
    path: PathBuf,
}

impl WorkFolder {
    /// Makes the folder at `path` out of the files in `demo`. `fresh`: what lies there goes first;
    /// else only what is missing is copied, so that a walk goes on with what it has. `except` is
    /// never copied: the state directory may lie in the demo's folder.
    ///
    /// # Errors
    ///
    /// If the file system refuses, or the demo's folder holds too much.
    pub(crate) fn prepare(
        path: PathBuf,
        demo: &Path,
        except: &Path,
        fresh: bool,
    ) -> Result<Self, CommandError> {
        if fresh {
            remove(&path)?;
        }
        let failed = |error: io::Error| cannot("prepare", &path, &error);
        let mut files = Vec::new();
        let mut bytes = 0;
        collect(demo, except, &mut files, &mut bytes).map_err(failed)?;
        if files.len() > MOST_FILES || bytes > MOST_BYTES {
            return Err(CommandError::prerequisite(format!(
                "{} holds too much to be copied into the walk's work folder",
                demo.display()
            ))
            .hinted("Put the demo into a folder of its own, with nothing but its files."));
        }
        std::fs::create_dir_all(&path).map_err(failed)?;
        for file in files {
            let to = path.join(file.strip_prefix(demo).unwrap_or(&file));
            if to.exists() {
                continue;
            }
            let folder = to.parent().unwrap_or(&path);
            std::fs::create_dir_all(folder)
                .and_then(|()| std::fs::copy(&file, &to))
                .map_err(failed)?;
        }
        Ok(Self { path })
    }

    /// Where `file://` paths begin.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes what a command printed; says what there is now.
    ///
    /// # Errors
    ///
    /// If the name leads out of the folder, or the file cannot be written.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<String, CommandError> {
        if !is_plain_file_name(name) {
            return Err(CommandError::usage(format!(
                "`{name}` is not the name of a file in the work folder"
            ))
            .hinted("Write into a file such as project.json."));
        }
        let file = self.path.join(name);
        std::fs::create_dir_all(&self.path)
            .and_then(|()| std::fs::write(&file, text))
            .map_err(|error| cannot("write", &file, &error))?;
        Ok(format!(
            "Saved in {}, {}.",
            file.display(),
            size(text.len())
        ))
    }
}

/// Removes a work folder; it is fine if there is none.
///
/// # Errors
///
/// If the file system refuses.
pub(crate) fn remove(path: &Path) -> Result<(), CommandError> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(cannot("remove", path, &error))
        }
        _ => Ok(()),
    }
}

fn cannot(action: &str, path: &Path, error: &io::Error) -> CommandError {
    CommandError::prerequisite(format!("cannot {action} {}: {error}", path.display()))
        .hinted("Check the directory's rights, or name another one with --state-dir.")
}

/// The files of a demo that its commands may read: not the script, no recordings, nothing hidden.
fn collect(
    folder: &Path,
    except: &Path,
    files: &mut Vec<PathBuf>,
    bytes: &mut u64,
) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if name.starts_with('.') || path == except || files.len() > MOST_FILES {
            continue;
        }
        let kind = entry.file_type()?;
        if kind.is_dir() {
            collect(&path, except, files, bytes)?;
        } else if kind.is_file()
            && name != "demo.md"
            && name != "recording.json"
            && !name.ends_with(".cast")
        {
            *bytes += entry.metadata()?.len();
            files.push(path);
        }
    }
    Ok(())
}

fn size(bytes: usize) -> String {
    match bytes {
        0..1000 => format!("{bytes} bytes"),
        1000..1_000_000 => format!("{}.{} kB", bytes / 1000, bytes % 1000 / 100),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::WorkFolder;
    use super::size;

    #[test]
    fn a_demos_files_are_copied_once_and_what_was_written_stays() {
        let demo = tempfile::tempdir().unwrap();
        let state = demo.path().join("state");
        let path = state.join("work").join("demo");
        for name in ["demo.md", "project.json", "walk.cast", ".hidden"] {
            std::fs::write(demo.path().join(name), name).unwrap();
        }
        std::fs::create_dir(demo.path().join("app")).unwrap();
        std::fs::write(demo.path().join("app").join("main.txt"), "x").unwrap();
        let prepare = |fresh| WorkFolder::prepare(path.clone(), demo.path(), &state, fresh);
        let work = prepare(true).unwrap();
        let said = work.write("record.json", &"x".repeat(1234)).unwrap();
        assert!(said.ends_with("record.json, 1.2 kB."), "{said}");
        std::fs::write(path.join("project.json"), "mine").unwrap();
        let names = || {
            let mut names: Vec<_> = std::fs::read_dir(&path)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            names
        };
        prepare(false).unwrap();
        assert_eq!(names(), ["app", "project.json", "record.json"]);
        let text = || std::fs::read_to_string(path.join("project.json")).unwrap();
        assert_eq!(text(), "mine");
        prepare(true).unwrap();
        assert_eq!(names(), ["app", "project.json"]);
        assert_eq!(text(), "project.json");
    }

    #[test]
    fn nothing_is_written_outside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("work");
        let work = WorkFolder::prepare(path, folder.path(), folder.path(), true).unwrap();
        for name in ["../x", "/tmp/x", "", "."] {
            assert!(work.write(name, "x").is_err(), "{name}");
        }
    }

    #[test]
    fn sizes_are_rounded_down() {
        assert_eq!(
            [size(999), size(1999), size(2_500_000)],
            ["999 bytes", "1.9 kB", "2.5 MB"]
        );
    }
}
