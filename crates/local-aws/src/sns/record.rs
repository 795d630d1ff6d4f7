//! What the database keeps about topics and subscriptions.

use std::collections::BTreeMap;

use redb::ReadableTable;
use serde::Deserialize;
use serde::Serialize;

use super::invalid;
use crate::account::Account;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;
use crate::store::Store;
use crate::store::StoreError;
use crate::timestamp::EpochSeconds;

/// A topic.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Topic {
    pub(super) name: String,
    pub(super) created: EpochSeconds,
    /// Those that somebody has set.
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) tags: Vec<(String, String)>,
    /// How many subscriptions there were.
    #[serde(default)]
    pub(super) unsubscribed: u64,
}

/// A subscription to a topic.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Subscription {
    /// The topic's name.
    pub(super) topic: String,
    /// A UUID.
    pub(super) id: String,
    /// `http`, `https`, `email` or `email-json`.
    pub(super) protocol: String,
    pub(super) endpoint: String,
    /// What confirms it.
    pub(super) token: String,
    pub(super) is_confirmed: bool,
    /// Whether only a signed request ends it.
    #[serde(default)]
    pub(super) is_protected: bool,
    /// Those that somebody has set.
    pub(super) attributes: BTreeMap<String, String>,
}

impl Subscription {
    pub(super) fn arn(&self, account: &Account) -> String {
        format!("{}:{}", account.topic_arn(&self.topic), self.id)
    }

    pub(super) fn is_raw(&self) -> bool {
        self.attributes
            .get("RawMessageDelivery")
            .is_some_and(|value| value == "true")
    }
}

/// The name in the ARN of a topic.
///
/// # Errors
///
/// `InvalidParameter` for what is no topic's ARN, `NotFound` for one of another account or region.
pub(super) fn topic_name<'a>(account: &Account, arn: &'a str) -> Result<&'a str, AwsError> {
    let parts: Vec<&str> = arn.split(':').collect();
    match parts[..] {
        ["arn", _, "sns", region, owner, name] => {
            if region == account.region && owner == account.id {
                Ok(name)
            } else {
                Err(topic_not_found())
            }
        }
        _ if parts.len() < 6 => Err(invalid(format!(
            "TopicArn Reason: An ARN must have at least 6 elements, not {}",
            parts.len()
        ))),
        _ => Err(invalid("TopicArn")),
    }
}

/// The name of the topic and the id in the ARN of a subscription.
pub(super) fn subscription_key<'a>(
    account: &Account,
    arn: &'a str,
) -> Result<(&'a str, &'a str), AwsError> {
    let parts = arn.split(':').count();
    if parts < 6 {
        return Err(invalid(format!(
            "SubscriptionArn Reason: An ARN must have at least 6 elements, not {parts}"
        )));
    }
    let Some((topic, id)) = arn.rsplit_once(':').filter(|_| parts == 7) else {
        return Err(invalid("SubscriptionArn"));
    };
    let name = topic_name(account, topic).map_err(|_| subscription_not_found())?;
    Ok((name, id))
}

/// A topic by its ARN.
///
/// # Errors
///
/// `NotFound`, `InvalidParameter`.
pub(super) fn find_topic(services: &Services, arn: &str) -> Result<Topic, AwsError> {
    let name = topic_name(&services.account, arn)?;
    services.store.read(|transaction| {
        let table = transaction.open_table(store::SNS_TOPICS)?;
        store::get(&table, name)?.ok_or_else(|| topic_not_found().into())
    })
}

/// Changes a topic.
pub(super) async fn change_topic<T: Send + 'static>(
    services: &Services,
    arn: &str,
    change: impl FnOnce(&mut Topic) -> Result<T, AwsError> + Send + 'static,
) -> Result<T, AwsError> {
    let name = topic_name(&services.account, arn)?.to_owned();
    services
        .store
        .write(move |transaction| {
            let mut table = transaction.open_table(store::SNS_TOPICS)?;
            let found: Option<Topic> = store::get(&*table, &name)?;
            let mut topic = found.ok_or_else(topic_not_found)?;
            let output = change(&mut topic)?;
            store::put(&mut table, &name, &topic)?;
            Ok(output)
        })
        .await
}

/// The subscriptions to one topic, or all.
pub(super) fn subscriptions(
    store: &Store,
    topic: Option<&str>,
) -> Result<Vec<Subscription>, AwsError> {
    store.read(|transaction| {
        subscriptions_in(&transaction.open_table(store::SNS_SUBSCRIPTIONS)?, topic)
    })
}

/// The same of a table.
pub(super) fn subscriptions_in(
    table: &impl ReadableTable<(&'static str, &'static str), &'static [u8]>,
    topic: Option<&str>,
) -> Result<Vec<Subscription>, StoreError> {
    let mut subscriptions = Vec::new();
    for entry in table.range((topic.unwrap_or(""), "")..)? {
        let (key, value) = entry?;
        if topic.is_some_and(|topic| key.value().0 != topic) {
            break;
        }
        subscriptions.push(serde_json::from_slice(value.value())?);
    }
    Ok(subscriptions)
}

/// A subscription by its ARN.
///
/// # Errors
///
/// `NotFound`, `InvalidParameter`.
pub(super) fn find_subscription(services: &Services, arn: &str) -> Result<Subscription, AwsError> {
    let key = subscription_key(&services.account, arn)?;
    services.store.read(|transaction| {
        let table = transaction.open_table(store::SNS_SUBSCRIPTIONS)?;
        match table.get(key)? {
            Some(bytes) => Ok(serde_json::from_slice(bytes.value())?),
            None => Err(subscription_not_found().into()),
        }
    })
}

/// Changes a subscription.
pub(super) async fn change_subscription<T: Send + 'static>(
    services: &Services,
    arn: &str,
    change: impl FnOnce(&mut Subscription) -> Result<T, AwsError> + Send + 'static,
) -> Result<T, AwsError> {
    let (topic, id) = subscription_key(&services.account, arn)?;
    let (topic, id) = (topic.to_owned(), id.to_owned());
    services
        .store
        .write(move |transaction| {
            let mut table = transaction.open_table(store::SNS_SUBSCRIPTIONS)?;
            let found = table
                .get((topic.as_str(), id.as_str()))?
                .map(|bytes| serde_json::from_slice(bytes.value()))
                .transpose()?;
            let mut subscription: Subscription = found.ok_or_else(subscription_not_found)?;
            let output = change(&mut subscription)?;
            let bytes = serde_json::to_vec(&subscription)?;
            table.insert((topic.as_str(), id.as_str()), bytes.as_slice())?;
            Ok(output)
        })
        .await
}

pub(super) fn topic_not_found() -> AwsError {
    AwsError::new("NotFound", "Topic does not exist")
}

pub(super) fn subscription_not_found() -> AwsError {
    AwsError::new("NotFound", "Subscription does not exist")
}
