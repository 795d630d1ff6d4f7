//! The section Mappings.

use std::collections::BTreeMap;

use crate::declarations::Mapping;
use crate::node::Entry;
use crate::node::Value;

use super::Reader;

impl Reader {
    pub(super) fn mappings(&mut self, entries: &[Entry]) -> BTreeMap<String, Mapping> {
        let mut mappings = BTreeMap::new();
        for entry in entries {
            self.check_name("Mappings attribute", &entry.key, entry.position);
            let mapping = self.within(&entry.key, |reader| reader.mapping(entry));
            mappings.insert(entry.key.clone(), mapping);
        }
        mappings
    }

    fn mapping(&mut self, entry: &Entry) -> Mapping {
        let Some(keys) = entry.value.entries() else {
            self.error(
                format!(
                    "Template format error: Every Mappings member {} must be a map",
                    entry.key
                ),
                entry.value.position,
            );
            return Mapping::new();
        };
        keys.iter()
            .map(|key| {
                let attributes = self.within(&key.key, |reader| reader.attributes(key));
                (key.key.clone(), attributes)
            })
            .collect()
    }

    fn attributes(&mut self, key: &Entry) -> BTreeMap<String, serde_json::Value> {
        let Some(attributes) = key.value.entries() else {
            self.error(
                format!(
                    "Template format error: Every Mappings member {} must be a map",
                    key.key
                ),
                key.value.position,
            );
            return BTreeMap::new();
        };
        attributes
            .iter()
            .filter_map(|attribute| {
                let value = match &attribute.value.value {
                    Value::Sequence(items) => items
                        .iter()
                        .map(|item| item.scalar().map(serde_json::Value::String))
                        .collect::<Option<serde_json::Value>>(),
                    _ => attribute.value.scalar().map(serde_json::Value::String),
                };
                if value.is_none() {
                    self.error(
                        "Template format error: Every Mappings attribute must be a String or a List.",
                        attribute.value.position,
                    );
                }
                Some((attribute.key.clone(), value?))
            })
            .collect()
    }
}
