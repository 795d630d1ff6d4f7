//! AssumeRole.

use jiff::SignedDuration;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use crate::access_keys::Caller;
use crate::access_keys::RoleSession;
use crate::error::AwsError;
use crate::iam;
use crate::policy::Context;
use crate::policy::Document;
use crate::services::Services;
use crate::timestamp::EpochSeconds;

/// How long a session lasts if nobody says, and how long one may last that is begun in another
/// role: an hour.
const HOUR: i64 = 3600;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AssumeRole {
    role_arn: String,
    role_session_name: String,
    duration_seconds: Option<i64>,
    external_id: Option<String>,
    source_identity: Option<String>,
    policy: Option<String>,
}

/// Keys for a session in a role that trusts the caller.
pub(super) fn run(
    services: &Services,
    caller: &Caller,
    input: AssumeRole,
) -> Result<Value, AwsError> {
    let account = &services.account;
    let is_arn = input.role_arn.starts_with("arn:") && input.role_arn.contains(":role/");
    if !is_arn {
        return Err(invalid(format!("{} is invalid", input.role_arn)));
    }
    if let Some(policy) = &input.policy {
        Document::read(policy)
            .map_err(|error| AwsError::new("MalformedPolicyDocument", error.0))?;
    }
    let mut context = Context::default();
    let session = input.role_session_name;
    context.set("sts:RoleSessionName", [session.as_str()]);
    for (key, value) in [
        ("sts:ExternalId", &input.external_id),
        ("sts:SourceIdentity", &input.source_identity),
    ] {
        if let Some(value) = value {
            context.set(key, [value.as_str()]);
        }
    }
    let role = iam::assume_role(services, caller, &input.role_arn, &mut context)?;
    let seconds = input.duration_seconds.unwrap_or(HOUR);
    if matches!(caller, Caller::Role(_)) && seconds > HOUR {
        return Err(invalid(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by \
             role chaining",
        ));
    }
    if seconds > role.longest {
        return Err(invalid(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    let now = Timestamp::now();
    let expires = now
        .checked_add(SignedDuration::from_secs(seconds))
        .map_err(AwsError::storage)?;
    let keys = services
        .keys
        .issue_until(
            RoleSession {
                role: role.name.clone(),
                session: session.clone(),
                build: caller.build().map(str::to_owned),
            },
            expires,
        )
        .map_err(AwsError::storage)?;
    let mut output = json!({
        "Credentials": {
            "AccessKeyId": keys.access_key_id,
            "SecretAccessKey": keys.secret_access_key,
            "SessionToken": keys.session_token,
            "Expiration": EpochSeconds::from(expires).whole(),
        },
        "AssumedRoleUser": {
            "AssumedRoleId": format!("{}:{session}", role.id),
            "Arn": account.assumed_role_arn(&role.name, &session),
        },
    });
    if let Some(identity) = input.source_identity {
        output["SourceIdentity"] = identity.into();
    }
    Ok(output)
}

fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new("ValidationError", message)
}
