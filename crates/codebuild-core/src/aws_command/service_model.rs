//! The shapes of operations' inputs and outputs, learned from the SDK.
//!
//! The SDK's generated types read themselves from a [`ShapeDeserializer`], asking it for each
//! member with its name and kind. [`Probe`] is a deserializer without data that only listens: what
//! a type asks for is its shape. So the model is the SDK's own, and no table can drift from it.

use aws_smithy_schema::Schema;
use aws_smithy_schema::serde::SerdeError;
use aws_smithy_schema::serde::ShapeDeserializer;
use aws_smithy_types::BigDecimal;
use aws_smithy_types::BigInteger;
use aws_smithy_types::Blob;
use aws_smithy_types::DateTime;
use aws_smithy_types::Document;

use super::required_members;

/// Deeper structures are taken for recursive ones and not followed.
const DEEPEST: usize = 16;

/// The kind of a value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    /// Members by name, in the service model's order.
    Structure(Structure),
    List(Box<Shape>),
    /// String keys to values.
    Map(Box<Shape>),
    String,
    Boolean,
    Integer,
    /// A number with a fraction.
    Double,
    /// On the wire: seconds since the epoch, with a fraction.
    Timestamp,
    /// Bytes; on the wire and in answers as base64.
    Blob,
    /// A text that is a JSON document, percent-encoded in answers: IAM's policies.
    PolicyDocument,
    /// A text that may be JSON: templates in answers.
    Template,
    /// Anything; also what is not followed.
    Document,
}

/// A structure.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Structure {
    /// The service model's name, such as `ProjectSource`.
    pub(crate) name: String,
    pub(crate) members: Vec<Member>,
    /// The names of those that a request must have.
    pub(crate) required: &'static [&'static str],
}

/// A member of a structure.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Member {
    /// The name on the wire, such as `gitCloneDepth`.
    pub(crate) name: String,
    pub(crate) shape: Shape,
}

impl Structure {
    pub(crate) fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.name == name)
    }

    /// Members that a request must have.
    pub(crate) const fn required_members(&self) -> &'static [&'static str] {
        self.required
    }
}

/// The shape that a type asks for.
pub(crate) fn shape_of<T>(
    read: impl FnOnce(&mut dyn ShapeDeserializer) -> Result<T, SerdeError>,
) -> Shape {
    let mut probe = Probe::at(0);
    // A type that cannot be made of empty members has been heard all the same.
    let _ = read(&mut probe);
    probe.heard
}

/// A deserializer without data, which notes what it is asked for.
struct Probe {
    heard: Shape,
    depth: usize,
}

impl Probe {
    fn at(depth: usize) -> Self {
        Self {
            heard: Shape::Document,
            depth,
        }
    }

    fn hear<T>(&mut self, shape: Shape, value: T) -> Result<T, SerdeError> {
        self.heard = shape;
        Ok(value)
    }
}

impl ShapeDeserializer for Probe {
    fn read_struct(
        &mut self,
        schema: &Schema<'_>,
        state: &mut dyn FnMut(&Schema<'_>, &mut dyn ShapeDeserializer) -> Result<(), SerdeError>,
    ) -> Result<(), SerdeError> {
        let mut members = Vec::new();
        if self.depth < DEEPEST {
            for member in schema.members() {
                let mut probe = Probe::at(self.depth + 1);
                let _ = state(member, &mut probe);
                members.push(Member {
                    name: member.member_name().unwrap_or_default().to_owned(),
                    shape: probe.heard,
                });
            }
        }
        let name = schema.shape_id().shape_name().to_owned();
        let required = required_members::of(&name);
        let structure = Structure {
            name,
            members,
            required,
        };
        self.hear(Shape::Structure(structure), ())
    }

    fn read_list(
        &mut self,
        _schema: &Schema<'_>,
        state: &mut dyn FnMut(&mut dyn ShapeDeserializer) -> Result<(), SerdeError>,
    ) -> Result<(), SerdeError> {
        let mut probe = Probe::at(self.depth + 1);
        let _ = state(&mut probe);
        self.hear(Shape::List(Box::new(probe.heard)), ())
    }

    fn read_map(
        &mut self,
        _schema: &Schema<'_>,
        state: &mut dyn FnMut(String, &mut dyn ShapeDeserializer) -> Result<(), SerdeError>,
    ) -> Result<(), SerdeError> {
        let mut probe = Probe::at(self.depth + 1);
        let _ = state(String::new(), &mut probe);
        self.hear(Shape::Map(Box::new(probe.heard)), ())
    }

    fn read_boolean(&mut self, _schema: &Schema<'_>) -> Result<bool, SerdeError> {
        self.hear(Shape::Boolean, false)
    }

    fn read_byte(&mut self, _schema: &Schema<'_>) -> Result<i8, SerdeError> {
        self.hear(Shape::Integer, 0)
    }

    fn read_short(&mut self, _schema: &Schema<'_>) -> Result<i16, SerdeError> {
        self.hear(Shape::Integer, 0)
    }

    fn read_integer(&mut self, _schema: &Schema<'_>) -> Result<i32, SerdeError> {
        self.hear(Shape::Integer, 0)
    }

    fn read_long(&mut self, _schema: &Schema<'_>) -> Result<i64, SerdeError> {
        self.hear(Shape::Integer, 0)
    }

    fn read_float(&mut self, _schema: &Schema<'_>) -> Result<f32, SerdeError> {
        self.hear(Shape::Double, 0.0)
    }

    fn read_double(&mut self, _schema: &Schema<'_>) -> Result<f64, SerdeError> {
        self.hear(Shape::Double, 0.0)
    }

    fn read_big_integer(&mut self, _schema: &Schema<'_>) -> Result<BigInteger, SerdeError> {
        Err(SerdeError::unsupported("big integers are not probed"))
    }

    fn read_big_decimal(&mut self, _schema: &Schema<'_>) -> Result<BigDecimal, SerdeError> {
        Err(SerdeError::unsupported("big decimals are not probed"))
    }

    fn read_string(&mut self, _schema: &Schema<'_>) -> Result<String, SerdeError> {
        self.hear(Shape::String, String::new())
    }

    fn read_blob(&mut self, _schema: &Schema<'_>) -> Result<Blob, SerdeError> {
        self.hear(Shape::String, Blob::new(Vec::new()))
    }

    fn read_timestamp(&mut self, _schema: &Schema<'_>) -> Result<DateTime, SerdeError> {
        self.hear(Shape::Timestamp, DateTime::from_secs(0))
    }

    fn read_document(&mut self, _schema: &Schema<'_>) -> Result<Document, SerdeError> {
        self.hear(Shape::Document, Document::Null)
    }

    fn is_null(&self) -> bool {
        false
    }

    fn container_size(&self) -> Option<usize> {
        None
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_codebuild::operation::batch_get_builds::BatchGetBuildsOutput;
    use aws_sdk_codebuild::operation::create_project::CreateProjectInput;

    use super::Shape;
    use super::Structure;
    use super::shape_of;

    fn structure(shape: &Shape) -> &Structure {
        match shape {
            Shape::Structure(structure) => structure,
            other => panic!("not a structure: {other:?}"),
        }
    }

    #[test]
    fn the_sdk_tells_members_kinds_and_nested_structures() {
        let input = shape_of(|reader| CreateProjectInput::deserialize(reader));
        let input = structure(&input);
        assert_eq!(input.name, "CreateProjectInput");
        assert_eq!(input.members.len(), 22);
        assert_eq!(input.members[0].name, "name");
        assert_eq!(
            input.member("timeoutInMinutes").unwrap().shape,
            Shape::Integer
        );
        assert_eq!(input.member("badgeEnabled").unwrap().shape, Shape::Boolean);
        let environment = structure(&input.member("environment").unwrap().shape);
        assert_eq!(environment.name, "ProjectEnvironment");
        let Shape::List(variable) = &environment.member("environmentVariables").unwrap().shape
        else {
            panic!("environmentVariables is a list");
        };
        assert_eq!(structure(variable).name, "EnvironmentVariable");
        assert_eq!(
            environment.member("privilegedMode").unwrap().shape,
            Shape::Boolean
        );
    }

    #[test]
    fn the_sdk_tells_which_members_are_times() {
        let output = shape_of(|reader| BatchGetBuildsOutput::deserialize(reader));
        let Shape::List(build) = &structure(&output).member("builds").unwrap().shape else {
            panic!("builds is a list");
        };
        assert_eq!(
            structure(build).member("startTime").unwrap().shape,
            Shape::Timestamp
        );
    }
}
