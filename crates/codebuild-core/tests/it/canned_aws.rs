//! An endpoint that keeps what it is asked and answers what a test tells it.

use std::sync::Arc;
use std::sync::Mutex;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::Uri;
use codebuild_core::AwsCommand;
use codebuild_core::CallError;
use codebuild_core::CommandOutput;
use codebuild_core::Keys;
use codebuild_core::Session;
use codebuild_core::Target;
use serde_json::Value;
use serde_json::json;

/// Operation, request body, and how many calls of the operation came before: status and body.
type Answer = Box<dyn Fn(&str, &Value, usize) -> (u16, Value) + Send + Sync>;

pub(crate) struct CannedAws {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<(String, Value)>>>,
}

struct Shared {
    answer: Answer,
    asked: Arc<Mutex<Vec<(String, Value)>>>,
}

impl CannedAws {
    /// Answers with what the function gives.
    pub(crate) async fn start(
        answer: impl Fn(&str, &Value, usize) -> (u16, Value) + Send + Sync + 'static,
    ) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::new(Shared {
            answer: Box::new(answer),
            asked: Arc::clone(&asked),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(serve).with_state(shared);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, asked }
    }

    /// Answers everything with nothing.
    pub(crate) async fn silent() -> Self {
        Self::start(|operation, input, _| match input.get("Action") {
            Some(_) => (200, json!(format!("<R><{operation}Result/></R>"))),
            None => (200, json!({})),
        })
        .await
    }

    /// Operations and bodies since the last call.
    pub(crate) fn take_asked(&self) -> Vec<(String, Value)> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    pub(crate) async fn session(&self) -> Session {
        let target = Target::Endpoint {
            url: self.url.clone(),
            region: Some("eu-central-1".to_owned()),
            profile: None,
            keys: Some(Keys {
                access_key_id: "AKIAEXAMPLE".to_owned(),
                secret_access_key: "very-secret".to_owned(),
            }),
        };
        Session::connect(target).await.unwrap()
    }
}

/// The body of a request: JSON, or the parameters of a form.
fn body_of(headers: &HeaderMap, body: &[u8]) -> Value {
    let kind = headers.get("content-type");
    let kind = kind.map(|kind| kind.to_str().unwrap()).unwrap_or_default();
    if kind.starts_with("application/x-www-form-urlencoded") {
        let pairs = form_urlencoded::parse(body);
        return pairs
            .map(|(name, value)| (name.into_owned(), json!(value)))
            .collect();
    }
    serde_json::from_slice(body).unwrap_or(Value::Null)
}

async fn serve(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    uri: Uri,
    body: Bytes,
) -> (StatusCode, [(&'static str, &'static str); 1], String) {
    let body = body_of(&headers, &body);
    let operation = match (headers.get("x-amz-target"), body.get("Action")) {
        (Some(target), _) => target
            .to_str()
            .unwrap()
            .rsplit('.')
            .next()
            .unwrap()
            .to_owned(),
        (None, Some(action)) => action.as_str().unwrap().to_owned(),
        (None, None) => uri.to_string(),
    };
    let before = {
        let mut asked = shared.asked.lock().unwrap();
        let before = asked.iter().filter(|(name, _)| *name == operation).count();
        asked.push((operation.clone(), body.clone()));
        before
    };
    let (status, answer) = (shared.answer)(&operation, &body, before);
    let (kind, text) = match answer {
        Value::String(text) => ("text/xml", text),
        json => ("application/x-amz-json-1.1", json.to_string()),
    };
    (
        StatusCode::from_u16(status).unwrap(),
        [("content-type", kind)],
        text,
    )
}

/// The words after `aws`, split as a shell does.
pub(crate) fn words(line: &str) -> Vec<String> {
    let shell: Vec<&str> = line.split('\'').collect();
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    for (index, part) in shell.iter().enumerate() {
        if index % 2 == 1 {
            // Quoted: belongs to the word before it, if that has not ended.
            match words.last_mut() {
                Some(last) if open => last.push_str(part),
                _ => words.push((*part).to_owned()),
            }
            open = true;
            continue;
        }
        let mut pieces = part.split(' ').peekable();
        while let Some(piece) = pieces.next() {
            if !piece.is_empty() {
                match words.last_mut() {
                    Some(last) if open => last.push_str(piece),
                    _ => words.push(piece.to_owned()),
                }
                open = true;
            }
            if pieces.peek().is_some() {
                open = false;
            }
        }
    }
    words
}

pub(crate) fn parse(line: &str) -> AwsCommand {
    AwsCommand::parse(&words(line), std::path::Path::new(".")).unwrap()
}

pub(crate) fn parse_error(line: &str) -> String {
    AwsCommand::parse(&words(line), std::path::Path::new("."))
        .unwrap_err()
        .to_string()
}

pub(crate) async fn run(session: &Session, line: &str) -> Result<CommandOutput, CallError> {
    parse(line).run(session).await
}
