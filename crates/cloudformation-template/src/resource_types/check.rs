//! Says what is wrong with properties, in the words of the validator that CloudFormation uses
//! (everit-json-schema).

use std::fmt;

use serde_json::Map;
use serde_json::Number;
use serde_json::Value;

use super::ResourceType;
use super::schema::Schema;
use crate::evaluate::is_unknown;
use crate::functions::closest;

/// How many names a hint lists.
const MOST_NAMED: usize = 25;

/// What is wrong, and where.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PropertyError {
    /// A JSON pointer from the properties on, such as `/Tags/0`; empty for all properties together.
    pub pointer: String,
    /// Such as `required key [Value] not found`.
    pub message: String,
    /// The property that is missing or too much, in the object that `pointer` leads to.
    pub key: Option<String>,
    /// What to do about it, where something can be said.
    pub help: Option<String>,
}

impl fmt::Display for PropertyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "#{}: {}", self.pointer, self.message)
    }
}

/// The reason that CloudFormation gives for a resource with such errors.
#[must_use]
pub fn validation_failed(logical_id: &str, errors: &[PropertyError]) -> String {
    let errors: Vec<String> = errors.iter().map(PropertyError::to_string).collect();
    format!(
        "Properties validation failed for resource {logical_id} with message:\n[{}]",
        errors.join(", ")
    )
}

/// All that is wrong with properties that have the schema's types.
pub(super) fn all(of_type: &ResourceType, properties: &Value) -> Vec<PropertyError> {
    let mut check = Check {
        of_type,
        errors: Vec::new(),
    };
    // What only Fn::GetAtt gives is in the schema, but not for templates.
    for name in super::paths(&of_type.read_only_properties).map(|path| &path[1..]) {
        if properties.get(name).is_some() {
            let help = "only Fn::GetAtt gives it: templates cannot set it".to_owned();
            check.say_of_key("", name, extraneous(name), Some(help));
        }
    }
    check.value(&of_type.schema, "", properties);
    check.errors
}

struct Check<'a> {
    of_type: &'a ResourceType,
    errors: Vec<PropertyError>,
}

impl Check<'_> {
    fn say(&mut self, pointer: &str, message: impl Into<String>) {
        self.say_of_value(pointer, message.into(), None);
    }

    fn say_of_key(&mut self, pointer: &str, key: &str, message: String, help: Option<String>) {
        self.errors.push(PropertyError {
            pointer: pointer.to_owned(),
            message,
            key: Some(key.to_owned()),
            help,
        });
    }

    fn say_of_value(&mut self, pointer: &str, message: String, help: Option<String>) {
        self.errors.push(PropertyError {
            pointer: pointer.to_owned(),
            message,
            key: None,
            help,
        });
    }

    fn value(&mut self, schema: &Schema, pointer: &str, value: &Value) {
        if is_open(value) {
            return;
        }
        let schema = self.of_type.resolved(schema);
        if !self.has_type(schema, pointer, value) {
            return;
        }
        match value {
            Value::Object(members) => self.object(schema, pointer, members),
            Value::Array(elements) => self.array(schema, pointer, elements),
            Value::String(text) => self.text(schema, pointer, text),
            Value::Number(number) => self.number(schema, pointer, number),
            Value::Null | Value::Bool(_) => {}
        }
        if let Some(values) = &schema.one_of_values
            && !values.contains(value)
        {
            let message = format!("{} is not a valid enum value", shown(value));
            let names: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
            let help = value
                .as_str()
                .map(|written| meant(written, &names, "values"));
            self.say_of_value(pointer, message, help.flatten());
        }
        if schema.only_value.as_ref().is_some_and(|only| only != value) {
            self.say(pointer, "failed validation constraint for keyword [const]");
        }
        self.combined(schema, pointer, value);
    }

    fn has_type(&mut self, schema: &Schema, pointer: &str, value: &Value) -> bool {
        let types = &schema.types.0;
        if types.is_empty() || types.iter().any(|name| is(name, value)) {
            return true;
        }
        // Of several types each says that it is not the one.
        for name in types {
            let (expected, found) = (name_in_java(name), found(value));
            self.say(
                pointer,
                format!("expected type: {expected}, found: {found}"),
            );
        }
        false
    }

    fn object(&mut self, schema: &Schema, pointer: &str, members: &Map<String, Value>) {
        for name in &schema.required {
            if !members.contains_key(name) {
                let message = format!("required key [{name}] not found");
                self.say_of_key(pointer, name, message, Some(format!("add {name}")));
            }
        }
        if let Some(least) = schema.min_properties.filter(|least| members.len() < *least) {
            let size = members.len();
            self.say(pointer, format!("minimum size: [{least}], found: [{size}]"));
        }
        if let Some(most) = schema.max_properties.filter(|most| members.len() > *most) {
            let size = members.len();
            self.say(pointer, format!("maximum size: [{most}], found: [{size}]"));
        }
        if schema.additional_properties == Some(false) {
            let unknown = members
                .keys()
                .filter(|name| schema.property(name).is_none());
            let known: Vec<&str> = self.settable(schema, pointer);
            for name in unknown {
                let help = meant(name, &known, "properties");
                self.say_of_key(pointer, name, extraneous(name), help);
            }
        }
        for (name, member) in members {
            if let Some(inner) = schema.property(name) {
                let name = name.replace('~', "~0").replace('/', "~1");
                self.value(inner, &format!("{pointer}/{name}"), member);
            }
        }
    }

    /// The names of the properties of an object that a template can set.
    fn settable<'a>(&self, schema: &'a Schema, pointer: &str) -> Vec<&'a str> {
        let of_type = self.of_type;
        let names = schema.properties.keys().map(String::as_str);
        names
            .filter(|name| {
                let path = format!("{pointer}/{name}");
                super::paths(&of_type.read_only_properties).all(|read_only| read_only != path)
            })
            .collect()
    }

    fn array(&mut self, schema: &Schema, pointer: &str, elements: &[Value]) {
        // A function may stand for several elements, or for none.
        if !elements.iter().any(is_open) {
            self.list(schema, pointer, elements);
        }
        if let Some(items) = &schema.items {
            for (index, element) in elements.iter().enumerate() {
                self.value(items, &format!("{pointer}/{index}"), element);
            }
        }
    }

    /// What a list has to be as a whole.
    fn list(&mut self, schema: &Schema, pointer: &str, elements: &[Value]) {
        let count = elements.len();
        if let Some(least) = schema.min_items.filter(|least| count < *least) {
            let text = format!("expected minimum item count: {least}, found: {count}");
            self.say(pointer, text);
        }
        if let Some(most) = schema.max_items.filter(|most| count > *most) {
            let text = format!("expected maximum item count: {most}, found: {count}");
            self.say(pointer, text);
        }
        let repeated = |index: usize| elements[..index].contains(&elements[index]);
        if schema.unique_items && (1..count).any(repeated) {
            self.say(pointer, "array items are not unique");
        }
    }

    fn text(&mut self, schema: &Schema, pointer: &str, text: &str) {
        let length = text.chars().count();
        if let Some(least) = schema.min_length.filter(|least| length < *least) {
            let text = format!("expected minLength: {least}, actual: {length}");
            self.say(pointer, text);
        }
        if let Some(most) = schema.max_length.filter(|most| length > *most) {
            let text = format!("expected maxLength: {most}, actual: {length}");
            self.say(pointer, text);
        }
        if let Some(pattern) = &schema.pattern
            && !pattern.matches(text)
        {
            let text = format!("string [{text}] does not match pattern {}", pattern.text);
            self.say(pointer, text);
        }
    }

    fn number(&mut self, schema: &Schema, pointer: &str, number: &Number) {
        let value = number.as_f64();
        if let Some(least) = schema
            .minimum
            .as_ref()
            .filter(|least| value < least.as_f64())
        {
            self.say(
                pointer,
                format!("{number} is not greater or equal to {least}"),
            );
        }
        if let Some(most) = schema.maximum.as_ref().filter(|most| value > most.as_f64()) {
            self.say(pointer, format!("{number} is not less or equal to {most}"));
        }
    }

    fn combined(&mut self, schema: &Schema, pointer: &str, value: &Value) {
        for inner in &schema.all_of {
            self.value(inner, pointer, value);
        }
        if !schema.any_of.is_empty() {
            let wrong = self.wrong(&schema.any_of, pointer, value);
            if wrong.iter().all(|errors| !errors.is_empty()) {
                self.errors.extend(wrong.into_iter().flatten());
            }
        }
        if !schema.one_of.is_empty() {
            let wrong = self.wrong(&schema.one_of, pointer, value);
            match wrong.iter().filter(|errors| errors.is_empty()).count() {
                0 => self.errors.extend(wrong.into_iter().flatten()),
                1 => {}
                _ if has_open(value) => {}
                matched => {
                    let text = format!("{matched} subschemas matched instead of one");
                    self.say(pointer, text);
                }
            }
        }
    }

    /// What each of several schemas has against a value.
    fn wrong(&self, schemas: &[Schema], pointer: &str, value: &Value) -> Vec<Vec<PropertyError>> {
        schemas
            .iter()
            .map(|schema| {
                let mut check = Check {
                    of_type: self.of_type,
                    errors: Vec::new(),
                };
                check.value(schema, pointer, value);
                check.errors
            })
            .collect()
    }
}

/// Whether a value is not known yet: nothing can be said of it.
fn is_open(value: &Value) -> bool {
    value.as_str().is_some_and(is_unknown)
}

/// Whether a value or one in it is not known yet.
fn has_open(value: &Value) -> bool {
    match value {
        Value::Array(elements) => elements.iter().any(has_open),
        Value::Object(members) => members.values().any(has_open),
        value => is_open(value),
    }
}

/// What somebody probably meant, or what there is if that is not much.
fn meant(written: &str, known: &[&str], what: &str) -> Option<String> {
    match closest(written, known.iter().copied()) {
        Some(meant) => Some(format!("did you mean {meant}?")),
        None if (1..=MOST_NAMED).contains(&known.len()) => {
            Some(format!("known {what} are {}", known.join(", ")))
        }
        None => None,
    }
}

fn extraneous(name: &str) -> String {
    format!("extraneous key [{name}] is not permitted")
}

fn is(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        _ => true,
    }
}

fn name_in_java(name: &str) -> &str {
    match name {
        "object" => "JSONObject",
        "array" => "JSONArray",
        "string" => "String",
        "boolean" => "Boolean",
        "integer" => "Integer",
        "number" => "Number",
        "null" => "Null",
        name => name,
    }
}

fn found(value: &Value) -> &'static str {
    match value {
        Value::Null => "Null",
        Value::Bool(_) => "Boolean",
        Value::Number(number) if number.is_f64() => "BigDecimal",
        Value::Number(_) => "Integer",
        Value::String(_) => "String",
        Value::Array(_) => "JSONArray",
        Value::Object(_) => "JSONObject",
    }
}

/// Texts without quotes.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource_types;
    use crate::values::KNOWN_AFTER_APPLY;

    fn wrong(name: &str, properties: &Value) -> Vec<String> {
        let of_type = resource_types::of(name).expect("the type is known");
        let errors = of_type.check(properties);
        errors.iter().map(PropertyError::to_string).collect()
    }

    #[test]
    fn errors_are_said_in_cloudformations_words() {
        let parameter = json!({ "Type": "SecureString", "Value": "x" });
        assert_eq!(
            wrong("AWS::SSM::Parameter", &parameter),
            ["#/Type: SecureString is not a valid enum value"]
        );
        let role = json!({ "RoleNam": "x", "MaxSessionDuration": 60, "Tags": { "a": "b" } });
        assert_eq!(
            wrong("AWS::IAM::Role", &role),
            [
                "#: required key [AssumeRolePolicyDocument] not found",
                "#: extraneous key [RoleNam] is not permitted",
                "#/MaxSessionDuration: 60 is not greater or equal to 3600",
                "#/Tags: expected type: JSONArray, found: JSONObject",
            ]
        );
        let group =
            json!({ "RetentionInDays": 2, "LogGroupName": "a b", "Tags": [{ "Key": "k" }] });
        let mut found = wrong("AWS::Logs::LogGroup", &group);
        found.sort_unstable();
        let start = "#/LogGroupName: string [a b] does not match pattern ^";
        assert!(found[0].starts_with(start), "{found:?}");
        assert_eq!(
            found[1..],
            [
                "#/RetentionInDays: 2 is not a valid enum value",
                "#/Tags/0: required key [Value] not found",
            ]
        );
    }

    #[test]
    fn a_name_that_is_wrong_has_a_hint() {
        let help = |name: &str, properties: Value| {
            let of_type = resource_types::of(name).expect("the type is known");
            let mut errors = of_type.check(&properties);
            assert_eq!(errors.len(), 1, "{errors:?}");
            errors.remove(0).help.unwrap_or_default()
        };
        let topic = json!({ "TopicNam": "t" });
        assert_eq!(help("AWS::SNS::Topic", topic), "did you mean TopicName?");
        let parameter = json!({ "Type": "StringLst", "Value": "x" });
        assert_eq!(
            help("AWS::SSM::Parameter", parameter),
            "did you mean StringList?"
        );
        let topic = json!({ "TopicArn": "x" });
        assert!(help("AWS::SNS::Topic", topic).contains("Fn::GetAtt"));
    }

    #[test]
    fn a_value_that_is_not_known_yet_is_not_judged() {
        let open = KNOWN_AFTER_APPLY;
        let group = json!({ "RetentionInDays": open, "Tags": [open, open] });
        assert_eq!(wrong("AWS::Logs::LogGroup", &group), [""; 0]);
        let group = json!({ "RetentionInDays": open, "Tags": [open, { "Key": "k" }] });
        assert_eq!(
            wrong("AWS::Logs::LogGroup", &group),
            ["#/Tags/1: required key [Value] not found"]
        );
    }

    #[test]
    fn one_of_several_is_enough() {
        let policy = json!({ "PolicyName": "p", "PolicyDocument": {}, "Roles": ["r"] });
        assert_eq!(wrong("AWS::IAM::Policy", &policy), [""; 0]);
        let policy = json!({ "PolicyName": "p", "PolicyDocument": {} });
        assert_eq!(
            wrong("AWS::IAM::Policy", &policy),
            [
                "#: required key [Users] not found",
                "#: required key [Groups] not found",
                "#: required key [Roles] not found",
            ]
        );
    }

    #[test]
    fn what_only_get_att_gives_is_not_for_templates() {
        let topic = json!({ "TopicArn": "arn" });
        assert_eq!(
            wrong("AWS::SNS::Topic", &topic),
            ["#: extraneous key [TopicArn] is not permitted"]
        );
    }

    #[test]
    fn the_reason_names_the_resource() {
        let errors = [PropertyError {
            pointer: String::new(),
            message: "extraneous key [Foo] is not permitted".to_owned(),
            key: Some("Foo".to_owned()),
            help: None,
        }];
        assert_eq!(
            validation_failed("X", &errors),
            "Properties validation failed for resource X with message:\n\
             [#: extraneous key [Foo] is not permitted]"
        );
    }
}
