//! The facts of the CodeBuild service model, as data: operations, shapes, constraints, errors, pages.
//!
//! `codebuild.json` comes from the public service model; `examples/model_facts.rs` refreshes it.

mod answers;
mod constraints;

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Map;
use serde_json::Value;

pub(crate) use answers::check_answer;
pub(crate) use constraints::check;
pub(crate) use constraints::prune;

/// Read when the first request comes, so that starting does not wait for it.
static CODEBUILD: LazyLock<Facts> = LazyLock::new(|| {
    // The file is part of the program; a test reads it.
    serde_json::from_str(include_str!("model/codebuild.json")).unwrap_or_default()
});

/// A service model's facts.
#[derive(Debug, Default, Deserialize)]
struct Facts {
    operations: HashMap<String, Operation>,
    shapes: HashMap<String, Shape>,
}

#[derive(Debug, Deserialize)]
struct Operation {
    input: Option<String>,
    output: Option<String>,
    /// The codes of the errors that are its own.
    errors: Vec<String>,
}

/// One shape. Which members mean something depends on `kind`.
#[derive(Debug, Deserialize)]
pub(crate) struct Shape {
    #[serde(rename = "type")]
    kind: Kind,
    /// Length of a string, number of elements of a list, or value of a number: at least.
    min: Option<f64>,
    /// The same: at most.
    max: Option<f64>,
    pattern: Option<String>,
    #[serde(rename = "enum", default)]
    values: Vec<String>,
    #[serde(default)]
    required: Vec<String>,
    /// A structure's members and their shapes, in the model's order.
    #[serde(default)]
    members: Map<String, Value>,
    /// The shape of a list's elements.
    member: Option<String>,
    /// The shape of a map's keys.
    key: Option<String>,
    /// The shape of a map's values.
    value: Option<String>,
}

impl Shape {
    /// Whether its values are points in time.
    pub(crate) fn is_timestamp(&self) -> bool {
        self.kind == Kind::Timestamp
    }

    /// Whether its values are floating-point numbers.
    pub(crate) fn is_double(&self) -> bool {
        self.kind == Kind::Double
    }

    /// The shape of a structure's member or a map's value.
    pub(crate) fn member(&self, name: &str) -> Option<&'static Self> {
        let shape = self.members.get(name).and_then(Value::as_str);
        CODEBUILD.shapes.get(shape.or(self.value.as_deref())?)
    }

    /// The shape of a list's elements.
    pub(crate) fn element(&self) -> Option<&'static Self> {
        CODEBUILD.shapes.get(self.member.as_deref()?)
    }
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Structure,
    List,
    Map,
    String,
    Integer,
    Long,
    Double,
    Boolean,
    Timestamp,
}

/// Whether CodeBuild has an operation of this name.
pub(crate) fn has_operation(name: &str) -> bool {
    CODEBUILD.operations.contains_key(name)
}

/// The names of all operations, sorted.
pub(crate) fn operations() -> Vec<&'static str> {
    let mut names: Vec<&str> = CODEBUILD.operations.keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

/// The shape of what an operation answers.
pub(crate) fn output(operation: &str) -> Option<&'static Shape> {
    let output = CODEBUILD.operations.get(operation)?.output.as_deref()?;
    CODEBUILD.shapes.get(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_has_all_operations_and_every_shape_that_it_names() {
        assert_eq!(CODEBUILD.operations.len(), 59);
        for (name, shape) in &CODEBUILD.shapes {
            let members = shape.members.values().filter_map(Value::as_str);
            let of_collection = [&shape.member, &shape.key, &shape.value];
            let of_collection = of_collection.into_iter().filter_map(Option::as_deref);
            for referred in members.chain(of_collection) {
                assert!(
                    CODEBUILD.shapes.contains_key(referred),
                    "{name} names {referred}"
                );
            }
        }
        for (name, operation) in &CODEBUILD.operations {
            let shapes = [&operation.input, &operation.output];
            let shapes = shapes.into_iter().flatten().chain(&operation.errors);
            for referred in shapes {
                assert!(
                    CODEBUILD.shapes.contains_key(referred),
                    "{name} names {referred}"
                );
            }
        }
    }
}
