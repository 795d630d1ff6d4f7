//! DescribeAccountLimits: the defaults of a new account. Only the limits of a template are checked.

use serde_json::Value;
use serde_json::json;

use crate::error::AwsError;

const LIMITS: [(&str, i64); 4] = [
    ("StackLimit", 2000),
    ("StackOutputsLimit", 200),
    ("ConcurrentResourcesLimit", 2500),
    ("StackSetsLimit", 1000),
];

/// DescribeAccountLimits.
pub(super) fn describe() -> Result<Value, AwsError> {
    let limits = LIMITS.iter();
    let limits = limits.map(|(name, value)| json!({ "Name": name, "Value": value }));
    Ok(json!({ "AccountLimits": limits.collect::<Vec<_>>() }))
}
