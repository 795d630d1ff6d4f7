//! `--generate-cli-skeleton`: a sample of what an operation takes or gives.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::service_model::Shape;

/// What to print a sample of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Skeleton {
    Input,
    Output,
}

impl Skeleton {
    pub(crate) fn parse(value: &str) -> Result<Self, String> {
        match value {
            "input" => Ok(Self::Input),
            "output" => Ok(Self::Output),
            "yaml-input" => Err(
                "`yaml-input` of the AWS CLI is not supported here; use input or output".to_owned(),
            ),
            _ => Err(format!(
                "`{value}` is no sample that can be printed; use input or output"
            )),
        }
    }

    /// The sample for a shape. Texts are empty in an input and named in an output, as the AWS CLI
    /// has them.
    pub(crate) fn of(self, shape: &Shape) -> Value {
        self.sample(shape, "")
    }

    fn sample(self, shape: &Shape, name: &str) -> Value {
        match shape {
            Shape::Structure(structure) => structure
                .members
                .iter()
                .map(|member| {
                    (
                        member.name.clone(),
                        self.sample(&member.shape, &member.name),
                    )
                })
                .collect::<Map<_, _>>()
                .into(),
            Shape::List(element) => json!([self.sample(element, name)]),
            Shape::Map(values) => json!({ "KeyName": self.sample(values, "") }),
            Shape::Blob if self == Self::Input => json!(""),
            Shape::String | Shape::PolicyDocument | Shape::Template | Shape::Blob => match self {
                Self::Input => json!(""),
                Self::Output => json!(name),
            },
            Shape::Boolean => json!(true),
            Shape::Integer | Shape::Timestamp => json!(0),
            Shape::Double => json!(0.0),
            Shape::Document => json!({}),
        }
    }
}
