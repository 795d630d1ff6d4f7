//! The sections Conditions and Rules.

use crate::declarations::Assertion;
use crate::declarations::Condition;
use crate::declarations::Rule;
use crate::node::Entry;
use crate::node::Node;

use super::Reader;
use super::expressions::Scope;

const RULE: [&str; 2] = ["Assertions", "RuleCondition"];
const ASSERTION: [&str; 2] = ["Assert", "AssertDescription"];

impl Reader {
    pub(super) fn conditions(&mut self, entries: &[Entry]) -> Vec<Condition> {
        entries
            .iter()
            .filter_map(|entry| {
                let expression = self.within(&entry.key, |reader| {
                    reader.predicate(&entry.value, Scope::Conditions)
                })?;
                Some(Condition {
                    name: entry.key.clone(),
                    expression,
                    position: entry.position,
                })
            })
            .collect()
    }

    pub(super) fn rules(&mut self, entries: &[Entry]) -> Vec<Rule> {
        entries
            .iter()
            .filter_map(|entry| self.within(&entry.key, |reader| reader.rule(entry)))
            .collect()
    }

    fn rule(&mut self, entry: &Entry) -> Option<Rule> {
        let name = &entry.key;
        let Some(keys) = entry.value.entries() else {
            self.error(
                "Template format error: Any Rules member must be an object.",
                entry.value.position,
            );
            return None;
        };
        self.check_keys(keys, &RULE, |key| {
            format!("Invalid template rule property '{key}'")
        });
        let condition = entry.value.get("RuleCondition");
        let condition = condition.and_then(|node| self.predicate(node, Scope::Rules));
        let Some(items) = entry.value.get("Assertions").and_then(Node::items) else {
            self.error(
                format!("Template format error: Rule {name} must have a list of Assertions."),
                entry.position,
            );
            return None;
        };
        let assertions = items
            .iter()
            .filter_map(|item| self.assertion(item))
            .collect();
        Some(Rule {
            name: name.clone(),
            condition,
            assertions,
        })
    }

    fn assertion(&mut self, item: &Node) -> Option<Assertion> {
        let keys = item.entries().unwrap_or_default();
        self.check_keys(keys, &ASSERTION, |key| {
            format!("Invalid template rule property '{key}'")
        });
        let Some(assert) = item.get("Assert") else {
            self.error(
                "Template format error: Every Assertions member must contain an Assert object",
                item.position,
            );
            return None;
        };
        let assert = self.predicate(assert, Scope::Rules)?;
        let description = keys.iter().find(|key| key.key == "AssertDescription");
        let description = description.and_then(|entry| self.string(entry));
        Some(Assertion {
            assert,
            description,
        })
    }
}
