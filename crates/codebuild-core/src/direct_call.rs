//! Calls of services that have no SDK crate here.
//!
//! Each goes through the SDK's own runtime, so that credentials, signatures, retries, timeouts, the
//! wire tap and replays are those of every other call. What a request looks like and what an answer
//! means is up to the caller.

use aws_runtime::auth::SigV4OperationSigningConfig;
use aws_runtime::auth::sigv4::SCHEME_ID;
use aws_runtime::auth::sigv4::SigV4AuthScheme;
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::HttpStatusCodeClassifier;
use aws_smithy_runtime::client::retries::classifiers::TransientErrorClassifier;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::AuthSchemeOptionResolverParams;
use aws_smithy_runtime_api::client::auth::SharedAuthScheme;
use aws_smithy_runtime_api::client::auth::SharedAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::identity::SharedIdentityResolver;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::orchestrator::OrchestratorError;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::error::metadata::ErrorMetadata;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::SigningName;
use aws_types::region::Region;
use aws_types::region::SigningRegion;
use aws_types::service_config::ServiceConfigKey;

use crate::wire_tap::WireTap;

/// A service without an SDK crate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DirectService {
    /// The name in signatures and the AWS CLI, such as `ssm`.
    pub(crate) name: &'static str,
    /// The name that settings know it by: `SSM` in `AWS_ENDPOINT_URL_SSM`.
    pub(crate) id: &'static str,
    /// What the host name begins with, such as `ssm`.
    pub(crate) host: &'static str,
    /// Whether it has one endpoint for all regions of a partition, as IAM has.
    pub(crate) is_global: bool,
    /// S3 signs paths as they are, and wants the hash of each body in a header.
    pub(crate) signs_as_s3: bool,
    /// What an error answer says: its code and message.
    pub(crate) error: fn(&DirectAnswer) -> ErrorMetadata,
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct DirectRequest {
    pub(crate) method: &'static str,
    /// Path and query, percent-encoded.
    pub(crate) uri: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct DirectAnswer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl DirectAnswer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

impl From<&HttpResponse> for DirectAnswer {
    fn from(response: &HttpResponse) -> Self {
        Self {
            status: response.status().as_u16(),
            headers: response
                .headers()
                .iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            body: response.body().bytes().unwrap_or_default().to_vec(),
        }
    }
}

/// The URL of a service: what settings name for it, or for all, or AWS's own.
pub(crate) fn endpoint(service: &DirectService, config: &SdkConfig) -> String {
    let of_service = config.service_config().and_then(|settings| {
        let key = ServiceConfigKey::builder()
            .service_id(service.id)
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build()
            .ok()?;
        settings.load_config(key)
    });
    if let Some(url) = of_service.or_else(|| config.endpoint_url().map(str::to_owned)) {
        return url;
    }
    let region = config.region().map_or("us-east-1", AsRef::as_ref);
    let domain = if region.starts_with("cn-") {
        "amazonaws.com.cn"
    } else {
        "amazonaws.com"
    };
    match (service.is_global, region) {
        (false, _) => format!("https://{}.{region}.{domain}", service.host),
        (true, region) if region.starts_with("us-gov-") => {
            format!("https://{}.us-gov.{domain}", service.host)
        }
        (true, region) if region.starts_with("cn-") => {
            format!("https://{}.cn-north-1.{domain}", service.host)
        }
        (true, _) => format!("https://{}.{domain}", service.host),
    }
}

/// The region that a service without regions wants in signatures.
fn global_region(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "cn-north-1"
    } else if region.starts_with("us-gov-") {
        "us-gov-west-1"
    } else {
        "us-east-1"
    }
}

/// Sends a request, signed, and gives the answer.
pub(crate) async fn send(
    service: DirectService,
    operation: &'static str,
    endpoint: &str,
    config: &SdkConfig,
    client: Option<SharedHttpClient>,
    tap: WireTap,
    request: DirectRequest,
) -> Result<DirectAnswer, SdkError<ErrorMetadata, HttpResponse>> {
    let mut builder = Operation::builder()
        .service_name(service.id)
        .operation_name(operation)
        .endpoint_url(endpoint)
        .timeout_config(
            config
                .timeout_config()
                .cloned()
                .unwrap_or_else(TimeoutConfig::disabled),
        )
        .standard_retry(&RetryConfig::standard())
        .retry_classifier(TransientErrorClassifier::<ErrorMetadata>::new())
        .retry_classifier(HttpStatusCodeClassifier::default())
        .interceptor(tap)
        .runtime_plugin(signing(service, config));
    if let Some(client) = client {
        builder = builder.http_client(client);
    }
    builder
        .serializer(|request: DirectRequest| http_request(request))
        .deserializer(move |response: &HttpResponse| {
            let answer = DirectAnswer::from(response);
            if response.status().is_success() {
                Ok(answer)
            } else {
                Err(OrchestratorError::operation((service.error)(&answer)))
            }
        })
        .build()
        .invoke(request)
        .await
}

/// Signs requests as this service wants them signed.
fn signing(service: DirectService, config: &SdkConfig) -> StaticRuntimePlugin {
    let mut layer = Layer::new("signing");
    let mut signing = SigV4OperationSigningConfig::default();
    if service.signs_as_s3 {
        signing.signing_options.double_uri_encode = false;
        signing.signing_options.normalize_uri_path = false;
        signing.signing_options.content_sha256_header = true;
    } else {
        signing.signing_options.double_uri_encode = true;
        signing.signing_options.normalize_uri_path = true;
    }
    layer.store_put(signing);
    layer.store_put(SigningName::from_static(service.name));
    if let Some(region) = config.region() {
        layer.store_put(if service.is_global {
            SigningRegion::from(Region::from_static(global_region(region.as_ref())))
        } else {
            SigningRegion::from(region.clone())
        });
    }
    layer.store_put(AuthSchemeOptionResolverParams::new(()));
    let mut components = RuntimeComponentsBuilder::new("signing");
    components
        .set_auth_scheme_option_resolver(Some(SharedAuthSchemeOptionResolver::new(
            StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID]),
        )))
        .push_auth_scheme(SharedAuthScheme::new(SigV4AuthScheme::new()))
        .set_identity_cache(Some(IdentityCache::no_cache()));
    if let Some(provider) = config.credentials_provider() {
        components.set_identity_resolver(SCHEME_ID, SharedIdentityResolver::new(provider));
    }
    StaticRuntimePlugin::new()
        .with_config(layer.freeze())
        .with_runtime_components(components)
}

fn http_request(request: DirectRequest) -> Result<HttpRequest, BoxError> {
    let mut made = HttpRequest::new(SdkBody::from(request.body));
    made.set_method(request.method)?;
    made.set_uri(request.uri)?;
    for (name, value) in request.headers {
        made.headers_mut().try_insert(name, value)?;
    }
    Ok(made)
}
