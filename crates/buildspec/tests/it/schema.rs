//! docs/buildspec.schema.json: current, and right about the samples and the repository's buildspec.

use std::path::Path;
use std::path::PathBuf;

use buildspec::Buildspec;
use serde_json::Value;
use serde_json::json;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn schema() -> Value {
    serde_json::from_str(&buildspec::json_schema()).unwrap()
}

/// The mistakes of a value, each with its place. Knows the words of JSON Schema that ours has, and
/// panics on any other.
fn mistakes(schema: &Value, value: &Value, place: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut inner = Vec::new();
    let mut wrong = |what: String| found.push(format!("{place}: {what}"));
    for (word, rule) in schema.as_object().unwrap() {
        match word.as_str() {
            "$schema" | "title" | "description" => {}
            "type" => {
                let is = |name: &Value| match name.as_str().unwrap() {
                    "string" => value.is_string(),
                    "number" => value.is_number(),
                    "integer" => value.is_u64(),
                    "boolean" => value.is_boolean(),
                    "null" => value.is_null(),
                    "array" => value.is_array(),
                    "object" => value.is_object(),
                    other => panic!("{other}"),
                };
                let good = match rule {
                    Value::Array(names) => names.iter().any(is),
                    name => is(name),
                };
                if !good {
                    wrong(format!("{value} is not {rule}"));
                }
            }
            "enum" => {
                if !rule.as_array().unwrap().contains(value) {
                    wrong(format!("{value} is not one of {rule}"));
                }
            }
            "pattern" => {
                let pattern = regex::Regex::new(rule.as_str().unwrap()).unwrap();
                if value.as_str().is_some_and(|text| !pattern.is_match(text)) {
                    wrong(format!("{value} does not match {rule}"));
                }
            }
            "minimum" | "maximum" => {
                let order = value
                    .as_u64()
                    .map(|number| number.cmp(&rule.as_u64().unwrap()));
                let bad = match word.as_str() {
                    "minimum" => std::cmp::Ordering::Less,
                    _ => std::cmp::Ordering::Greater,
                };
                if order == Some(bad) {
                    wrong(format!("{value}: the {word} is {rule}"));
                }
            }
            "minItems" | "maxItems" | "maxProperties" => {
                let count = match value {
                    Value::Array(items) => items.len(),
                    Value::Object(entries) => entries.len(),
                    _ => continue,
                };
                let limit = usize::try_from(rule.as_u64().unwrap()).unwrap();
                let good = if word == "minItems" {
                    count >= limit
                } else {
                    count <= limit
                };
                if !good {
                    wrong(format!("{count} are there: {word} is {limit}"));
                }
            }
            "required" => {
                for key in rule.as_array().unwrap() {
                    if value.is_object() && value.get(key.as_str().unwrap()).is_none() {
                        wrong(format!("{key} is missing"));
                    }
                }
            }
            "anyOf" | "oneOf" => {
                let schemas = rule.as_array().unwrap().iter();
                let good = schemas.filter(|schema| mistakes(schema, value, place).is_empty());
                let good = good.count();
                if good == 0 || (word == "oneOf" && good > 1) {
                    wrong(format!("{good} of {word} are right"));
                }
            }
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    inner.extend(mistakes(rule, item, &format!("{place}[{index}]")));
                }
            }
            "properties" | "additionalProperties" => {}
            other => panic!("{other}"),
        }
    }
    found.extend(inner);
    for (key, inner) in value.as_object().into_iter().flatten() {
        let below = format!("{place}.{key}");
        match (&schema["properties"][key], &schema["additionalProperties"]) {
            (Value::Null, Value::Null) => {}
            (Value::Null, Value::Bool(false)) => found.push(format!("{below}: no such key")),
            (Value::Null, rule) | (rule, _) => found.extend(mistakes(rule, inner, &below)),
        }
    }
    found
}

/// As a YAML plugin reads it.
fn json_of(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap()
}

#[test]
fn the_file_in_docs_is_current() {
    let file = std::fs::read_to_string(repository().join("docs/buildspec.schema.json"));
    assert!(
        file.unwrap_or_default() == buildspec::json_schema(),
        "docs/buildspec.schema.json is not current: run `cargo run -p buildspec --example schema`"
    );
}

#[test]
fn the_repositorys_buildspec_and_the_samples_are_right() {
    let own = std::fs::read_to_string(repository().join("buildspec.yml")).unwrap();
    assert_eq!(mistakes(&schema(), &json_of(&own), ""), [""; 0]);
    for name in super::samples::names() {
        let text = super::samples::sample(name);
        let found = mistakes(&schema(), &json_of(&text), "");
        match name {
            // It has two unknown keys on purpose.
            "python" => assert_eq!(
                found,
                [
                    ".phases.build.command: no such key",
                    ".phases.post-build: no such key"
                ]
            ),
            name => assert_eq!(found, [""; 0], "{name}"),
        }
    }
}

/// Each of these is refused by the schema and, as an error or a warning, by the parser.
#[test]
fn schema_and_parser_refuse_the_same() {
    let build = json!({ "commands": ["make"] });
    for (pointer, value) in [
        ("/version", json!("0.3")),
        ("/version", Value::Null),
        ("/phases/build/commands", json!("make")),
        ("/phases/build/commands", json!([{ "echo a": "b" }])),
        ("/phases/build/on-failure", json!("STOP")),
        ("/phases/build/runtime-versions", json!({ "java": 21 })),
        ("/phases/prebuild", build.clone()),
        ("/env/shell", json!("fish")),
        ("/env/git-credential-helper", json!("often")),
        ("/env/exported-variables", json!("A")),
        ("/proxy/logs", json!("maybe")),
        ("/artifacts", json!({ "name": "x" })),
        ("/artifacts", json!({ "files": [] })),
        (
            "/artifacts",
            json!({ "files": ["x"], "secondary-artifacts": { "a": {} } }),
        ),
        (
            "/reports",
            json!({ "unit": { "files": ["x"], "file-format": "JUNIT" } }),
        ),
        ("/cache", json!({ "key": "x" })),
        ("/cache", json!({ "paths": ["x"], "action": "load" })),
        (
            "/cache",
            json!({ "paths": ["x"], "fallback-keys": ["1", "2", "3", "4", "5", "6"] }),
        ),
        ("/batch", json!({ "fast-fail": true })),
        ("/batch", json!({ "build-list": [] })),
        ("/batch", json!({ "build-fanout": { "parallelism": 0 } })),
        (
            "/batch",
            json!({ "build-fanout": { "parallelism": 2 }, "build-list": [{ "identifier": "a" }] }),
        ),
        (
            "/batch",
            json!({ "build-list": [{ "identifier": "a", "depend-on": ["b"] }] }),
        ),
    ] {
        let mut spec = json!({
            "version": 0.2,
            "env": {},
            "proxy": {},
            "phases": { "build": build },
        });
        assert_eq!(mistakes(&schema(), &spec, ""), [""; 0]);
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        spec.pointer_mut(parent).unwrap()[key] = value;
        assert_ne!(mistakes(&schema(), &spec, ""), [""; 0], "{spec}");
        let refused = match Buildspec::parse(&spec.to_string()) {
            Ok(spec) => !spec.warnings.is_empty(),
            Err(_) => true,
        };
        assert!(refused, "{spec}");
    }
}
