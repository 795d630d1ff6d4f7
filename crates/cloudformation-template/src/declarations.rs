//! What a template declares, section by section.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::error::Position;
use crate::expression::Expression;
use crate::parameter::Parameter;
use crate::resource::Resource;

#[derive(Debug, Default)]
pub(crate) struct Declarations {
    pub(crate) version: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) metadata: Option<Value>,
    pub(crate) transforms: Vec<String>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) mappings: BTreeMap<String, Mapping>,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) resources: Vec<ResourceDeclaration>,
    pub(crate) outputs: Vec<OutputDeclaration>,
}

/// Keys, and for each of them attributes with texts or lists.
pub(crate) type Mapping = BTreeMap<String, BTreeMap<String, Value>>;

#[derive(Debug)]
pub(crate) struct Condition {
    pub(crate) name: String,
    pub(crate) expression: Expression,
    pub(crate) position: Position,
}

#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) name: String,
    /// RuleCondition: if it does not hold, the rule says nothing.
    pub(crate) condition: Option<Expression>,
    pub(crate) assertions: Vec<Assertion>,
}

#[derive(Debug)]
pub(crate) struct Assertion {
    pub(crate) assert: Expression,
    pub(crate) description: Option<String>,
}

#[derive(Debug)]
pub(crate) struct ResourceDeclaration {
    pub(crate) resource: Resource,
    /// Where its condition is named.
    pub(crate) condition_position: Position,
    /// A map.
    pub(crate) properties: Option<Expression>,
    pub(crate) metadata: Option<Expression>,
    pub(crate) depends_on: Vec<(String, Position)>,
}

#[derive(Debug)]
pub(crate) struct OutputDeclaration {
    pub(crate) name: String,
    pub(crate) value: Expression,
    pub(crate) description: Option<String>,
    pub(crate) export_name: Option<Expression>,
    pub(crate) condition: Option<String>,
    pub(crate) condition_position: Position,
}

impl Declarations {
    pub(crate) fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters
            .iter()
            .find(|parameter| parameter.name == name)
    }

    pub(crate) fn resource(&self, logical_id: &str) -> Option<&ResourceDeclaration> {
        self.resources
            .iter()
            .find(|declared| declared.resource.logical_id == logical_id)
    }

    pub(crate) fn condition(&self, name: &str) -> Option<&Condition> {
        self.conditions
            .iter()
            .find(|condition| condition.name == name)
    }
}
