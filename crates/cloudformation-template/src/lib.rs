//! The CloudFormation template language: parse, check, evaluate, with source positions. Does no I/O.
//!
//! The rules come from the [template reference](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-guide.html).
//!
//! A text becomes a [`Template`]; with the values of its parameters that becomes a [`Bound`], which
//! knows its active resources, their order, and evaluates their properties. What only the resources
//! themselves can tell (`Ref`, `Fn::GetAtt`, ...) comes through [`Values`].
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! let template = cloudformation_template::Template::parse("
//! Resources:
//!   Project: {Type: 'AWS::CodeBuild::Project', Properties: {Name: !Sub '${Bucket}-build'}}
//!   Bucket: {Type: 'AWS::S3::Bucket'}
//! ")?;
//! let bound = template.bind(&BTreeMap::new(), &Default::default(), &BTreeMap::new())?;
//! assert_eq!(bound.order(), ["Bucket", "Project"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bind;
mod bound;
mod declarations;
mod dynamic_reference;
mod error;
mod evaluate;
mod expression;
mod functions;
mod graph;
mod json;
mod node;
mod parameter;
mod read;
mod references;
mod resource;
mod resource_check;
pub mod resource_types;
mod summary;
mod template;
mod values;
mod yaml;

pub use bind::BindError;
pub use bind::PseudoParameters;
pub use bound::Bound;
pub use bound::BoundParameter;
pub use bound::Output;
pub use bound::Reference;
pub use bound::ReferenceTarget;
pub use error::Position;
pub use error::TemplateError;
pub use parameter::Parameter;
pub use resource::DeletionPolicy;
pub use resource::Resource;
pub use resource::UpdateReplacePolicy;
pub use summary::Capability;
pub use summary::Summary;
pub use template::Template;
pub use values::DynamicReference;
pub use values::EvaluationError;
pub use values::KNOWN_AFTER_APPLY;
pub use values::SecretService;
pub use values::Values;
