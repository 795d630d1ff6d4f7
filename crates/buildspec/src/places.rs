//! Where each key and item of a buildspec stands.

use std::collections::BTreeMap;

use crate::node::Node;
use crate::node::Value;

/// Lines and columns, from 1, by paths such as `env.variables.NAME` and `artifacts.files[0]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Places(BTreeMap<String, (usize, usize)>);

impl Places {
    pub(crate) fn of(root: &Node) -> Self {
        let mut places = Self::default();
        places.add(root, "");
        places
    }

    /// The place of a path; the beginning of the text if it is not there.
    pub(crate) fn get(&self, path: &str) -> (usize, usize) {
        self.0.get(path).copied().unwrap_or((1, 1))
    }

    fn add(&mut self, node: &Node, path: &str) {
        match &node.value {
            Value::Null | Value::Text(_) => {}
            Value::Sequence(items) => {
                for (index, item) in items.iter().enumerate() {
                    let below = format!("{path}[{index}]");
                    self.add(item, &below);
                    self.0.insert(below, (item.line, item.column));
                }
            }
            Value::Mapping(entries) => {
                for entry in entries {
                    let below = match path {
                        "" => entry.key.clone(),
                        path => format!("{path}.{}", entry.key),
                    };
                    self.add(&entry.value, &below);
                    self.0.insert(below, (entry.line, entry.column));
                }
            }
        }
    }
}
