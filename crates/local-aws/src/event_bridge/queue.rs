//! Events on their way to the rules. They are written in the transaction that changes what they tell
//! of: an event is lost only with the change.

use jiff::Timestamp;
use redb::ReadableTable;
use redb::ReadableTableMetadata;
use serde_json::Value;
use serde_json::json;

use crate::store;
use crate::store::StoreError;
use crate::store::Write;

/// Something that happened.
#[derive(Clone, Debug)]
pub(crate) struct NewEvent {
    /// Such as `aws.codebuild`.
    pub(crate) source: String,
    /// Such as `CodeBuild Build State Change`.
    pub(crate) detail_type: String,
    pub(crate) region: String,
    pub(crate) account: String,
    pub(crate) at: Timestamp,
    /// ARNs of what it is about.
    pub(crate) resources: Vec<String>,
    pub(crate) detail: Value,
}

impl NewEvent {
    /// The event as targets get it, with a new id.
    pub(super) fn envelope(self) -> Value {
        json!({
            "version": "0",
            "id": uuid::Uuid::new_v4().to_string(),
            "detail-type": self.detail_type,
            "source": self.source,
            "account": self.account,
            "time": self.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "region": self.region,
            "resources": self.resources,
            "detail": self.detail,
        })
    }
}

/// Whether there is a rule that an event could match.
pub(crate) fn is_anybody_interested(transaction: &Write<'_>) -> Result<bool, StoreError> {
    let has_rules = !transaction.open_table(store::EVENT_RULES)?.is_empty()?;
    Ok(has_rules
        || !transaction
            .open_table(store::NOTIFICATION_RULES)?
            .is_empty()?)
}

/// Writes events that happen with this transaction.
pub(crate) fn record(transaction: &Write<'_>, events: Vec<NewEvent>) -> Result<(), StoreError> {
    let events = events.into_iter().map(NewEvent::envelope);
    enqueue(transaction, &events.collect::<Vec<_>>())
}

/// The same with envelopes.
pub(super) fn enqueue(transaction: &Write<'_>, events: &[Value]) -> Result<(), StoreError> {
    if events.is_empty() || !is_anybody_interested(transaction)? {
        return Ok(());
    }
    let mut queue = transaction.open_table(store::EVENTS)?;
    let last = queue.last()?.map(|(last, _)| last.value());
    // The time, so that a number does not come back when the queue was empty.
    let now = u64::try_from(Timestamp::now().as_microsecond()).unwrap_or_default();
    let first = last.map_or(now, |last| now.max(last + 1));
    for (number, event) in (first..).zip(events) {
        queue.insert(number, serde_json::to_vec(event)?.as_slice())?;
    }
    transaction.tell_followers();
    Ok(())
}
