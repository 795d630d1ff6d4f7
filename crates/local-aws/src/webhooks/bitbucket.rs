//! Bitbucket's events: "Event payloads" of its documents, and how "Bitbucket webhook events" of the
//! CodeBuild user guide reads them.

use http::HeaderMap;
use serde_json::Value;

use super::Reading;
use super::event::Contributor;
use super::event::Event;
use super::event::trigger_of;
use super::payload::Refusal;
use super::payload::event_header;
use super::payload::number;
use super::payload::required;
use super::payload::text;

/// How many changes of one push are looked at.
const CHANGES: usize = 10;

/// Reads a delivery.
pub(super) fn read(headers: &HeaderMap, payload: &Value) -> Result<Reading, Refusal> {
    let kind = match event_header(headers, "X-Event-Key")? {
        "repo:push" => return push(payload),
        "pullrequest:created" => "PULL_REQUEST_CREATED",
        "pullrequest:updated" => "PULL_REQUEST_UPDATED",
        "pullrequest:fulfilled" => "PULL_REQUEST_MERGED",
        "pullrequest:rejected" => "PULL_REQUEST_CLOSED",
        "diagnostics:ping" => return Ok(Reading::Nothing("The webhook is there".to_owned())),
        other => {
            return Ok(Reading::Nothing(format!(
                "{other} is no event of CodeBuild"
            )));
        }
    };
    pull_request(kind, payload)
}

fn push(payload: &Value) -> Result<Reading, Refusal> {
    let changes = payload.pointer("/push/changes").and_then(Value::as_array);
    let changes = changes.ok_or_else(|| Refusal::bad("The payload has no push.changes"))?;
    let mut events = Vec::new();
    for change in changes.iter().take(CHANGES) {
        // A reference that was deleted has nothing new.
        if !change.get("new").is_some_and(Value::is_object) {
            continue;
        }
        let name = required(change, "/new/name")?;
        let directory = match text(change, "/new/type").as_deref() {
            Some("tag") => "tags",
            _ => "heads",
        };
        let reference = format!("refs/{directory}/{name}");
        events.push(Event {
            kind: "PUSH",
            source_version: required(change, "/new/target/hash")?,
            prev_commit: text(change, "/old/target/hash"),
            trigger: trigger_of(&reference),
            commit_message: text(change, "/new/target/message"),
            head_ref: Some(reference),
            ..repository(payload)
        });
    }
    if events.is_empty() {
        return Ok(Reading::Nothing("Nothing new was pushed".to_owned()));
    }
    Ok(Reading::Events(events))
}

fn pull_request(kind: &'static str, payload: &Value) -> Result<Reading, Refusal> {
    let is_merged = kind == "PULL_REQUEST_MERGED";
    let number = number(payload, "/pullrequest/id")?;
    let head = required(payload, "/pullrequest/source/branch/name")?;
    let base = required(payload, "/pullrequest/destination/branch/name")?;
    let of = |side: &str| {
        text(
            payload,
            &format!("/pullrequest/{side}/repository/full_name"),
        )
    };
    let contributor = Contributor {
        role: None,
        is_from_fork: of("source") != of("destination"),
    };
    Ok(Reading::Events(vec![Event {
        kind,
        source_version: required(payload, "/pullrequest/source/commit/hash")?,
        trigger: format!("pr/{number}"),
        head_ref: Some(format!("refs/heads/{head}")),
        base_ref: Some(format!("refs/heads/{base}")),
        merge_commit: text(payload, "/pullrequest/merge_commit/hash").filter(|_| is_merged),
        contributor: Some(contributor).filter(|_| !is_merged),
        ..repository(payload)
    }]))
}

/// What every event has.
fn repository(payload: &Value) -> Event {
    Event {
        actor: text(payload, "/actor/account_id"),
        repository_name: text(payload, "/repository/name"),
        organization_name: text(payload, "/repository/workspace/slug"),
        ..Event::default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read_as(name: &'static str, payload: &Value) -> Reading {
        let mut headers = HeaderMap::new();
        headers.insert("x-event-key", http::HeaderValue::from_static(name));
        read(&headers, payload).unwrap()
    }

    #[test]
    fn each_change_of_a_push_is_an_event_and_deletions_are_none() {
        let change = |kind: &str, name: &str| {
            json!({
                "new": { "type": kind, "name": name, "target": { "hash": "b", "message": "m" } },
                "old": { "target": { "hash": "a" } },
            })
        };
        let payload = json!({
            "actor": { "account_id": "5:x" },
            "push": { "changes": [
                change("branch", "main"), { "new": null, "old": {} }, change("tag", "v1"),
            ] },
        });
        let Reading::Events(events) = read_as("repo:push", &payload) else {
            panic!("no events")
        };
        let triggers: Vec<&str> = events.iter().map(|event| event.trigger.as_str()).collect();
        assert_eq!(triggers, ["branch/main", "tag/v1"]);
        assert_eq!(events[0].actor.as_deref(), Some("5:x"));
        assert_eq!(events[0].prev_commit.as_deref(), Some("a"));
        assert_eq!(events[0].files, None);
        let deleted = json!({ "push": { "changes": [{ "new": null }] } });
        assert!(matches!(
            read_as("repo:push", &deleted),
            Reading::Nothing(_)
        ));
    }

    #[test]
    fn a_pull_requests_key_is_its_event() {
        let payload = json!({
            "pullrequest": {
                "id": 9,
                "source": { "branch": { "name": "f" }, "commit": { "hash": "abcdef012345" } },
                "destination": { "branch": { "name": "main" } },
                "merge_commit": { "hash": "c" },
            },
        });
        for (key, kind) in [
            ("pullrequest:created", "PULL_REQUEST_CREATED"),
            ("pullrequest:updated", "PULL_REQUEST_UPDATED"),
            ("pullrequest:fulfilled", "PULL_REQUEST_MERGED"),
            ("pullrequest:rejected", "PULL_REQUEST_CLOSED"),
        ] {
            let Reading::Events(events) = read_as(key, &payload) else {
                panic!("{key}")
            };
            assert_eq!(events[0].kind, kind);
            assert_eq!(events[0].source_version, "abcdef012345");
            assert_eq!(
                events[0].merge_commit.is_some(),
                kind == "PULL_REQUEST_MERGED"
            );
        }
    }
}
