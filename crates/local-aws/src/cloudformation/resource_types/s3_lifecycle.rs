//! `LifecycleConfiguration` of `AWS::S3::Bucket`.

use serde_json::Value;
use serde_json::json;

use super::Failure;
use super::properties;
use super::s3_bucket;
use super::scalars;
use super::tags;
use crate::s3;
use crate::s3::LifecycleRule;

/// Properties of a rule that the local S3 has no effect for.
const TRANSITIONS: [&str; 4] = [
    "NoncurrentVersionTransition",
    "NoncurrentVersionTransitions",
    "Transition",
    "Transitions",
];

/// The rules that the property says.
pub(super) fn rules(property: &Value) -> Result<Vec<LifecycleRule>, Failure> {
    let rules = properties::list(property, "Rules");
    if rules.is_empty() {
        return Ok(Vec::new());
    }
    let rules = rules.iter().enumerate();
    let rules = rules
        .map(|(index, rule)| read(rule, index))
        .collect::<Result<_, _>>()?;
    s3::checked_lifecycle(rules).map_err(|error| s3_bucket::refused(&error))
}

fn read(rule: &Value, index: usize) -> Result<LifecycleRule, Failure> {
    for name in TRANSITIONS {
        if rule.get(name).is_some() {
            let pointer = format!("LifecycleConfiguration/Rules/{index}/{name}");
            let why = "there is one storage class";
            return Err(Failure::unsupported_property(&pointer, why));
        }
    }
    let number = |name: &str| scalars::whole(&rule[name]);
    let noncurrent = &rule["NoncurrentVersionExpiration"];
    let prefix = rule.get("Prefix").and_then(Value::as_str);
    let marker = rule.get("ExpiredObjectDeleteMarker");
    Ok(LifecycleRule {
        id: properties::text(rule, "Id").to_owned(),
        is_enabled: properties::text(rule, "Status") == "Enabled",
        prefix: prefix.map(str::to_owned),
        has_no_filter: false,
        tags: tags::of_list(&rule["TagFilters"]),
        larger_than: number("ObjectSizeGreaterThan"),
        smaller_than: number("ObjectSizeLessThan"),
        days: number("ExpirationInDays"),
        date: date(rule)?,
        expired_delete_marker: marker.map(scalars::is_true),
        noncurrent_days: scalars::whole(&noncurrent["NoncurrentDays"])
            .or_else(|| number("NoncurrentVersionExpirationInDays")),
        newer_noncurrent_versions: scalars::whole(&noncurrent["NewerNoncurrentVersions"]),
        abort_upload_days: scalars::whole(
            &rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"],
        ),
    })
}

fn date(rule: &Value) -> Result<Option<i64>, Failure> {
    let text = properties::text(rule, "ExpirationDate");
    if text.is_empty() {
        return Ok(None);
    }
    let with_time = if text.contains('T') {
        text.to_owned()
    } else {
        format!("{text}T00:00:00Z")
    };
    match with_time.parse::<jiff::Timestamp>() {
        Ok(time) => Ok(Some(time.as_second())),
        Err(_) => Err(s3_bucket::invalid(
            "ExpirationDate must be a date of ISO 8601 in UTC, such as 2030-01-01T00:00:00Z",
        )),
    }
}

/// The rules of a bucket as a template has them; null if there are none.
pub(super) fn shown(rules: &[LifecycleRule]) -> Value {
    if rules.is_empty() {
        return Value::Null;
    }
    let rules: Value = rules.iter().map(shown_rule).collect();
    json!({ "Rules": rules })
}

fn shown_rule(rule: &LifecycleRule) -> Value {
    let date = rule
        .date
        .and_then(|date| jiff::Timestamp::from_second(date).ok());
    json!({
        "Id": rule.id,
        "Status": if rule.is_enabled { "Enabled" } else { "Disabled" },
        "Prefix": rule.prefix,
        "TagFilters": some(tags::to_list(&rule.tags)),
        "ObjectSizeGreaterThan": rule.larger_than,
        "ObjectSizeLessThan": rule.smaller_than,
        "ExpirationInDays": rule.days,
        "ExpirationDate": date.map(|date| date.to_string()),
        "ExpiredObjectDeleteMarker": rule.expired_delete_marker,
        "NoncurrentVersionExpiration": rule.noncurrent_days.map(|days| json!({
            "NoncurrentDays": days,
            "NewerNoncurrentVersions": rule.newer_noncurrent_versions,
        })),
        "NoncurrentVersionExpirationInDays": rule.noncurrent_days,
        "AbortIncompleteMultipartUpload": rule
            .abort_upload_days
            .map(|days| json!({ "DaysAfterInitiation": days })),
    })
}

/// Null instead of an empty list.
fn some(list: Value) -> Value {
    match list {
        Value::Array(elements) if elements.is_empty() => Value::Null,
        other => other,
    }
}
