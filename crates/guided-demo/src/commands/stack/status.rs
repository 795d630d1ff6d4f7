//! `guided-demo stack status`: a stack, its resources, why it failed, and what to try with it.

use std::pin::pin;

use codebuild_core::Stack;
use codebuild_core::StackEvent;
use codebuild_core::StackMark;
use codebuild_core::StackNews;
use codebuild_core::describe_stack;
use codebuild_core::explain_stack_failure;
use codebuild_core::follow_stack;
use codebuild_core::stack_resources;
use futures_util::StreamExt;
use serde_json::Value;
use serde_json::json;

use super::Place;
use crate::cli::StackStatusArgs;
use crate::command_error::CommandError;
use crate::exit_code::ExitCode;
use crate::state::StateDirectory;
use crate::ui::Ui;

/// Shows a stack.
pub(super) async fn status(
    ui: &Ui,
    args: StackStatusArgs,
    state: StateDirectory,
) -> Result<ExitCode, CommandError> {
    let place = Place::open(args.target.clone(), state).await?;
    let result = show(ui, &args, &place).await;
    place.opened.close().await;
    result
}

async fn show(ui: &Ui, args: &StackStatusArgs, place: &Place) -> Result<ExitCode, CommandError> {
    let session = &place.opened.session;
    let name = &args.name;
    let Some(stack) = describe_stack(session, name).await? else {
        return Err(CommandError::step(format!(
            "there is no stack {name} on {}",
            place.describe()
        ))
        .hinted(format!("Deploy it: {}", place.invocation("stack deploy"))));
    };
    let resources = stack_resources(session, &stack.id).await?;
    let events = match stack.status.contains("FAILED") || stack.status.contains("ROLLBACK") {
        true => last_events(place, &stack).await?,
        false => Vec::new(),
    };
    if args.json {
        let mut document = stack_json(&stack);
        document["ours"] = json!(place.owns(name)?);
        document["resources"] = resources
            .iter()
            .map(|resource| {
                json!({
                    "LogicalResourceId": resource.logical_id,
                    "PhysicalResourceId": resource.physical_id,
                    "ResourceType": resource.resource_type,
                    "ResourceStatus": resource.status,
                    "ResourceStatusReason": resource.reason,
                })
            })
            .collect();
        document["failures"] = failures_json(&events);
        ui.line(&document.to_string());
        return Ok(ExitCode::DONE);
    }
    ui.line(&format!("{name} on {}: {}", place.describe(), stack.status));
    if let Some(reason) = &stack.reason {
        ui.line(&format!("  {reason}"));
    }
    if let Some(time) = stack.updated.or(stack.created) {
        ui.line(&format!(
            "Last changed {}",
            time.strftime("%Y-%m-%d %H:%M UTC")
        ));
    }
    if !place.owns(name)? {
        ui.paragraph("It was not deployed from this computer (it is in no ledger here).");
    }
    ui.out(&ui.screen().stack_resources(&resources));
    ui.out(&ui.screen().stack_failures(&explain_stack_failure(&events)));
    show_outputs(ui, place, &stack);
    Ok(ExitCode::DONE)
}

/// The events of the last operation on a stack.
async fn last_events(place: &Place, stack: &Stack) -> Result<Vec<StackEvent>, CommandError> {
    let session = &place.opened.session;
    let mut events = Vec::new();
    // From the very first event on; a stack that has come to an end has no more to tell.
    let mut news = pin!(follow_stack(session, &stack.id, StackMark::default()));
    while let Some(next) = news.next().await {
        match next? {
            StackNews::Event(event) => {
                if event.is_stack && is_beginning(&event.status) {
                    events.clear();
                }
                events.push(event);
            }
            StackNews::Finished { .. } => break,
        }
        if stack.is_in_progress() {
            break;
        }
    }
    Ok(events)
}

fn is_beginning(status: &str) -> bool {
    matches!(
        status,
        "CREATE_IN_PROGRESS" | "UPDATE_IN_PROGRESS" | "DELETE_IN_PROGRESS" | "IMPORT_IN_PROGRESS"
    )
}

/// Shows what a stack gives out.
pub(super) fn show_outputs(ui: &Ui, place: &Place, stack: &Stack) {
    if stack.outputs.is_empty() {
        return;
    }
    ui.line("");
    ui.out(&ui.screen().stack_outputs(&stack.outputs));
    if place.is_local() {
        ui.line(&format!(
            "On the local AWS, write these as `{} …`.",
            place.invocation("aws")
        ));
    }
}

/// A stack for programs.
pub(super) fn stack_json(stack: &Stack) -> Value {
    let outputs: serde_json::Map<String, Value> = stack
        .outputs
        .iter()
        .map(|output| (output.key.clone(), json!(output.value)))
        .collect();
    json!({
        "name": stack.name,
        "id": stack.id,
        "status": stack.status,
        "reason": stack.reason,
        "parameters": stack.parameters,
        "outputs": outputs,
    })
}

/// Events for programs, in the words of CloudFormation's own answer.
pub(super) fn events_json(events: &[StackEvent]) -> Vec<Value> {
    let event = |event: &StackEvent| {
        json!({
            "Timestamp": event.at.to_string(),
            "LogicalResourceId": event.logical_id,
            "PhysicalResourceId": event.physical_id,
            "ResourceType": event.resource_type,
            "ResourceStatus": event.status,
            "ResourceStatusReason": event.reason,
        })
    };
    events.iter().map(event).collect()
}

/// What failed and why, for programs.
pub(super) fn failures_json(events: &[StackEvent]) -> Value {
    explain_stack_failure(events)
        .iter()
        .map(|failure| {
            json!({
                "LogicalResourceId": failure.logical_id,
                "ResourceType": failure.resource_type,
                "ResourceStatusReason": failure.reason,
                "why": failure.why,
                "fix": failure.fix,
            })
        })
        .collect()
}
