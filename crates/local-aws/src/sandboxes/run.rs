//! One sandbox from QUEUED to COMPLETED.

use std::time::Duration;

use build_engine::BuildRequest;
use build_engine::CacheRequest;
use build_engine::Event;
use build_engine::Phase;
use build_engine::PhaseContext;
use build_engine::PhaseStatus;

use super::commands::Commands;
use super::phases;
use crate::background::Run;
use crate::builds;
use crate::builds::BuildHost;
use crate::builds::BuildLog;
use crate::builds::Builds;
use crate::callbacks::Callback;
use crate::codebuild;
use crate::codebuild::Sandbox;
use crate::codebuild::StoredBuild;
use crate::runner::StartedSandbox;
use crate::store;
use crate::timestamp::EpochSeconds;

/// Runs a sandbox and keeps its record, its commands' and its log. Returns when it has ended.
pub(super) async fn run(builds: &Builds, mut sandbox: Sandbox, build: StoredBuild, active: &Run) {
    let host = builds.host();
    let minutes = u64::try_from(sandbox.queued_timeout_in_minutes).unwrap_or(480);
    let slot = tokio::select! {
        biased;
        () = active.stop.cancelled() => Err((PhaseStatus::Stopped, PhaseContext::default())),
        slot = builds.slot() => Ok(slot),
        () = tokio::time::sleep(Duration::from_secs(minutes * 60)) => {
            Err((PhaseStatus::TimedOut, PhaseContext {
                status_code: "BUILD_TIMED_OUT".to_owned(),
                message: "Build has timed out while it was queued. ".to_owned(),
            }))
        }
    };
    let now = EpochSeconds::now();
    let _slot = match slot {
        Ok(slot) => slot,
        Err((status, context)) => {
            phases::cut_off(&mut sandbox, status, &context, now);
            return save(host, &sandbox).await;
        }
    };
    sandbox.start_time = Some(now);
    builds::end_phase(
        &mut sandbox.current_session.phases,
        Phase::Queued,
        PhaseStatus::Succeeded,
        &PhaseContext::default(),
        now,
    );
    builds.clean().await;

    // Its keys count until the record shows that the sandbox has ended.
    let mut callback = None;
    let started = match host.runner.host_route().await {
        Ok(route) => {
            let callback = callback.insert(host.callbacks.open(route, &build.build).await);
            let request = request(host, &build, callback);
            host.runner.start_sandbox(request).await
        }
        Err(reason) => Err(reason),
    };
    match started {
        Ok(started) => {
            let remark = match &callback {
                Some(Err(reason)) => Some(format!(
                    "The AWS CLI and SDKs in this sandbox do not reach the local AWS: {reason}"
                )),
                _ => None,
            };
            follow(host, &mut sandbox, &build, started, remark, active).await;
        }
        Err(reason) => {
            let mut log = BuildLog::open(host, &build);
            reason.lines().for_each(|line| log.push(now.millis(), line));
            log.close().await;
            builds::remove_log_unless_kept(host, &build).await;
            phases::start(&mut sandbox, Phase::Provisioning, now);
            let context = PhaseContext {
                status_code: "INTERNAL_SERVICE_ERROR".to_owned(),
                message: reason,
            };
            let now = EpochSeconds::now();
            phases::cut_off(&mut sandbox, PhaseStatus::Fault, &context, now);
        }
    }
    drop(callback);
    save(host, &sandbox).await;
}

/// The build's container, and nothing that a buildspec would have needed.
fn request(
    host: &BuildHost,
    build: &StoredBuild,
    callback: &Result<Callback, String>,
) -> BuildRequest {
    let mut build = build.clone();
    build.build.source.buildspec = None;
    let mut request = builds::build_request(host, &build, callback);
    let is_known = |name: &str| name != "CODEBUILD_BUILD_NUMBER";
    request
        .environment
        .retain(|variable| is_known(&variable.name));
    BuildRequest {
        artifacts: Vec::new(),
        cache: CacheRequest::None,
        storage: None,
        ..request
    }
}

/// Takes the events of a sandbox until its last one. The remark comes after the log's first line.
async fn follow(
    host: &BuildHost,
    sandbox: &mut Sandbox,
    build: &StoredBuild,
    mut started: Box<dyn StartedSandbox>,
    mut remark: Option<String>,
    active: &Run,
) {
    let mut log = BuildLog::open(host, build);
    let mut commands = Commands::new(&host.store, &sandbox.id);
    commands.give_next(&*started);
    let mut stopping = false;
    let mut events = Vec::new();
    loop {
        tokio::select! {
            () = started.events(&mut events) => {}
            () = active.stop.cancelled(), if !stopping => {
                stopping = true;
                started.stop();
                phases::stopping(sandbox);
                save(host, sandbox).await;
                active.told.cancel();
                continue;
            }
            () = active.news.notified(), if !stopping && commands.is_idle() => {
                commands.give_next(&*started);
                continue;
            }
        }
        if events.is_empty() {
            let context = PhaseContext {
                status_code: "INTERNAL_SERVICE_ERROR".to_owned(),
                message: "The build engine stopped before the sandbox was stopped. Start another \
                          one."
                    .to_owned(),
            };
            let now = EpochSeconds::now();
            phases::cut_off(sandbox, PhaseStatus::Fault, &context, now);
        }
        let mut changed = false;
        for event in events.drain(..) {
            changed |= phases::apply(sandbox, &event);
            match event {
                Event::Log { at, message } => {
                    log.push(at.as_millisecond(), &message);
                    if let Some(remark) = remark.take() {
                        log.push(at.as_millisecond(), &remark);
                    }
                }
                Event::CommandStarted { at, .. } => commands.started(at.into()).await,
                Event::CommandEnded { result, at, .. } => {
                    // Who sees that it is over finds all of its output.
                    log.flush();
                    commands.ended(result, at.into()).await;
                    if !stopping {
                        commands.give_next(&*started);
                    }
                }
                _ => {}
            }
        }
        log.flush();
        if phases::is_complete(sandbox) {
            break;
        }
        if changed {
            save(host, sandbox).await;
        }
    }
    log.close().await;
    builds::upload_log(host, build).await;
    builds::remove_log_unless_kept(host, build).await;
}

/// Stores the record as it is now, and with the end of a sandbox the end of its commands.
async fn save(host: &BuildHost, sandbox: &Sandbox) {
    let record = sandbox.clone();
    let saved = host
        .store
        .write(move |transaction| {
            let id = record.id.as_str();
            store::put(&mut transaction.open_table(store::SANDBOXES)?, id, &record)?;
            if let Some(at) = record.end_time {
                transaction
                    .open_table(store::ACTIVE_SANDBOXES)?
                    .remove(id)?;
                let status = phases::status_of_unfinished(&record);
                codebuild::end_unfinished_commands(transaction, id, status, at)?;
            }
            Ok(())
        })
        .await;
    if let Err(error) = saved {
        tracing::error!(sandbox = sandbox.id, %error, "the sandbox's record could not be stored");
    }
}
