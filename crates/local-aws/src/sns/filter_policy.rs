//! Which messages a subscription wants.
//!
//! The language is that of
//! [filter policies](https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html).

use serde_json::Map;
use serde_json::Value;

use super::invalid;
use super::record::Subscription;
use crate::error::AwsError;

/// The deepest policy of the body's members.
const DEEPEST: usize = 16;

/// Checks a filter policy.
pub(super) fn check(text: &str) -> Result<(), AwsError> {
    let value: Value =
        serde_json::from_str(text).map_err(|_| invalid("FilterPolicy: failed to parse JSON."))?;
    let Value::Object(policy) = value else {
        return Err(invalid("FilterPolicy: Filter policy is not an object"));
    };
    check_members(&policy, 0)
}

fn check_members(policy: &Map<String, Value>, depth: usize) -> Result<(), AwsError> {
    if depth > DEEPEST {
        return Err(invalid("FilterPolicy: too many levels"));
    }
    for (key, wanted) in policy {
        if key == "$or" {
            return Err(invalid(
                "FilterPolicy: the local AWS does not know $or. Make a subscription for each case",
            ));
        }
        match wanted {
            Value::Array(patterns) if !patterns.is_empty() => {
                for pattern in patterns {
                    check_pattern(pattern)?;
                }
            }
            Value::Object(below) if !below.is_empty() => check_members(below, depth + 1)?,
            _ => {
                return Err(invalid(format!(
                    "FilterPolicy: \"{key}\" must be an object or an array"
                )));
            }
        }
    }
    Ok(())
}

fn check_pattern(pattern: &Value) -> Result<(), AwsError> {
    let Value::Object(operator) = pattern else {
        return match pattern {
            Value::Array(_) => Err(invalid(
                "FilterPolicy: Match value must be String, number, true, false, or null",
            )),
            _ => Ok(()),
        };
    };
    let mut entries = operator.iter();
    let (Some((name, value)), None) = (entries.next(), entries.next()) else {
        return Err(invalid("FilterPolicy: a pattern must have one operator"));
    };
    let is_right = match name.as_str() {
        "prefix" | "suffix" | "equals-ignore-case" | "wildcard" => value.is_string(),
        "exists" => value.is_boolean(),
        "anything-but" => match value {
            Value::Object(inner) => inner.len() == 1 && check_pattern(value).is_ok(),
            other => !other.is_null(),
        },
        "numeric" => value.as_array().is_some_and(|parts| {
            let are_right = parts.chunks(2).all(|pair| {
                matches!(pair, [Value::String(sign), Value::Number(_)]
                    if matches!(sign.as_str(), "=" | "<" | "<=" | ">" | ">="))
            });
            !parts.is_empty() && are_right
        }),
        _ => {
            return Err(invalid(format!(
                "FilterPolicy: Unrecognized match type {name}"
            )));
        }
    };
    if is_right {
        Ok(())
    } else {
        Err(invalid(format!("FilterPolicy: {name} has a wrong value")))
    }
}

/// Whether a subscription wants a message. `attributes` are the message's, with their values.
pub(super) fn wants(
    subscription: &Subscription,
    message: &str,
    attributes: &Map<String, Value>,
) -> bool {
    let policy = subscription.attributes.get("FilterPolicy");
    let Some(policy) = policy.and_then(|text| serde_json::from_str(text).ok()) else {
        return true;
    };
    let Value::Object(policy) = policy else {
        return true;
    };
    let scope = subscription.attributes.get("FilterPolicyScope");
    if scope.is_some_and(|scope| scope == "MessageBody") {
        match serde_json::from_str(message) {
            Ok(Value::Object(body)) => all(&policy, &body),
            _ => false,
        }
    } else {
        all(&policy, attributes)
    }
}

fn all(policy: &Map<String, Value>, values: &Map<String, Value>) -> bool {
    policy.iter().all(|(key, wanted)| match wanted {
        Value::Object(below) => match values.get(key) {
            Some(Value::Object(values)) => all(below, values),
            _ => false,
        },
        Value::Array(patterns) => {
            let mut patterns = patterns.iter();
            match values.get(key) {
                // One of several values is enough.
                Some(Value::Array(values)) => {
                    patterns.any(|one| values.iter().any(|value| fits(one, Some(value))))
                }
                value => patterns.any(|one| fits(one, value)),
            }
        }
        _ => false,
    })
}

fn fits(pattern: &Value, value: Option<&Value>) -> bool {
    let Value::Object(operator) = pattern else {
        return value.is_some_and(|value| same(pattern, value));
    };
    let Some((name, wanted)) = operator.iter().next() else {
        return false;
    };
    if name == "exists" {
        return wanted.as_bool() == Some(value.is_some());
    }
    let Some(value) = value else {
        return false;
    };
    let texts = || Some((value.as_str()?, wanted.as_str()?));
    match name.as_str() {
        "prefix" => texts().is_some_and(|(value, wanted)| value.starts_with(wanted)),
        "suffix" => texts().is_some_and(|(value, wanted)| value.ends_with(wanted)),
        "equals-ignore-case" => {
            texts().is_some_and(|(value, wanted)| value.to_lowercase() == wanted.to_lowercase())
        }
        "wildcard" => texts().is_some_and(|(value, wanted)| crate::policy::is_like(wanted, value)),
        "anything-but" => match wanted {
            Value::Array(unwanted) => !unwanted.iter().any(|one| same(one, value)),
            Value::Object(_) => !fits(wanted, Some(value)),
            one => !same(one, value),
        },
        "numeric" => value.as_f64().is_some_and(|value| {
            let parts = wanted.as_array().map(Vec::as_slice).unwrap_or_default();
            parts.chunks(2).all(|pair| {
                let sign = pair.first().and_then(Value::as_str);
                let Some(bound) = pair.get(1).and_then(Value::as_f64) else {
                    return false;
                };
                match sign {
                    Some("=") => value == bound,
                    Some("<") => value < bound,
                    Some("<=") => value <= bound,
                    Some(">") => value > bound,
                    Some(">=") => value >= bound,
                    _ => false,
                }
            })
        }),
        _ => false,
    }
}

fn same(one: &Value, other: &Value) -> bool {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn decide(policy: Value, values: Value) -> bool {
        check(&policy.to_string()).unwrap();
        all(policy.as_object().unwrap(), values.as_object().unwrap())
    }

    #[test]
    fn each_operator() {
        for (pattern, value, expected) in [
            (json!("FAILED"), json!("FAILED"), true),
            (json!("FAILED"), json!("failed"), false),
            (
                json!({ "equals-ignore-case": "FAILED" }),
                json!("failed"),
                true,
            ),
            (json!({ "prefix": "FA" }), json!("FAILED"), true),
            (json!({ "suffix": "ED" }), json!("FAULT"), false),
            (
                json!({ "anything-but": ["SUCCEEDED"] }),
                json!("FAILED"),
                true,
            ),
            (
                json!({ "anything-but": { "prefix": "F" } }),
                json!("FAILED"),
                false,
            ),
            (json!({ "numeric": [">", 0, "<=", 5] }), json!(5), true),
            (json!({ "numeric": [">", 0, "<=", 5] }), json!(6), false),
            (json!({ "exists": true }), json!("x"), true),
            (json!(3), json!([1, 3.0]), true),
            (json!({ "wildcard": "F*D" }), json!("FAILED"), true),
        ] {
            let seen = decide(json!({ "status": [pattern] }), json!({ "status": value }));
            assert_eq!(seen, expected, "{pattern} {value}");
        }
        assert!(decide(json!({ "a": [{ "exists": false }] }), json!({})));
        assert!(!decide(json!({ "a": ["x"] }), json!({})));
        assert!(decide(
            json!({ "detail": { "a": ["x"] } }),
            json!({ "detail": { "a": "x" } })
        ));
    }

    #[test]
    fn what_is_no_policy_is_named() {
        for (policy, message) in [
            ("{", "failed to parse JSON."),
            (r#"{"a":"x"}"#, "\"a\" must be an object or an array"),
            (
                r#"{"a":[{"cidr":"10.0.0.0/8"}]}"#,
                "Unrecognized match type cidr",
            ),
            (
                r#"{"$or":[{"a":["x"]}]}"#,
                "the local AWS does not know $or",
            ),
        ] {
            let error = check(policy).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
    }
}
