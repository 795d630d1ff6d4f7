//! Values and functions.

use crate::error::Position;
use crate::expression::Expression;
use crate::expression::Kind;
use crate::functions::closest_function;
use crate::node::Entry;
use crate::node::Node;
use crate::node::Value;

use super::Reader;
use super::substitution;

const SELECT: &str = "Template error: Fn::Select requires a list argument with two elements: \
     an integer index and a list";
const SPLIT: &str = "Template error: every Fn::Split object requires two parameters, (1) a string \
     delimiter and (2) a string to be split or a function that returns a string to be split.";
const JOIN: &str = "Template error: every Fn::Join object requires two parameters, (1) a string \
     delimiter and (2) a list of strings to be joined or a function that returns a list of strings \
     (such as Fn::GetAZs) to be joined.";
const SUB: &str = "Template error: One or more Fn::Sub intrinsic functions don't specify expected \
     arguments. Specify a string as first argument, and an optional second argument to specify a \
     mapping of values to replace in the string";
const FIND_IN_MAP: &str = "Template error: every Fn::FindInMap object requires three parameters, \
     the map name, map key and the attribute for return value";
const GET_ATT: &str = "Template error: every Fn::GetAtt object requires two non-empty parameters, \
     the resource name and the resource attribute";
const EQUALS: &str =
    "Template error: every Fn::Equals object requires a list of 2 string parameters.";
const CIDR: &str = "Template error: every Fn::Cidr object requires two or three parameters: \
     the address block, the number of blocks and the number of bits";

/// Which functions are possible.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Scope {
    /// Resources and Outputs.
    Resources,
    Conditions,
    Rules,
}

impl Reader {
    /// A value, functions and all. What is wrong with it is among the errors then.
    pub(super) fn expression(&mut self, node: &Node, scope: Scope) -> Expression {
        let kind = match &node.value {
            Value::Null => {
                self.refuse_null(node.position);
                Kind::Null
            }
            Value::Bool(value) => Kind::Bool(*value),
            Value::Number(value) => Kind::Number(value.clone()),
            Value::Text(value) => Kind::Text(value.clone()),
            Value::Sequence(items) => Kind::List(self.all(items, scope)),
            Value::Mapping(entries) => match function(entries, scope) {
                Some(entry) => self.function(entry, scope).unwrap_or(Kind::Null),
                None => self.map(entries, scope),
            },
        };
        Expression {
            kind,
            position: node.position,
        }
    }

    /// A function that is true or false.
    pub(super) fn predicate(&mut self, node: &Node, scope: Scope) -> Option<Expression> {
        let entry = node.entries().and_then(|entries| function(entries, scope));
        let is_predicate = entry.is_some_and(|entry| {
            let all = ["Condition", "Fn::And", "Fn::Equals", "Fn::Not", "Fn::Or"];
            all.contains(&entry.key.as_str())
                || scope == Scope::Rules
                    && ["Fn::Contains", "Fn::EachMemberEquals", "Fn::EachMemberIn"]
                        .contains(&entry.key.as_str())
        });
        let known = entry.is_none_or(|entry| is_known(&entry.key));
        if !is_predicate && known {
            let message = match scope {
                Scope::Rules => {
                    "Template format error: Rules can only be boolean operations on parameters"
                }
                _ => {
                    "Template format error: Conditions can only be boolean operations on parameters and other conditions"
                }
            };
            self.error_with_help(
                message,
                node.position,
                "begin with Fn::Equals, Fn::And, Fn::Or, Fn::Not or Condition",
            );
            return None;
        }
        Some(self.expression(node, scope))
    }

    fn all(&mut self, items: &[Node], scope: Scope) -> Vec<Expression> {
        items
            .iter()
            .enumerate()
            .map(|(index, item)| {
                self.within(&index.to_string(), |reader| reader.expression(item, scope))
            })
            .collect()
    }

    fn map(&mut self, entries: &[Entry], scope: Scope) -> Kind {
        if let Some(entry) = entries.iter().find(|entry| entry.key.starts_with("Fn::")) {
            self.error_with_help(
                format!(
                    "Template error: {} must be the only key of its object",
                    entry.key
                ),
                entry.position,
                "a function stands alone: move the other keys, or this one, elsewhere",
            );
            return Kind::Null;
        }
        let map = entries
            .iter()
            .map(|entry| {
                let value =
                    self.within(&entry.key, |reader| reader.expression(&entry.value, scope));
                (entry.key.clone(), value)
            })
            .collect();
        Kind::Map(map)
    }

    fn boxed(&mut self, node: &Node, scope: Scope) -> Box<Expression> {
        Box::new(self.expression(node, scope))
    }

    fn function(&mut self, entry: &Entry, scope: Scope) -> Option<Kind> {
        self.within(&entry.key, |reader| {
            if !reader.allows(entry, scope) {
                return None;
            }
            match reader.arguments(entry, scope) {
                Ok(kind) => Some(kind),
                Err(message) => {
                    reader.error(message, entry.value.position);
                    None
                }
            }
        })
    }

    /// Refuses functions that are not known, not supported, or not for this place.
    fn allows(&mut self, entry: &Entry, scope: Scope) -> bool {
        let name = entry.key.as_str();
        let position = entry.position;
        if !is_known(name) {
            let help = match closest_function(name) {
                Some(meant) => format!("did you mean {meant}?"),
                None => "there is no function of that name".to_owned(),
            };
            self.error_with_help(
                format!("Template error: unsupported function: {name}"),
                position,
                help,
            );
            return false;
        }
        let why = match name {
            "Fn::Transform" | "Fn::RefAll" | "Fn::ValueOf" | "Fn::ValueOfAll" => {
                format!("Template error: {name} is not supported")
            }
            "Fn::Length" | "Fn::ToJsonString" if !self.has_extensions => {
                self.error_with_help(
                    format!("Template error: unsupported function: {name}"),
                    position,
                    "it comes with the line Transform: AWS::LanguageExtensions",
                );
                return false;
            }
            "Fn::And" | "Fn::Or" | "Fn::Not" | "Fn::Equals" if scope == Scope::Resources => {
                format!(
                    "Template error: {name} can be used in the sections Conditions and Rules only"
                )
            }
            "Fn::Contains" | "Fn::EachMemberEquals" | "Fn::EachMemberIn"
                if scope != Scope::Rules =>
            {
                format!("Template error: {name} can be used in the section Rules only")
            }
            "Fn::GetAtt" | "Fn::ImportValue" | "Fn::If" | "Fn::GetAZs" | "Fn::Cidr"
            | "Fn::Base64"
                if scope != Scope::Resources =>
            {
                format!(
                    "Template error: {name} can be used in the sections Resources and Outputs only"
                )
            }
            _ => return true,
        };
        self.error(why, position);
        false
    }

    fn arguments(&mut self, entry: &Entry, scope: Scope) -> Result<Kind, String> {
        let node = &entry.value;
        let name = entry.key.as_str();
        let items = node.items().unwrap_or_default();
        Ok(match name {
            "Ref" => match node.text() {
                Some(name) if !name.is_empty() => Kind::Ref(name.to_owned()),
                _ => {
                    return Err(
                        "Template error: every Ref object must have a single String value.".into(),
                    );
                }
            },
            "Condition" => match node.text() {
                Some(name) => Kind::Condition(name.to_owned()),
                None => {
                    return Err(
                        "Template format error: Every Condition member must be a string.".into(),
                    );
                }
            },
            "Fn::GetAtt" => self.get_att(node, scope)?,
            "Fn::Sub" => self.sub(node, scope)?,
            "Fn::Join" => match items {
                [delimiter, values] => Kind::Join {
                    delimiter: delimiter.scalar().ok_or(JOIN)?,
                    values: match values.value {
                        Value::Sequence(_) | Value::Mapping(_) => self.boxed(values, scope),
                        _ => return Err(JOIN.into()),
                    },
                },
                _ => return Err(JOIN.into()),
            },
            "Fn::Select" => match items {
                [index, values] => {
                    let is_index = index
                        .scalar()
                        .is_none_or(|text| text.parse::<usize>().is_ok());
                    let is_list = matches!(values.value, Value::Sequence(_) | Value::Mapping(_));
                    if !is_index || !is_list || index.value == Value::Null {
                        return Err(SELECT.into());
                    }
                    Kind::Select {
                        index: self.boxed(index, scope),
                        values: self.boxed(values, scope),
                    }
                }
                _ => return Err(SELECT.into()),
            },
            "Fn::Split" => match items {
                [delimiter, text] => Kind::Split {
                    delimiter: delimiter
                        .scalar()
                        .filter(|text| !text.is_empty())
                        .ok_or(SPLIT)?,
                    text: match text.value {
                        Value::Sequence(_) | Value::Null => return Err(SPLIT.into()),
                        _ => self.boxed(text, scope),
                    },
                },
                _ => return Err(SPLIT.into()),
            },
            "Fn::If" => match items {
                [condition, yes, no] => Kind::If {
                    condition: condition.text().map(str::to_owned).ok_or(
                        "Template error: Fn::If requires a list argument with the first element \
                         being a condition",
                    )?,
                    yes: self.boxed(yes, scope),
                    no: self.boxed(no, scope),
                },
                _ => {
                    return Err(
                        "Template error: Fn::If requires a list argument with three elements"
                            .into(),
                    );
                }
            },
            "Fn::FindInMap" => self.find_in_map(items, scope)?,
            "Fn::Cidr" => match items {
                [_, _] | [_, _, _] => Kind::Cidr(self.all(items, scope)),
                _ => return Err(CIDR.into()),
            },
            "Fn::Equals" => match items {
                [first, second] => {
                    Kind::Equals(self.boxed(first, scope), self.boxed(second, scope))
                }
                _ => return Err(EQUALS.into()),
            },
            "Fn::And" | "Fn::Or" => {
                let operands = self.operands(items, scope);
                if !(2..=10).contains(&items.len()) {
                    return Err(format!(
                        "Template error: every {name} object requires a list of at least 2 and at \
                         most 10 boolean parameters."
                    ));
                }
                match name {
                    "Fn::And" => Kind::And(operands),
                    _ => Kind::Or(operands),
                }
            }
            "Fn::Not" => match items {
                [one] => match self.predicate(one, scope) {
                    Some(operand) => Kind::Not(Box::new(operand)),
                    None => Kind::Null,
                },
                _ => {
                    return Err(
                        "Template error: every Fn::Not object requires a list of one boolean parameter."
                            .into(),
                    );
                }
            },
            "Fn::Contains" | "Fn::EachMemberEquals" | "Fn::EachMemberIn" => match items {
                [first, second] => {
                    let first = self.boxed(first, scope);
                    let second = self.boxed(second, scope);
                    match name {
                        "Fn::Contains" => Kind::Contains(first, second),
                        "Fn::EachMemberEquals" => Kind::EachMemberEquals(first, second),
                        _ => Kind::EachMemberIn(first, second),
                    }
                }
                _ => {
                    return Err(format!(
                        "Template error: {name} requires a list of 2 parameters."
                    ));
                }
            },
            "Fn::Base64" => Kind::Base64(self.boxed(node, scope)),
            "Fn::GetAZs" => Kind::GetAzs(self.boxed(node, scope)),
            "Fn::ImportValue" => Kind::ImportValue(self.boxed(node, scope)),
            "Fn::Length" => Kind::Length(self.boxed(node, scope)),
            "Fn::ToJsonString" => Kind::ToJsonString(self.boxed(node, scope)),
            _ => return Err(format!("Template error: unsupported function: {name}")),
        })
    }

    fn operands(&mut self, items: &[Node], scope: Scope) -> Vec<Expression> {
        items
            .iter()
            .filter_map(|item| self.predicate(item, scope))
            .collect()
    }

    fn get_att(&mut self, node: &Node, scope: Scope) -> Result<Kind, String> {
        let text = |text: &str, position: Position| Expression {
            kind: Kind::Text(text.to_owned()),
            position,
        };
        let (logical_id, name) = match (&node.value, node.items()) {
            (Value::Text(written), _) => {
                let (logical_id, name) = written.split_once('.').ok_or(GET_ATT)?;
                (logical_id, text(name, node.position))
            }
            (_, Some([logical_id, name])) => {
                let logical_id = logical_id.text().ok_or(GET_ATT)?;
                (logical_id, self.expression(name, scope))
            }
            // `[Bucket, Nested, Name]`: the parts of a nested attribute.
            (_, Some([logical_id, names @ ..])) if !names.is_empty() => {
                let logical_id = logical_id.text().ok_or(GET_ATT)?;
                let names: Option<Vec<&str>> = names.iter().map(Node::text).collect();
                let name = names.ok_or(GET_ATT)?.join(".");
                (logical_id, text(&name, node.position))
            }
            _ => return Err(GET_ATT.into()),
        };
        let is_empty = matches!(&name.kind, Kind::Text(name) if name.is_empty());
        if logical_id.is_empty() || is_empty {
            return Err(GET_ATT.into());
        }
        Ok(Kind::GetAtt {
            logical_id: logical_id.to_owned(),
            name: Box::new(name),
        })
    }

    fn sub(&mut self, node: &Node, scope: Scope) -> Result<Kind, String> {
        let (text, own) = match (&node.value, node.items()) {
            (_, Some([text, map])) => {
                let entries = map.entries().ok_or(SUB)?;
                (text, entries)
            }
            (_, Some([text])) => (text, &[][..]),
            (Value::Text(_) | Value::Bool(_) | Value::Number(_), _) => (node, &[][..]),
            _ => return Err(SUB.into()),
        };
        let text = text.scalar().ok_or(SUB)?;
        let values = own
            .iter()
            .map(|entry| {
                let value =
                    self.within(&entry.key, |reader| reader.expression(&entry.value, scope));
                (entry.key.clone(), value)
            })
            .collect();
        let is_own = |name: &str| own.iter().any(|entry| entry.key == name);
        let parts = substitution::parts(&text, is_own)?;
        Ok(Kind::Sub { parts, values })
    }

    fn find_in_map(&mut self, items: &[Node], scope: Scope) -> Result<Kind, String> {
        let (map, key, attribute, default) = match items {
            [map, key, attribute] => (map, key, attribute, None),
            [map, key, attribute, options] if self.has_extensions => {
                let default = options.get("DefaultValue").ok_or(FIND_IN_MAP)?;
                (map, key, attribute, Some(default))
            }
            _ => return Err(FIND_IN_MAP.into()),
        };
        Ok(Kind::FindInMap {
            map: self.boxed(map, scope),
            key: self.boxed(key, scope),
            attribute: self.boxed(attribute, scope),
            default: default.map(|default| self.boxed(default, scope)),
        })
    }
}

/// The function that an object is, if it is one.
fn function(entries: &[Entry], scope: Scope) -> Option<&Entry> {
    let [entry] = entries else {
        return None;
    };
    let is_function = match entry.key.as_str() {
        "Ref" => true,
        "Condition" => scope != Scope::Resources,
        key => key.starts_with("Fn::"),
    };
    is_function.then_some(entry)
}

fn is_known(name: &str) -> bool {
    let short = name.strip_prefix("Fn::").unwrap_or(name);
    crate::functions::of_short_form(short) == Some(name)
}
