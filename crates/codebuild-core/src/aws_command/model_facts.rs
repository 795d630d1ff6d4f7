//! The facts of a service model, as the crate `service-models` has them, and the shapes in them.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::fmt;

use serde::Deserialize;
use serde::Deserializer;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;
use serde_json::Value;

use super::service_model::Member;
use super::service_model::Shape;
use super::service_model::Structure;

/// Deeper structures are taken for recursive ones and not followed.
const DEEPEST: usize = 16;

/// IAM's shape of a policy in an answer.
const POLICY_DOCUMENT: &str = "policyDocumentType";

/// A service model. Its texts are those of the constant that it is read from.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Model<'a> {
    #[serde(borrow)]
    pub(super) metadata: Metadata<'a>,
    #[serde(borrow)]
    pub(super) operations: BTreeMap<&'a str, OperationFacts<'a>>,
    #[serde(borrow)]
    shapes: HashMap<&'a str, ShapeFacts<'a>>,
    #[serde(borrow, default)]
    pub(super) waiters: BTreeMap<&'a str, WaiterFacts<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Metadata<'a> {
    pub(super) api_version: &'a str,
    /// What `X-Amz-Target` begins with, in JSON services.
    #[serde(default)]
    pub(super) target_prefix: &'a str,
    #[serde(borrow)]
    protocols: Vec<&'a str>,
}

/// How a service is spoken to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Protocol {
    /// Forms out, XML in.
    Query,
    /// The same, with lists in another form.
    Ec2,
    Json,
    RestJson,
}

/// An operation.
#[derive(Debug, Deserialize)]
pub(super) struct OperationFacts<'a> {
    pub(super) input: Option<&'a str>,
    pub(super) output: Option<&'a str>,
    /// The element that the output is in, in XML.
    pub(super) wrapper: Option<&'a str>,
    /// The HTTP method, if not POST.
    pub(super) method: Option<&'a str>,
    /// The path with `{places}` of members, if not `/`.
    pub(super) uri: Option<&'a str>,
    #[serde(borrow)]
    pub(super) pages: Option<PageFacts<'a>>,
}

/// How an operation is paginated.
#[derive(Debug, Deserialize)]
pub(super) struct PageFacts<'a> {
    pub(super) input_token: &'a str,
    pub(super) output_token: &'a str,
    pub(super) limit_key: Option<&'a str>,
    pub(super) more_results: Option<&'a str>,
    #[serde(borrow)]
    result_key: OneOrMany<'a>,
    #[serde(borrow, default)]
    pub(super) non_aggregate_keys: Vec<&'a str>,
}

/// `"Roles"` or `["PolicyGroups", "PolicyUsers"]`.
#[derive(Debug)]
struct OneOrMany<'a>(Vec<&'a str>);

/// A shape. Which members mean something depends on `kind`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ShapeFacts<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(borrow, default)]
    required: Vec<&'a str>,
    #[serde(borrow, default)]
    pub(super) members: Members<'a>,
    /// The shape of a list's elements.
    pub(super) member: Option<&'a str>,
    /// The shape of a map's values.
    pub(super) value: Option<&'a str>,
    /// What a list's elements are called in a form, if not `member`.
    pub(super) member_name: Option<&'a str>,
    /// The same for a map's keys, if not `key`.
    pub(super) key_name: Option<&'a str>,
    /// The same for a map's values, if not `value`.
    pub(super) value_name: Option<&'a str>,
    /// Other names of members on the wire.
    #[serde(borrow, default)]
    names: HashMap<&'a str, &'a str>,
    /// Members that are not in the body: where they are, and their names there.
    #[serde(borrow, default)]
    pub(super) places: HashMap<&'a str, (&'a str, &'a str)>,
    /// Members that a client makes itself, so that a call that is repeated counts once.
    #[serde(borrow, default)]
    pub(super) tokens: Vec<&'a str>,
}

/// The members of a structure and their shapes, in the model's order.
#[derive(Debug, Default)]
pub(super) struct Members<'a>(pub(super) Vec<(&'a str, &'a str)>);

/// What is polled until a condition holds.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WaiterFacts<'a> {
    pub(super) operation: &'a str,
    /// Seconds between two polls.
    pub(super) delay: u64,
    pub(super) max_attempts: u64,
    pub(super) acceptors: Vec<Acceptor>,
}

/// A condition of a waiter, and what it means.
#[derive(Debug, Deserialize)]
pub(super) struct Acceptor {
    /// `success`, `failure` or `retry`.
    pub(super) state: String,
    /// `path`, `pathAll`, `pathAny`, `status` or `error`.
    pub(super) matcher: String,
    /// A JMESPath expression over the answer.
    #[serde(default)]
    pub(super) argument: String,
    pub(super) expected: Value,
}

impl Model<'static> {
    /// Reads the text of a model.
    pub(super) fn read(text: &'static str) -> Self {
        // The texts are part of the program, and a test reads them all.
        serde_json::from_str(text).unwrap_or_default()
    }

    /// The shape of this name, with all that it leads to.
    pub(super) fn shape_of(&'static self, name: &str) -> Shape {
        self.shape_at(name, 0)
    }

    fn shape_at(&'static self, name: &str, depth: usize) -> Shape {
        let Some(facts) = self.shapes.get(name).filter(|_| depth < DEEPEST) else {
            return Shape::Document;
        };
        let inner = |name: Option<&str>| {
            Box::new(name.map_or(Shape::Document, |name| self.shape_at(name, depth + 1)))
        };
        match facts.kind {
            "structure" => Shape::Structure(Structure {
                name: name.to_owned(),
                members: facts
                    .members
                    .0
                    .iter()
                    .map(|(name, shape)| Member {
                        name: (*name).to_owned(),
                        shape: self.shape_at(shape, depth + 1),
                    })
                    .collect(),
                required: &facts.required,
            }),
            "list" => Shape::List(inner(facts.member)),
            "map" => Shape::Map(inner(facts.value)),
            "string" if name == POLICY_DOCUMENT => Shape::PolicyDocument,
            "string" => Shape::String,
            "blob" => Shape::Blob,
            "boolean" => Shape::Boolean,
            "integer" | "long" => Shape::Integer,
            "double" | "float" => Shape::Double,
            "timestamp" => Shape::Timestamp,
            _ => Shape::Document,
        }
    }
}

impl Model<'_> {
    pub(super) fn protocol(&self) -> Protocol {
        match self.metadata.protocols.first() {
            Some(&"query") => Protocol::Query,
            Some(&"ec2") => Protocol::Ec2,
            Some(&"rest-json") => Protocol::RestJson,
            _ => Protocol::Json,
        }
    }

    /// The facts of a shape.
    pub(super) fn shape(&self, name: &str) -> Option<&ShapeFacts<'_>> {
        self.shapes.get(name)
    }
}

impl<'a> PageFacts<'a> {
    /// The output members that grow page by page.
    pub(super) fn results(&self) -> &[&'a str] {
        &self.result_key.0
    }
}

impl ShapeFacts<'_> {
    /// The kind of its values, such as `structure`.
    pub(super) fn kind(&self) -> &str {
        self.kind
    }

    /// A member's name on the wire.
    pub(super) fn name_of<'n>(&'n self, member: &'n str) -> &'n str {
        self.names.get(member).copied().unwrap_or(member)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Vec<(&'de str, &'de str)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("members and their shapes")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }

        deserializer.deserialize_map(InOrder).map(Self)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for OneOrMany<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Vec<&'de str>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name or names")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(vec![name])
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut names: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some(name) = names.next_element()? {
                    all.push(name);
                }
                Ok(all)
            }
        }

        deserializer.deserialize_any(Either).map(Self)
    }
}
