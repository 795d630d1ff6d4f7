use buildspec::Buildspec;
use buildspec::OnFailure;
use buildspec::Shell;
use buildspec::Version;

const FULL: &str = r#"version: 0.2
run-as: root
env:
  shell: bash
  variables:
    OCTAL: 010
    FLAG: yes
    GREETING: "Hello: World"
    EMPTY:
  parameter-store:
    LOGIN: /demo/login
  secrets-manager:
    KEY: demo:key
  exported-variables:
    - IMAGE_TAG
phases:
  install:
    runtime-versions:
      java: corretto21
    commands:
      - nohup dockerd &
      - timeout 15 sh -c "until docker info; do echo .; sleep 1; done"
  build:
    on-failure: RETRY-5-timed? out
    commands:
      - |
        echo one
        echo two
      - true
    finally:
      - echo done
artifacts:
  files: ['**/*']
"#;

#[test]
fn reads_every_section_with_positions() {
    let spec = Buildspec::parse(FULL).unwrap();
    assert_eq!(spec.version, Version::V0_2);
    assert_eq!(spec.run_as.as_deref(), Some("root"));
    assert_eq!(spec.env.shell, Some(Shell::Bash));
    let variables: Vec<(&str, &str)> = spec
        .env
        .variables
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        variables,
        [
            ("OCTAL", "010"),
            ("FLAG", "yes"),
            ("GREETING", "Hello: World"),
            ("EMPTY", "")
        ]
    );
    assert_eq!(spec.env.exported_variables, ["IMAGE_TAG"]);
    let install = spec.phases.install.unwrap();
    assert_eq!(
        install.runtime_versions,
        [("java".to_owned(), "corretto21".to_owned())]
    );
    assert_eq!(install.commands[0].text, "nohup dockerd &");
    assert_eq!(
        (install.commands[1].line, install.commands[1].column),
        (22, 9)
    );
    let build = spec.phases.build.unwrap();
    assert_eq!(
        build.on_failure,
        Some(OnFailure::Retry {
            count: 5,
            pattern: Some("timed? out".to_owned())
        })
    );
    assert_eq!(build.commands[0].text, "echo one\necho two\n");
    assert_eq!(build.commands[1].text, "true");
    assert_eq!(build.finally[0].text, "echo done");
    assert_eq!(spec.warnings, []);
}

#[test]
fn a_colon_in_a_command_gives_the_message_of_aws() {
    let error = Buildspec::parse(
        "version: 0.2\nphases:\n  build:\n    commands:\n      - echo Status: fine\n",
    )
    .unwrap_err();
    assert_eq!(
        error.aws_message(),
        "Expected Commands[0] to be of string type: found subkeys instead at line 5, value of the key tag on line 4 might be empty"
    );
    assert_eq!((error.line(), error.column()), (5, 9));
    assert!(error.help_text().unwrap().contains("quotes"));
}

#[test]
fn unknown_keys_are_reported_where_they_stand() {
    let spec = Buildspec::parse(
        "version: 0.2\nphase: x\nphases:\n  prebuild:\n    commands: [a]\n  build:\n    command: [a]\n    commands: [b]\n",
    )
    .unwrap();
    let found: Vec<(usize, usize)> = spec.warnings.iter().map(|w| (w.line, w.column)).collect();
    assert_eq!(found, [(2, 1), (4, 3), (7, 5)]);
    assert!(spec.warnings[1].message.contains("`prebuild`"));
}

#[test]
fn errors_know_their_line() {
    for (text, line, word) in [
        ("", 1, "mapping"),
        ("version: 0.3\nphases: {build: {commands: [a]}}", 1, "0.3"),
        ("phases:\n  build:\n    commands: [a]\n", 1, "version"),
        ("version: 0.2\n", 1, "phases"),
        ("version: 0.2\nphases: {}\n", 2, "install"),
        (
            "version: 0.2\nphases:\n  build:\n    commands: echo\n",
            4,
            "sequence",
        ),
        (
            "version: 0.2\nphases:\n  build:\n    on-failure: STOP\n",
            4,
            "ABORT",
        ),
        ("version: 0.2\nenv:\n  shell: fish\n", 3, "fish"),
    ] {
        let error = Buildspec::parse(text).unwrap_err();
        assert_eq!(error.line(), line, "{text:?}: {error}");
        assert!(error.message().contains(word), "{text:?}: {error}");
    }
}

#[test]
fn broken_yaml_is_an_error_with_a_position() {
    let error = Buildspec::parse("version: 0.2\nphases:\n  build: a: b\n").unwrap_err();
    assert_eq!(error.line(), 3, "{error}");
    assert!(!error.message().contains("line"), "{error}");
    assert!(error.aws_message().ends_with("at line 3"), "{error}");
}

#[test]
fn json_is_a_buildspec_too() {
    let spec =
        Buildspec::parse(r#"{"version": "0.1", "phases": {"build": {"commands": ["echo hi"]}}}"#)
            .unwrap();
    assert_eq!(spec.version, Version::V0_1);
}

#[test]
fn positions_count_characters_and_labels_point_at_the_text() {
    let text = "version: 0.2\nphases:\n  build:\n    commands: [\"äöü\", {ü: 010}]\n";
    let error = Buildspec::parse(text).unwrap_err();
    assert_eq!((error.line(), error.column()), (4, 23));
    let labels: Vec<_> = miette::Diagnostic::labels(&error).unwrap().collect();
    assert!(text[labels[0].offset()..].starts_with("{ü"), "{labels:?}");
    let spec = Buildspec::parse(
        "# äöü\nversion: 0.2\nenv: {variables: {Ä: ö, N: 0o17}}\nphases: {build: {}}",
    );
    let variables = spec.unwrap().env.variables;
    assert_eq!(variables[1], ("N".to_owned(), "0o17".to_owned()));
}
