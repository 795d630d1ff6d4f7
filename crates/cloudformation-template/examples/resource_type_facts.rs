//! Reads AWS's published schemas of CloudFormation resource types out of an installed cfn-lint package
//! and writes the facts that this crate checks properties against, a file a type, without any
//! documentation text.
//!
//! ```console
//! $ pip install --target packages cfn-lint
//! $ HERE=crates/cloudformation-template/src/resource_types
//! $ cargo run -p cloudformation-template --example resource_type_facts -- packages/cfnlint $HERE
//! ```
//!
//! Names of types after the directory choose others than those that are there. `names.txt` gets the
//! names of all types of AWS.

use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::Path;

use cloudformation_template::resource_types;
use serde_json::Map;
use serde_json::Value;

const USAGE: &str = "name the directory of the cfn-lint package, where to write, and perhaps types: \
                     resource_type_facts PACKAGES/cfnlint DIRECTORY [TYPE...]";

/// What a schema says about a type as a whole.
const OF_TYPES: [&str; 9] = [
    "typeName",
    "primaryIdentifier",
    "createOnlyProperties",
    "conditionalCreateOnlyProperties",
    "readOnlyProperties",
    "writeOnlyProperties",
    "deprecatedProperties",
    "additionalProperties",
    "required",
];

/// What a schema says about values. `description`, `format`, `examples` and the like are not here.
const OF_VALUES: [&str; 19] = [
    "$ref",
    "type",
    "enum",
    "const",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
    "uniqueItems",
    "insertionOrder",
    "default",
    "required",
    "additionalProperties",
    "minProperties",
    "maxProperties",
    "dependencies",
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(package), Some(directory)) = (arguments.next(), arguments.next()) else {
        return Err(USAGE.into());
    };
    let chosen: Vec<String> = arguments.collect();
    let chosen = match chosen.is_empty() {
        true => resource_types::all()
            .map(|known| known.name().to_owned())
            .collect(),
        false => chosen,
    };
    let schemas = Path::new(&package).join("data/schemas");
    let files = read(&schemas.join("providers/us-east-1.json"))?;
    let names = files.as_object().into_iter().flatten();
    let mut names: Vec<&str> = names
        .map(|(name, _)| name.as_str())
        .filter(|name| name.starts_with("AWS::") && !name.ends_with("::MODULE"))
        .collect();
    names.sort_unstable();
    let list = Path::new(&directory).join("names.txt");
    fs::write(list, format!("{}\n", names.join("\n")))?;
    for name in chosen {
        let file = files[&name]
            .as_str()
            .ok_or_else(|| format!("there is no type {name}"))?;
        let schema = read(&schemas.join("resources").join(format!("{file}.json")))?;
        let file = format!("{}.json", name.replace("::", "-").to_lowercase());
        write(&Path::new(&directory).join(file), &schema)?;
    }
    Ok(())
}

fn read(path: &Path) -> Result<Value, Box<dyn Error>> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(serde_json::from_str(&text)?)
}

/// One property or definition a line: a refresh reads well in a diff.
fn write(path: &Path, schema: &Value) -> Result<(), Box<dyn Error>> {
    let mut out = fs::File::create(path)?;
    for key in OF_TYPES {
        if let Some(value) = schema.get(key) {
            let comma = if key == "typeName" { "{" } else { "," };
            writeln!(out, "{comma}\"{key}\":{value}")?;
        }
    }
    if let Some(alternatives) = schema.get("anyOf") {
        writeln!(out, ",\"anyOf\":{}", each(alternatives))?;
    }
    let tagging = &schema["tagging"];
    if let Some(property) = tagging.get("tagProperty") {
        let system = tagging["cloudFormationSystemTags"]
            .as_bool()
            .unwrap_or(true);
        writeln!(
            out,
            ",\"tagging\":{{\"tagProperty\":{property},\"cloudFormationSystemTags\":{system}}}"
        )?;
    }
    for key in ["properties", "definitions"] {
        writeln!(out, ",\"{key}\":{{")?;
        let mut comma = "";
        for (name, value) in schema[key].as_object().into_iter().flatten() {
            writeln!(
                out,
                "{comma}{}:{}",
                Value::from(name.as_str()),
                facts(value)
            )?;
            comma = ",";
        }
        writeln!(out, "}}")?;
    }
    writeln!(out, "}}")?;
    Ok(())
}

fn facts(schema: &Value) -> Value {
    let mut facts = Map::new();
    for (key, value) in schema.as_object().into_iter().flatten() {
        let value = match key.as_str() {
            "properties" | "patternProperties" => value
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, schema)| (name.clone(), self::facts(schema)))
                .collect::<Map<String, Value>>()
                .into(),
            "items" => self::facts(value),
            "oneOf" | "anyOf" | "allOf" => {
                let alternatives = each(value);
                // Alternatives that differ in what is not kept here say nothing.
                if alternatives
                    .as_array()
                    .is_none_or(|all| all.contains(&Value::Object(Map::new())))
                {
                    continue;
                }
                alternatives
            }
            // Where a map may have any key, the schema of its values is of no use here.
            "additionalProperties" if value.is_object() => continue,
            key if OF_VALUES.contains(&key) => value.clone(),
            _ => continue,
        };
        facts.insert(key.clone(), value);
    }
    facts.into()
}

fn each(schemas: &Value) -> Value {
    schemas
        .as_array()
        .into_iter()
        .flatten()
        .map(facts)
        .collect()
}
