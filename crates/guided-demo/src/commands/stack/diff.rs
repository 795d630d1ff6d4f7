//! `guided-demo stack diff`: a change set made, shown and deleted.

use codebuild_core::ChangeSet;
use codebuild_core::ChangeSetOutcome;
use codebuild_core::Stack;
use codebuild_core::delete_stack;
use codebuild_core::describe_stack;
use serde_json::json;

use super::Place;
use super::deploy::changes_json;
use super::explained;
use super::plan::Plan;
use crate::cli::StackDiffArgs;
use crate::command_error::CommandError;
use crate::exit_code::ExitCode;
use crate::state::StateDirectory;
use crate::ui::Ui;

/// Compares a template with the stack.
pub(super) async fn diff(
    ui: &Ui,
    args: StackDiffArgs,
    state: StateDirectory,
) -> Result<ExitCode, CommandError> {
    let place = Place::open(args.target.clone(), state).await?;
    let result = compare(ui, args, &place).await;
    place.opened.close().await;
    result
}

async fn compare(ui: &Ui, args: StackDiffArgs, place: &Place) -> Result<ExitCode, CommandError> {
    let session = &place.opened.session;
    let plan = Plan::read(args.plan, session).await?;
    let name = &plan.name;
    let stack = describe_stack(session, name)
        .await?
        .filter(|stack| stack.status != "REVIEW_IN_PROGRESS");
    if let Some(stack) = &stack {
        check(place, stack)?;
    } else {
        // CloudFormation makes an empty stack for the change set.
        place.intend(name)?;
    }
    let made = ChangeSet::make(session, &plan.request(stack.as_ref())).await;
    if let Ok(change_set) = &made {
        change_set.delete(session).await?;
        if stack.is_none() {
            delete_stack(session, &change_set.stack_id).await?;
        }
    }
    if stack.is_none() {
        place.removed(name)?;
    }
    let change_set = made.map_err(explained)?;
    if let ChangeSetOutcome::Failed(reason) = &change_set.outcome {
        return Err(CommandError::step(format!(
            "CloudFormation cannot tell what would change: {reason}"
        )));
    }
    if args.json {
        let changes = changes_json(&change_set.changes);
        ui.line(
            &json!({ "stack": name, "exists": stack.is_some(), "changes": changes }).to_string(),
        );
        return Ok(ExitCode::DONE);
    }
    if change_set.outcome == ChangeSetOutcome::Empty {
        ui.paragraph(&format!(
            "No difference: the stack {name} is as the template says."
        ));
        return Ok(ExitCode::DONE);
    }
    ui.paragraph(&match stack {
        Some(_) => format!("A deployment to {} would change:", place.describe()),
        None => format!(
            "There is no stack {name} on {}. A deployment would create:",
            place.describe()
        ),
    });
    ui.out(&ui.screen().changes(&change_set.changes));
    ui.paragraph(
        "This compares the template with the last one, not with the account: what was changed by \
         hand since then is drift (`aws cloudformation detect-stack-drift`).",
    );
    Ok(ExitCode::DONE)
}

fn check(place: &Place, stack: &Stack) -> Result<(), CommandError> {
    let name = &stack.name;
    if !stack.is_in_progress() && !stack.must_be_deleted_first() {
        return Ok(());
    }
    Err(CommandError::step(format!(
        "nothing can be compared with the stack {name} while it is in the state {}",
        stack.status
    ))
    .hinted(format!(
        "To see more: {}",
        place.invocation(&format!("stack status {name}"))
    )))
}
