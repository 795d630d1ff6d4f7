//! Takes events to the targets of the rules that want them: at least once, in the background, again
//! and again if it has to be. What waits is in the database.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use redb::ReadableTable;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use super::input_transformer;
use super::record;
use super::record::RetryPolicy;
use super::record::Rule;
use super::record::Target;
use super::scheduled_rules;
use super::target_kinds::Kind;
use crate::access_keys::Caller;
use crate::account::Account;
use crate::codebuild;
use crate::error::AwsError;
use crate::iam;
use crate::notification_rules;
use crate::notification_rules::Notification;
use crate::services::Services;
use crate::sns;
use crate::sns::ServiceNotification;
use crate::store;
use crate::store::Write;
use crate::timestamp::EpochSeconds;

/// EventBridge, as policies name it.
const EVENTS: &str = "events.amazonaws.com";

/// How many events are held against the rules at once.
const BATCH: usize = 100;

/// The longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(5 * 60);

/// How long the queue rests when the database cannot be used.
const REST: Duration = Duration::from_secs(5);

/// An event on its way to one target.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Delivery {
    /// The rule's name; of a notification rule its ARN.
    rule: String,
    #[serde(default)]
    is_notification: bool,
    /// A message of a service that acts as its account; `rule` is what it is about.
    #[serde(default)]
    is_of_account: bool,
    target: Target,
    event_id: String,
    payload: String,
    tries: u32,
    /// When the event came.
    begin: EpochSeconds,
    /// Not before.
    next: EpochSeconds,
}

/// Begins to deliver, until the local AWS stops.
pub(crate) fn start(services: &Arc<Services>) {
    let services = Arc::clone(services);
    tokio::spawn(async move {
        let stop = services.stop.clone();
        stop.run_until_cancelled(run(&services)).await;
    });
}

async fn run(services: &Arc<Services>) {
    let news = services.store.news();
    // What fell due while the local AWS did not run does not fire.
    let mut looked_at = Timestamp::now();
    loop {
        let wait = match turn(services, looked_at).await {
            Ok((now, next)) => {
                looked_at = now;
                next.map(|next| next.duration_since(Timestamp::now()))
                    .map(|wait| Duration::try_from(wait).unwrap_or_default())
            }
            Err(error) => {
                tracing::warn!(%error, "events wait");
                Some(REST)
            }
        };
        match wait {
            Some(wait) => {
                let _ = tokio::time::timeout(wait, news.notified()).await;
            }
            None => news.notified().await,
        }
    }
}

/// Does what is to be done now. Until when schedules were looked at, and when there is more to do.
async fn turn(
    services: &Arc<Services>,
    looked_at: Timestamp,
) -> Result<(Timestamp, Option<Timestamp>), AwsError> {
    let now = Timestamp::now();
    let rules = record::rules(services)?;
    let (due, next_schedule) = scheduled_rules::due(&rules, looked_at, now);
    let mut fired = Vec::new();
    for rule in due {
        let event = scheduled_rules::event(&services.account, rule, now);
        fired.extend(deliveries(&services.account, rule, &event));
    }
    if !fired.is_empty() {
        let write = services
            .store
            .write(move |transaction| add(transaction, &fired));
        write.await?;
    }
    while match_some(services).await? {}
    let next_attempt = deliver_all(services).await?;
    let next = [next_schedule, next_attempt].into_iter().flatten().min();
    Ok((now, next))
}

/// Holds events against the rules. Whether there may be more.
async fn match_some(services: &Services) -> Result<bool, AwsError> {
    // Rules that are older than an event must not be missed: both from one snapshot.
    let (events, rules, notification_rules) = services.store.read(|transaction| {
        let mut events: Vec<(u64, Value)> = Vec::new();
        for entry in transaction.open_table(store::EVENTS)?.iter()?.take(BATCH) {
            let (number, event) = entry?;
            events.push((number.value(), serde_json::from_slice(event.value())?));
        }
        let rules = record::rules_in(transaction)?;
        Ok((events, rules, notification_rules::rules_in(transaction)?))
    })?;
    if events.is_empty() {
        return Ok(false);
    }
    let patterns = rules.iter().filter(|rule| rule.is_enabled());
    let patterns: Vec<_> = patterns
        .filter_map(|rule| Some((rule, rule.pattern()?)))
        .collect();
    let mut found = Vec::new();
    let mut numbers = Vec::new();
    for (number, event) in events {
        numbers.push(number);
        for (rule, pattern) in &patterns {
            if pattern.matches(&event) {
                found.extend(deliveries(&services.account, rule, &event));
            }
        }
        let account = &services.account;
        let notifications = notification_rules::notifications(account, &notification_rules, &event);
        let notifications = notifications.into_iter();
        found.extend(notifications.map(|notification| of_notification(notification, &event)));
    }
    services
        .store
        .write(move |transaction| {
            let mut queue = transaction.open_table(store::EVENTS)?;
            for number in numbers {
                queue.remove(number)?;
            }
            add(transaction, &found)
        })
        .await?;
    Ok(true)
}

fn deliveries(account: &Account, rule: &Rule, event: &Value) -> Vec<Delivery> {
    let now = EpochSeconds::now();
    let targets = rule.targets.values();
    let delivery = |target: &Target| Delivery {
        rule: rule.name.clone(),
        is_notification: false,
        is_of_account: false,
        target: target.clone(),
        event_id: event["id"].as_str().unwrap_or_default().to_owned(),
        payload: input_transformer::payload(account, rule, target, event),
        tries: 0,
        begin: now,
        next: now,
    };
    targets.map(delivery).collect()
}

fn of_notification(notification: Notification, event: &Value) -> Delivery {
    let now = EpochSeconds::now();
    Delivery {
        rule: notification.rule_arn,
        is_notification: true,
        is_of_account: false,
        target: Target::topic(notification.topic_arn),
        event_id: event["id"].as_str().unwrap_or_default().to_owned(),
        payload: notification.message,
        tries: 0,
        begin: now,
        next: now,
    }
}

/// Writes a message that goes to a topic when this transaction is committed, such as that of a
/// trigger of CodeCommit.
pub(crate) fn record_message(
    transaction: &Write<'_>,
    about: &str,
    topic_arn: String,
    message: String,
) -> Result<(), store::StoreError> {
    let now = EpochSeconds::now();
    let delivery = Delivery {
        rule: about.to_owned(),
        is_notification: false,
        is_of_account: true,
        target: Target::topic(topic_arn),
        event_id: String::new(),
        payload: message,
        tries: 0,
        begin: now,
        next: now,
    };
    add(transaction, &[delivery])?;
    transaction.tell_followers();
    Ok(())
}

fn add(transaction: &Write<'_>, deliveries: &[Delivery]) -> Result<(), store::StoreError> {
    let mut table = transaction.open_table(store::EVENT_DELIVERIES)?;
    let last = table.last()?.map(|(last, _)| last.value());
    let now = u64::try_from(Timestamp::now().as_microsecond()).unwrap_or_default();
    let first = last.map_or(now, |last| now.max(last + 1));
    for (number, delivery) in (first..).zip(deliveries) {
        table.insert(number, serde_json::to_vec(delivery)?.as_slice())?;
    }
    Ok(())
}

/// Tries every delivery whose time has come. When the next one's comes.
async fn deliver_all(services: &Arc<Services>) -> Result<Option<Timestamp>, AwsError> {
    let waiting = services.store.read(|transaction| {
        let mut waiting: Vec<(u64, Delivery)> = Vec::new();
        for entry in transaction.open_table(store::EVENT_DELIVERIES)?.iter()? {
            let (number, delivery) = entry?;
            waiting.push((number.value(), serde_json::from_slice(delivery.value())?));
        }
        Ok(waiting)
    })?;
    let mut next: Option<EpochSeconds> = None;
    for (number, mut delivery) in waiting {
        if delivery.next <= EpochSeconds::now() {
            match deliver(services, &delivery).await {
                Ok(()) => {
                    save(services, number, None).await?;
                    continue;
                }
                Err(error) if !is_worth_another_try(&error) || delivery.is_exhausted() => {
                    let (rule, target) = (&delivery.rule, &delivery.target.arn);
                    tracing::warn!(rule, target, %error, "an event was not delivered");
                    save(services, number, None).await?;
                    continue;
                }
                Err(error) => {
                    let (rule, target) = (&delivery.rule, &delivery.target.arn);
                    tracing::info!(rule, target, %error, "an event is delivered again later");
                    delivery.tries += 1;
                    delivery.next = EpochSeconds::now().plus(delivery.wait());
                    save(services, number, Some(delivery.clone())).await?;
                }
            }
        }
        next = [next, Some(delivery.next)].into_iter().flatten().min();
    }
    Ok(next.and_then(|next| Timestamp::from_millisecond(next.millis()).ok()))
}

impl Delivery {
    fn policy(&self) -> (i64, i64) {
        let policy = self.target.retry_policy;
        let given =
            |value: fn(RetryPolicy) -> Option<i64>, usual| policy.and_then(value).unwrap_or(usual);
        (
            given(|policy| policy.maximum_retry_attempts, 185),
            given(|policy| policy.maximum_event_age_in_seconds, 86_400),
        )
    }

    fn is_exhausted(&self) -> bool {
        let (attempts, age) = self.policy();
        i64::from(self.tries) >= attempts || EpochSeconds::now().seconds_since(self.begin) >= age
    }

    /// Twice as long each time.
    fn wait(&self) -> Duration {
        let seconds = 1_u64.checked_shl(self.tries.min(16)).unwrap_or(u64::MAX);
        Duration::from_secs(seconds).min(LONGEST_WAIT)
    }
}

/// What changes by itself with time.
fn is_worth_another_try(error: &AwsError) -> bool {
    matches!(
        error.code,
        "AccountLimitExceededException" | "LocalStorageException"
    )
}

async fn save(
    services: &Services,
    number: u64,
    delivery: Option<Delivery>,
) -> Result<(), AwsError> {
    services
        .store
        .write(move |transaction| {
            let mut table = transaction.open_table(store::EVENT_DELIVERIES)?;
            match delivery {
                Some(delivery) => {
                    table.insert(number, serde_json::to_vec(&delivery)?.as_slice())?;
                }
                None => table.remove(number)?,
            }
            Ok(())
        })
        .await
}

async fn deliver(services: &Arc<Services>, delivery: &Delivery) -> Result<(), AwsError> {
    let account = &services.account;
    let target = &delivery.target;
    if delivery.is_of_account {
        let message = delivery.payload.clone();
        let published = sns::publish_for_account(services, &target.arn, message).await;
        return published.map(drop);
    }
    let (rule_arn, service) = if delivery.is_notification {
        (delivery.rule.clone(), notification_rules::PRINCIPAL)
    } else {
        (account.rule_arn(&delivery.rule), EVENTS)
    };
    match Kind::of(account, &target.arn)? {
        Kind::Topic => {
            let notification = ServiceNotification {
                topic_arn: target.arn.clone(),
                service: service.to_owned(),
                source_arn: rule_arn,
                subject: None,
                message: delivery.payload.clone(),
            };
            sns::publish(services, notification).await.map(drop)
        }
        Kind::Project(project) => {
            let role = target.role_arn.as_deref().unwrap_or_default();
            let action = "codebuild:StartBuild";
            if !iam::service_may(services, EVENTS, &rule_arn, role, action, &target.arn)? {
                return Err(AwsError::new(
                    "AccessDeniedException",
                    format!(
                        "EventBridge may not use {role} for {action} on {}",
                        target.arn
                    ),
                ));
            }
            let token = format!("{} {}", delivery.event_id, target.id);
            let parameters = overrides(delivery);
            codebuild::start_by_rule(services, project, &delivery.rule, &token, parameters)
                .await
                .map(drop)
        }
        Kind::LogGroup(group) => write_to_log(services, group, delivery).await,
    }
}

/// What the target's input says about the build. The event itself says nothing about it.
fn overrides(delivery: &Delivery) -> Value {
    let target = &delivery.target;
    let is_own =
        target.input.is_some() || target.input_path.is_some() || target.input_transformer.is_some();
    let parameters = serde_json::from_str(&delivery.payload).ok();
    let parameters: Option<Value> = parameters.filter(|_| is_own).filter(Value::is_object);
    parameters.unwrap_or_else(|| json!({}))
}

/// Each event has a stream of its own, as on AWS.
async fn write_to_log(
    services: &Arc<Services>,
    group: &str,
    delivery: &Delivery,
) -> Result<(), AwsError> {
    let stream = json!({ "logGroupName": group, "logStreamName": delivery.event_id });
    let created = services
        .call(&Caller::User, "logs", "CreateLogStream", stream.clone())
        .await;
    match created {
        Err(error) if error.code != "ResourceAlreadyExistsException" => return Err(error),
        _ => {}
    }
    let mut events = stream;
    let now = EpochSeconds::now().millis();
    events["logEvents"] = json!([{ "timestamp": now, "message": delivery.payload }]);
    let put = services.call(&Caller::User, "logs", "PutLogEvents", events);
    put.await.map(drop)
}
