//! GitHub's events: "Webhook events and payloads" of its documents, and how "GitHub webhook events"
//! of the CodeBuild user guide reads them.

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
    match event_header(headers, "X-GitHub-Event")? {
        "push" => push(payload),
        "pull_request" => pull_request(payload),
        "release" => release(payload),
        "ping" => Ok(Reading::Nothing("The webhook is there".to_owned())),
        other => Ok(Reading::Nothing(format!(
            "{other} is no event of CodeBuild"
        ))),
    }
}

fn push(payload: &Value) -> Result<Reading, Refusal> {
    let reference = required(payload, "/ref")?;
    let after = text(payload, "/after");
    let is_deleted = payload.pointer("/deleted") == Some(&Value::Bool(true));
    if is_deleted || after.as_deref().is_some_and(is_no_commit) {
        return Ok(Reading::Nothing(format!("{reference} was deleted")));
    }
    // Of an annotated tag `after` is the tag itself.
    let commit = text(payload, "/head_commit/id").or(after);
    let source_version = commit.ok_or_else(|| Refusal::bad("The payload has no after"))?;
    let commits = payload.pointer("/commits").and_then(Value::as_array);
    let commits = commits.into_iter().flatten();
    let head = payload.pointer("/head_commit");
    Ok(Reading::Events(vec![Event {
        kind: "PUSH",
        source_version,
        prev_commit: text(payload, "/before"),
        trigger: trigger_of(&reference),
        files: changed_files(commits.chain(head)),
        commit_message: text(payload, "/head_commit/message"),
        head_ref: Some(reference),
        ..repository(payload)
    }]))
}

fn pull_request(payload: &Value) -> Result<Reading, Refusal> {
    let action = required(payload, "/action")?;
    let is_merged = payload.pointer("/pull_request/merged") == Some(&Value::Bool(true));
    let kind = match action.as_str() {
        "opened" => "PULL_REQUEST_CREATED",
        "reopened" => "PULL_REQUEST_REOPENED",
        "synchronize" => "PULL_REQUEST_UPDATED",
        "closed" if is_merged => "PULL_REQUEST_MERGED",
        "closed" => "PULL_REQUEST_CLOSED",
        other => {
            return Ok(Reading::Nothing(format!(
                "pull_request with action {other} is no event of CodeBuild"
            )));
        }
    };
    let number = match number(payload, "/number") {
        Ok(number) => number,
        Err(_) => self::number(payload, "/pull_request/number")?,
    };
    let head = required(payload, "/pull_request/head/ref")?;
    let base = required(payload, "/pull_request/base/ref")?;
    let repository_of = |side: &str| id(payload, &format!("/pull_request/{side}/repo/full_name"));
    let contributor = Contributor {
        role: text(payload, "/pull_request/author_association").map(|role| role_of(&role)),
        is_from_fork: repository_of("head") != repository_of("base"),
    };
    Ok(Reading::Events(vec![Event {
        kind,
        source_version: format!("pr/{number}"),
        trigger: format!("pr/{number}"),
        head_ref: Some(format!("refs/heads/{head}")),
        base_ref: Some(format!("refs/heads/{base}")),
        merge_commit: text(payload, "/pull_request/merge_commit_sha").filter(|_| is_merged),
        // What is merged was approved of.
        contributor: Some(contributor).filter(|_| !is_merged),
        ..repository(payload)
    }]))
}

/// GitHub's payload does not tell the role in the repository itself, but nearly.
fn role_of(association: &str) -> &'static str {
    match association {
        "OWNER" => "GITHUB_ADMIN",
        "MEMBER" | "COLLABORATOR" => "GITHUB_WRITE",
        _ => "GITHUB_READ",
    }
}

fn release(payload: &Value) -> Result<Reading, Refusal> {
    let kind = match required(payload, "/action")?.as_str() {
        "released" => "RELEASED",
        "prereleased" => "PRERELEASED",
        other => {
            return Ok(Reading::Nothing(format!(
                "release with action {other} is no event of CodeBuild"
            )));
        }
    };
    let tag = required(payload, "/release/tag_name")?;
    Ok(Reading::Events(vec![Event {
        kind,
        source_version: format!("refs/tags/{tag}"),
        trigger: format!("tag/{tag}"),
        head_ref: Some(format!("refs/tags/{tag}")),
        release_name: text(payload, "/release/name"),
        tag_name: Some(tag),
        ..repository(payload)
    }]))
}

/// What every event has.
fn repository(payload: &Value) -> Event {
    Event {
        actor: id(payload, "/sender/id"),
        repository_name: text(payload, "/repository/name"),
        organization_name: text(payload, "/organization/login")
            .or_else(|| text(payload, "/repository/owner/login")),
        clone_url: text(payload, "/repository/clone_url"),
        ..Event::default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(name: &'static str, payload: Value) -> Event {
        let mut headers = HeaderMap::new();
        headers.insert("x-github-event", http::HeaderValue::from_static(name));
        match read(&headers, &payload).unwrap() {
            Reading::Events(mut events) => events.remove(0),
            Reading::Nothing(reason) => panic!("{reason}"),
        }
    }

    fn pull(action: &str, merged: bool, association: &str, head: &str) -> Event {
        event(
            "pull_request",
            json!({
                "action": action, "number": 7, "sender": { "id": 42 },
                "pull_request": {
                    "merged": merged, "merge_commit_sha": "abc", "author_association": association,
                    "head": { "ref": "feature", "repo": { "full_name": head } },
                    "base": { "ref": "main", "repo": { "full_name": "o/r" } },
                },
            }),
        )
    }

    #[test]
    fn a_push_tells_its_commit_files_and_message() {
        let payload = json!({
            "ref": "refs/tags/v1", "before": "0000", "after": "tag", "sender": { "id": 42 },
            "head_commit": { "id": "abc", "message": "m", "added": ["a"], "removed": [] },
            "commits": [{ "modified": ["b"] }, { "removed": ["c"] }],
            "repository": {
                "name": "r", "owner": { "login": "o" }, "clone_url": "https://github.com/o/r.git",
            },
        });
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            event("push", payload),
            Event {
                kind: "PUSH",
                actor: text("42"),
                head_ref: text("refs/tags/v1"),
                source_version: "abc".to_owned(),
                prev_commit: text("0000"),
                trigger: "tag/v1".to_owned(),
                files: Some(["b", "c", "a"].map(str::to_owned).to_vec()),
                commit_message: text("m"),
                repository_name: text("r"),
                organization_name: text("o"),
                clone_url: text("https://github.com/o/r.git"),
                ..Event::default()
            }
        );
        let bare = event("push", json!({ "ref": "refs/heads/a/b", "after": "abc" }));
        assert_eq!((bare.trigger.as_str(), bare.files), ("branch/a/b", None));
    }

    #[test]
    fn a_pull_requests_action_is_its_event() {
        for (action, merged, kind) in [
            ("opened", false, "PULL_REQUEST_CREATED"),
            ("synchronize", false, "PULL_REQUEST_UPDATED"),
            ("reopened", false, "PULL_REQUEST_REOPENED"),
            ("closed", true, "PULL_REQUEST_MERGED"),
            ("closed", false, "PULL_REQUEST_CLOSED"),
        ] {
            let event = pull(action, merged, "OWNER", "o/r");
            assert_eq!(event.kind, kind);
            assert_eq!(event.source_version, "pr/7");
            assert_eq!(event.merge_commit.is_some(), merged);
            assert_eq!(event.base_ref.as_deref(), Some("refs/heads/main"));
        }
        let contributor = |association, head| {
            let contributor = pull("opened", false, association, head)
                .contributor
                .unwrap();
            (contributor.role.unwrap(), contributor.is_from_fork)
        };
        assert_eq!(contributor("OWNER", "o/r"), ("GITHUB_ADMIN", false));
        assert_eq!(contributor("MEMBER", "x/r"), ("GITHUB_WRITE", true));
        assert_eq!(contributor("NONE", "x/r"), ("GITHUB_READ", true));
    }

    #[test]
    fn what_starts_no_build_says_why() {
        let nothing = |name: &'static str, payload: Value| {
            let mut headers = HeaderMap::new();
            headers.insert("x-github-event", http::HeaderValue::from_static(name));
            match read(&headers, &payload) {
                Ok(Reading::Nothing(reason)) => reason,
                Err(refusal) => refusal.message,
                Ok(Reading::Events(events)) => panic!("{events:?}"),
            }
        };
        let deleted = json!({ "ref": "refs/heads/x", "after": "0000000" });
        assert_eq!(nothing("push", deleted), "refs/heads/x was deleted");
        assert_eq!(nothing("push", json!({})), "The payload has no ref");
        assert_eq!(nothing("push", json!([])), "The payload has no ref");
        assert_eq!(
            nothing("pull_request", json!({ "action": "labeled" })),
            "pull_request with action labeled is no event of CodeBuild"
        );
        assert_eq!(
            nothing("pull_request", json!({ "action": "opened", "number": 7 })),
            "The payload has no pull_request.head.ref"
        );
        assert_eq!(nothing("star", json!({})), "star is no event of CodeBuild");
    }
}
