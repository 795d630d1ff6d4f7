//! Whether a role may be assumed: what its trust policy says.

use redb::ReadableTable;

use super::record;
use super::record::Role;
use super::simulate;
use crate::access_keys::Caller;
use crate::access_keys::RoleSession;
use crate::account::Account;
use crate::error::AwsError;
use crate::policy::Context;
use crate::policy::Decision;
use crate::policy::Document;
use crate::policy::Principal;
use crate::policy::Request;
use crate::services::Services;
use crate::store;
use crate::store::StoreError;

const ACTION: &str = "sts:AssumeRole";

/// A role that its caller may assume.
#[derive(Debug)]
pub(crate) struct Assumed {
    pub(crate) name: String,
    pub(crate) id: String,
    /// How long a session may last, in seconds.
    pub(crate) longest: i64,
}

/// A role that somebody assumes.
///
/// # Errors
///
/// `AccessDenied` if there is no such role or it does not trust the caller: AWS does not tell which.
pub(crate) fn by_caller(
    services: &Services,
    caller: &Caller,
    role_arn: &str,
    context: &mut Context,
) -> Result<Assumed, AwsError> {
    let account = &services.account;
    let denied = || {
        let caller = caller_arn(account, caller);
        AwsError::new(
            "AccessDenied",
            format!(
                "User: {caller} is not authorized to perform: {ACTION} on resource: {role_arn}"
            ),
        )
    };
    let role = services.store.read(|transaction| {
        let table = transaction.open_table(store::IAM_ROLES)?;
        by_arn(&table, account, role_arn)
    })?;
    let Some(role) = role else {
        return Err(denied());
    };
    let arn = caller_arn(account, caller);
    context.set("aws:PrincipalArn", [arn.as_str()]);
    context.set("aws:PrincipalAccount", [account.id.as_str()]);
    if matches!(caller, Caller::User) {
        context.set("aws:username", [Account::USER]);
    }
    let mut principal = Principal {
        arns: vec![arn],
        ..Principal::default()
    };
    let own_role = match caller {
        Caller::Role(RoleSession { role, .. }) => record::find_role(&services.store, role).ok(),
        Caller::User | Caller::Anonymous => None,
    };
    principal
        .arns
        .extend(own_role.as_ref().map(|role| role.arn(account)));
    let named = trusts(&role, &principal, context);
    principal.account = Some(account.id.clone());
    let with_account = trusts(&role, &principal, context);
    let allowed = match (named, with_account) {
        (_, Decision::ExplicitDeny | Decision::ImplicitDeny) => false,
        (Decision::Allowed, _) => true,
        // The account trusts whom its own policies allow it. The user may do everything.
        (_, Decision::Allowed) => match (caller, &own_role) {
            (Caller::User, _) => true,
            (_, Some(own_role)) => {
                simulate::decide(services, own_role, ACTION, role_arn, context)?
                    == Decision::Allowed
            }
            (_, None) => false,
        },
    };
    if !allowed {
        return Err(denied());
    }
    Ok(Assumed {
        name: role.name,
        id: role.id,
        longest: role.max_session_duration,
    })
}

/// The ARN of a role that a service such as `codebuild.amazonaws.com` may assume; `None` if there is
/// no such role or it does not trust the service. The role is named by its ARN or its name.
pub(crate) fn by_service(
    table: &impl ReadableTable<&'static str, &'static [u8]>,
    account: &Account,
    role: &str,
    service: &str,
    source_arn: &str,
) -> Result<Option<String>, StoreError> {
    let role = if role.starts_with("arn:") {
        by_arn(table, account, role)?
    } else {
        let found: Option<Role> = store::get(table, &record::key(role))?;
        found.filter(|found| found.name == role)
    };
    let principal = Principal {
        service: Some(service.to_owned()),
        ..Principal::default()
    };
    let mut context = Context::default();
    context.set("aws:SourceAccount", [account.id.as_str()]);
    context.set("aws:SourceArn", [source_arn]);
    let role = role.filter(|role| trusts(role, &principal, &context) == Decision::Allowed);
    Ok(role.map(|role| role.arn(account)))
}

/// Whether a service may do something in a role: it may assume it, and the role's policies allow it.
///
/// # Errors
///
/// If the state directory cannot be read.
pub(crate) fn service_may(
    services: &Services,
    service: &str,
    source_arn: &str,
    role_arn: &str,
    action: &str,
    resource: &str,
) -> Result<bool, AwsError> {
    let account = &services.account;
    let role = services.store.read(|transaction| {
        let roles = transaction.open_table(store::IAM_ROLES)?;
        let assumed = by_service(&roles, account, role_arn, service, source_arn)?;
        match assumed {
            Some(arn) => by_arn(&roles, account, &arn),
            None => Ok(None),
        }
    })?;
    match role {
        Some(role) => {
            let decision = simulate::decide(services, &role, action, resource, &Context::default());
            Ok(decision? == Decision::Allowed)
        }
        None => Ok(false),
    }
}

/// The ARN of who calls.
fn caller_arn(account: &Account, caller: &Caller) -> String {
    match caller {
        Caller::User | Caller::Anonymous => account.user_arn(),
        Caller::Role(RoleSession { role, session, .. }) => account.assumed_role_arn(role, session),
    }
}

fn by_arn(
    table: &impl ReadableTable<&'static str, &'static [u8]>,
    account: &Account,
    arn: &str,
) -> Result<Option<Role>, StoreError> {
    let name = arn.rsplit('/').next().unwrap_or_default();
    let role: Option<Role> = store::get(table, &record::key(name))?;
    Ok(role.filter(|role| role.arn(account) == arn))
}

fn trusts(role: &Role, principal: &Principal, context: &Context) -> Decision {
    // It was read when it was written.
    let Ok(trust) = Document::read(&role.trust) else {
        return Decision::ImplicitDeny;
    };
    trust.decide(&Request {
        principal: Some(principal),
        action: ACTION,
        resource: None,
        context,
    })
}
