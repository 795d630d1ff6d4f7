//! Where the demos are.

use std::path::Path;
use std::path::PathBuf;

use crate::command_error::CommandError;
use crate::script::Script;
use crate::script::did_you_mean;

/// The demo that runs when none is named.
pub(crate) const DEFAULT_DEMO: &str = "docker-in-docker";

/// The repository that holds the demos.
#[derive(Clone, Debug)]
pub(crate) struct Repository {
    root: PathBuf,
}

impl Repository {
    /// The nearest directory above the current one that holds `demos/`; else the one that this
    /// binary was compiled in.
    ///
    /// # Errors
    ///
    /// If neither is there.
    pub(crate) fn find() -> Result<Self, CommandError> {
        let here = std::env::current_dir().unwrap_or_default();
        let compiled = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let root = here
            .ancestors()
            .chain(std::iter::once(compiled.as_path()))
            .find(|directory| {
                directory
                    .join("demos")
                    .join(DEFAULT_DEMO)
                    .join("demo.md")
                    .is_file()
            })
            .ok_or_else(|| {
                CommandError::prerequisite(
                    "the demos are not here: no directory above this one holds demos/",
                )
                .hinted("Run guided-demo inside of a clone of its repository.")
            })?;
        let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
        Ok(Self { root })
    }

    /// The working tree.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// All demos that can be read, in the order in which to walk them.
    pub(crate) fn scripts(&self) -> Vec<Script> {
        let mut scripts: Vec<Script> = self
            .demos()
            .iter()
            .filter_map(|demo| Script::load(&self.script(demo).ok()?).ok())
            .collect();
        scripts.sort_by_key(|script| (script.order.unwrap_or(u32::MAX), script.id.clone()));
        scripts
    }

    /// The names of all demos.
    pub(crate) fn demos(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.root.join("demos")) else {
            return Vec::new();
        };
        let mut names: Vec<String> = entries
            .filter_map(Result::ok)
            .filter(|entry| entry.path().join("demo.md").is_file())
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// The script of a demo: a name of [`Repository::demos`], or a path to a script.
    ///
    /// # Errors
    ///
    /// If there is no such demo.
    pub(crate) fn script(&self, demo: &str) -> Result<PathBuf, CommandError> {
        let named = self.root.join("demos").join(demo).join("demo.md");
        if !demo.contains(['/', '\\']) && named.is_file() {
            return Ok(named);
        }
        let path = Path::new(demo);
        if path.is_file() {
            return Ok(path.to_owned());
        }
        if path.join("demo.md").is_file() {
            return Ok(path.join("demo.md"));
        }
        let demos = self.demos();
        let error = CommandError::usage(format!("there is no demo `{demo}`"));
        Err(match did_you_mean(demo, demos.iter().map(String::as_str)) {
            Some(meant) => error.hinted(format!("Did you mean `{meant}`?")),
            None => error.hinted("`guided-demo list` shows the demos that are there."),
        })
    }

    /// The recording of a demo's walk.
    pub(crate) fn recording(&self, script: &Path) -> PathBuf {
        script.with_file_name("recording.json")
    }
}
