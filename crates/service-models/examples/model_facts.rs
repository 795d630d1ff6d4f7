//! Reads a service model of an installed botocore package and writes the facts that `local-aws`
//! checks inputs and answers against: operations, shapes, errors, pagination, without any
//! documentation text.
//!
//! ```console
//! $ pip install botocore
//! $ BOTOCORE=$(python3 -c 'import botocore; print(*botocore.__path__)')
//! $ cargo run -p service-models --example model_facts -- "$BOTOCORE" codebuild > codebuild.json
//! $ mv codebuild.json crates/service-models/src/
//! ```
//!
//! Names after the service choose operations; without any there are all. Of a large service the file
//! has only what is here:
//!
//! ```console
//! $ HERE=$(python3 -c 'import json; print(*json.load(open("crates/service-models/src/iam.json"))["operations"])')
//! $ cargo run -p service-models --example model_facts -- "$BOTOCORE" iam $HERE > iam.json
//! ```

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use flate2::read::GzDecoder;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

const USAGE: &str = "name the directory of the botocore package, a service, and perhaps operations: \
                     model_facts SITE-PACKAGES/botocore SERVICE [OPERATION...]";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(package), Some(service)) = (arguments.next(), arguments.next()) else {
        return Err(USAGE.into());
    };
    let chosen: Vec<String> = arguments.collect();
    let directory = newest(&Path::new(&package).join("data").join(service))?;
    let mut model = read(&directory, "service-2.json")?;
    let paginators = read(&directory, "paginators-1.json")?;
    // Not every service has any.
    let waiters = read(&directory, "waiters-2.json").unwrap_or_default();
    if !chosen.is_empty() {
        choose(&mut model, &chosen)?;
    }

    let mut metadata = Map::new();
    for key in [
        "apiVersion",
        "targetPrefix",
        "jsonVersion",
        "protocols",
        "xmlNamespace",
    ] {
        if let Some(value) = model["metadata"].get(key) {
            metadata.insert(key.to_owned(), value.clone());
        }
    }

    let mut out = std::io::stdout().lock();
    write!(out, "{{\"metadata\":{},", Value::Object(metadata))?;
    // One operation or shape a line: a refresh reads well in a diff.
    writeln!(out, "\n\"operations\":{{")?;
    let shapes = &model["shapes"];
    write_lines(
        &mut out,
        members(&model["operations"]).map(|(name, operation)| {
            let pagination = &paginators["pagination"][name];
            (name, operation_facts(operation, pagination, shapes))
        }),
    )?;
    writeln!(out, "}},\"shapes\":{{")?;
    write_lines(
        &mut out,
        members(shapes).map(|(name, shape)| (name, shape_facts(shape))),
    )?;
    writeln!(out, "}},\"waiters\":{{")?;
    write_lines(
        &mut out,
        members(&waiters["waiters"])
            .filter(|(_, waiter)| {
                let operation = waiter["operation"].as_str().unwrap_or_default();
                model["operations"].get(operation).is_some()
            })
            .map(|(name, waiter)| (name, waiter_facts(waiter))),
    )?;
    writeln!(out, "}}}}")?;
    Ok(())
}

/// A service has a directory for each version of its API, named by date.
fn newest(directory: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let entries = fs::read_dir(directory)
        .map_err(|error| format!("{}: {error}", directory.display()))?
        .collect::<Result<Vec<_>, _>>()?;
    let newest = entries.iter().map(fs::DirEntry::path).max();
    Ok(newest.ok_or_else(|| format!("{} is empty", directory.display()))?)
}

/// Keeps these operations, and the shapes that they lead to.
fn choose(model: &mut Value, names: &[String]) -> Result<(), Box<dyn Error>> {
    let mut operations = Map::new();
    let mut waiting = Vec::new();
    for name in names {
        let operation = model["operations"]
            .get(name)
            .ok_or_else(|| format!("there is no operation {name}"))?;
        references(operation, &mut waiting);
        operations.insert(name.clone(), operation.clone());
    }
    let mut shapes = Map::new();
    while let Some(name) = waiting.pop() {
        if !shapes.contains_key(&name) {
            let shape = &model["shapes"][&name];
            references(shape, &mut waiting);
            shapes.insert(name, shape.clone());
        }
    }
    model["operations"] = operations.into();
    model["shapes"] = shapes.into();
    Ok(())
}

/// The shapes that anything in a value refers to.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            found.extend(
                object
                    .get("shape")
                    .and_then(Value::as_str)
                    .map(str::to_owned),
            );
            for value in object.values() {
                references(value, found);
            }
        }
        Value::Array(elements) => elements.iter().for_each(|value| references(value, found)),
        _ => {}
    }
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

fn operation_facts(operation: &Value, pagination: &Value, shapes: &Value) -> Value {
    let errors: Vec<&Value> = operation["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|error| {
            let name = error["shape"].as_str().unwrap_or_default();
            // In XML an error may have another name than its shape.
            shapes[name]["error"].get("code").unwrap_or(&error["shape"])
        })
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
    if let Some(wrapper) = operation["output"].get("resultWrapper") {
        facts["wrapper"] = wrapper.clone();
    }
    if pagination.is_object() {
        facts["pages"] = pagination.clone();
    }
    // What is not said is POST and /.
    if operation["http"]["method"] != "POST" {
        facts["method"] = operation["http"]["method"].clone();
    }
    if operation["http"]["requestUri"] != "/" {
        facts["uri"] = operation["http"]["requestUri"].clone();
    }
    facts
}

/// Everything but the documentation texts.
fn waiter_facts(waiter: &Value) -> Value {
    json!({
        "operation": waiter["operation"],
        "delay": waiter["delay"],
        "maxAttempts": waiter["maxAttempts"],
        "acceptors": waiter["acceptors"],
    })
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
        "flattened",
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
        facts.extend(member_facts(&shape["members"]));
    }
    for key in ["member", "key", "value"] {
        if let Some(reference) = shape[key].get("shape") {
            facts.insert(key.to_owned(), reference.clone());
        }
        // The names of elements in a query and in XML, if they are not the usual ones.
        if let Some(name) = shape[key].get("locationName") {
            facts.insert(format!("{key}Name"), name.clone());
        }
    }
    for (key, fact) in [("code", "code"), ("httpStatusCode", "status")] {
        if let Some(value) = shape["error"].get(key) {
            facts.insert(fact.to_owned(), value.clone());
        }
    }
    Value::Object(facts)
}

/// What is special about some members of a structure: other names on the wire, places outside of the
/// body, tokens that a client makes itself.
fn member_facts(all: &Value) -> Map<String, Value> {
    let mut names = Map::new();
    let mut places = Map::new();
    let mut tokens = Vec::new();
    for (name, member) in members(all) {
        let on_the_wire = member.get("locationName").filter(|other| *other != name);
        if let Some(place) = member.get("location") {
            let on_the_wire = member.get("locationName").cloned();
            let on_the_wire = on_the_wire.unwrap_or_else(|| name.as_str().into());
            places.insert(name.clone(), json!([place, on_the_wire]));
        } else if let Some(on_the_wire) = on_the_wire {
            names.insert(name.clone(), on_the_wire.clone());
        }
        if member["idempotencyToken"] == true {
            tokens.push(Value::from(name.as_str()));
        }
    }
    let mut facts = Map::new();
    if !names.is_empty() {
        facts.insert("names".to_owned(), names.into());
    }
    if !places.is_empty() {
        facts.insert("places".to_owned(), places.into());
    }
    if !tokens.is_empty() {
        facts.insert("tokens".to_owned(), tokens.into());
    }
    facts
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
