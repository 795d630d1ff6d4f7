//! Holds an input against the model.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::sync::RwLock;

use regex::Regex;
use serde_json::Value;

use super::Kind;
use super::Model;
use super::Shape;
use crate::error::AwsError;

/// Constraints that CodeBuild answers with a sentence of its own: shape, constraint, sentence.
/// `{}` stands for the value.
const OWN_WORDS: [(&str, &str, &str); 9] = [
    (
        "ProjectName",
        "max",
        "Project name length cannot be greater than 150 characters",
    ),
    (
        "ProjectName",
        "pattern",
        "Only alphanumeric characters, dash, and underscore are supported",
    ),
    ("ProjectDescription", "max", "Max description length is 255"),
    ("ComputeType", "enum", "Invalid compute type provided"),
    ("EnvironmentType", "enum", "Invalid type provided: {}"),
    (
        "ProjectSources",
        "max",
        "Invalid input: the maximum number of secondary sources is 12",
    ),
    (
        "ProjectArtifactsList",
        "max",
        "Invalid artifacts: the maximum number of artifact definitions in secondaryArtifacts is 12",
    ),
    (
        "Subnets",
        "max",
        "Invalid vpc config: the maximum number of subnets is 16",
    ),
    (
        "SecurityGroupIds",
        "max",
        "Invalid vpc config: the maximum number of security groups is 5",
    ),
];

/// Shapes whose enum AWS's own answers go beyond: ListCuratedEnvironmentImages has `AMAZON_LINUX_2`
/// and `STANDARD`, events of CloudFormation have every status of a stack, and GetRole has the type
/// `Policy` for a boundary.
const OPEN_ENUMS: [&str; 4] = [
    "LanguageType",
    "PermissionsBoundaryAttachmentType",
    "PlatformType",
    "ResourceStatus",
];

impl Model {
    /// Checks the input of an operation: types first, then every constraint of the model. Members
    /// that the model does not have are passed over, as AWS does.
    ///
    /// # Errors
    ///
    /// `SerializationException` for a value of a wrong type, `ValidationException` (of query
    /// services `ValidationError`) with all violations in one message, or `InvalidInputException`
    /// where CodeBuild has its own words.
    pub(crate) fn check(&self, operation: &str, input: &Value) -> Result<(), AwsError> {
        let Some(shape) = self
            .operations
            .get(operation)
            .and_then(|operation| operation.input.as_deref())
        else {
            return Ok(());
        };
        let mut found = Found::of(self);
        found.walk(shape, input, &mut String::new())?;
        if !found.violations.is_empty() {
            let count = found.violations.len();
            let errors = if count == 1 { "error" } else { "errors" };
            let code = if self.is_query() {
                "ValidationError"
            } else {
                "ValidationException"
            };
            return Err(AwsError::new(
                code,
                format!(
                    "{count} validation {errors} detected: {}",
                    found.violations.join("; ")
                ),
            ));
        }
        match found.own_words {
            Some(sentence) => Err(AwsError::invalid_input(sentence)),
            None => Ok(()),
        }
    }

    /// Holds a value of an answer against its shape, and says every way in which it breaks it. Too
    /// few elements are none: the model has one element at least where AWS answers empty lists.
    pub(super) fn violations(&self, shape: &str, value: &Value) -> Vec<String> {
        let mut found = Found::of(self);
        found.short_lists = true;
        if let Err(error) = found.walk(shape, value, &mut String::new()) {
            found.violations.push(error.to_string());
        }
        found.violations.extend(found.own_words);
        found.violations
    }

    /// Takes away what counts as absent: members that are null, and those that the model does not
    /// have.
    pub(crate) fn prune(&self, operation: &str, input: &mut Value) {
        let shape = self
            .operations
            .get(operation)
            .and_then(|operation| operation.input.as_deref());
        if let Some(shape) = shape {
            self.prune_shape(shape, input);
        }
    }

    fn prune_shape(&self, name: &str, value: &mut Value) {
        let Some(shape) = self.shapes.get(name) else {
            return;
        };
        match (shape.kind, value) {
            (Kind::Structure, Value::Object(object)) => {
                object.retain(|member, value| {
                    let shape = shape.members.get(member).and_then(Value::as_str);
                    match shape {
                        Some(shape) if !value.is_null() => {
                            self.prune_shape(shape, value);
                            true
                        }
                        _ => false,
                    }
                });
            }
            (Kind::List, Value::Array(elements)) => {
                for element in elements {
                    if let Some(member) = &shape.member {
                        self.prune_shape(member, element);
                    }
                }
            }
            _ => {}
        }
    }
}

struct Found<'m> {
    model: &'m Model,
    violations: Vec<String>,
    own_words: Option<String>,
    /// Whether lists may be shorter than the model says.
    short_lists: bool,
}

impl<'m> Found<'m> {
    const fn of(model: &'m Model) -> Self {
        Self {
            model,
            violations: Vec::new(),
            own_words: None,
            short_lists: false,
        }
    }

    /// Messages have members with a small letter, also those that have a capital one.
    fn segment(name: &str) -> String {
        let mut characters = name.chars();
        let first = characters.next();
        let first = first.into_iter().flat_map(char::to_lowercase);
        first.chain(characters).collect()
    }

    fn add(&mut self, shape: &str, constraint: &str, value: &str, path: &str, must: &str) {
        let own = OWN_WORDS
            .iter()
            .find(|(of, kind, _)| *of == shape && *kind == constraint);
        if let Some((_, _, sentence)) = own {
            self.own_words
                .get_or_insert_with(|| sentence.replace("{}", value));
        } else {
            self.violations.push(format!(
                "Value '{value}' at '{path}' failed to satisfy constraint: Member must {must}"
            ));
        }
    }

    fn walk(&mut self, name: &str, value: &Value, path: &mut String) -> Result<(), AwsError> {
        let Some(shape) = self.model.shapes.get(name) else {
            return Ok(());
        };
        match (shape.kind, value) {
            (Kind::Structure, Value::Object(object)) => {
                for required in &shape.required {
                    if object.get(required).is_none_or(Value::is_null) {
                        let at = with_segment(path, &Self::segment(required));
                        self.violations.push(format!(
                        "Value null at '{at}' failed to satisfy constraint: Member must not be null"
                    ));
                    }
                }
                for (member, shape) in &shape.members {
                    if let (Some(value), Some(shape)) = (object.get(member), shape.as_str())
                        && !value.is_null()
                    {
                        let mut at = with_segment(path, &Self::segment(member));
                        self.walk(shape, value, &mut at)?;
                    }
                }
            }
            (Kind::List, Value::Array(elements)) => {
                let shown = || {
                    let shown: Vec<String> = elements.iter().take(20).map(show).collect();
                    format!("[{}]", shown.join(", "))
                };
                let is_allowed_short = self.short_lists && elements.is_empty();
                if !is_allowed_short {
                    let count = elements.len() as f64;
                    self.check_bounds(name, shape, count, shown, "have length", path);
                }
                for (index, element) in elements.iter().enumerate() {
                    if let Some(member) = &shape.member {
                        let mut at = if self.model.is_query() {
                            with_segment(path, &format!("{}", index + 1))
                        } else {
                            with_segment(path, &format!("{}.member", index + 1))
                        };
                        self.walk(member, element, &mut at)?;
                    }
                }
            }
            (Kind::Map, Value::Object(entries)) => {
                for (key, value) in entries {
                    if let Some(shape) = &shape.key {
                        self.walk(shape, &Value::from(key.as_str()), path)?;
                    }
                    if let (Some(shape), false) = (&shape.value, value.is_null()) {
                        let mut at = with_segment(path, &format!("{key}.member"));
                        self.walk(shape, value, &mut at)?;
                    }
                }
            }
            (Kind::String, Value::String(text)) => self.check_string(name, shape, text, path),
            (Kind::Integer | Kind::Long, Value::Number(number)) if number.is_i64() => {
                let in_range = shape.kind == Kind::Long
                    || number
                        .as_i64()
                        .is_some_and(|value| i32::try_from(value).is_ok());
                if !in_range {
                    return Err(AwsError::serialization(format!(
                        "NUMBER_VALUE {number} at '{path}' is out of the range of an Integer"
                    )));
                }
                let value = number.as_f64().unwrap_or_default();
                self.check_bounds(
                    name,
                    shape,
                    value,
                    || number.to_string(),
                    "have value",
                    path,
                );
            }
            (Kind::Double, Value::Number(number)) => {
                let value = number.as_f64().unwrap_or_default();
                self.check_bounds(
                    name,
                    shape,
                    value,
                    || number.to_string(),
                    "have value",
                    path,
                );
            }
            (Kind::Boolean, Value::Bool(_))
            | (Kind::Timestamp, Value::Number(_))
            | (Kind::Blob, Value::String(_)) => {}
            (kind, value) => return Err(wrong_type(kind, value, path)),
        }
        Ok(())
    }

    fn check_string(&mut self, name: &str, shape: &Shape, text: &str, path: &str) {
        let length = text.chars().count() as f64;
        self.check_bounds(name, shape, length, || text.to_owned(), "have length", path);
        if let Some(pattern) = &shape.pattern
            && !matches_whole(pattern, text)
        {
            let must = format!("satisfy regular expression pattern: {pattern}");
            self.add(name, "pattern", text, path, &must);
        }
        let is_closed = !shape.values.is_empty() && !OPEN_ENUMS.contains(&name);
        if is_closed && !shape.values.iter().any(|value| value == text) {
            let must = format!("satisfy enum value set: [{}]", shape.values.join(", "));
            self.add(name, "enum", text, path, &must);
        }
    }

    fn check_bounds(
        &mut self,
        name: &str,
        shape: &Shape,
        measure: f64,
        shown: impl Fn() -> String,
        what: &str,
        path: &str,
    ) {
        if let Some(min) = shape.min.filter(|min| measure < *min) {
            let must = format!("{what} greater than or equal to {min}");
            self.add(name, "min", &shown(), path, &must);
        }
        if let Some(max) = shape.max.filter(|max| measure > *max) {
            let must = format!("{what} less than or equal to {max}");
            self.add(name, "max", &shown(), path, &must);
        }
    }
}

/// The model's patterns describe the whole value.
fn matches_whole(pattern: &str, text: &str) -> bool {
    static COMPILED: LazyLock<RwLock<HashMap<String, Option<Regex>>>> =
        LazyLock::new(RwLock::default);
    if let Ok(compiled) = COMPILED.read()
        && let Some(regex) = compiled.get(pattern)
    {
        return regex.as_ref().is_none_or(|regex| regex.is_match(text));
    }
    // In the models' language a word has ASCII letters only.
    let ascii = pattern.replace(r"[\w", "[0-9A-Za-z_");
    let regex = Regex::new(&format!("^(?:{ascii})$")).ok();
    let matches = regex.as_ref().is_none_or(|regex| regex.is_match(text));
    if let Ok(mut compiled) = COMPILED.write() {
        compiled.insert(pattern.to_owned(), regex);
    }
    matches
}

fn wrong_type(kind: Kind, value: &Value, path: &str) -> AwsError {
    let got = match value {
        Value::Null => "NULL_VALUE",
        Value::Bool(true) => "TRUE_VALUE",
        Value::Bool(false) => "FALSE_VALUE",
        Value::Number(number) if number.is_f64() => "DECIMAL_VALUE",
        Value::Number(_) => "NUMBER_VALUE",
        Value::String(_) => "STRING_VALUE",
        Value::Array(_) => "ARRAY_VALUE",
        Value::Object(_) => "OBJECT_VALUE",
    };
    let at = if path.is_empty() { "the request" } else { path };
    AwsError::serialization(format!("{got} cannot be converted to {kind:?} at '{at}'"))
}

fn with_segment(path: &str, segment: &str) -> String {
    if path.is_empty() {
        segment.to_owned()
    } else {
        format!("{path}.{segment}")
    }
}

fn show(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::CODEBUILD;

    fn message(operation: &str, input: Value) -> String {
        CODEBUILD.check(operation, &input).unwrap_err().to_string()
    }

    #[test]
    fn names_every_missing_member_in_one_message() {
        let text = message("CreateProject", json!({ "name": "demo" }));
        assert!(
            text.starts_with("ValidationException: 4 validation errors detected: "),
            "{text}"
        );
        assert!(
            text.contains(
                "Value null at 'source' failed to satisfy constraint: Member must not be null"
            ),
            "{text}"
        );
    }

    #[test]
    fn shows_where_a_value_breaks_a_constraint() {
        assert_eq!(
            message(
                "UpdateProject",
                json!({ "name": "demo", "timeoutInMinutes": 99_999 })
            ),
            "ValidationException: 1 validation error detected: Value '99999' at 'timeoutInMinutes' \
             failed to satisfy constraint: Member must have value less than or equal to 2160"
        );
        let text = message(
            "UpdateProject",
            json!({ "name": "demo", "environment": {
                "type": "LINUX_CONTAINER", "image": "i", "computeType": "BUILD_GENERAL1_SMALL",
                "environmentVariables": [
                    { "name": "A", "value": "" }, { "name": "B", "value": "", "type": "PLAIN" } ] } }),
        );
        assert_eq!(
            text,
            "ValidationException: 1 validation error detected: Value 'PLAIN' at \
             'environment.environmentVariables.2.member.type' failed to satisfy constraint: Member \
             must satisfy enum value set: [PLAINTEXT, PARAMETER_STORE, SECRETS_MANAGER]"
        );
    }

    #[test]
    fn uses_codebuilds_own_words_where_they_are_known() {
        assert_eq!(
            message(
                "UpdateProject",
                json!({ "name": "demo", "description": "x".repeat(256) })
            ),
            "InvalidInputException: Max description length is 255"
        );
    }

    #[test]
    fn a_wrong_type_is_a_serialization_error_with_its_place() {
        assert_eq!(
            message("BatchGetProjects", json!({ "names": ["a", 1] })),
            "SerializationException: NUMBER_VALUE cannot be converted to String at 'names.2.member'"
        );
    }

    #[test]
    fn members_that_the_model_does_not_have_are_passed_over() {
        assert_eq!(
            CODEBUILD.check("ListProjects", &json!({ "colour": "blue" })),
            Ok(())
        );
    }
}
