//! Reads a botocore `service-2.json` on stdin and writes the facts that `local-aws` checks inputs
//! against: operations and shapes, without any documentation text.
//!
//! ```console
//! $ gzip -cd service-2.json.gz | cargo run -p local-aws --example model_facts > crates/local-aws/src/model/codebuild.json
//! ```

use std::collections::BTreeMap;
use std::io::Read;
use std::io::Write;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let model: Value = serde_json::from_str(&text)?;

    let mut operations = BTreeMap::new();
    for (name, operation) in members(&model["operations"]) {
        operations.insert(
            name,
            json!({ "input": operation["input"]["shape"], "output": operation["output"]["shape"] }),
        );
    }
    let mut shapes = BTreeMap::new();
    for (name, shape) in members(&model["shapes"]) {
        let mut facts = Map::new();
        for key in ["type", "min", "max", "pattern", "enum"] {
            if let Some(value) = shape.get(key) {
                facts.insert(key.to_owned(), value.clone());
            }
        }
        match shape.get("required") {
            Some(Value::Array(required)) if !required.is_empty() => {
                facts.insert("required".to_owned(), shape["required"].clone());
            }
            _ => {}
        }
        if shape["type"] == "structure" {
            let refs: Map<String, Value> = members(&shape["members"])
                .map(|(name, member)| (name.clone(), member["shape"].clone()))
                .collect();
            facts.insert("members".to_owned(), Value::Object(refs));
        }
        if shape["type"] == "list" {
            facts.insert("member".to_owned(), shape["member"]["shape"].clone());
        }
        shapes.insert(name, Value::Object(facts));
    }

    // One operation or shape a line: a refresh reads well in a diff.
    let mut out = std::io::stdout().lock();
    writeln!(out, "{{\"operations\":{{")?;
    write_lines(&mut out, &operations)?;
    writeln!(out, "}},\"shapes\":{{")?;
    write_lines(&mut out, &shapes)?;
    writeln!(out, "}}}}")?;
    Ok(())
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn write_lines(out: &mut impl Write, entries: &BTreeMap<&String, Value>) -> std::io::Result<()> {
    for (index, (name, value)) in entries.iter().enumerate() {
        let comma = if index + 1 == entries.len() { "" } else { "," };
        writeln!(out, "{}:{value}{comma}", Value::from(name.as_str()))?;
    }
    Ok(())
}
