//! GitLab's events: "Webhook events" of its documents, and how "GitLab webhook events" of the
//! CodeBuild user guide reads them.

use http::HeaderMap;
use serde_json::Value;

use super::Reading;
use super::event::Contributor;
use super::event::Event;
use super::event::trigger_of;
use super::payload::Refusal;
use super::payload::changed_files;
use super::payload::event_header;
use super::payload::id;
use super::payload::is_no_commit;
use super::payload::number;
use super::payload::required;
use super::payload::text;

/// Reads a delivery.
pub(super) fn read(headers: &HeaderMap, payload: &Value) -> Result<Reading, Refusal> {
    match event_header(headers, "X-Gitlab-Event")? {
        "Push Hook" | "Tag Push Hook" => push(payload),
        "Merge Request Hook" => merge_request(payload),
        "Release Hook" => release(payload),
        other => Ok(Reading::Nothing(format!(
            "{other} is no event of CodeBuild"
        ))),
    }
}

fn push(payload: &Value) -> Result<Reading, Refusal> {
    let reference = required(payload, "/ref")?;
    let after = required(payload, "/after")?;
    if is_no_commit(&after) {
        return Ok(Reading::Nothing(format!("{reference} was deleted")));
    }
    // Of an annotated tag `after` is the tag itself.
    let source_version = text(payload, "/checkout_sha").unwrap_or(after);
    let commits = payload.pointer("/commits").and_then(Value::as_array);
    let head = commits.and_then(|commits| {
        let is_head = |commit: &&Value| text(commit, "/id").as_ref() == Some(&source_version);
        commits.iter().find(is_head)
    });
    Ok(Reading::Events(vec![Event {
        kind: "PUSH",
        actor: id(payload, "/user_id"),
        commit_message: head.and_then(|head| text(head, "/message")),
        source_version,
        prev_commit: text(payload, "/before"),
        trigger: trigger_of(&reference),
        files: changed_files(commits.into_iter().flatten()),
        head_ref: Some(reference),
        ..repository(payload)
    }]))
}

fn merge_request(payload: &Value) -> Result<Reading, Refusal> {
    let action = text(payload, "/object_attributes/action").unwrap_or_default();
    let kind = match action.as_str() {
        "open" => "PULL_REQUEST_CREATED",
        "update" => "PULL_REQUEST_UPDATED",
        "reopen" => "PULL_REQUEST_REOPENED",
        "merge" => "PULL_REQUEST_MERGED",
        "close" => "PULL_REQUEST_CLOSED",
        other => {
            return Ok(Reading::Nothing(format!(
                "Merge Request Hook with action '{other}' is no event of CodeBuild"
            )));
        }
    };
    let is_merged = kind == "PULL_REQUEST_MERGED";
    let number = number(payload, "/object_attributes/iid")?;
    let head = required(payload, "/object_attributes/source_branch")?;
    let base = required(payload, "/object_attributes/target_branch")?;
    let source_version = required(payload, "/object_attributes/last_commit/id")?;
    let squashed = text(payload, "/object_attributes/squash_commit_sha");
    let merged = || text(payload, "/object_attributes/merge_commit_sha");
    let project = |side: &str| id(payload, &format!("/object_attributes/{side}_project_id"));
    let contributor = Contributor {
        role: None,
        is_from_fork: project("source") != project("target"),
    };
    Ok(Reading::Events(vec![Event {
        kind,
        actor: id(payload, "/user/id"),
        source_version,
        trigger: format!("pr/{number}"),
        head_ref: Some(format!("refs/heads/{head}")),
        base_ref: Some(format!("refs/heads/{base}")),
        merge_commit: squashed.or_else(merged).filter(|_| is_merged),
        commit_message: text(payload, "/object_attributes/last_commit/message"),
        contributor: Some(contributor).filter(|_| !is_merged),
        ..repository(payload)
    }]))
}

fn release(payload: &Value) -> Result<Reading, Refusal> {
    let action = required(payload, "/action")?;
    if !matches!(action.as_str(), "create" | "update") {
        return Ok(Reading::Nothing(format!(
            "Release Hook with action {action} is no event of CodeBuild"
        )));
    }
    let tag = required(payload, "/tag")?;
    Ok(Reading::Events(vec![Event {
        kind: "RELEASED",
        source_version: format!("refs/tags/{tag}"),
        trigger: format!("tag/{tag}"),
        head_ref: Some(format!("refs/tags/{tag}")),
        release_name: text(payload, "/name"),
        tag_name: Some(tag),
        ..repository(payload)
    }]))
}

/// What every event has.
fn repository(payload: &Value) -> Event {
    let path = text(payload, "/project/path_with_namespace");
    let parts = path.as_deref().and_then(|path| path.rsplit_once('/'));
    Event {
        repository_name: parts.map(|(_, name)| name.to_owned()),
        organization_name: parts.map(|(group, _)| group.to_owned()),
        clone_url: text(payload, "/project/git_http_url"),
        ..Event::default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(name: &'static str, payload: Value) -> Event {
        let mut headers = HeaderMap::new();
        headers.insert("x-gitlab-event", http::HeaderValue::from_static(name));
        match read(&headers, &payload).unwrap() {
            Reading::Events(mut events) => events.remove(0),
            Reading::Nothing(reason) => panic!("{reason}"),
        }
    }

    #[test]
    fn a_push_a_merge_request_and_a_release_are_read() {
        let project = json!({
            "path_with_namespace": "group/sub/repo",
            "git_http_url": "https://gitlab.com/group/sub/repo.git",
        });
        let push = event(
            "Push Hook",
            json!({
                "ref": "refs/heads/main", "before": "a", "after": "b", "checkout_sha": "b",
                "user_id": 4, "project": project,
                "commits": [
                    { "id": "x", "message": "old", "added": ["1"] },
                    { "id": "b", "message": "new", "modified": ["2"] },
                ],
            }),
        );
        assert_eq!(push.kind, "PUSH");
        assert_eq!(push.actor.as_deref(), Some("4"));
        assert_eq!(push.commit_message.as_deref(), Some("new"));
        assert_eq!(push.files, Some(vec!["1".to_owned(), "2".to_owned()]));
        assert_eq!(push.repository_name.as_deref(), Some("repo"));

        let merge = event(
            "Merge Request Hook",
            json!({
                "user": { "id": 4 },
                "object_attributes": {
                    "action": "merge", "iid": 3, "source_branch": "f", "target_branch": "main",
                    "last_commit": { "id": "b", "message": "m" },
                    "merge_commit_sha": "c", "squash_commit_sha": null,
                },
            }),
        );
        assert_eq!(merge.kind, "PULL_REQUEST_MERGED");
        assert_eq!(merge.merge_commit.as_deref(), Some("c"));
        assert_eq!(
            (merge.source_version.as_str(), merge.trigger.as_str()),
            ("b", "pr/3")
        );

        let release = json!({ "action": "create", "tag": "v1", "name": "First" });
        let release = event("Release Hook", release);
        assert_eq!(
            (release.kind, release.trigger.as_str()),
            ("RELEASED", "tag/v1")
        );
    }
}
