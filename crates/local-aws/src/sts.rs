//! Security Token Service over the query protocol.

mod assume_role;

use serde_json::Value;
use serde_json::json;

use crate::access_keys::Caller;
use crate::access_keys::RoleSession;
use crate::error::AwsError;
use crate::iam;
use crate::model::STS;
use crate::services::Services;

/// Runs one operation.
///
/// # Errors
///
/// As the operation does.
pub(crate) fn call(
    services: &Services,
    caller: &Caller,
    operation: &str,
    mut input: Value,
) -> Result<Value, AwsError> {
    STS.check(operation, &input)?;
    STS.prune(operation, &mut input);
    match operation {
        "GetCallerIdentity" => Ok(caller_identity(services, caller)),
        "AssumeRole" => {
            let input = serde_json::from_value(input)
                .map_err(|error| AwsError::serialization(error.to_string()))?;
            assume_role::run(services, caller, input)
        }
        _ => Err(AwsError::bare("UnknownOperationException")),
    }
}

fn caller_identity(services: &Services, caller: &Caller) -> Value {
    let account = &services.account;
    let (arn, user_id) = match caller {
        Caller::User | Caller::Anonymous => {
            (account.user_arn(), format!("AIDA{}LOCALUSR", account.id))
        }
        Caller::Role(RoleSession { role, session, .. }) => {
            // Projects may name a role that is not there (any more).
            let id = iam::id_of_role(&services.store, role)
                .unwrap_or_else(|| format!("AROA{}LOCALROL", account.id));
            let arn = account.assumed_role_arn(role, session);
            (arn, format!("{id}:{session}"))
        }
    };
    json!({ "UserId": user_id, "Account": account.id, "Arn": arn })
}
