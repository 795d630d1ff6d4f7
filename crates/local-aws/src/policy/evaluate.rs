//! What a policy decides about a request.

use std::collections::BTreeMap;

use super::condition;
use super::document::Document;
use super::document::Only;
use super::document::Principals;
use super::document::Statement;
use super::wildcard;

/// What somebody wants to do.
#[derive(Clone, Debug)]
pub(crate) struct Request<'r> {
    /// `None` for policies that belong to who asks.
    pub(crate) principal: Option<&'r Principal>,
    /// Such as `sts:AssumeRole`.
    pub(crate) action: &'r str,
    /// `None` for policies that belong to the resource and do not name it.
    pub(crate) resource: Option<&'r str>,
    pub(crate) context: &'r Context,
}

/// Who wants to do something. Each part that is there may be named by a policy.
#[derive(Clone, Debug, Default)]
pub(crate) struct Principal {
    /// Of a user, a role, or a role's session.
    pub(crate) arns: Vec<String>,
    /// Twelve digits.
    pub(crate) account: Option<String>,
    /// Such as `codebuild.amazonaws.com`.
    pub(crate) service: Option<String>,
}

/// What is known about a request, by key. Keys have no case.
#[derive(Clone, Debug, Default)]
pub(crate) struct Context {
    values: BTreeMap<String, Vec<String>>,
}

/// What policies decide.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Decision {
    /// A statement allows it, none denies it.
    Allowed,
    /// A statement denies it.
    ExplicitDeny,
    /// No statement is about it.
    ImplicitDeny,
}

impl Context {
    /// Sets the values of a key.
    pub(crate) fn set<'v>(&mut self, key: &str, values: impl IntoIterator<Item = &'v str>) {
        let values = values.into_iter().map(str::to_owned).collect();
        self.values.insert(key.to_lowercase(), values);
    }

    pub(super) fn get(&self, key: &str) -> Option<&[String]> {
        self.values.get(&key.to_lowercase()).map(Vec::as_slice)
    }

    /// Puts values into a text for `${key}` and `${key, 'otherwise'}`. What has no value stays, and
    /// then nothing fits.
    pub(super) fn fill_in(&self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            filled.push_str(before);
            let Some((variable, after)) = after.split_once('}') else {
                filled.push_str("${");
                rest = after;
                continue;
            };
            let (key, otherwise) = match variable.split_once(',') {
                Some((key, otherwise)) => (key, Some(otherwise.trim().trim_matches('\''))),
                None => (variable, None),
            };
            let value = self.get(key.trim()).and_then(<[String]>::first);
            match (key, value.map(String::as_str).or(otherwise)) {
                ("*" | "?" | "$", _) => filled.push_str(key),
                (_, Some(value)) => filled.push_str(value),
                (_, None) => filled.push_str(&format!("${{{variable}}}")),
            }
            rest = after;
        }
        filled.push_str(rest);
        filled
    }
}

impl Decision {
    /// Puts the decisions of several policies together.
    pub(crate) const fn and_also(self, other: Self) -> Self {
        match (self, other) {
            (Self::ExplicitDeny, _) | (_, Self::ExplicitDeny) => Self::ExplicitDeny,
            (Self::Allowed, _) | (_, Self::Allowed) => Self::Allowed,
            (Self::ImplicitDeny, Self::ImplicitDeny) => Self::ImplicitDeny,
        }
    }
}

impl Document {
    /// What the policy decides.
    pub(crate) fn decide(&self, request: &Request<'_>) -> Decision {
        let about = self.statements_about(request);
        about.fold(Decision::ImplicitDeny, |decision, statement| {
            decision.and_also(statement.decision())
        })
    }

    /// The statements that are about a request.
    pub(crate) fn statements_about<'d>(
        &'d self,
        request: &'d Request<'_>,
    ) -> impl Iterator<Item = &'d Statement> {
        let has_variables = self.version.as_deref() == Some("2012-10-17");
        self.statements
            .iter()
            .filter(move |statement| statement.is_about(request, has_variables))
    }
}

impl Statement {
    /// What it decides about what it is about.
    pub(crate) const fn decision(&self) -> Decision {
        if self.is_allow {
            Decision::Allowed
        } else {
            Decision::ExplicitDeny
        }
    }

    fn is_about(&self, request: &Request<'_>, has_variables: bool) -> bool {
        let action = request.action.to_lowercase();
        let is_action = |pattern: &String| wildcard::matches(&pattern.to_lowercase(), &action);
        let is_resource = |pattern: &String| {
            request.resource.is_none_or(|resource| {
                if has_variables {
                    wildcard::matches(&request.context.fill_in(pattern), resource)
                } else {
                    wildcard::matches(pattern, resource)
                }
            })
        };
        let names = |only: &Option<Only<Vec<String>>>, is_it: &dyn Fn(&String) -> bool| match only {
            Some(Only::These(names)) => names.iter().any(is_it),
            Some(Only::AllBut(names)) => !names.iter().any(is_it),
            None => true,
        };
        let is_principal = match (&self.principals, request.principal) {
            (Some(Only::These(who)), Some(principal)) => principal.is_among(who),
            (Some(Only::AllBut(who)), Some(principal)) => !principal.is_among(who),
            (None, _) | (_, None) => true,
        };
        is_principal
            && names(&self.actions, &is_action)
            && names(&self.resources, &is_resource)
            && self
                .conditions
                .iter()
                .all(|one| condition::holds(one, request.context, has_variables))
    }

    fn keys(&self) -> impl Iterator<Item = &str> {
        self.conditions.iter().map(|one| one.key.as_str())
    }
}

impl Principal {
    fn is_among(&self, who: &Principals) -> bool {
        who.iter().any(|(kind, names)| match kind.as_str() {
            "AWS" => names.iter().any(|name| self.is_named(name)),
            "Service" => names.iter().any(|name| self.service.as_ref() == Some(name)),
            _ => false,
        })
    }

    fn is_named(&self, name: &str) -> bool {
        if name == "*" || self.arns.iter().any(|arn| arn == name) {
            return true;
        }
        self.account.as_deref().is_some_and(|account| {
            name == account || name == format!("arn:aws:iam::{account}:root")
        })
    }
}

/// The keys that policies look at and a request says nothing about.
pub(crate) fn missing_keys(documents: &[Document], context: &Context) -> Vec<String> {
    let statements = documents.iter().flat_map(|document| &document.statements);
    let mut missing: Vec<String> = statements
        .flat_map(Statement::keys)
        .filter(|key| context.get(key).is_none())
        .map(str::to_owned)
        .collect();
    missing.sort_unstable();
    missing.dedup();
    missing
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn decide(statements: serde_json::Value, action: &str, resource: &str) -> Decision {
        let text = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
        let mut context = Context::default();
        context.set("aws:username", ["student"]);
        Document::read(&text).unwrap().decide(&Request {
            principal: None,
            action,
            resource: Some(resource),
            context: &context,
        })
    }

    #[test]
    fn a_deny_wins_and_silence_denies() {
        let statements = json!([
            { "Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*" },
            { "Effect": "Deny", "NotAction": "s3:Get*", "Resource": "arn:aws:s3:::b/secret" },
        ]);
        let decide = |action, resource| decide(statements.clone(), action, resource);
        assert_eq!(
            decide("S3:GETOBJECT", "arn:aws:s3:::b/k"),
            Decision::Allowed
        );
        let secret = "arn:aws:s3:::b/secret";
        assert_eq!(decide("s3:GetObject", secret), Decision::Allowed);
        assert_eq!(decide("s3:PutObject", secret), Decision::ExplicitDeny);
        assert_eq!(
            decide("s3:GetObject", "arn:aws:s3:::c/k"),
            Decision::ImplicitDeny
        );
    }

    #[test]
    fn variables_take_the_requests_values() {
        let resource = "arn:aws:s3:::b/${aws:username}/${a:b, 'x'}${*}";
        let statements = json!({ "Effect": "Allow", "Action": "*", "Resource": resource });
        let resource = "arn:aws:s3:::b/student/x*";
        assert_eq!(
            decide(statements.clone(), "s3:GetObject", resource),
            Decision::Allowed
        );
        let other = "arn:aws:s3:::b/teacher/x*";
        assert_eq!(
            decide(statements, "s3:GetObject", other),
            Decision::ImplicitDeny
        );
    }

    #[test]
    fn a_service_is_only_meant_where_it_is_named() {
        let text = |principal: serde_json::Value| {
            json!({ "Statement": [{ "Effect": "Allow", "Principal": principal,
                "Action": "sts:AssumeRole" }] })
            .to_string()
        };
        let codebuild = Principal {
            service: Some("codebuild.amazonaws.com".to_owned()),
            ..Principal::default()
        };
        let context = Context::default();
        for (principal, expected) in [
            (
                json!({ "Service": "codebuild.amazonaws.com" }),
                Decision::Allowed,
            ),
            (
                json!({ "Service": ["ec2.amazonaws.com"] }),
                Decision::ImplicitDeny,
            ),
            (json!({ "AWS": "123456789012" }), Decision::ImplicitDeny),
        ] {
            let request = Request {
                principal: Some(&codebuild),
                action: "sts:AssumeRole",
                resource: None,
                context: &context,
            };
            let document = Document::read(&text(principal)).unwrap();
            assert_eq!(document.decide(&request), expected);
        }
    }
}
