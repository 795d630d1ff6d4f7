//! The events that git servers send to a webhook's payload URL, and the builds that they start.
//!
//! `POST /webhooks?t=TOKEN&v=1` on the loopback address takes what GitHub, GitLab and Bitbucket
//! send. The sender is known by what it signs with (GitHub: HMAC-SHA256 of the body) or says
//! (GitLab: the secret itself) or by the token alone (Bitbucket: CodeBuild gives it no secret).
//!
//! Nobody registers this URL at a server that is not on this machine. A push to GitHub can be sent
//! by hand, with the `payloadUrl` and the `secret` that `aws codebuild create-webhook
//! --manual-creation` shows:
//!
//! ```sh
//! body='{"ref": "refs/heads/main", "after": "COMMIT", "before": "COMMIT BEFORE IT",
//!        "head_commit": {"id": "COMMIT", "message": "a message", "modified": ["a file"]},
//!        "commits": [], "sender": {"id": 1}}'
//! signature=$(printf %s "$body" | openssl dgst -sha256 -hmac "$secret" -r | cut -d ' ' -f 1)
//! curl "$payloadUrl" -H 'Content-Type: application/json' -H 'X-GitHub-Event: push' \
//!     -H "X-GitHub-Delivery: $(uuidgen)" -H "X-Hub-Signature-256: sha256=$signature" -d "$body"
//! ```
//!
//! Every answer is JSON with a `message`; `buildId` or `buildBatchId` names what was started.

mod approval;
mod bitbucket;
mod event;
mod filters;
mod github;
mod gitlab;
mod payload;
mod signature;

use axum::body::Body;
use http::HeaderMap;
use http::Response;
use http::StatusCode;
use http::header::USER_AGENT;
use serde_json::Value;
use serde_json::json;
use sha2::Digest;
use sha2::Sha256;

use crate::codebuild;
use crate::codebuild::Delivery;
use crate::codebuild::StoredWebhook;
use crate::codebuild::WebhookTrigger;
use crate::error::AwsError;
use crate::reply;
use crate::services::Services;
use event::Event;
use payload::Refusal;

/// The longest name of a delivery that is taken: servers send UUIDs.
const LONGEST_DELIVERY: usize = 128;

/// The longest name of a branch, tag or commit that is taken: they are in the build's environment.
const LONGEST_NAME: usize = 4096;

/// What the body of a delivery says.
#[derive(Debug)]
enum Reading {
    /// Something happened in the repository. Bitbucket tells several pushes at once.
    Events(Vec<Event>),
    /// Nothing that CodeBuild has an event type for: why, as a sentence.
    Nothing(String),
}

/// Answers a request at the payload URL with this token.
pub(crate) async fn receive(
    services: &Services,
    token: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Response<Body> {
    match answer(services, token, headers, body).await {
        Ok(answer) => reply::plain_json(StatusCode::OK, &answer),
        Err(refusal) => {
            let answer = json!({ "message": refusal.message });
            reply::plain_json(refusal.status, &answer)
        }
    }
}

async fn answer(
    services: &Services,
    token: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Value, Refusal> {
    let found = codebuild::project_of_webhook(services, token).map_err(refused)?;
    let Some((project, webhook)) = found else {
        return Err(Refusal {
            status: StatusCode::NOT_FOUND,
            message: "No project has a webhook with this payload URL. BatchGetProjects shows the \
                      payloadUrl that a project's webhook has now."
                .to_owned(),
        });
    };
    signature::check(&webhook, headers, body)?;
    let payload: Value = serde_json::from_slice(body).map_err(|error| {
        Refusal::bad(format!(
            "The body is not JSON: {error}. Set the webhook's content type to application/json."
        ))
    })?;
    let reading = match webhook.source_type.as_str() {
        "BITBUCKET" => bitbucket::read(headers, &payload),
        "GITLAB" | "GITLAB_SELF_MANAGED" => gitlab::read(headers, &payload),
        _ => github::read(headers, &payload),
    };
    let events = match reading? {
        Reading::Events(events) => events,
        Reading::Nothing(reason) => return Ok(json!({ "message": reason })),
    };
    let delivery = delivery_id(headers)?;
    let initiator = initiator(&webhook, headers);
    let mut answers = Vec::new();
    let several = events.len() > 1;
    for (number, event) in events.into_iter().enumerate() {
        let id = match (&delivery, several) {
            (Some(id), true) => Some(format!("{id} {number}")),
            (id, _) => id.clone(),
        };
        let build = Wanted {
            project: &project,
            webhook: &webhook,
            initiator: &initiator,
            id,
        };
        answers.push(build.start(services, event).await?);
    }
    match <[Value; 1]>::try_from(answers) {
        Ok([answer]) => Ok(answer),
        Err(answers) => Ok(json!({
            "message": format!("{} changes", answers.len()),
            "changes": answers,
        })),
    }
}

/// The build that an event may start.
struct Wanted<'a> {
    project: &'a str,
    webhook: &'a StoredWebhook,
    initiator: &'a str,
    /// What the server calls the event.
    id: Option<String>,
}

impl Wanted<'_> {
    async fn start(self, services: &Services, event: Event) -> Result<Value, Refusal> {
        let variables = event.variables();
        let values = variables.iter().map(|variable| variable.value.as_str());
        if values
            .chain([event.source_version.as_str()])
            .any(is_too_long)
        {
            return Err(Refusal::bad(format!(
                "The payload has a reference or commit of more than {LONGEST_NAME} bytes"
            )));
        }
        if let Err(reasons) = filters::check(self.webhook, &event) {
            return Ok(json!({
                "message": "No build was started: the event passes no filter group",
                "reasons": reasons,
            }));
        }
        if let Err(reason) = approval::check(&self.webhook.pull_request_build_policy, &event) {
            return Ok(json!({
                "message": "Pull request approval required for starting a build",
                "reasons": [reason],
            }));
        }
        let is_scoped = self.webhook.scope_configuration.is_some();
        let delivery = Delivery {
            project: self.project.to_owned(),
            id: self.id,
            source_version: event.source_version.clone(),
            source_location: event.clone_url.clone().filter(|_| is_scoped),
            trigger: WebhookTrigger {
                initiator: self.initiator.to_owned(),
                variables,
            },
        };
        let is_batch = self.webhook.build_type == "BUILD_BATCH";
        let started = if is_batch {
            codebuild::start_batch_by_webhook(services, delivery).await
        } else {
            codebuild::start_by_webhook(services, delivery).await
        };
        let (id, is_new) = started.map_err(refused)?;
        let (what, member) = if is_batch {
            ("batch build", "buildBatchId")
        } else {
            ("build", "buildId")
        };
        let message = if is_new {
            format!("Started {what} {id}")
        } else {
            format!("This delivery has started {what} {id} before")
        };
        let mut answer = json!({ "message": message });
        answer[member] = json!(id);
        Ok(answer)
    }
}

fn is_too_long(name: &str) -> bool {
    name.len() > LONGEST_NAME
}

/// What the server calls this delivery, if it does.
fn delivery_id(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let names = ["x-github-delivery", "x-gitlab-event-uuid", "x-request-uuid"];
    let Some(id) = names.iter().find_map(|name| headers.get(*name)) else {
        return Ok(None);
    };
    match id.to_str() {
        Ok(id) if id.len() <= LONGEST_DELIVERY => Ok(Some(id.to_owned())),
        _ => Err(Refusal::bad(format!(
            "The delivery's id must be at most {LONGEST_DELIVERY} ASCII characters"
        ))),
    }
}

/// Who started the build: the program that sent the event, if it is one of the server's own.
fn initiator(webhook: &StoredWebhook, headers: &HeaderMap) -> String {
    let name = match webhook.source_type.as_str() {
        "BITBUCKET" => "Bitbucket-Webhooks/",
        "GITLAB" | "GITLAB_SELF_MANAGED" => "GitLab/",
        _ => "GitHub-Hookshot/",
    };
    let sender = headers
        .get(USER_AGENT)
        .and_then(|agent| agent.to_str().ok())
        .filter(|agent| agent.starts_with(name) && agent.len() <= 64 && !agent.contains(' '));
    match sender {
        Some(sender) => sender.to_owned(),
        None => format!("{name}{}", seven_digits(&webhook.token)),
    }
}

/// Seven hexadecimal digits that are always the same for a token and do not tell it.
fn seven_digits(token: &str) -> String {
    let digest = Sha256::digest(token.as_bytes());
    let mut digits: String = digest
        .iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    digits.truncate(7);
    digits
}

/// An error of the API, for somebody who does not speak it.
fn refused(error: AwsError) -> Refusal {
    Refusal {
        status: error.status,
        message: error.to_string(),
    }
}
