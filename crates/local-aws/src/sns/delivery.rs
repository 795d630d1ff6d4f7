//! Takes messages to their subscribers.

use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http::Request;
use http::header::CONTENT_TYPE;
use http::header::USER_AGENT;
use http_body_util::BodyExt;
use http_body_util::Full;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio_util::sync::CancellationToken;

use super::delivery_policy;
use super::delivery_policy::Retries;
use super::mailbox::Email;
use super::mailbox::Mailbox;
use super::message::HttpMessage;
use super::record::Subscription;
use super::record::Topic;
use crate::error::AwsError;

/// How long a web server may take to answer.
const PATIENCE: Duration = Duration::from_secs(15);

type HttpClient = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// Reading the system's certificates takes time: only when the first message goes out.
static CLIENT: LazyLock<Result<HttpClient, String>> = LazyLock::new(|| {
    let provider = rustls::crypto::ring::default_provider();
    let connector = hyper_rustls::HttpsConnectorBuilder::new()
        .with_provider_and_native_roots(provider)
        .map_err(|error| error.to_string())?
        .https_or_http()
        .enable_http1()
        .build();
    Ok(Client::builder(TokioExecutor::new()).build(connector))
});

/// Delivers until the local AWS stops. What is not delivered by then is lost.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    mailbox: Mailbox,
    stop: CancellationToken,
}

impl Delivery {
    pub(crate) const fn new(mailbox: Mailbox, stop: CancellationToken) -> Self {
        Self { mailbox, stop }
    }

    pub(crate) const fn mailbox(&self) -> &Mailbox {
        &self.mailbox
    }

    /// Puts an e-mail into the mailbox.
    pub(super) async fn mail(&self, email: Email) -> Result<(), AwsError> {
        let mailbox = self.mailbox.clone();
        let added = tokio::task::spawn_blocking(move || mailbox.add(&email)).await;
        match added {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(AwsError::storage(error)),
            Err(error) => Err(AwsError::storage(error)),
        }
    }

    /// Sends a message to a web server in the background, again and again as its delivery policy
    /// says.
    pub(super) fn post(&self, message: HttpMessage, topic: &Topic, subscription: &Subscription) {
        let retries = delivery_policy::retries(topic, subscription);
        let endpoint = subscription.endpoint.clone();
        let stop = self.stop.clone();
        tokio::spawn(async move {
            stop.run_until_cancelled(deliver(&endpoint, &message, &retries))
                .await;
        });
    }
}

async fn deliver(endpoint: &str, message: &HttpMessage, retries: &Retries) {
    let mut delays = retries.delays.iter();
    loop {
        let Err(reason) = try_once(endpoint, message).await else {
            return;
        };
        let Some(delay) = delays.next() else {
            tracing::warn!(endpoint, reason, "a message of SNS was not delivered");
            return;
        };
        tracing::info!(endpoint, reason, ?delay, "a message of SNS is sent again");
        tokio::time::sleep(*delay).await;
    }
}

async fn try_once(endpoint: &str, message: &HttpMessage) -> Result<(), String> {
    let client = CLIENT.as_ref().map_err(Clone::clone)?;
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(endpoint)
        .header(CONTENT_TYPE, "text/plain; charset=UTF-8")
        .header(USER_AGENT, "Amazon Simple Notification Service Agent");
    for (name, value) in &message.headers {
        request = request.header(*name, value);
    }
    let body = Full::new(Bytes::from(message.body.clone()));
    let request = request.body(body).map_err(|error| error.to_string())?;
    let exchange = async {
        let answer = client.request(request).await?;
        let status = answer.status();
        // So that the connection can be used again.
        let _ = http_body_util::Limited::new(answer.into_body(), 1024 * 1024)
            .collect()
            .await;
        Ok::<_, hyper_util::client::legacy::Error>(status)
    };
    match tokio::time::timeout(PATIENCE, exchange).await {
        Ok(Ok(status)) if status.is_success() => Ok(()),
        Ok(Ok(status)) => Err(format!("it answered {status}")),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!(
            "it did not answer in {} seconds",
            PATIENCE.as_secs()
        )),
    }
}
