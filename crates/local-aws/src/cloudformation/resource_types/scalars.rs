//! Truth values and numbers of templates, which may be text there.

use serde_json::Value;

/// Whether a property is true.
pub(super) fn is_true(value: &Value) -> bool {
    value == true || value == "true"
}

/// A property that is a whole number.
pub(super) fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => text.parse().ok(),
        value => value.as_i64(),
    }
}
