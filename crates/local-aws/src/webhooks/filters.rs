//! Whether an event passes a webhook's filters.

use regex::Regex;

use super::event::Event;
use crate::codebuild::StoredWebhook;
use crate::codebuild::WebhookFilter;

/// What starts a build if there are no filter groups.
const DEFAULT_EVENTS: [&str; 4] = [
    "PUSH",
    "PULL_REQUEST_CREATED",
    "PULL_REQUEST_UPDATED",
    "PULL_REQUEST_REOPENED",
];

/// Whether the event passes one of the filter groups, or the branch filter.
///
/// # Errors
///
/// Why it does not: one sentence for each group.
pub(super) fn check(webhook: &StoredWebhook, event: &Event) -> Result<(), Vec<String>> {
    if webhook.filter_groups.is_empty() {
        return check_branch(webhook.branch_filter.as_deref(), event).map_err(|why| vec![why]);
    }
    let mut reasons = Vec::new();
    for (number, group) in (1_usize..).zip(&webhook.filter_groups) {
        match group.iter().try_for_each(|filter| check_one(filter, event)) {
            Ok(()) => return Ok(()),
            Err(reason) => reasons.push(format!("Filter group {number}: {reason}")),
        }
    }
    Err(reasons)
}

fn check_branch(filter: Option<&str>, event: &Event) -> Result<(), String> {
    if !DEFAULT_EVENTS.contains(&event.kind) {
        return Err(format!(
            "{} starts a build only if a filter group names it",
            event.kind
        ));
    }
    let Some(filter) = filter else { return Ok(()) };
    let Some(branch) = event.head_ref.as_deref().and_then(branch) else {
        return Err("The event is not about a branch".to_owned());
    };
    if regex(filter)?.is_match(branch) {
        Ok(())
    } else {
        Err(format!("The branch {branch} does not match {filter}"))
    }
}

fn branch(reference: &str) -> Option<&str> {
    reference.strip_prefix("refs/heads/")
}

fn check_one(filter: &WebhookFilter, event: &Event) -> Result<(), String> {
    let kind = filter.r#type.as_str();
    let pattern = &filter.pattern;
    let texts: Vec<&str> = match kind {
        "EVENT" => {
            let named = pattern.split(',').any(|name| name.trim() == event.kind);
            return if named != filter.exclude_matched_pattern {
                Ok(())
            } else {
                Err(format!("the event is {}, not {pattern}", event.kind))
            };
        }
        "FILE_PATH" => match &event.files {
            Some(files) => files.iter().map(String::as_str).collect(),
            None => return Err(unknown(kind, event)),
        },
        _ => match value(kind, event) {
            Some(text) => vec![text],
            None => return Err(unknown(kind, event)),
        },
    };
    let regex = regex(pattern)?;
    let matching = texts.iter().find(|text| regex.is_match(text));
    match (matching, filter.exclude_matched_pattern) {
        (Some(_), false) | (None, true) => Ok(()),
        (Some(text), true) => Err(format!("{kind} {text} matches {pattern}")),
        (None, false) => {
            let text = texts.join(", ");
            Err(format!("{kind} {text} does not match {pattern}"))
        }
    }
}

fn value<'a>(kind: &str, event: &'a Event) -> Option<&'a str> {
    let value = match kind {
        "ACTOR_ACCOUNT_ID" => &event.actor,
        "HEAD_REF" => &event.head_ref,
        "BASE_REF" => &event.base_ref,
        "COMMIT_MESSAGE" => &event.commit_message,
        "TAG_NAME" => &event.tag_name,
        "RELEASE_NAME" => &event.release_name,
        "REPOSITORY_NAME" => &event.repository_name,
        "ORGANIZATION_NAME" => &event.organization_name,
        _ => &None,
    };
    value.as_deref()
}

/// AWS asks the server for what the payload does not tell; here nobody is asked.
fn unknown(kind: &str, event: &Event) -> String {
    format!(
        "{kind} cannot be decided: the payload of {} does not tell it",
        event.kind
    )
}

fn regex(pattern: &str) -> Result<Regex, String> {
    Regex::new(pattern).map_err(|_| format!("{pattern} is not a regular expression"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codebuild::PullRequestBuildPolicy;
    use crate::hidden::Hidden;
    use crate::timestamp::EpochSeconds;

    fn webhook(branch_filter: Option<&str>, groups: &[&[(&str, &str, bool)]]) -> StoredWebhook {
        let filter = |(kind, pattern, exclude): &(&str, &str, bool)| WebhookFilter {
            r#type: (*kind).to_owned(),
            pattern: (*pattern).to_owned(),
            exclude_matched_pattern: *exclude,
        };
        StoredWebhook {
            token: String::new(),
            secret: Hidden(String::new()),
            last_modified_secret: EpochSeconds::now(),
            source_type: "GITHUB".to_owned(),
            branch_filter: branch_filter.map(str::to_owned),
            filter_groups: groups
                .iter()
                .map(|group| group.iter().map(filter).collect())
                .collect(),
            build_type: "BUILD".to_owned(),
            manual_creation: true,
            scope_configuration: None,
            pull_request_build_policy: PullRequestBuildPolicy {
                requires_comment_approval: "DISABLED".to_owned(),
                approver_roles: None,
            },
        }
    }

    fn push() -> Event {
        Event {
            kind: "PUSH",
            actor: Some("12345".to_owned()),
            head_ref: Some("refs/heads/main".to_owned()),
            files: Some(vec!["src/main.rs".to_owned(), "README.md".to_owned()]),
            commit_message: Some("Fix it [CodeBuild]".to_owned()),
            repository_name: Some("repo".to_owned()),
            organization_name: Some("owner".to_owned()),
            ..Event::default()
        }
    }

    fn pull_request() -> Event {
        Event {
            kind: "PULL_REQUEST_CREATED",
            head_ref: Some("refs/heads/feature".to_owned()),
            base_ref: Some("refs/heads/main".to_owned()),
            ..Event::default()
        }
    }

    fn release() -> Event {
        Event {
            kind: "RELEASED",
            tag_name: Some("v1.0".to_owned()),
            release_name: Some("The first".to_owned()),
            ..Event::default()
        }
    }

    #[test]
    fn every_filter_of_a_group_must_pass() {
        const PUSH: (&str, &str, bool) = ("EVENT", "PUSH", false);
        const PULL: (&str, &str, bool) = ("EVENT", "PULL_REQUEST_CREATED,PUSH", false);
        const RELEASE: (&str, &str, bool) = ("EVENT", "RELEASED, PRERELEASED", false);
        for (event, group, expected) in [
            (push(), &[PUSH][..], true),
            (push(), &[PULL], true),
            (push(), &[RELEASE], false),
            (
                push(),
                &[PUSH, ("HEAD_REF", "^refs/heads/main$", false)],
                true,
            ),
            (
                push(),
                &[PUSH, ("HEAD_REF", "^refs/heads/main$", true)],
                false,
            ),
            (push(), &[PUSH, ("HEAD_REF", "^refs/tags/", true)], true),
            (push(), &[PUSH, ("HEAD_REF", "^refs/tags/", false)], false),
            (push(), &[PUSH, ("HEAD_REF", "main", false)], true),
            (
                push(),
                &[PUSH, ("ACTOR_ACCOUNT_ID", "^12345$", false)],
                true,
            ),
            (
                push(),
                &[PUSH, ("ACTOR_ACCOUNT_ID", "^1234$", false)],
                false,
            ),
            (push(), &[PUSH, ("FILE_PATH", "^src/", false)], true),
            (push(), &[PUSH, ("FILE_PATH", "^docs/", false)], false),
            // One file that matches is enough to be left out.
            (push(), &[PUSH, ("FILE_PATH", r"\.md$", true)], false),
            (push(), &[PUSH, ("FILE_PATH", "^docs/", true)], true),
            (
                push(),
                &[PUSH, ("COMMIT_MESSAGE", r"\[CodeBuild\]", false)],
                true,
            ),
            (
                push(),
                &[PUSH, ("COMMIT_MESSAGE", r"\[skip ci\]", true)],
                true,
            ),
            (push(), &[PUSH, ("REPOSITORY_NAME", "^repo$", false)], true),
            (
                push(),
                &[PUSH, ("ORGANIZATION_NAME", "other", false)],
                false,
            ),
            (
                push(),
                &[
                    PUSH,
                    ("HEAD_REF", "main", false),
                    ("FILE_PATH", "^docs/", false),
                ],
                false,
            ),
            (pull_request(), &[PULL], true),
            (pull_request(), &[PUSH], false),
            (
                pull_request(),
                &[PULL, ("BASE_REF", "^refs/heads/main$", false)],
                true,
            ),
            (
                pull_request(),
                &[PULL, ("HEAD_REF", "^refs/heads/main$", false)],
                false,
            ),
            // What is not known passes neither way.
            (pull_request(), &[PULL, ("FILE_PATH", ".", false)], false),
            (
                pull_request(),
                &[PULL, ("FILE_PATH", "^docs/", true)],
                false,
            ),
            (
                pull_request(),
                &[PULL, ("COMMIT_MESSAGE", "skip", true)],
                false,
            ),
            (release(), &[RELEASE, ("TAG_NAME", "^v1", false)], true),
            (release(), &[RELEASE, ("TAG_NAME", "^v2", false)], false),
            (
                release(),
                &[RELEASE, ("RELEASE_NAME", "first", false)],
                true,
            ),
        ] {
            let passes = check(&webhook(None, &[group]), &event).is_ok();
            assert_eq!(passes, expected, "{group:?} {event:?}");
        }
    }

    #[test]
    fn one_group_that_passes_is_enough_and_each_other_says_why() {
        let main = ("HEAD_REF", "^refs/heads/main$", false);
        let groups: [&[(&str, &str, bool)]; 2] = [
            &[("EVENT", "PULL_REQUEST_CREATED", false)],
            &[("EVENT", "PUSH", false), main],
        ];
        let webhook = webhook(None, &groups);
        assert_eq!(check(&webhook, &push()), Ok(()));
        let mut other = push();
        other.head_ref = Some("refs/heads/other".to_owned());
        assert_eq!(
            check(&webhook, &other),
            Err(vec![
                "Filter group 1: the event is PUSH, not PULL_REQUEST_CREATED".to_owned(),
                "Filter group 2: HEAD_REF refs/heads/other does not match ^refs/heads/main$"
                    .to_owned(),
            ])
        );
    }

    #[test]
    fn without_groups_pushes_and_open_pull_requests_count_and_the_branch() {
        let mut tag = push();
        tag.head_ref = Some("refs/tags/main".to_owned());
        for (filter, event, expected) in [
            (None, push(), true),
            (None, pull_request(), true),
            (None, tag.clone(), true),
            (None, release(), false),
            (Some("^main$"), push(), true),
            (Some("^main$"), pull_request(), false),
            (Some("^main$"), tag, false),
        ] {
            let passes = check(&webhook(filter, &[]), &event).is_ok();
            assert_eq!(passes, expected, "{filter:?} {event:?}");
        }
    }
}
