//! Works on a stack, stage by stage, as its status says. Each stage goes on where an earlier process
//! has left it: what a step is about to make is in the database before it is made.

mod cleanup;
mod forward;
mod making;
mod removal;
mod restore;
mod schedule;
mod step;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use super::ledger;
use super::record::Physical;
use super::record::Resource;
use super::record::Stack;
use super::resource_types::Request;
use super::status::Status;
use crate::access_keys::Caller;
use crate::background::Run;
use crate::error::AwsError;
use crate::services::Services;

/// Works on a stack until nothing is left to do.
///
/// # Errors
///
/// If the database cannot be read or written.
pub(super) async fn run(services: &Arc<Services>, id: &str, run: &Run) -> Result<(), AwsError> {
    loop {
        let stack = ledger::stack(&services.store, id)?;
        let caller = stack.actor();
        let work = Work {
            services,
            caller: &caller,
            stack: &stack,
            run,
            is_stopped: AtomicBool::new(false),
        };
        match stack.status {
            Status::CreateInProgress | Status::UpdateInProgress => forward::run(&work).await?,
            Status::UpdateRollbackInProgress => restore::run(&work).await?,
            Status::UpdateCompleteCleanupInProgress
            | Status::UpdateRollbackCompleteCleanupInProgress => cleanup::run(&work).await?,
            Status::RollbackInProgress | Status::DeleteInProgress => removal::run(&work).await?,
            _ => return Ok(()),
        }
    }
}

/// A stage of the work on a stack.
struct Work<'a> {
    services: &'a Arc<Services>,
    /// In whose name resources are made.
    caller: &'a Caller,
    /// As it was when the stage began.
    stack: &'a Stack,
    run: &'a Run,
    /// Whether something has failed: what is being made counts as cancelled.
    is_stopped: AtomicBool,
}

impl<'a> Work<'a> {
    /// What resource types are told of a physical resource.
    fn request<'r>(&'r self, logical_id: &'r str, physical: &'r Physical) -> Request<'r> {
        Request {
            services: self.services,
            caller: self.caller,
            stack_name: &self.stack.name,
            stack_id: &self.stack.id,
            logical_id,
            stack_tags: &physical.stack_tags,
            token: &physical.token,
        }
    }

    fn resource(&self, logical_id: &str) -> Result<Option<Resource>, AwsError> {
        ledger::resource(&self.services.store, &self.stack.id, logical_id)
    }

    fn operation(&self) -> &'a str {
        &self.stack.operation.id
    }

    fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
    }

    fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed)
    }

    /// Whether somebody wants the stack to go another way than this stage.
    fn is_overtaken(&self) -> Result<bool, AwsError> {
        let stack = ledger::stack(&self.services.store, &self.stack.id)?;
        let is_cancelled = stack.is_cancelled && stack.status == Status::UpdateInProgress;
        Ok(stack.status != self.stack.status || is_cancelled)
    }
}

/// `The following resource(s) failed to create: [A, B]. `
fn failed_to(what: &str, logical_ids: &[String]) -> String {
    if logical_ids.is_empty() {
        return String::new();
    }
    format!(
        "The following resource(s) failed to {what}: [{}]. ",
        logical_ids.join(", ")
    )
}
