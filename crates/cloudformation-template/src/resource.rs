//! Resources and what becomes of them.

use serde_json::Value;

use crate::error::Position;

/// What becomes of a resource that is deleted or leaves the template.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum DeletionPolicy {
    /// It is deleted.
    #[default]
    Delete,
    /// It stays.
    Retain,
    /// It stays, unless the operation that creates it is rolled back.
    RetainExceptOnCreate,
    /// It is deleted after a snapshot, for the types that have snapshots.
    Snapshot,
}

/// What becomes of the old resource when an update replaces it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum UpdateReplacePolicy {
    /// It is deleted.
    #[default]
    Delete,
    /// It stays.
    Retain,
    /// It is deleted after a snapshot, for the types that have snapshots.
    Snapshot,
}

impl DeletionPolicy {
    /// As in templates.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delete => "Delete",
            Self::Retain => "Retain",
            Self::RetainExceptOnCreate => "RetainExceptOnCreate",
            Self::Snapshot => "Snapshot",
        }
    }
}

impl UpdateReplacePolicy {
    /// As in templates.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delete => "Delete",
            Self::Retain => "Retain",
            Self::Snapshot => "Snapshot",
        }
    }
}

/// A resource of a template. Its properties come from [`crate::Bound::properties`].
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// Its name in the template.
    pub logical_id: String,
    /// Such as `AWS::S3::Bucket`.
    pub resource_type: String,
    /// Its DeletionPolicy.
    pub deletion_policy: DeletionPolicy,
    /// Its UpdateReplacePolicy.
    pub update_replace_policy: UpdateReplacePolicy,
    /// The condition that it is created under.
    pub condition: Option<String>,
    /// Its metadata as written, functions not evaluated.
    pub metadata: Option<Value>,
    /// Its CreationPolicy as written.
    pub creation_policy: Option<Value>,
    /// Its UpdatePolicy as written.
    pub update_policy: Option<Value>,
    /// Where its name stands.
    pub position: Position,
    /// Where its type stands.
    pub type_position: Position,
}
