//! The sections of a template.

use crate::declarations::Declarations;
use crate::error::Position;
use crate::node::Entry;
use crate::node::Node;
use crate::node::Value;

use super::Reader;
use super::suggestion;

const SECTIONS: [&str; 10] = [
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    "Rules",
    "Transform",
];

/// The only transform that is carried out: it adds to the language, and needs no code of others.
const LANGUAGE_EXTENSIONS: &str = "AWS::LanguageExtensions";

const MOST_PARAMETERS: usize = 200;
const MOST_MAPPINGS: usize = 200;
const MOST_RESOURCES: usize = 500;
const MOST_OUTPUTS: usize = 200;
const LONGEST_DESCRIPTION: usize = 1024;

/// Reads all sections; what is wrong is in the reader's errors then.
pub(crate) fn declarations(root: &Node, reader: &mut Reader) -> Declarations {
    let mut read = Declarations::default();
    let Some(entries) = root.entries() else {
        reader.error_with_help(
            "Template format error: unsupported structure.",
            root.position,
            "a template is an object with the section Resources",
        );
        return read;
    };
    check_sections(entries, reader);
    if let Some(node) = root.get("Transform") {
        read.transforms = transforms(node, reader);
        reader.has_extensions = read
            .transforms
            .iter()
            .any(|name| name == LANGUAGE_EXTENSIONS);
    }
    for entry in entries {
        match entry.key.as_str() {
            "AWSTemplateFormatVersion" => read.version = version(entry, reader),
            "Description" => read.description = description(entry, reader),
            "Metadata" => match entry.value.value {
                Value::Mapping(_) => read.metadata = Some(entry.value.to_json()),
                _ => reader.error(
                    "Template format error: Metadata must be an object.",
                    entry.value.position,
                ),
            },
            _ => {}
        }
    }
    let section = |reader: &mut Reader, name: &str| match root.get(name) {
        Some(node) => reader.section(name, node),
        None => &[],
    };
    let parameters = section(reader, "Parameters");
    let mappings = section(reader, "Mappings");
    let conditions = section(reader, "Conditions");
    let rules = section(reader, "Rules");
    let resources = section(reader, "Resources");
    let outputs = section(reader, "Outputs");
    if resources.is_empty() {
        let position = match root.get("Resources") {
            Some(node) => node.position,
            None => root.position,
        };
        reader.error(
            "Template format error: At least one Resources member must be defined.",
            position,
        );
    }
    let is_too_large = check_counts(
        &[
            ("parameters", parameters, MOST_PARAMETERS),
            ("mappings", mappings, MOST_MAPPINGS),
            ("resources", resources, MOST_RESOURCES),
            ("outputs", outputs, MOST_OUTPUTS),
        ],
        reader,
    );
    if is_too_large {
        return read;
    }
    read.parameters = reader.within("Parameters", |reader| reader.parameters(parameters));
    read.mappings = reader.within("Mappings", |reader| reader.mappings(mappings));
    read.conditions = reader.within("Conditions", |reader| reader.conditions(conditions));
    let names = read.conditions.iter().map(|one| one.name.clone());
    read.condition_places = names.zip(0..).collect();
    read.rules = reader.within("Rules", |reader| reader.rules(rules));
    read.resources = reader.within("Resources", |reader| reader.resources(resources));
    read.outputs = reader.within("Outputs", |reader| reader.outputs(outputs));
    read
}

fn check_sections(entries: &[Entry], reader: &mut Reader) {
    let unknown: Vec<&Entry> = entries
        .iter()
        .filter(|entry| !SECTIONS.contains(&entry.key.as_str()))
        .collect();
    if let Some(first) = unknown.first() {
        let names: Vec<&str> = unknown.iter().map(|entry| entry.key.as_str()).collect();
        reader.error_with_help(
            format!(
                "Invalid template property or properties [{}]",
                names.join(", ")
            ),
            first.position,
            suggestion(&first.key, &SECTIONS),
        );
    }
}

/// Refuses sections with too many members; whether there are any.
fn check_counts(sections: &[(&str, &[Entry], usize)], reader: &mut Reader) -> bool {
    let before = reader.errors.len();
    for (what, entries, most) in sections {
        let count = entries.len();
        if count <= *most {
            continue;
        }
        let position = entries
            .first()
            .map_or(Position::default(), |entry| entry.position);
        let message = match *what {
            "outputs" => format!(
                "Template format error: Outputs count {count} is greater than max allowed {most}"
            ),
            _ => format!(
                "Template format error: Number of {what}, {count}, is greater than maximum allowed, {most}"
            ),
        };
        reader.error(message, position);
    }
    reader.errors.len() > before
}

fn version(entry: &Entry, reader: &mut Reader) -> Option<String> {
    let version = reader.string(entry)?;
    if version != "2010-09-09" {
        reader.error_with_help(
            "Template format error: unsupported value for AWSTemplateFormatVersion.",
            entry.value.position,
            "the only version is 2010-09-09",
        );
    }
    Some(version)
}

fn description(entry: &Entry, reader: &mut Reader) -> Option<String> {
    let description = reader.string(entry)?;
    if description.len() > LONGEST_DESCRIPTION {
        reader.error(
            format!(
                "Template format error: 'Description' length is greater than {LONGEST_DESCRIPTION}."
            ),
            entry.value.position,
        );
    }
    // As on AWS: answers have no empty descriptions.
    Some(description).filter(|description| !description.is_empty())
}

/// The names of the transforms: one, or a list of them.
fn transforms(node: &Node, reader: &mut Reader) -> Vec<String> {
    let names = match &node.value {
        Value::Sequence(items) => items.iter().collect(),
        _ => vec![node],
    };
    let mut transforms = Vec::new();
    for name in names {
        let written = match name.text() {
            Some(text) => text,
            None => name.get("Name").and_then(Node::text).unwrap_or("?"),
        };
        if written != LANGUAGE_EXTENSIONS {
            reader.error_with_help(
                format!("Template error: the transform {written} is not supported"),
                name.position,
                format!(
                    "transforms run code of AWS or of an account, which is not here; \
                     {LANGUAGE_EXTENSIONS} is supported"
                ),
            );
        }
        transforms.push(written.to_owned());
    }
    transforms
}
