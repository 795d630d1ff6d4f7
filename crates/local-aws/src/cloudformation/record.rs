//! What the database keeps about stacks.

use cloudformation_template::DeletionPolicy;
use cloudformation_template::UpdateReplacePolicy;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;

use super::status::Status;
use crate::access_keys::Caller;
use crate::access_keys::RoleSession;
use crate::timestamp::EpochSeconds;

/// A stack.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Stack {
    /// Its ARN.
    pub(super) id: String,
    pub(super) name: String,
    pub(super) created: EpochSeconds,
    pub(super) updated: Option<EpochSeconds>,
    pub(super) deleted: Option<EpochSeconds>,
    pub(super) status: Status,
    pub(super) reason: Option<String>,
    /// What it is made from, or is being made from. None until a change set is executed.
    pub(super) definition: Option<Definition>,
    /// What it was made from before the update that goes on or has failed.
    pub(super) previous: Option<Definition>,
    /// Who asked for the operation that goes on.
    pub(super) caller: Caller,
    pub(super) operation: Operation,
    pub(super) on_failure: OnFailure,
    /// Whether what a failed operation has made is deleted even if its policy is Retain.
    pub(super) retain_except_on_create: bool,
    pub(super) timeout_in_minutes: Option<i64>,
    pub(super) termination_protection: bool,
    /// A JSON document.
    pub(super) policy: Option<String>,
    /// The policy of the update that goes on.
    pub(super) policy_during_update: Option<String>,
    /// Whether the update that goes on shall be rolled back.
    pub(super) is_cancelled: bool,
    /// Logical ids that the deletion leaves alone.
    pub(super) retained: Vec<String>,
    /// Whether the deletion goes on where a resource cannot be deleted.
    pub(super) is_forced: bool,
    /// Logical ids that the rollback leaves alone.
    pub(super) skipped: Vec<String>,
    pub(super) outputs: Vec<Output>,
    /// The names of the exports that it imports.
    pub(super) imports: Vec<String>,
    /// The change set that was executed last.
    pub(super) change_set_id: Option<String>,
    /// `StackDriftStatus` and when it was found.
    pub(super) drift: Option<(String, EpochSeconds)>,
    /// Requests that must not have an effect twice.
    pub(super) tokens: Vec<UsedToken>,
}

/// One operation on a stack.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Operation {
    pub(super) id: String,
    /// Such as `CREATE_STACK`.
    pub(super) kind: String,
    /// The client's token.
    pub(super) token: Option<String>,
    pub(super) started: EpochSeconds,
}

/// A client's token and what it was used for.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct UsedToken {
    pub(super) token: String,
    /// Such as `CreateStack`.
    pub(super) action: String,
    pub(super) operation_id: String,
}

/// What happens when a creation or an update fails.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum OnFailure {
    #[default]
    Rollback,
    Delete,
    DoNothing,
}

/// What a stack is made from.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Definition {
    /// The text as it came.
    pub(super) template: String,
    pub(super) parameters: Vec<Parameter>,
    pub(super) tags: Vec<(String, String)>,
    pub(super) capabilities: Vec<String>,
    pub(super) notification_arns: Vec<String>,
    pub(super) role_arn: Option<String>,
}

/// A parameter's value.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct Parameter {
    pub(super) key: String,
    pub(super) value: String,
    /// What Parameter Store had under the name that is the value.
    pub(super) resolved: Option<String>,
    pub(super) no_echo: bool,
}

/// An output.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct Output {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) description: Option<String>,
    pub(super) export_name: Option<String>,
}

/// A resource of a stack.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Resource {
    pub(super) logical_id: String,
    pub(super) resource_type: String,
    pub(super) status: Status,
    pub(super) reason: Option<String>,
    pub(super) updated: EpochSeconds,
    /// What `Ref` and `Fn::GetAtt` speak of.
    pub(super) now: Option<Physical>,
    /// What it was before the update that goes on or has failed, if that has touched it.
    pub(super) before: Option<Physical>,
    /// What is being made or changed.
    pub(super) pending: Option<Pending>,
    /// What has to be deleted at the end of the update.
    pub(super) leftovers: Vec<Physical>,
    /// Whether it was made since the stack was last whole.
    pub(super) is_new: bool,
    /// The operation that has brought it to what its definition says, or back.
    pub(super) done_by: String,
    /// As DescribeStackResourceDrifts shows it.
    pub(super) drift: Option<Value>,
}

/// Something that is made or changed now: it is here before the work begins.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Pending {
    pub(super) kind: PendingKind,
    pub(super) physical: Physical,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) enum PendingKind {
    /// It is made, in place of nothing or of another one.
    Creation,
    /// It is changed.
    Change,
}

/// The real thing behind a resource.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct Physical {
    pub(super) resource_type: String,
    /// Before creation: the planned id, if one is known.
    pub(super) id: Option<String>,
    pub(super) attributes: Map<String, Value>,
    pub(super) properties: Value,
    /// The properties without secrets.
    pub(super) shown: Value,
    pub(super) metadata: Option<Value>,
    /// Stays the same when an interrupted creation is taken up again.
    pub(super) token: String,
    pub(super) stack_tags: Vec<(String, String)>,
    /// Logical ids of what it refers to: they are deleted after it.
    pub(super) dependencies: Vec<String>,
    pub(super) deletion_policy: Policy,
    pub(super) update_replace_policy: Policy,
}

/// A DeletionPolicy or an UpdateReplacePolicy.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) enum Policy {
    Delete,
    Retain,
    RetainExceptOnCreate,
    Snapshot,
}

/// A change set.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct ChangeSet {
    /// Its ARN.
    pub(super) id: String,
    pub(super) name: String,
    pub(super) stack_id: String,
    pub(super) stack_name: String,
    pub(super) created: EpochSeconds,
    pub(super) description: Option<String>,
    pub(super) status: String,
    pub(super) reason: Option<String>,
    pub(super) execution: String,
    pub(super) definition: Definition,
    pub(super) on_failure: Option<OnFailure>,
    /// As DescribeChangeSet shows them.
    pub(super) changes: Vec<Value>,
    pub(super) token: Option<String>,
}

/// A search for drift.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct DriftDetection {
    pub(super) id: String,
    pub(super) stack_id: String,
    pub(super) started: EpochSeconds,
    /// `DETECTION_IN_PROGRESS` and so on.
    pub(super) status: String,
    pub(super) reason: Option<String>,
    pub(super) stack_drift_status: Option<String>,
    pub(super) drifted: Option<usize>,
}

impl Stack {
    /// Who makes its resources: the stack's role, or else whoever asked for the operation.
    pub(super) fn actor(&self) -> Caller {
        let role = self.definition.as_ref().and_then(|d| d.role_arn.as_deref());
        match role.and_then(|arn| arn.rsplit('/').next()) {
            Some(role) => Caller::Role(RoleSession {
                role: role.to_owned(),
                session: "AWSCloudFormation".to_owned(),
                build: None,
            }),
            None => self.caller.clone(),
        }
    }

    /// The tags that its resources get.
    pub(super) fn tags(&self) -> &[(String, String)] {
        self.definition.as_ref().map_or(&[], |d| &d.tags)
    }
}

impl Resource {
    /// A resource that is not there yet.
    pub(super) fn new(logical_id: &str, resource_type: &str) -> Self {
        Self {
            logical_id: logical_id.to_owned(),
            resource_type: resource_type.to_owned(),
            status: Status::CreateInProgress,
            reason: None,
            updated: EpochSeconds::now(),
            now: None,
            before: None,
            pending: None,
            leftovers: Vec::new(),
            is_new: true,
            done_by: String::new(),
            drift: None,
        }
    }

    /// The id that answers show.
    pub(super) fn physical_id(&self) -> Option<&str> {
        self.now.as_ref().and_then(|now| now.id.as_deref())
    }
}

impl From<DeletionPolicy> for Policy {
    fn from(policy: DeletionPolicy) -> Self {
        match policy {
            DeletionPolicy::Delete => Self::Delete,
            DeletionPolicy::Retain => Self::Retain,
            DeletionPolicy::RetainExceptOnCreate => Self::RetainExceptOnCreate,
            DeletionPolicy::Snapshot => Self::Snapshot,
        }
    }
}

impl From<UpdateReplacePolicy> for Policy {
    fn from(policy: UpdateReplacePolicy) -> Self {
        match policy {
            UpdateReplacePolicy::Delete => Self::Delete,
            UpdateReplacePolicy::Retain => Self::Retain,
            UpdateReplacePolicy::Snapshot => Self::Snapshot,
        }
    }
}

impl From<cloudformation_template::Output> for Output {
    fn from(output: cloudformation_template::Output) -> Self {
        Self {
            name: output.name,
            value: output.value,
            description: output.description,
            export_name: output.export_name,
        }
    }
}
