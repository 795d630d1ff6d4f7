//! `record` and `export`: a demo as a terminal recording, a bash script and a page.

use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use serde_json::Value;

use crate::command_line::guided_demo;
use crate::foreign_clients::aws_cli;
use crate::serving::Serving;
use crate::serving::has;
use crate::serving::has_docker;

/// A demo with everything in it but a build.
const DEMO: &str = r#"<!-- demo:format version=1 -->

# Quotes "and" <script>alert('title')</script>

<!-- demo:variable NAME default=sampler pattern="[a-z]{3,9}" prompt="Project 'name'" -->
<!-- demo:variable SIZE default=BUILD_GENERAL1_SMALL choices=BUILD_GENERAL1_SMALL,BUILD_GENERAL1_MEDIUM prompt=Size -->

<!-- demo:step id=make minutes=1 -->

## Make <b>it</b>

It's "plain" text: <img src=x onerror=alert(1)> & `<code>`, [bad](javascript:alert(2)) and a
[good](https://example.com/?a="b") link. $HOME and `$(date)` stay as they are.

<!-- demo:note A secret word for the speaker. -->

<!-- demo:only target=local -->

Only locally.

<!-- demo:end -->
<!-- demo:only target=aws -->

Only in an account.

<!-- demo:end -->

<!-- demo:quiz answer=1,3 reveal=later -->

Which will `create-project` give back? </fieldset><script>alert(3)</script>

1. An "ARN"
2. A build
3. Times

<details><summary>Answer</summary>

It names the project & says when.

</details>

<!-- demo:cleanup codebuild-project $NAME with="aws codebuild delete-project --name $NAME" -->

```console
$ aws codebuild create-project --name "$NAME" --source type=NO_SOURCE,buildspec="version: 0.2" \
    --artifacts type=NO_ARTIFACTS --service-role arn:aws:iam::000000000000:role/service-role/codebuild-demo \
    --environment type=LINUX_CONTAINER,image=alpine,computeType=$SIZE --query project.name
```

<!-- demo:reveal -->

<!-- demo:expect-failure code=ResourceAlreadyExistsException -->

```console
$ aws codebuild create-project --name "$NAME" --source type=NO_SOURCE,buildspec="version: 0.2" --artifacts type=NO_ARTIFACTS --service-role arn:aws:iam::000000000000:role/service-role/codebuild-demo --environment type=LINUX_CONTAINER,image=alpine,computeType=$SIZE
```

<!-- demo:check title="It's there." command="aws codebuild batch-get-projects --names $NAME --query projects[0].environment.image --output text" matches="al[a-z]+" -->

<!-- demo:step id=look minutes=1 -->

## Look at it

```console
$ aws codebuild batch-get-projects --names "$NAME" --query projects[0].environment > look.json
$ IMAGE=$(aws codebuild batch-get-projects --names "$NAME" --query 'projects[0].environment.image' --output text)
```

<!-- demo:exercise title="Only the size" -->

Print the size of the project's machine as text.

<details><summary>Hint</summary>

Use `--query`.

</details>

<details><summary>Solution</summary>

```console
$ aws codebuild batch-get-projects --names "$NAME" --query projects[0].environment.computeType --output text
```

The path is the one in the answer.

</details>

<!-- demo:quiz kind=text answer=alpine accept="(alpine:latest|docker\.io/alpine)" -->

Which image is $IMAGE?

<details><summary>Answer</summary>

A small one.

</details>

<details><summary>What it costs</summary>

Nothing.

</details>

<!-- demo:step id=remove minutes=1 -->

## Remove it

```console
$ aws codebuild delete-project --name "$NAME"
```

<!-- demo:check title="It is gone." command="aws codebuild batch-get-projects --names $NAME --query 'length(projects)' --output text" expect=0 -->
"#;

/// The demo in a folder of its own.
fn demo(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("demo.md"), text).unwrap();
    folder
}

/// The demo, recorded on a local AWS.
fn recorded() -> tempfile::TempDir {
    let folder = demo(DEMO);
    let state = tempfile::tempdir().unwrap();
    guided_demo(state.path())
        .arg("record")
        .arg(folder.path())
        .assert()
        .success()
        .stdout(contains("recording.json").and(contains("walk.cast")));
    folder
}

fn export(format: &str, demo: &Path, further: &[&str]) -> String {
    let state = tempfile::tempdir().unwrap();
    let assert = guided_demo(state.path())
        .args(["export", format])
        .arg(demo)
        .args(further)
        .assert()
        .success();
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

/// The events of a terminal recording in asciicast v3, which has to be one: a header, then lines of
/// an interval, a code and data.
fn events(cast: &str) -> Vec<(String, String)> {
    let mut lines = cast.lines();
    let header: Value = serde_json::from_str(lines.next().unwrap()).unwrap();
    assert_eq!(header["version"], 3);
    assert!(header["term"]["cols"].as_u64().unwrap() >= 40, "{header}");
    assert!(header["term"]["rows"].as_u64().unwrap() >= 10, "{header}");
    let mut events = Vec::new();
    for line in lines {
        let (interval, code, data): (f64, String, String) = serde_json::from_str(line).unwrap();
        assert!(interval >= 0.0, "{line}");
        assert!(["o", "m", "x"].contains(&code.as_str()), "{line}");
        if code == "o" {
            assert!(
                !data.replace("\r\n", "").contains('\n'),
                "a bare newline in {line}"
            );
        }
        events.push((code, data));
    }
    assert_eq!(events.last().unwrap(), &("x".to_owned(), "0".to_owned()));
    events
}

fn of<'a>(events: &'a [(String, String)], code: &str) -> Vec<&'a str> {
    let of = events.iter().filter(|(kind, _)| kind == code);
    of.map(|(_, data)| data.as_str()).collect()
}

const TITLES: [&str; 3] = ["Make it", "Look at it", "Remove it"];

#[test]
fn a_recorded_walk_has_a_marker_a_step_and_replays() {
    let folder = recorded();
    let cast = std::fs::read_to_string(folder.path().join("walk.cast")).unwrap();
    let events = events(&cast);
    assert_eq!(of(&events, "m").len(), TITLES.len());
    assert!(of(&events, "o").concat().contains("The demo is finished."));
    let state = tempfile::tempdir().unwrap();
    guided_demo(state.path())
        .arg("run")
        .arg(folder.path())
        .args(["--target", "replay"])
        .assert()
        .success()
        .stdout(contains("It is gone."));
}

#[test]
fn only_one_of_both_is_saved_when_that_is_asked_for() {
    let folder = demo(DEMO);
    let state = tempfile::tempdir().unwrap();
    let cast = folder.path().join("other.cast");
    guided_demo(state.path())
        .arg("record")
        .arg(folder.path())
        .args(["--only", "cast", "--cast"])
        .arg(&cast)
        .assert()
        .success();
    assert!(cast.is_file());
    assert!(!folder.path().join("recording.json").exists());
    guided_demo(state.path())
        .arg("record")
        .args(["--only", "cast", "--recording", "x.json"])
        .assert()
        .code(2)
        .stderr(contains("--only leaves out"));
}

#[test]
fn a_cast_of_a_recording_is_the_same_each_time() {
    let folder = recorded();
    let cast = export("cast", folder.path(), &[]);
    assert_eq!(cast, export("cast", folder.path(), &[]));
    let events = events(&cast);
    assert_eq!(of(&events, "m").len(), TITLES.len());
    let shown = console_text(&of(&events, "o").concat());
    for text in [
        "$ aws codebuild delete-project --name \"$NAME\"",
        "IMAGE is alpine",
        "This failure is expected.",
        "BUILD_GENERAL1_SMALL",
        "Exercise: Only the size",
        "Answer: 1 and 3",
        "✔ It is gone.",
    ] {
        assert!(shown.contains(text), "{text} is not in:\n{shown}");
    }
    assert!(!shown.contains("secret word"), "a note is in the cast");
    let wide = export("cast", folder.path(), &["--columns", "100", "--rows", "30"]);
    assert!(wide.starts_with(r#"{"version":3,"term":{"cols":100,"rows":30"#));
}

/// Without what sets colours.
fn console_text(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\x1b') {
        plain.push_str(&rest[..at]);
        let end = rest[at + 2..]
            .find(|c: char| c.is_ascii_alphabetic())
            .unwrap();
        rest = &rest[at + 3 + end..];
    }
    plain + rest
}

#[test]
fn without_a_recording_a_cast_says_how_to_make_one_and_a_page_has_no_outputs() {
    let folder = demo(DEMO);
    let state = tempfile::tempdir().unwrap();
    guided_demo(state.path())
        .args(["export", "cast"])
        .arg(folder.path())
        .assert()
        .code(4)
        .stderr(contains("guided-demo record"));
    guided_demo(state.path())
        .args(["export", "html"])
        .arg(folder.path())
        .assert()
        .success()
        .stdout(contains("This page has no outputs"));
}

#[test]
fn a_recording_that_does_not_fit_the_demo_is_said_to() {
    let folder = recorded();
    let script = folder.path().join("demo.md");
    let changed = DEMO.replace(
        "$ aws codebuild delete-project",
        "$ aws codebuild list-projects\n$ aws codebuild delete-project",
    );
    std::fs::write(&script, changed).unwrap();
    let state = tempfile::tempdir().unwrap();
    guided_demo(state.path())
        .args(["export", "html"])
        .arg(folder.path())
        .assert()
        .code(1)
        .stderr(contains("step `remove`").and(contains("record it again")));
}

#[test]
fn a_page_holds_everything_escaped_and_loads_nothing() {
    let folder = recorded();
    let page = export("html", folder.path(), &[]);
    assert_eq!(page.matches("<script").count(), 1, "{page}");
    for forbidden in [
        "<img",
        "<b>",
        "javascript:",
        " src=\"",
        "<link",
        "@import",
        "style=\"",
        "secret word",
    ] {
        assert!(!page.contains(forbidden), "{forbidden} is in:\n{page}");
    }
    for text in [
        "Content-Security-Policy\" content=\"default-src &#39;none&#39;"
            .replace("&#39;", "'")
            .as_str(),
        "<h1>Quotes &quot;and&quot;",
        "data-answer=\"1,3\"",
        "data-later=\"yes\"",
        "data-accept=\"^(",
        "<summary>Solution</summary>",
        "<summary>What it costs</summary>",
        "If you walk in your own AWS account",
        "IMAGE is</span> <code>alpine</code>",
        "ResourceAlreadyExistsException",
        "✔</span> It is gone.",
        "href=\"https://example.com/",
    ] {
        assert!(page.contains(text), "{text} is not in:\n{page}");
    }
    let with_notes = export("html", folder.path(), &["--notes"]);
    assert!(with_notes.contains("secret word"));
    assert_eq!(page, export("html", folder.path(), &[]));
}

#[test]
fn terms_that_a_page_links_to_are_explained_on_it() {
    let folder = tempfile::tempdir().unwrap();
    let glossary = "# Glossary\n\n## Build phase\n\nA part of a [build](#build).\n\n## Build\n\nA run.\n\n## Other\n\nNever linked.\n";
    std::fs::write(folder.path().join("glossary.md"), glossary).unwrap();
    let demo = folder.path().join("one");
    std::fs::create_dir(&demo).unwrap();
    let text = DEMO.replace("Only locally.", "A [phase](../glossary.md#build-phase).");
    std::fs::write(demo.join("demo.md"), text).unwrap();
    let page = export("html", &demo, &[]);
    for part in [
        "<a class=\"term\" href=\"#term-build-phase\">phase</a>",
        "<dt id=\"term-build-phase\">Build phase</dt>",
    ] {
        assert!(page.contains(part), "{part} is not in:\n{page}");
    }
    assert!(!page.contains("Never linked."), "{page}");
}

/// Writes the script of a demo; bash and shellcheck have nothing against it.
fn bash_script(demo: &Path, to: &Path, target: &str) -> PathBuf {
    let script = to.join("demo.sh");
    std::fs::write(&script, export("bash", demo, &["--for", target])).unwrap();
    let checked = Command::new("bash")
        .arg("-n")
        .arg(&script)
        .output()
        .unwrap();
    assert!(checked.status.success(), "{checked:?}");
    if has("shellcheck", Command::new("shellcheck").arg("--version")) {
        let checked = Command::new("shellcheck").arg(&script).output().unwrap();
        let said = String::from_utf8_lossy(&checked.stdout).into_owned();
        assert!(checked.status.success(), "{said}");
    }
    script
}

/// Runs a script against a server, with this AWS CLI and without a terminal.
fn run(script: &Path, serving: &Serving, cli: &Path, variables: &[(&str, &str)]) -> Output {
    let path = std::env::var("PATH").unwrap();
    let folder = cli.parent().unwrap().display();
    serving
        .client("bash")
        .arg(script)
        .env("PATH", format!("{folder}:{path}"))
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!(
        "{}{}",
        String::from_utf8_lossy(out),
        String::from_utf8_lossy(err)
    )
}

fn projects(serving: &Serving, cli: &Path) -> String {
    let mut command = serving.client(cli.to_str().unwrap());
    command.args(["--endpoint-url", serving.endpoint()]);
    let output = command
        .args([
            "codebuild",
            "list-projects",
            "--query",
            "projects",
            "--output",
            "text",
        ])
        .output()
        .unwrap();
    text(&output).trim().to_owned()
}

/// The AWS CLIs that are here.
fn clis() -> Vec<PathBuf> {
    [1, 2].into_iter().filter_map(aws_cli).collect()
}

#[test]
fn a_script_runs_with_the_aws_cli_twice_and_leaves_nothing() {
    let folder = demo(DEMO);
    let script = bash_script(folder.path(), folder.path(), "local");
    let state = tempfile::tempdir().unwrap();
    let serving = Serving::start(state.path(), &[]);
    for cli in clis() {
        let first = run(&script, &serving, &cli, &[]);
        assert_eq!(first.status.code(), Some(0), "{}", text(&first));
        let said = text(&first);
        for part in [
            "It's \"plain\" text:",
            "$HOME and $(date) stay",
            "Only locally.",
            "IMAGE is alpine",
            "This failure is expected.",
            "✔ It's there.",
            "✔ It is gone.",
            "The demo is finished.",
        ] {
            assert!(said.contains(part), "{part} is not in:\n{said}");
        }
        assert!(!said.contains("Only in an account."), "{said}");
        assert!(!said.contains("Question"), "nobody can be asked:\n{said}");
        let second = run(&script, &serving, &cli, &[]);
        assert_eq!(said, text(&second));
        assert_eq!(projects(&serving, &cli), "");
    }
}

#[test]
fn a_script_refuses_values_that_do_not_fit_and_removes_what_is_left_after_a_failure() {
    let Some(cli) = clis().pop() else {
        return;
    };
    let folder = demo(&DEMO.replace("matches=\"al[a-z]+\"", "matches=\"b[a-z]+\" timeout=0"));
    let script = bash_script(folder.path(), folder.path(), "aws");
    let state = tempfile::tempdir().unwrap();
    let serving = Serving::start(state.path(), &[]);
    for (name, value, said) in [
        ("NAME", "Not this", "has to match ^([a-z]{3,9})$"),
        ("SIZE", "HUGE", "choose one of: BUILD_GENERAL1_SMALL"),
    ] {
        let refused = run(&script, &serving, &cli, &[(name, value)]);
        assert_eq!(refused.status.code(), Some(2), "{}", text(&refused));
        assert!(text(&refused).contains(said), "{}", text(&refused));
    }
    let failed = run(&script, &serving, &cli, &[("NAME", "other")]);
    assert_eq!(failed.status.code(), Some(3), "{}", text(&failed));
    let said = text(&failed);
    assert!(said.contains("✘ It's there."), "{said}");
    assert!(said.contains("seen:     alpine"), "{said}");
    assert!(
        said.contains("Removing what is left: codebuild-project other"),
        "{said}"
    );
    assert_eq!(projects(&serving, &cli), "");
}

/// The shipped demo, recorded and then run by each AWS CLI that is here.
#[test]
fn the_shipped_demo_is_recorded_and_runs_as_a_script() {
    if !has_docker() {
        return;
    }
    let state = tempfile::tempdir().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (recording, cast) = (folder.path().join("r.json"), folder.path().join("w.cast"));
    guided_demo(state.path())
        .args(["record", "docker-in-docker", "--recording"])
        .arg(&recording)
        .arg("--cast")
        .arg(&cast)
        .assert()
        .success();
    let cast = std::fs::read_to_string(&cast).unwrap();
    let events = events(&cast);
    assert_eq!(of(&events, "m").len(), 10);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap();
    for place in [root.as_path(), state.path()] {
        let place = place.to_str().unwrap();
        assert!(!cast.contains(place), "{place} is in the cast");
        assert!(!std::fs::read_to_string(&recording).unwrap().contains(place));
    }

    let script = bash_script(&root.join("demos/docker-in-docker"), folder.path(), "local");
    // The walk has found out which Dockerfile this host can build.
    let dockerfile = match state.path().join("prebuilt/sample-app").is_file() {
        true => "Dockerfile.prebuilt",
        false => "Dockerfile",
    };
    let serving = Serving::start(state.path(), &[]);
    std::thread::scope(|scope| {
        for (at, cli) in clis().into_iter().enumerate() {
            let (script, serving) = (&script, &serving);
            scope.spawn(move || {
                let name = format!("scripted-{at}");
                let variables = [("PROJECT_NAME", name.as_str()), ("DOCKERFILE", dockerfile)];
                let output = run(script, serving, &cli, &variables);
                let said = text(&output);
                assert_eq!(output.status.code(), Some(0), "{said}");
                for part in [
                    "  | Hello, World!",
                    "The build ended: SUCCEEDED",
                    "[INSTALL] FAILED",
                    "The build ended: FAILED",
                    "✔ The project is gone.",
                ] {
                    assert!(said.contains(part), "{part} is not in:\n{said}");
                }
                assert!(!projects(serving, &cli).contains(&name));
            });
        }
    });
}
