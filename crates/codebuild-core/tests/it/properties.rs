//! No line, however odd, makes the parser panic.

use std::path::Path;

use codebuild_core::AwsCommand;
use codebuild_core::diagnose;
use proptest::prelude::*;
use serde_json::json;

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("codebuild".to_owned()),
        Just("start-build".to_owned()),
        Just("create-project".to_owned()),
        Just("--cli-input-json".to_owned()),
        Just("--environment".to_owned()),
        Just("--environment-variables-override".to_owned()),
        Just("--query".to_owned()),
        Just("--project-name".to_owned()),
        Just("--max-items".to_owned()),
        "--[a-z-]{0,12}(=.{0,12})?",
        "[a-z]{1,4}=[\\[{\"'a-z,=\\\\ ]{0,24}",
        "[\\[{]\\PC{0,24}",
        "\\PC{0,16}",
    ]
}

proptest! {
    #[test]
    fn any_words_parse_or_are_refused(words in prop::collection::vec(word(), 0..10)) {
        let _ = AwsCommand::parse(&words, Path::new("/nonexistent"));
    }

    #[test]
    fn any_value_of_a_known_option_parses_or_is_refused(value in "\\PC{0,40}") {
        let words = ["codebuild", "start-build", "--project-name", "demo", "--cache-override"]
            .map(str::to_owned)
            .into_iter()
            .chain([value])
            .collect::<Vec<_>>();
        let _ = AwsCommand::parse(&words, Path::new("/nonexistent"));
    }

    #[test]
    fn any_log_is_diagnosed(lines in prop::collection::vec("\\PC{0,40}", 0..8), message in "\\PC{0,40}") {
        let build = json!({
            "buildStatus": "FAILED",
            "phases": [{"phaseType": "BUILD", "phaseStatus": "FAILED", "contexts": [{"statusCode": "X", "message": message}]}],
        });
        prop_assert!(!diagnose(&build, &lines).is_empty());
    }
}
