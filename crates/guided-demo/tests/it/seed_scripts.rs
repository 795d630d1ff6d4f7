//! The two bash scripts of the project that this one grew out of, unchanged, with AWS CLI 2 against
//! `guided-demo serve`: see tests/seed/README.md.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;

use serde_json::Value;

use crate::foreign_clients::aws_cli;
use crate::serving::Serving;
use crate::serving::aws;

const NAME: &str = "demo-cert-devops-codebuild-sample-dckr-dind";

/// A student's machine: a home directory, a directory with AWS CLI 2 for the PATH, a repository that
/// was cloned from GitHub, and the directory that stands for GitHub.
struct Machine {
    directory: tempfile::TempDir,
}

impl Machine {
    /// `None` where there is no AWS CLI 2.
    fn new() -> Option<Self> {
        let program = aws_cli(2);
        assert!(
            program.is_some() || std::env::var_os("CI").is_none(),
            "CI must have AWS CLI 2"
        );
        let directory = tempfile::tempdir().unwrap();
        let machine = Self { directory };
        fs::create_dir(machine.path("bin")).unwrap();
        std::os::unix::fs::symlink(program?, machine.path("bin/aws")).unwrap();
        let github = machine.path("github");
        fs::create_dir(&github).unwrap();
        let settings = format!(
            "[url \"{}/\"]\n\tinsteadOf = git@github.com:cloudemprise/\n\
             [user]\n\tname = Ada\n\temail = ada@example.com\n",
            github.display()
        );
        fs::write(machine.path(".gitconfig"), settings).unwrap();
        let home = format!("{NAME}.git");
        machine.git(
            &github,
            &["init", "--quiet", "--bare", "--initial-branch=main", &home],
        );
        let tree = machine.path("tree");
        fs::create_dir_all(tree.join("automation")).unwrap();
        machine.git(&tree, &["init", "--quiet", "--initial-branch=main"]);
        let url = format!("git@github.com:cloudemprise/{NAME}.git");
        machine.git(&tree, &["remote", "add", "origin", &url]);
        let seed = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/seed");
        for (folder, script) in [("automation", "sync-git-repos"), (".", "project")] {
            let file = format!("{NAME}-{script}.sh");
            fs::copy(seed.join(&file), tree.join(folder).join(&file)).unwrap();
        }
        machine.git(&tree, &["add", "."]);
        machine.git(&tree, &["commit", "--quiet", "-m", "first"]);
        Some(machine)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn command(&self, program: &str, directory: &Path) -> Command {
        let mut command = Command::new(program);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut all = vec![self.path("bin")];
        all.extend(std::env::split_paths(&path));
        command
            .current_dir(directory)
            .env("HOME", self.directory.path())
            .env("PATH", std::env::join_paths(all).unwrap())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env_remove("AWS_PROFILE");
        command
    }

    fn git(&self, directory: &Path, arguments: &[&str]) -> String {
        let output = self
            .command("git", directory)
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Runs a command line in a shell that has evaluated `guided-demo env`, and types these lines.
    fn in_shell(&self, state: &Path, line: &str, directory: &Path, typed: &str) -> Output {
        let script = format!(
            "eval \"$('{}' env --write-profile default)\" && {line}",
            env!("CARGO_BIN_EXE_guided-demo")
        );
        let mut child = self
            .command("bash", directory)
            .args(["-c", &script])
            .env("GUIDED_DEMO_STATE_DIR", state)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(typed.as_bytes()).unwrap();
        drop(stdin);
        child.wait_with_output().unwrap()
    }
}

#[test]
fn the_script_that_mirrors_a_repository_does_its_work() {
    let Some(machine) = Machine::new() else {
        return;
    };
    let state = tempfile::tempdir().unwrap();
    let _serving = Serving::start(state.path(), &[]);
    let tree = machine.path("tree");
    let line = format!("bash ./{NAME}-sync-git-repos.sh");
    // A profile that is not there, a region that is not there, and what is right.
    let typed = format!("nobody\ndefault\nmoon-1\neu-central-1\n{NAME}\n\n");
    let output = machine.in_shell(state.path(), &line, &tree.join("automation"), &typed);
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{output:?}");
    for text in [
        "Error! Project AWS CLI Named Profile invalid ..: nobody",
        "Project AWS CLI Named Profile is valid ........: default",
        "Error! Project AWS CLI Region is invalid ......: moon-1",
        "Project AWS CLI Region is valid ...............: eu-central-1",
    ] {
        assert!(printed.contains(text), "{text} is not in {printed}");
    }

    let commit = machine.git(&tree, &["rev-parse", "HEAD"]);
    let urls = machine.git(&tree, &["config", "--get-all", "remote.origin.pushurl"]);
    let ssh = format!("ssh://git-codecommit.eu-central-1.amazonaws.com/v1/repos/{NAME}");
    assert_eq!(
        urls,
        format!("git@github.com:cloudemprise/{NAME}.git\n{ssh}")
    );
    let github = machine.path(&format!("github/{NAME}.git"));
    assert_eq!(machine.git(&github, &["rev-parse", "main"]), commit);
    // And in CodeCommit: asked, cloned by either URL, and with the script's tags.
    let line = format!(
        "aws codecommit get-branch --repository-name {NAME} --branch-name main \
           --query branch.commitId --output text && \
         aws codecommit list-tags-for-resource --query tags.Function --output text \
           --resource-arn arn:aws:codecommit:eu-central-1:000000000000:{NAME} && \
         git clone --quiet {ssh} by-ssh && git -C by-ssh rev-parse HEAD && \
         git clone --quiet $(aws codecommit get-repository --repository-name {NAME} \
           --query repositoryMetadata.cloneUrlHttp --output text) by-https && \
         git -C by-https rev-parse HEAD"
    );
    let output = machine.in_shell(state.path(), &line, machine.directory.path(), "");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let expected = format!("{commit}\nmaintenance\n{commit}\n{commit}\n");
    assert_eq!(printed, expected, "{output:?}");
}

#[tokio::test]
async fn the_script_that_records_a_project_does_its_work() {
    let Some(machine) = Machine::new() else {
        return;
    };
    let state = tempfile::tempdir().unwrap();
    let serving = Serving::start(state.path(), &[]);
    let session = serving.session().await;
    let create = format!(
        "codebuild create-project --name {NAME} --source type=NO_SOURCE,buildspec='version: 0.2' \
         --artifacts type=NO_ARTIFACTS --environment \
         type=LINUX_CONTAINER,image=docker:dind,computeType=BUILD_GENERAL1_SMALL,privilegedMode=true \
         --service-role arn:aws:iam::000000000000:role/service-role/codebuild-demo"
    );
    aws(&session, &create).await;
    let tree = machine.path("tree");
    let line = format!("bash ./{NAME}-project.sh");
    let output = machine.in_shell(state.path(), &line, &tree, "default\neu-central-1\n\n");
    assert!(output.status.success(), "{output:?}");
    let file = fs::read(tree.join(format!("{NAME}-project.json"))).unwrap();
    let project: Value = serde_json::from_slice(&file).unwrap();
    assert_eq!(project["name"], NAME);
    assert_eq!(project["environment"]["image"], "docker:dind");
    assert_eq!(project["environment"]["privilegedMode"], true);
}

#[test]
fn the_credential_helper_of_the_aws_cli_opens_the_local_codecommit_too() {
    let Some(machine) = Machine::new() else {
        return;
    };
    let state = tempfile::tempdir().unwrap();
    let serving = Serving::start(state.path(), &[]);
    let tree = machine.path("tree");
    let url = format!("{}/v1/repos/other", serving.endpoint());
    let helper = "!f() { aws codecommit credential-helper $@ --ignore-host-check; }; f";
    // Without the settings of `guided-demo env`, as with a git before 2.31.
    let line = format!(
        "unset GIT_CONFIG_COUNT && aws codecommit create-repository --repository-name other \
           > /dev/null && \
         git -c credential.useHttpPath=true -c credential.helper='{helper}' push --quiet {url} main && \
         aws codecommit get-branch --repository-name other --branch-name main \
           --query branch.commitId --output text"
    );
    let output = machine.in_shell(state.path(), &line, &tree, "");
    let commit = machine.git(&tree, &["rev-parse", "HEAD"]);
    assert_eq!(
        String::from_utf8_lossy(&output.stdout).trim(),
        commit,
        "{output:?}"
    );
}
