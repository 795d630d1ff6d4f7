//! Whether CodeBuild may assume the roles that a project names.
//!
//! On AWS a new role takes some seconds until CodeBuild may assume it; here it may at once.

use serde_json::Value;

use super::project::Project;
use crate::account::Account;
use crate::error::AwsError;
use crate::iam;
use crate::store;
use crate::store::StoreError;
use crate::store::Write;

/// What roles have to trust.
const CODEBUILD: &str = "codebuild.amazonaws.com";

/// Checks the project's service role. A name becomes the role's ARN.
pub(super) fn check(
    transaction: &Write<'_>,
    account: &Account,
    project: &mut Project,
) -> Result<(), StoreError> {
    check_name(
        transaction,
        account,
        &mut project.service_role,
        &project.arn,
    )
}

/// The same for any role of a project.
pub(super) fn check_name(
    transaction: &Write<'_>,
    account: &Account,
    role: &mut String,
    project_arn: &str,
) -> Result<(), StoreError> {
    *role = assumable(transaction, account, role, project_arn)?;
    Ok(())
}

/// The same for the role of the project's batch builds, if it names one.
pub(super) fn check_batch(
    transaction: &Write<'_>,
    account: &Account,
    config: Option<&mut Value>,
    project_arn: &str,
) -> Result<(), StoreError> {
    if let Some(role) = config.and_then(|config| config.get_mut("serviceRole"))
        && let Some(name) = role.as_str()
    {
        *role = assumable(transaction, account, name, project_arn)?.into();
    }
    Ok(())
}

fn assumable(
    transaction: &Write<'_>,
    account: &Account,
    role: &str,
    project_arn: &str,
) -> Result<String, StoreError> {
    let roles = transaction.open_table(store::IAM_ROLES)?;
    let found = iam::role_for_service(&*roles, account, role, CODEBUILD, project_arn)?;
    found.ok_or_else(|| {
        let arn = if role.starts_with("arn:") {
            role.to_owned()
        } else {
            account.role_arn("/", role)
        };
        AwsError::invalid_input(format!(
            "CodeBuild is not authorized to perform: sts:AssumeRole on {arn}"
        ))
        .into()
    })
}
