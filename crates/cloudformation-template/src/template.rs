//! A template that was read and checked.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::bind::BindError;
use crate::bind::PseudoParameters;
use crate::bound::Bound;
use crate::error::Position;
use crate::error::TemplateError;
use crate::parameter::Parameter;
use crate::resource::Resource;
use crate::summary::Summary;

/// A template, checked as far as it can be without parameters. Clones share it.
#[derive(Clone, Debug)]
pub struct Template(Arc<Declarations>);

#[derive(Debug, Default)]
struct Declarations {
    parameters: Vec<Parameter>,
    resources: Vec<Resource>,
}

impl Template {
    /// Reads a template in YAML or JSON.
    ///
    /// # Errors
    /// The first mistake in the text.
    pub fn parse(_text: &str) -> Result<Self, TemplateError> {
        Err(TemplateError::new(
            "Template format error: unsupported structure.",
            Position { line: 1, column: 1 },
        ))
    }

    /// All mistakes in a text, in the order of the text.
    #[must_use]
    pub fn check(text: &str) -> Vec<TemplateError> {
        Self::parse(text).err().into_iter().collect()
    }

    /// Its parameters in the order of the text.
    #[must_use]
    pub fn parameters(&self) -> &[Parameter] {
        &self.0.parameters
    }

    /// All its resources in the order of the text, whatever their conditions.
    #[must_use]
    pub fn resources(&self) -> &[Resource] {
        &self.0.resources
    }

    /// What it declares.
    #[must_use]
    pub fn summary(&self) -> Summary {
        Summary {
            description: None,
            version: None,
            metadata: None,
            parameters: self.0.parameters.clone(),
            resource_types: Vec::new(),
            capabilities: Vec::new(),
            capabilities_reason: None,
            declared_transforms: Vec::new(),
        }
    }

    /// The names in Parameter Store that parameters of the types `AWS::SSM::Parameter::Value<...>`
    /// ask for: to be looked up for [`Template::bind`].
    #[must_use]
    pub fn stored_parameters(&self, _parameters: &BTreeMap<String, String>) -> BTreeSet<String> {
        BTreeSet::new()
    }

    /// Decides its conditions and rules with the values of its parameters. `stored` has the values
    /// that [`Template::stored_parameters`] asks for.
    ///
    /// # Errors
    /// If a value is missing, unknown or refused, or a condition cannot be evaluated.
    pub fn bind(
        &self,
        parameters: &BTreeMap<String, String>,
        _context: &PseudoParameters,
        _stored: &BTreeMap<String, String>,
    ) -> Result<Bound, BindError> {
        Err(BindError::Unknown(parameters.keys().cloned().collect()))
    }
}
