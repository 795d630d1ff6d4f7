//! What GetTemplateSummary and ValidateTemplate tell of a template.

use crate::parameter::Parameter;

/// What whoever creates a stack has to acknowledge.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Capability {
    /// `CAPABILITY_IAM`.
    Iam,
    /// `CAPABILITY_NAMED_IAM`.
    NamedIam,
    /// `CAPABILITY_AUTO_EXPAND`.
    AutoExpand,
}

impl Capability {
    /// As in requests.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Iam => "CAPABILITY_IAM",
            Self::NamedIam => "CAPABILITY_NAMED_IAM",
            Self::AutoExpand => "CAPABILITY_AUTO_EXPAND",
        }
    }
}

/// What a template declares.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Its Description.
    pub description: Option<String>,
    /// Its AWSTemplateFormatVersion.
    pub version: Option<String>,
    /// Its Metadata as JSON text.
    pub metadata: Option<String>,
    /// Its parameters in the order of the text.
    pub parameters: Vec<Parameter>,
    /// The types of its resources, one for each type, sorted.
    pub resource_types: Vec<String>,
    /// What has to be acknowledged.
    pub capabilities: Vec<Capability>,
    /// Why, in AWS's words.
    pub capabilities_reason: Option<String>,
    /// Its transforms.
    pub declared_transforms: Vec<String>,
}
