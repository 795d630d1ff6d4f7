//! PutEvents and TestEventPattern.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::buses;
use super::invalid;
use super::pattern::Pattern;
use super::queue;
use super::queue::NewEvent;
use super::rules;
use crate::error::AwsError;
use crate::services::Services;
use crate::timestamp::EpochSeconds;

/// How many bytes the entries of a request may have together.
const LARGEST: usize = 256 * 1024;

/// What an event has to have for TestEventPattern.
const REQUIRED: [&str; 7] = [
    "id",
    "account",
    "source",
    "time",
    "region",
    "resources",
    "detail-type",
];

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PutEvents {
    entries: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    time: Option<EpochSeconds>,
    source: Option<String>,
    #[serde(default)]
    resources: Vec<String>,
    detail_type: Option<String>,
    detail: Option<String>,
    event_bus_name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TestEventPattern {
    event_pattern: String,
    event: String,
}

/// PutEvents.
pub(super) async fn put(services: &Services, input: PutEvents) -> Result<Value, AwsError> {
    if input.entries.iter().map(Entry::size).sum::<usize>() > LARGEST {
        return Err(invalid(
            "Total size of the entries in the request is over the limit.",
        ));
    }
    let mut events = Vec::new();
    let mut answers = Vec::new();
    let mut failed = 0;
    for entry in input.entries {
        match entry.event(services) {
            Ok(event) => {
                let event = event.envelope();
                answers.push(json!({ "EventId": event["id"] }));
                events.push(event);
            }
            Err(error) => {
                failed += 1;
                answers.push(json!({ "ErrorCode": error.code, "ErrorMessage": error.message }));
            }
        }
    }
    services
        .store
        .write(move |transaction| queue::enqueue(transaction, &events))
        .await?;
    Ok(json!({ "FailedEntryCount": failed, "Entries": answers }))
}

impl Entry {
    /// As AWS counts.
    fn size(&self) -> usize {
        let texts = [&self.source, &self.detail_type, &self.detail];
        let texts = texts.into_iter().flatten().chain(&self.resources);
        texts.map(String::len).sum::<usize>() + self.time.map_or(0, |_| 14)
    }

    fn event(self, services: &Services) -> Result<NewEvent, AwsError> {
        let account = &services.account;
        let missing = |name: &str| {
            AwsError::new(
                "InvalidArgument",
                format!("Parameter {name} is not valid. Reason: {name} is a required argument."),
            )
        };
        let given = |value: Option<String>, name: &str| {
            let value = value.filter(|value| !value.is_empty());
            value.ok_or_else(|| missing(name))
        };
        let source = given(self.source, "Source")?;
        let detail_type = given(self.detail_type, "DetailType")?;
        let detail = given(self.detail, "Detail")?;
        if source.to_lowercase().starts_with("aws.") {
            return Err(AwsError::new(
                "NotAuthorizedForSourceException",
                "Not authorized for the source.",
            ));
        }
        let detail: Value = serde_json::from_str(&detail)
            .ok()
            .filter(Value::is_object)
            .ok_or_else(|| AwsError::new("MalformedDetail", "Detail is malformed."))?;
        buses::check(account, self.event_bus_name.as_deref())?;
        let at = self
            .time
            .and_then(|time| Timestamp::from_millisecond(time.millis()).ok());
        Ok(NewEvent {
            source,
            detail_type,
            region: account.region.clone(),
            account: account.id.clone(),
            at: at.unwrap_or_else(Timestamp::now),
            resources: self.resources,
            detail,
        })
    }
}

/// TestEventPattern.
pub(super) fn test_pattern(input: &TestEventPattern) -> Result<Value, AwsError> {
    let pattern =
        Pattern::read(&input.event_pattern).map_err(|reason| rules::invalid_pattern(&reason))?;
    let event: Value = serde_json::from_str(&input.event)
        .map_err(|error| invalid(format!("Event is not valid. Reason: {error}")))?;
    if let Some(missing) = REQUIRED.iter().find(|name| event.get(**name).is_none()) {
        return Err(invalid(format!(
            "Event is not valid. Reason: it has no {missing}."
        )));
    }
    Ok(json!({ "Result": pattern.matches(&event) }))
}
