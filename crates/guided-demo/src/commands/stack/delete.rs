//! `guided-demo stack delete`: empties what must be empty, deletes, and looks that nothing is left.

use codebuild_core::Session;
use codebuild_core::Stack;
use codebuild_core::StackEvent;
use codebuild_core::StackMark;
use codebuild_core::StackResource;
use codebuild_core::contents_of;
use codebuild_core::delete_stack;
use codebuild_core::describe_stack;
use codebuild_core::empty;
use codebuild_core::stack_resources;
use serde_json::json;

use super::Consent;
use super::Place;
use super::explained;
use super::follow::Followed;
use super::follow::follow;
use super::remains::Remains;
use super::status;
use crate::cli::StackDeleteArgs;
use crate::command_error::CommandError;
use crate::exit_code::ExitCode;
use crate::state::StateDirectory;
use crate::ui::Ui;

/// How often a deletion is tried: a build that ends meanwhile writes into the bucket once more.
const ATTEMPTS: u32 = 2;

/// Deletes a stack.
pub(super) async fn delete(
    ui: &Ui,
    args: StackDeleteArgs,
    state: StateDirectory,
) -> Result<ExitCode, CommandError> {
    let consent = Consent::new(ui, "delete", args.yes, args.no_input, args.json)?;
    let place = Place::open(args.target.clone(), state).await?;
    let result = delete_from(ui, &args, &place, &consent).await;
    place.opened.close().await;
    result
}

async fn delete_from(
    ui: &Ui,
    args: &StackDeleteArgs,
    place: &Place,
    consent: &Consent,
) -> Result<ExitCode, CommandError> {
    let session = &place.opened.session;
    let name = &args.name;
    let say = |text: &str| match args.json {
        true => ui.status(text),
        false => ui.paragraph(text),
    };
    let Some(stack) = describe_stack(session, name).await? else {
        place.removed(name)?;
        say(&format!(
            "There is no stack {name} on {}, so there is nothing to delete.",
            place.describe()
        ));
        if args.json {
            ui.line(&json!({ "stack": { "name": name }, "remains": [] }).to_string());
        }
        return Ok(ExitCode::DONE);
    };
    if stack.is_in_progress() && stack.status != "DELETE_IN_PROGRESS" {
        return Err(CommandError::step(format!(
            "CloudFormation is at work on the stack {name}: {}",
            stack.status
        ))
        .hinted("Wait until it has come to an end, then delete it."));
    }
    let resources = stack_resources(session, &stack.id).await?;
    let full = full(session, &resources).await?;
    say(&format!(
        "Delete the stack {name} on {} with its {} resources.",
        place.describe(),
        resources.len()
    ));
    if !full.is_empty() && !place.owns(name)? {
        return Err(not_ours(name, &full));
    }
    for (resource, count) in &full {
        say(&format!(
            "  {} holds {}, deleted with it.",
            physical_id(resource),
            counted(resource, *count)
        ));
    }
    if !consent.given(ui, "Delete all of this?")? {
        say("Nothing was deleted.");
        return Ok(ExitCode::DONE);
    }
    let deletion = Deletion {
        ui,
        session,
        stack: &stack,
        resources: &resources,
        empties: place.owns(name)?,
        silent: args.json,
        later: place.invocation(&format!("stack status {name}")),
    };
    let followed = deletion.run().await?;
    if !followed.succeeded() {
        if args.json {
            let document = json!({
                "stack": { "name": name, "status": followed.status },
                "events": status::events_json(&followed.events),
                "failures": status::failures_json(&followed.events),
            });
            ui.line(&document.to_string());
        } else {
            followed.explain(ui);
        }
        return Err(CommandError::step(format!(
            "the stack {name} was not deleted: {}",
            followed.status
        )));
    }
    let remains = Remains::look(session, &resources).await;
    if args.json {
        let document = json!({
            "stack": { "name": name, "id": stack.id, "status": followed.status },
            "events": status::events_json(&followed.events),
            "remains": remains.json(),
        });
        ui.line(&document.to_string());
    } else {
        ui.line("\nDeleted. What each service says now:");
        remains.show(ui);
    }
    if !remains.is_nothing() {
        return Err(left_over(name));
    }
    place.removed(name)?;
    say("Nothing is left.");
    Ok(ExitCode::DONE)
}

/// Deletes a stack that a ledger names, for `guided-demo cleanup`.
///
/// # Errors
///
/// If it cannot be deleted, or something of it is left.
pub(in crate::commands) async fn remove(
    ui: &Ui,
    session: &Session,
    name: &str,
) -> Result<(), CommandError> {
    let Some(stack) = describe_stack(session, name).await? else {
        return Ok(());
    };
    let resources = stack_resources(session, &stack.id).await?;
    let deletion = Deletion {
        ui,
        session,
        stack: &stack,
        resources: &resources,
        empties: true,
        silent: false,
        later: format!("aws cloudformation describe-stack-events --stack-name {name}"),
    };
    let followed = deletion.run().await?;
    if !followed.succeeded() {
        followed.explain(ui);
        return Err(CommandError::step(format!(
            "the stack is in the state {}",
            followed.status
        )));
    }
    let remains = Remains::look(session, &resources).await;
    if !remains.is_nothing() {
        remains.show(ui);
        return Err(left_over(name));
    }
    Ok(())
}

struct Deletion<'a> {
    ui: &'a Ui,
    session: &'a Session,
    stack: &'a Stack,
    resources: &'a [StackResource],
    /// Whether what is in buckets and repositories may be deleted.
    empties: bool,
    silent: bool,
    later: String,
}

impl Deletion<'_> {
    /// Empties and deletes, and once more if something was written into a bucket meanwhile.
    async fn run(&self) -> Result<Followed, CommandError> {
        let mut attempt = 1;
        let mut events: Vec<StackEvent> = Vec::new();
        loop {
            if self.empties {
                self.empty().await?;
            }
            let mark = StackMark::now(self.session, &self.stack.id).await?;
            delete_stack(self.session, &self.stack.id)
                .await
                .map_err(explained)?;
            let mut followed = follow(
                self.ui,
                self.session,
                &self.stack.id,
                mark,
                self.silent,
                &self.later,
            )
            .await?;
            let again = !followed.succeeded()
                && attempt < ATTEMPTS
                && self.empties
                && !full(self.session, self.resources).await?.is_empty();
            if !again {
                events.append(&mut followed.events);
                followed.events = events;
                return Ok(followed);
            }
            events.append(&mut followed.events);
            attempt += 1;
        }
    }

    async fn empty(&self) -> Result<(), CommandError> {
        for (resource, _) in full(self.session, self.resources).await? {
            let physical_id = physical_id(resource);
            let count = empty(self.session, &resource.resource_type, physical_id).await?;
            if !self.silent {
                self.ui.line(&format!(
                    "Emptied {physical_id} of {}.",
                    counted(resource, count)
                ));
            }
        }
        Ok(())
    }
}

/// The buckets and repositories that hold something, and how much.
async fn full<'a>(
    session: &Session,
    resources: &'a [StackResource],
) -> Result<Vec<(&'a StackResource, usize)>, CommandError> {
    let mut full = Vec::new();
    for resource in resources {
        if resource.physical_id.is_none() || resource.status == "DELETE_COMPLETE" {
            continue;
        }
        let count = contents_of(session, &resource.resource_type, physical_id(resource)).await?;
        if let Some(count) = count.filter(|count| *count > 0) {
            full.push((resource, count));
        }
    }
    Ok(full)
}

fn physical_id(resource: &StackResource) -> &str {
    resource.physical_id.as_deref().unwrap_or_default()
}

/// Such as `1 object` or `12 images`.
fn counted(resource: &StackResource, count: usize) -> String {
    let item = match resource.resource_type.as_str() {
        "AWS::ECR::Repository" => "image",
        _ => "object",
    };
    match count {
        1 => format!("1 {item}"),
        count => format!("{count} {item}s"),
    }
}

fn not_ours(name: &str, full: &[(&StackResource, usize)]) -> CommandError {
    let mut error = CommandError::step(format!(
        "the stack {name} was not deployed from this computer (it is in no ledger here), so what it \
         holds is not deleted, and CloudFormation deletes no bucket or repository that holds something"
    ));
    for (resource, count) in full {
        let id = physical_id(resource);
        let holds = counted(resource, *count);
        error = error.hinted(match resource.resource_type.as_str() {
            "AWS::ECR::Repository" => format!(
                "{id} holds {holds}. If they are not needed: aws ecr delete-repository --force --repository-name {id}"
            ),
            _ => format!("{id} holds {holds}. If they are not needed: aws s3 rm s3://{id} --recursive"),
        });
    }
    error.hinted("Then run the same command again.")
}

fn left_over(name: &str) -> CommandError {
    CommandError::step(format!(
        "the stack {name} is deleted, but something of it is still there"
    ))
    .hinted(
        "A resource with the deletion policy Retain stays on purpose. Anything else: delete it by \
         hand, or look again in a minute.",
    )
}
