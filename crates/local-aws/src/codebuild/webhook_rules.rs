//! What CodeBuild refuses in a webhook: which events a git server has, and which filters go with
//! them. As in "GitHub webhook events", "Bitbucket webhook events" and "GitLab webhook events" of the
//! CodeBuild user guide.

use regex::Regex;

use super::webhook_types::PullRequestBuildPolicy;
use super::webhook_types::ScopeConfiguration;
use super::webhook_types::WebhookFilter;
use crate::error::AwsError;

type Checked = Result<(), AwsError>;

/// The types of source that send events, as CodeBuild's messages name them.
const SERVERS: [(&str, &str); 5] = [
    ("GITHUB", "GitHub"),
    ("GITHUB_ENTERPRISE", "GitHub Enterprise"),
    ("BITBUCKET", "Bitbucket"),
    ("GITLAB", "GitLab"),
    ("GITLAB_SELF_MANAGED", "GitLab Self Managed"),
];

/// How many filters all groups of a webhook may have: each event is held against each.
const FILTERS: usize = 500;

/// The name of a type of source in messages.
///
/// # Errors
///
/// `InvalidInputException` if sources of this type send no events.
pub(super) fn server_name(source_type: &str) -> Result<&'static str, AwsError> {
    let found = SERVERS.iter().find(|(kind, _)| *kind == source_type);
    found.map(|(_, name)| *name).ok_or_else(|| {
        AwsError::invalid_input(format!(
            "Webhooks are not supported for source type {source_type}"
        ))
    })
}

/// Checks which build a webhook may start.
pub(super) fn check_build_type(build_type: &str) -> Checked {
    if build_type == "RUNNER_BUILDKITE_BUILD" {
        return refuse("The local AWS does not run Buildkite jobs. Use BUILD or BUILD_BATCH.");
    }
    Ok(())
}

/// Checks whose events a webhook takes.
pub(super) fn check_scope(scope: Option<&ScopeConfiguration>, source_type: &str) -> Checked {
    let Some(scope) = scope else { return Ok(()) };
    let fits = match scope.scope.as_str() {
        "GITLAB_GROUP" => source_type.starts_with("GITLAB"),
        _ => source_type.starts_with("GITHUB"),
    };
    if !fits {
        return refuse(format!(
            "Webhook scope {} is not supported for source type {source_type}",
            scope.scope
        ));
    }
    let is_own_server = matches!(source_type, "GITHUB_ENTERPRISE" | "GITLAB_SELF_MANAGED");
    if is_own_server && scope.domain.as_deref().unwrap_or_default().is_empty() {
        return refuse(format!(
            "Webhook scope domain is required for source type {source_type}"
        ));
    }
    Ok(())
}

/// Checks who may approve of pull requests.
pub(super) fn check_policy(policy: &PullRequestBuildPolicy, source_type: &str) -> Checked {
    let prefix = role_prefix(source_type);
    let roles = policy.approver_roles.iter().flatten();
    match roles.into_iter().find(|role| !role.starts_with(prefix)) {
        Some(role) => refuse(format!(
            "Approver role {role} is not supported for source type {source_type}"
        )),
        None => Ok(()),
    }
}

/// The policy of a webhook that names none, or no roles.
pub(super) fn with_policy_defaults(
    policy: Option<PullRequestBuildPolicy>,
    source_type: &str,
) -> PullRequestBuildPolicy {
    let roles: &[&str] = match role_prefix(source_type) {
        "GITLAB_" => &["GITLAB_DEVELOPER", "GITLAB_MAINTAINER", "GITLAB_OWNER"],
        "BITBUCKET_" => &["BITBUCKET_WRITE", "BITBUCKET_ADMIN"],
        _ => &["GITHUB_WRITE", "GITHUB_MAINTAIN", "GITHUB_ADMIN"],
    };
    let mut policy = policy.unwrap_or_else(|| PullRequestBuildPolicy {
        requires_comment_approval: "ALL_PULL_REQUESTS".to_owned(),
        approver_roles: None,
    });
    if policy.requires_comment_approval != "DISABLED" {
        policy
            .approver_roles
            .get_or_insert_with(|| roles.iter().map(|role| (*role).to_owned()).collect());
    }
    policy
}

fn role_prefix(source_type: &str) -> &'static str {
    match source_type {
        "GITLAB" | "GITLAB_SELF_MANAGED" => "GITLAB_",
        "BITBUCKET" => "BITBUCKET_",
        _ => "GITHUB_",
    }
}

/// Checks a regular expression.
pub(super) fn check_pattern(pattern: &str) -> Checked {
    match Regex::new(pattern) {
        Ok(_) => Ok(()),
        Err(error) => {
            let reason = error.to_string();
            let reason = reason.lines().last().unwrap_or_default();
            refuse(format!("Invalid regular expression '{pattern}': {reason}"))
        }
    }
}

/// Checks the filter groups of a webhook for sources of this type.
pub(super) fn check_filter_groups(
    groups: &[Vec<WebhookFilter>],
    source_type: &str,
    scope: Option<&ScopeConfiguration>,
) -> Checked {
    if groups.iter().map(Vec::len).sum::<usize>() > FILTERS {
        return refuse(format!("A webhook can have at most {FILTERS} filters"));
    }
    let scope = scope.map_or("", |scope| scope.scope.as_str());
    groups
        .iter()
        .try_for_each(|group| check_group(group, source_type, scope))
}

fn check_group(group: &[WebhookFilter], source_type: &str, scope: &str) -> Checked {
    let server = server_name(source_type)?;
    let mut of_events = group.iter().filter(|filter| filter.r#type == "EVENT");
    let (Some(event_filter), None) = (of_events.next(), of_events.next()) else {
        return refuse("A webhook filter group must contain exactly one EVENT filter");
    };
    let events: Vec<&str> = event_filter.pattern.split(',').map(str::trim).collect();
    if events.contains(&"WORKFLOW_JOB_QUEUED") && source_type != "BITBUCKET" {
        return refuse(
            "The local AWS does not run jobs of GitHub Actions or GitLab: WORKFLOW_JOB_QUEUED \
             starts no build here",
        );
    }
    let unknown: Vec<&str> = events
        .iter()
        .copied()
        .filter(|event| !has_event(source_type, event))
        .collect();
    if !unknown.is_empty() {
        return refuse(format!(
            "The following EVENT types are not supported for {server} webhook: [{}]",
            unknown.join(", ")
        ));
    }
    let forbidden: Vec<&str> = group
        .iter()
        .map(|filter| filter.r#type.as_str())
        .filter(|filter| {
            !events
                .iter()
                .all(|event| goes_with(filter, event, source_type, scope))
        })
        .collect();
    if !forbidden.is_empty() {
        return refuse(format!(
            "The following filter types are not allowed for {server} webhook when EVENT is [{}]: \
             [{}]. Make sure input filter types are supported by all the EVENT types specified.",
            events.join(", "),
            forbidden.join(", ")
        ));
    }
    group
        .iter()
        .filter(|filter| filter.r#type != "EVENT")
        .try_for_each(|filter| check_pattern(&filter.pattern))
}

fn has_event(source_type: &str, event: &str) -> bool {
    match event {
        "PUSH"
        | "PULL_REQUEST_CREATED"
        | "PULL_REQUEST_UPDATED"
        | "PULL_REQUEST_MERGED"
        | "PULL_REQUEST_CLOSED" => true,
        "PULL_REQUEST_REOPENED" => source_type != "BITBUCKET",
        "RELEASED" => matches!(source_type, "GITHUB" | "GITLAB" | "GITLAB_SELF_MANAGED"),
        "PRERELEASED" => source_type == "GITHUB",
        _ => false,
    }
}

fn goes_with(filter: &str, event: &str, source_type: &str, scope: &str) -> bool {
    let is_pull_request = event.starts_with("PULL_REQUEST_");
    let is_release = matches!(event, "RELEASED" | "PRERELEASED");
    match filter {
        "EVENT" | "ACTOR_ACCOUNT_ID" => true,
        "HEAD_REF" => !is_release,
        "BASE_REF" => is_pull_request,
        "FILE_PATH" | "COMMIT_MESSAGE" if source_type == "GITHUB_ENTERPRISE" => event == "PUSH",
        "FILE_PATH" | "COMMIT_MESSAGE" => !is_release,
        "TAG_NAME" | "RELEASE_NAME" => is_release,
        "REPOSITORY_NAME" => !scope.is_empty(),
        "ORGANIZATION_NAME" => scope == "GITHUB_GLOBAL",
        _ => false,
    }
}

fn refuse(message: impl Into<String>) -> Checked {
    Err(AwsError::invalid_input(message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(source_type: &str, scope: Option<&str>, filters: &[(&str, &str)]) -> String {
        let group = filters.iter().map(|(kind, pattern)| WebhookFilter {
            r#type: (*kind).to_owned(),
            pattern: (*pattern).to_owned(),
            exclude_matched_pattern: false,
        });
        let scope = scope.map(|scope| ScopeConfiguration {
            name: "org".to_owned(),
            domain: None,
            scope: scope.to_owned(),
        });
        let checked = check_filter_groups(&[group.collect()], source_type, scope.as_ref());
        let message = checked.err().and_then(|error| error.message);
        message.unwrap_or_default()
    }

    #[test]
    fn each_group_has_one_event_filter_and_what_goes_with_it() {
        let all = "PUSH, PULL_REQUEST_CREATED, PULL_REQUEST_UPDATED, PULL_REQUEST_MERGED,\
                   PULL_REQUEST_CLOSED";
        let push = ("EVENT", "PUSH");
        let release = ("EVENT", "RELEASED, PRERELEASED");
        let opened = ("EVENT", "PULL_REQUEST_CREATED");
        let no = "filter types are not allowed";
        let organization = Some("GITHUB_ORGANIZATION");
        for (server, scope, filters, expected) in [
            (
                "GITHUB",
                None,
                &[push, ("HEAD_REF", "^refs/heads/main$")][..],
                "",
            ),
            (
                "GITHUB",
                None,
                &[("EVENT", all), ("FILE_PATH", "^src/")],
                "",
            ),
            ("GITHUB", None, &[("EVENT", "PULL_REQUEST_REOPENED")], ""),
            ("GITHUB", None, &[release, ("TAG_NAME", "^v")], ""),
            ("GITHUB", None, &[opened, ("BASE_REF", "main")], ""),
            ("GITLAB", None, &[("EVENT", "RELEASED")], ""),
            ("BITBUCKET", None, &[("EVENT", all), ("HEAD_REF", "x")], ""),
            (
                "GITHUB",
                organization,
                &[push, ("REPOSITORY_NAME", "x")],
                "",
            ),
            (
                "GITHUB",
                Some("GITHUB_GLOBAL"),
                &[push, ("ORGANIZATION_NAME", "x")],
                "",
            ),
            ("GITHUB", None, &[], "exactly one EVENT filter"),
            (
                "GITHUB",
                None,
                &[("HEAD_REF", "x")],
                "exactly one EVENT filter",
            ),
            ("GITHUB", None, &[push, push], "exactly one EVENT filter"),
            (
                "GITHUB",
                None,
                &[("EVENT", "PUSHED")],
                "GitHub webhook: [PUSHED]",
            ),
            (
                "GITHUB",
                None,
                &[("EVENT", "")],
                "not supported for GitHub webhook: []",
            ),
            (
                "GITHUB",
                None,
                &[("EVENT", "push")],
                "not supported for GitHub webhook",
            ),
            (
                "BITBUCKET",
                None,
                &[("EVENT", "PULL_REQUEST_REOPENED")],
                "not supported",
            ),
            (
                "GITHUB_ENTERPRISE",
                None,
                &[("EVENT", "RELEASED")],
                "not supported",
            ),
            ("GITLAB", None, &[("EVENT", "PRERELEASED")], "not supported"),
            (
                "GITHUB",
                None,
                &[("EVENT", "WORKFLOW_JOB_QUEUED")],
                "does not run jobs",
            ),
            (
                "GITHUB",
                None,
                &[push, ("BASE_REF", "main")],
                "The following filter types are not allowed for GitHub webhook when EVENT is \
                 [PUSH]: [BASE_REF]. Make sure input filter types are supported by all the EVENT \
                 types specified.",
            ),
            ("GITHUB", None, &[("EVENT", all), ("BASE_REF", "main")], no),
            ("GITHUB", None, &[push, ("TAG_NAME", "v")], no),
            ("GITHUB", None, &[release, ("HEAD_REF", "v")], no),
            ("GITHUB", None, &[push, ("WORKFLOW_NAME", "x")], no),
            ("GITHUB", None, &[push, ("REPOSITORY_NAME", "x")], no),
            (
                "GITHUB",
                organization,
                &[push, ("ORGANIZATION_NAME", "x")],
                no,
            ),
            ("GITHUB_ENTERPRISE", None, &[opened, ("FILE_PATH", "x")], no),
            (
                "GITHUB",
                None,
                &[push, ("HEAD_REF", "(")],
                "Invalid regular expression '('",
            ),
        ] {
            let refused = refusal(server, scope, filters);
            let fits = match expected {
                "" => refused.is_empty(),
                text => refused.contains(text),
            };
            assert!(fits, "{server} {scope:?} {filters:?}: {refused}");
        }
    }

    #[test]
    fn scopes_and_roles_belong_to_their_servers() {
        let scope = |scope: &str, domain: Option<&str>| ScopeConfiguration {
            name: "org".to_owned(),
            domain: domain.map(str::to_owned),
            scope: scope.to_owned(),
        };
        for (given, source_type, good) in [
            (scope("GITHUB_ORGANIZATION", None), "GITHUB", true),
            (scope("GITHUB_ORGANIZATION", None), "GITLAB", false),
            (scope("GITHUB_GLOBAL", None), "GITHUB_ENTERPRISE", false),
            (
                scope("GITHUB_GLOBAL", Some("git.example.org")),
                "GITHUB_ENTERPRISE",
                true,
            ),
            (scope("GITLAB_GROUP", None), "GITLAB", true),
            (scope("GITLAB_GROUP", None), "BITBUCKET", false),
        ] {
            let checked = check_scope(Some(&given), source_type);
            assert_eq!(checked.is_ok(), good, "{given:?} {source_type}");
        }
        for source_type in ["GITHUB", "GITLAB", "BITBUCKET"] {
            let policy = with_policy_defaults(None, source_type);
            assert!(check_policy(&policy, source_type).is_ok());
            let other = if source_type == "GITLAB" {
                "GITHUB"
            } else {
                "GITLAB"
            };
            assert!(check_policy(&policy, other).is_err());
        }
        let disabled = PullRequestBuildPolicy {
            requires_comment_approval: "DISABLED".to_owned(),
            approver_roles: None,
        };
        assert_eq!(
            with_policy_defaults(Some(disabled.clone()), "GITHUB"),
            disabled
        );
    }
}
