//! The facts of the CodeBuild service model, as data: operations, shapes, constraints.
//!
//! `codebuild.json` comes from the public service model; `examples/model_facts.rs` refreshes it.

mod constraints;

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Map;
use serde_json::Value;

pub(crate) use constraints::check;

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
}

/// One shape. Which members mean something depends on `kind`.
#[derive(Debug, Deserialize)]
struct Shape {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_has_all_operations_and_every_shape_that_it_names() {
        assert_eq!(CODEBUILD.operations.len(), 59);
        for (name, shape) in &CODEBUILD.shapes {
            let members = shape.members.values().filter_map(Value::as_str);
            for referred in members.chain(shape.member.as_deref()) {
                assert!(
                    CODEBUILD.shapes.contains_key(referred),
                    "{name} names {referred}"
                );
            }
        }
    }
}
