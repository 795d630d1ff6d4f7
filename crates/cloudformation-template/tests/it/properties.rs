//! What holds for any text.

use std::collections::BTreeMap;

use cloudformation_template::Template;
use proptest::collection::vec;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::sample::Index;
use proptest::sample::select;

use super::Known;
use super::context;
use super::template_with;

const DEMO: &str = include_str!("../samples/demo-cert-devops.yaml");

/// Words that change what a template means.
const WORDS: [&str; 28] = [
    "!Ref ",
    "!Sub ",
    "!GetAtt ",
    "!If ",
    "!Join ",
    "!Select ",
    "!Split ",
    "!Cidr ",
    "!Equals ",
    "!FindInMap ",
    "!Not ",
    "Fn::Sub: ",
    "${",
    "}",
    "[",
    "]",
    "{",
    ":",
    "\n",
    "  ",
    "\"",
    "'",
    "null",
    "*a",
    "&a ",
    "AWS::NoValue",
    "{{resolve:ssm:",
    "\u{e4}",
];

/// Everything that can be done with a text.
fn use_it(text: &str) {
    let errors = Template::check(text);
    for error in &errors {
        assert!(
            error.position().line >= 1 && !error.message().is_empty(),
            "{error:?}"
        );
    }
    let template = match Template::parse(text) {
        Ok(template) => template,
        Err(error) => {
            assert!(!errors.is_empty(), "{error}");
            return;
        }
    };
    assert!(errors.is_empty(), "{errors:?}");
    let _ = template.summary();
    let Ok(bound) = template.bind(&BTreeMap::new(), &context(), &BTreeMap::new()) else {
        return;
    };
    for is_lenient in [false, true] {
        let values = Known {
            is_lenient,
            missing: vec!["Topic"],
        };
        for id in bound.order() {
            let _ = bound.properties(id, &values);
            let _ = bound.metadata(id, &values);
            let _ = bound.dynamic_references(id, &values);
            let _ = bound.references(id);
        }
        let _ = bound.outputs(&values);
        let _ = bound.imports(&values);
    }
}

/// A template with words put in, and parts taken out.
fn mutated(template: String) -> impl Strategy<Value = String> {
    let changes = vec((any::<Index>(), select(&WORDS[..]), 0..6_usize), 1..5);
    changes.prop_map(move |changes| {
        let mut characters: Vec<char> = template.chars().collect();
        for (at, word, removed) in changes {
            let at = at.index(characters.len());
            let end = (at + removed).min(characters.len());
            characters.splice(at..end, word.chars());
        }
        characters.into_iter().collect()
    })
}

proptest::proptest! {
    #[test]
    fn no_text_is_too_much(text in ".{0,200}") {
        use_it(&text);
    }

    #[test]
    fn no_change_to_a_template_is_too_much(text in mutated(DEMO.to_owned())) {
        use_it(&text);
    }

    #[test]
    fn no_change_to_functions_is_too_much(
        text in mutated(template_with("{A: !Join ['', !Split [a, !Sub '${Bucket.Arn}']], B: !If [Large, !Cidr [10.0.0.0/8, 2, 8], !FindInMap [Sizes, small, cpu]], C: !Select [1, !GetAZs '']}"))
    ) {
        use_it(&text);
    }

    #[test]
    fn no_change_to_json_is_too_much(
        text in mutated(r#"{"Resources": {"A": {"Type": "T", "Properties": {"X": {"Fn::Join": ["-", ["\u00e4", {"Ref": "A"}]]}}}}}"#.to_owned())
    ) {
        use_it(&text);
    }
}
