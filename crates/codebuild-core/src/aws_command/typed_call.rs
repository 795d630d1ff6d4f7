//! A call of the SDK that takes its input from JSON and keeps the answer's JSON.

use std::error::Error;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use aws_smithy_json::codec::JsonCodec;
use aws_smithy_json::codec::JsonCodecSettings;
use aws_smithy_json::codec::JsonDeserializer;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::context::BeforeSerializationInterceptorContextMut;
use aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_schema::codec::Codec;
use aws_smithy_schema::serde::SerdeError;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use serde_json::Map;
use serde_json::Value;

use crate::call_error::CallError;
use crate::call_error::causes;
use crate::session::Session;

/// Reads an SDK input from JSON.
pub(super) fn typed<T>(
    operation: &str,
    input: &Value,
    read: impl FnOnce(&mut JsonDeserializer<'_>) -> Result<T, SerdeError>,
) -> Result<T, CallError> {
    let json = input.to_string();
    let codec = JsonCodec::new(JsonCodecSettings::builder().build());
    read(&mut codec.create_deserializer(json.as_bytes())).map_err(|error| CallError::Request {
        operation: operation.to_owned(),
        reason: causes(&error),
    })
}

/// The body of the last answer, if it is JSON.
#[derive(Clone, Debug, Default)]
pub(super) struct RawAnswer {
    body: Arc<Mutex<Option<Value>>>,
}

impl RawAnswer {
    fn put(&self, bytes: &[u8]) {
        let body = if bytes.is_empty() {
            // An operation without output may answer with nothing at all.
            Some(Value::Object(Map::new()))
        } else {
            serde_json::from_slice(bytes).ok()
        };
        *self.body.lock().unwrap_or_else(PoisonError::into_inner) = body;
    }

    /// The answer as it came, if the call succeeded. A successful answer that lacks a member which
    /// the SDK's types insist on is an answer all the same: the AWS CLI takes it too.
    pub(super) fn of<T, E>(
        self,
        session: &Session,
        service: &str,
        operation: &str,
        result: Result<T, SdkError<E, HttpResponse>>,
    ) -> Result<Value, CallError>
    where
        E: Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        let body = self
            .body
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
            .filter(Value::is_object);
        match (result, body) {
            (Ok(_), body) => Ok(body.unwrap_or_else(|| Value::Object(Map::new()))),
            (Err(SdkError::ResponseError(answer)), Some(body))
                if answer.raw().status().is_success() =>
            {
                Ok(body)
            }
            (Err(error), _) => Err(session.call_error(service, operation, error)),
        }
    }
}

/// Gives a call its input whole, where the SDK's builders would want it member by member, and keeps
/// the answer's body.
#[derive(Debug)]
pub(super) struct TypedCall<I> {
    pub(super) input: I,
    pub(super) answer: RawAnswer,
}

#[dyn_dispatch_hint]
impl<I> Intercept for TypedCall<I>
where
    I: Clone + std::fmt::Debug + Send + Sync + 'static,
{
    fn name(&self) -> &'static str {
        "TypedCall"
    }

    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        match context.input_mut().downcast_mut::<I>() {
            Some(input) => {
                input.clone_from(&self.input);
                Ok(())
            }
            None => Err("the call has another type of input".into()),
        }
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.answer
            .put(context.response().body().bytes().unwrap_or_default());
        Ok(())
    }
}

/// Keeps the answer's body of a call that is given its input member by member.
#[derive(Debug)]
pub(super) struct KeepAnswer(pub(super) RawAnswer);

#[dyn_dispatch_hint]
impl Intercept for KeepAnswer {
    fn name(&self) -> &'static str {
        "KeepAnswer"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0
            .put(context.response().body().bytes().unwrap_or_default());
        Ok(())
    }
}
