//! Values with the types that a schema wants: CloudFormation takes `"true"` for `true` and `5` for
//! `"5"`.

use serde_json::Number;
use serde_json::Value;

use super::ResourceType;
use super::schema::Schema;

pub(super) fn of(of_type: &ResourceType, schema: &Schema, value: &Value) -> Value {
    let schema = of_type.resolved(schema);
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| {
                let member = match schema.property(name) {
                    Some(inner) => of(of_type, inner, member),
                    None => member.clone(),
                };
                (name.clone(), member)
            })
            .collect(),
        Value::Array(elements) => match &schema.items {
            Some(items) => elements
                .iter()
                .map(|element| of(of_type, items, element))
                .collect(),
            None => value.clone(),
        },
        Value::String(text) if !schema.types.has("string") => {
            from_text(schema, text).unwrap_or_else(|| value.clone())
        }
        Value::Bool(_) if !schema.types.has("boolean") && schema.types.has("string") => {
            value.to_string().into()
        }
        Value::Number(number) if wants_text(schema) => number.to_string().into(),
        _ => value.clone(),
    }
}

fn wants_text(schema: &Schema) -> bool {
    let is = |name| schema.types.has(name);
    is("string") && !is("integer") && !is("number")
}

fn from_text(schema: &Schema, text: &str) -> Option<Value> {
    let is = |name| schema.types.has(name);
    if is("boolean") && text.eq_ignore_ascii_case("true") {
        return Some(true.into());
    }
    if is("boolean") && text.eq_ignore_ascii_case("false") {
        return Some(false.into());
    }
    if (is("integer") || is("number"))
        && let Ok(number) = text.parse::<i64>()
    {
        return Some(number.into());
    }
    if is("number") {
        return text
            .parse()
            .ok()
            .and_then(Number::from_f64)
            .map(Value::from);
    }
    None
}
