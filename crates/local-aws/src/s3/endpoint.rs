//! From an HTTP request to S3's answer.

use std::pin::Pin;
use std::sync::Arc;

use axum::body::Body;
use http::HeaderName;
use http::HeaderValue;
use http::Response;
use http::StatusCode;
use http::header::CONTENT_LENGTH;
use http::header::CONTENT_TYPE;
use http::header::TRANSFER_ENCODING;
use http::request::Parts;
use http_body_util::BodyExt;
use s3s::S3Result;
use s3s::access::S3Access;
use s3s::access::S3AccessContext;
use s3s::auth::S3Auth;
use s3s::auth::SecretKey;
use s3s::config::S3Config;
use s3s::config::StaticConfigProvider;
use s3s::host::S3Host;
use s3s::host::VirtualHost;
use s3s::service::S3Service;
use s3s::service::S3ServiceBuilder;

use super::buckets::Buckets;
use super::errors;
use super::incoming;
use super::request;
use super::service::Service;
use crate::access_keys::AccessKeys;
use crate::access_keys::NoKey;
use crate::account::Account;
use crate::error::AwsError;
use crate::host_header;
use crate::percent_encoding::decoded_query;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amz-request-id");
const HOST_ID: HeaderName = HeaderName::from_static("x-amz-id-2");

/// A browser's form upload is kept in memory until it is whole.
const LONGEST_FORM: u64 = 4 * 1024 * 1024;

/// The longest XML body that is taken.
const LONGEST_XML: usize = 4 * 1024 * 1024;

/// S3's end of the one endpoint.
#[derive(Clone, Debug)]
pub(crate) struct S3Endpoint {
    service: S3Service,
    account: Account,
}

impl S3Endpoint {
    pub(crate) fn new(buckets: Buckets, account: Account, keys: AccessKeys) -> Self {
        let mut config = S3Config::default();
        config.post_object_max_file_size = LONGEST_FORM;
        config.xml_max_body_size = LONGEST_XML;
        let mut builder = S3ServiceBuilder::new(Service {
            buckets,
            account: account.clone(),
        });
        builder.set_config(Arc::new(StaticConfigProvider::new(Arc::new(config))));
        builder.set_auth(Keys(keys.clone()));
        builder.set_access(Tokens(keys));
        builder.set_host(BucketHosts);
        Self {
            service: builder.build(),
            account,
        }
    }

    /// Answers one request. Bodies stream in both directions.
    pub(crate) async fn answer(&self, parts: Parts, body: Body, id: &str) -> Response<Body> {
        let path = parts.uri.path().to_owned();
        let response = match request::check(&parts, &self.account) {
            Err(error) => errors::into_s3(error)
                .to_http_response()
                .map_err(|error| error.to_string()),
            Ok(()) => {
                let request = http::Request::from_parts(parts, s3s::Body::http_body_unsync(body));
                let answer = self.service.call(request).await;
                answer.map_err(|error| format!("{error:?}"))
            }
        };
        let response = match response {
            Ok(response) => response.map(Body::new),
            Err(reason) => failed(&AwsError::storage(reason)),
        };
        self.finished(response, &path, id).await
    }

    /// Adds what every answer of S3 has, and to errors their messages.
    async fn finished(&self, response: Response<Body>, path: &str, id: &str) -> Response<Body> {
        let request_id: String = id
            .replace('-', "")
            .to_uppercase()
            .chars()
            .take(16)
            .collect();
        let host_id = incoming::hex(id.as_bytes());
        let status = response.status();
        let mut response = if status == StatusCode::NOT_MODIFIED {
            let (mut parts, _) = response.into_parts();
            parts.headers.remove(CONTENT_TYPE);
            Response::from_parts(parts, Body::empty())
        } else if status.is_client_error() || status.is_server_error() {
            self.with_message(response, path, &request_id, &host_id)
                .await
        } else {
            response
        };
        let headers = response.headers_mut();
        for (name, value) in [(REQUEST_ID, request_id), (HOST_ID, host_id)] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
        response
    }

    async fn with_message(
        &self,
        response: Response<Body>,
        path: &str,
        request_id: &str,
        host_id: &str,
    ) -> Response<Body> {
        let (mut parts, body) = response.into_parts();
        let body = match body.collect().await {
            Ok(body) => String::from_utf8_lossy(&body.to_bytes()).into_owned(),
            Err(_) => String::new(),
        };
        if parts.status.is_server_error() && parts.status != StatusCode::NOT_IMPLEMENTED {
            // Clients would repeat what fails again.
            parts.status = StatusCode::BAD_REQUEST;
        }
        parts.headers.remove(CONTENT_LENGTH);
        parts.headers.remove(TRANSFER_ENCODING);
        let Some((begin, _)) = body.split_once("</Error>") else {
            return Response::from_parts(parts, Body::from(body));
        };
        let mut text = begin
            .replace(
                " is not implemented yet</Message>",
                " is an operation of S3 that the local AWS does not have. Leave it out, or use a \
                 bucket on AWS.</Message>",
            )
            .replace("Signature is required", "Access Denied")
            .replace(
                "request time is too far from server time",
                "The difference between the request time and the current time is too large.",
            );
        let code = begin
            .split_once("<Code>")
            .and_then(|(_, rest)| rest.split_once("</Code>"))
            .map_or("", |(code, _)| code);
        if !begin.contains("<Message>")
            && let Some(message) = errors::standard_message(code)
        {
            text.push_str(&format!("<Message>{message}</Message>"));
        }
        if code == "AuthorizationHeaderMalformed" {
            text.push_str(&format!("<Region>{}</Region>", self.account.region));
        }
        let resource = path
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        text.push_str(&format!(
            "<Resource>{resource}</Resource><RequestId>{request_id}</RequestId>\
             <HostId>{host_id}</HostId></Error>"
        ));
        Response::from_parts(parts, Body::from(text))
    }
}

fn failed(error: &AwsError) -> Response<Body> {
    let text = format!("<Error><Code>{}</Code></Error>", error.code);
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response
}

/// The keys that count.
struct Keys(AccessKeys);

impl S3Auth for Keys {
    fn get_secret_key<'keys, 'id, 'answer>(
        &'keys self,
        access_key: &'id str,
    ) -> Pin<Box<dyn Future<Output = S3Result<SecretKey>> + Send + 'answer>>
    where
        'keys: 'answer,
        'id: 'answer,
        Self: 'answer,
    {
        let result = match self.0.find(access_key) {
            Ok(key) => Ok(SecretKey::from(key.secret)),
            Err(NoKey::Unknown) => Err(s3s::s3_error!(InvalidAccessKeyId)),
            Err(NoKey::Expired) => Err(s3s::s3_error!(ExpiredToken)),
        };
        Box::pin(std::future::ready(result))
    }
}

/// Lets those in who have signed, with the session token that belongs to their key.
struct Tokens(AccessKeys);

impl S3Access for Tokens {
    fn check<'tokens, 'context, 'request, 'answer>(
        &'tokens self,
        context: &'context mut S3AccessContext<'request>,
    ) -> Pin<Box<dyn Future<Output = S3Result<()>> + Send + 'answer>>
    where
        'tokens: 'answer,
        'context: 'answer,
        'request: 'answer,
        Self: 'answer,
    {
        Box::pin(std::future::ready(self.check_now(context)))
    }
}

impl Tokens {
    fn check_now(&self, context: &S3AccessContext<'_>) -> S3Result<()> {
        let Some(credentials) = context.credentials() else {
            return Err(s3s::s3_error!(AccessDenied));
        };
        let header = context.headers().get("x-amz-security-token");
        let query = request::query(context.uri(), "X-Amz-Security-Token").map(decoded_query);
        let token = header
            .map(HeaderValue::as_bytes)
            .or_else(|| query.as_deref().map(str::as_bytes));
        match self.0.find(&credentials.access_key) {
            Ok(key) if key.fits(token) => Ok(()),
            Ok(key) if token.is_none() && key.is_temporary() => {
                Err(s3s::s3_error!(InvalidAccessKeyId))
            }
            Ok(_) => Err(s3s::s3_error!(InvalidToken)),
            Err(NoKey::Unknown) => Err(s3s::s3_error!(InvalidAccessKeyId)),
            Err(NoKey::Expired) => Err(s3s::s3_error!(ExpiredToken)),
        }
    }
}

/// `BUCKET.localhost` names a bucket; any other host that may be used names none.
#[derive(Clone, Copy, Debug)]
struct BucketHosts;

impl S3Host for BucketHosts {
    fn parse_host_header<'a>(&'a self, host: &'a str) -> S3Result<VirtualHost<'a>> {
        let name = match host.rsplit_once(':') {
            Some((name, _)) if !host.ends_with(']') => name,
            _ => host,
        };
        match host_header::bucket(name) {
            Some((bucket, host)) => Ok(VirtualHost::new(host).with_bucket(bucket)),
            None => Ok(VirtualHost::new(name)),
        }
    }
}
