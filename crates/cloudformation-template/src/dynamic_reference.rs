//! `{{resolve:SERVICE:KEY}}` in texts.

use crate::values::DynamicReference;
use crate::values::EvaluationError;
use crate::values::SecretService;

const BEGIN: &str = "{{resolve:";
const END: &str = "}}";

/// Replaces the dynamic references of a text.
pub(crate) fn replace(
    text: &str,
    mut resolve: impl FnMut(&DynamicReference) -> Result<String, EvaluationError>,
) -> Result<String, EvaluationError> {
    let mut replaced = String::new();
    let mut rest = text;
    while let Some((before, from)) = rest.split_once(BEGIN) {
        let Some((within, after)) = from.split_once(END) else {
            break;
        };
        replaced.push_str(before);
        let reference = parse(within).ok_or_else(|| {
            EvaluationError::DynamicReference(format!(
                "Incorrect format is used in the following {} reference: [{BEGIN}{within}{END}]",
                service_in_messages(within)
            ))
        })?;
        replaced.push_str(&resolve(&reference)?);
        rest = after;
    }
    replaced.push_str(rest);
    Ok(replaced)
}

/// What stands between `{{resolve:` and `}}`.
fn parse(within: &str) -> Option<DynamicReference> {
    let (service, key) = within.split_once(':')?;
    let service = match service {
        "ssm" => SecretService::Ssm,
        "ssm-secure" => SecretService::SsmSecure,
        "secretsmanager" => SecretService::SecretsManager,
        _ => return None,
    };
    let mut reference = DynamicReference {
        service,
        name: String::new(),
        version: None,
        json_key: None,
        version_stage: None,
        version_id: None,
    };
    let mut parts: Vec<&str> = key.split(':').collect();
    if service == SecretService::SecretsManager {
        // An ARN has colons of its own: arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME.
        let length = if key.starts_with("arn:") { 7 } else { 1 };
        if parts.len() < length || parts.len() > length + 4 {
            return None;
        }
        let more = parts.split_off(length);
        if !matches!(more.first(), None | Some(&("SecretString" | ""))) {
            return None;
        }
        let at = |index: usize| {
            let part = more.get(index).filter(|part| !part.is_empty())?;
            Some((*part).to_owned())
        };
        reference.name = parts.join(":");
        reference.json_key = at(1);
        reference.version_stage = at(2);
        reference.version_id = at(3);
        if reference.version_stage.is_some() && reference.version_id.is_some() {
            return None;
        }
    } else {
        match parts.as_slice() {
            [name] => reference.name = (*name).to_owned(),
            [name, version] => {
                reference.name = (*name).to_owned();
                reference.version = Some(version.parse().ok()?);
            }
            _ => return None,
        }
    }
    (!reference.name.is_empty()).then_some(reference)
}

fn service_in_messages(within: &str) -> &'static str {
    match within.split(':').next() {
        Some("secretsmanager") => "Secrets Manager",
        Some("ssm-secure") => "SSM Secure",
        Some("ssm") => "SSM",
        _ => "dynamic",
    }
}
