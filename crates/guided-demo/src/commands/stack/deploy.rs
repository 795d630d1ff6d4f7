//! `guided-demo stack deploy`: a change set made, shown, agreed to, executed and followed.

use std::collections::BTreeSet;

use codebuild_core::Change;
use codebuild_core::ChangeSet;
use codebuild_core::ChangeSetOutcome;
use codebuild_core::PRICES_AS_OF;
use codebuild_core::PRICES_SOURCE;
use codebuild_core::Stack;
use codebuild_core::StackEvent;
use codebuild_core::StackMark;
use codebuild_core::cost_estimate;
use codebuild_core::delete_stack;
use codebuild_core::describe_stack;
use serde_json::Value;
use serde_json::json;

use super::Consent;
use super::Place;
use super::explained;
use super::follow::Followed;
use super::follow::follow;
use super::plan::Plan;
use super::status;
use crate::cli::StackDeployArgs;
use crate::command_error::CommandError;
use crate::exit_code::ExitCode;
use crate::state::StateDirectory;
use crate::ui::Ui;
use crate::ui::wrap;

/// How often a deployment is tried: IAM knows a new role everywhere only after some seconds.
const ATTEMPTS: u32 = 2;

/// Deploys a stack.
pub(super) async fn deploy(
    ui: &Ui,
    args: StackDeployArgs,
    state: StateDirectory,
) -> Result<ExitCode, CommandError> {
    let consent = Consent::new(ui, "deploy", args.yes, args.no_input, args.json)?;
    let place = Place::open(args.target.clone(), state).await?;
    let deployment = Deployment {
        ui,
        place: &place,
        consent,
        json: args.json,
    };
    let result = deployment.run(args).await;
    place.opened.close().await;
    result
}

struct Deployment<'a> {
    ui: &'a Ui,
    place: &'a Place,
    consent: Consent,
    json: bool,
}

impl Deployment<'_> {
    /// Says something to a person; who reads JSON gets it beside the document.
    fn say(&self, text: &str) {
        match self.json {
            true => self.ui.status(text),
            false => self.ui.line(text),
        }
    }

    /// Says it in lines that are no longer than the terminal is wide.
    fn tell(&self, text: &str) {
        self.say(&wrap(text, self.ui.screen().width, "", ""));
    }

    async fn run(&self, args: StackDeployArgs) -> Result<ExitCode, CommandError> {
        let session = &self.place.opened.session;
        let plan = Plan::read(args.plan, session).await?;
        let name = &plan.name;
        let Some(stack) = self.stack_to_change(name).await? else {
            return Ok(ExitCode::DONE);
        };
        let stack = stack.as_ref();
        if stack.is_none() {
            self.place.intend(name)?;
        }
        let (done, what) = match stack {
            Some(_) => ("Updated", "Update"),
            None => ("Created", "Create"),
        };
        let change_set = self.change_set(&plan, stack).await?;
        if change_set.outcome == ChangeSetOutcome::Empty {
            change_set.delete(session).await?;
            self.tell(&format!(
                "Nothing to do: the stack {name} is as the template says."
            ));
            return self.report(name, &[], &[]).await;
        }
        self.tell(&format!(
            "{what} the stack {name} on {}:",
            self.place.describe()
        ));
        self.show(&plan, stack, &change_set);
        if !self.consent.given(self.ui, &format!("{what} it?"))? {
            self.withdraw(name, stack, &change_set).await?;
            self.say("Nothing was changed.");
            return Ok(ExitCode::DONE);
        }
        let followed = self.execute(&plan, stack, &change_set).await?;
        if !followed.succeeded() {
            return self.failed(name, &change_set.changes, &followed);
        }
        self.place.created(name).or_else(|error| match stack {
            // It was not made by us and is in no ledger.
            Some(_) => Ok(()),
            None => Err(error),
        })?;
        self.say(&format!("\n{done} the stack {name}: {}.", followed.status));
        self.report(name, &change_set.changes, &followed.events)
            .await
    }

    /// The stack of this name: `Some(None)` if it is to be created, `None` if the person left.
    async fn stack_to_change(&self, name: &str) -> Result<Option<Option<Stack>>, CommandError> {
        let session = &self.place.opened.session;
        let Some(stack) = describe_stack(session, name).await? else {
            return Ok(Some(None));
        };
        if stack.status == "REVIEW_IN_PROGRESS" {
            return Ok(Some(None));
        }
        if stack.is_in_progress() {
            return Err(CommandError::step(format!(
                "CloudFormation is at work on the stack {name}: {}",
                stack.status
            ))
            .hinted(format!(
                "Wait until it has come to an end. To see how far it is: {}",
                self.place.invocation(&format!("stack status {name}"))
            )));
        }
        if !stack.must_be_deleted_first() {
            return Ok(Some(Some(stack)));
        }
        self.tell(&format!(
            "The stack {name} is in the state {}: its creation never came to its end, so it cannot \
             be updated. It must be deleted first; nothing of it is in use.",
            stack.status
        ));
        if !self.place.owns(name)? && !self.consent.may_ask {
            return Err(CommandError::step(format!(
                "the stack {name} was not deployed from this computer, so --yes does not delete it"
            ))
            .hinted(format!(
                "Delete it yourself: {}",
                self.place.invocation(&format!("stack delete {name}"))
            )));
        }
        if !self.consent.given(self.ui, "Delete it and deploy anew?")? {
            self.say("Nothing was changed.");
            return Ok(None);
        }
        self.delete_shell(&stack.id, name).await?;
        Ok(Some(None))
    }

    async fn change_set(
        &self,
        plan: &Plan,
        stack: Option<&Stack>,
    ) -> Result<ChangeSet, CommandError> {
        let session = &self.place.opened.session;
        let made = ChangeSet::make(session, &plan.request(stack)).await;
        let change_set = match made {
            Ok(change_set) => change_set,
            Err(error) => {
                // What CloudFormation refused at once has left nothing behind.
                if stack.is_none() && describe_stack(session, &plan.name).await?.is_none() {
                    self.place.removed(&plan.name)?;
                }
                return Err(explained(error));
            }
        };
        if let ChangeSetOutcome::Failed(reason) = &change_set.outcome {
            let error = explained(codebuild_core::CallError::Service {
                code: "ChangeSetFailed".to_owned(),
                operation: "CreateChangeSet".to_owned(),
                message: reason.clone(),
            });
            self.withdraw(&plan.name, stack, &change_set).await?;
            return Err(error);
        }
        Ok(change_set)
    }

    /// Shows what would happen, and what that would cost.
    fn show(&self, plan: &Plan, stack: Option<&Stack>, change_set: &ChangeSet) {
        let screen = self.ui.screen();
        self.say(screen.changes(&change_set.changes).trim_end());
        let parameters = plan.describe_parameters(stack);
        if !parameters.is_empty() {
            self.say("Parameters:");
            for (source, values) in parameters {
                let first = format!("  {source}: ");
                self.say(&wrap(&values, screen.width, &first, "    "));
            }
        }
        for capability in &plan.summary.capabilities {
            let why = plan.summary.capabilities_reason.as_deref();
            let text = format!(
                "{capability} is given: {}. Such resources give rights in the account, so \
                 CloudFormation wants to be told that you know.",
                why.unwrap_or("the template creates resources of IAM")
                    .trim_end_matches('.')
            );
            self.say(&wrap(&text, screen.width, "", ""));
        }
        if self.place.is_local() {
            self.say("Cost: nothing, it is all on this computer.");
            return;
        }
        for line in cost_lines(&change_set.changes) {
            self.say(&wrap(&line, screen.width, "", "    "));
        }
    }

    /// Takes a change set back, and the empty stack that was made for it.
    async fn withdraw(
        &self,
        name: &str,
        stack: Option<&Stack>,
        change_set: &ChangeSet,
    ) -> Result<(), CommandError> {
        let session = &self.place.opened.session;
        change_set.delete(session).await?;
        if stack.is_none() {
            delete_stack(session, &change_set.stack_id).await?;
            self.place.removed(name)?;
        }
        Ok(())
    }

    /// Executes a change set and follows it; once more if it failed for a reason that passes.
    async fn execute(
        &self,
        plan: &Plan,
        stack: Option<&Stack>,
        change_set: &ChangeSet,
    ) -> Result<Followed, CommandError> {
        let session = &self.place.opened.session;
        let mut again: Option<ChangeSet> = None;
        let mut attempt = 1;
        loop {
            let current = again.as_ref().unwrap_or(change_set);
            let mark = StackMark::now(session, &current.stack_id).await?;
            current.execute(session).await.map_err(explained)?;
            let later = self
                .place
                .invocation(&format!("stack status {}", plan.name));
            let followed =
                follow(self.ui, session, &current.stack_id, mark, self.json, &later).await?;
            let can_retry = matches!(
                followed.status.as_str(),
                "ROLLBACK_COMPLETE" | "UPDATE_ROLLBACK_COMPLETE"
            );
            if followed.succeeded() || attempt == ATTEMPTS || !can_retry || !followed.passes() {
                return Ok(followed);
            }
            attempt += 1;
            if !self.json {
                followed.explain(self.ui);
            }
            self.tell("Such a failure may pass by itself, so the same is deployed once more.");
            if stack.is_none() {
                self.delete_shell(&current.stack_id, &plan.name).await?;
                self.place.intend(&plan.name)?;
            }
            again = Some(self.change_set(plan, stack).await?);
        }
    }

    /// Deletes what is left of a stack whose creation was rolled back.
    async fn delete_shell(&self, stack_id: &str, name: &str) -> Result<(), CommandError> {
        let session = &self.place.opened.session;
        let mark = StackMark::now(session, stack_id).await?;
        delete_stack(session, stack_id).await.map_err(explained)?;
        let later = self.place.invocation(&format!("stack status {name}"));
        let followed = follow(self.ui, session, stack_id, mark, self.json, &later).await?;
        if !followed.succeeded() {
            if !self.json {
                followed.explain(self.ui);
            }
            return Err(CommandError::step(format!(
                "the stack {name} could not be deleted: {}",
                followed.status
            ))
            .hinted(format!(
                "Look at it: {}",
                self.place.invocation(&format!("stack delete {name}"))
            )));
        }
        self.place.removed(name)
    }

    fn failed(
        &self,
        name: &str,
        changes: &[Change],
        followed: &Followed,
    ) -> Result<ExitCode, CommandError> {
        if self.json {
            let document = json!({
                "stack": { "name": name, "status": followed.status },
                "changes": changes_json(changes),
                "events": status::events_json(&followed.events),
                "failures": status::failures_json(&followed.events),
            });
            self.ui.line(&document.to_string());
        } else {
            followed.explain(self.ui);
        }
        let error = CommandError::step(format!(
            "the stack {name} was not deployed: {}",
            followed.status
        ));
        Err(match followed.status.starts_with("UPDATE_") {
            true => error.hinted("It is as it was before: CloudFormation took the update back."),
            false => error.hinted(format!(
                "Repair the cause and deploy again, which deletes what is left of it first; or only \
                 delete it: {}",
                self.place.invocation(&format!("stack delete {name}"))
            )),
        })
    }

    /// Shows what the stack gives out and what to try with it.
    async fn report(
        &self,
        name: &str,
        changes: &[Change],
        events: &[StackEvent],
    ) -> Result<ExitCode, CommandError> {
        let session = &self.place.opened.session;
        let Some(stack) = describe_stack(session, name).await? else {
            return Err(CommandError::step(format!("the stack {name} is gone")));
        };
        if self.json {
            let document = json!({
                "stack": status::stack_json(&stack),
                "changes": changes_json(changes),
                "events": status::events_json(events),
            });
            self.ui.line(&document.to_string());
        } else {
            status::show_outputs(self.ui, self.place, &stack);
            self.ui.line(&format!(
                "To delete all of it: {}",
                self.place.invocation(&format!("stack delete {name}"))
            ));
        }
        Ok(ExitCode::DONE)
    }
}

/// What the resources that would be created cost.
fn cost_lines(changes: &[Change]) -> Vec<String> {
    let added: BTreeSet<&str> = changes
        .iter()
        .filter(|change| change.action == "Add" || change.replacement.as_deref() == Some("True"))
        .map(|change| change.resource_type.as_str())
        .collect();
    if added.is_empty() {
        return Vec::new();
    }
    let (items, unknown) = cost_estimate(added);
    let mut lines = vec![format!(
        "Cost, at list prices ({PRICES_SOURCE}; {PRICES_AS_OF}):"
    )];
    for item in &items {
        lines.push(format!("  {}: {}.", item.resource_type, item.price));
    }
    if !unknown.is_empty() {
        lines.push(format!(
            "  Not in our table, so look them up: {}.",
            unknown.join(", ")
        ));
    } else if items.iter().any(|item| !item.idle_is_free) {
        lines.push(
            "  A walk through the demo stores a few MB, so it stays below a cent, and a build is a \
             minute or two."
                .to_owned(),
        );
    }
    lines
}

/// Changes for programs, in the words of CloudFormation's own answer.
pub(super) fn changes_json(changes: &[Change]) -> Vec<Value> {
    let change = |change: &Change| {
        json!({
            "Action": change.action,
            "LogicalResourceId": change.logical_id,
            "PhysicalResourceId": change.physical_id,
            "ResourceType": change.resource_type,
            "Replacement": change.replacement,
            "Targets": change.targets,
        })
    };
    changes.iter().map(change).collect()
}
