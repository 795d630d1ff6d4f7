//! What policies would allow: SimulatePrincipalPolicy and SimulateCustomPolicy.

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::managed;
use super::paging::Page;
use super::record;
use super::record::Role;
use crate::error::AwsError;
use crate::policy::Context;
use crate::policy::Decision;
use crate::policy::Document;
use crate::policy::Principal;
use crate::policy::Request;
use crate::policy::missing_keys;
use crate::services::Services;

const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Simulation {
    policy_source_arn: Option<String>,
    #[serde(default)]
    policy_input_list: Vec<String>,
    #[serde(default)]
    permissions_boundary_policy_input_list: Vec<String>,
    action_names: Vec<String>,
    resource_arns: Option<Vec<String>>,
    resource_policy: Option<String>,
    caller_arn: Option<String>,
    #[serde(default)]
    context_entries: Vec<ContextEntry>,
    #[serde(flatten)]
    page: Page,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ContextEntry {
    context_key_name: Option<String>,
    #[serde(default)]
    context_key_values: Vec<String>,
}

/// A policy, where it comes from, and as what.
struct Source {
    id: String,
    kind: &'static str,
    document: Document,
}

/// All that decides.
struct Policies {
    sources: Vec<Source>,
    boundary: Option<Vec<Document>>,
    resource_policy: Option<Source>,
}

/// SimulateCustomPolicy.
pub(super) fn custom(services: &Services, input: &Simulation) -> Result<Value, AwsError> {
    run(services, input, Vec::new(), None)
}

/// SimulatePrincipalPolicy: the policies of a role, or of the user, who may do everything.
pub(super) fn principal(services: &Services, input: &Simulation) -> Result<Value, AwsError> {
    let account = &services.account;
    let arn = input.policy_source_arn.as_deref().unwrap_or_default();
    let role_name = || {
        let resource = arn.strip_prefix(&account.role_arn("/", ""))?;
        resource.rsplit('/').next()
    };
    let (sources, boundary) = if arn == account.user_arn() {
        let administrator = managed::policy(ADMINISTRATOR);
        let source = administrator
            .map(|policy| source("AdministratorAccess", "aws-managed", policy.document()));
        (source.into_iter().collect::<Result<_, _>>()?, None)
    } else if let Some(name) = role_name() {
        let role = record::find_role(&services.store, name)?;
        (of_role(services, &role)?, boundary_of(services, &role)?)
    } else {
        return Err(AwsError::new(
            "InvalidInput",
            format!("Invalid Entity Arn: {arn} does not clearly define entity type and name."),
        ));
    };
    run(services, input, sources, boundary)
}

/// What a role's policies decide.
pub(super) fn decide(
    services: &Services,
    role: &Role,
    action: &str,
    resource: &str,
    context: &Context,
) -> Result<Decision, AwsError> {
    let policies = Policies {
        sources: of_role(services, role)?,
        boundary: boundary_of(services, role)?,
        resource_policy: None,
    };
    let request = Request {
        principal: None,
        action,
        resource: Some(resource),
        context,
    };
    Ok(policies.decide(&request, None).0)
}

impl Policies {
    /// The decision, and whether the permissions boundary allows it.
    fn decide(&self, request: &Request<'_>, caller: Option<&Principal>) -> (Decision, bool) {
        let mut decision = self.of_sources(request);
        let within = self.boundary.as_ref().is_none_or(|boundary| {
            let mut documents = boundary.iter();
            documents.any(|document| document.decide(request) == Decision::Allowed)
        });
        if !within && decision == Decision::Allowed {
            decision = Decision::ImplicitDeny;
        }
        if let Some(source) = &self.resource_policy {
            let request = Request {
                principal: caller,
                ..request.clone()
            };
            decision = decision.and_also(source.document.decide(&request));
        }
        (decision, within)
    }

    fn of_sources(&self, request: &Request<'_>) -> Decision {
        let decisions = self.sources.iter();
        let decisions = decisions.map(|source| source.document.decide(request));
        decisions.fold(Decision::ImplicitDeny, Decision::and_also)
    }

    /// The statements that lead to a decision.
    fn matched(
        &self,
        request: &Request<'_>,
        caller: Option<&Principal>,
        decision: Decision,
    ) -> Vec<Value> {
        let with_caller = Request {
            principal: caller,
            ..request.clone()
        };
        let own = self.sources.iter().map(|source| (source, request));
        let of_resource = self.resource_policy.iter();
        let of_resource = of_resource.map(|source| (source, &with_caller));
        let mut matched = Vec::new();
        for (source, request) in own.chain(of_resource) {
            let about = source.document.statements_about(request);
            let count = about
                .filter(|statement| statement.decision() == decision)
                .count();
            for _ in 0..count {
                matched
                    .push(json!({ "SourcePolicyId": source.id, "SourcePolicyType": source.kind }));
            }
        }
        matched
    }
}

fn run(
    services: &Services,
    input: &Simulation,
    mut sources: Vec<Source>,
    mut boundary: Option<Vec<Document>>,
) -> Result<Value, AwsError> {
    for (index, text) in input.policy_input_list.iter().enumerate() {
        sources.push(source(
            &format!("PolicyInputList.{}", index + 1),
            "none",
            text,
        )?);
    }
    let given = &input.permissions_boundary_policy_input_list;
    if !given.is_empty() {
        let documents = given.iter().map(|text| read(text));
        boundary = Some(documents.collect::<Result<_, _>>()?);
    }
    let resource_policy = input.resource_policy.as_deref();
    let policies = Policies {
        sources,
        boundary,
        resource_policy: resource_policy
            .map(|text| source("ResourcePolicy", "resource", text))
            .transpose()?,
    };
    let caller = caller(services, input);
    let mut context = Context::default();
    for entry in &input.context_entries {
        let values = entry.context_key_values.iter().map(String::as_str);
        context.set(
            entry.context_key_name.as_deref().unwrap_or_default(),
            values,
        );
    }
    let documents: Vec<Document> = policies
        .sources
        .iter()
        .map(|source| source.document.clone())
        .collect();
    let missing = missing_keys(&documents, &context);
    let everything = vec!["*".to_owned()];
    let resources = input.resource_arns.as_ref().unwrap_or(&everything);
    let mut results = Vec::new();
    for action in &input.action_names {
        if action
            .split_once(':')
            .is_none_or(|(vendor, name)| vendor.is_empty() || name.is_empty())
        {
            return Err(AwsError::new(
                "InvalidInput",
                format!("Invalid Action: {action} is not of the form service:operation."),
            ));
        }
        for resource in resources {
            let request = Request {
                principal: None,
                action,
                resource: Some(resource),
                context: &context,
            };
            let (decision, within) = policies.decide(&request, Some(&caller));
            let mut result = json!({
                "EvalActionName": action,
                "EvalResourceName": resource,
                "EvalDecision": shown(decision),
                "MatchedStatements": policies.matched(&request, Some(&caller), decision),
                "MissingContextValues": missing,
            });
            if policies.boundary.is_some() {
                result["PermissionsBoundaryDecisionDetail"] =
                    json!({ "AllowedByPermissionsBoundary": within });
            }
            results.push((format!("{:08}", results.len()), result));
        }
    }
    let list = format!("Simulate {:?} {resources:?}", input.action_names);
    input.page.of(services, &list, "EvaluationResults", results)
}

fn caller(services: &Services, input: &Simulation) -> Principal {
    let arn = input
        .caller_arn
        .as_ref()
        .or(input.policy_source_arn.as_ref());
    Principal {
        arns: arn.into_iter().cloned().collect(),
        account: Some(services.account.id.clone()),
        service: None,
    }
}

fn of_role(services: &Services, role: &Role) -> Result<Vec<Source>, AwsError> {
    let mut sources = Vec::new();
    for arn in &role.attached {
        let policy = record::find_policy(services, arn)?;
        let kind = match managed::policy(arn) {
            Some(_) => "aws-managed",
            None => "user-managed",
        };
        sources.push(source(&policy.name, kind, policy.document())?);
    }
    for (name, document) in &role.inline {
        sources.push(source(
            &format!("role_{}_{name}", role.name),
            "role",
            document,
        )?);
    }
    Ok(sources)
}

fn boundary_of(services: &Services, role: &Role) -> Result<Option<Vec<Document>>, AwsError> {
    let Some(arn) = &role.boundary else {
        return Ok(None);
    };
    let policy = record::find_policy(services, arn)?;
    Ok(Some(vec![read(policy.document())?]))
}

fn source(id: &str, kind: &'static str, text: &str) -> Result<Source, AwsError> {
    Ok(Source {
        id: id.to_owned(),
        kind,
        document: read(text)?,
    })
}

fn read(text: &str) -> Result<Document, AwsError> {
    Document::read(text).map_err(|error| AwsError::new("InvalidInput", error.0))
}

const fn shown(decision: Decision) -> &'static str {
    match decision {
        Decision::Allowed => "allowed",
        Decision::ExplicitDeny => "explicitDeny",
        Decision::ImplicitDeny => "implicitDeny",
    }
}
