//! The operators of conditions.

use std::net::IpAddr;

use jiff::Timestamp;
use jiff::civil::Date;

use super::document::Condition;
use super::evaluate::Context;
use super::wildcard;

/// How a value of the request and a value of the policy are compared.
type Compare = fn(&str, &str) -> bool;

/// Operator, comparison, and whether it is meant to be false.
const OPERATORS: &[(&str, Compare, bool)] = &[
    ("StringEquals", |value, wanted| value == wanted, false),
    ("StringNotEquals", |value, wanted| value == wanted, true),
    ("StringEqualsIgnoreCase", same_letters, false),
    ("StringNotEqualsIgnoreCase", same_letters, true),
    (
        "StringLike",
        |value, wanted| wildcard::matches(wanted, value),
        false,
    ),
    (
        "StringNotLike",
        |value, wanted| wildcard::matches(wanted, value),
        true,
    ),
    ("ArnEquals", arns, false),
    ("ArnLike", arns, false),
    ("ArnNotEquals", arns, true),
    ("ArnNotLike", arns, true),
    ("NumericEquals", |a, b| numbers(a, b, |a, b| a == b), false),
    (
        "NumericNotEquals",
        |a, b| numbers(a, b, |a, b| a == b),
        true,
    ),
    ("NumericLessThan", |a, b| numbers(a, b, |a, b| a < b), false),
    (
        "NumericLessThanEquals",
        |a, b| numbers(a, b, |a, b| a <= b),
        false,
    ),
    (
        "NumericGreaterThan",
        |a, b| numbers(a, b, |a, b| a > b),
        false,
    ),
    (
        "NumericGreaterThanEquals",
        |a, b| numbers(a, b, |a, b| a >= b),
        false,
    ),
    ("DateEquals", |a, b| dates(a, b, |a, b| a == b), false),
    ("DateNotEquals", |a, b| dates(a, b, |a, b| a == b), true),
    ("DateLessThan", |a, b| dates(a, b, |a, b| a < b), false),
    (
        "DateLessThanEquals",
        |a, b| dates(a, b, |a, b| a <= b),
        false,
    ),
    ("DateGreaterThan", |a, b| dates(a, b, |a, b| a > b), false),
    (
        "DateGreaterThanEquals",
        |a, b| dates(a, b, |a, b| a >= b),
        false,
    ),
    ("Bool", same_letters, false),
    ("BinaryEquals", |value, wanted| value == wanted, false),
    ("IpAddress", in_range, false),
    ("NotIpAddress", in_range, true),
];

/// An operator's name, taken apart.
struct Operator {
    compare: Compare,
    is_negated: bool,
    if_exists: bool,
    set: Option<Set>,
}

/// How several values of the request count.
#[derive(Clone, Copy, PartialEq)]
enum Set {
    All,
    Any,
}

fn operator(name: &str) -> Option<Operator> {
    let (set, rest) = match name.split_once(':') {
        Some(("ForAllValues", rest)) => (Some(Set::All), rest),
        Some(("ForAnyValue", rest)) => (Some(Set::Any), rest),
        Some(_) => return None,
        None => (None, name),
    };
    let (rest, if_exists) = match rest.strip_suffix("IfExists") {
        Some(rest) => (rest, true),
        None => (rest, false),
    };
    let (_, compare, is_negated) = OPERATORS
        .iter()
        .find(|(name, ..)| name.eq_ignore_ascii_case(rest))?;
    Some(Operator {
        compare: *compare,
        is_negated: *is_negated,
        if_exists,
        set,
    })
}

/// Whether policies may have this operator.
pub(super) fn is_operator(name: &str) -> bool {
    name.eq_ignore_ascii_case("Null") || operator(name).is_some()
}

/// Whether a request fulfils a condition.
pub(super) fn holds(condition: &Condition, context: &Context, has_variables: bool) -> bool {
    let values = context.get(&condition.key);
    if condition.operator.eq_ignore_ascii_case("Null") {
        let is_null = values.is_none_or(<[String]>::is_empty).to_string();
        let mut wanted = condition.values.iter();
        return wanted.any(|wanted| wanted.eq_ignore_ascii_case(&is_null));
    }
    let Some(operator) = operator(&condition.operator) else {
        return false;
    };
    let Some(values) = values.filter(|values| !values.is_empty()) else {
        return operator.if_exists || operator.is_negated || operator.set == Some(Set::All);
    };
    let wanted: Vec<String> = condition
        .values
        .iter()
        .map(|wanted| match has_variables {
            true => context.fill_in(wanted),
            false => wanted.clone(),
        })
        .collect();
    let holds_for = |value: &String| {
        let is_one = wanted
            .iter()
            .any(|wanted| (operator.compare)(value, wanted));
        is_one != operator.is_negated
    };
    match operator.set {
        Some(Set::All) => values.iter().all(holds_for),
        None if operator.is_negated => values.iter().all(holds_for),
        Some(Set::Any) | None => values.iter().any(holds_for),
    }
}

fn same_letters(value: &str, wanted: &str) -> bool {
    value.to_lowercase() == wanted.to_lowercase()
}

/// A star does not reach over a colon of the first five parts.
fn arns(value: &str, wanted: &str) -> bool {
    let value: Vec<&str> = value.splitn(6, ':').collect();
    let wanted: Vec<&str> = wanted.splitn(6, ':').collect();
    if wanted == ["*"] {
        return true;
    }
    let mut parts = wanted.iter().zip(&value);
    value.len() == wanted.len() && parts.all(|(wanted, value)| wildcard::matches(wanted, value))
}

fn numbers(value: &str, wanted: &str, compare: fn(f64, f64) -> bool) -> bool {
    match (value.trim().parse(), wanted.trim().parse()) {
        (Ok(value), Ok(wanted)) => compare(value, wanted),
        _ => false,
    }
}

fn dates(value: &str, wanted: &str, compare: fn(Timestamp, Timestamp) -> bool) -> bool {
    let date = |text: &str| -> Option<Timestamp> {
        let day = || {
            let day: Date = text.parse().ok()?;
            Some(day.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
        };
        let seconds = || Timestamp::from_second(text.parse().ok()?).ok();
        text.parse().ok().or_else(day).or_else(seconds)
    };
    match (date(value), date(wanted)) {
        (Some(value), Some(wanted)) => compare(value, wanted),
        _ => false,
    }
}

/// An address in CIDR notation, or a single one.
fn in_range(value: &str, wanted: &str) -> bool {
    let (network, length) = match wanted.split_once('/') {
        Some((network, length)) => (network, length.parse::<u32>().ok()),
        None => (wanted, Some(128)),
    };
    let (Ok(value), Ok(network), Some(length)) = (value.parse(), network.parse(), length) else {
        return false;
    };
    match (value, network) {
        (IpAddr::V4(value), IpAddr::V4(network)) => {
            let shift = 32 - length.min(32);
            let mask = u32::MAX.checked_shl(shift).unwrap_or(0);
            value.to_bits() & mask == network.to_bits() & mask
        }
        (IpAddr::V6(value), IpAddr::V6(network)) => {
            let shift = 128 - length.min(128);
            let mask = u128::MAX.checked_shl(shift).unwrap_or(0);
            value.to_bits() & mask == network.to_bits() & mask
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(operator: &str, wanted: &[&str], values: &[&str]) -> bool {
        let condition = Condition {
            operator: operator.to_owned(),
            key: "a:B".to_owned(),
            values: wanted.iter().map(|text| (*text).to_owned()).collect(),
        };
        let mut context = Context::default();
        if !values.is_empty() {
            context.set("A:b", values.iter().copied());
        }
        holds(&condition, &context, true)
    }

    #[test]
    fn the_usual_operators() {
        for (operator, wanted, values, expected) in [
            ("StringEquals", &["x", "y"][..], &["y"][..], true),
            ("StringEquals", &["x"], &[], false),
            ("StringEqualsIfExists", &["x"], &[], true),
            ("StringNotEquals", &["x", "y"], &["y"], false),
            ("StringNotEquals", &["x"], &[], true),
            ("StringLike", &["a*"], &["abc"], true),
            (
                "ArnLike",
                &["arn:aws:s3:::b/*"],
                &["arn:aws:s3:::b/k"],
                true,
            ),
            ("ArnLike", &["arn:aws:*:k"], &["arn:aws:s3:::k"], false),
            ("NumericLessThan", &["5"], &["4.5"], true),
            (
                "DateGreaterThan",
                &["2020-01-01"],
                &["2021-01-01T00:00:00Z"],
                true,
            ),
            ("DateLessThan", &["2020-01-01"], &["1577836799"], true),
            ("Bool", &["true"], &["True"], true),
            ("IpAddress", &["10.0.0.0/8", "::1"], &["10.9.8.7"], true),
            ("NotIpAddress", &["10.0.0.0/8"], &["10.9.8.7"], false),
            ("Null", &["true"], &[], true),
            ("Null", &["false"], &["x"], true),
            ("ForAllValues:StringEquals", &["a", "b"], &["a", "c"], false),
            ("ForAnyValue:StringEquals", &["a", "b"], &["a", "c"], true),
            ("ForAllValues:StringEquals", &["a"], &[], true),
        ] {
            assert_eq!(
                check(operator, wanted, values),
                expected,
                "{operator} {wanted:?} {values:?}"
            );
        }
        assert!(!is_operator("StringMatches") && !is_operator("ForSome:StringLike"));
    }
}
