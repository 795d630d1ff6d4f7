//! One build from QUEUED to COMPLETED.

use std::sync::Arc;
use std::time::Duration;

use build_engine::BuildRequest;
use build_engine::Event;
use build_engine::Phase;
use build_engine::PhaseContext;
use build_engine::PhaseStatus;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::BuildHost;
use super::bucket_storage;
use super::bucket_storage::BucketStorage;
use super::environment;
use super::machines::Machine;
use super::machines::Machines;
use super::phases;
use super::s3_logs;
use super::secret_values::SecretValues;
use crate::callbacks::Callback;
use crate::codebuild;
use crate::codebuild::Build;
use crate::codebuild::StoredBuild;
use crate::error::AwsError;
use crate::logs;
use crate::logs::Place;
use crate::logs::StreamWriter;
use crate::runner::StartedBuild;
use crate::source::BuildSource;
use crate::store;
use crate::timestamp::EpochSeconds;

/// How long a build waits for what a killed process left behind to be removed.
const CLEANUP_PATIENCE: Duration = Duration::from_secs(20);

/// How much of the log is gathered before it is written.
const LOG_BUFFER: usize = 256 * 1024;

/// What builds run in. First come, first served.
#[derive(Debug)]
pub(super) struct Slots {
    /// For builds that run on demand.
    pub(super) on_demand: Arc<Semaphore>,
    /// For builds of fleets.
    pub(super) machines: Machines,
}

/// A build has it as long as it runs.
enum Slot {
    OnDemand { _permit: OwnedSemaphorePermit },
    Fleet { _machine: Machine },
}

impl Slots {
    /// Waits until the build may run.
    async fn acquire(&self, host: &BuildHost, build: &Build) -> Result<Slot, PhaseContext> {
        let closed = || PhaseContext {
            status_code: "INTERNAL_SERVICE_ERROR".to_owned(),
            message: "The local AWS stops. Start the build again.".to_owned(),
        };
        let on_demand = async {
            let permit = Arc::clone(&self.on_demand).acquire_owned().await;
            let _permit = permit.map_err(|_| closed())?;
            Ok(Slot::OnDemand { _permit })
        };
        let Some(arn) = build.environment.fleet_arn() else {
            return on_demand.await;
        };
        let fleet = host
            .store
            .read(|transaction| {
                let fleets = transaction.open_table(store::FLEETS)?;
                codebuild::find_fleet(&fleets, arn, &host.account)
            })
            .map_err(|error| PhaseContext {
                status_code: "INTERNAL_SERVICE_ERROR".to_owned(),
                message: error.to_string(),
            })?
            .ok_or_else(|| {
                PhaseContext::client_error(format!(
                    "The fleet {arn} was deleted while the build was queued"
                ))
            })?;
        let machine = async {
            let _machine = self.machines.acquire(&fleet).await.ok_or_else(closed)?;
            Ok(Slot::Fleet { _machine })
        };
        if !fleet.overflows() {
            return machine.await;
        }
        tokio::select! {
            biased;
            machine = machine => machine,
            on_demand = on_demand => on_demand,
        }
    }
}

/// Runs a build and keeps its record and its log. Returns when it is complete.
pub(super) async fn run(
    host: &BuildHost,
    slots: &Slots,
    clean: &watch::Receiver<bool>,
    mut stored: StoredBuild,
    stop: &CancellationToken,
) {
    let queued = Duration::from_secs(
        u64::try_from(stored.build.queued_timeout_in_minutes).unwrap_or(480) * 60,
    );
    let slot = tokio::select! {
        biased;
        () = stop.cancelled() => Err((PhaseStatus::Stopped, PhaseContext::default())),
        slot = slots.acquire(host, &stored.build) => {
            slot.map_err(|context| (PhaseStatus::Failed, context))
        }
        () = tokio::time::sleep(queued) => Err((PhaseStatus::TimedOut, PhaseContext {
            status_code: "BUILD_TIMED_OUT".to_owned(),
            message: "Build has timed out while it was queued. ".to_owned(),
        })),
    };
    let now = EpochSeconds::now();
    let _slot = match slot {
        Ok(slot) => slot,
        Err((status, context)) => {
            phases::cut_off(&mut stored.build, status, &context, now);
            return save(host, &stored).await;
        }
    };
    let ready = PhaseContext::default();
    phases::end(
        &mut stored.build,
        Phase::Queued,
        PhaseStatus::Succeeded,
        &ready,
        now,
    );
    until_clean(clean).await;

    // Its keys count until the record shows that the build is complete.
    let mut callback = None;
    let started = match host.runner.host_route().await {
        Ok(route) => {
            let callback = callback.insert(host.callbacks.open(route, &stored.build).await);
            host.runner.start(request(host, &stored, callback)).await
        }
        Err(reason) => Err(reason),
    };
    match started {
        Ok(started) => {
            let remark = match &callback {
                Some(Err(reason)) => Some(format!(
                    "The AWS CLI and SDKs in this build do not reach the local AWS: {reason}"
                )),
                _ => None,
            };
            follow(host, &mut stored, started, remark, stop).await;
        }
        Err(reason) => {
            let mut log = BuildLog::open(host, &stored);
            reason.lines().for_each(|line| log.push(now.millis(), line));
            log.close().await;
            remove_log_unless_kept(host, &stored).await;
            phases::start(&mut stored.build, Phase::Provisioning, now);
            let context = PhaseContext {
                status_code: "INTERNAL_SERVICE_ERROR".to_owned(),
                message: reason,
            };
            let now = EpochSeconds::now();
            phases::cut_off(&mut stored.build, PhaseStatus::Fault, &context, now);
        }
    }
    drop(callback);
    save(host, &stored).await;
}

pub(super) async fn until_clean(clean: &watch::Receiver<bool>) {
    let mut clean = clean.clone();
    let _ = tokio::time::timeout(CLEANUP_PATIENCE, clean.wait_for(|clean| *clean)).await;
}

/// What the build engine is asked to run.
pub(crate) fn request(
    host: &BuildHost,
    stored: &StoredBuild,
    callback: &Result<Callback, String>,
) -> BuildRequest {
    let build = &stored.build;
    let source = Arc::new(BuildSource::of(build, host));
    let image = build.environment.image.clone();
    BuildRequest {
        privileged: build.environment.privileged_mode,
        environment: environment::of(stored, &host.account),
        defaults: callback
            .as_ref()
            .map_or_else(|_| Vec::new(), Callback::variables),
        git_settings: callback.as_ref().map_or_else(
            |_| Vec::new(),
            |callback| callback.git_settings(&host.account.region),
        ),
        secrets: callback
            .as_ref()
            .map_or_else(|_| Vec::new(), Callback::secrets),
        registry_login: callback
            .as_ref()
            .ok()
            .and_then(|callback| callback.login(&host.registry, &image)),
        insecure_registries: callback.iter().map(Callback::registry).collect(),
        artifacts: bucket_storage::artifact_requests(stored),
        cache: bucket_storage::cache_request(stored),
        storage: Some(Arc::new(BucketStorage::of(host, stored))),
        secret_store: Some(Arc::new(SecretValues::of(host))),
        registry_credential: registry_credential(build),
        debug_session: build
            .debug_session
            .as_ref()
            .is_some_and(|session| session.session_enabled),
        timeout: Duration::from_secs(u64::try_from(build.timeout_in_minutes).unwrap_or(60) * 60),
        ..BuildRequest::new(build.id.clone(), host.owner.clone(), image, source)
    }
}

/// The secret that holds user name and password for the image's registry.
fn registry_credential(build: &Build) -> Option<String> {
    let credential = build.environment.registry_credential.as_ref()?;
    Some(credential.get("credential")?.as_str()?.to_owned())
}

/// Takes the events of a build until its last one. The remark comes after the log's first line.
async fn follow(
    host: &BuildHost,
    stored: &mut StoredBuild,
    mut started: Box<dyn StartedBuild>,
    mut remark: Option<String>,
    stop: &CancellationToken,
) {
    let mut log = BuildLog::open(host, stored);
    let mut stopping = false;
    let mut events = Vec::new();
    loop {
        tokio::select! {
            () = started.events(&mut events) => {}
            () = stop.cancelled(), if !stopping => {
                stopping = true;
                started.stop();
                continue;
            }
        }
        if events.is_empty() && !stored.build.build_complete {
            let context = PhaseContext {
                status_code: "INTERNAL_SERVICE_ERROR".to_owned(),
                message:
                    "The build engine stopped before the build was over. Start the build again."
                        .to_owned(),
            };
            let now = EpochSeconds::now();
            phases::cut_off(&mut stored.build, PhaseStatus::Fault, &context, now);
        }
        let mut changed = false;
        for event in events.drain(..) {
            if let Event::Log { at, message } = &event {
                log.push(at.as_millisecond(), message);
                if let Some(remark) = remark.take() {
                    log.push(at.as_millisecond(), &remark);
                }
            }
            changed |= phases::apply(&mut stored.build, &event);
        }
        log.flush();
        if stored.build.build_complete {
            break;
        }
        if changed {
            save(host, stored).await;
        }
    }
    log.close().await;
    s3_logs::upload(host, stored).await;
    remove_log_unless_kept(host, stored).await;
}

/// Stores the record as it is now.
async fn save(host: &BuildHost, stored: &StoredBuild) {
    let record = stored.clone();
    let saved = host
        .store
        .write(move |transaction| {
            let id = record.build.id.as_str();
            let before = || {
                let builds = transaction.open_table(store::BUILDS)?;
                let before = store::get::<StoredBuild>(&*builds, id)?;
                Ok(before.map(|stored| stored.build))
            };
            codebuild::record_build_events(transaction, before, &record.build)?;
            store::put(&mut transaction.open_table(store::BUILDS)?, id, &record)?;
            if record.build.build_complete {
                transaction.open_table(store::ACTIVE_BUILDS)?.remove(id)?;
            }
            Ok(())
        })
        .await;
    if let Err(error) = saved {
        report(&stored.build.id, &error);
    }
}

fn report(build: &str, error: &AwsError) {
    tracing::error!(build, %error, "the build's record could not be stored");
}

/// A log whose stream was deleted meanwhile, or that only went to S3, is not needed any more.
pub(crate) async fn remove_log_unless_kept(host: &BuildHost, stored: &StoredBuild) {
    let place = stored.build.log_place();
    let file = stored.build.log_file();
    let removed = logs::remove_unless_kept(&host.store, &host.log_files, place.as_ref(), file);
    if let Err(error) = removed.await {
        report(&stored.build.id, &error);
    }
}

/// The build's log stream. A log that cannot be written does not end the build.
pub(crate) struct BuildLog<'a> {
    host: &'a BuildHost,
    file: String,
    place: Option<Place>,
    writer: Option<StreamWriter>,
}

impl<'a> BuildLog<'a> {
    pub(crate) fn open(host: &'a BuildHost, stored: &StoredBuild) -> Self {
        let file = stored.build.log_file().to_owned();
        let place = stored.build.log_place();
        let is_kept = place.is_some() || s3_logs::object(stored).is_some();
        let writer = is_kept.then_some(()).and_then(|()| {
            host.log_files
                .write(&file, place.clone())
                .inspect_err(|error| tracing::error!(%error, "the build's log cannot be written"))
                .ok()
        });
        Self {
            host,
            file,
            place,
            writer,
        }
    }

    pub(crate) fn push(&mut self, time: i64, line: &str) {
        if let Some(writer) = &mut self.writer {
            writer.push(time, line);
            if writer.pending() >= LOG_BUFFER {
                self.flush();
            }
        }
    }

    pub(crate) fn flush(&mut self) {
        if let Some(Err(error)) = self.writer.as_mut().map(StreamWriter::flush) {
            tracing::error!(%error, "a part of the build's log is lost");
        }
    }

    pub(crate) async fn close(mut self) {
        self.flush();
        let host = self.host;
        logs::finish(
            &host.store,
            &host.log_files,
            self.place.as_ref(),
            &self.file,
        )
        .await;
    }
}
