//! Clients for one target, with the wire tap in each.

use std::path::Path;
use std::sync::Arc;
use std::sync::OnceLock;
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::ConfigLoader;
use aws_config::Region;
use aws_config::SdkConfig;
use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::environment::region::EnvironmentVariableRegionProvider;
use aws_config::imds;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::timeout::TimeoutConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_smithy_http_client::Builder as HttpClientBuilder;
use aws_smithy_http_client::tls;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::call_error::CallError;
use crate::credential_search::CredentialSearch;
use crate::direct_call;
use crate::direct_call::DirectAnswer;
use crate::direct_call::DirectRequest;
use crate::direct_call::DirectService;
use crate::recording::Recording;
use crate::replay::Player;
use crate::target::Keys;
use crate::target::Target;
use crate::wire_tap::Exchange;
use crate::wire_tap::WireTap;

/// The region of an endpoint that was given without one: where most AWS-compatible servers are.
const ENDPOINT_REGION: &str = "us-east-1";

/// How long the search for credentials waits for EC2's metadata service, which answers within
/// milliseconds where it exists. Without a limit a newcomer without credentials waits for many
/// seconds.
const METADATA_TIMEOUT: Duration = Duration::from_millis(800);

/// How long a connection may take to open.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a connection may be silent before an answer comes; the AWS CLI's default.
const READ_TIMEOUT: Duration = Duration::from_secs(60);

/// Clients for one target, with the wire tap in each. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Session {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    target: Target,
    config: SdkConfig,
    tap: WireTap,
    player: Option<Player>,
    cloudformation: OnceLock<aws_sdk_cloudformation::Client>,
    codebuild: OnceLock<aws_sdk_codebuild::Client>,
    logs: OnceLock<aws_sdk_cloudwatchlogs::Client>,
    sts: OnceLock<aws_sdk_sts::Client>,
}

/// Who the credentials belong to (STS GetCallerIdentity).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Identity {
    /// The twelve-digit account id.
    pub account: String,
    /// The caller's ARN.
    pub arn: String,
}

impl Session {
    /// Makes clients for the target. Calls nothing yet.
    ///
    /// # Errors
    ///
    /// If a replay file cannot be read.
    pub async fn connect(target: Target) -> Result<Self, CallError> {
        Self::connect_with_tap(target, WireTap::default()).await
    }

    async fn connect_with_tap(target: Target, tap: WireTap) -> Result<Self, CallError> {
        let (config, player) = match &target {
            Target::Aws { profile, region } => {
                let config = load_config(profile.as_deref(), region.as_deref(), None).await;
                (config, None)
            }
            Target::Endpoint {
                url,
                region,
                profile,
                keys,
            } => {
                let config = match keys {
                    Some(keys) => keyed_config(url, region.as_deref(), keys),
                    None => load_config(profile.as_deref(), region.as_deref(), Some(url)).await,
                };
                (config, None)
            }
            Target::Replay { file, pace } => {
                let recording = Recording::read(file)?;
                let region = recording.region.clone();
                let player = Player::new(recording, *pace);
                (replay_config(&player, region), Some(player))
            }
        };
        let inner = Inner {
            target,
            config,
            tap,
            player,
            cloudformation: OnceLock::new(),
            codebuild: OnceLock::new(),
            logs: OnceLock::new(),
            sts: OnceLock::new(),
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// The same session with other settings for one command: `--region`, `--profile` and
    /// `--endpoint-url`. A replay has no use for them.
    pub(crate) async fn with_options(
        &self,
        region: Option<&str>,
        profile: Option<&str>,
        endpoint_url: Option<&str>,
    ) -> Result<Self, CallError> {
        if region.is_none() && profile.is_none() && endpoint_url.is_none() {
            return Ok(self.clone());
        }
        let or = |new: Option<&str>, old: &Option<String>| new.map(str::to_owned).or(old.clone());
        let target = match &self.inner.target {
            Target::Aws {
                profile: old_profile,
                region: old_region,
            } => match endpoint_url {
                None => Target::Aws {
                    profile: or(profile, old_profile),
                    region: or(region, old_region),
                },
                Some(url) => Target::Endpoint {
                    url: url.to_owned(),
                    region: or(region, old_region),
                    profile: or(profile, old_profile),
                    keys: None,
                },
            },
            Target::Endpoint {
                url,
                region: old_region,
                profile: old_profile,
                keys,
            } => Target::Endpoint {
                url: endpoint_url.unwrap_or(url).to_owned(),
                region: or(region, old_region),
                profile: or(profile, old_profile),
                // Keys belong to the endpoint that they were given for.
                keys: keys
                    .clone()
                    .filter(|_| profile.is_none() && endpoint_url.is_none_or(|new| new == url)),
            },
            Target::Replay { .. } => return Ok(self.clone()),
        };
        Self::connect_with_tap(target, self.inner.tap.clone()).await
    }

    /// The region that calls go to.
    #[must_use]
    pub fn region(&self) -> Option<String> {
        self.inner.config.region().map(ToString::to_string)
    }

    /// The environment variables that give another program this session's credentials and region:
    /// `AWS_ACCESS_KEY_ID` and so on. They are secrets, but for the region.
    ///
    /// # Errors
    ///
    /// If no credentials are found; the message says where was looked.
    pub async fn environment(&self) -> Result<Vec<(&'static str, String)>, CallError> {
        // The call that every credential can make, so that a bad one is explained as ever.
        self.identity().await?;
        let mut variables = Vec::new();
        if let Some(provider) = self.inner.config.credentials_provider() {
            let found = provider.provide_credentials().await;
            if let Ok(credentials) = found {
                variables.push(("AWS_ACCESS_KEY_ID", credentials.access_key_id().to_owned()));
                variables.push((
                    "AWS_SECRET_ACCESS_KEY",
                    credentials.secret_access_key().to_owned(),
                ));
                if let Some(token) = credentials.session_token() {
                    variables.push(("AWS_SESSION_TOKEN", token.to_owned()));
                }
            }
        }
        if let Some(region) = self.region() {
            variables.push(("AWS_REGION", region.clone()));
            variables.push(("AWS_DEFAULT_REGION", region));
        }
        Ok(variables)
    }

    /// The credentials themselves.
    ///
    /// # Errors
    ///
    /// If none are found; the message says where was looked.
    pub(crate) async fn credentials(&self) -> Result<Credentials, CallError> {
        let provider = self.inner.config.credentials_provider();
        let found = match &provider {
            Some(provider) => provider.provide_credentials().await.ok(),
            None => None,
        };
        match found {
            Some(credentials) => Ok(credentials),
            None => {
                // A call fails for the same reason, and explains it.
                self.identity().await?;
                let profile = match &self.inner.target {
                    Target::Aws { profile, .. } | Target::Endpoint { profile, .. } => {
                        profile.as_deref()
                    }
                    Target::Replay { .. } => None,
                };
                Err(CallError::NoCredentials {
                    search: CredentialSearch::look(profile),
                })
            }
        }
    }

    /// Who the credentials belong to.
    ///
    /// # Errors
    ///
    /// If there are no credentials, or STS does not take them.
    pub async fn identity(&self) -> Result<Identity, CallError> {
        self.check_region()?;
        let answer = self
            .sts()
            .get_caller_identity()
            .send()
            .await
            .map_err(|error| self.call_error("sts", "GetCallerIdentity", error))?;
        Ok(Identity {
            account: answer.account.unwrap_or_default(),
            arn: answer.arn.unwrap_or_default(),
        })
    }

    /// Takes the exchanges since the last call of this function, at most the 256 newest.
    #[must_use]
    pub fn take_exchanges(&self) -> Vec<Exchange> {
        self.inner.tap.take()
    }

    /// Names the part of the walk that the calls from now on belong to. A recording is kept and
    /// replayed scene by scene: a scene that is run again replays from its beginning, and of a
    /// scene that was recorded twice the last run is kept.
    pub fn begin_scene(&self, scene: &str) {
        self.inner.tap.begin_scene(scene);
        if let Some(player) = &self.inner.player {
            player.begin_scene(scene);
        }
    }

    /// Saves everything that crossed the wire since [`Session::connect`], scene by scene.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn save_recording(&self, file: &Path) -> Result<(), CallError> {
        Recording::of(&self.inner.tap.kept(), self.region()).write(file)
    }

    /// Waits between two polls. A replay that goes faster than recorded waits less.
    pub(crate) async fn pause(&self, duration: Duration) {
        let duration = match &self.inner.player {
            Some(player) => player.paced(duration),
            None => duration,
        };
        if duration.is_zero() {
            tokio::task::yield_now().await;
        } else {
            tokio::time::sleep(duration).await;
        }
    }

    pub(crate) fn cloudformation(&self) -> &aws_sdk_cloudformation::Client {
        self.inner.cloudformation.get_or_init(|| {
            let mut config = aws_sdk_cloudformation::config::Builder::from(&self.inner.config)
                .interceptor(self.inner.tap.clone());
            if let Some(url) = self.explicit_endpoint() {
                config.set_endpoint_url(Some(url));
            }
            aws_sdk_cloudformation::Client::from_conf(config.build())
        })
    }

    pub(crate) fn codebuild(&self) -> &aws_sdk_codebuild::Client {
        self.inner.codebuild.get_or_init(|| {
            let mut config = aws_sdk_codebuild::config::Builder::from(&self.inner.config)
                .interceptor(self.inner.tap.clone());
            if let Some(url) = self.explicit_endpoint() {
                config.set_endpoint_url(Some(url));
            }
            aws_sdk_codebuild::Client::from_conf(config.build())
        })
    }

    pub(crate) fn logs(&self) -> &aws_sdk_cloudwatchlogs::Client {
        self.inner.logs.get_or_init(|| {
            let mut config = aws_sdk_cloudwatchlogs::config::Builder::from(&self.inner.config)
                .interceptor(self.inner.tap.clone());
            if let Some(url) = self.explicit_endpoint() {
                config.set_endpoint_url(Some(url));
            }
            aws_sdk_cloudwatchlogs::Client::from_conf(config.build())
        })
    }

    pub(crate) fn sts(&self) -> &aws_sdk_sts::Client {
        self.inner.sts.get_or_init(|| {
            let mut config = aws_sdk_sts::config::Builder::from(&self.inner.config)
                .interceptor(self.inner.tap.clone());
            if let Some(url) = self.explicit_endpoint() {
                config.set_endpoint_url(Some(url));
            }
            aws_sdk_sts::Client::from_conf(config.build())
        })
    }

    /// Calls a service that has no SDK crate here.
    pub(crate) async fn call_directly(
        &self,
        service: DirectService,
        operation: &'static str,
        request: DirectRequest,
    ) -> Result<DirectAnswer, CallError> {
        self.check_region()?;
        let config = &self.inner.config;
        let endpoint = self
            .explicit_endpoint()
            .unwrap_or_else(|| direct_call::endpoint(&service, config));
        let client = match &self.inner.player {
            Some(player) => Some(SharedHttpClient::new(player.of_operation(operation))),
            None => config.http_client(),
        };
        let tap = self.inner.tap.clone();
        direct_call::send(service, operation, &endpoint, config, client, tap, request)
            .await
            .map_err(|error| self.call_error(service.name, operation, error))
    }

    /// Fails before the SDK does if there is no region: its own message names no way out.
    pub(crate) fn check_region(&self) -> Result<(), CallError> {
        match self.inner.config.region() {
            Some(_) => Ok(()),
            None => Err(CallError::NoRegion),
        }
    }

    /// Sorts an SDK error.
    pub(crate) fn call_error<E>(
        &self,
        service: &str,
        operation: &str,
        error: SdkError<E, HttpResponse>,
    ) -> CallError
    where
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        let endpoint = self
            .explicit_endpoint()
            .or_else(|| self.inner.config.endpoint_url().map(str::to_owned))
            .unwrap_or_else(|| {
                let region = self.region().unwrap_or_default();
                format!("https://{service}.{region}.amazonaws.com")
            });
        let profile = match &self.inner.target {
            Target::Aws { profile, .. } | Target::Endpoint { profile, .. } => profile.as_deref(),
            Target::Replay { .. } => None,
        };
        CallError::from_sdk(
            operation,
            &endpoint,
            || CredentialSearch::look(profile),
            error,
        )
    }

    /// A URL that was given explicitly wins over `AWS_ENDPOINT_URL_CODEBUILD` and its like.
    fn explicit_endpoint(&self) -> Option<String> {
        match &self.inner.target {
            Target::Endpoint { url, .. } => Some(url.clone()),
            Target::Aws { .. } | Target::Replay { .. } => None,
        }
    }
}

/// Settings and credentials as the AWS CLI finds them.
async fn load_config(
    profile: Option<&str>,
    region: Option<&str>,
    endpoint_url: Option<&str>,
) -> SdkConfig {
    let region = find_region(profile, region)
        .await
        .or_else(|| endpoint_url.map(|_| Region::from_static(ENDPOINT_REGION)));
    let client = https_client();
    let provider_config = ProviderConfig::default()
        .with_http_client(client.clone())
        .with_region(region.clone());
    let metadata = imds::Client::builder()
        .configure(&provider_config)
        .max_attempts(1)
        .connect_timeout(METADATA_TIMEOUT)
        .read_timeout(METADATA_TIMEOUT)
        .build();
    let mut credentials = DefaultCredentialsChain::builder()
        .configure(provider_config)
        .region(region.clone())
        .imds_client(metadata);
    if let Some(profile) = profile {
        credentials = credentials.profile_name(profile);
    }
    let mut loader = defaults()
        .http_client(client)
        .region(region)
        .credentials_provider(credentials.build().await);
    if let Some(profile) = profile {
        loader = loader.profile_name(profile);
    }
    if let Some(url) = endpoint_url {
        loader = loader.endpoint_url(url);
    }
    loader.load().await
}

/// The region as the AWS CLI finds it, without asking EC2's metadata service.
async fn find_region(profile: Option<&str>, region: Option<&str>) -> Option<Region> {
    let mut from_profile = ProfileFileRegionProvider::builder();
    if let Some(profile) = profile {
        from_profile = from_profile.profile_name(profile);
    }
    RegionProviderChain::first_try(region.map(|region| Region::new(region.to_owned())))
        .or_else(EnvironmentVariableRegionProvider::new())
        .or_else(from_profile.build())
        .region()
        .await
}

/// A configuration that looks at nothing of the machine.
fn keyed_config(url: &str, region: Option<&str>, keys: &Keys) -> SdkConfig {
    let client = if url.starts_with("http://") {
        HttpClientBuilder::new().build_http()
    } else {
        https_client()
    };
    fixed_config(client, region.unwrap_or(ENDPOINT_REGION), Some(url), keys)
}

/// A configuration whose requests never leave the process.
fn replay_config(player: &Player, region: Option<String>) -> SdkConfig {
    let keys = Keys {
        access_key_id: "replay".to_owned(),
        secret_access_key: "replay".to_owned(),
    };
    let region = region.as_deref().unwrap_or(ENDPOINT_REGION);
    fixed_config(SharedHttpClient::new(player.clone()), region, None, &keys)
}

fn fixed_config(
    client: SharedHttpClient,
    region: &str,
    endpoint_url: Option<&str>,
    keys: &Keys,
) -> SdkConfig {
    let credentials = Credentials::new(
        &keys.access_key_id,
        &keys.secret_access_key,
        None,
        None,
        "given keys",
    );
    let mut config = SdkConfig::builder();
    config.set_endpoint_url(endpoint_url.map(str::to_owned));
    config
        .behavior_version(BehaviorVersion::latest())
        .http_client(client)
        .region(Region::new(region.to_owned()))
        .timeout_config(timeouts())
        .credentials_provider(
            aws_credential_types::provider::SharedCredentialsProvider::new(credentials),
        )
        .build()
}

fn defaults() -> ConfigLoader {
    aws_config::defaults(BehaviorVersion::latest()).timeout_config(timeouts())
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(READ_TIMEOUT)
        .build()
}

fn https_client() -> SharedHttpClient {
    HttpClientBuilder::new()
        .tls_provider(tls::Provider::Rustls(
            tls::rustls_provider::CryptoMode::Ring,
        ))
        .build_https()
}
