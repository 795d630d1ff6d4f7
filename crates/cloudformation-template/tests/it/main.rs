//! The template language as its users see it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod conditions;
mod functions;
mod mistakes;
mod parameters;
mod properties;
mod references;
mod resources;
mod samples;
mod secrets;
mod summary;
mod syntax;

use std::collections::BTreeMap;

use cloudformation_template::Bound;
use cloudformation_template::DynamicReference;
use cloudformation_template::PseudoParameters;
use cloudformation_template::Template;
use cloudformation_template::Values;
use serde_json::Value;
use serde_json::json;

/// Values as tests want them: each resource has an id of its name, and any attribute.
#[derive(Default)]
struct Known {
    is_lenient: bool,
    /// These are not there yet.
    missing: Vec<&'static str>,
}

impl Values for Known {
    fn reference(&self, logical_id: &str) -> Option<Value> {
        let is_missing = self.missing.contains(&logical_id);
        (!is_missing).then(|| json!(format!("id-of-{logical_id}")))
    }

    fn attribute(&self, logical_id: &str, name: &str) -> Option<Value> {
        match (self.missing.contains(&logical_id), name) {
            (true, _) => None,
            (false, "List") => Some(json!(["first", "second"])),
            (false, _) => Some(json!(format!("{name}-of-{logical_id}"))),
        }
    }

    fn import(&self, export: &str) -> Option<String> {
        (export == "shared-bucket").then(|| "the-bucket".to_owned())
    }

    fn dynamic_reference(&self, reference: &DynamicReference) -> Result<String, String> {
        match reference.name.as_str() {
            "missing" => Err("Parameters: [ssm:missing] cannot be found.".to_owned()),
            name => Ok(format!("secret of {name}")),
        }
    }

    fn is_lenient(&self) -> bool {
        self.is_lenient
    }
}

fn context() -> PseudoParameters {
    PseudoParameters {
        region: "eu-central-1".to_owned(),
        account_id: "012345678901".to_owned(),
        partition: "aws".to_owned(),
        url_suffix: "amazonaws.com".to_owned(),
        stack_name: "demo".to_owned(),
        stack_id: "arn:aws:cloudformation:eu-central-1:012345678901:stack/demo/1".to_owned(),
        notification_arns: vec!["arn:aws:sns:eu-central-1:012345678901:news".to_owned()],
    }
}

fn pairs(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

/// A template that has to be good, with these parameters.
fn bound(text: &str, parameters: &[(&str, &str)]) -> Bound {
    let template = Template::parse(text).unwrap_or_else(|error| panic!("{error}"));
    let bound = template.bind(&pairs(parameters), &context(), &BTreeMap::new());
    bound.unwrap_or_else(|error| panic!("{error}"))
}

/// AWS's message about the first mistake.
fn message(text: &str) -> String {
    Template::parse(text).unwrap_err().message().to_owned()
}

/// What becomes of a value: it is the property Value of a resource next to two others.
fn evaluated(value: &str) -> Value {
    let bound = bound(&template_with(value), &[]);
    let properties = bound.properties("Tested", &Known::default());
    let mut properties = properties.unwrap_or_else(|error| panic!("{error}"));
    properties["Value"].take()
}

/// Why a value cannot be evaluated.
fn evaluation_error(value: &str) -> String {
    let bound = bound(&template_with(value), &[]);
    let properties = bound.properties("Tested", &Known::default());
    properties.unwrap_err().to_string()
}

fn template_with(value: &str) -> String {
    format!(
        "Transform: AWS::LanguageExtensions
Parameters:
  Names: {{Type: CommaDelimitedList, Default: 'a, b ,c'}}
  Count: {{Type: Number, Default: 2}}
Mappings:
  Sizes:
    small: {{cpu: 256, zones: [x, y]}}
Conditions:
  Large: !Equals [!Ref Count, 2]
  Small: !Not [Condition: Large]
Resources:
  Bucket: {{Type: AWS::S3::Bucket}}
  Topic: {{Type: AWS::SNS::Topic}}
  Tested:
    Type: AWS::SNS::Topic
    Properties:
      Value: {value}
"
    )
}
