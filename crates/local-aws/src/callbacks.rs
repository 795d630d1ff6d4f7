//! The way back: how a build reaches the local AWS from inside its container.
//!
//! The local AWS itself listens on loopback. Where that cannot be reached from a container, a second
//! listener opens on the gateway of the engine's bridge network when the first build starts. It
//! takes connections from that network only, and requests with the keys of running builds only.

use std::io;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use axum::serve::Listener;
use build_engine::HostRoute;
use build_engine::RegistryLogin;
use build_engine::Subnet;
use build_engine::Variable;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::sync::mpsc;

use crate::access_keys::AccessKeys;
use crate::access_keys::BuildKeys;
use crate::codebuild::Build;
use crate::ecr::Registry;
use crate::host_header::Hosts;
use crate::host_header::NAME_IN_CONTAINERS;

/// Opens ways back for builds.
#[derive(Clone, Debug)]
pub(crate) struct Callbacks {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    keys: AccessKeys,
    /// Where the local AWS listens.
    loopback: SocketAddr,
    /// Whether a build has been told to use this machine's name in containers.
    in_containers: Arc<AtomicBool>,
    /// The listener for containers that was opened last, and who may connect to it.
    gateway: Mutex<Option<(SocketAddr, Subnet)>>,
    /// To the server.
    listeners: mpsc::UnboundedSender<GatewayListener>,
}

/// What a build needs to call the local AWS. Its keys count until this is dropped.
pub(crate) struct Callback {
    endpoint: String,
    keys: BuildKeys,
}

impl Callbacks {
    /// The receiver gets the listeners that are to be served.
    pub(crate) fn new(
        keys: AccessKeys,
        loopback: SocketAddr,
    ) -> (Self, mpsc::UnboundedReceiver<GatewayListener>) {
        let (listeners, to_serve) = mpsc::unbounded_channel();
        let callbacks = Self {
            inner: Arc::new(Inner {
                keys,
                loopback,
                in_containers: Arc::default(),
                gateway: Mutex::default(),
                listeners,
            }),
        };
        (callbacks, to_serve)
    }

    /// The hosts that requests at the loopback listener may name.
    pub(crate) fn loopback_hosts(&self) -> Hosts {
        Hosts::Loopback {
            port: self.inner.loopback.port(),
            in_containers: Arc::clone(&self.inner.in_containers),
        }
    }

    /// Opens the way back for a build whose container has this route to the host.
    ///
    /// # Errors
    ///
    /// Why there is none, as a clause.
    pub(crate) async fn open(&self, route: HostRoute, build: &Build) -> Result<Callback, String> {
        let endpoint = self.endpoint(route).await?;
        let uuid = build.id.rsplit(':').next().unwrap_or_default();
        let role = build.service_role.rsplit('/').next().unwrap_or_default();
        let keys = &self.inner.keys;
        let keys = keys
            .issue(role, &format!("AWSCodeBuild-{uuid}"))
            .map_err(|error| format!("there are no random numbers for its keys: {error}"))?;
        Ok(Callback { endpoint, keys })
    }

    async fn endpoint(&self, route: HostRoute) -> Result<String, String> {
        let loopback = self.inner.loopback;
        match route {
            HostRoute::Gateway { address, subnet } => {
                let address = self.gateway(address, subnet).await?;
                Ok(format!("http://{address}"))
            }
            HostRoute::DockerInternal if loopback.is_ipv4() => {
                self.inner.in_containers.store(true, Ordering::Relaxed);
                Ok(format!("http://{NAME_IN_CONTAINERS}:{}", loopback.port()))
            }
            HostRoute::DockerInternal => Err(format!(
                "{NAME_IN_CONTAINERS} leads to 127.0.0.1, and the local AWS listens on {loopback}"
            )),
            HostRoute::None { reason } => Err(reason),
        }
    }

    /// Where containers of this bridge network reach the local AWS. Listens there from now on.
    async fn gateway(&self, address: Ipv4Addr, subnet: Subnet) -> Result<SocketAddr, String> {
        let mut gateway = self.inner.gateway.lock().await;
        if let Some((at, of)) = *gateway
            && at.ip() == address
            && of == subnet
        {
            return Ok(at);
        }
        let cannot = |error: io::Error| {
            format!("the gateway of its network, {address}, cannot be listened on: {error}")
        };
        let listener = TcpListener::bind((address, 0)).await.map_err(cannot)?;
        let at = listener.local_addr().map_err(cannot)?;
        let listener = GatewayListener { listener, subnet };
        self.inner
            .listeners
            .send(listener)
            .map_err(|_| "the local AWS is stopping".to_owned())?;
        *gateway = Some((at, subnet));
        Ok(at)
    }
}

impl Callback {
    /// For the build's environment: the endpoint, and the keys. Someone who brings keys of their
    /// own must not get half of these.
    pub(crate) fn variables(&self) -> Vec<Vec<Variable>> {
        let keys = &self.keys;
        vec![
            vec![Variable::plain("AWS_ENDPOINT_URL", &self.endpoint)],
            vec![
                Variable::plain("AWS_ACCESS_KEY_ID", &keys.access_key_id),
                Variable::plain("AWS_SECRET_ACCESS_KEY", &keys.secret_access_key),
                Variable::plain("AWS_SESSION_TOKEN", &keys.session_token),
            ],
        ]
    }

    /// For the environment of a build with `git-credential-helper: yes`: what git is asked to get from
    /// CodeCommit comes from here, and CodeBuild's program answers who the build is.
    pub(crate) fn git_settings(&self, region: &str) -> Vec<Variable> {
        let endpoint = &self.endpoint;
        let settings = [
            (
                format!("url.{endpoint}/v1/repos/.insteadOf"),
                format!("https://git-codecommit.{region}.amazonaws.com/v1/repos/"),
            ),
            // Others would keep passwords that count for 15 minutes.
            (format!("credential.{endpoint}.helper"), String::new()),
            (
                format!("credential.{endpoint}.helper"),
                "codebuild".to_owned(),
            ),
            (
                format!("credential.{endpoint}.useHttpPath"),
                "true".to_owned(),
            ),
        ];
        let count = Variable::plain("GIT_CONFIG_COUNT", settings.len().to_string());
        let pairs = settings.into_iter().enumerate();
        let pairs = pairs.flat_map(|(at, (key, value))| {
            [
                Variable::plain(format!("GIT_CONFIG_KEY_{at}"), key),
                Variable::plain(format!("GIT_CONFIG_VALUE_{at}"), value),
            ]
        });
        std::iter::once(count).chain(pairs).collect()
    }

    /// The host and port at which a Docker daemon in the build's container reaches ECR.
    pub(crate) fn registry(&self) -> String {
        self.endpoint.trim_start_matches("http://").to_owned()
    }

    /// The login for an image in ECR, with which CodeBuild itself pulls it. Ends with the build.
    pub(crate) fn login(&self, registry: &Registry, image: &str) -> Option<RegistryLogin> {
        registry.login_for(image, &self.keys.access_key_id)
    }

    /// What must not show in the build's log.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let keys = &self.keys;
        vec![
            keys.access_key_id.clone(),
            keys.secret_access_key.clone(),
            keys.session_token.clone(),
        ]
    }
}

/// Takes connections from a subnet; all others are closed at once.
#[derive(Debug)]
pub(crate) struct GatewayListener {
    listener: TcpListener,
    subnet: Subnet,
}

impl Listener for GatewayListener {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            let (connection, peer) = Listener::accept(&mut self.listener).await;
            let is_inside = match peer.ip() {
                IpAddr::V4(address) => self.subnet.contains(address),
                IpAddr::V6(_) => false,
            };
            if is_inside {
                return (connection, peer);
            }
            tracing::warn!(%peer, subnet = %self.subnet, "a connection from elsewhere was refused");
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}
