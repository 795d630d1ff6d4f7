//! What an update would change, as change sets tell it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use cloudformation_template::Bound;
use cloudformation_template::EvaluationError;
use cloudformation_template::KNOWN_AFTER_APPLY;
use cloudformation_template::Reference;
use cloudformation_template::ReferenceTarget;
use cloudformation_template::resource_types;
use serde_json::Value;
use serde_json::json;

use super::known_values;
use super::known_values::KnownValues;
use super::record::Definition;
use super::record::Output;
use super::record::Physical;
use super::record::Policy;
use super::record::Resource;

/// Whether a resource with these properties is another one.
pub(super) fn needs_another(resource_type: &str, old: &Value, new: &Value) -> bool {
    resource_types::of(resource_type).is_some_and(|schema| !schema.replaced_by(old, new).is_empty())
}

/// The properties with the types of the schema.
pub(super) fn normalized(resource_type: &str, properties: &Value) -> Value {
    resource_types::of(resource_type).map_or_else(
        || properties.clone(),
        |schema| schema.normalized(properties),
    )
}

/// What the schema has against properties, as the reason of a failure.
pub(super) fn objection(
    logical_id: &str,
    resource_type: &str,
    properties: &Value,
) -> Option<String> {
    let errors = resource_types::of(resource_type)?.check(properties);
    (!errors.is_empty()).then(|| resource_types::validation_failed(logical_id, &errors))
}

/// Whether resources of a type get the tags of their stack.
pub(super) fn has_tags(resource_type: &str) -> bool {
    resource_types::of(resource_type).is_none_or(|schema| schema.tag_property().is_some())
}

/// What an update would do.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// As DescribeChangeSet shows them, sorted by logical id.
    pub(super) changes: Vec<Value>,
    /// Whether an output would change.
    pub(super) changes_outputs: bool,
}

impl Plan {
    /// Whether there is nothing to do.
    pub(super) const fn is_empty(&self) -> bool {
        self.changes.is_empty() && !self.changes_outputs
    }
}

/// What there is, and what is wanted.
pub(super) struct Comparison<'a> {
    pub(super) resources: &'a BTreeMap<String, Resource>,
    pub(super) outputs: &'a [Output],
    pub(super) old: Option<&'a Definition>,
    pub(super) new: &'a Definition,
    pub(super) bound: &'a Bound,
    pub(super) exports: BTreeMap<String, String>,
}

impl Comparison<'_> {
    /// Compares.
    ///
    /// # Errors
    ///
    /// If a property cannot be evaluated.
    pub(super) fn plan(self) -> Result<Plan, EvaluationError> {
        let there = self.resources.iter().filter_map(|(id, resource)| {
            let is_whole = resource.status.as_str() != "CREATE_FAILED";
            Some((id.clone(), resource.now.clone().filter(|_| is_whole)?))
        });
        let there: BTreeMap<String, Physical> = there.collect();
        let mut values = KnownValues {
            resources: there.clone(),
            exports: self.exports.clone(),
            is_lenient: true,
            ..KnownValues::default()
        };
        let mut changes: BTreeMap<String, Value> = BTreeMap::new();
        let mut touched = BTreeSet::new();
        for declared in self.bound.resources() {
            let id = declared.logical_id.as_str();
            let Some(now) = there.get(id) else {
                values.resources.remove(id);
                changes.insert(id.to_owned(), self.addition(id, &values)?);
                continue;
            };
            let Some(change) = self.modification(id, now, &values, &touched)? else {
                continue;
            };
            if change["ResourceChange"]["Replacement"] != "False" {
                values.resources.remove(id);
            }
            touched.insert(id.to_owned());
            changes.insert(id.to_owned(), change);
        }
        for (id, now) in &there {
            if self.bound.resource(id).is_none() {
                changes.insert(id.clone(), removal(id, now));
            }
        }
        let outputs = self.bound.outputs(&values)?;
        let outputs: Vec<Output> = outputs.into_iter().map(Output::from).collect();
        Ok(Plan {
            changes: changes.into_values().collect(),
            changes_outputs: outputs != self.outputs,
        })
    }

    fn shown(&self, id: &str, values: &KnownValues) -> Result<Value, EvaluationError> {
        let secrets: Vec<&str> = self.new.secrets().collect();
        let properties = self.bound.properties(id, values)?;
        Ok(known_values::masked(&properties, secrets.into_iter()))
    }

    fn addition(&self, id: &str, values: &KnownValues) -> Result<Value, EvaluationError> {
        let resource_type = self.bound.resource(id).map_or("", |r| &r.resource_type);
        let context = json!({ "Properties": self.shown(id, values)? });
        Ok(change(json!({
            "Action": "Add",
            "LogicalResourceId": id,
            "ResourceType": resource_type,
            "Scope": [],
            "Details": [],
            "AfterContext": context.to_string(),
        })))
    }

    /// How a resource would change; `None` if it would not.
    fn modification(
        &self,
        id: &str,
        now: &Physical,
        values: &KnownValues,
        touched: &BTreeSet<String>,
    ) -> Result<Option<Value>, EvaluationError> {
        let Some(declared) = self.bound.resource(id) else {
            return Ok(None);
        };
        let resource_type = declared.resource_type.as_str();
        let wanted = normalized(resource_type, &self.shown(id, values)?);
        let had = normalized(resource_type, &now.shown);
        let references = self.bound.references(id);
        let tag_property = resource_types::of(resource_type).and_then(|s| s.tag_property());
        let mut details = Vec::new();
        let mut replacement = "False";
        for name in names(&had, &wanted) {
            let (before, after) = (had.get(name), wanted.get(name));
            // A secret that is not shown may be another one.
            let is_hidden_change = before == after
                && wanted_secret(before)
                && self.changes_parameter(&references, name);
            if before == after && !is_hidden_change {
                continue;
            }
            let recreation = recreation(resource_type, name, before, after);
            let is_known =
                !after.is_some_and(|after| after.to_string().contains(KNOWN_AFTER_APPLY));
            replacement = match (recreation, is_known, replacement) {
                ("Always", true, _) | (_, _, "True") => "True",
                ("Always" | "Conditionally", ..) | (_, _, "Conditional") => "Conditional",
                _ => "False",
            };
            let mut target = json!({
                "Attribute": if tag_property == Some(name) { "Tags" } else { "Properties" },
                "RequiresRecreation": recreation,
                "Path": format!("/Properties/{name}"),
                "AttributeChangeType": match (before, after) {
                    (None, _) => "Add",
                    (_, None) => "Remove",
                    _ => "Modify",
                },
            });
            if tag_property != Some(name) {
                target["Name"] = name.into();
            }
            for (member, value) in [("BeforeValue", before), ("AfterValue", after)] {
                if let Some(value) = value {
                    target[member] = text(value).into();
                }
            }
            details.extend(self.causes(&references, name, touched, &target));
        }
        let metadata = self.bound.metadata(id, values)?;
        let policies = (
            Policy::from(declared.deletion_policy),
            Policy::from(declared.update_replace_policy),
        );
        let has_other_tags = has_tags(resource_type) && now.stack_tags != self.new.tags;
        for (differs, attribute) in [
            (metadata != now.metadata, "Metadata"),
            (policies.0 != now.deletion_policy, "DeletionPolicy"),
            (
                policies.1 != now.update_replace_policy,
                "UpdateReplacePolicy",
            ),
            (has_other_tags, "Tags"),
        ] {
            if differs {
                let target = json!({ "Attribute": attribute, "RequiresRecreation": "Never" });
                details.push(detail(&target, "Static", "DirectModification", None));
            }
        }
        if details.is_empty() {
            return Ok(None);
        }
        let scope: BTreeSet<&str> = details
            .iter()
            .filter_map(|detail| detail["Target"]["Attribute"].as_str())
            .collect();
        let mut resource_change = json!({
            "Action": "Modify",
            "LogicalResourceId": id,
            "PhysicalResourceId": now.id,
            "ResourceType": resource_type,
            "Replacement": replacement,
            "Scope": scope,
            "Details": details,
            "BeforeContext": json!({ "Properties": had }).to_string(),
            "AfterContext": json!({ "Properties": wanted }).to_string(),
        });
        if replacement == "True" {
            resource_change["PolicyAction"] = match policies.1 {
                Policy::Retain => "ReplaceAndRetain",
                _ => "ReplaceAndDelete",
            }
            .into();
        }
        Ok(Some(change(resource_change)))
    }

    /// Why a property would change.
    fn causes(
        &self,
        references: &[Reference],
        name: &str,
        touched: &BTreeSet<String>,
        target: &Value,
    ) -> Vec<Value> {
        let mut causes = Vec::new();
        for reference in of_property(references, name) {
            match &reference.target {
                ReferenceTarget::Parameter(parameter) if self.is_other(parameter) => {
                    causes.push(detail(
                        target,
                        "Static",
                        "ParameterReference",
                        Some(parameter),
                    ));
                }
                ReferenceTarget::Resource(id) if touched.contains(id) => {
                    causes.push(detail(target, "Static", "ResourceReference", Some(id)));
                }
                ReferenceTarget::Attribute { logical_id, name } if touched.contains(logical_id) => {
                    let entity = format!("{logical_id}.{name}");
                    causes.push(detail(target, "Static", "ResourceAttribute", Some(&entity)));
                }
                _ => {}
            }
        }
        causes.dedup();
        // Whether the template itself has changed there is known only if nothing else has.
        let evaluation = if causes.is_empty() {
            "Static"
        } else {
            "Dynamic"
        };
        causes.push(detail(target, evaluation, "DirectModification", None));
        causes
    }

    /// Whether the value of a parameter changes.
    fn is_other(&self, parameter: &str) -> bool {
        let value = |definition: &Definition| {
            let mut parameters = definition.parameters.iter();
            let found = parameters.find(|known| known.key == parameter);
            found.map(|found| (found.value.clone(), found.resolved.clone()))
        };
        self.old.and_then(value) != value(self.new)
    }

    fn changes_parameter(&self, references: &[Reference], name: &str) -> bool {
        of_property(references, name).any(|reference| match &reference.target {
            ReferenceTarget::Parameter(parameter) => self.is_other(parameter),
            _ => false,
        })
    }
}

fn wanted_secret(shown: Option<&Value>) -> bool {
    shown.is_some_and(|shown| shown.to_string().contains("****"))
}

fn of_property<'r>(
    references: &'r [Reference],
    name: &'r str,
) -> impl Iterator<Item = &'r Reference> {
    references.iter().filter(move |reference| {
        let mut segments = reference.path.trim_start_matches('/').split('/');
        segments.next() == Some(name)
    })
}

fn removal(id: &str, now: &Physical) -> Value {
    let action = match now.deletion_policy {
        Policy::Delete => "Delete",
        Policy::Retain | Policy::RetainExceptOnCreate => "Retain",
        Policy::Snapshot => "Snapshot",
    };
    change(json!({
        "Action": "Remove",
        "PolicyAction": action,
        "LogicalResourceId": id,
        "PhysicalResourceId": now.id,
        "ResourceType": now.resource_type,
        "Scope": [],
        "Details": [],
        "BeforeContext": json!({ "Properties": now.shown }).to_string(),
    }))
}

fn change(mut resource_change: Value) -> Value {
    if let Some(members) = resource_change.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    json!({ "Type": "Resource", "ResourceChange": resource_change })
}

fn detail(target: &Value, evaluation: &str, source: &str, entity: Option<&str>) -> Value {
    let mut detail = json!({
        "Target": target,
        "Evaluation": evaluation,
        "ChangeSource": source,
    });
    if let Some(entity) = entity {
        detail["CausingEntity"] = entity.into();
    }
    detail
}

/// Whether another value of a property needs another resource.
fn recreation(
    resource_type: &str,
    name: &str,
    before: Option<&Value>,
    after: Option<&Value>,
) -> &'static str {
    let Some(schema) = resource_types::of(resource_type) else {
        return "Never";
    };
    let one = |value: Option<&Value>| match value {
        Some(value) => json!({ name: value }),
        None => json!({}),
    };
    let is_conditional = || {
        schema
            .conditional_create_only()
            .any(|path| path.trim_start_matches('/').split('/').next() == Some(name))
    };
    if !schema.replaced_by(&one(before), &one(after)).is_empty() {
        "Always"
    } else if is_conditional() {
        "Conditionally"
    } else {
        "Never"
    }
}

fn names<'v>(a: &'v Value, b: &'v Value) -> BTreeSet<&'v str> {
    let both = [a, b].into_iter().filter_map(Value::as_object);
    both.flat_map(|members| members.keys().map(String::as_str))
        .collect()
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
