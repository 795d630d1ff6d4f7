//! What CloudWatch Logs asks of names, ARNs, tags and limits, and how it refuses others.

use std::collections::BTreeMap;

use super::invalid_parameter;
use crate::error::AwsError;
use crate::services::Services;
use crate::system_tags;

const LONGEST_NAME: usize = 512;
const LONGEST_RESOURCE_ARN: usize = 1011;
const LONGEST_KMS_KEY_ID: usize = 256;
const MOST_TAGS: usize = 50;
const CLASSES: [&str; 3] = ["STANDARD", "INFREQUENT_ACCESS", "DELIVERY"];

/// `1 validation error detected: Value '…' at '…' failed to satisfy constraint: Member must …`
pub(super) fn violated(member: &str, value: &str, constraint: &str) -> AwsError {
    invalid_parameter(format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: \
         Member must {constraint}"
    ))
}

/// A member that an input must have.
pub(super) fn required<T>(member: &str, value: Option<T>) -> Result<T, AwsError> {
    value.ok_or_else(|| {
        invalid_parameter(format!(
            "1 validation error detected: Value null at '{member}' failed to satisfy constraint: \
             Member must not be null"
        ))
    })
}

/// The limit that a request asks for, within 1 and `max`.
pub(super) fn limit(limit: Option<i64>, max: usize) -> Result<usize, AwsError> {
    let Some(limit) = limit else { return Ok(max) };
    let constraint = if limit < 1 {
        "have value greater than or equal to 1".to_owned()
    } else {
        match usize::try_from(limit) {
            Ok(limit) if limit <= max => return Ok(limit),
            _ => format!("have value less than or equal to {max}"),
        }
    };
    Err(violated("limit", &limit.to_string(), &constraint))
}

/// The number of elements of a list, from 1 to `most`.
pub(super) fn list_length<T: AsRef<str>>(
    member: &str,
    list: &[T],
    most: usize,
) -> Result<(), AwsError> {
    let constraint = if list.is_empty() {
        "have length greater than or equal to 1".to_owned()
    } else if list.len() > most {
        format!("have length less than or equal to {most}")
    } else {
        return Ok(());
    };
    let shown: Vec<&str> = list.iter().map(AsRef::as_ref).collect();
    Err(violated(
        member,
        &format!("[{}]", shown.join(", ")),
        &constraint,
    ))
}

fn length(member: &str, text: &str, least: usize, most: usize) -> Result<(), AwsError> {
    let length = text.chars().count();
    if length < least {
        let constraint = format!("have length greater than or equal to {least}");
        return Err(violated(member, text, &constraint));
    }
    if length > most {
        let constraint = format!("have length less than or equal to {most}");
        return Err(violated(member, text, &constraint));
    }
    Ok(())
}

fn pattern(
    member: &str,
    text: &str,
    shown: &str,
    fits: impl Fn(char) -> bool,
) -> Result<(), AwsError> {
    if text.chars().all(fits) {
        return Ok(());
    }
    let constraint = format!("satisfy regular expression pattern: {shown}");
    Err(violated(member, text, &constraint))
}

/// The name of a group, as operations take it that change one.
pub(super) fn group_name(name: Option<&str>) -> Result<&str, AwsError> {
    let name = required("logGroupName", name)?;
    length("logGroupName", name, 1, LONGEST_NAME)?;
    pattern("logGroupName", name, r"[\.\-_/#A-Za-z0-9]+", is_of_group)?;
    Ok(name)
}

/// A part of a group's name to look for.
pub(super) fn group_name_part(member: &str, name: &str) -> Result<(), AwsError> {
    length(member, name, 0, LONGEST_NAME)?;
    pattern(member, name, r"[\.\-_/#A-Za-z0-9]*", is_of_group)
}

fn is_of_group(character: char) -> bool {
    character.is_ascii_alphanumeric() || ".-_/#".contains(character)
}

/// The name of a stream, as operations take it that change one.
pub(super) fn stream_name<'a>(member: &str, name: Option<&'a str>) -> Result<&'a str, AwsError> {
    let name = required(member, name)?;
    length(member, name, 1, LONGEST_NAME)?;
    pattern(member, name, "[^:*]*", |character| {
        !":*".contains(character)
    })?;
    Ok(name)
}

/// A request that reads names a group by name or by ARN (also with `:*` at its end).
pub(super) fn group(
    services: &Services,
    name: Option<&str>,
    identifier: Option<&str>,
) -> Result<String, AwsError> {
    let text = match (name, identifier) {
        (Some(_), Some(_)) => {
            return Err(invalid_parameter(
                "You must specify either logGroupName or logGroupIdentifier, not both.",
            ));
        }
        (Some(text), None) | (None, Some(text)) => text,
        (None, None) => return required("logGroupName", None),
    };
    let prefix = services.account.log_group_arn("");
    let text = text.strip_prefix(&prefix).unwrap_or(text);
    Ok(text.strip_suffix(":*").unwrap_or(text).to_owned())
}

/// The group that an ARN without `:*` names; `None` if it names something else.
pub(super) fn group_in_arn<'a>(services: &Services, arn: &'a str) -> Option<&'a str> {
    let name = arn.strip_prefix(&services.account.log_group_arn(""))?;
    Some(name).filter(|name| !name.is_empty() && !name.contains(':'))
}

/// `resourceArn` of an operation that tags.
pub(super) fn resource_arn(arn: Option<&str>) -> Result<&str, AwsError> {
    let arn = required("resourceArn", arn)?;
    length("resourceArn", arn, 1, LONGEST_RESOURCE_ARN)?;
    pattern("resourceArn", arn, r"[\w+=/:,.@-]*", |character| {
        character.is_ascii_alphanumeric() || "_+=/:,.@-".contains(character)
    })?;
    Ok(arn)
}

pub(super) fn kms_key_id(id: Option<&str>) -> Result<(), AwsError> {
    length("kmsKeyId", id.unwrap_or_default(), 0, LONGEST_KMS_KEY_ID)
}

pub(super) fn class(class: Option<&str>) -> Result<(), AwsError> {
    match class {
        Some(class) if !CLASSES.contains(&class) => {
            let constraint = format!("satisfy enum value set: [{}]", CLASSES.join(", "));
            Err(violated("logGroupClass", class, &constraint))
        }
        _ => Ok(()),
    }
}

/// Tags to add.
pub(super) fn tags(tags: &BTreeMap<String, String>) -> Result<(), AwsError> {
    let pairs: Vec<String> = tags
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    list_length("tags", &pairs, MOST_TAGS)?;
    for (key, value) in tags {
        length("tags", key, 1, 128)?;
        pattern("tags", key, r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]+)$", is_of_tag)?;
        length("tags", value, 0, 256)?;
        pattern("tags", value, r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$", is_of_tag)?;
        if system_tags::are_reserved(key) {
            return Err(invalid_parameter(
                "Tag keys that start with 'aws:' are reserved for AWS.",
            ));
        }
    }
    Ok(())
}

fn is_of_tag(character: char) -> bool {
    character.is_alphanumeric() || character == ' ' || "_.:/=+-@".contains(character)
}

/// Whether a resource has more tags than it may.
pub(super) fn has_too_many_tags(tags: &BTreeMap<String, String>) -> bool {
    tags.len() > MOST_TAGS
}
