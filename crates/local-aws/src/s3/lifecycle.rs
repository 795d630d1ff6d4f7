//! Lifecycle rules of buckets: what they say, and how they take objects away.
//!
//! S3 looks at rules once a day. Here they are looked at when the local AWS starts and every hour
//! after that; what a rule is about ends at the same midnight as on S3.

use std::time::Duration;

use jiff::Timestamp;
use redb::ReadableTable;
use s3s::dto::ETag;
use s3s::dto::ETagCondition;
use serde::Deserialize;
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::buckets::Buckets;
use super::conditions::WriteConditions;
use super::errors;
use super::listing;
use super::records::Bucket;
use super::records::Object;
use super::records::Tags;
use crate::error::AwsError;
use crate::store;

const EVERY: Duration = Duration::from_secs(60 * 60);

const DAY: i64 = 24 * 60 * 60;

/// How many rules a bucket may have.
const RULES: usize = 1000;

/// A rule.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub(crate) struct LifecycleRule {
    /// S3 makes one up if there is none.
    pub(crate) id: String,
    pub(crate) is_enabled: bool,
    /// Objects whose keys begin so.
    pub(crate) prefix: Option<String>,
    /// The prefix stands outside of a filter, as it did before filters were there.
    pub(crate) has_no_filter: bool,
    /// Objects that have all of these.
    pub(crate) tags: Tags,
    /// In bytes.
    pub(crate) larger_than: Option<i64>,
    /// In bytes.
    pub(crate) smaller_than: Option<i64>,
    /// Objects end so many days after they were written, ...
    pub(crate) days: Option<i64>,
    /// ... or at this time, in seconds since 1970.
    pub(crate) date: Option<i64>,
    /// Of objects with versions, which there are none of here; as the three that follow.
    pub(crate) expired_delete_marker: Option<bool>,
    pub(crate) noncurrent_days: Option<i64>,
    pub(crate) newer_noncurrent_versions: Option<i64>,
    /// Uploads in parts end so many days after they were begun.
    pub(crate) abort_upload_days: Option<i64>,
}

/// Checks the rules of a bucket, and gives ids to those that have none.
///
/// # Errors
///
/// As PutBucketLifecycleConfiguration.
pub(crate) fn checked(mut rules: Vec<LifecycleRule>) -> Result<Vec<LifecycleRule>, AwsError> {
    if rules.is_empty() || rules.len() > RULES {
        return Err(errors::malformed_xml());
    }
    for index in 0..rules.len() {
        let (before, rest) = rules.split_at_mut(index);
        let Some(rule) = rest.first_mut() else {
            continue;
        };
        check(rule)?;
        if rule.id.is_empty() {
            rule.id = uuid::Uuid::new_v4().to_string();
        }
        if before.iter().any(|other| other.id == rule.id) {
            return Err(errors::invalid_argument(
                "Rule ID must be unique. Found same ID for more than one rule",
            ));
        }
    }
    Ok(rules)
}

fn check(rule: &LifecycleRule) -> Result<(), AwsError> {
    if rule.id.chars().count() > 255 {
        return Err(errors::invalid_argument(
            "ID length should not exceed allowed limit of 255",
        ));
    }
    let expirations = [
        rule.days.is_some(),
        rule.date.is_some(),
        rule.expired_delete_marker.is_some(),
    ];
    let expirations = expirations.into_iter().filter(|given| *given).count();
    if expirations > 1 {
        return Err(errors::malformed_xml());
    }
    if expirations == 0 && rule.noncurrent_days.is_none() && rule.abort_upload_days.is_none() {
        return Err(errors::invalid_request(
            "At least one action needs to be specified in a rule",
        ));
    }
    for (days, action) in [
        (rule.days, "'Days' for Expiration action"),
        (
            rule.noncurrent_days,
            "'NoncurrentDays' for NoncurrentVersionExpiration action",
        ),
        (
            rule.abort_upload_days,
            "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action",
        ),
    ] {
        if days.is_some_and(|days| days <= 0) {
            return Err(errors::invalid_argument(format!(
                "{action} must be a positive integer"
            )));
        }
    }
    if rule.date.is_some_and(|date| date % DAY != 0) {
        return Err(errors::invalid_argument("'Date' must be at midnight GMT"));
    }
    if rule.abort_upload_days.is_some() && !rule.tags.is_empty() {
        return Err(errors::invalid_request(
            "AbortIncompleteMultipartUpload cannot be specified with Tags",
        ));
    }
    Ok(())
}

impl LifecycleRule {
    /// Whether an object of this key has reached its end.
    fn ends(&self, key: &str, object: &Object, now: i64) -> bool {
        let size = i64::try_from(object.size).unwrap_or(i64::MAX);
        let is_meant = self.is_enabled
            && self.has_prefix_of(key)
            && self.larger_than.is_none_or(|limit| size > limit)
            && self.smaller_than.is_none_or(|limit| size < limit)
            && self
                .tags
                .iter()
                .all(|tag| object.description.tags.contains(tag));
        let by_days = self
            .days
            .is_some_and(|days| now >= midnight_after(object.modified.epoch(), days));
        is_meant && (by_days || self.date.is_some_and(|date| now >= date))
    }

    fn has_prefix_of(&self, key: &str) -> bool {
        key.starts_with(self.prefix.as_deref().unwrap_or_default())
    }
}

/// So many days later, at the next midnight.
const fn midnight_after(time: i64, days: i64) -> i64 {
    let end = time.saturating_add(days.saturating_mul(DAY));
    match end.rem_euclid(DAY) {
        0 => end,
        since => end.saturating_add(DAY - since),
    }
}

/// Looks at the rules of all buckets now and every hour.
pub(crate) fn keep_tidy(buckets: Buckets, stop: CancellationToken) {
    tokio::spawn(async move {
        stop.run_until_cancelled(async {
            loop {
                let now = Timestamp::now().as_second();
                if let Err(error) = buckets.expire_all(now).await {
                    tracing::warn!(%error, "objects are not expired");
                }
                tokio::time::sleep(EVERY).await;
            }
        })
        .await;
    });
}

impl Buckets {
    async fn expire_all(&self, now: i64) -> Result<(), AwsError> {
        let with_rules = self.store.read(|transaction| {
            let mut found = Vec::new();
            for entry in transaction.open_table(store::S3_BUCKETS)?.iter()? {
                let (name, value) = entry?;
                let bucket: Bucket = serde_json::from_slice(value.value())?;
                if !bucket.lifecycle.is_empty() {
                    found.push((name.value().to_owned(), bucket.lifecycle));
                }
            }
            Ok(found)
        })?;
        for (bucket, rules) in with_rules {
            self.expire(&bucket, &rules, now).await?;
        }
        Ok(())
    }

    async fn expire(
        &self,
        bucket: &str,
        rules: &[LifecycleRule],
        now: i64,
    ) -> Result<(), AwsError> {
        let all = listing::Wanted {
            prefix: "",
            delimiter: None,
            after: None,
            limit: usize::MAX,
        };
        for (key, object) in listing::objects(self, bucket, &all)?.objects {
            if !rules.iter().any(|rule| rule.ends(&key, &object, now)) {
                continue;
            }
            // Not one that was written meanwhile.
            let unchanged = WriteConditions {
                if_match: Some(ETagCondition::ETag(ETag::Strong(object.etag))),
                if_none_match: None,
            };
            match self.remove(bucket, &key, unchanged).await {
                Err(error) if error.code != "PreconditionFailed" => return Err(error),
                _ => {}
            }
        }
        for (place, upload) in self.uploads(bucket, "")? {
            let is_over = rules.iter().any(|rule| {
                let days = rule.abort_upload_days;
                let began = upload.initiated.epoch();
                rule.is_enabled
                    && rule.has_prefix_of(&place.key)
                    && days.is_some_and(|days| now >= midnight_after(began, days))
            });
            if is_over {
                match self.abort_upload(place).await {
                    Err(error) if error.code != "NoSuchUpload" => return Err(error),
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::records::Seconds;
    use super::*;

    fn rule(prefix: &str, days: i64) -> LifecycleRule {
        LifecycleRule {
            is_enabled: true,
            prefix: Some(prefix.to_owned()),
            days: Some(days),
            ..LifecycleRule::default()
        }
    }

    fn object(size: u64) -> Object {
        Object {
            file: String::new(),
            size,
            etag: String::new(),
            modified: Seconds::now(),
            checksum: None,
            parts: Vec::new(),
            description: super::super::records::Description::default(),
        }
    }

    #[test]
    fn an_object_ends_at_the_midnight_after_its_days() {
        assert_eq!(midnight_after(DAY, 1), 2 * DAY);
        assert_eq!(midnight_after(DAY + 1, 1), 3 * DAY);
        let (object, rule) = (object(1), rule("logs/", 2));
        let end = midnight_after(object.modified.epoch(), 2);
        assert!(rule.ends("logs/a", &object, end));
        assert!(!rule.ends("logs/a", &object, end - 1));
        assert!(!rule.ends("other/a", &object, end));
        let off = LifecycleRule {
            is_enabled: false,
            ..rule
        };
        assert!(!off.ends("logs/a", &object, end));
    }

    #[test]
    fn sizes_and_tags_narrow_a_rule() {
        let mut rule = rule("", 1);
        rule.larger_than = Some(1);
        let far = i64::MAX;
        assert!(!rule.ends("a", &object(1), far));
        assert!(rule.ends("a", &object(2), far));
        rule.tags = vec![("k".to_owned(), "v".to_owned())];
        let mut tagged = object(2);
        assert!(!rule.ends("a", &tagged, far));
        tagged.description.tags.clone_from(&rule.tags);
        assert!(rule.ends("a", &tagged, far));
    }

    #[test]
    fn a_rule_has_one_end_and_a_name_of_its_own() {
        let code = |rules| checked(rules).err().map(|error| error.code);
        assert_eq!(code(vec![rule("", 1), rule("", 1)]), None);
        assert_eq!(code(vec![rule("", 0)]), Some("InvalidArgument"));
        let named = LifecycleRule {
            id: "a".to_owned(),
            ..rule("", 1)
        };
        assert_eq!(
            code(vec![named.clone(), named.clone()]),
            Some("InvalidArgument")
        );
        let two_ends = LifecycleRule {
            date: Some(DAY),
            ..named.clone()
        };
        assert_eq!(code(vec![two_ends]), Some("MalformedXML"));
        let none = LifecycleRule {
            days: None,
            ..named
        };
        assert_eq!(code(vec![none]), Some("InvalidRequest"));
    }
}
