//! The section Parameters.

use crate::functions::closest;
use crate::node::Entry;
use crate::node::Node;
use crate::node::Value;
use crate::parameter::PLAIN_TYPES;
use crate::parameter::Parameter;
use crate::parameter::ParameterType;
use crate::parameter::number;
use crate::parameter::whole;

use super::Reader;

const PARAMETER: [&str; 11] = [
    "AllowedPattern",
    "AllowedValues",
    "ConstraintDescription",
    "Default",
    "Description",
    "MaxLength",
    "MaxValue",
    "MinLength",
    "MinValue",
    "NoEcho",
    "Type",
];

impl Reader {
    pub(super) fn parameters(&mut self, entries: &[Entry]) -> Vec<Parameter> {
        entries
            .iter()
            .filter_map(|entry| {
                self.check_name("Parameter", &entry.key, entry.position);
                self.within(&entry.key, |reader| reader.parameter(entry))
            })
            .collect()
    }

    fn parameter(&mut self, entry: &Entry) -> Option<Parameter> {
        let Some(keys) = entry.value.entries() else {
            self.error(
                "Template format error: Any Parameters member must be an object.",
                entry.value.position,
            );
            return None;
        };
        self.check_keys(keys, &PARAMETER, |key| {
            format!("Invalid template parameter property '{key}'")
        });
        // A parameter of no known type is declared nevertheless, so that others may name it.
        let parameter_type = self
            .parameter_type(entry)
            .unwrap_or_else(|| "String".to_owned());
        let find = |key: &str| keys.iter().find(|entry| entry.key == key);
        let text = |reader: &mut Self, key: &str| {
            let entry = find(key)?;
            reader.string(entry)
        };
        let parameter = Parameter {
            name: entry.key.clone(),
            parameter_type,
            default: text(self, "Default"),
            no_echo: text(self, "NoEcho").is_some_and(|value| value.eq_ignore_ascii_case("true")),
            description: text(self, "Description").filter(|text| !text.is_empty()),
            constraint_description: text(self, "ConstraintDescription"),
            allowed_values: find("AllowedValues")
                .map(|entry| self.allowed_values(entry))
                .unwrap_or_default(),
            allowed_pattern: find("AllowedPattern").and_then(|entry| self.pattern(entry)),
            min_length: find("MinLength").and_then(|entry| self.count(entry)),
            max_length: find("MaxLength").and_then(|entry| self.count(entry)),
            min_value: find("MinValue").and_then(|entry| self.number(entry)),
            max_value: find("MaxValue").and_then(|entry| self.number(entry)),
        };
        if let (Some(default), Some(entry)) = (&parameter.default, find("Default"))
            && !parameter.value_type().is_stored
            && let Some(refusal) = parameter.refusal(default)
        {
            self.error(
                format!("Template format error: {refusal}"),
                entry.value.position,
            );
        }
        Some(parameter)
    }

    fn parameter_type(&mut self, entry: &Entry) -> Option<String> {
        let Some(node) = entry.value.get("Type") else {
            self.error(
                "Template format error: Every Parameters object must contain a Type member.",
                entry.position,
            );
            return None;
        };
        let Some(written) = node.text() else {
            self.error(
                "Template format error: Every Type member must be a string.",
                node.position,
            );
            return None;
        };
        if ParameterType::of(written).is_none() {
            let help = match closest(written, PLAIN_TYPES) {
                Some(meant) => format!("did you mean {meant}?"),
                None => format!(
                    "known are {} and the types of AWS, such as AWS::EC2::VPC::Id",
                    PLAIN_TYPES.join(", ")
                ),
            };
            self.error_with_help(
                format!("Template format error: Unrecognized parameter type: {written}"),
                node.position,
                help,
            );
            return None;
        }
        Some(written.to_owned())
    }

    fn allowed_values(&mut self, entry: &Entry) -> Vec<String> {
        let values = entry
            .value
            .items()
            .and_then(|items| items.iter().map(Node::scalar).collect());
        match values {
            Some(values) => values,
            None => {
                self.error(
                    "Template format error: Every AllowedValues member must be a list of strings.",
                    entry.value.position,
                );
                Vec::new()
            }
        }
    }

    fn pattern(&mut self, entry: &Entry) -> Option<String> {
        let pattern = self.string(entry)?;
        if let Err(error) = whole(&pattern) {
            let name = self.path.last().cloned().unwrap_or_default();
            self.error_with_help(
                format!("Parameter '{name}' AllowedPattern must be a valid regular expression."),
                entry.value.position,
                error.to_string(),
            );
            return None;
        }
        Some(pattern)
    }

    fn count(&mut self, entry: &Entry) -> Option<u64> {
        let count = entry.value.scalar().and_then(|text| text.parse().ok());
        if count.is_none() {
            self.not_a_number(entry);
        }
        count
    }

    fn number(&mut self, entry: &Entry) -> Option<f64> {
        let number = entry.value.scalar().and_then(|text| number(&text));
        if number.is_none() {
            self.not_a_number(entry);
        }
        number
    }

    fn not_a_number(&mut self, entry: &Entry) {
        if entry.value.value == Value::Null {
            self.within(&entry.key, |reader| {
                reader.refuse_null(entry.value.position);
            });
            return;
        }
        self.error(
            format!(
                "Template format error: Every {} member must be a number.",
                entry.key
            ),
            entry.value.position,
        );
    }
}
