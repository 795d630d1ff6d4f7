//! One endpoint for all services: which service and operation a request is for.
//!
//! The order of the checks is AWS's: method and path, JSON, target, signature, and only then what
//! the request asks for.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use http::HeaderMap;
use http::Method;
use http::Response;
use http::StatusCode;
use http::header::AUTHORIZATION;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use jiff::Timestamp;
use serde_json::Value;

use crate::access_keys::AccessKeys;
use crate::access_keys::Caller;
use crate::codebuild;
use crate::codecommit;
use crate::ec2;
use crate::ecr;
use crate::error::AwsError;
use crate::host_header::Hosts;
use crate::logs;
use crate::model;
use crate::notification_rules;
use crate::parameter_store;
use crate::percent_encoding::decoded_query;
use crate::query_protocol;
use crate::query_protocol::Parameters;
use crate::reply;
use crate::request_body;
use crate::rpc_v2_cbor;
use crate::s3;
use crate::s3::S3Endpoint;
use crate::secrets_manager;
use crate::services::Services;
use crate::sigv4;
use crate::sigv4::Verifier;
use crate::webhooks;

const JSON: &str = "application/x-amz-json-1.1";
const FORM: &str = "application/x-www-form-urlencoded";

/// Answers requests.
#[derive(Debug)]
pub(crate) struct Endpoint {
    pub(crate) services: Arc<Services>,
    pub(crate) verifier: Verifier,
    pub(crate) s3: S3Endpoint,
    pub(crate) hosts: Hosts,
}

impl Endpoint {
    /// The services at a listener with these hosts, for those who have these keys.
    pub(crate) fn new(services: Arc<Services>, keys: AccessKeys, hosts: Hosts) -> Self {
        Self {
            s3: S3Endpoint::new(
                services.buckets.clone(),
                services.account.clone(),
                keys.clone(),
            ),
            verifier: Verifier {
                keys,
                region: services.account.region.clone(),
            },
            services,
            hosts,
        }
    }

    /// The same services for the builds that run, at the listener with this address.
    pub(crate) fn at_gateway(&self, address: SocketAddr) -> Self {
        Self::new(
            Arc::clone(&self.services),
            self.verifier.keys.of_builds_only(),
            Hosts::Gateway(address),
        )
    }

    /// Answers one request. Every answer has a request id.
    pub(crate) async fn answer(&self, request: http::Request<Body>) -> Response<Body> {
        let id = uuid::Uuid::new_v4().to_string();
        let (parts, body) = request.into_parts();
        let webhook = self.webhook_token(&parts);
        let is_for_registry = ecr::is_for_registry(&parts);
        let is_for_git = codecommit::is_for_git(&parts);
        let is_elsewhere = webhook.is_some() || is_for_registry || is_for_git;
        let is_for_s3 = !is_elsewhere && s3::is_for_s3(&parts, &self.services.buckets);
        let mut response = match self.hosts.check(&parts, is_for_s3) {
            Ok(()) if is_for_s3 => return self.s3.answer(parts, body, &id).await,
            Ok(()) if is_for_registry => self.registry(&parts, body).await,
            Ok(()) if is_for_git => {
                codecommit::answer(&self.services, &self.verifier, &parts, body).await
            }
            Ok(()) => match webhook {
                Some(token) => self.webhook(&parts, &token, body).await,
                None => self.route(&parts, body, &id).await,
            },
            Err(error) => reply::json_error(&error),
        };
        reply::add_request_id(&mut response, &id);
        response
    }

    async fn registry(&self, parts: &Parts, body: Body) -> Response<Body> {
        let services = &self.services;
        let host = self.hosts.registry(parts);
        ecr::answer(&services.registry, &self.verifier.keys, &host, parts, body).await
    }

    async fn route(&self, parts: &Parts, body: Body, id: &str) -> Response<Body> {
        let path = parts.uri.path();
        // Without a signature nobody has an answer inside a container.
        let shows_badges = matches!(self.hosts, Hosts::Loopback { .. });
        if parts.method == Method::GET && path == "/badges" && shows_badges {
            return self.badge(parts.uri.query().unwrap_or_default());
        }
        if rpc_v2_cbor::is_spoken_in(parts) {
            return match self.cbor(parts, body).await {
                Ok(output) => reply::cbor(output),
                Err(error) => reply::cbor_error(&error),
            };
        }
        if query_protocol::is_spoken_in(parts) {
            let form = parts.uri.query().unwrap_or_default();
            return self.query(parts, form.as_bytes(), b"", id).await;
        }
        if sigv4::service_in_scope(parts) == Some(notification_rules::SIGNING_NAME) {
            return self.notification_rules(parts, body).await;
        }
        if parts.method != Method::POST || path != "/" {
            return reply::no_such_path();
        }
        let content_type = content_type(&parts.headers);
        let body = match request_body::read(&parts.headers, body).await {
            Ok(body) => body,
            Err(error) if content_type == FORM => return query_error(parts, &error, id),
            Err(error) => return reply::json_error(&error),
        };
        match content_type {
            JSON => match self.json(parts, &body, id).await {
                Ok(response) => response,
                Err(error) => reply::json_error(&error),
            },
            FORM => self.query(parts, &body, &body, id).await,
            _ => reply::no_such_path(),
        }
    }

    async fn json(&self, parts: &Parts, body: &[u8], id: &str) -> Result<Response<Body>, AwsError> {
        let text = request_body::unpacked(&parts.headers, body)?;
        // An empty body is an empty input.
        let text_or_empty = if text.is_empty() { b"{}" } else { &text[..] };
        let input = serde_json::from_slice(text_or_empty)
            .map_err(|error| AwsError::serialization(format!("The body is not JSON: {error}")))?;
        let target = parts
            .headers
            .get("x-amz-target")
            .and_then(|target| target.to_str().ok())
            .unwrap_or_default();
        let (service, operation) = target.split_once('.').unwrap_or_default();
        let (service, caller) = self.admit(parts, body, service, operation, &input)?;
        if service == "logs" && operation == "StartLiveTail" {
            let events = logs::start_live_tail(&self.services, input, id)?;
            return Ok(reply::event_stream(events));
        }
        if service == "ecr" {
            let from = ecr::Caller {
                host: &self.hosts.registry(parts),
                access_key_id: sigv4::access_key_id(parts),
            };
            let output = ecr::call(&self.services, from, operation, input).await?;
            return Ok(reply::json(&output));
        }
        let output = self
            .services
            .call(&caller, service, operation, input)
            .await?;
        Ok(reply::json(&output))
    }

    /// CodeBuild alone has this protocol in its service model.
    async fn cbor(&self, parts: &Parts, body: Body) -> Result<Vec<u8>, AwsError> {
        let body = request_body::read(&parts.headers, body).await?;
        let Some((service @ "CodeBuild_20161006", operation)) = rpc_v2_cbor::target(parts) else {
            return Err(AwsError::bare("UnknownOperationException"));
        };
        if content_type(&parts.headers) != rpc_v2_cbor::CONTENT_TYPE && !body.is_empty() {
            return Err(AwsError::new(
                "UnsupportedMediaTypeException",
                "The content type of this protocol is application/cbor.",
            ));
        }
        let input = rpc_v2_cbor::read(&request_body::unpacked(&parts.headers, &body)?)?;
        let (service, caller) = self.admit(parts, &body, service, operation, &input)?;
        let output = self
            .services
            .call(&caller, service, operation, input)
            .await?;
        Ok(rpc_v2_cbor::write(
            &output,
            model::CODEBUILD.output(operation),
        ))
    }

    /// CodeStar Notifications: the path names the operation.
    async fn notification_rules(&self, parts: &Parts, body: Body) -> Response<Body> {
        let answer = async {
            let body = request_body::read(&parts.headers, body).await?;
            let text = request_body::unpacked(&parts.headers, &body)?;
            let service = notification_rules::SIGNING_NAME;
            let Some((operation, input)) = notification_rules::request(parts, &text)? else {
                return Err(
                    AwsError::bare("UnknownOperationException").with_status(StatusCode::NOT_FOUND)
                );
            };
            let caller = self
                .verifier
                .verify(parts, &body, service, Timestamp::now())?;
            self.services
                .call(&caller, service, &operation, input)
                .await
        };
        match answer.await {
            Ok(output) => reply::plain_json(StatusCode::OK, &output),
            Err(error) => reply::json_error(&error),
        }
    }

    /// Whether there is such an operation and its signature is right: the name that its service
    /// signs with, and who calls. `body` is what was signed.
    fn admit(
        &self,
        parts: &Parts,
        body: &[u8],
        service: &str,
        operation: &str,
        input: &Value,
    ) -> Result<(&'static str, Caller), AwsError> {
        let (signing_name, has_operation) = match service {
            "CodeBuild_20161006" => ("codebuild", model::CODEBUILD.has_operation(operation)),
            "Logs_20140328" => ("logs", logs::has_operation(operation)),
            "CodeCommit_20150413" => ("codecommit", codecommit::has_operation(operation)),
            "AmazonEC2ContainerRegistry_V20150921" => ("ecr", ecr::has_operation(operation)),
            "AmazonSSM" => ("ssm", parameter_store::has_operation(operation)),
            "AWSEvents" => ("events", model::EVENTS.has_operation(operation)),
            "secretsmanager" => ("secretsmanager", secrets_manager::has_operation(operation)),
            _ => return Err(AwsError::bare("UnknownOperationException")),
        };
        if !has_operation {
            return Err(match signing_name {
                // CodeBuild has all its operations: what is not known is not one.
                "codebuild" => AwsError::bare("UnknownOperationException"),
                _ => AwsError::new(
                    "UnknownOperationException",
                    format!(
                        "The local AWS does not have the {} operation {operation}.",
                        name(signing_name)
                    ),
                ),
            });
        }
        let caller = self
            .verifier
            .verify(parts, body, signing_name, Timestamp::now())?;
        if !input.is_object() {
            return Err(AwsError::serialization("The body is not an object"));
        }
        Ok((signing_name, caller))
    }

    /// A service whose requests are forms. `body` is what was signed.
    async fn query(&self, parts: &Parts, form: &[u8], body: &[u8], id: &str) -> Response<Body> {
        let scope = sigv4::service_in_scope(parts);
        let parameters = Parameters::of(form);
        if ec2::is_addressed(scope, &parameters) {
            return self.ec2(parts, &parameters, body, id);
        }
        let model = query_protocol::addressed(scope, &parameters);
        let answer = async {
            let query = query_protocol::read(model, scope, parameters)?;
            let caller = self.query_caller(parts, body, query.service, &query.action)?;
            let input = query.input()?;
            let output = self
                .services
                .call(&caller, query.service, &query.action, input)
                .await?;
            Ok(query.answer(&output, id))
        };
        let (status, text) = match answer.await {
            Ok(text) => (StatusCode::OK, text),
            Err(error) => query_protocol::error(model, &error, id),
        };
        reply::xml(status, text)
    }

    fn ec2(&self, parts: &Parts, form: &Parameters, body: &[u8], id: &str) -> Response<Body> {
        let caller = self.query_caller(parts, body, ec2::SIGNING_NAME, "");
        let answer = caller.and_then(|_| ec2::call(&self.services.account.region, form, id));
        let (status, text) = match answer {
            Ok(text) => (StatusCode::OK, text),
            Err(error) => ec2::error(&error, id),
        };
        reply::xml(status, text)
    }

    fn query_caller(
        &self,
        parts: &Parts,
        body: &[u8],
        service: &str,
        action: &str,
    ) -> Result<Caller, AwsError> {
        // Links in messages of SNS are not signed. Inside a container nobody has an answer so.
        let is_link = service == "sns" && matches!(action, "ConfirmSubscription" | "Unsubscribe");
        let is_signed = parts.headers.contains_key(AUTHORIZATION);
        if is_link && !is_signed && matches!(self.hosts, Hosts::Loopback { .. }) {
            return Ok(Caller::Anonymous);
        }
        self.verifier.verify(parts, body, service, Timestamp::now())
    }

    /// The token in a request to a webhook's payload URL. A bucket of the name `webhooks` has the
    /// same path, but no such parameter.
    fn webhook_token(&self, parts: &Parts) -> Option<String> {
        // Inside a container nobody has an answer without a signature of AWS's.
        let takes_events = matches!(self.hosts, Hosts::Loopback { .. });
        let is_event = parts.method == Method::POST && parts.uri.path() == "/webhooks";
        if !takes_events || !is_event {
            return None;
        }
        parameter(parts.uri.query().unwrap_or_default(), "t")
    }

    async fn webhook(&self, parts: &Parts, token: &str, body: Body) -> Response<Body> {
        match request_body::read(&parts.headers, body).await {
            Ok(body) => webhooks::receive(&self.services, token, &parts.headers, &body).await,
            Err(error) => reply::json_error(&error),
        }
    }

    fn badge(&self, query: &str) -> Response<Body> {
        let token = parameter(query, "uuid").unwrap_or_default();
        let branch = parameter(query, "branch").or_else(|| parameter(query, "tag"));
        match codebuild::badge(&self.services, &token, branch.as_deref()) {
            Ok(svg) => reply::svg(svg),
            Err(error) => reply::json_error(&error),
        }
    }
}

/// The answer to a form that was not read.
fn query_error(parts: &Parts, error: &AwsError, id: &str) -> Response<Body> {
    let scope = sigv4::service_in_scope(parts);
    let model = query_protocol::addressed(scope, &Parameters::default());
    let (status, text) = query_protocol::error(model, error, id);
    reply::xml(status, text)
}

/// A parameter of a query string.
fn parameter(query: &str, name: &str) -> Option<String> {
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find_map(|(key, value)| (key == name).then(|| decoded_query(value)))
}

/// A service's name as people know it.
fn name(signing_name: &str) -> &str {
    match signing_name {
        "logs" => "CloudWatch Logs",
        "codecommit" => "CodeCommit",
        "ecr" => "ECR",
        "events" => "EventBridge",
        "ssm" => "Systems Manager",
        "secretsmanager" => "Secrets Manager",
        other => other,
    }
}

fn content_type(headers: &HeaderMap) -> &str {
    let text = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    text.split(';').next().unwrap_or_default().trim()
}
