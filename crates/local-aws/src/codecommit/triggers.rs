//! Triggers: messages to topics about branches and tags that change.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use super::name;
use super::repositories;
use super::repositories::Record;
use crate::account::Account;
use crate::error::AwsError;
use crate::services::Services;
use crate::sns;

/// How many triggers a repository may have, and how many branches a trigger.
const MOST: usize = 10;

/// A trigger.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Trigger {
    name: Option<String>,
    destination_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_data: Option<String>,
    #[serde(default)]
    branches: Vec<String>,
    events: Option<Vec<String>>,
}

/// The triggers of a repository.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Triggers {
    /// A new one each time that they are put.
    id: String,
    all: Vec<Trigger>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TriggersInput {
    repository_name: Option<String>,
    triggers: Option<Vec<Trigger>>,
}

pub(super) async fn put(services: &Services, input: TriggersInput) -> Result<Value, AwsError> {
    let name = name::required(input.repository_name.as_deref())?.to_owned();
    let all = checked(services, &name, input.triggers)?;
    let id = uuid::Uuid::new_v4().to_string();
    let triggers = Triggers {
        id: id.clone(),
        all,
    };
    repositories::change(services, name, |record| record.triggers = triggers).await?;
    Ok(json!({ "configurationId": id }))
}

pub(super) fn get(services: &Services, input: &TriggersInput) -> Result<Value, AwsError> {
    let name = name::required(input.repository_name.as_deref())?;
    let triggers = repositories::find(&services.store, name)?.triggers;
    Ok(json!({ "configurationId": triggers.id, "triggers": triggers.all }))
}

pub(super) async fn test(services: &Services, input: TriggersInput) -> Result<Value, AwsError> {
    let name = name::required(input.repository_name.as_deref())?;
    let all = checked(services, name, input.triggers)?;
    let user = services.account.user_arn();
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for trigger in &all {
        let about = About {
            account: &services.account,
            repository: name,
            configuration: "",
            caller: &user,
        };
        let message = about.message(trigger, "TriggerEventTest", &[]);
        let topic = trigger.destination_arn.as_deref().unwrap_or_default();
        match sns::publish_for_account(services, topic, message).await {
            Ok(_) => done.push(trigger.name.clone()),
            Err(error) => failed.push(json!({
                "trigger": trigger.name, "failureMessage": error.message.unwrap_or_default()
            })),
        }
    }
    Ok(json!({ "successfulExecutions": done, "failedExecutions": failed }))
}

/// The messages about a repository whose references have changed, each with its topic. `details` are
/// those of events.
pub(super) fn messages(
    account: &Account,
    repository: &str,
    record: &Record,
    details: &[Value],
    caller: &str,
) -> Vec<(String, String)> {
    let about = About {
        account,
        repository,
        configuration: &record.triggers.id,
        caller,
    };
    let triggers = record.triggers.all.iter();
    triggers
        .filter_map(|trigger| {
            let wanted = details.iter().filter(|detail| trigger.wants(detail));
            let references: Vec<Value> = wanted.map(reference).collect();
            if references.is_empty() {
                return None;
            }
            let topic = trigger.destination_arn.clone()?;
            Some((
                topic,
                about.message(trigger, "ReferenceChanges", &references),
            ))
        })
        .collect()
}

/// A change, as messages have it.
fn reference(detail: &Value) -> Value {
    let mut reference = json!({ "ref": detail["referenceFullName"] });
    let commit = detail.get("commitId").or(detail.get("oldCommitId"));
    reference["commit"] = commit.cloned().unwrap_or_default();
    match detail["event"].as_str() {
        Some("referenceCreated") => reference["created"] = true.into(),
        Some("referenceDeleted") => reference["deleted"] = true.into(),
        _ => {}
    }
    reference
}

impl Trigger {
    fn wants(&self, detail: &Value) -> bool {
        let event = match detail["event"].as_str() {
            Some("referenceCreated") => "createReference",
            Some("referenceDeleted") => "deleteReference",
            _ => "updateReference",
        };
        let mut events = self.events.iter().flatten();
        let is_event = events.any(|wanted| wanted == "all" || wanted == event);
        let is_branch = |name: &String| {
            detail["referenceType"] == "branch" && detail["referenceName"] == name.as_str()
        };
        is_event && (self.branches.is_empty() || self.branches.iter().any(is_branch))
    }
}

/// What all messages of one moment share.
struct About<'a> {
    account: &'a Account,
    repository: &'a str,
    configuration: &'a str,
    caller: &'a str,
}

impl About<'_> {
    fn message(&self, trigger: &Trigger, event: &str, references: &[Value]) -> String {
        let mut record = json!({
            "awsRegion": self.account.region,
            "codecommit": { "references": references },
            "eventId": uuid::Uuid::new_v4().to_string(),
            "eventName": event,
            "eventPartNumber": 1,
            "eventSource": "aws:codecommit",
            "eventSourceARN": self.account.repository_arn(self.repository),
            "eventTime": Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S.%3f+0000").to_string(),
            "eventTotalParts": 1,
            "eventTriggerConfigId": self.configuration,
            "eventTriggerName": trigger.name,
            "eventVersion": "1.0",
            "userIdentityARN": self.caller,
        });
        if let Some(data) = &trigger.custom_data {
            record["customData"] = data.as_str().into();
        }
        json!({ "Records": [record] }).to_string()
    }
}

fn checked(
    services: &Services,
    repository: &str,
    triggers: Option<Vec<Trigger>>,
) -> Result<Vec<Trigger>, AwsError> {
    repositories::find(&services.store, repository)?;
    let triggers = triggers.ok_or_else(|| {
        super::missing(
            "RepositoryTriggersListRequiredException",
            "A list of triggers",
        )
    })?;
    if triggers.len() > MOST {
        return Err(AwsError::new(
            "MaximumRepositoryTriggersExceededException",
            format!("A repository can have at most {MOST} triggers."),
        ));
    }
    let mut names = BTreeSet::new();
    for trigger in &triggers {
        check(&services.account, trigger)?;
        if !names.insert(trigger.name.as_deref()) {
            return Err(AwsError::new(
                "InvalidRepositoryTriggerNameException",
                "Each trigger of a repository needs a name of its own.",
            ));
        }
    }
    Ok(triggers)
}

fn check(account: &Account, trigger: &Trigger) -> Result<(), AwsError> {
    let name = trigger.name.as_deref().ok_or_else(|| {
        super::missing(
            "RepositoryTriggerNameRequiredException",
            "A name for the trigger",
        )
    })?;
    let allowed = |character: char| character.is_ascii_alphanumeric() || "._-".contains(character);
    if !(1..=100).contains(&name.len()) || !name.chars().all(allowed) {
        return Err(AwsError::new(
            "InvalidRepositoryTriggerNameException",
            "The trigger name is not valid. It can have 1 to 100 letters, digits, periods, \
             underscores and dashes.",
        ));
    }
    check_destination(account, trigger.destination_arn.as_deref())?;
    let data = trigger.custom_data.as_deref().unwrap_or_default();
    if data.chars().count() > 1000 {
        return Err(AwsError::new(
            "InvalidRepositoryTriggerCustomDataException",
            "The custom data of a trigger can have at most 1,000 characters.",
        ));
    }
    if trigger.branches.len() > MOST {
        return Err(AwsError::new(
            "MaximumBranchesExceededException",
            format!("A trigger can name at most {MOST} branches."),
        ));
    }
    for branch in &trigger.branches {
        name::branch(Some(branch)).map_err(|error| {
            let message = error.message.unwrap_or_default();
            AwsError::new("InvalidRepositoryTriggerBranchNameException", message)
        })?;
    }
    let events = trigger
        .events
        .as_deref()
        .filter(|events| !events.is_empty());
    let events = events.ok_or_else(|| {
        super::missing(
            "RepositoryTriggerEventsListRequiredException",
            "At least one event for the trigger",
        )
    })?;
    let known = [
        "all",
        "updateReference",
        "createReference",
        "deleteReference",
    ];
    let is_known = |event: &String| known.contains(&event.as_str());
    let has_all = events.iter().any(|event| event == "all");
    if !events.iter().all(is_known) || (has_all && events.len() > 1) {
        return Err(AwsError::new(
            "InvalidRepositoryTriggerEventsException",
            "The events of a trigger are updateReference, createReference and deleteReference, or \
             all alone.",
        ));
    }
    Ok(())
}

fn check_destination(account: &Account, arn: Option<&str>) -> Result<(), AwsError> {
    let arn = arn.ok_or_else(|| {
        super::missing(
            "RepositoryTriggerDestinationArnRequiredException",
            "The ARN of a destination for the trigger",
        )
    })?;
    let parts: Vec<&str> = arn.split(':').collect();
    let ["arn", "aws", service, region, id, topic] = parts[..] else {
        let what = match parts.get(2) {
            Some(&"lambda") => "The local AWS has no Lambda: let the trigger name a topic of SNS.",
            _ => "The destination of a trigger is the ARN of a topic of SNS.",
        };
        return Err(AwsError::new(
            "InvalidRepositoryTriggerDestinationArnException",
            what,
        ));
    };
    if service != "sns" || id != account.id || topic.is_empty() {
        return Err(AwsError::new(
            "InvalidRepositoryTriggerDestinationArnException",
            "The destination of a trigger is the ARN of a topic of SNS of this account.",
        ));
    }
    if region != account.region {
        return Err(AwsError::new(
            "InvalidRepositoryTriggerRegionException",
            format!(
                "The topic must be in the region of the repository, {}.",
                account.region
            ),
        ));
    }
    Ok(())
}
