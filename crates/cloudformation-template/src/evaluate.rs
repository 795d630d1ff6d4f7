//! Values of expressions.

mod cidr;

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Map;
use serde_json::Value;

use crate::bind::PseudoParameters;
use crate::declarations::Declarations;
use crate::expression::Expression;
use crate::expression::Kind;
use crate::expression::Part;
use crate::values::EvaluationError;
use crate::values::KNOWN_AFTER_APPLY;
use crate::values::Values;

/// The most bytes of a text that functions make: some make much of little.
const LONGEST_TEXT: usize = 1_000_000;

/// What a value is made from.
pub(crate) struct Evaluator<'a> {
    pub(crate) declared: &'a Declarations,
    pub(crate) context: &'a PseudoParameters,
    pub(crate) parameters: &'a BTreeMap<String, Value>,
    pub(crate) conditions: &'a BTreeMap<String, bool>,
    pub(crate) values: &'a dyn Values,
}

/// `None` is `AWS::NoValue`.
type Evaluated = Result<Option<Value>, EvaluationError>;

impl Evaluator<'_> {
    pub(crate) fn evaluate(&self, expression: &Expression) -> Evaluated {
        Ok(Some(match &expression.kind {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Number(value) => Value::Number(value.clone()),
            Kind::Text(value) => Value::String(value.clone()),
            Kind::List(items) => Value::Array(self.list(items)?),
            Kind::Map(entries) => Value::Object(self.map(entries)?),
            Kind::Ref(name) => return self.reference(name),
            Kind::GetAtt { logical_id, name } => {
                let name = self.text(name, "every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute")?;
                self.attribute(logical_id, &name)?
            }
            Kind::Sub { parts, values } => Value::String(self.sub(parts, values)?),
            Kind::Join { delimiter, values } => self.join(delimiter, values)?,
            Kind::Select { index, values } => return self.select(index, values),
            Kind::Split { delimiter, text } => self.split(delimiter, text)?,
            Kind::If { condition, yes, no } => {
                let holds = self.holds(condition)?;
                return self.evaluate(if holds { yes } else { no });
            }
            Kind::FindInMap {
                map,
                key,
                attribute,
                default,
            } => match self.find_in_map(map, key, attribute) {
                Ok(value) => value,
                Err(EvaluationError::Template(message)) => match default {
                    Some(default) => return self.evaluate(default),
                    None => return Err(EvaluationError::Template(message)),
                },
                Err(error) => return Err(error),
            },
            Kind::Base64(text) => {
                let text = self.text(
                    text,
                    "every Fn::Base64 object must have a String-typed value.",
                )?;
                match is_unknown(&text) {
                    true => Value::from(KNOWN_AFTER_APPLY),
                    false => {
                        let text = STANDARD.encode(text);
                        check_length(text.len())?;
                        Value::from(text)
                    }
                }
            }
            Kind::Cidr(arguments) => self.cidr(arguments)?,
            Kind::GetAzs(region) => {
                let region = self.text(
                    region,
                    "every Fn::GetAZs object must have a String-typed value.",
                )?;
                let region = match region.is_empty() {
                    true => &self.context.region,
                    false => &region,
                };
                ["a", "b", "c"]
                    .iter()
                    .map(|zone| Value::from(format!("{region}{zone}")))
                    .collect()
            }
            Kind::ImportValue(name) => {
                let name = self.text(
                    name,
                    "every Fn::ImportValue object must have a String-typed value.",
                )?;
                match self.values.import(&name) {
                    Some(value) => Value::String(value),
                    None if is_unknown(&name) => Value::from(KNOWN_AFTER_APPLY),
                    None => return Err(EvaluationError::NoExport(name)),
                }
            }
            Kind::Length(values) => match self.needed(values)? {
                Value::Array(items) => Value::from(items.len()),
                Value::String(text) if is_unknown(&text) => Value::String(text),
                _ => return Err(template("Fn::Length requires a list")),
            },
            Kind::ToJsonString(value) => {
                let text = self.needed(value)?.to_string();
                check_length(text.len())?;
                Value::String(text)
            }
            Kind::Condition(name) => Value::Bool(self.holds(name)?),
            Kind::Equals(..)
            | Kind::And(_)
            | Kind::Or(_)
            | Kind::Not(_)
            | Kind::Contains(..)
            | Kind::EachMemberEquals(..)
            | Kind::EachMemberIn(..) => Value::Bool(self.decide(expression)?),
        }))
    }

    /// Whether a function of conditions and rules holds.
    pub(crate) fn decide(&self, expression: &Expression) -> Result<bool, EvaluationError> {
        let all = |operands: &[Expression]| -> Result<Vec<bool>, EvaluationError> {
            operands
                .iter()
                .map(|operand| self.decide(operand))
                .collect()
        };
        Ok(match &expression.kind {
            Kind::Condition(name) => self.holds(name)?,
            Kind::Equals(first, second) => {
                plain(self.evaluate(first)?) == plain(self.evaluate(second)?)
            }
            Kind::And(operands) => all(operands)?.into_iter().all(|holds| holds),
            Kind::Or(operands) => all(operands)?.into_iter().any(|holds| holds),
            Kind::Not(operand) => !self.decide(operand)?,
            Kind::Contains(values, value) => {
                let value = plain(self.evaluate(value)?);
                self.members(values)?.contains(&value)
            }
            Kind::EachMemberEquals(values, value) => {
                let value = plain(self.evaluate(value)?);
                self.members(values)?.iter().all(|member| *member == value)
            }
            Kind::EachMemberIn(values, others) => {
                let others = self.members(others)?;
                let values = self.members(values)?;
                values.iter().all(|member| others.contains(member))
            }
            _ => {
                return Err(EvaluationError::Format(
                    "Conditions can only be boolean operations on parameters and other conditions"
                        .to_owned(),
                ));
            }
        })
    }

    fn holds(&self, condition: &str) -> Result<bool, EvaluationError> {
        self.conditions.get(condition).copied().ok_or_else(|| {
            template(&format!(
                "unresolved condition dependency {condition} in Fn::If"
            ))
        })
    }

    fn members(&self, expression: &Expression) -> Result<Vec<Value>, EvaluationError> {
        match plain(self.evaluate(expression)?) {
            Value::Array(items) => Ok(items),
            one => Ok(vec![one]),
        }
    }

    fn list(&self, items: &[Expression]) -> Result<Vec<Value>, EvaluationError> {
        let values = items.iter().map(|item| self.evaluate(item));
        values.filter_map(Result::transpose).collect()
    }

    fn map(&self, entries: &[(String, Expression)]) -> Result<Map<String, Value>, EvaluationError> {
        let mut map = Map::new();
        for (key, value) in entries {
            if let Some(value) = self.evaluate(value)? {
                map.insert(key.clone(), value);
            }
        }
        Ok(map)
    }

    fn reference(&self, name: &str) -> Evaluated {
        if let Some(value) = self.parameters.get(name) {
            return Ok(Some(value.clone()));
        }
        let context = self.context;
        let text = match name {
            "AWS::NoValue" => return Ok(None),
            "AWS::NotificationARNs" => {
                let arns = context.notification_arns.iter();
                return Ok(Some(arns.map(|arn| Value::from(arn.as_str())).collect()));
            }
            "AWS::AccountId" => &context.account_id,
            "AWS::Partition" => &context.partition,
            "AWS::Region" => &context.region,
            "AWS::StackId" => &context.stack_id,
            "AWS::StackName" => &context.stack_name,
            "AWS::URLSuffix" => &context.url_suffix,
            _ => {
                let value = self.values.reference(name);
                return self.known(value, name, "Ref").map(Some);
            }
        };
        Ok(Some(Value::from(text.as_str())))
    }

    fn attribute(&self, logical_id: &str, name: &str) -> Result<Value, EvaluationError> {
        let value = self.values.attribute(logical_id, name);
        self.known(
            value,
            logical_id,
            &format!("Fn::GetAtt {logical_id}.{name}"),
        )
    }

    fn known(
        &self,
        value: Option<Value>,
        logical_id: &str,
        reference: &str,
    ) -> Result<Value, EvaluationError> {
        match value {
            Some(value) => Ok(value),
            None if self.values.is_lenient() => Ok(Value::from(KNOWN_AFTER_APPLY)),
            None => Err(EvaluationError::NotKnown {
                logical_id: logical_id.to_owned(),
                reference: reference.to_owned(),
            }),
        }
    }

    fn sub(
        &self,
        parts: &[Part],
        values: &[(String, Expression)],
    ) -> Result<String, EvaluationError> {
        let own: BTreeMap<&str, Option<Value>> = values
            .iter()
            .map(|(name, value)| Ok((name.as_str(), self.evaluate(value)?)))
            .collect::<Result<_, EvaluationError>>()?;
        let mut text = String::new();
        for part in parts {
            check_length(text.len())?;
            let (value, name) = match part {
                Part::Text(literal) => {
                    text.push_str(literal);
                    continue;
                }
                Part::Name(name) => {
                    let value = match own.get(name.as_str()) {
                        Some(value) => value.clone(),
                        None => self.reference(name)?,
                    };
                    (value, name.clone())
                }
                Part::Attribute { logical_id, name } => (
                    Some(self.attribute(logical_id, name)?),
                    format!("{logical_id}.{name}"),
                ),
            };
            match value.as_ref().and_then(scalar) {
                Some(value) => text.push_str(&value),
                None => {
                    return Err(template(&format!(
                        "Fn::Sub can replace ${{{name}}} with a string only: join the values of a list with Fn::Join"
                    )));
                }
            }
        }
        Ok(text)
    }

    fn join(&self, delimiter: &str, values: &Expression) -> Result<Value, EvaluationError> {
        let refusal = || {
            template(
                "every Fn::Join object requires two parameters, (1) a string delimiter and (2) a \
                 list of strings to be joined or a function that returns a list of strings (such \
                 as Fn::GetAZs) to be joined.",
            )
        };
        match self.needed(values)? {
            Value::Array(items) => {
                let texts: Option<Vec<String>> = items.iter().map(scalar).collect();
                let texts = texts.ok_or_else(refusal)?;
                let length: usize = texts.iter().map(|text| text.len() + delimiter.len()).sum();
                check_length(length)?;
                Ok(Value::from(texts.join(delimiter)))
            }
            Value::String(text) if is_unknown(&text) => Ok(Value::String(text)),
            _ => Err(refusal()),
        }
    }

    fn select(&self, index: &Expression, values: &Expression) -> Evaluated {
        let refusal = || {
            template(
                "Fn::Select requires a list argument with two elements: an integer index and a list",
            )
        };
        let index = self.needed(index)?;
        let index: usize = scalar(&index)
            .and_then(|text| text.parse().ok())
            .ok_or_else(refusal)?;
        match self.needed(values)? {
            Value::Array(items) => match items.get(index) {
                Some(value) => Ok(Some(value.clone())),
                None if items
                    .iter()
                    .any(|item| item.as_str().is_some_and(is_unknown)) =>
                {
                    Ok(Some(Value::from(KNOWN_AFTER_APPLY)))
                }
                None => Err(template(&format!(
                    "Fn::Select  cannot select nonexistent value at index {index}"
                ))),
            },
            Value::String(text) if is_unknown(&text) => Ok(Some(Value::String(text))),
            _ => Err(refusal()),
        }
    }

    fn split(&self, delimiter: &str, text: &Expression) -> Result<Value, EvaluationError> {
        let text = self.text(
            text,
            "every Fn::Split object requires two parameters, (1) a string delimiter and (2) a \
             string to be split or a function that returns a string to be split.",
        )?;
        Ok(text.split(delimiter).map(Value::from).collect())
    }

    fn find_in_map(
        &self,
        map: &Expression,
        key: &Expression,
        attribute: &Expression,
    ) -> Result<Value, EvaluationError> {
        let text = |expression| {
            self.text(
                expression,
                "every Fn::FindInMap object requires three parameters, the map name, map key and \
                 the attribute for return value",
            )
        };
        let (map, key, attribute) = (text(map)?, text(key)?, text(attribute)?);
        let mapping = self.declared.mappings.get(&map).ok_or_else(|| {
            template(&format!(
                "Mapping named '{map}' is not present in the 'Mappings' section of template"
            ))
        })?;
        let value = mapping
            .get(&key)
            .and_then(|attributes| attributes.get(&attribute));
        value.cloned().ok_or_else(|| {
            template(&format!(
                "Unable to get mapping for {map}::{key}::{attribute}"
            ))
        })
    }

    fn cidr(&self, arguments: &[Expression]) -> Result<Value, EvaluationError> {
        let mut texts = Vec::new();
        for argument in arguments {
            let text = self.text(
                argument,
                "every parameter of Fn::Cidr must be a string or a number",
            )?;
            if is_unknown(&text) {
                return Ok(Value::from(KNOWN_AFTER_APPLY));
            }
            texts.push(text);
        }
        let blocks = match texts.as_slice() {
            [block, count] => cidr::blocks(block, count, "8"),
            [block, count, bits] => cidr::blocks(block, count, bits),
            _ => Err("it requires two or three parameters".to_owned()),
        };
        match blocks {
            Ok(blocks) => Ok(blocks.into_iter().map(Value::String).collect()),
            Err(why) => Err(template(&format!("Fn::Cidr: {why}"))),
        }
    }

    /// A value that must not be `AWS::NoValue`.
    fn needed(&self, expression: &Expression) -> Result<Value, EvaluationError> {
        self.evaluate(expression)?
            .ok_or_else(|| template("AWS::NoValue cannot be the argument of a function"))
    }

    fn text(&self, expression: &Expression, refusal: &str) -> Result<String, EvaluationError> {
        let value = self.needed(expression)?;
        scalar(&value).ok_or_else(|| template(refusal))
    }
}

fn template(message: &str) -> EvaluationError {
    EvaluationError::Template(message.to_owned())
}

fn check_length(bytes: usize) -> Result<(), EvaluationError> {
    match bytes > LONGEST_TEXT {
        true => Err(template(&format!(
            "a value may not exceed {LONGEST_TEXT} bytes in size"
        ))),
        false => Ok(()),
    }
}

/// A text that has in it what is not known before the resource is there.
pub(crate) fn is_unknown(text: &str) -> bool {
    text.contains(KNOWN_AFTER_APPLY)
}

/// A scalar as text.
pub(crate) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(value) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A value as conditions compare it: scalars are texts.
fn plain(value: Option<Value>) -> Value {
    match value {
        Some(Value::Array(items)) => items.into_iter().map(|item| plain(Some(item))).collect(),
        Some(value) => scalar(&value).map_or(value, Value::String),
        None => Value::Null,
    }
}
