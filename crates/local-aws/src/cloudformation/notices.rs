//! Tells the topics of a stack what happens to it: one message an event, in the order of time. What
//! they were not told yet is in the database.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use redb::ReadableTable;
use serde_json::Value;
use serde_json::json;

use super::ask;
use super::ledger;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;

/// How long it rests when the database cannot be used.
const REST: Duration = Duration::from_secs(5);

const SUBJECT: &str = "AWS CloudFormation Notification";

/// Begins to tell, until the local AWS stops.
pub(super) fn start(services: &Arc<Services>) {
    let services = Arc::clone(services);
    tokio::spawn(async move {
        let stop = services.stop.clone();
        stop.run_until_cancelled(run(&services)).await;
    });
}

async fn run(services: &Arc<Services>) {
    loop {
        match tell_next(services).await {
            Ok(true) => {}
            Ok(false) => services.stacks.notices().notified().await,
            Err(error) => {
                tracing::warn!(%error, "topics are not told of a stack's event yet");
                tokio::time::sleep(REST).await;
            }
        }
    }
}

async fn tell_next(services: &Arc<Services>) -> Result<bool, AwsError> {
    let next = services.store.read(|transaction| {
        let notices = transaction.open_table(store::STACK_NOTICES)?;
        let Some(first) = notices.iter()?.next() else {
            return Ok(None);
        };
        let key = first?.0;
        let (id, number) = key.value();
        let events = transaction.open_table(store::STACK_EVENTS)?;
        let event: Value = match events.get((id, number))? {
            Some(event) => serde_json::from_slice(event.value())?,
            None => Value::Null,
        };
        Ok(Some((id.to_owned(), number, event)))
    })?;
    let Some((id, number, event)) = next else {
        return Ok(false);
    };
    let stack = ledger::find(&services.store, &id)?;
    let definition = stack.as_ref().and_then(|stack| stack.definition.as_ref());
    if let (Some(stack), Some(definition)) = (&stack, definition) {
        let message = message(&services.account.id, &event);
        for topic in &definition.notification_arns {
            let input = json!({ "TopicArn": topic, "Subject": SUBJECT, "Message": message });
            if let Err(error) = ask(services, &stack.caller, "sns", "Publish", input).await {
                tracing::warn!(%error, topic, "a topic could not be told of a stack's event");
            }
        }
    }
    services
        .store
        .write(move |write| {
            let mut notices = write.open_table(store::STACK_NOTICES)?;
            notices.remove((id.as_str(), number))?;
            Ok(())
        })
        .await?;
    Ok(true)
}

/// An event in CloudFormation's form: a line a member.
fn message(account: &str, event: &Value) -> String {
    let time = event["Timestamp"].as_f64().unwrap_or_default() * 1000.0;
    let time = Timestamp::from_millisecond(time as i64).unwrap_or_default();
    let time = time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
    let text = |member: &str| event[member].as_str().unwrap_or_default();
    let mut message = String::new();
    for (name, value) in [
        ("StackId", text("StackId")),
        ("Timestamp", &time),
        ("EventId", text("EventId")),
        ("LogicalResourceId", text("LogicalResourceId")),
        ("Namespace", account),
        ("PhysicalResourceId", text("PhysicalResourceId")),
        ("ResourceProperties", text("ResourceProperties")),
        ("ResourceStatus", text("ResourceStatus")),
        ("ResourceStatusReason", text("ResourceStatusReason")),
        ("ResourceType", text("ResourceType")),
        ("StackName", text("StackName")),
        ("ClientRequestToken", text("ClientRequestToken")),
    ] {
        // Properties without any are shown so.
        let value = if name == "ResourceProperties" && value.is_empty() {
            "null"
        } else {
            value
        };
        let _ = writeln!(message, "{name}='{value}'");
    }
    message
}
