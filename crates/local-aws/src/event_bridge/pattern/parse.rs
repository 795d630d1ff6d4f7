//! Reads event patterns. The words of errors are those of EventBridge's own engine where they are
//! known.

use serde_json::Map;
use serde_json::Value;

use super::Fields;
use super::Matcher;
use super::Node;
use super::cidr::Block;
use super::numeric::Range;

pub(super) fn pattern(text: &str) -> Result<Fields, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let Value::Object(object) = value else {
        return Err("Filter is not an object".to_owned());
    };
    fields(&object)
}

fn fields(object: &Map<String, Value>) -> Result<Fields, String> {
    if object.is_empty() {
        return Err("Empty objects are not allowed".to_owned());
    }
    let mut fields = Fields::default();
    for (name, value) in object {
        match value {
            Value::Array(elements) if name == "$or" && is_choice(elements) => {
                let choice = elements.iter().filter_map(Value::as_object);
                let choice = choice.map(self::fields).collect::<Result<_, _>>()?;
                fields.choices.push(choice);
            }
            Value::Object(inner) => {
                let inner = self::fields(inner)?;
                fields.members.push((name.clone(), Node::Object(inner)));
            }
            Value::Array(elements) => {
                if elements.is_empty() {
                    return Err("Empty arrays are not allowed".to_owned());
                }
                let matchers = elements.iter().map(matcher).collect::<Result<_, _>>()?;
                fields.members.push((name.clone(), Node::Values(matchers)));
            }
            _ => return Err(format!("\"{name}\" must be an object or an array")),
        }
    }
    Ok(fields)
}

/// `$or` needs two objects at least; with anything else it is a field of that name.
fn is_choice(elements: &[Value]) -> bool {
    elements.len() > 1 && elements.iter().all(Value::is_object)
}

fn matcher(value: &Value) -> Result<Matcher, String> {
    let Value::Object(object) = value else {
        return scalar(value)
            .ok_or_else(|| "Match value must be String, number, true, false, or null".to_owned());
    };
    let mut members = object.iter();
    let (Some((kind, value)), None) = (members.next(), members.next()) else {
        return Err("Only one key allowed in match expression".to_owned());
    };
    match kind.as_str() {
        "exists" => match value {
            Value::Bool(exists) => Ok(Matcher::Exists(*exists)),
            _ => Err("exists match pattern must be either true or false.".to_owned()),
        },
        "anything-but" => anything_but(value),
        "numeric" => Range::read(value).map(Matcher::Numeric),
        "cidr" => {
            let block = value.as_str().and_then(Block::read);
            block
                .map(Matcher::Cidr)
                .ok_or_else(|| format!("Malformed CIDR, one '/' required: {value}"))
        }
        "prefix" | "suffix" => affix(kind, value),
        "equals-ignore-case" => text(kind, value).map(Matcher::EqualsIgnoreCase),
        "wildcard" => wildcard(value),
        _ => Err(format!("Unrecognized match type {kind}")),
    }
}

fn scalar(value: &Value) -> Option<Matcher> {
    let is_scalar = !value.is_object() && !value.is_array();
    is_scalar.then(|| Matcher::Exact(value.clone()))
}

fn text(kind: &str, value: &Value) -> Result<String, String> {
    let text = value.as_str().map(str::to_owned);
    text.ok_or_else(|| format!("{kind} match pattern must be a string"))
}

/// A prefix or a suffix, perhaps with `equals-ignore-case`.
fn affix(kind: &str, value: &Value) -> Result<Matcher, String> {
    if let Value::Object(object) = value {
        let [(inner, value)] = &object.iter().collect::<Vec<_>>()[..] else {
            return Err("Only one key allowed in match expression".to_owned());
        };
        if inner.as_str() != "equals-ignore-case" {
            return Err(format!("Unsupported {kind} pattern: {inner}"));
        }
        let text = text(inner, value)?;
        return Ok(match kind {
            "prefix" => Matcher::PrefixIgnoreCase(text),
            _ => Matcher::SuffixIgnoreCase(text),
        });
    }
    let text = text(kind, value)?;
    Ok(match kind {
        "prefix" => Matcher::Prefix(text),
        _ => Matcher::Suffix(text),
    })
}

fn wildcard(value: &Value) -> Result<Matcher, String> {
    let text = text("wildcard", value)?;
    let mut pieces = vec![String::new()];
    let mut characters = text.char_indices();
    let mut after_asterisk = false;
    while let Some((at, character)) = characters.next() {
        if character == '*' {
            if after_asterisk {
                return Err(format!(
                    "Consecutive wildcard characters at pos {}",
                    at.saturating_sub(1)
                ));
            }
            after_asterisk = true;
            pieces.push(String::new());
            continue;
        }
        after_asterisk = false;
        let literal = match character {
            '\\' => match characters.next() {
                Some((_, escaped @ ('*' | '\\'))) => escaped,
                _ => return Err(format!("Invalid escape character at pos {at}")),
            },
            literal => literal,
        };
        if let Some(piece) = pieces.last_mut() {
            piece.push(literal);
        }
    }
    Ok(Matcher::Wildcard(pieces))
}

fn anything_but(value: &Value) -> Result<Matcher, String> {
    if let Value::Object(object) = value {
        let [(kind, value)] = &object.iter().collect::<Vec<_>>()[..] else {
            return Err("Only one key allowed in match expression".to_owned());
        };
        let one = |value: &Value| match kind.as_str() {
            "prefix" | "suffix" => affix(kind, value),
            "equals-ignore-case" => text(kind, value).map(Matcher::EqualsIgnoreCase),
            "wildcard" => wildcard(value),
            _ => Err(format!("Unsupported anything-but pattern: {kind}")),
        };
        let others = match value {
            Value::Array(elements) if elements.is_empty() => {
                return Err("Empty arrays are not allowed".to_owned());
            }
            Value::Array(elements) => elements.iter().map(one).collect::<Result<_, _>>()?,
            value => vec![one(value)?],
        };
        return Ok(Matcher::AnythingBut(others));
    }
    let elements = match value {
        Value::Array(elements) => &elements[..],
        value => std::slice::from_ref(value),
    };
    if elements.is_empty() {
        return Err("Empty arrays are not allowed".to_owned());
    }
    let texts = elements.iter().all(Value::is_string);
    if !texts && !elements.iter().all(Value::is_number) {
        return Err(
            "Inside anything but list, either all values are number or string, mixed type is not \
             supported"
                .to_owned(),
        );
    }
    Ok(Matcher::AnythingBut(
        elements.iter().filter_map(scalar).collect(),
    ))
}
