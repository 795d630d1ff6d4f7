//! The facts of service models, as data: operations, shapes, constraints, errors, pages.
//!
//! The texts are those of the crate `service-models`.

mod answers;
mod constraints;

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Map;
use serde_json::Value;

/// CodeBuild. Read when the first request comes, as all models are, so that starting does not wait.
pub(crate) static CODEBUILD: LazyLock<Model> =
    LazyLock::new(|| Model::read(service_models::CODEBUILD));
/// CloudFormation.
pub(crate) static CLOUDFORMATION: LazyLock<Model> =
    LazyLock::new(|| Model::read(service_models::CLOUDFORMATION));
/// Identity and Access Management.
pub(crate) static IAM: LazyLock<Model> = LazyLock::new(|| Model::read(service_models::IAM));
/// EventBridge.
pub(crate) static EVENTS: LazyLock<Model> = LazyLock::new(|| Model::read(service_models::EVENTS));
/// CodeStar Notifications.
pub(crate) static NOTIFICATIONS: LazyLock<Model> =
    LazyLock::new(|| Model::read(service_models::CODESTAR_NOTIFICATIONS));
/// Simple Notification Service.
pub(crate) static SNS: LazyLock<Model> = LazyLock::new(|| Model::read(service_models::SNS));
/// Security Token Service.
pub(crate) static STS: LazyLock<Model> = LazyLock::new(|| Model::read(service_models::STS));

/// A service model's facts.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Model {
    metadata: Metadata,
    operations: HashMap<String, Operation>,
    shapes: HashMap<String, Shape>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    #[serde(default)]
    api_version: String,
    #[serde(default)]
    xml_namespace: String,
    #[serde(default)]
    protocols: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Operation {
    input: Option<String>,
    output: Option<String>,
    /// The codes of the errors that are its own.
    errors: Vec<String>,
    /// The element that the output is in, in XML.
    wrapper: Option<String>,
}

/// One shape. Which members mean something depends on `kind`.
#[derive(Debug, Deserialize)]
pub(crate) struct Shape {
    #[serde(rename = "type")]
    kind: Kind,
    /// Length of a string, number of elements of a list, or value of a number: at least.
    min: Option<f64>,
    /// The same: at most.
    max: Option<f64>,
    pattern: Option<String>,
    #[serde(rename = "enum", default)]
    values: Vec<String>,
    #[serde(default)]
    required: Vec<String>,
    /// A structure's members and their shapes, in the model's order.
    #[serde(default)]
    members: Map<String, Value>,
    /// The shape of a list's elements.
    member: Option<String>,
    /// The shape of a map's keys.
    key: Option<String>,
    /// The shape of a map's values.
    value: Option<String>,
    /// What a list's elements are called in a query and in XML, if not `member`.
    #[serde(rename = "memberName")]
    member_name: Option<String>,
    /// The same for a map's keys, if not `key`.
    #[serde(rename = "keyName")]
    key_name: Option<String>,
    /// The same for a map's values, if not `value`.
    #[serde(rename = "valueName")]
    value_name: Option<String>,
    /// An error's code in XML.
    code: Option<String>,
    /// The HTTP status of an error in XML.
    status: Option<u16>,
}

/// A shape of a model.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Typed<'m> {
    model: &'m Model,
    shape: &'m Shape,
}

impl<'m> Typed<'m> {
    /// What its values are.
    pub(crate) const fn kind(self) -> Kind {
        self.shape.kind
    }

    /// A structure's members and their shapes, in the model's order.
    pub(crate) fn members(self) -> impl Iterator<Item = (&'m str, Self)> {
        self.shape.members.iter().filter_map(move |(name, shape)| {
            let shape = self.model.shape(shape.as_str()?)?;
            Some((name.as_str(), shape))
        })
    }

    /// The shape of a structure's member or a map's value.
    pub(crate) fn member(self, name: &str) -> Option<Self> {
        let shape = self.shape.members.get(name).and_then(Value::as_str);
        self.model.shape(shape.or(self.shape.value.as_deref())?)
    }

    /// The shape of a list's elements.
    pub(crate) fn element(self) -> Option<Self> {
        self.model.shape(self.shape.member.as_deref()?)
    }

    /// The shapes of a map's keys and values.
    pub(crate) fn entry(self) -> Option<(Self, Self)> {
        let key = self.model.shape(self.shape.key.as_deref()?)?;
        Some((key, self.model.shape(self.shape.value.as_deref()?)?))
    }

    /// What a list's elements are called in a query and in XML.
    pub(crate) fn element_name(self) -> &'m str {
        self.shape.member_name.as_deref().unwrap_or("member")
    }

    /// The same for a map's keys and values.
    pub(crate) fn entry_names(self) -> (&'m str, &'m str) {
        let key = self.shape.key_name.as_deref().unwrap_or("key");
        (key, self.shape.value_name.as_deref().unwrap_or("value"))
    }
}

/// What the values of a shape are.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Structure,
    List,
    Map,
    String,
    Integer,
    Long,
    Double,
    Boolean,
    Timestamp,
    /// Bytes, in Base64.
    Blob,
}

impl Model {
    fn read(text: &str) -> Self {
        // The files are part of the program; a test reads them.
        serde_json::from_str(text).unwrap_or_default()
    }

    /// Whether the service has an operation of this name.
    pub(crate) fn has_operation(&self, name: &str) -> bool {
        self.operations.contains_key(name)
    }

    /// The names of all operations, sorted.
    pub(crate) fn operations(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.operations.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    /// The version of the service's API, such as `2010-05-08`.
    pub(crate) fn version(&self) -> &str {
        &self.metadata.api_version
    }

    /// The namespace of the service's XML.
    pub(crate) fn namespace(&self) -> &str {
        &self.metadata.xml_namespace
    }

    /// The shape of what an operation takes.
    pub(crate) fn input(&self, operation: &str) -> Option<Typed<'_>> {
        self.shape(self.operations.get(operation)?.input.as_deref()?)
    }

    /// The shape of what an operation answers.
    pub(crate) fn output(&self, operation: &str) -> Option<Typed<'_>> {
        self.shape(self.operations.get(operation)?.output.as_deref()?)
    }

    /// The element that an operation's output is in, in XML. Some have none.
    pub(crate) fn wrapper(&self, operation: &str) -> Option<&str> {
        self.operations.get(operation)?.wrapper.as_deref()
    }

    /// The HTTP status of one of the service's errors, if it has one of its own.
    pub(crate) fn status(&self, code: &str) -> Option<u16> {
        let mut errors = self.shapes.values();
        errors
            .find(|shape| shape.code.as_deref() == Some(code))?
            .status
    }

    /// Whether the service speaks the query protocol.
    fn is_query(&self) -> bool {
        self.metadata.protocols.iter().any(|name| name == "query")
    }

    fn shape(&self, name: &str) -> Option<Typed<'_>> {
        let shape = self.shapes.get(name)?;
        Some(Typed { model: self, shape })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_has_every_shape_that_it_names() {
        assert_eq!(CODEBUILD.operations.len(), 59);
        for model in [
            &*CLOUDFORMATION,
            &*CODEBUILD,
            &*EVENTS,
            &*IAM,
            &*NOTIFICATIONS,
            &*SNS,
            &*STS,
        ] {
            assert!(!model.operations.is_empty() && !model.version().is_empty());
            assert_eq!(model.is_query(), !model.namespace().is_empty());
            for (name, shape) in &model.shapes {
                let members = shape.members.values().filter_map(Value::as_str);
                let of_collection = [&shape.member, &shape.key, &shape.value];
                let of_collection = of_collection.into_iter().filter_map(Option::as_deref);
                for referred in members.chain(of_collection) {
                    assert!(
                        model.shapes.contains_key(referred),
                        "{name} names {referred}"
                    );
                }
            }
            for (name, operation) in &model.operations {
                let shapes = [&operation.input, &operation.output];
                for referred in shapes.into_iter().flatten() {
                    assert!(
                        model.shapes.contains_key(referred),
                        "{name} names {referred}"
                    );
                }
            }
        }
    }
}
