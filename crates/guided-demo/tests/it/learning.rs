//! Learn mode, questions, exercises and passages, in a real terminal on the local AWS.

use std::path::Path;
use std::path::PathBuf;

use crate::pty::Terminal;

const GLOSSARY: &str = "# Glossary\n\n## Project\n\nWhat CodeBuild knows about a build.\n";

const PROJECT: &str = r#"{
    "source": { "type": "NO_SOURCE", "buildspec": "version: 0.2" },
    "artifacts": { "type": "NO_ARTIFACTS" },
    "environment": { "type": "LINUX_CONTAINER", "image": "docker:dind", "computeType": "BUILD_GENERAL1_SMALL" },
    "serviceRole": "arn:aws:iam::000000000000:role/service-role/codebuild-demo"
}"#;

const MAKE: &str = r#"<!-- demo:format version=1 -->

# A lab

<!-- demo:variable NAME default=alpha prompt="Name of the project" pattern="[a-z][a-z0-9-]{1,20}" -->

<!-- demo:variable SORT default=NAME prompt="Sort by" choices=NAME,CREATED_TIME -->

<!-- demo:step id=make minutes=1 -->

## Make a project

A [project](../glossary.md#project) comes first.

<!-- demo:cleanup codebuild-project $NAME with="aws codebuild delete-project --name $NAME" -->

```console
$ aws codebuild create-project --name "$NAME" \
    --cli-input-json file://project.json --query project.name
```

<details><summary>Hint</summary>

The file holds the rest.

</details>

<details><summary>In the console</summary>

Choose Create project.

</details>

<details><summary>What it costs</summary>

A project costs nothing.

</details>

<!-- demo:check title="The project is there." command="aws codebuild list-projects --query projects[0] --output text" expect=$NAME -->

```console
$ aws codebuild list-projects --sort-by $SORT
```
"#;

const FIND: &str = r#"
<!-- demo:step id=find minutes=1 -->

## Find things out

<!-- demo:exercise title="Only the image" -->

Print the image as text.

<details><summary>Hint</summary>

It is in the environment.

</details>

<details><summary>Solution</summary>

A field of the environment.

```console
$ aws codebuild batch-get-projects --names $NAME --query projects[0].environment.image --output text
```

</details>

<!-- demo:exercise title="A description" by=check -->

Describe it as mine.

<details><summary>Solution</summary>

```console
$ aws codebuild update-project --name $NAME --description mine --query project.description
```

</details>

<!-- demo:check title="It is described." command="aws codebuild batch-get-projects --names $NAME --query projects[0].description --output text" expect=mine timeout=0 -->

```console
$ aws codebuild batch-get-projects --names $NAME --query projects[0] > project-record.json
```
"#;

const ASK: &str = r#"
<!-- demo:step id=ask minutes=1 -->

## Questions

<!-- demo:quiz answer=2 id=guess reveal=later -->

How many projects will be there?

1. None
2. One

<details><summary>Answer</summary>

It was made in the first step.

</details>

<!-- demo:quiz answer=1,3 id=both -->

Which two are fields of a project?

1. source
2. weather
3. artifacts

<details><summary>Answer</summary>

1. It says where the source is.
2. There is none.
3. It says what is kept.

```console
$ aws codebuild list-projects --query projects
```

</details>

<!-- demo:quiz kind=text answer=privileged accept="privileged mode" id=text -->

Which mode does a Docker daemon need?

<details><summary>Answer</summary>

It needs rights.

</details>

<!-- demo:reveal -->

```console
$ aws codebuild delete-project --name $NAME
```
"#;

struct Lab {
    folder: tempfile::TempDir,
}

impl Lab {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let demo = folder.path().join("lab");
        std::fs::create_dir(&demo).unwrap();
        std::fs::write(folder.path().join("glossary.md"), GLOSSARY).unwrap();
        std::fs::write(demo.join("project.json"), PROJECT).unwrap();
        std::fs::write(demo.join("demo.md"), [MAKE, FIND, ASK].concat()).unwrap();
        Self { folder }
    }

    fn walk(&self, words: &[&str]) -> Terminal {
        let demo = self.folder.path().join("lab");
        let demo = demo.to_string_lossy();
        let mut args = vec!["run", &*demo];
        args.extend(words);
        Terminal::start_with(self.folder.path(), 80, &args)
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }
}

/// Types a line and waits until the answer is there.
fn types(terminal: &mut Terminal, line: &str, answer: &str) {
    terminal.keys(&format!("{line}\r"));
    terminal.sees(answer);
}

/// Types a line at a command prompt and waits until the answer is there.
fn commands(terminal: &mut Terminal, line: &str, answer: &str) {
    terminal.sees_prompt("$");
    types(terminal, line, answer);
}

fn makes_the_project(terminal: &mut Terminal) {
    terminal.sees("Name of the project");
    types(terminal, "", "Type this command:");
    commands(terminal, "", "Sort by");
    types(terminal, "", "list-projects --sort-by $SORT");
    commands(terminal, "", "⏎ next: Find things out");
}

#[test]
fn a_typed_command_is_compared_by_what_it_means() {
    let lab = Lab::new();
    let mut terminal = lab.walk(&["--mode", "learn"]);
    terminal.sees("Project: What CodeBuild knows about a build.");
    terminal.sees("Name of the project");
    types(
        &mut terminal,
        "Bad Name",
        "it has to be one of small letters",
    );
    // Takes the name back that does not fit.
    terminal.keys("\x15");
    types(&mut terminal, "beta", "Type this command:");
    terminal.sees("⏎ alone runs it");
    let wrong = "aws codebuild create-project --nme x";
    commands(&mut terminal, wrong, "did you mean --name?");
    let looks = "aws codebuild list-projects";
    commands(&mut terminal, looks, "only looks, so it has run");
    commands(&mut terminal, ":hint", "The file holds the rest.");
    commands(&mut terminal, ":console", "Choose Create project.");
    commands(&mut terminal, ":$", "A project costs nothing.");
    commands(&mut terminal, ":glossary", "Terms of this step");
    commands(&mut terminal, ":what", "There is no such word.");
    let other = "aws codebuild create-project --cli-input-json file://project.json --name beta";
    commands(&mut terminal, other, "--query is missing.");
    terminal.sees_prompt("$");
    terminal.keys("aws codebuild create-project --cli-input-json file://project.json \\\r");
    types(
        &mut terminal,
        "--query 'project.name' --name=beta",
        "✔ The project is there.",
    );
    // The second of the choices.
    terminal.sees("Sort by");
    terminal.keys("\x1b[B");
    types(&mut terminal, "", "Sort by: CREATED_TIME");
    let other = "aws codebuild list-projects --sort-by NAME";
    commands(
        &mut terminal,
        other,
        "--sort-by has another value: CREATED_TIME.",
    );
    // The line before, from the history, is wrong as well; the one of the script runs.
    commands(&mut terminal, "\x1b[A", "--sort-by has another value");
    commands(&mut terminal, "", "⏎ next: Find things out");
    terminal.keys("q");
    terminal.sees("--mode learn");
    assert_eq!(terminal.exit_code(), 0);
    assert!(terminal.is_restored());

    let answers = std::fs::read_to_string(lab.state().join("answers.json")).unwrap();
    assert!(answers.contains("\"NAME\": \"beta\""), "{answers}");
}

#[test]
fn exercises_are_solved_by_what_is_printed_or_by_what_is_true() {
    let lab = Lab::new();
    let mut terminal = lab.walk(&["--mode", "learn"]);
    makes_the_project(&mut terminal);
    types(&mut terminal, "", "Exercise: Only the image");
    commands(&mut terminal, "", "Type a command, or :show");
    let name = "aws codebuild batch-get-projects --names $NAME --query projects[0]";
    let other = format!("{name}.name");
    commands(&mut terminal, &other, "not what the solution prints yet");
    let json = format!("{name}.environment.image");
    commands(&mut terminal, &json, "in another form");
    commands(&mut terminal, ":h", "It is in the environment.");
    let text = format!("IMAGE=$({name}.environment.image --output text)");
    commands(&mut terminal, &text, "Solved");
    terminal.sees("Exercise: A description");
    commands(&mut terminal, ":done", "✘ It is described.");
    terminal.sees("expected: mine");
    terminal.sees("⏎ back to the exercise");
    terminal.keys("r");
    let update =
        "aws codebuild update-project --name alpha --description mine --query project.name";
    commands(&mut terminal, update, "\"alpha\"");
    commands(&mut terminal, "", "✔ It is described.");
    let saved = format!("{name} > project-record.json");
    commands(&mut terminal, &saved, "Saved in ");
    terminal.sees("⏎ next: Questions");
    let record = lab.state().join("work/lab/project-record.json");
    let record = std::fs::read_to_string(record).unwrap();
    assert!(record.contains("\"description\": \"mine\""), "{record}");
    terminal.keys("q");
    assert_eq!(terminal.exit_code(), 0);

    crate::command_line::guided_demo(&lab.state())
        .args(["reset", "--yes"])
        .assert()
        .success();
    assert!(!lab.state().join("work/lab").exists());
}

#[test]
fn the_solution_is_shown_to_those_who_want_it() {
    let lab = Lab::new();
    let mut terminal = lab.walk(&["--from", "find"]);
    terminal.sees("Name of the project");
    types(&mut terminal, "", "⏎ show the solution");
    terminal.keys("h");
    terminal.sees("It is in the environment.");
    terminal.keys("\r");
    terminal.sees("A field of the environment.");
    terminal.sees("⏎ run");
    terminal.keys("s");
    terminal.sees("d done, check it");
    terminal.keys("s");
    terminal.sees("project-record.json");
    terminal.keys("\x03");
    assert_eq!(terminal.exit_code(), 130);
    assert!(terminal.is_restored());
}

#[test]
fn every_sort_of_question_is_answered_and_explained() {
    let lab = Lab::new();
    let mut terminal = lab.walk(&["--from", "ask"]);
    terminal.sees("What do you expect?");
    terminal.keys("2");
    terminal.sees("Noted.");
    terminal.sees("1-3 choose several");
    terminal.keys("\r");
    terminal.sees("Choose with the numbers first");
    terminal.keys("1");
    terminal.sees("1 chosen");
    terminal.keys("2");
    terminal.sees("1 and 2 chosen");
    terminal.keys("\r");
    terminal.sees("Not quite: the answers are 1 and 3.");
    terminal.sees("You chose:");
    terminal.sees("p prove it");
    terminal.keys("p");
    terminal.sees("[]");
    terminal.keys("\r");
    terminal.sees_prompt("Your answer:");
    types(&mut terminal, "", "Type an answer");
    terminal.sees_prompt("Your answer:");
    types(&mut terminal, "Privileged Mode", "Right: “privileged”.");
    terminal.sees("You said 2. It is 2.");
    terminal.sees("Name of the project");
    terminal.keys("\x03");
    assert_eq!(terminal.exit_code(), 130);
    assert!(terminal.is_restored());

    let progress = progress(&lab.state());
    assert_eq!(progress["answers"]["guess"]["given"], "2");
    assert_eq!(progress["answers"]["both"]["right"], false);
    assert_eq!(progress["answers"]["both"]["given"], "1,2");
    assert_eq!(progress["answers"]["text"]["given"], "Privileged Mode");
}

fn progress(state: &Path) -> serde_json::Value {
    let mut files = std::fs::read_dir(state.join("progress")).unwrap();
    let file = files.next().unwrap().unwrap().path();
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

#[test]
fn ctrl_c_drops_a_typed_line_and_leaves_at_an_empty_one() {
    let lab = Lab::new();
    let mut terminal = lab.walk(&["--mode", "learn"]);
    terminal.sees("Name of the project");
    types(&mut terminal, "", "Type this command:");
    terminal.sees_prompt("$");
    terminal.keys("aws what");
    terminal.sees_prompt("$ aws what");
    terminal.keys("\x03");
    commands(&mut terminal, ":hint", "The file holds the rest.");
    terminal.sees_prompt("$");
    terminal.keys("\x03");
    terminal.sees("Your progress is kept.");
    assert_eq!(terminal.exit_code(), 130);
    assert!(terminal.is_restored());
}

#[test]
fn ctrl_d_leaves_and_the_next_walk_goes_on_there() {
    let lab = Lab::new();
    let mut terminal = lab.walk(&["--mode", "learn"]);
    makes_the_project(&mut terminal);
    types(&mut terminal, "", "Exercise: Only the image");
    terminal.sees_prompt("$");
    terminal.keys("\x04");
    terminal.sees("Your progress is kept.");
    assert_eq!(terminal.exit_code(), 0);
    assert!(terminal.is_restored());

    let mut terminal = lab.walk(&["--mode", "learn"]);
    terminal.sees("step 2 of 3");
    terminal.keys("\r");
    commands(&mut terminal, ":x", "The solution");
    terminal.sees_prompt("$");
    terminal.keys("\x04");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn the_lab_runs_without_a_person() {
    let lab = Lab::new();
    crate::command_line::guided_demo(&lab.state())
        .arg("run")
        .arg(lab.folder.path().join("lab"))
        .assert()
        .success()
        .stdout(predicates::str::contains("The demo is finished."));
}

#[test]
fn an_account_is_asked_for_its_profile_and_region() {
    let lab = Lab::new();
    let config = lab.folder.path().join("config");
    std::fs::write(&config, "[default]\n[profile study]\n").unwrap();
    let config = config.to_string_lossy().into_owned();
    let demo = lab.folder.path().join("lab");
    let words = ["run", &*demo.to_string_lossy(), "--target", "aws"];
    let variables = [("AWS_CONFIG_FILE", config.as_str())];
    let mut terminal = Terminal::start_in(lab.folder.path(), 80, &words, &variables);
    terminal.sees("Profile of your AWS configuration");
    terminal.keys("\x1b[B\r");
    terminal.sees("Profile of your AWS configuration: study");
    terminal.sees("Region [eu-central-1]");
    terminal.keys("here\r");
    terminal.sees("`here` is not the name of a region");
    terminal.keys("\x15eu-west-1\r");
    terminal.sees("Unable to locate credentials");
    assert_eq!(terminal.exit_code(), 4);
    assert!(terminal.is_restored());
}

#[test]
fn ctrl_c_at_the_question_for_a_profile_leaves() {
    let lab = Lab::new();
    let config = lab.folder.path().join("config");
    std::fs::write(&config, "[profile study]\n").unwrap();
    let config = config.to_string_lossy().into_owned();
    let variables = [("AWS_CONFIG_FILE", config.as_str())];
    let words = ["run", "--target", "aws"];
    let mut terminal = Terminal::start_in(lab.folder.path(), 80, &words, &variables);
    terminal.sees("Profile of your AWS configuration");
    terminal.keys("\x03");
    assert_eq!(terminal.exit_code(), 130);
    assert!(terminal.is_restored());
}
