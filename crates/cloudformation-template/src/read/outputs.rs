//! The section Outputs.

use crate::declarations::OutputDeclaration;
use crate::node::Entry;
use crate::node::Value;

use super::Reader;
use super::expressions::Scope;

const OUTPUT: [&str; 4] = ["Condition", "Description", "Export", "Value"];
const EXPORT: [&str; 1] = ["Name"];

impl Reader {
    pub(super) fn outputs(&mut self, entries: &[Entry]) -> Vec<OutputDeclaration> {
        entries
            .iter()
            .filter_map(|entry| {
                self.check_name("Output", &entry.key, entry.position);
                self.within(&entry.key, |reader| reader.output(entry))
            })
            .collect()
    }

    fn output(&mut self, entry: &Entry) -> Option<OutputDeclaration> {
        let Some(keys) = entry.value.entries() else {
            self.error(
                "Template format error: Any Outputs member must be an object.",
                entry.value.position,
            );
            return None;
        };
        self.check_keys(keys, &OUTPUT, |key| {
            format!("Invalid template output property '{key}'")
        });
        let text = |reader: &mut Self, key: &str| {
            let entry = keys.iter().find(|entry| entry.key == key);
            entry.and_then(|entry| reader.string(entry))
        };
        let description = text(self, "Description").filter(|text| !text.is_empty());
        let condition = text(self, "Condition");
        let Some(value) = entry.value.get("Value") else {
            self.error(
                "Template format error: Every Outputs member must contain a Value object",
                entry.position,
            );
            return None;
        };
        if matches!(value.value, Value::Sequence(_)) {
            self.error_with_help(
                "Template format error: The Value field of every Outputs member must evaluate to a String.",
                value.position,
                "join the values of a list with Fn::Join",
            );
            return None;
        }
        let value = self.within("Value", |reader| reader.expression(value, Scope::Resources));
        let export_name = entry.value.get("Export").and_then(|export| {
            self.check_keys(export.entries().unwrap_or_default(), &EXPORT, |key| {
                format!("Invalid template output export property '{key}'")
            });
            match export.get("Name") {
                Some(name) => Some(self.within("Export", |reader| {
                    reader.within("Name", |reader| reader.expression(name, Scope::Resources))
                })),
                None => {
                    self.error(
                        "Template format error: Every Export member must contain a Name object",
                        export.position,
                    );
                    None
                }
            }
        });
        Some(OutputDeclaration {
            name: entry.key.clone(),
            value,
            description,
            export_name,
            condition,
            condition_position: entry
                .value
                .get("Condition")
                .map_or(entry.position, |node| node.position),
        })
    }
}
