//! A template with the values of its parameters.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Map;
use serde_json::Value;

use crate::bind::PseudoParameters;
use crate::bind::is_active;
use crate::bind::taken;
use crate::declarations::Declarations;
use crate::declarations::OutputDeclaration;
use crate::declarations::ResourceDeclaration;
use crate::dynamic_reference;
use crate::evaluate::Evaluator;
use crate::evaluate::scalar;
use crate::expression::Expression;
use crate::expression::Kind;
use crate::expression::Mention;
use crate::references::PSEUDO_PARAMETERS;
use crate::resource::Resource;
use crate::values::DynamicReference;
use crate::values::EvaluationError;
use crate::values::SecretService;
use crate::values::Values;

/// A template with the values of its parameters: conditions are decided.
#[derive(Clone, Debug)]
pub struct Bound {
    pub(crate) declared: Arc<Declarations>,
    pub(crate) context: PseudoParameters,
    pub(crate) order: Vec<String>,
    pub(crate) dependencies: BTreeMap<String, BTreeSet<String>>,
    pub(crate) parameters: Vec<BoundParameter>,
    pub(crate) values: BTreeMap<String, Value>,
    pub(crate) conditions: BTreeMap<String, bool>,
}

/// A parameter and its value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BoundParameter {
    /// Its name.
    pub name: String,
    /// The value as given; for the types `AWS::SSM::Parameter::Value<...>` the name in Parameter Store.
    pub value: String,
    /// For the types `AWS::SSM::Parameter::Value<...>`, the value in Parameter Store.
    pub resolved_value: Option<String>,
    /// To be shown as `****`.
    pub no_echo: bool,
    /// The value is the declared default.
    pub is_default: bool,
}

impl BoundParameter {
    /// The value as answers show it: `****` for NoEcho.
    #[must_use]
    pub fn shown(&self) -> &str {
        match self.no_echo {
            true => "****",
            false => &self.value,
        }
    }
}

/// An output of a stack.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Output {
    /// Its name in the template.
    pub name: String,
    /// Its value.
    pub value: String,
    /// What it is, unless that is empty.
    pub description: Option<String>,
    /// The name that other stacks import it under.
    pub export_name: Option<String>,
}

/// A property and what its value comes from: for the details of change sets.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reference {
    /// The property as a JSON pointer without functions, such as `/LogsConfig/S3Logs/Location`.
    pub path: String,
    /// What it refers to.
    pub target: ReferenceTarget,
}

/// What a property refers to.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum ReferenceTarget {
    /// `ParameterReference`: `Ref` of a parameter. Causing entity: its name.
    Parameter(String),
    /// `ResourceReference`: `Ref` of a resource. Causing entity: its logical id.
    Resource(String),
    /// `ResourceAttribute`: `Fn::GetAtt`. Causing entity: `LogicalId.Attribute`.
    Attribute {
        /// The resource.
        logical_id: String,
        /// The attribute.
        name: String,
    },
}

impl Bound {
    /// The active resources (those whose condition is true), in an order in which they can be created.
    pub fn resources(&self) -> impl Iterator<Item = &Resource> {
        self.order.iter().filter_map(|id| self.resource(id))
    }

    /// An active resource.
    #[must_use]
    pub fn resource(&self, logical_id: &str) -> Option<&Resource> {
        self.declaration(logical_id)
            .ok()
            .map(|declared| &declared.resource)
    }

    /// The logical ids of the active resources in an order in which they can be created.
    #[must_use]
    pub fn order(&self) -> &[String] {
        &self.order
    }

    /// The active resources that a resource waits for: those that it names itself (`Ref`,
    /// `Fn::GetAtt`, `Fn::Sub`, DependsOn), in the branches of `Fn::If` that are taken.
    #[must_use]
    pub fn dependencies(&self, logical_id: &str) -> BTreeSet<&str> {
        let names = self.dependencies.get(logical_id).into_iter().flatten();
        names.map(String::as_str).collect()
    }

    /// The parameters with their values, in the order of the template.
    #[must_use]
    pub fn parameters(&self) -> &[BoundParameter] {
        &self.parameters
    }

    /// The conditions and whether they hold.
    #[must_use]
    pub fn conditions(&self) -> &BTreeMap<String, bool> {
        &self.conditions
    }

    /// The properties of an active resource, functions evaluated and dynamic references resolved; an
    /// object, empty if there are none.
    ///
    /// # Errors
    /// If a value cannot be evaluated.
    pub fn properties(
        &self,
        logical_id: &str,
        values: &dyn Values,
    ) -> Result<Value, EvaluationError> {
        let properties = self.unresolved_properties(logical_id, values)?;
        if values.is_lenient() {
            return Ok(properties);
        }
        let resource_type = &self.declaration(logical_id)?.resource.resource_type;
        let resolve = |reference: &DynamicReference, property: &str| {
            if reference.service == SecretService::SsmSecure {
                return Err(EvaluationError::DynamicReference(format!(
                    "SSM Secure reference is not supported in: [{resource_type}/Properties{property}]"
                )));
            }
            values
                .dynamic_reference(reference)
                .map_err(EvaluationError::DynamicReference)
        };
        map_texts(properties, "", &mut |text, property| {
            dynamic_reference::replace(&text, |reference| resolve(reference, property))
        })
    }

    /// The Metadata of an active resource, functions evaluated.
    ///
    /// # Errors
    /// If a value cannot be evaluated.
    pub fn metadata(
        &self,
        logical_id: &str,
        values: &dyn Values,
    ) -> Result<Option<Value>, EvaluationError> {
        match &self.declaration(logical_id)?.metadata {
            Some(metadata) => self.evaluator(values).evaluate(metadata),
            None => Ok(None),
        }
    }

    /// The outputs whose condition holds, with the names that they are exported under.
    ///
    /// # Errors
    /// If a value cannot be evaluated or is no text.
    pub fn outputs(&self, values: &dyn Values) -> Result<Vec<Output>, EvaluationError> {
        let evaluator = self.evaluator(values);
        let text = |expression: &Expression, field: &str, list: &str| {
            let value = evaluator.evaluate(expression)?;
            value.as_ref().and_then(scalar).ok_or_else(|| {
                EvaluationError::Format(format!(
                    "The {field} field of every {list} member must evaluate to a String."
                ))
            })
        };
        self.active_outputs()
            .map(|output| {
                let export_name = output.export_name.as_ref();
                Ok(Output {
                    name: output.name.clone(),
                    value: text(&output.value, "Value", "Outputs")?,
                    description: output.description.clone(),
                    export_name: export_name
                        .map(|name| text(name, "Name", "Export"))
                        .transpose()?,
                })
            })
            .collect()
    }

    /// The names of the exports that active resources and outputs import.
    ///
    /// # Errors
    /// If a name cannot be evaluated.
    pub fn imports(&self, values: &dyn Values) -> Result<BTreeSet<String>, EvaluationError> {
        let mut arguments = Vec::new();
        for expression in self.active_expressions() {
            expression.walk(&taken(&self.conditions), &mut |expression| {
                if let Kind::ImportValue(name) = &expression.kind {
                    arguments.push(name);
                }
            });
        }
        let evaluator = self.evaluator(values);
        let mut names = BTreeSet::new();
        for argument in arguments {
            let value = evaluator.evaluate(argument)?;
            names.extend(value.as_ref().and_then(scalar));
        }
        Ok(names)
    }

    /// The dynamic references in the properties of an active resource, so that they can be looked up
    /// before [`Bound::properties`].
    ///
    /// # Errors
    /// If a value cannot be evaluated.
    pub fn dynamic_references(
        &self,
        logical_id: &str,
        values: &dyn Values,
    ) -> Result<BTreeSet<DynamicReference>, EvaluationError> {
        let properties = self.unresolved_properties(logical_id, values)?;
        let mut found = BTreeSet::new();
        map_texts(properties, "", &mut |text, _| {
            dynamic_reference::replace(&text, |reference| {
                found.insert(reference.clone());
                Ok(String::new())
            })
        })?;
        Ok(found)
    }

    /// Which property of an active resource refers to what, in the branches of `Fn::If` that are taken.
    #[must_use]
    pub fn references(&self, logical_id: &str) -> Vec<Reference> {
        let mut references = Vec::new();
        if let Ok(declared) = self.declaration(logical_id)
            && let Some(properties) = &declared.properties
        {
            self.collect_references(properties, "", &mut references);
        }
        references
    }

    /// The references of an expression. What is an argument of a function has the function's path.
    fn collect_references(&self, expression: &Expression, path: &str, all: &mut Vec<Reference>) {
        match &expression.kind {
            Kind::Map(entries) => {
                for (key, value) in entries {
                    let path = format!("{path}/{}", pointer_token(key));
                    self.collect_references(value, &path, all);
                }
            }
            Kind::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.collect_references(item, &format!("{path}/{index}"), all);
                }
            }
            Kind::If { condition, yes, no } => {
                let holds = self.conditions.get(condition) == Some(&true);
                self.collect_references(if holds { yes } else { no }, path, all);
            }
            _ => expression.walk(&taken(&self.conditions), &mut |inner| {
                let mentions = inner.own_references().into_iter();
                all.extend(mentions.filter_map(|mention| {
                    Some(Reference {
                        path: path.to_owned(),
                        target: self.target(mention)?,
                    })
                }));
            }),
        }
    }

    /// What is meant, unless it is a pseudo parameter.
    fn target(&self, mention: Mention<'_>) -> Option<ReferenceTarget> {
        Some(match mention {
            Mention::Name(name) if PSEUDO_PARAMETERS.contains(&name) => return None,
            Mention::Name(name) if self.declared.parameter(name).is_some() => {
                ReferenceTarget::Parameter(name.to_owned())
            }
            Mention::Name(name) => ReferenceTarget::Resource(name.to_owned()),
            Mention::Attribute { logical_id, name } => ReferenceTarget::Attribute {
                logical_id: logical_id.to_owned(),
                name: name.unwrap_or_default().to_owned(),
            },
            Mention::SubAttribute { logical_id, name } => ReferenceTarget::Attribute {
                logical_id: logical_id.to_owned(),
                name: name.to_owned(),
            },
        })
    }

    fn declaration(&self, logical_id: &str) -> Result<&ResourceDeclaration, EvaluationError> {
        let declared = self
            .declared
            .resource(logical_id)
            .filter(|declared| is_active(declared.resource.condition.as_ref(), &self.conditions));
        declared.ok_or_else(|| EvaluationError::NoResource(logical_id.to_owned()))
    }

    fn unresolved_properties(
        &self,
        logical_id: &str,
        values: &dyn Values,
    ) -> Result<Value, EvaluationError> {
        let properties = match &self.declaration(logical_id)?.properties {
            Some(properties) => self.evaluator(values).evaluate(properties)?,
            None => None,
        };
        Ok(properties.unwrap_or_else(|| Value::Object(Map::new())))
    }

    fn active_outputs(&self) -> impl Iterator<Item = &OutputDeclaration> {
        let outputs = self.declared.outputs.iter();
        outputs.filter(|output| is_active(output.condition.as_ref(), &self.conditions))
    }

    fn active_expressions(&self) -> impl Iterator<Item = &Expression> {
        let resources = self
            .order
            .iter()
            .filter_map(|id| self.declaration(id).ok())
            .flat_map(|declared| declared.properties.iter().chain(&declared.metadata));
        let outputs = self
            .active_outputs()
            .flat_map(|output| std::iter::once(&output.value).chain(&output.export_name));
        resources.chain(outputs)
    }

    fn evaluator<'a>(&'a self, values: &'a dyn Values) -> Evaluator<'a> {
        Evaluator {
            declared: &self.declared,
            context: &self.context,
            parameters: &self.values,
            conditions: &self.conditions,
            values,
        }
    }
}

/// Changes each text of a value; `change` is told where the text is, as a JSON pointer.
fn map_texts(
    value: Value,
    path: &str,
    change: &mut dyn FnMut(String, &str) -> Result<String, EvaluationError>,
) -> Result<Value, EvaluationError> {
    Ok(match value {
        Value::String(text) => Value::String(change(text, path)?),
        Value::Array(items) => items
            .into_iter()
            .enumerate()
            .map(|(index, item)| map_texts(item, &format!("{path}/{index}"), change))
            .collect::<Result<Value, _>>()?,
        Value::Object(map) => {
            let mut changed = Map::new();
            for (key, value) in map {
                let path = format!("{path}/{}", pointer_token(&key));
                changed.insert(key, map_texts(value, &path, change)?);
            }
            Value::Object(changed)
        }
        value => value,
    })
}

/// A key as a part of a JSON pointer.
fn pointer_token(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
