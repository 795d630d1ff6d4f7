//! The parameters of a form, such as `Tags.member.1.Key=a&MaxItems=3`, as a JSON value.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Map;
use serde_json::Value;

use crate::error::AwsError;
use crate::model::Kind;
use crate::model::Typed;
use crate::timestamp::EpochSeconds;

/// No input of a service is nested as deep. What is deeper is passed over, as unknown parameters are.
const DEEPEST: usize = 24;

/// The parameters of a form: a tree, as the dots in their names make it.
#[derive(Debug, Default)]
pub(crate) struct Parameters {
    value: Option<String>,
    below: BTreeMap<String, Self>,
}

impl Parameters {
    /// Takes a form apart. Of a name that comes twice, the first counts.
    pub(crate) fn of(form: &[u8]) -> Self {
        let mut root = Self::default();
        for (name, value) in form_urlencoded::parse(form) {
            if name.split('.').nth(DEEPEST).is_some() {
                continue;
            }
            let mut node = &mut root;
            for segment in name.split('.') {
                node = node.below.entry(segment.to_owned()).or_default();
            }
            node.value.get_or_insert_with(|| value.into_owned());
        }
        root
    }

    /// The value of a parameter whose name has no dots.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.below.get(name)?.value.as_deref()
    }

    /// The names of all parameters, up to their first dots.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.below.keys().map(String::as_str)
    }

    /// The values of `NAME.1`, `NAME.2` and so on: how EC2 writes a list.
    pub(crate) fn list(&self, name: &str) -> Vec<&str> {
        let elements = self.below.get(name).map(Self::numbered);
        let elements = elements.unwrap_or_default().into_iter();
        elements
            .filter_map(|(_, element)| element.value.as_deref())
            .collect()
    }

    /// Filters of EC2, `NAME.1.Name` with `NAME.1.Value.1`: their names and values.
    pub(crate) fn filters(&self, name: &str) -> Vec<(&str, Vec<&str>)> {
        let filters = self.below.get(name).map(Self::numbered);
        let filters = filters.unwrap_or_default().into_iter();
        filters
            .map(|(_, filter)| {
                (
                    filter.value("Name").unwrap_or_default(),
                    filter.list("Value"),
                )
            })
            .collect()
    }

    /// The value of this shape.
    ///
    /// # Errors
    ///
    /// `MalformedInput` for a number, a truth value or a time that is none.
    pub(super) fn read(&self, shape: Typed<'_>) -> Result<Value, AwsError> {
        self.convert(shape, "")
    }

    fn convert(&self, shape: Typed<'_>, path: &str) -> Result<Value, AwsError> {
        let text = self.value.as_deref().unwrap_or_default();
        let wrong = |what: &str| {
            AwsError::new(
                "MalformedInput",
                format!("The value '{text}' of the parameter {path} is not {what}."),
            )
        };
        Ok(match shape.kind() {
            Kind::Structure => {
                let mut members = Map::new();
                for (name, shape) in shape.members() {
                    if let Some(node) = self.below.get(name) {
                        members.insert(name.to_owned(), node.convert(shape, &at(path, name))?);
                    }
                }
                Value::Object(members)
            }
            Kind::List => {
                let name = shape.element_name();
                let mut elements = Vec::new();
                if let (Some(node), Some(element)) = (self.below.get(name), shape.element()) {
                    let path = at(path, name);
                    for (number, node) in node.numbered() {
                        elements.push(node.convert(element, &at(&path, number))?);
                    }
                }
                Value::Array(elements)
            }
            Kind::Map => {
                let mut entries = Map::new();
                if let (Some(node), Some((_, value))) = (self.below.get("entry"), shape.entry()) {
                    let (key_name, value_name) = shape.entry_names();
                    let path = at(path, "entry");
                    for (number, entry) in node.numbered() {
                        let key = entry.value(key_name).unwrap_or_default();
                        let path = at(&at(&path, number), value_name);
                        // A key alone has an empty value.
                        let value = match entry.below.get(value_name) {
                            Some(node) => node.convert(value, &path)?,
                            None => Self::default().convert(value, &path)?,
                        };
                        entries.insert(key.to_owned(), value);
                    }
                }
                Value::Object(entries)
            }
            Kind::String | Kind::Blob => text.into(),
            Kind::Integer | Kind::Long => text
                .trim()
                .parse::<i64>()
                .map_err(|_| wrong("a whole number"))?
                .into(),
            Kind::Double => {
                let number = text.trim().parse::<f64>().ok();
                let number = number.and_then(serde_json::Number::from_f64);
                number.ok_or_else(|| wrong("a number"))?.into()
            }
            Kind::Boolean => match text.trim().to_ascii_lowercase().as_str() {
                "true" => true.into(),
                "false" => false.into(),
                _ => return Err(wrong("true or false")),
            },
            Kind::Timestamp => {
                let time: Timestamp = text.trim().parse().map_err(|_| wrong("a time"))?;
                serde_json::to_value(EpochSeconds::from(time)).map_err(AwsError::storage)?
            }
        })
    }

    /// The elements of a list, in the order of their numbers.
    fn numbered(&self) -> Vec<(&str, &Self)> {
        let numbered = self.below.iter().filter_map(|(number, node)| {
            let place: u32 = number.parse().ok()?;
            Some((place, number.as_str(), node))
        });
        let mut elements: Vec<_> = numbered.collect();
        elements.sort_by_key(|(place, ..)| *place);
        elements
            .into_iter()
            .map(|(_, number, node)| (number, node))
            .collect()
    }
}

fn at(path: &str, segment: &str) -> String {
    if path.is_empty() {
        segment.to_owned()
    } else {
        format!("{path}.{segment}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::model::IAM;
    use crate::model::SNS;

    #[test]
    fn lists_maps_numbers_and_truth_values() {
        let form = "Tags.member.2.Key=b&Tags.member.1.Key=a+%26&Tags.member.1.Value=&RoleName=r\
                    &Tags.member.10.Key=c&MaxSessionDuration=3600&Unknown.x=1";
        let read = Parameters::of(form.as_bytes()).read(IAM.input("CreateRole").unwrap());
        assert_eq!(
            read.unwrap(),
            json!({ "RoleName": "r", "MaxSessionDuration": 3600,
                "Tags": [{ "Key": "a &", "Value": "" }, { "Key": "b" }, { "Key": "c" }] })
        );
        let form = "Attributes.entry.1.key=DisplayName&Attributes.entry.1.value=x&Tags=";
        let read = Parameters::of(form.as_bytes()).read(SNS.input("CreateTopic").unwrap());
        assert_eq!(
            read.unwrap(),
            json!({ "Attributes": { "DisplayName": "x" }, "Tags": [] })
        );
        let form =
            "MessageAttributes.entry.1.Name=a&MessageAttributes.entry.1.Value.DataType=String";
        let read = Parameters::of(form.as_bytes()).read(SNS.input("Publish").unwrap());
        assert_eq!(
            read.unwrap(),
            json!({ "MessageAttributes": { "a": { "DataType": "String" } } })
        );
    }

    #[test]
    fn what_is_no_number_is_refused_with_its_place() {
        let form = Parameters::of(b"MaxItems=many");
        let error = form.read(IAM.input("ListRoles").unwrap()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "MalformedInput: The value 'many' of the parameter MaxItems is not a whole number."
        );
    }

    proptest! {
        #[test]
        fn no_form_panics(form in any::<Vec<u8>>(), text in "[A-Za-z.&=0-9%+]{0,200}") {
            for form in [&form[..], text.as_bytes()] {
                let parameters = Parameters::of(form);
                for model in [&*IAM, &*SNS] {
                    for operation in model.operations() {
                        if let Some(shape) = model.input(operation) {
                            let _ = parameters.read(shape);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_name_with_very_many_dots_is_passed_over() {
        let form = format!("{}=1&RoleName=r", "a.".repeat(1_000_000));
        assert_eq!(Parameters::of(form.as_bytes()).value("RoleName"), Some("r"));
    }
}
