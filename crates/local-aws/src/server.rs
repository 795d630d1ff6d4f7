//! Starting and stopping.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::extract::State;
use axum::serve::Listener;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::sync::DropGuard;

use crate::Access;
use crate::Config;
use crate::Credentials;
use crate::StartError;
use crate::access_keys::AccessKeys;
use crate::account::Account;
use crate::batches;
use crate::batches::Batches;
use crate::builds;
use crate::builds::BuildHost;
use crate::builds::Builds;
use crate::callbacks::Callbacks;
use crate::callbacks::GatewayListener;
use crate::cloudformation;
use crate::cloudformation::Stacks;
use crate::codecommit;
use crate::codecommit::ReferenceTurn;
use crate::dispatch::Endpoint;
use crate::ecr;
use crate::ecr::Registry;
use crate::error::AwsError;
use crate::event_bridge;
use crate::iam;
use crate::logs;
use crate::logs::LogFiles;
use crate::page_token::PageTokens;
use crate::reports;
use crate::reports::NewReport;
use crate::s3;
use crate::s3::Buckets;
use crate::sandboxes;
use crate::sandboxes::Sandboxes;
use crate::services::Services;
use crate::sns;
use crate::sns::Delivery;
use crate::sns::Mailbox;
use crate::sns::ServiceNotification;
use crate::state_dir::StateDir;
use crate::store;
use crate::store::Store;

/// How long [`LocalAws::shutdown`] waits for builds to stop and containers to be removed.
const STOP_PATIENCE: Duration = Duration::from_secs(10);

/// How long open connections may finish their requests after that.
const DRAIN_PATIENCE: Duration = Duration::from_secs(1);

/// How long closing the database may take.
const CLOSE_PATIENCE: Duration = Duration::from_secs(2);

/// A running local AWS. Dropping it stops the server, and with it all builds: the next start settles
/// them.
#[derive(Debug)]
pub struct LocalAws {
    access: Access,
    builds: Builds,
    services: Arc<Services>,
    server: JoinHandle<()>,
    /// Ends connections and builds when it is dropped.
    stop: DropGuard,
    /// Cancelled when the state directory is free again.
    closed: CancellationToken,
}

impl LocalAws {
    /// Starts serving. Builds that were running when an earlier process died are settled first.
    ///
    /// # Errors
    ///
    /// If the state directory is held by another process, cannot be read or written, or the address
    /// is taken or not loopback.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        check(&config)?;
        let state = Arc::new(StateDir::hold(&config.state_dir)?);
        let credentials = Credentials::of(&state)?;
        let listener =
            TcpListener::bind(config.listen)
                .await
                .map_err(|source| StartError::Listen {
                    address: config.listen,
                    source,
                })?;
        let address = listener.local_addr().map_err(|source| StartError::Listen {
            address: config.listen,
            source,
        })?;
        let access = Access {
            endpoint: format!("http://{address}"),
            region: config.region.clone(),
            account_id: config.account_id.clone(),
            credentials: credentials.clone(),
            pid: std::process::id(),
            since: jiff::Timestamp::now(),
        };

        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| StartError::StateDir { path, source }
        };
        let log_directory = state.file("logs");
        let log_files = LogFiles::new(log_directory.clone()).map_err(at(&log_directory))?;
        let temporary = empty_directory(state.file("tmp")).map_err(at(&config.state_dir))?;
        let closed = CancellationToken::new();
        let store = Store::open(
            &state.file("state.redb"),
            Arc::clone(&state),
            closed.clone(),
        )?;
        let identity = Identity::of(&store).await.map_err(refused)?;
        let buckets = state.file("s3");
        let buckets =
            Buckets::open(store.clone(), &config.region, &buckets).map_err(at(&buckets))?;
        remove_strays(&buckets).map_err(at(&config.state_dir))?;
        logs::index_old_streams(&store, &log_files)
            .await
            .map_err(refused)?;
        // First: what it finds may be left on the Docker Engine, as what builds leave.
        sandboxes::settle(&store, &log_files)
            .await
            .map_err(refused)?;
        let leftovers = builds::settle(&store, &log_files).await.map_err(refused)?;

        let account = Account {
            region: config.region.clone(),
            id: config.account_id,
            endpoint: access.endpoint.clone(),
        };
        iam::ensure_demo_role(&store, &account)
            .await
            .map_err(refused)?;
        batches::settle(&store, &account).await.map_err(refused)?;
        let repositories = state.file("codecommit");
        let keys = AccessKeys::new(credentials);
        let (callbacks, gateways) = Callbacks::new(keys.clone(), address);
        let hosts = callbacks.loopback_hosts();
        let images = state.file("ecr");
        let registry = Registry::open(
            store.clone(),
            account.clone(),
            identity.token_key.clone(),
            &images,
        )
        .map_err(at(&images))?;
        let host = BuildHost {
            account: account.clone(),
            store: store.clone(),
            log_files: log_files.clone(),
            buckets: buckets.clone(),
            runner: config.engine.runner(),
            callbacks,
            checkouts: config.checkouts.into(),
            owner: identity.owner,
            temporary,
            source_caches: state.file("source-cache"),
            repositories: repositories.clone(),
            registry: registry.clone(),
        };
        let stop = CancellationToken::new();
        ecr::keep_tidy(registry.clone(), stop.clone());
        s3::keep_tidy(buckets.clone(), stop.clone());
        let (clean, is_clean) = watch::channel(!leftovers);
        if leftovers {
            let (host, stop) = (host.clone(), stop.clone());
            tokio::spawn(async move {
                stop.run_until_cancelled(builds::remove_leftovers(&host, &clean))
                    .await;
            });
        }
        logs::keep_tidy(store.clone(), log_files.clone(), stop.clone())
            .map_err(at(&log_directory))?;
        let builds = Builds::new(host, is_clean, stop.clone());
        let batches = Batches::new(builds.clone(), stop.clone());
        let sandboxes = Sandboxes::new(builds.clone(), stop.clone());
        let services = Arc::new(Services {
            account,
            keys: keys.clone(),
            store,
            log_files,
            builds: builds.clone(),
            batches,
            sandboxes,
            stacks: Stacks::new(),
            sns: Delivery::new(Mailbox::of(&config.state_dir), stop.clone()),
            buckets,
            repositories,
            references: ReferenceTurn::default(),
            registry,
            tokens: PageTokens::new(identity.token_key),
            check_answers: config.check_answers,
            stop: stop.clone(),
        });
        event_bridge::start(&services);
        cloudformation::resume(&services).map_err(refused)?;
        codecommit::catch_up(&services);
        let endpoint = Endpoint::new(Arc::clone(&services), keys, hosts);
        let server = tokio::spawn(serve(listener, gateways, endpoint, stop.clone()));
        state.announce(&access).map_err(at(&config.state_dir))?;
        Ok(Self {
            access,
            builds,
            services,
            server,
            stop: stop.drop_guard(),
            closed,
        })
    }

    /// How to reach it.
    #[must_use]
    pub const fn access(&self) -> &Access {
        &self.access
    }

    /// Adds a report as the UPLOAD_ARTIFACTS phase of a build does, and returns its ARN. Files that
    /// cannot be read make it INCOMPLETE.
    ///
    /// # Errors
    ///
    /// A sentence, if the report group is of another type, is not there or cannot be made.
    pub async fn add_report(&self, report: NewReport) -> Result<String, String> {
        let services = &self.services;
        let added = reports::add(&services.store, &services.account, report)
            .await
            .map_err(|error| error.to_string())?;
        for error in &added.unreadable {
            tracing::warn!(report = added.report.arn, %error, "a report file cannot be read");
        }
        if let Some(export) = &added.export {
            tracing::warn!(
                bucket = export.bucket,
                objects = export.objects.len(),
                "the raw data of a report added by hand is not exported"
            );
        }
        Ok(added.report.arn)
    }

    /// What its operations work on.
    #[cfg(test)]
    pub(crate) const fn services(&self) -> &Arc<Services> {
        &self.services
    }

    /// The e-mails that SNS would have sent.
    #[must_use]
    pub fn mailbox(&self) -> Mailbox {
        self.services.sns.mailbox().clone()
    }

    /// Publishes to a topic as a service does, such as EventBridge; the message's id.
    ///
    /// # Errors
    ///
    /// A sentence, if there is no such topic or its policy does not let the service publish.
    pub async fn notify(&self, notification: ServiceNotification) -> Result<String, String> {
        sns::publish(&self.services, notification)
            .await
            .map_err(|error| error.to_string())
    }

    /// Stops running builds and sandboxes (they end as STOPPED, their containers are removed), stops taking
    /// requests, and returns when everything is settled, at the latest after some 10 seconds.
    pub async fn shutdown(self) {
        let Self {
            builds,
            services,
            server,
            stop,
            closed,
            ..
        } = self;
        services.stacks.shut_down(STOP_PATIENCE).await;
        services.batches.shut_down(STOP_PATIENCE).await;
        tokio::join!(
            services.sandboxes.shut_down(STOP_PATIENCE),
            builds.shut_down(STOP_PATIENCE)
        );
        drop(builds);
        drop(services);
        drop(stop);
        let abort = server.abort_handle();
        if tokio::time::timeout(DRAIN_PATIENCE, server).await.is_err() {
            abort.abort();
        }
        if tokio::time::timeout(CLOSE_PATIENCE, closed.cancelled())
            .await
            .is_err()
        {
            tracing::warn!(
                "a request is still being answered; the state directory is not free yet"
            );
        }
    }
}

/// Serves at the loopback listener, and at those for containers that builds open.
async fn serve(
    listener: TcpListener,
    mut gateways: mpsc::UnboundedReceiver<GatewayListener>,
    endpoint: Endpoint,
    stop: CancellationToken,
) {
    let endpoint = Arc::new(endpoint);
    let mut servers = JoinSet::new();
    servers.spawn(serve_at(listener, Arc::clone(&endpoint), stop.clone()));
    while let Some(Some(gateway)) = stop.run_until_cancelled(gateways.recv()).await {
        match gateway.local_addr() {
            Ok(address) => {
                let endpoint = Arc::new(endpoint.at_gateway(address));
                servers.spawn(serve_at(gateway, endpoint, stop.clone()));
            }
            Err(error) => tracing::error!(%error, "builds do not reach the local AWS"),
        }
    }
    drop(endpoint);
    while servers.join_next().await.is_some() {}
}

async fn serve_at<L>(listener: L, endpoint: Arc<Endpoint>, stop: CancellationToken)
where
    L: Listener<Io = TcpStream, Addr = SocketAddr>,
{
    let app = Router::new()
        .fallback(
            async |State(endpoint): State<Arc<Endpoint>>, request: Request| {
                endpoint.answer(request).await
            },
        )
        .with_state(endpoint);
    // Replies are small and awaited: send each at once.
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "a connection waits before it sends");
        }
    });
    let served = axum::serve(listener, app)
        .with_graceful_shutdown(stop.cancelled_owned())
        .await;
    if let Err(error) = served {
        tracing::error!(%error, "the local AWS stopped serving");
    }
}

/// What a state directory keeps about itself.
struct Identity {
    owner: String,
    token_key: Vec<u8>,
}

impl Identity {
    async fn of(store: &Store) -> Result<Self, AwsError> {
        let known = store.read(|transaction| {
            let meta = transaction.open_table(store::META)?;
            let owner = meta
                .get(store::META_OWNER)?
                .map(|owner| owner.value().to_vec());
            let key = meta
                .get(store::META_TOKEN_KEY)?
                .map(|key| key.value().to_vec());
            Ok(owner.zip(key))
        })?;
        if let Some((owner, token_key)) = known {
            let owner = String::from_utf8_lossy(&owner).into_owned();
            return Ok(Self { owner, token_key });
        }
        let owner = uuid::Uuid::new_v4().to_string();
        let token_key = uuid::Uuid::new_v4().into_bytes().to_vec();
        store
            .write(move |transaction| {
                let mut meta = transaction.open_table(store::META)?;
                meta.insert(store::META_OWNER, owner.as_bytes())?;
                meta.insert(store::META_TOKEN_KEY, token_key.as_slice())?;
                Ok(Self { owner, token_key })
            })
            .await
    }
}

fn check(config: &Config) -> Result<(), StartError> {
    if !config.listen.ip().is_loopback() {
        return Err(StartError::NotLoopback(config.listen));
    }
    let id = &config.account_id;
    if id.len() != 12 || !id.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(StartError::AccountId(id.clone()));
    }
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if config.region.is_empty() || !config.region.bytes().all(allowed) {
        return Err(StartError::Region(config.region.clone()));
    }
    Ok(())
}

/// Looks in the background for files of objects that a killed process did not finish.
fn remove_strays(buckets: &Buckets) -> io::Result<()> {
    let files = buckets.files()?;
    if !files.is_empty() {
        let buckets = buckets.clone();
        tokio::task::spawn_blocking(move || {
            if let Err(error) = buckets.remove_strays(files) {
                tracing::warn!(%error, "files of objects that were cut off are still there");
            }
        });
    }
    Ok(())
}

/// Archives of builds that were cut off are of no use.
fn empty_directory(path: PathBuf) -> io::Result<PathBuf> {
    match std::fs::remove_dir_all(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    std::fs::create_dir_all(&path)?;
    Ok(path)
}

fn refused(error: AwsError) -> StartError {
    StartError::State(error.to_string())
}
