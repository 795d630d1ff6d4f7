//! From a template to one for given parameters.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use crate::bound::Bound;
use crate::bound::BoundParameter;
use crate::declarations::Declarations;
use crate::error::unresolved_message;
use crate::evaluate::Evaluator;
use crate::expression::Branches;
use crate::graph;
use crate::references;
use crate::values::DynamicReference;
use crate::values::EvaluationError;
use crate::values::Values;

/// What AWS knows of the stack, for `AWS::Region` and so on.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PseudoParameters {
    /// `AWS::Region`.
    pub region: String,
    /// `AWS::AccountId`.
    pub account_id: String,
    /// `AWS::Partition`.
    pub partition: String,
    /// `AWS::URLSuffix`.
    pub url_suffix: String,
    /// `AWS::StackName`.
    pub stack_name: String,
    /// `AWS::StackId`.
    pub stack_id: String,
    /// `AWS::NotificationARNs`.
    pub notification_arns: Vec<String>,
}

/// Why a template cannot be used with these parameters. The text is AWS's message of a
/// `ValidationError`.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BindError {
    /// Parameters without default have no value.
    #[error("Parameters: [{}] must have values", .0.join(", "))]
    Missing(Vec<String>),
    /// The template declares no such parameters.
    #[error("Parameters: [{}] do not exist in the template", .0.join(", "))]
    Unknown(Vec<String>),
    /// A value is not one of AllowedValues, not a number, and so on.
    #[error("{message}")]
    Refused {
        /// The parameter.
        parameter: String,
        /// AWS's message.
        message: String,
    },
    /// Parameter Store has no such parameters.
    #[error("Unable to fetch parameters [{}] from parameter store for this account.", .0.join(","))]
    NotStored(Vec<String>),
    /// A rule of the section Rules refuses the values.
    #[error("Template validation error: Rule {rule} is violated: {}", .descriptions.join(", "))]
    Rule {
        /// The rule.
        rule: String,
        /// What its assertions say.
        descriptions: Vec<String>,
    },
    /// A condition or a rule cannot be evaluated.
    #[error(transparent)]
    Evaluation(#[from] EvaluationError),
    /// What is created refers to resources whose condition is false.
    #[error("{}", unresolved_message(.resources, .block))]
    Unresolved {
        /// The resources that are not there.
        resources: Vec<String>,
        /// `Resources` or `Outputs`.
        block: &'static str,
    },
    /// Resources wait for one another.
    #[error("{}", graph::circular(.0))]
    Circular(Vec<String>),
}

/// Conditions and rules have no resources, exports or secrets.
struct NoValues;

impl Values for NoValues {
    fn reference(&self, _: &str) -> Option<Value> {
        None
    }

    fn attribute(&self, _: &str, _: &str) -> Option<Value> {
        None
    }

    fn import(&self, _: &str) -> Option<String> {
        None
    }

    fn dynamic_reference(&self, reference: &DynamicReference) -> Result<String, String> {
        Ok(reference.to_string())
    }
}

pub(crate) fn bind(
    declared: &Arc<Declarations>,
    given: &BTreeMap<String, String>,
    context: &PseudoParameters,
    stored: &BTreeMap<String, String>,
) -> Result<Bound, BindError> {
    let parameters = parameters(declared, given, stored)?;
    let values: BTreeMap<String, Value> = declared
        .parameters
        .iter()
        .zip(&parameters)
        .map(|(parameter, bound)| {
            let text = bound.resolved_value.as_deref().unwrap_or(&bound.value);
            (bound.name.clone(), parameter.value(text))
        })
        .collect();
    let conditions = conditions(declared, &values, context)?;
    let (order, dependencies) = order(declared, &conditions)?;
    check_outputs(declared, &conditions)?;
    Ok(Bound {
        declared: Arc::clone(declared),
        context: context.clone(),
        order,
        dependencies,
        parameters,
        values,
        conditions,
    })
}

/// The name in Parameter Store that a parameter asks for, if it is of such a type.
pub(crate) fn stored_names(
    declared: &Declarations,
    given: &BTreeMap<String, String>,
) -> BTreeSet<String> {
    declared
        .parameters
        .iter()
        .filter(|parameter| parameter.value_type().is_stored)
        .filter_map(|parameter| given.get(&parameter.name).or(parameter.default.as_ref()))
        .cloned()
        .collect()
}

fn parameters(
    declared: &Declarations,
    given: &BTreeMap<String, String>,
    stored: &BTreeMap<String, String>,
) -> Result<Vec<BoundParameter>, BindError> {
    let unknown: Vec<String> = given
        .keys()
        .filter(|name| declared.parameter(name).is_none())
        .cloned()
        .collect();
    if !unknown.is_empty() {
        return Err(BindError::Unknown(unknown));
    }
    let is_missing =
        |name: &str, default: Option<&String>| default.is_none() && !given.contains_key(name);
    let missing: Vec<String> = declared
        .parameters
        .iter()
        .filter(|parameter| is_missing(&parameter.name, parameter.default.as_ref()))
        .map(|parameter| parameter.name.clone())
        .collect();
    if !missing.is_empty() {
        return Err(BindError::Missing(missing));
    }
    let not_stored: Vec<String> = stored_names(declared, given)
        .into_iter()
        .filter(|name| !stored.contains_key(name))
        .collect();
    if !not_stored.is_empty() {
        return Err(BindError::NotStored(not_stored));
    }
    let mut bound = Vec::new();
    for parameter in &declared.parameters {
        let own = given.get(&parameter.name);
        let value = own
            .or(parameter.default.as_ref())
            .cloned()
            .unwrap_or_default();
        if let Some(message) = parameter.refusal(&value) {
            return Err(BindError::Refused {
                parameter: parameter.name.clone(),
                message,
            });
        }
        let is_stored = parameter.value_type().is_stored;
        bound.push(BoundParameter {
            name: parameter.name.clone(),
            resolved_value: is_stored.then(|| stored.get(&value).cloned()).flatten(),
            value,
            no_echo: parameter.no_echo,
            is_default: own.is_none(),
        });
    }
    Ok(bound)
}

/// Decides the conditions and checks the rules.
fn conditions(
    declared: &Declarations,
    parameters: &BTreeMap<String, Value>,
    context: &PseudoParameters,
) -> Result<BTreeMap<String, bool>, BindError> {
    let mut decided = BTreeMap::new();
    // There is no circle: the template was checked.
    let names = references::condition_order(declared).unwrap_or_default();
    for name in names {
        let Some(condition) = declared.condition(name) else {
            continue;
        };
        let evaluator = Evaluator {
            declared,
            context,
            parameters,
            conditions: &decided,
            values: &NoValues,
        };
        let holds = evaluator.decide(&condition.expression)?;
        decided.insert(name.to_owned(), holds);
    }
    let evaluator = Evaluator {
        declared,
        context,
        parameters,
        conditions: &decided,
        values: &NoValues,
    };
    for rule in &declared.rules {
        let is_asked = match &rule.condition {
            Some(condition) => evaluator.decide(condition)?,
            None => true,
        };
        if !is_asked {
            continue;
        }
        let mut descriptions = Vec::new();
        for assertion in &rule.assertions {
            if !evaluator.decide(&assertion.assert)? {
                let description = assertion.description.as_deref();
                descriptions.push(description.unwrap_or("an assertion is false").to_owned());
            }
        }
        if !descriptions.is_empty() {
            return Err(BindError::Rule {
                rule: rule.name.clone(),
                descriptions,
            });
        }
    }
    Ok(decided)
}

/// Whether something with this condition is created.
pub(crate) fn is_active(condition: Option<&String>, conditions: &BTreeMap<String, bool>) -> bool {
    condition.is_none_or(|name| conditions.get(name) == Some(&true))
}

/// The branch of an `Fn::If` that is taken.
pub(crate) fn taken(conditions: &BTreeMap<String, bool>) -> impl Fn(&str) -> Branches {
    |name| Branches::Taken(conditions.get(name) == Some(&true))
}

type Order = (Vec<String>, BTreeMap<String, BTreeSet<String>>);

/// The active resources in order, and for each the active ones that it waits for.
fn order(declared: &Declarations, conditions: &BTreeMap<String, bool>) -> Result<Order, BindError> {
    let branches = taken(conditions);
    let active: Vec<_> = declared
        .resources
        .iter()
        .filter(|one| is_active(one.resource.condition.as_ref(), conditions))
        .collect();
    let ids: Vec<&str> = active
        .iter()
        .map(|one| one.resource.logical_id.as_str())
        .collect();
    let mut unresolved = BTreeSet::new();
    let mut dependencies: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for one in active {
        for expression in one.properties.iter().chain(&one.metadata) {
            let names = references::resources_in(declared, expression, &branches);
            unresolved.extend(names.into_iter().filter(|name| !ids.contains(name)));
        }
        // DependsOn of a resource that is not created is nothing to wait for.
        let names = references::dependencies(declared, one, &branches);
        let names = names.into_iter().filter(|name| ids.contains(name));
        dependencies.insert(&one.resource.logical_id, names.collect());
    }
    if !unresolved.is_empty() {
        return Err(BindError::Unresolved {
            resources: unresolved.into_iter().map(str::to_owned).collect(),
            block: "Resources",
        });
    }
    let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
    let order =
        graph::order(&ids, &dependencies).map_err(|circle| BindError::Circular(owned(circle)))?;
    let order = owned(order);
    let dependencies = dependencies
        .into_iter()
        .map(|(id, names)| {
            let names = names.into_iter().map(str::to_owned).collect();
            (id.to_owned(), names)
        })
        .collect();
    Ok((order, dependencies))
}

/// Outputs must not refer to resources that are not created.
fn check_outputs(
    declared: &Declarations,
    conditions: &BTreeMap<String, bool>,
) -> Result<(), BindError> {
    let branches = taken(conditions);
    let mut unresolved = BTreeSet::new();
    for output in &declared.outputs {
        if !is_active(output.condition.as_ref(), conditions) {
            continue;
        }
        for expression in std::iter::once(&output.value).chain(&output.export_name) {
            let names = references::resources_in(declared, expression, &branches);
            unresolved.extend(names.into_iter().filter(|name| {
                let resource = declared.resource(name);
                !resource.is_some_and(|one| is_active(one.resource.condition.as_ref(), conditions))
            }));
        }
    }
    match unresolved.is_empty() {
        true => Ok(()),
        false => Err(BindError::Unresolved {
            resources: unresolved.into_iter().map(str::to_owned).collect(),
            block: "Outputs",
        }),
    }
}
