//! PutParameter and LabelParameterVersion.

use regex::Regex;
use serde::Deserialize;
use serde::Serialize;

use super::invalid;
use super::name;
use super::not_found;
use super::record;
use super::record::Parameter;
use super::record::Version;
use super::tags;
use super::tags::Tag;
use crate::constraint;
use crate::error::AwsError;
use crate::hidden::Hidden;
use crate::services::Services;
use crate::store;
use crate::timestamp::EpochSeconds;

/// How many versions are kept.
const VERSIONS: usize = 100;

/// How many labels a version may have.
const LABELS: usize = 10;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PutInput {
    name: Option<String>,
    value: Option<Hidden>,
    r#type: Option<String>,
    description: Option<String>,
    key_id: Option<String>,
    overwrite: Option<bool>,
    allowed_pattern: Option<String>,
    tags: Option<Vec<Tag>>,
    tier: Option<String>,
    data_type: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PutOutput {
    version: i64,
    tier: String,
}

pub(super) async fn parameter(services: &Services, input: PutInput) -> Result<PutOutput, AwsError> {
    let given = constraint::required("name", input.name.clone())?;
    let name = name::bare(&services.account, &given).to_owned();
    name::check(&name)?;
    let tags = tags::checked(input.tags.clone().unwrap_or_default())?;
    let overwrite = input.overwrite == Some(true);
    if overwrite && !tags.is_empty() {
        return Err(invalid(
            "Invalid request: tags and overwrite can't be used together. To create a parameter \
             with tags, please remove overwrite flag. To update tags for an existing parameter, \
             please use AddTagsToResource or RemoveTagsFromResource.",
        ));
    }
    let value = constraint::required("value", input.value.clone())?;
    let tier = checked_value(&input, &value)?;
    services
        .store
        .write(move |transaction| {
            let mut table = transaction.open_table(store::PARAMETERS)?;
            let existing: Option<Parameter> = store::get(&*table, &name)?;
            let (mut parameter, version) = match existing {
                Some(_) if !overwrite => {
                    return Err(AwsError::new(
                        "ParameterAlreadyExists",
                        "The parameter already exists. To overwrite this value, set the overwrite \
                         option in the request to true.",
                    )
                    .into());
                }
                Some(parameter) => {
                    let version = next(&input, value, tier, parameter.latest())?;
                    (parameter, version)
                }
                None => {
                    let version = next(&input, value, tier, None)?;
                    let versions = Vec::new();
                    (Parameter { versions, tags }, version)
                }
            };
            let output = PutOutput {
                version: version.version,
                tier: version.tier.clone(),
            };
            parameter.versions.push(version);
            if parameter.versions.len() > VERSIONS {
                parameter.versions.remove(0);
            }
            store::put(&mut table, &name, &parameter)?;
            Ok(output)
        })
        .await
}

/// Checks everything that does not depend on what is there; the tier.
fn checked_value(input: &PutInput, value: &Hidden) -> Result<String, AwsError> {
    if let Some(kind) = &input.r#type
        && !["String", "StringList", "SecureString"].contains(&kind.as_str())
    {
        return Err(constraint::violated(
            "type",
            kind,
            "satisfy enum value set: [SecureString, StringList, String]",
        ));
    }
    let asked = input.tier.as_deref().unwrap_or("Standard");
    if !["Standard", "Advanced", "Intelligent-Tiering"].contains(&asked) {
        return Err(constraint::violated(
            "tier",
            asked,
            "satisfy enum value set: [Standard, Advanced, Intelligent-Tiering]",
        ));
    }
    let length = value.0.len();
    if length == 0 {
        return Err(constraint::violated(
            "value",
            "",
            "have length greater than or equal to 1",
        ));
    }
    let tier = match asked {
        "Intelligent-Tiering" if length > 4096 => "Advanced",
        "Intelligent-Tiering" => "Standard",
        other => other,
    };
    let (most, hint) = match tier {
        "Standard" => (
            4096,
            " To create a larger parameter value, upgrade the parameter to use the \
             advanced-parameter tier. For more information, see \
             https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html",
        ),
        _ => (8192, ""),
    };
    if length > most {
        return Err(invalid(format!(
            "{tier} tier parameters support a maximum parameter value of {most} characters.{hint}"
        )));
    }
    if let Some(pattern) = &input.allowed_pattern {
        let whole = Regex::new(&format!("^(?:{pattern})$")).map_err(|_| {
            AwsError::new(
                "InvalidAllowedPatternException",
                format!("The request does not meet the regular expression requirement: {pattern}"),
            )
        })?;
        if !whole.is_match(&value.0) {
            return Err(AwsError::new(
                "ParameterPatternMismatchException",
                format!("Parameter value, cannot be validated against allowedPattern: {pattern}"),
            ));
        }
    }
    if let Some(kind) = &input.data_type
        && !["text", "aws:ec2:image", "aws:ssm:integration"].contains(&kind.as_str())
    {
        return Err(invalid(format!(
            "The following data type is not supported: {kind} (Data type names are all lowercase.)"
        )));
    }
    Ok(tier.to_owned())
}

/// The version after `before`.
fn next(
    input: &PutInput,
    value: Hidden,
    tier: String,
    before: Option<&Version>,
) -> Result<Version, AwsError> {
    let kind = match (&input.r#type, before) {
        (None, None) => {
            return Err(invalid(
                "A parameter type is required when you create a parameter.",
            ));
        }
        (Some(kind), Some(before)) if *kind != before.r#type => {
            return Err(AwsError::new(
                "HierarchyTypeMismatchException",
                format!(
                    "Parameter Store doesn't support changing a parameter type in a hierarchy. The \
                     parameter has the type {}. You must create a new, unique parameter.",
                    before.r#type
                ),
            ));
        }
        (Some(kind), _) => kind.clone(),
        (None, Some(before)) => before.r#type.clone(),
    };
    let secure = kind == "SecureString";
    if input.key_id.is_some() && !secure {
        return Err(invalid(
            "KeyId is required for SecureString type parameter only.",
        ));
    }
    let kept = |new: &Option<String>, old: Option<&Option<String>>| {
        new.clone().or_else(|| old.cloned().flatten())
    };
    Ok(Version {
        version: before.map_or(1, |before| before.version + 1),
        value,
        ciphertext: if secure {
            Some(record::ciphertext()?)
        } else {
            None
        },
        key_id: secure.then(|| {
            kept(&input.key_id, before.map(|before| &before.key_id))
                .unwrap_or_else(|| record::DEFAULT_KEY.to_owned())
        }),
        r#type: kind,
        description: kept(&input.description, before.map(|before| &before.description)),
        allowed_pattern: input.allowed_pattern.clone(),
        tier,
        data_type: input.data_type.clone().unwrap_or_else(|| "text".to_owned()),
        modified: EpochSeconds::now(),
        labels: Vec::new(),
    })
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct LabelInput {
    name: Option<String>,
    parameter_version: Option<i64>,
    labels: Option<Vec<String>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct LabelOutput {
    invalid_labels: Vec<String>,
    parameter_version: i64,
}

pub(super) async fn label(services: &Services, input: LabelInput) -> Result<LabelOutput, AwsError> {
    let given = constraint::required("name", input.name)?;
    let name = name::bare(&services.account, &given).to_owned();
    let labels = constraint::required("labels", input.labels)?;
    constraint::list_length("labels", &labels, LABELS)?;
    let (labels, invalid_labels): (Vec<String>, Vec<String>) =
        labels.into_iter().partition(|label| is_label(label));
    services
        .store
        .write(move |transaction| {
            let mut table = transaction.open_table(store::PARAMETERS)?;
            let mut parameter: Parameter = store::get(&*table, &name)?.ok_or_else(not_found)?;
            let latest = parameter.latest().map_or(0, |version| version.version);
            let number = input.parameter_version.unwrap_or(latest);
            let there = parameter
                .versions
                .iter()
                .any(|version| version.version == number);
            if !there {
                return Err(version_not_found(&name, &number.to_string()).into());
            }
            for version in &mut parameter.versions {
                version.labels.retain(|label| !labels.contains(label));
                if version.version == number {
                    if version.labels.len() + labels.len() > LABELS {
                        return Err(AwsError::new(
                            "ParameterVersionLabelLimitExceeded",
                            format!(
                                "An error occurred (ParameterVersionLabelLimitExceeded): A \
                                 parameter version can have maximum {LABELS} labels."
                            ),
                        )
                        .into());
                    }
                    version.labels.extend(labels.iter().cloned());
                }
            }
            store::put(&mut table, &name, &parameter)?;
            Ok(LabelOutput {
                invalid_labels,
                parameter_version: number,
            })
        })
        .await
}

fn is_label(label: &str) -> bool {
    let reserved = ["aws", "ssm"].into_iter().any(|reserved| {
        label
            .get(..reserved.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(reserved))
    });
    (1..=100).contains(&label.len())
        && !reserved
        && !label.starts_with(|first: char| first.is_ascii_digit())
        && label
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || ".-_".contains(character))
}

pub(super) fn version_not_found(name: &str, selector: &str) -> AwsError {
    AwsError::new(
        "ParameterVersionNotFound",
        format!(
            "Systems Manager could not find version {selector} of {name}. Verify the version and \
             try again."
        ),
    )
}
