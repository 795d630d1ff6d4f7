//! What GetTemplateSummary and ValidateTemplate tell of a template.

use crate::declarations::Declarations;
use crate::declarations::ResourceDeclaration;
use crate::expression::Kind;
use crate::parameter::Parameter;

/// The properties that give things of IAM names of their own.
const NAMES: [&str; 5] = [
    "GroupName",
    "InstanceProfileName",
    "ManagedPolicyName",
    "RoleName",
    "UserName",
];

/// The types that have one of those properties for their own name.
const NAMED: [&str; 5] = [
    "AWS::IAM::Group",
    "AWS::IAM::InstanceProfile",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Role",
    "AWS::IAM::User",
];

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
    /// Its Description, unless it is empty.
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

impl Summary {
    pub(crate) fn of(declared: &Declarations) -> Self {
        let mut resource_types: Vec<String> = Vec::new();
        let mut reasons: Vec<&str> = Vec::new();
        for one in &declared.resources {
            let name = &one.resource.resource_type;
            if !resource_types.contains(name) {
                resource_types.push(name.clone());
                if name.starts_with("AWS::IAM::") {
                    reasons.push(name);
                }
            }
        }
        let mut capabilities = Vec::new();
        if !reasons.is_empty() {
            capabilities.push(match declared.resources.iter().any(has_own_name) {
                true => Capability::NamedIam,
                false => Capability::Iam,
            });
        }
        if !declared.transforms.is_empty() {
            capabilities.push(Capability::AutoExpand);
            reasons.extend(declared.transforms.iter().map(String::as_str));
        }
        let capabilities_reason = (!reasons.is_empty()).then(|| {
            format!(
                "The following resource(s) require capabilities: [{}]",
                reasons.join(", ")
            )
        });
        resource_types.sort();
        Self {
            description: declared.description.clone(),
            version: declared.version.clone(),
            metadata: declared.metadata.as_ref().map(ToString::to_string),
            parameters: declared.parameters.clone(),
            resource_types,
            capabilities,
            capabilities_reason,
            declared_transforms: declared.transforms.clone(),
        }
    }
}

/// Whether a thing of IAM is given a name of its own.
fn has_own_name(declared: &ResourceDeclaration) -> bool {
    if !NAMED.contains(&declared.resource.resource_type.as_str()) {
        return false;
    }
    let Some(Kind::Map(properties)) = declared.properties.as_ref().map(|one| &one.kind) else {
        return false;
    };
    properties
        .iter()
        .any(|(key, _)| NAMES.contains(&key.as_str()))
}
