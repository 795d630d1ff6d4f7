//! What IAM refuses in a policy, in its words.

use super::document::Document;
use super::document::Malformed;
use super::document::Only;
use super::document::Statement;

/// Checks a policy that says what a role may do.
///
/// # Errors
///
/// The first thing that is wrong.
pub(crate) fn check_identity_policy(text: &str) -> Result<Document, Malformed> {
    let document = Document::read(text)?;
    if document.version.as_deref() != Some("2012-10-17") {
        return refuse("Policy document must be version 2012-10-17 or greater.");
    }
    check_sids(&document)?;
    for statement in &document.statements {
        if statement.principals.is_some() {
            return refuse("Policy document should not specify a principal.");
        }
        check_actions(statement)?;
        let resources = names(&statement.resources);
        if resources.is_empty() {
            return refuse("Policy statement must contain resources.");
        }
        resources.iter().try_for_each(|name| check_resource(name))?;
    }
    Ok(document)
}

/// Checks a policy that says who may assume a role.
///
/// # Errors
///
/// The first thing that is wrong.
pub(crate) fn check_trust_policy(text: &str) -> Result<Document, Malformed> {
    let document = Document::read(text)?;
    check_sids(&document)?;
    for statement in &document.statements {
        check_actions(statement)?;
        let mut actions = names(&statement.actions).iter();
        if !actions.all(|action| is_of_sts(action)) {
            return refuse("AssumeRole policy may only specify STS AssumeRole actions.");
        }
        if statement.resources.is_some() {
            return refuse("Has prohibited field Resource");
        }
        let principals = match &statement.principals {
            Some(Only::These(principals)) if !principals.is_empty() => principals,
            Some(Only::These(_)) | None => return refuse("Missing required field Principal"),
            Some(Only::AllBut(_)) => return refuse("Has prohibited field NotPrincipal"),
        };
        for (kind, who) in principals {
            for name in who {
                let is_valid = match kind.as_str() {
                    "AWS" => is_aws_principal(name),
                    "Service" => name.contains(".amazonaws.com") && !name.contains('*'),
                    "Federated" => !name.is_empty(),
                    _ => false,
                };
                if !is_valid {
                    let kind = match kind.as_str() {
                        "Service" => "SERVICE",
                        other => other,
                    };
                    return refuse(format!(
                        "Invalid principal in policy: \"{kind}\":\"{name}\""
                    ));
                }
            }
        }
    }
    Ok(document)
}

fn check_sids(document: &Document) -> Result<(), Malformed> {
    let mut seen: Vec<&str> = Vec::new();
    let sids = document.statements.iter();
    for sid in sids.filter_map(|statement| statement.sid.as_deref()) {
        if !sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return refuse(
                "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the \
                 regular expression [0-9A-Za-z]*",
            );
        }
        if seen.contains(&sid) {
            return refuse("Statement IDs (SID) in a single policy must be unique.");
        }
        seen.push(sid);
    }
    Ok(())
}

fn check_actions(statement: &Statement) -> Result<(), Malformed> {
    let actions = names(&statement.actions);
    if actions.is_empty() {
        return refuse("Policy statement must contain actions.");
    }
    for action in actions.iter().filter(|action| *action != "*") {
        let parts: Vec<&str> = action.split(':').collect();
        match parts[..] {
            [_] => {
                return refuse(
                    "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
                );
            }
            [vendor, _] => {
                let is_allowed =
                    |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
                if vendor.is_empty() || !vendor.bytes().all(is_allowed) {
                    return refuse(format!("Vendor {vendor} is not valid"));
                }
            }
            _ => return refuse("Actions/Condition can contain only one colon."),
        }
    }
    Ok(())
}

fn check_resource(resource: &str) -> Result<(), Malformed> {
    if resource == "*" {
        return Ok(());
    }
    let parts: Vec<&str> = resource.splitn(6, ':').collect();
    let part = |index: usize| parts.get(index).copied().unwrap_or("*");
    match parts[..] {
        [_] => refuse(format!(
            "Resource {resource} must be in ARN format or \"*\"."
        )),
        [_, partition, ..] if !matches!(partition, "*" | "aws" | "aws-cn" | "aws-us-gov") => {
            refuse(format!(
                "Partition \"{partition}\" is not valid for resource \"arn:{partition}:{}:{}:{}:{}\".",
                part(2),
                part(3),
                part(4),
                part(5)
            ))
        }
        ["arn", _, vendor, _, _, _] if !vendor.is_empty() => Ok(()),
        ["arn", _, "*"] => Ok(()),
        _ => refuse("Resource vendor must be fully qualified and cannot contain regexes."),
    }
}

fn is_of_sts(action: &str) -> bool {
    ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
        .iter()
        .any(|allowed| action.starts_with(allowed))
}

/// `*`, an account, or an ARN of an account, a user, a role or a role's session.
fn is_aws_principal(name: &str) -> bool {
    let is_account = |id: &str| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit());
    if name == "*" || is_account(name) {
        return true;
    }
    let parts: Vec<&str> = name.splitn(6, ':').collect();
    match parts[..] {
        ["arn", "aws", "iam", "", account, entity] => {
            is_account(account)
                && (entity == "root" || entity.starts_with("user/") || entity.starts_with("role/"))
                && !entity.contains('*')
        }
        ["arn", "aws", "sts", "", account, entity] => {
            is_account(account) && entity.starts_with("assumed-role/")
        }
        _ => false,
    }
}

fn names(only: &Option<Only<Vec<String>>>) -> &[String] {
    match only {
        Some(Only::These(names) | Only::AllBut(names)) => names,
        None => &[],
    }
}

fn refuse<T>(message: impl Into<String>) -> Result<T, Malformed> {
    Err(Malformed(message.into()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn identity(statement: serde_json::Value) -> String {
        let text = json!({ "Version": "2012-10-17", "Statement": statement }).to_string();
        check_identity_policy(&text).unwrap_err().to_string()
    }

    fn trust(statement: serde_json::Value) -> String {
        let text = json!({ "Version": "2012-10-17", "Statement": statement }).to_string();
        check_trust_policy(&text).unwrap_err().to_string()
    }

    #[test]
    fn what_is_wrong_with_a_policy_is_said_as_iam_says_it() {
        let no_json = check_identity_policy("{").unwrap_err().to_string();
        assert_eq!(no_json, "This policy contains invalid Json");
        let old = json!({ "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] });
        assert_eq!(
            check_identity_policy(&old.to_string()).unwrap_err().0,
            "Policy document must be version 2012-10-17 or greater."
        );
        for (statement, message) in [
            (json!([]), "Syntax errors in policy."),
            (
                json!([{ "Effect": "Allow", "Resource": "*" }]),
                "Policy statement must contain actions.",
            ),
            (
                json!([{ "Effect": "Allow", "Action": "s3:*" }]),
                "Policy statement must contain resources.",
            ),
            (
                json!([{ "Effect": "Allow", "Action": "GetObject", "Resource": "*" }]),
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
            ),
            (
                json!([{ "Effect": "Allow", "Action": "s3:*", "Resource": "bucket" }]),
                "Resource bucket must be in ARN format or \"*\".",
            ),
            (
                json!([{ "Effect": "Allow", "Action": "s3:*", "Resource": "*", "Principal": "*" }]),
                "Policy document should not specify a principal.",
            ),
            (
                json!([{ "Effect": "Permit", "Action": "s3:*", "Resource": "*" }]),
                "Invalid effect: Permit",
            ),
            (
                json!([{ "Effect": "Allow", "Action": "s3:*", "Resource": "*",
                    "Condition": { "StringMatches": { "aws:username": "x" } } }]),
                "Invalid Condition type : StringMatches.",
            ),
        ] {
            assert_eq!(identity(statement), message);
        }
    }

    #[test]
    fn who_may_assume_a_role_is_checked_too() {
        for (statement, message) in [
            (
                json!([{ "Effect": "Allow", "Action": "sts:AssumeRole" }]),
                "Missing required field Principal",
            ),
            (
                json!([{ "Effect": "Allow", "Action": "s3:GetObject", "Principal": "*" }]),
                "AssumeRole policy may only specify STS AssumeRole actions.",
            ),
            (
                json!([{ "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*",
                    "Resource": "*" }]),
                "Has prohibited field Resource",
            ),
            (
                json!([{ "Effect": "Allow", "Action": "sts:AssumeRole",
                    "Principal": { "Service": "codebuild" } }]),
                "Invalid principal in policy: \"SERVICE\":\"codebuild\"",
            ),
            (
                json!([{ "Effect": "Allow", "Action": "sts:AssumeRole",
                    "Principal": { "AWS": "student" } }]),
                "Invalid principal in policy: \"AWS\":\"student\"",
            ),
        ] {
            assert_eq!(trust(statement), message);
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in any::<String>(), action in "[a-z*?:${},]{0,12}") {
            let _ = check_identity_policy(&text);
            let _ = check_trust_policy(&text);
            let statement = json!({ "Effect": "Allow", "Action": action, "Resource": action });
            let policy = json!({ "Version": "2012-10-17", "Statement": statement }).to_string();
            if let Ok(document) = check_identity_policy(&policy) {
                let context = crate::policy::Context::default();
                let request = crate::policy::Request {
                    principal: None, action: &action, resource: Some(&action), context: &context,
                };
                let _ = document.decide(&request);
            }
        }
    }
}
