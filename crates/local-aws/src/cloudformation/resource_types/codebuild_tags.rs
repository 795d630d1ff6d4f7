//! Tags as CodeBuild has them: a list of objects with `key` and `value`.

use serde_json::Value;
use serde_json::json;

use super::tags::Tags;

pub(super) fn to_list(tags: &[(String, String)]) -> Value {
    tags.iter()
        .map(|(key, value)| json!({ "key": key, "value": value }))
        .collect()
}

pub(super) fn of_list(list: &Value) -> Tags {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let tags = list.as_array().into_iter().flatten();
    tags.map(|tag| (text(&tag["key"]), text(&tag["value"])))
        .collect()
}
