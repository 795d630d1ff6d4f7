//! Any text: it is read, checked and explained without a panic, and places are in the text.

#![no_main]

use buildspec::Buildspec;
use buildspec::LintContext;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = Buildspec::parse(text);
    let _ = Buildspec::parse_batchspec(text);
    match Buildspec::parse_any(text) {
        Ok(spec) => {
            let context = LintContext {
                privileged: Some(false),
                image: Some("docker:dind"),
            };
            for warning in spec.warnings.iter().chain(&spec.lint(&context)) {
                assert!(warning.line >= 1 && warning.column >= 1);
                assert!(warning.line <= text.len() + 1);
            }
            let _ = spec.lint(&LintContext::default());
            let _ = spec.explain().to_string();
        }
        Err(error) => assert!(!error.aws_message().is_empty()),
    }
});
