//! Conditional requests: "Add preconditions to S3 operations" in the S3 user guide and RFC 9110,
//! section 13.

use s3s::dto::ETagCondition;
use s3s::dto::Timestamp;

use super::errors;
use super::records::Object;
use crate::error::AwsError;

/// Conditions of a write.
#[derive(Clone, Debug, Default)]
pub(super) struct WriteConditions {
    pub(super) if_match: Option<ETagCondition>,
    pub(super) if_none_match: Option<ETagCondition>,
}

impl WriteConditions {
    /// Checks them against what is there.
    pub(super) fn check(&self, existing: Option<&Object>) -> Result<(), AwsError> {
        if let Some(condition) = &self.if_match {
            match existing {
                None => return Err(errors::no_such_key()),
                Some(object) if !matches(condition, object) => {
                    return Err(errors::precondition_failed());
                }
                Some(_) => {}
            }
        }
        match (&self.if_none_match, existing) {
            (Some(condition), Some(object)) if matches(condition, object) => {
                Err(errors::precondition_failed())
            }
            _ => Ok(()),
        }
    }
}

/// Conditions of a read.
#[derive(Clone, Debug, Default)]
pub(super) struct ReadConditions {
    pub(super) if_match: Option<ETagCondition>,
    pub(super) if_none_match: Option<ETagCondition>,
    pub(super) if_modified_since: Option<Timestamp>,
    pub(super) if_unmodified_since: Option<Timestamp>,
}

impl ReadConditions {
    /// Checks them; `NotModified` (304) if the client has the object already.
    pub(super) fn check(&self, object: &Object) -> Result<(), AwsError> {
        let modified = Timestamp::from(object.modified);
        match (&self.if_match, &self.if_unmodified_since) {
            (Some(condition), _) if !matches(condition, object) => {
                return Err(errors::precondition_failed());
            }
            (None, Some(since)) if modified > *since => return Err(errors::precondition_failed()),
            _ => {}
        }
        match (&self.if_none_match, &self.if_modified_since) {
            (Some(condition), _) if matches(condition, object) => Err(errors::not_modified()),
            (None, Some(since)) if modified <= *since => Err(errors::not_modified()),
            _ => Ok(()),
        }
    }

    /// The same for the source of a copy, where nothing is a 304.
    pub(super) fn check_copy(&self, object: &Object) -> Result<(), AwsError> {
        self.check(object)
            .map_err(|_| errors::precondition_failed())
    }
}

fn matches(condition: &ETagCondition, object: &Object) -> bool {
    match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(etag) => etag.value() == object.etag,
    }
}
