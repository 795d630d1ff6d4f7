//! What holds for any input.

use buildspec::Buildspec;
use buildspec::LintContext;
use proptest::collection::vec;
use proptest::prelude::Just;
use proptest::prelude::Strategy;
use proptest::prop_oneof;
use proptest::sample::Index;
use proptest::sample::select;
use serde_json::Map;
use serde_json::Value;

use super::samples;

const CONTEXT: LintContext<'_> = LintContext {
    privileged: Some(false),
    image: Some("docker:dind"),
};

/// Everything that can be done with a text; places are places of the text.
fn use_it(text: &str) {
    let lines = text.lines().count().max(1);
    // A carriage return ends a line in YAML, too.
    let lines = lines + text.matches('\r').count() + 1;
    let _ = Buildspec::parse(text);
    let _ = Buildspec::parse_batchspec(text);
    match Buildspec::parse_any(text) {
        Ok(spec) => {
            for warning in spec.warnings.iter().chain(&spec.lint(&CONTEXT)) {
                assert!(
                    (1..=lines).contains(&warning.line),
                    "{warning:?} in {text:?}"
                );
                assert!(warning.column >= 1 && !warning.message.is_empty());
            }
            let _ = spec.lint(&LintContext::default());
            assert!(!spec.explain().to_string().is_empty());
        }
        Err(error) => {
            assert!((1..=lines).contains(&error.line()), "{error} in {text:?}");
            assert!(!error.message().is_empty() && !error.aws_message().is_empty());
        }
    }
}

/// The words of the language, and some that are not.
const WORDS: [&str; 56] = [
    "version",
    "0.2",
    "0.1",
    "run-as",
    "env",
    "shell",
    "bash",
    "variables",
    "parameter-store",
    "secrets-manager",
    "exported-variables",
    "git-credential-helper",
    "proxy",
    "logs",
    "upload-artifacts",
    "batch",
    "fast-fail",
    "build-list",
    "build-graph",
    "build-matrix",
    "build-fanout",
    "identifier",
    "depend-on",
    "static",
    "dynamic",
    "parallelism",
    "phases",
    "install",
    "pre_build",
    "build",
    "post_build",
    "commands",
    "finally",
    "on-failure",
    "RETRY-3-x",
    "runtime-versions",
    "reports",
    "files",
    "file-format",
    "junitxml",
    "artifacts",
    "secondary-artifacts",
    "discard-paths",
    "yes",
    "cache",
    "paths",
    "key",
    "fallback-keys",
    "action",
    "restore",
    "ignore-failure",
    "",
    "a",
    "ü",
    "3",
    "x: y",
];

fn tree() -> impl Strategy<Value = Value> {
    let word = || select(WORDS.to_vec());
    let leaf = prop_oneof![
        Just(Value::Null),
        word().prop_map(Value::from),
        shell_text().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 48, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::Array),
            vec((word(), inner), 0..6).prop_map(|entries| {
                let entries = entries
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), value));
                Value::Object(entries.collect::<Map<_, _>>())
            }),
        ]
    })
}

/// Texts that look like shell scripts.
fn shell_text() -> impl Strategy<Value = String> {
    let parts = select(vec![
        "docker",
        "dockerd",
        "timeout",
        "-t",
        "15",
        "sh -c",
        "set -e",
        "until",
        "do",
        "done",
        "if",
        "then",
        "fi",
        "case",
        "in",
        "esac",
        "x)",
        "(",
        ")",
        "{",
        "}",
        "$(",
        "`",
        "'",
        "\"",
        "\\",
        "\n",
        ";",
        "&",
        "&&",
        "|",
        "||",
        "<<EOF",
        "EOF",
        "<(",
        ">",
        "$((",
        "${a//b}",
        "[[",
        "]]",
        "f()",
        "f",
        "a=(",
        "#",
        "source x",
        "for x",
        "ä",
        " ",
        "\t",
        "wait",
        "alias x=y",
        "cd",
    ]);
    vec((parts, select(vec!["", " "])), 0..24).prop_map(|parts| {
        parts
            .into_iter()
            .flat_map(|(part, space)| [part, space])
            .collect()
    })
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "(?s).{0,200}") {
        use_it(&text);
    }

    #[test]
    fn no_tree_makes_it_panic(tree in tree()) {
        use_it(&tree.to_string());
    }

    #[test]
    fn no_change_to_a_sample_makes_it_panic(
        name in select(samples::names().collect::<Vec<_>>()),
        cuts in vec((proptest::arbitrary::any::<Index>(), 0usize..12, "(?s).{0,3}"), 1..4),
    ) {
        let mut chars: Vec<char> = samples::sample(name).chars().collect();
        for (at, length, with) in cuts {
            let begin = at.index(chars.len() + 1);
            let end = (begin + length).min(chars.len());
            chars.splice(begin..end, with.chars());
        }
        use_it(&chars.into_iter().collect::<String>());
    }

    #[test]
    fn no_command_makes_the_lints_panic(command in shell_text()) {
        use_it(&serde_json::json!({
            "version": "0.2",
            "phases": { "build": { "commands": [command] } },
        }).to_string());
    }

    #[test]
    fn commands_keep_their_texts(
        commands in vec("[^\u{0}-\u{1f}\u{7f}-\u{9f}\u{2028}\u{2029}\u{feff}\u{fffe}\u{ffff}]{1,40}", 1..6)
    ) {
        let text = serde_json::json!({
            "version": "0.2",
            "phases": { "build": { "commands": commands, "finally": commands } },
        }).to_string();
        let build = Buildspec::parse(&text).unwrap().phases.build.unwrap();
        let texts = |list: &[buildspec::Command]| -> Vec<String> {
            list.iter().map(|command| command.text.clone()).collect()
        };
        proptest::prop_assert_eq!(&texts(&build.commands), &commands);
        proptest::prop_assert_eq!(&texts(&build.finally), &commands);
    }

    /// A block after `- |` is the command, line for line, and its lines have their places.
    #[test]
    fn blocks_keep_their_lines(lines in vec("[a-z#:'\"$&|] ?[ -~]{0,20}[!-~]", 1..6)) {
        let block: String = lines.iter().map(|line| format!("        {line}\n")).collect();
        let text = format!("version: 0.2\nphases:\n  build:\n    commands:\n      - |\n{block}");
        let build = Buildspec::parse(&text).unwrap().phases.build.unwrap();
        let written: String = lines.iter().map(|line| format!("{line}\n")).collect();
        proptest::prop_assert_eq!(&build.commands[0].text, &written);
        let last = lines.len() - 1;
        let expected = if last == 0 { (6, 9) } else { (6 + last, 9) };
        proptest::prop_assert_eq!(build.commands[0].place_of_line(last), expected);
    }
}

/// Nothing that is nested deeply, or made of many brackets, takes the stack or long.
#[test]
fn deep_and_long_inputs_end() {
    for part in ["[", "{a: ", "- ", "a:\n ", "&a [*a, "] {
        use_it(&part.repeat(20_000));
    }
    for part in [
        "$(",
        "(",
        "`",
        "\"$(",
        "sh -c '",
        "if ",
        "case x in ",
        "<<a\n",
        "{ ",
        "${",
    ] {
        let command = part.repeat(10_000);
        use_it(
            &serde_json::json!({
                "version": "0.2",
                "phases": { "build": { "commands": [command] } },
            })
            .to_string(),
        );
    }
}
