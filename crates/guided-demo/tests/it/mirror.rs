//! `guided-demo mirror`: a git repository with two homes, and back.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Output;

use crate::serving::Serving;

/// A repository `tree` with one commit, whose `origin` is the bare repository `home.git`.
struct Place {
    directory: tempfile::TempDir,
    state: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self {
            directory: tempfile::tempdir().unwrap(),
            state: tempfile::tempdir().unwrap(),
        };
        let root = place.directory.path().to_owned();
        place.git(
            &root,
            &[
                "init",
                "--quiet",
                "--bare",
                "--initial-branch=main",
                "home.git",
            ],
        );
        place.git(&root, &["init", "--quiet", "--initial-branch=main", "tree"]);
        place.git(&place.tree(), &["remote", "add", "origin", "../home.git"]);
        place.commit("first");
        place
    }

    fn tree(&self) -> PathBuf {
        self.directory.path().join("tree")
    }

    fn git(&self, directory: &Path, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .current_dir(directory)
            .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"])
            .args(arguments)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn commit(&self, message: &str) -> String {
        let tree = self.tree();
        self.git(
            &tree,
            &["commit", "--quiet", "--allow-empty", "-m", message],
        );
        self.git(&tree, &["rev-parse", "HEAD"])
    }

    fn settings(&self) -> String {
        fs::read_to_string(self.tree().join(".git/config")).unwrap()
    }

    /// The exit code, and what was printed.
    fn mirror(&self, directory: &Path, options: &[&str]) -> (i32, String) {
        let output: Output = Command::new(env!("CARGO_BIN_EXE_guided-demo"))
            .arg("mirror")
            .args(options)
            .current_dir(directory)
            .env("GUIDED_DEMO_STATE_DIR", self.state.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_TERMINAL_PROMPT", "0")
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8(text).unwrap();
        (output.status.code().unwrap(), text)
    }

    /// The commit of `main` in CodeCommit, if the repository is there.
    fn in_codecommit(&self, name: &str) -> Option<String> {
        let repository = format!("local-aws/codecommit/{name}.git");
        let repository = self.state.path().join(repository);
        repository
            .exists()
            .then(|| self.git(&repository, &["rev-parse", "main"]))
    }
}

#[test]
fn one_push_goes_to_both_homes_and_undo_leaves_nothing() {
    let place = Place::new();
    let serving = Serving::start(place.state.path(), &[]);
    let (tree, before) = (place.tree(), place.settings());
    let url = format!("{}/v1/repos/home", serving.endpoint());

    let (code, text) = place.mirror(&tree, &["--dry-run"]);
    assert_eq!(code, 0, "{text}");
    for expected in ["create the repository: home", "  ../home.git\n", &url] {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
    let (code, text) = place.mirror(&tree, &["--no-input"]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("Add --yes to agree"), "{text}");
    assert_eq!(place.settings(), before, "nothing was changed yet");
    assert_eq!(place.in_codecommit("home"), None);

    let (code, text) = place.mirror(&tree, &["--yes"]);
    assert_eq!(code, 0, "{text}");
    let urls = place.git(&tree, &["remote", "get-url", "--push", "--all", "origin"]);
    assert_eq!(urls, format!("../home.git\n{url}"));
    let second = place.commit("second");
    // Any later push goes to both, from a terminal that knows nothing of the local AWS.
    place.git(&tree, &["push", "--quiet"]);
    assert_eq!(place.in_codecommit("home"), Some(second.clone()));
    let home = place.directory.path().join("home.git");
    assert_eq!(place.git(&home, &["rev-parse", "main"]), second);

    let (code, text) = place.mirror(&tree, &["--yes"]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("is mirrored already"), "{text}");

    let (code, text) = place.mirror(&tree, &["--undo", "--yes"]);
    assert_eq!(code, 0, "{text}");
    assert_eq!(place.settings(), before);
    assert_eq!(place.in_codecommit("home"), None);
    assert!(
        !place
            .state
            .path()
            .join("ledger")
            .read_dir()
            .unwrap()
            .any(|_| true)
    );
    let (code, text) = place.mirror(&tree, &["--undo", "--yes"]);
    assert_eq!(code, 2, "{text}");
}

#[test]
fn what_stands_in_the_way_is_said() {
    let place = Place::new();
    let _serving = Serving::start(place.state.path(), &[]);
    let tree = place.tree();
    let nowhere = tempfile::tempdir().unwrap();
    for (directory, options, code, message) in [
        (nowhere.path(), &["--yes"][..], 4, "not in a git repository"),
        (
            &tree,
            &["--yes", "--remote", "other"],
            2,
            "no remote `other`",
        ),
        (&tree, &["--undo", "--yes"], 2, "has not mirrored"),
        (
            &tree,
            &["--yes", "--repository", "a/b"],
            1,
            "InvalidRepositoryNameException",
        ),
    ] {
        let (seen, text) = place.mirror(directory, options);
        assert_eq!(seen, code, "{text}");
        assert!(text.contains(message), "{message} is not in {text}");
    }
    place.git(&tree, &["checkout", "--quiet", "--detach"]);
    let (code, text) = place.mirror(&tree, &["--yes"]);
    assert_eq!(code, 4, "{text}");
    assert!(text.contains("detached HEAD"), "{text}");
}

#[test]
fn a_refused_push_is_told_and_can_be_repaired_or_undone() {
    let place = Place::new();
    let _serving = Serving::start(place.state.path(), &[]);
    let (tree, before) = (place.tree(), place.settings());
    let (home, away) = (
        place.directory.path().join("home.git"),
        place.directory.path().join("away.git"),
    );
    fs::rename(&home, &away).unwrap();
    let (code, text) = place.mirror(&tree, &["--yes"]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("was refused"), "{text}");
    let (code, text) = place.mirror(&tree, &["--undo", "--yes"]);
    assert_eq!(code, 0, "{text}");
    assert_eq!(place.settings(), before);

    let (code, text) = place.mirror(&tree, &["--yes"]);
    assert_eq!(code, 1, "{text}");
    fs::rename(&away, &home).unwrap();
    let (code, text) = place.mirror(&tree, &["--yes"]);
    assert_eq!(code, 0, "{text}");
    let (code, text) = place.mirror(&tree, &["--undo", "--yes"]);
    assert_eq!(code, 0, "{text}");
    assert_eq!(place.settings(), before);
    assert_eq!(
        place.in_codecommit("home"),
        None,
        "it was made by the first run"
    );
}

#[test]
fn a_repository_that_was_there_stays() {
    let place = Place::new();
    let _serving = Serving::start(place.state.path(), &[]);
    let tree = place.tree();
    // Another working tree has made it.
    let other = place.directory.path().join("other");
    place.git(
        place.directory.path(),
        &["clone", "--quiet", "tree", "other"],
    );
    let (code, text) = place.mirror(&other, &["--yes", "--repository", "home"]);
    assert!(text.contains("Created the repository home"), "{text}");
    assert_eq!(code, 0, "{text}");
    place.git(&tree, &["config", "remote.origin.pushurl", "../home.git"]);
    let before = place.settings();
    let (code, text) = place.mirror(&tree, &["--yes"]);
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("use the repository, which is there already"),
        "{text}"
    );
    let (code, text) = place.mirror(&tree, &["--undo", "--yes"]);
    assert_eq!(code, 0, "{text}");
    assert_eq!(place.settings(), before);
    assert!(place.in_codecommit("home").is_some());
}
