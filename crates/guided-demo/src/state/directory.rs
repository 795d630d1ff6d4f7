//! Where everything is kept.

use std::path::Path;
use std::path::PathBuf;

use etcetera::BaseStrategy;

use crate::command_error::CommandError;
use crate::invocation::invocation;

/// The state directory: `--state-dir`, `GUIDED_DEMO_STATE_DIR`, or `guided-demo` below the XDG state
/// directory.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct StateDirectory {
    root: PathBuf,
    /// Whether it must be named to be found again.
    named: bool,
}

/// What tells one walk's files from another's.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct WalkKey {
    /// The demo's id.
    pub(crate) demo: String,
    /// The account id; for a recording the word `recording`.
    pub(crate) account: String,
    /// The region.
    pub(crate) region: String,
}

impl StateDirectory {
    /// The directory that was asked for, or the default one. Nothing is created yet.
    ///
    /// # Errors
    ///
    /// If there is no home directory to put the default one in.
    pub(crate) fn new(asked_for: Option<PathBuf>) -> Result<Self, CommandError> {
        if let Some(root) = asked_for {
            let root = std::path::absolute(&root).unwrap_or(root);
            return Ok(Self { root, named: true });
        }
        let strategy = etcetera::base_strategy::Xdg::new().map_err(|_| {
            CommandError::prerequisite(
                "there is no home directory, so there is no place to keep progress",
            )
            .hinted("Name a directory with --state-dir or GUIDED_DEMO_STATE_DIR.")
        })?;
        let base = strategy.state_dir().unwrap_or_else(|| strategy.data_dir());
        Ok(Self {
            root: base.join("guided-demo"),
            named: false,
        })
    }

    /// The command line with these arguments, for another terminal: with this directory in it
    /// unless it is the default one.
    pub(crate) fn invocation(&self, arguments: &str) -> String {
        let root = self.root.to_string_lossy();
        match shlex::try_quote(&root) {
            Ok(root) if self.named => invocation(&format!("{arguments} --state-dir {root}")),
            _ => invocation(arguments),
        }
    }

    /// The directory itself.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where the local AWS keeps its state.
    pub(crate) fn local_aws(&self) -> PathBuf {
        self.root.join("local-aws")
    }

    /// Which account and region that is, and its last port.
    pub(crate) fn local_place(&self) -> PathBuf {
        self.root.join("local-aws.json")
    }

    /// Where the files of a profile for the AWS CLI lie.
    pub(crate) fn profile(&self, name: &str) -> PathBuf {
        self.profiles().join(name)
    }

    /// Where the profiles lie that were asked for.
    pub(crate) fn profiles(&self) -> PathBuf {
        self.root.join("profiles")
    }

    /// Where the sample app that was compiled outside of the build lies.
    pub(crate) fn prebuilt_app(&self) -> PathBuf {
        self.root.join("prebuilt").join("sample-app")
    }

    /// What was answered last for each variable.
    pub(crate) fn answers(&self) -> PathBuf {
        self.root.join("answers.json")
    }

    /// Where the walks through a demo read and write files.
    pub(crate) fn work(&self, demo: &str) -> PathBuf {
        self.root.join("work").join(safe(demo))
    }

    /// How far a walk has come.
    pub(crate) fn progress(&self, key: &WalkKey) -> PathBuf {
        self.root.join("progress").join(key.file_name())
    }

    /// What a walk has created.
    pub(crate) fn ledger(&self, key: &WalkKey) -> PathBuf {
        self.root.join("ledger").join(key.file_name())
    }

    /// The progress of the walk that this ledger belongs to.
    pub(crate) fn progress_beside(&self, ledger: &Path) -> PathBuf {
        let name = ledger.file_name().unwrap_or_default();
        self.root.join("progress").join(name)
    }

    /// What `mirror` has changed about a remote of the git repository in this directory.
    pub(crate) fn mirror(&self, repository: &Path, remote: &str) -> PathBuf {
        use sha2::Digest as _;
        let text = format!("{}\0{remote}", repository.display());
        let digest = sha2::Sha256::digest(text.as_bytes());
        let name: String = digest
            .iter()
            .take(12)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        self.root.join("mirrors").join(format!("{name}.json"))
    }

    /// What was answered to the questions of all demos.
    pub(crate) fn questions(&self) -> PathBuf {
        self.root.join("questions.json")
    }

    /// Where a walk is now.
    pub(crate) fn now(&self, key: &WalkKey) -> PathBuf {
        self.root.join("now").join(key.file_name())
    }

    /// All walks that run, and perhaps some that have been killed.
    pub(crate) fn all_now(&self) -> Vec<PathBuf> {
        json_files(&self.root.join("now"))
    }

    /// How long rehearsals took.
    pub(crate) fn rehearsals(&self) -> PathBuf {
        self.root.join("rehearsals.json")
    }

    /// The programs that a shell of the walk finds first.
    pub(crate) fn programs(&self) -> PathBuf {
        self.root.join("bin")
    }

    /// All files of progress.
    pub(crate) fn all_progress(&self) -> Vec<PathBuf> {
        json_files(&self.root.join("progress"))
    }

    /// All ledgers.
    pub(crate) fn all_ledgers(&self) -> Vec<PathBuf> {
        json_files(&self.root.join("ledger"))
    }
}

impl WalkKey {
    fn file_name(&self) -> String {
        let name = format!("{}_{}_{}", self.demo, self.account, self.region);
        format!("{}.json", safe(&name))
    }
}

/// A name that is one file's on every system.
fn safe(name: &str) -> String {
    let safe = |c: char| {
        if c.is_ascii_alphanumeric() || "-_".contains(c) {
            c
        } else {
            '-'
        }
    };
    name.chars().map(safe).collect()
}

fn json_files(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    files.sort();
    files
}
