//! Whether what a template refers to is declared, and whether resources wait for one another.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::declarations::Declarations;
use crate::declarations::ResourceDeclaration;
use crate::error::Position;
use crate::error::TemplateError;
use crate::expression::Branches;
use crate::expression::Expression;
use crate::expression::Kind;
use crate::expression::Mention;
use crate::functions::closest;
use crate::graph;

/// The pseudo parameters.
pub(crate) const PSEUDO_PARAMETERS: [&str; 8] = [
    "AWS::AccountId",
    "AWS::NoValue",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

/// All mistakes, section by section.
pub(crate) fn check(declared: &Declarations) -> Vec<TemplateError> {
    let mut checker = Checker {
        declared,
        errors: Vec::new(),
        block: "Resources",
    };
    checker.conditions();
    checker.resources();
    checker.outputs();
    checker.cycles();
    checker.errors
}

struct Checker<'a> {
    declared: &'a Declarations,
    errors: Vec<TemplateError>,
    /// The section, for messages.
    block: &'static str,
}

impl Checker<'_> {
    fn conditions(&mut self) {
        let rules = self.declared.rules.iter().flat_map(|rule| {
            let assertions = rule.assertions.iter().map(|assertion| &assertion.assert);
            rule.condition.iter().chain(assertions)
        });
        let conditions = self.declared.conditions.iter();
        let expressions: Vec<&Expression> = conditions
            .map(|condition| &condition.expression)
            .chain(rules)
            .collect();
        for expression in expressions {
            self.expression(expression, true);
        }
        if let Err(circle) = condition_order(self.declared) {
            let position = circle
                .first()
                .and_then(|name| self.declared.condition(name))
                .map_or(Position::default(), |condition| condition.position);
            self.errors.push(TemplateError::new(
                format!(
                    "Template format error: Circular dependency between conditions: [{}]",
                    circle.join(", ")
                ),
                position,
            ));
        }
    }

    fn resources(&mut self) {
        for declared in &self.declared.resources {
            let resource = &declared.resource;
            if let Some(condition) = &resource.condition
                && self.declared.condition(condition).is_none()
            {
                self.unknown_condition(
                    condition,
                    format!(
                        "Template format error: Unresolved condition dependency {condition} in the \
                         Resources block of the template"
                    ),
                    declared.condition_position,
                );
            }
            for (name, position) in &declared.depends_on {
                if self.declared.resource(name).is_none() {
                    self.unresolved(name, *position);
                }
            }
            for expression in declared.properties.iter().chain(&declared.metadata) {
                self.expression(expression, false);
            }
        }
    }

    fn outputs(&mut self) {
        self.block = "Outputs";
        for output in &self.declared.outputs {
            if let Some(condition) = &output.condition
                && self.declared.condition(condition).is_none()
            {
                self.unknown_condition(
                    condition,
                    format!(
                        "Template format error: Unresolved condition dependency {condition} in the \
                         Outputs block of the template"
                    ),
                    output.condition_position,
                );
            }
            for expression in std::iter::once(&output.value).chain(&output.export_name) {
                self.expression(expression, false);
            }
        }
    }

    fn expression(&mut self, expression: &Expression, is_condition: bool) {
        let mut all = Vec::new();
        expression.walk(&|_| Branches::Both, &mut |expression| all.push(expression));
        for expression in all {
            self.one(expression, is_condition);
        }
    }

    /// Checks an expression without those in it.
    fn one(&mut self, expression: &Expression, is_condition: bool) {
        let position = expression.position;
        match &expression.kind {
            Kind::If { condition, .. } if self.declared.condition(condition).is_none() => {
                let message = format!(
                    "Template error: unresolved condition dependency {condition} in Fn::If"
                );
                self.unknown_condition(condition, message, position);
            }
            Kind::Condition(name) if self.declared.condition(name).is_none() => {
                let message = format!(
                    "Template format error: Unresolved condition dependencies [{name}] in the \
                     Conditions block of the template"
                );
                self.unknown_condition(name, message, position);
            }
            Kind::FindInMap {
                map, default: None, ..
            } => {
                if let Kind::Text(name) = &map.kind
                    && !self.declared.mappings.contains_key(name)
                {
                    let names = self.declared.mappings.keys().map(String::as_str);
                    let help = meant(name, names);
                    self.errors.push(with_help(
                        TemplateError::new(
                            format!(
                                "Template error: Mapping named '{name}' is not present in the \
                                 'Mappings' section of template"
                            ),
                            position,
                        ),
                        help,
                    ));
                }
            }
            _ => {}
        }
        for mention in expression.own_references() {
            match mention {
                Mention::Name(name) if self.is_value(name) => {}
                Mention::Name(name) if is_condition => {
                    let help = meant(name, self.values());
                    self.errors.push(with_help(
                        TemplateError::new(
                            format!(
                                "Template format error: Unresolved dependencies [{name}]. Cannot \
                                 reference resources in the Conditions block of the template"
                            ),
                            position,
                        ),
                        help,
                    ));
                }
                Mention::Name(name) if self.declared.resource(name).is_some() => {}
                Mention::Name(name) => self.unresolved(name, position),
                Mention::Attribute { logical_id, .. }
                    if self.declared.resource(logical_id).is_none() =>
                {
                    let message = format!(
                        "Template error: instance of Fn::GetAtt references undefined resource \
                         {logical_id}"
                    );
                    self.undefined(logical_id, message, position);
                }
                Mention::SubAttribute { logical_id, name }
                    if self.declared.resource(logical_id).is_none() =>
                {
                    let message = format!(
                        "Template error: instance of Fn::Sub references invalid resource attribute \
                         {logical_id}.{name}"
                    );
                    self.undefined(logical_id, message, position);
                }
                Mention::Attribute { .. } | Mention::SubAttribute { .. } => {}
            }
        }
    }

    fn is_value(&self, name: &str) -> bool {
        PSEUDO_PARAMETERS.contains(&name) || self.declared.parameter(name).is_some()
    }

    fn values(&self) -> impl Iterator<Item = &str> {
        let parameters = self.declared.parameters.iter();
        parameters
            .map(|parameter| parameter.name.as_str())
            .chain(PSEUDO_PARAMETERS)
    }

    fn logical_ids(&self) -> impl Iterator<Item = &str> {
        let resources = self.declared.resources.iter();
        resources.map(|declared| declared.resource.logical_id.as_str())
    }

    fn unresolved(&mut self, name: &str, position: Position) {
        let help = meant(name, self.values().chain(self.logical_ids()));
        let error = TemplateError::unresolved(name, self.block, position);
        self.errors.push(with_help(error, help));
    }

    fn undefined(&mut self, logical_id: &str, message: String, position: Position) {
        let help = meant(logical_id, self.logical_ids());
        self.errors
            .push(with_help(TemplateError::new(message, position), help));
    }

    fn unknown_condition(&mut self, name: &str, message: String, position: Position) {
        let conditions = self.declared.conditions.iter();
        let help = meant(name, conditions.map(|condition| condition.name.as_str()));
        self.errors
            .push(with_help(TemplateError::new(message, position), help));
    }

    /// Resources that wait for one another whatever the conditions are.
    fn cycles(&mut self) {
        let dependencies: BTreeMap<&str, BTreeSet<&str>> = self
            .declared
            .resources
            .iter()
            .map(|declared| {
                let names = dependencies(self.declared, declared, &|_| Branches::Neither);
                (declared.resource.logical_id.as_str(), names)
            })
            .collect();
        let ids: Vec<&str> = self.logical_ids().collect();
        if let Err(circle) = graph::order(&ids, &dependencies) {
            let position = circle
                .first()
                .and_then(|id| self.declared.resource(id))
                .map_or(Position::default(), |declared| declared.resource.position);
            self.errors
                .push(TemplateError::new(graph::circular(&circle), position));
        }
    }
}

/// The names of the conditions, each after those that it refers to; or a circle of them.
pub(crate) fn condition_order(declared: &Declarations) -> Result<Vec<&str>, Vec<&str>> {
    let mut dependencies: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for condition in &declared.conditions {
        let names = dependencies.entry(&condition.name).or_default();
        condition
            .expression
            .walk(&|_| Branches::Both, &mut |expression| {
                if let Kind::Condition(name) = &expression.kind {
                    names.insert(name);
                }
            });
    }
    let names: Vec<&str> = declared
        .conditions
        .iter()
        .map(|condition| condition.name.as_str())
        .collect();
    graph::order(&names, &dependencies)
}

/// The resources that a resource names: in its properties, its metadata and in DependsOn.
pub(crate) fn dependencies<'a>(
    declared: &'a Declarations,
    resource: &'a ResourceDeclaration,
    branches: &impl Fn(&str) -> Branches,
) -> BTreeSet<&'a str> {
    let mut names: BTreeSet<&str> = resource
        .depends_on
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    for expression in resource.properties.iter().chain(&resource.metadata) {
        names.extend(resources_in(declared, expression, branches));
    }
    names
}

/// The resources that an expression names.
pub(crate) fn resources_in<'a>(
    declared: &'a Declarations,
    expression: &'a Expression,
    branches: &impl Fn(&str) -> Branches,
) -> BTreeSet<&'a str> {
    let mut names = BTreeSet::new();
    expression.walk(branches, &mut |expression| {
        for mention in expression.own_references() {
            let name = match mention {
                Mention::Name(name) => name,
                Mention::Attribute { logical_id, .. }
                | Mention::SubAttribute { logical_id, .. } => logical_id,
            };
            let is_value = PSEUDO_PARAMETERS.contains(&name) || declared.parameter(name).is_some();
            if !is_value {
                names.insert(name);
            }
        }
    });
    names
}

fn meant<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    closest(written, names).map(|meant| format!("did you mean {meant}?"))
}

fn with_help(error: TemplateError, help: Option<String>) -> TemplateError {
    match help {
        Some(help) => error.with_help(help),
        None => error,
    }
}
