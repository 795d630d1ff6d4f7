//! The stacks that are worked on in the background.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::engine;
use super::ledger;
use super::notices;
use crate::background::Background;
use crate::error::AwsError;
use crate::services::Services;
use crate::timestamp::EpochSeconds;

/// How long a stack waits when the database cannot be used.
const REST: Duration = Duration::from_secs(5);

/// All stacks that are worked on. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Stacks {
    running: Arc<Background>,
    notices: Arc<Notify>,
    since: EpochSeconds,
}

impl Stacks {
    pub(crate) fn new() -> Self {
        Self {
            running: Arc::default(),
            notices: Arc::default(),
            since: EpochSeconds::now(),
        }
    }

    /// When this process began: what was going on before has been cut off.
    pub(super) const fn since(&self) -> EpochSeconds {
        self.since
    }

    /// Wakes one waiter when topics have to be told of something.
    pub(super) fn notices(&self) -> &Notify {
        &self.notices
    }

    /// Works on a stack until its record says that nothing is left to do. Wakes whoever works on it
    /// already.
    pub(super) fn start(&self, services: &Arc<Services>, id: &str) {
        let before = self.running.get(id);
        let run = self.running.begin(id);
        let (running, services) = (Arc::clone(&self.running), Arc::clone(services));
        let id = id.to_owned();
        self.running.spawn(async move {
            if let Some(before) = before {
                // It sees by itself that there is something else to do, or it is over soon.
                before.news.notify_one();
                let over = run.stop.run_until_cancelled(before.told.cancelled()).await;
                if over.is_none() {
                    before.stop.cancel();
                    before.told.cancelled().await;
                }
            }
            loop {
                let work = engine::run(&services, &id, &run);
                match run.stop.run_until_cancelled(work).await {
                    Some(Err(error)) if error.code == AwsError::STORAGE => {
                        tracing::error!(stack = id, %error, "the stack has to wait");
                        run.stop.run_until_cancelled(tokio::time::sleep(REST)).await;
                    }
                    Some(Err(error)) => {
                        tracing::error!(stack = id, %error, "nobody works on the stack any more");
                        break;
                    }
                    Some(Ok(())) | None => break,
                }
            }
            running.end(&id, &run);
        });
    }

    /// Wakes whoever works on a stack: its record says something new.
    pub(super) fn tell(&self, id: &str) {
        if let Some(run) = self.running.get(id) {
            run.news.notify_one();
        }
    }

    /// Stops working on stacks: the next start takes them up again.
    pub(crate) async fn shut_down(&self, patience: Duration) {
        self.running.shut_down(patience, "stacks").await;
    }
}

/// Takes up what an earlier process was working on, and tells topics what they were not told.
///
/// # Errors
///
/// If the state directory cannot be read.
pub(crate) fn resume(services: &Arc<Services>) -> Result<(), AwsError> {
    notices::start(services);
    for stack in ledger::stacks(&services.store)? {
        if stack.status.is_at_work() {
            services.stacks.start(services, &stack.id);
        }
    }
    Ok(())
}
