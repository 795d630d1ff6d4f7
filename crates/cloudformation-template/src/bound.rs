//! A template with the values of its parameters.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Value;

use crate::resource::Resource;
use crate::values::DynamicReference;
use crate::values::EvaluationError;
use crate::values::Values;

/// A template with the values of its parameters: conditions are decided.
#[derive(Clone, Debug)]
pub struct Bound {
    resources: Vec<Resource>,
    order: Vec<String>,
    parameters: Vec<BoundParameter>,
    conditions: BTreeMap<String, bool>,
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
    /// What it is.
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
        self.resources
            .iter()
            .find(|resource| resource.logical_id == logical_id)
    }

    /// The logical ids of the active resources in an order in which they can be created.
    #[must_use]
    pub fn order(&self) -> &[String] {
        &self.order
    }

    /// The active resources that a resource waits for: those that it names itself (`Ref`,
    /// `Fn::GetAtt`, `Fn::Sub`, DependsOn), in the branches of `Fn::If` that are taken.
    #[must_use]
    pub fn dependencies(&self, _logical_id: &str) -> BTreeSet<&str> {
        BTreeSet::new()
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

    /// The properties of an active resource, functions evaluated; an object, empty if there are none.
    ///
    /// # Errors
    /// If a value cannot be evaluated.
    pub fn properties(
        &self,
        logical_id: &str,
        _values: &dyn Values,
    ) -> Result<Value, EvaluationError> {
        Err(EvaluationError::NoResource(logical_id.to_owned()))
    }

    /// The Metadata of an active resource, functions evaluated.
    ///
    /// # Errors
    /// If a value cannot be evaluated.
    pub fn metadata(
        &self,
        logical_id: &str,
        _values: &dyn Values,
    ) -> Result<Option<Value>, EvaluationError> {
        Err(EvaluationError::NoResource(logical_id.to_owned()))
    }

    /// The outputs whose condition holds, with the names that they are exported under.
    ///
    /// # Errors
    /// If a value cannot be evaluated or is no text.
    pub fn outputs(&self, _values: &dyn Values) -> Result<Vec<Output>, EvaluationError> {
        Ok(Vec::new())
    }

    /// The names of the exports that active resources and outputs import.
    ///
    /// # Errors
    /// If a name cannot be evaluated.
    pub fn imports(&self, _values: &dyn Values) -> Result<BTreeSet<String>, EvaluationError> {
        Ok(BTreeSet::new())
    }

    /// The dynamic references in the properties of an active resource, so that they can be looked up
    /// before [`Bound::properties`].
    ///
    /// # Errors
    /// If a value cannot be evaluated.
    pub fn dynamic_references(
        &self,
        logical_id: &str,
        _values: &dyn Values,
    ) -> Result<BTreeSet<DynamicReference>, EvaluationError> {
        Err(EvaluationError::NoResource(logical_id.to_owned()))
    }

    /// Which property of an active resource refers to what.
    #[must_use]
    pub fn references(&self, _logical_id: &str) -> Vec<Reference> {
        Vec::new()
    }
}
