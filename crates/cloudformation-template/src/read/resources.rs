//! The section Resources.

use crate::declarations::ResourceDeclaration;
use crate::error::Position;
use crate::expression::Expression;
use crate::node::Entry;
use crate::node::Node;
use crate::node::Value;
use crate::resource::DeletionPolicy;
use crate::resource::Resource;
use crate::resource::UpdateReplacePolicy;

use super::Reader;
use super::expressions::Scope;

const RESOURCE: [&str; 9] = [
    "Condition",
    "CreationPolicy",
    "DeletionPolicy",
    "DependsOn",
    "Metadata",
    "Properties",
    "Type",
    "UpdatePolicy",
    "UpdateReplacePolicy",
];

const DELETION_POLICIES: [(&str, DeletionPolicy); 4] = [
    ("Delete", DeletionPolicy::Delete),
    ("Retain", DeletionPolicy::Retain),
    ("RetainExceptOnCreate", DeletionPolicy::RetainExceptOnCreate),
    ("Snapshot", DeletionPolicy::Snapshot),
];

const UPDATE_REPLACE_POLICIES: [(&str, UpdateReplacePolicy); 3] = [
    ("Delete", UpdateReplacePolicy::Delete),
    ("Retain", UpdateReplacePolicy::Retain),
    ("Snapshot", UpdateReplacePolicy::Snapshot),
];

impl Reader {
    pub(super) fn resources(&mut self, entries: &[Entry]) -> Vec<ResourceDeclaration> {
        entries
            .iter()
            .filter_map(|entry| {
                if entry.key.starts_with("Fn::ForEach::") {
                    self.error(
                        format!("Template error: {} is not supported", entry.key),
                        entry.position,
                    );
                    return None;
                }
                self.check_name("Resource", &entry.key, entry.position);
                self.within(&entry.key, |reader| reader.resource(entry))
            })
            .collect()
    }

    fn resource(&mut self, entry: &Entry) -> Option<ResourceDeclaration> {
        let Some(keys) = entry.value.entries() else {
            self.error(
                "Template format error: Any Resources member must be an object.",
                entry.value.position,
            );
            return None;
        };
        self.check_keys(keys, &RESOURCE, |key| {
            format!("Invalid template resource property '{key}'")
        });
        let find = |key: &str| keys.iter().find(|entry| entry.key == key);
        let resource_type = self.resource_type(entry)?;
        let raw = |key: &str| find(key).map(|entry| entry.value.to_json());
        let resource = Resource {
            logical_id: entry.key.clone(),
            resource_type,
            deletion_policy: find("DeletionPolicy")
                .and_then(|policy| self.policy(policy, &entry.key, &DELETION_POLICIES))
                .unwrap_or_default(),
            update_replace_policy: find("UpdateReplacePolicy")
                .and_then(|policy| self.policy(policy, &entry.key, &UPDATE_REPLACE_POLICIES))
                .unwrap_or_default(),
            condition: find("Condition").and_then(|entry| self.string(entry)),
            metadata: raw("Metadata"),
            creation_policy: raw("CreationPolicy"),
            update_policy: raw("UpdatePolicy"),
            position: entry.position,
            type_position: entry
                .value
                .get("Type")
                .map_or(entry.position, |node| node.position),
        };
        Some(ResourceDeclaration {
            resource,
            condition_position: find("Condition")
                .map_or(entry.position, |entry| entry.value.position),
            properties: find("Properties").and_then(|entry| self.object(entry)),
            metadata: find("Metadata").and_then(|entry| self.object(entry)),
            depends_on: find("DependsOn")
                .map(|entry| self.depends_on(&entry.value))
                .unwrap_or_default(),
        })
    }

    fn resource_type(&mut self, entry: &Entry) -> Option<String> {
        let Some(node) = entry.value.get("Type") else {
            let message = format!(
                "Template format error: [{}] Every Resources object must contain a Type member.",
                self.place()
            );
            self.error(message, entry.position);
            return None;
        };
        let Some(name) = node.text() else {
            self.error(
                "Template format error: Every Type member must be a string.",
                node.position,
            );
            return None;
        };
        if name == "AWS::CloudFormation::Stack" {
            self.error_with_help(
                "Template error: nested stacks (AWS::CloudFormation::Stack) are not supported",
                node.position,
                "put its resources into this template, or share values with Export and Fn::ImportValue",
            );
        } else if name.ends_with("::MODULE") {
            self.error_with_help(
                format!("Template error: the module {name} is not supported"),
                node.position,
                "put the resources of the module into this template",
            );
        }
        Some(name.to_owned())
    }

    /// Properties or Metadata: an object, functions and all.
    fn object(&mut self, entry: &Entry) -> Option<Expression> {
        match entry.value.value {
            Value::Mapping(_) => Some(self.within(&entry.key, |reader| {
                reader.expression(&entry.value, Scope::Resources)
            })),
            Value::Null => {
                self.within(&entry.key, |reader| {
                    reader.refuse_null(entry.value.position);
                });
                None
            }
            _ => {
                let message = match entry.key.as_str() {
                    "Properties" => "Template format error: Properties property must be an object.",
                    _ => "Template format error: Metadata property must be an object.",
                };
                self.error(message, entry.value.position);
                None
            }
        }
    }

    fn policy<T: Copy>(
        &mut self,
        entry: &Entry,
        logical_id: &str,
        policies: &[(&'static str, T)],
    ) -> Option<T> {
        let key = &entry.key;
        let Some(written) = entry.value.text() else {
            self.error(
                format!("Template format error: Every {key} member must be a string."),
                entry.value.position,
            );
            return None;
        };
        let policy = policies.iter().find(|(name, _)| *name == written);
        if policy.is_none() {
            let names: Vec<&str> = policies.iter().map(|(name, _)| *name).collect();
            self.error_with_help(
                format!(
                    "Template format error: Unrecognized {key} {written} for resource {logical_id}"
                ),
                entry.value.position,
                super::suggestion(written, &names),
            );
        }
        policy.map(|(_, policy)| *policy)
    }

    fn depends_on(&mut self, node: &Node) -> Vec<(String, Position)> {
        let one = |node: &Node| Some((node.text()?.to_owned(), node.position));
        let names = match &node.value {
            Value::Sequence(items) => items.iter().map(one).collect(),
            _ => one(node).map(|one| vec![one]),
        };
        match names {
            Some(names) => names,
            None => {
                self.error(
                    "Template format error: DependsOn must be a string or a list of strings.",
                    node.position,
                );
                Vec::new()
            }
        }
    }
}
