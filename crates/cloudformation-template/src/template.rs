//! A template that was read and checked.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::bind;
use crate::bind::BindError;
use crate::bind::PseudoParameters;
use crate::bound::Bound;
use crate::declarations::Declarations;
use crate::error::Position;
use crate::error::TemplateError;
use crate::node::Node;
use crate::parameter::Parameter;
use crate::read;
use crate::read::Reader;
use crate::references;
use crate::resource::Resource;
use crate::resource_check;
use crate::summary::Summary;

/// The largest template, which only S3 can hold: in a request it may have 51,200 bytes.
const LARGEST: usize = 1_000_000;

/// The sections that only templates have, of those that nearly every one has.
const MARKS: [&str; 2] = ["AWSTemplateFormatVersion", "Resources"];

/// A template, checked as far as it can be without parameters. Clones share it.
#[derive(Clone, Debug)]
pub struct Template(Arc<Declarations>);

impl Template {
    /// Reads a template in YAML or JSON.
    ///
    /// # Errors
    /// The mistake that AWS tells of first.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let (declared, errors) = read(text)?;
        match TemplateError::first_of(errors) {
            Some(error) => Err(error),
            None => Ok(Self(Arc::new(declared))),
        }
    }

    /// All mistakes in a text, in the order of the text.
    #[must_use]
    pub fn check(text: &str) -> Vec<TemplateError> {
        let mut errors = match read(text) {
            Ok((_, errors)) => errors,
            Err(error) => return vec![error],
        };
        errors.sort_by_key(TemplateError::position);
        errors.dedup();
        errors
    }

    /// What the types of its resources have against a text that is a template: types that do not
    /// exist, properties that are unknown, missing or wrong; in the order of the text. What functions
    /// give is not judged, and neither are types without facts in [`crate::resource_types`].
    #[must_use]
    pub fn check_resources(text: &str) -> Vec<TemplateError> {
        let mut errors = match Node::parse(text) {
            Ok(root) => resource_check::check(&root),
            Err(_) => Vec::new(),
        };
        errors.sort_by_key(TemplateError::position);
        errors
    }

    /// Whether a text is meant to be a template, with mistakes or without.
    #[must_use]
    pub fn is_meant(text: &str) -> bool {
        match Node::parse(text) {
            Ok(root) => MARKS.iter().any(|mark| root.get(mark).is_some()),
            Err(_) => text.lines().any(|line| {
                let line = line.trim_start_matches(['{', '"', '\'', ' ']);
                MARKS.iter().any(|mark| line.starts_with(mark))
            }),
        }
    }

    /// The parameters that a text declares, as far as it can be read, with mistakes or without.
    #[must_use]
    pub fn declared_parameters(text: &str) -> Vec<Parameter> {
        read(text).map_or_else(|_| Vec::new(), |(declared, _)| declared.parameters)
    }

    /// Its parameters in the order of the text.
    #[must_use]
    pub fn parameters(&self) -> &[Parameter] {
        &self.0.parameters
    }

    /// All its resources in the order of the text, whatever their conditions.
    pub fn resources(&self) -> impl Iterator<Item = &Resource> {
        self.0.resources.iter().map(|declared| &declared.resource)
    }

    /// What it declares.
    #[must_use]
    pub fn summary(&self) -> Summary {
        Summary::of(&self.0)
    }

    /// The names in Parameter Store that parameters of the types `AWS::SSM::Parameter::Value<...>`
    /// ask for: to be looked up for [`Template::bind`].
    #[must_use]
    pub fn stored_parameters(&self, parameters: &BTreeMap<String, String>) -> BTreeSet<String> {
        bind::stored_names(&self.0, parameters)
    }

    /// Decides its conditions and rules with the values of its parameters. `stored` has the values
    /// that [`Template::stored_parameters`] asks for.
    ///
    /// # Errors
    /// If a value is missing, unknown or refused, or a condition cannot be evaluated.
    pub fn bind(
        &self,
        parameters: &BTreeMap<String, String>,
        context: &PseudoParameters,
        stored: &BTreeMap<String, String>,
    ) -> Result<Bound, BindError> {
        bind::bind(&self.0, parameters, context, stored)
    }
}

/// Reads as much as can be read, and all mistakes in it.
fn read(text: &str) -> Result<(Declarations, Vec<TemplateError>), TemplateError> {
    if text.len() > LARGEST {
        return Err(TemplateError::new(
            format!("Template may not exceed {LARGEST} bytes in size."),
            Position { line: 1, column: 1 },
        ));
    }
    let root = Node::parse(text)?;
    let mut reader = Reader::default();
    let declared = read::declarations(&root, &mut reader);
    let mut errors = reader.errors;
    errors.extend(references::check(&declared));
    Ok((declared, errors))
}
