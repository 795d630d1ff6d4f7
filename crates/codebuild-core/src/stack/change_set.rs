//! Change sets: what a deployment would do, before it does it.

use std::collections::BTreeSet;

use aws_sdk_cloudformation::operation::describe_change_set::DescribeChangeSetOutput;
use aws_sdk_cloudformation::types::Capability;
use aws_sdk_cloudformation::types::ChangeSetType;
use aws_sdk_cloudformation::types::Parameter;
use aws_sdk_cloudformation::types::ResourceChange;
use aws_sdk_cloudformation::types::Tag;

use super::record::filled;
use super::record::text;
use crate::call_error::CallError;
use crate::session::Session;
use crate::watch::Pace;

/// What to deploy.
#[derive(Clone, Debug)]
pub struct ChangeSetRequest {
    /// The stack's name.
    pub stack: String,
    /// The template.
    pub template: String,
    /// Values of its parameters.
    pub parameters: Vec<(String, ParameterValue)>,
    /// Tags of the stack and of all its resources that can have some.
    pub tags: Vec<(String, String)>,
    /// What is acknowledged.
    pub capabilities: Vec<String>,
    /// Whether the stack is there already.
    pub is_update: bool,
}

/// The value of a parameter.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ParameterValue {
    /// A new value.
    Given(String),
    /// The one that the stack has.
    Previous,
}

/// A change set that has come to a result.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ChangeSet {
    /// Its ARN; `None` if the service saw at once that there is nothing to do, and made none.
    pub id: Option<String>,
    /// The ARN of its stack.
    pub stack_id: String,
    /// What it would do.
    pub changes: Vec<Change>,
    /// What came of it.
    pub outcome: ChangeSetOutcome,
}

/// What came of a change set.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ChangeSetOutcome {
    /// It can be executed.
    Ready,
    /// There is nothing to change.
    Empty,
    /// It cannot be made; CloudFormation's reason.
    Failed(String),
}

/// What would happen to a resource.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Change {
    /// `Add`, `Modify`, `Remove`, `Import` or `Dynamic`.
    pub action: String,
    /// The name in the template.
    pub logical_id: String,
    /// The name or ARN in the account, of one that is there.
    pub physical_id: Option<String>,
    /// Such as `AWS::S3::Bucket`.
    pub resource_type: String,
    /// `True`, `False` or `Conditional`, of one that is modified.
    pub replacement: Option<String>,
    /// What of it changes, such as `Properties.Image` or `Tags`.
    pub targets: Vec<String>,
}

impl ChangeSet {
    /// Has a change set made and waits until it is.
    ///
    /// # Errors
    ///
    /// If CloudFormation refuses the request, or the service cannot be reached.
    pub async fn make(session: &Session, request: &ChangeSetRequest) -> Result<Self, CallError> {
        session.check_region()?;
        let parameters = request.parameters.iter().map(|(name, value)| {
            let parameter = Parameter::builder().parameter_key(name);
            match value {
                ParameterValue::Given(value) => parameter.parameter_value(value),
                ParameterValue::Previous => parameter.use_previous_value(true),
            }
            .build()
        });
        let tags = request
            .tags
            .iter()
            .map(|(key, value)| Tag::builder().key(key).value(value).build());
        let capabilities = request
            .capabilities
            .iter()
            .map(|name| Capability::from(name.as_str()));
        let kind = match request.is_update {
            true => ChangeSetType::Update,
            false => ChangeSetType::Create,
        };
        let made = session
            .cloudformation()
            .create_change_set()
            .stack_name(&request.stack)
            .change_set_name(format!("guided-demo-{}", uuid::Uuid::new_v4()))
            .change_set_type(kind)
            .template_body(&request.template)
            .set_parameters(Some(parameters.collect()))
            .set_tags(
                Some(tags.collect::<Vec<_>>()).filter(|tags| !tags.is_empty() || request.is_update),
            )
            .set_capabilities(Some(capabilities.collect()))
            .send()
            .await
            .map_err(|error| session.call_error("cloudformation", "CreateChangeSet", error));
        let made = match made {
            Ok(made) => made,
            // AWS makes a change set that says so; other servers refuse at once.
            Err(error) if says_nothing_to_do(&error.to_string()) => {
                return Ok(Self {
                    id: None,
                    stack_id: request.stack.clone(),
                    changes: Vec::new(),
                    outcome: ChangeSetOutcome::Empty,
                });
            }
            Err(error) => return Err(error),
        };
        let id = made.id.unwrap_or_default();
        Self::wait(session, id, made.stack_id.unwrap_or_default()).await
    }

    async fn wait(session: &Session, id: String, stack_id: String) -> Result<Self, CallError> {
        let mut pace = Pace::default();
        loop {
            let first = pace.measure(describe(session, &id, None)).await?;
            let status = first.status().map(|status| status.as_str());
            if status.is_none_or(|status| {
                status.ends_with("_PENDING") || status.ends_with("_IN_PROGRESS")
            }) {
                session.pause(pace.interval()).await;
                continue;
            }
            let outcome = match (status, first.status_reason().unwrap_or_default()) {
                (Some("FAILED"), reason) if says_nothing_to_do(reason) => ChangeSetOutcome::Empty,
                (Some("FAILED"), reason) => ChangeSetOutcome::Failed(reason.to_owned()),
                _ => ChangeSetOutcome::Ready,
            };
            let mut changes = Vec::new();
            let mut page = first;
            loop {
                changes.extend(
                    page.changes()
                        .iter()
                        .filter_map(|change| change.resource_change())
                        .map(read),
                );
                match page.next_token {
                    Some(token) => page = describe(session, &id, Some(token)).await?,
                    None => break,
                }
            }
            return Ok(Self {
                id: Some(id),
                stack_id,
                changes,
                outcome,
            });
        }
    }

    /// Has it done. What happens then, [`follow_stack`](super::follow_stack) tells.
    ///
    /// # Errors
    ///
    /// If CloudFormation refuses it, or the service cannot be reached.
    pub async fn execute(&self, session: &Session) -> Result<(), CallError> {
        session
            .cloudformation()
            .execute_change_set()
            .set_change_set_name(self.id.clone())
            .send()
            .await
            .map_err(|error| session.call_error("cloudformation", "ExecuteChangeSet", error))?;
        Ok(())
    }

    /// Removes it. A stack that was only made for it stays, with nothing in it.
    ///
    /// # Errors
    ///
    /// If CloudFormation refuses it, or the service cannot be reached.
    pub async fn delete(&self, session: &Session) -> Result<(), CallError> {
        let Some(id) = &self.id else {
            return Ok(());
        };
        session
            .cloudformation()
            .delete_change_set()
            .change_set_name(id)
            .send()
            .await
            .map_err(|error| session.call_error("cloudformation", "DeleteChangeSet", error))?;
        Ok(())
    }
}

async fn describe(
    session: &Session,
    id: &str,
    token: Option<String>,
) -> Result<DescribeChangeSetOutput, CallError> {
    session
        .cloudformation()
        .describe_change_set()
        .change_set_name(id)
        .set_next_token(token)
        .send()
        .await
        .map_err(|error| session.call_error("cloudformation", "DescribeChangeSet", error))
}

/// The texts that the AWS CLI's `deploy` takes for `nothing to do`, too.
fn says_nothing_to_do(reason: &str) -> bool {
    reason.contains("The submitted information didn't contain changes.")
        || reason.contains("No updates are to be performed")
}

fn read(change: &ResourceChange) -> Change {
    let targets: BTreeSet<String> = change
        .details()
        .iter()
        .filter_map(|detail| detail.target())
        .map(|target| {
            let attribute = text(target.attribute().map(|attribute| attribute.as_str()));
            match target.name() {
                Some(name) => format!("{attribute}.{name}"),
                None => attribute,
            }
        })
        .collect();
    let action = text(change.action().map(|action| action.as_str()));
    Change {
        logical_id: text(change.logical_resource_id()),
        physical_id: filled(change.physical_resource_id()),
        resource_type: text(change.resource_type()),
        replacement: change
            .replacement()
            .filter(|_| action == "Modify")
            .map(|replacement| replacement.as_str().to_owned()),
        targets: targets.into_iter().collect(),
        action,
    }
}
