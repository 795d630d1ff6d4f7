//! Answers calls from a recording: an HTTP client for the SDK that opens no connection.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::HttpClient;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::http::HttpConnectorFuture;
use aws_smithy_runtime_api::client::http::HttpConnectorSettings;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use serde_json::Value;

use crate::recording::RecordedExchange;
use crate::recording::Recording;

/// A call that the recording has no answer for.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("The call {operation} is not in {scene} of this recording, so it cannot be replayed.")]
pub struct NotInRecording {
    /// Such as `CreateProject`.
    pub operation: String,
    /// The scene, as a phrase: ``the scene `create` ``, or `the part before the first scene`.
    pub scene: String,
}

/// The player: one per session, shared by its clients.
#[derive(Clone)]
pub(crate) struct Player {
    recording: Arc<Recording>,
    pace: f64,
    position: Arc<Mutex<Position>>,
    /// The operation of every request, where a request itself does not tell.
    operation: Option<&'static str>,
}

#[derive(Default)]
struct Position {
    scene: String,
    /// How many calls each operation has had in this scene.
    calls: HashMap<String, u64>,
}

impl Player {
    pub(crate) fn new(recording: Recording, pace: f64) -> Self {
        Self {
            recording: Arc::new(recording),
            pace,
            position: Arc::default(),
            operation: None,
        }
    }

    /// The same player for requests of one operation whose protocol does not name it, as S3's.
    pub(crate) fn of_operation(&self, operation: &'static str) -> Self {
        Self {
            operation: Some(operation),
            ..self.clone()
        }
    }

    /// Begins a scene, from its beginning if it was played before.
    pub(crate) fn begin_scene(&self, scene: &str) {
        let mut position = self.position.lock().unwrap_or_else(PoisonError::into_inner);
        *position = Position {
            scene: scene.to_owned(),
            calls: HashMap::new(),
        };
    }

    /// A recorded duration at this player's pace.
    pub(crate) fn paced(&self, duration: Duration) -> Duration {
        if self.pace.is_finite() && self.pace > 0.0 {
            Duration::try_from_secs_f64(duration.as_secs_f64() / self.pace).unwrap_or(duration)
        } else {
            Duration::ZERO
        }
    }
    /// The answer to the next call of an operation; the last one again when there are no more.
    fn next(&self, operation: &str) -> Result<&RecordedExchange, NotInRecording> {
        let mut position = self.position.lock().unwrap_or_else(PoisonError::into_inner);
        let mut call = {
            let calls = position.calls.entry(operation.to_owned()).or_default();
            *calls += 1;
            *calls
        };
        let answers = self
            .recording
            .scenes
            .iter()
            .filter(|scene| scene.name == position.scene)
            .flat_map(|scene| &scene.exchanges)
            .filter(|exchange| exchange.operation == operation);
        let mut last = None;
        for answer in answers {
            last = Some(answer);
            if call <= u64::from(answer.times) {
                break;
            }
            call -= u64::from(answer.times);
        }
        last.ok_or_else(|| NotInRecording {
            operation: operation.to_owned(),
            scene: if position.scene.is_empty() {
                "the part before the first scene".to_owned()
            } else {
                format!("the scene `{}`", position.scene)
            },
        })
    }
}

impl fmt::Debug for Player {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Player")
            .field("scenes", &self.recording.scenes.len())
            .field("pace", &self.pace)
            .finish_non_exhaustive()
    }
}

impl HttpClient for Player {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Player {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let operation = match self.operation {
            Some(operation) => operation.to_owned(),
            None => operation_of(&request),
        };
        let (status, body, wait) = match self.next(&operation) {
            Ok(answer) => (
                answer.status,
                body_of(&answer.response),
                self.paced(Duration::from_millis(answer.took_ms)),
            ),
            Err(missing) => {
                return HttpConnectorFuture::ready(Err(ConnectorError::user(missing.into())));
            }
        };
        HttpConnectorFuture::new(async move {
            if !wait.is_zero() {
                tokio::time::sleep(wait).await;
            }
            let status =
                StatusCode::try_from(status).map_err(|error| ConnectorError::user(error.into()))?;
            Ok(HttpResponse::new(status, SdkBody::from(body)))
        })
    }
}

/// The operation that a request asks for: in `X-Amz-Target` for the JSON protocols, in the body's
/// `Action` for the query protocol.
fn operation_of(request: &HttpRequest) -> String {
    if let Some(target) = request.headers().get("x-amz-target") {
        return target.rsplit('.').next().unwrap_or(target).to_owned();
    }
    let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
    body.split('&')
        .find_map(|pair| pair.strip_prefix("Action="))
        .unwrap_or("unknown")
        .to_owned()
}

fn body_of(response: &Value) -> String {
    match response {
        Value::String(text) => text.clone(),
        json => json.to_string(),
    }
}
