//! The wire tap: an SDK interceptor that keeps what crosses the wire.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::Instant;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextRef;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::config_bag::Storable;
use aws_smithy_types::config_bag::StoreReplace;
use jiff::Timestamp;
use serde_json::Value;

use crate::redaction::is_secret_header;
use crate::redaction::mask_form;
use crate::redaction::mask_secrets;
use crate::redaction::mask_xml;

/// How many exchanges wait for [`WireTap::take`] at most; the oldest go first. A watched build polls
/// for many minutes, and what nobody shows need not be kept.
const UNTAKEN_LIMIT: usize = 256;

/// One request and its answer as they crossed the wire, credentials and signatures removed.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    /// Such as `codebuild`.
    pub service: String,
    /// Such as `CreateProject`.
    pub operation: String,
    /// Method and path as `:method` and `:path`, then the headers, secrets removed.
    pub request_head: Vec<(String, String)>,
    /// The request body: JSON, the parameters of a form, or a string.
    pub request: Value,
    /// The HTTP status.
    pub status: u16,
    /// The response body: JSON, or a string if it is none.
    pub response: Value,
    /// When the request was sent.
    pub at: Timestamp,
    /// How long the answer took.
    pub took: Duration,
}

/// An exchange as kept for a recording.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    /// The scene it belongs to.
    pub(crate) scene: String,
    /// What crossed the wire.
    pub(crate) exchange: Arc<Exchange>,
    /// How often the same call had the same answer in a row, 1 or more.
    pub(crate) times: u32,
}

/// Keeps exchanges; shared by all clients of a session.
#[derive(Clone, Debug, Default)]
pub(crate) struct WireTap {
    tape: Arc<Mutex<Tape>>,
}

#[derive(Debug, Default)]
struct Tape {
    scene: String,
    untaken: VecDeque<Arc<Exchange>>,
    kept: Vec<Kept>,
}

/// What the tap remembers between request and response of one attempt.
#[derive(Debug)]
struct Sent {
    request_head: Vec<(String, String)>,
    request: Value,
    at: Timestamp,
    clock: Instant,
}

impl Storable for Sent {
    type Storer = StoreReplace<Self>;
}

impl WireTap {
    /// Begins a scene. What an earlier run of the same scene kept is forgotten: a recording has
    /// each scene once, as it was last played.
    pub(crate) fn begin_scene(&self, scene: &str) {
        let mut tape = self.tape();
        tape.kept.retain(|kept| kept.scene != scene);
        scene.clone_into(&mut tape.scene);
    }

    /// Takes what came since the last call.
    pub(crate) fn take(&self) -> Vec<Exchange> {
        let untaken = std::mem::take(&mut self.tape().untaken);
        untaken.into_iter().map(Arc::unwrap_or_clone).collect()
    }

    /// Everything so far, oldest first.
    pub(crate) fn kept(&self) -> Vec<Kept> {
        self.tape().kept.clone()
    }

    fn keep(&self, exchange: Exchange) {
        let exchange = Arc::new(exchange);
        let mut tape = self.tape();
        if tape.untaken.len() == UNTAKEN_LIMIT {
            tape.untaken.pop_front();
        }
        tape.untaken.push_back(Arc::clone(&exchange));
        let Tape { scene, kept, .. } = &mut *tape;
        // What belongs to no scene is in no recording: a log may be followed for days.
        if scene.is_empty() {
            return;
        }
        // Polling gives the same answer many times: keep it once, with a count. The last exchange
        // of the same operation decides, because a watcher polls two operations by turns.
        let last = kept
            .iter_mut()
            .rev()
            .take_while(|last| last.scene == *scene)
            .find(|last| last.exchange.operation == exchange.operation);
        match last {
            Some(last) if last.exchange.same_call_and_answer(&exchange) => last.times += 1,
            _ => kept.push(Kept {
                scene: scene.clone(),
                exchange,
                times: 1,
            }),
        }
    }

    fn tape(&self) -> MutexGuard<'_, Tape> {
        self.tape.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Exchange {
    fn same_call_and_answer(&self, other: &Self) -> bool {
        self.service == other.service
            && self.operation == other.operation
            && self.status == other.status
            && self.request == other.request
            && self.response == other.response
    }
}

#[aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint]
impl Intercept for WireTap {
    fn name(&self) -> &'static str {
        "WireTap"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request();
        let sent = Sent {
            request_head: request_head(request),
            request: body_value(request.body().bytes()),
            at: Timestamp::now(),
            clock: Instant::now(),
        };
        config.interceptor_state().store_put(sent);
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let (Some(sent), Some(metadata)) = (config.load::<Sent>(), config.load::<Metadata>())
        else {
            return Ok(());
        };
        let response = context.response();
        self.keep(Exchange {
            service: service_name(metadata.service()),
            operation: metadata.name().to_owned(),
            request_head: sent.request_head.clone(),
            request: sent.request.clone(),
            status: response.status().as_u16(),
            response: body_value(response.body().bytes()),
            at: sent.at,
            took: sent.clock.elapsed(),
        });
        Ok(())
    }
}

fn request_head(request: &HttpRequest) -> Vec<(String, String)> {
    let path = match request.uri().parse::<http::Uri>() {
        Ok(uri) => uri.path().to_owned(),
        Err(_) => "/".to_owned(),
    };
    let mut head = vec![
        (":method".to_owned(), request.method().to_owned()),
        (":path".to_owned(), path),
    ];
    head.extend(
        request
            .headers()
            .iter()
            .filter(|(name, _)| !is_secret_header(name))
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    head
}

/// A body with its secrets masked: as JSON, the parameters of a form as an object, all else as text.
fn body_value(bytes: Option<&[u8]>) -> Value {
    let bytes = bytes.unwrap_or_default();
    match serde_json::from_slice(bytes) {
        Ok(mut value) => {
            mask_secrets(&mut value);
            value
        }
        Err(_) if bytes.starts_with(b"Action=") => mask_form(bytes),
        Err(_) => Value::String(mask_xml(&String::from_utf8_lossy(bytes))),
    }
}

/// The AWS CLI's name for a service, from the SDK's.
fn service_name(sdk_name: &str) -> String {
    match sdk_name {
        "CloudWatch Logs" => "logs".to_owned(),
        other => other.to_ascii_lowercase().replace(' ', ""),
    }
}
