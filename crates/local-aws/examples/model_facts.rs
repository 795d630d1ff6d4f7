//! Reads the CodeBuild service model of an installed botocore package and writes the facts that
//! `local-aws` checks inputs and answers against: operations, shapes, errors, pagination, without
//! any documentation text.
//!
//! ```console
//! $ pip install botocore
//! $ cargo run -p local-aws --example model_facts -- "$(python3 -c 'import botocore; print(*botocore.__path__)')" > crates/local-aws/src/model/codebuild.json
//! ```

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::Read;
use std::io::Write;
use std::path::Path;

use flate2::read::GzDecoder;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

fn main() -> Result<(), Box<dyn Error>> {
    let package = std::env::args()
        .nth(1)
        .ok_or("name the directory of the botocore package: model_facts SITE-PACKAGES/botocore")?;
    let directory = Path::new(&package).join("data/codebuild/2016-10-06");
    let model = read(&directory, "service-2.json")?;
    let paginators = read(&directory, "paginators-1.json")?;

    let mut metadata = Map::new();
    for key in ["apiVersion", "targetPrefix", "jsonVersion", "protocols"] {
        metadata.insert(key.to_owned(), model["metadata"][key].clone());
    }

    let mut out = std::io::stdout().lock();
    write!(out, "{{\"metadata\":{},", Value::Object(metadata))?;
    // One operation or shape a line: a refresh reads well in a diff.
    writeln!(out, "\n\"operations\":{{")?;
    write_lines(
        &mut out,
        members(&model["operations"]).map(|(name, operation)| {
            (
                name,
                operation_facts(operation, &paginators["pagination"][name]),
            )
        }),
    )?;
    writeln!(out, "}},\"shapes\":{{")?;
    write_lines(
        &mut out,
        members(&model["shapes"]).map(|(name, shape)| (name, shape_facts(shape))),
    )?;
    writeln!(out, "}}}}")?;
    Ok(())
}

/// A file of the model, packed or not.
fn read(directory: &Path, name: &str) -> Result<Value, Box<dyn Error>> {
    let path = directory.join(name);
    let packed = directory.join(format!("{name}.gz"));
    if packed.exists() {
        let mut text = String::new();
        GzDecoder::new(fs::File::open(packed)?).read_to_string(&mut text)?;
        return Ok(serde_json::from_str(&text)?);
    }
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(serde_json::from_str(&text)?)
}

fn operation_facts(operation: &Value, pagination: &Value) -> Value {
    let errors: Vec<&Value> = operation["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|error| &error["shape"])
        .collect();
    let mut facts = json!({
        "input": operation["input"]["shape"],
        "output": operation["output"]["shape"],
        "errors": errors,
    });
    // What is not said is 200.
    if let Some(status) = operation["http"].get("responseCode") {
        facts["status"] = status.clone();
    }
    if pagination.is_object() {
        facts["pages"] = pagination.clone();
    }
    facts
}

fn shape_facts(shape: &Value) -> Value {
    let mut facts = Map::new();
    for key in [
        "type",
        "min",
        "max",
        "pattern",
        "enum",
        "exception",
        "sensitive",
    ] {
        if let Some(value) = shape.get(key) {
            facts.insert(key.to_owned(), value.clone());
        }
    }
    if let Some(required) = shape["required"]
        .as_array()
        .filter(|names| !names.is_empty())
    {
        facts.insert("required".to_owned(), required.clone().into());
    }
    if shape["type"] == "structure" {
        let references: Map<String, Value> = members(&shape["members"])
            .map(|(name, member)| (name.clone(), member["shape"].clone()))
            .collect();
        facts.insert("members".to_owned(), Value::Object(references));
    }
    for key in ["member", "key", "value"] {
        if let Some(reference) = shape[key].get("shape") {
            facts.insert(key.to_owned(), reference.clone());
        }
    }
    Value::Object(facts)
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn write_lines<'a>(
    out: &mut impl Write,
    entries: impl Iterator<Item = (&'a String, Value)>,
) -> std::io::Result<()> {
    let sorted: BTreeMap<&String, Value> = entries.collect();
    for (index, (name, value)) in sorted.iter().enumerate() {
        let comma = if index + 1 == sorted.len() { "" } else { "," };
        writeln!(out, "{}:{value}{comma}", Value::from(name.as_str()))?;
    }
    Ok(())
}
