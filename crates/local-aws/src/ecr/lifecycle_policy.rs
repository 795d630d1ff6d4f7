//! Lifecycle policies: their language, and which images they expire.
//!
//! The rules of evaluation are those of
//! [Amazon ECR's user guide](https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html):
//! a rule counts all images that it selects, but expires only those that no rule of higher priority
//! selects. Images in a list of images stay as long as the list does.

use std::cmp::Reverse;
use std::collections::HashSet;

use serde::Deserialize;
use serde::Serialize;

use super::records::Image;
use super::records::fits;
use crate::timestamp::EpochSeconds;

const DAY: i64 = 24 * 60 * 60;

/// A policy that was read.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    rules: Vec<Rule>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Rule {
    rule_priority: u32,
    #[serde(rename = "description")]
    _description: Option<String>,
    selection: Selection,
    #[serde(rename = "action")]
    _action: Action,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Selection {
    tag_status: TagStatus,
    #[serde(default)]
    tag_prefix_list: Vec<String>,
    #[serde(default)]
    tag_pattern_list: Vec<String>,
    count_type: CountType,
    count_unit: Option<CountUnit>,
    count_number: u32,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
enum TagStatus {
    Tagged,
    Untagged,
    Any,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "camelCase")]
enum CountType {
    ImageCountMoreThan,
    SinceImagePushed,
    SinceImagePulled,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum CountUnit {
    Days,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Action {
    #[serde(rename = "type")]
    _kind: ActionType,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ActionType {
    Expire,
}

/// An image that a policy expires.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Expiry {
    pub(super) digest: String,
    /// The rule's.
    pub(super) priority: u32,
}

impl Policy {
    /// Reads a policy's text.
    ///
    /// # Errors
    ///
    /// Why it is none, as a clause.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let mut policy: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        policy.rules.sort_by_key(|rule| rule.rule_priority);
        if policy.rules.is_empty() {
            return Err("there is no rule".to_owned());
        }
        let mut any = None;
        let mut before = 0;
        for rule in &policy.rules {
            let priority = rule.rule_priority;
            rule.selection
                .check()
                .map_err(|reason| format!("in the rule with rulePriority {priority} {reason}"))?;
            if priority == before {
                return Err(if priority == 0 {
                    "rulePriority must be at least 1".to_owned()
                } else {
                    format!("two rules have the rulePriority {priority}")
                });
            }
            if any.replace(rule.selection.tag_status) == Some(TagStatus::Any) {
                return Err(ANY_IS_LAST.to_owned());
            }
            before = priority;
        }
        Ok(policy)
    }

    /// The images that expire now, in the order of the rules.
    pub(super) fn expiries(&self, images: &[(String, Image)], now: EpochSeconds) -> Vec<Expiry> {
        let listed: HashSet<&String> = images
            .iter()
            .flat_map(|(_, image)| &image.facts.images)
            .collect();
        let mut newest_first: Vec<&(String, Image)> = images
            .iter()
            .filter(|(digest, _)| !listed.contains(digest))
            .collect();
        newest_first.sort_by_key(|(digest, image)| (Reverse(image.pushed), digest));
        let mut taken = HashSet::new();
        let mut expiries = Vec::new();
        for rule in &self.rules {
            let selected = newest_first
                .iter()
                .filter(|(_, image)| rule.selection.selects(image));
            for (position, (digest, image)) in selected.enumerate() {
                let is_first = taken.insert(digest);
                if is_first && rule.selection.expires(position, image, now) {
                    expiries.push(Expiry {
                        digest: digest.clone(),
                        priority: rule.rule_priority,
                    });
                }
            }
        }
        expiries
    }
}

const ANY_IS_LAST: &str =
    "a rule with tagStatus 'any' must have the highest number as rulePriority, and be the only one";

impl Selection {
    fn check(&self) -> Result<(), &'static str> {
        let names = !self.tag_prefix_list.is_empty() || !self.tag_pattern_list.is_empty();
        let both = !self.tag_prefix_list.is_empty() && !self.tag_pattern_list.is_empty();
        if self.tag_status == TagStatus::Tagged && !names {
            return Err("tagStatus 'tagged' needs a tagPrefixList or a tagPatternList");
        }
        if self.tag_status != TagStatus::Tagged && names {
            return Err("tagPrefixList and tagPatternList are for tagStatus 'tagged' only");
        }
        if both {
            return Err("there can be a tagPrefixList or a tagPatternList, not both");
        }
        if self.count_number == 0 {
            return Err("countNumber must be at least 1");
        }
        let counts_days = self.count_type != CountType::ImageCountMoreThan;
        if counts_days != self.count_unit.is_some() {
            return Err("countUnit 'days' goes with the countTypes of time, and only with these");
        }
        Ok(())
    }

    fn selects(&self, image: &Image) -> bool {
        let tags = &image.tags;
        let has = |wanted: &dyn Fn(&str) -> bool| tags.iter().any(|tag| wanted(tag));
        match self.tag_status {
            TagStatus::Any => true,
            TagStatus::Untagged => tags.is_empty(),
            TagStatus::Tagged => {
                let prefixes = &self.tag_prefix_list;
                let patterns = &self.tag_pattern_list;
                prefixes
                    .iter()
                    .all(|prefix| has(&|tag| tag.starts_with(prefix.as_str())))
                    && patterns
                        .iter()
                        .all(|pattern| has(&|tag| fits(pattern, tag)))
                    && !tags.is_empty()
            }
        }
    }

    /// Whether an image expires that so many newer ones of the selection are before.
    fn expires(&self, newer: usize, image: &Image, now: EpochSeconds) -> bool {
        let since = match self.count_type {
            CountType::ImageCountMoreThan => return newer >= self.count_number as usize,
            CountType::SinceImagePushed => image.pushed,
            CountType::SinceImagePulled => image.pulled.unwrap_or(image.pushed),
        };
        now.seconds_since(since) >= i64::from(self.count_number) * DAY
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::Value;
    use serde_json::json;

    use super::*;

    fn rule(priority: u32, selection: Value) -> Value {
        json!({ "rulePriority": priority, "selection": selection, "action": { "type": "expire" } })
    }

    fn read(rules: Value) -> Result<Policy, String> {
        Policy::read(&json!({ "rules": rules }).to_string())
    }

    fn untagged_days(days: u32) -> Value {
        json!({ "tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days",
                "countNumber": days })
    }

    fn count(status: &str, prefixes: &[&str], number: u32) -> Value {
        let mut selection = json!({
            "tagStatus": status, "countType": "imageCountMoreThan", "countNumber": number
        });
        if !prefixes.is_empty() {
            selection["tagPrefixList"] = json!(prefixes);
        }
        selection
    }

    /// Images pushed so many days ago.
    fn images(images: &[(&str, u64, &[&str])]) -> (Vec<(String, Image)>, EpochSeconds) {
        let start = EpochSeconds::now();
        let day = Duration::from_secs(24 * 60 * 60);
        let now = start.plus(day * 100);
        let images = images.iter().map(|(digest, ago, tags)| {
            let image = Image {
                pushed: start.plus(day * (100 - *ago as u32)),
                pulled: None,
                tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
                facts: super::super::manifest::Facts::default(),
            };
            ((*digest).to_owned(), image)
        });
        (images.collect(), now)
    }

    fn expired(rules: Value, all: &[(&str, u64, &[&str])]) -> Vec<(String, u32)> {
        let (images, now) = images(all);
        let expiries = read(rules).unwrap().expiries(&images, now);
        expiries
            .into_iter()
            .map(|e| (e.digest, e.priority))
            .collect()
    }

    fn of(expected: &[(&str, u32)]) -> Vec<(String, u32)> {
        expected
            .iter()
            .map(|(d, p)| ((*d).to_owned(), *p))
            .collect()
    }

    #[test]
    fn images_expire_by_age_and_by_number() {
        let all: &[(&str, u64, &[&str])] = &[
            ("a", 20, &[]),
            ("b", 10, &[]),
            ("c", 14, &["v1"]),
            ("d", 13, &["v2"]),
            ("e", 12, &["v3", "latest"]),
        ];
        assert_eq!(
            expired(json!([rule(1, untagged_days(14))]), all),
            of(&[("a", 1)])
        );
        let by_number = json!([rule(5, count("tagged", &["v"], 2))]);
        assert_eq!(expired(by_number, all), of(&[("c", 5)]));
        // An image must have a tag for each prefix.
        let both = json!([rule(1, count("tagged", &["v", "latest"], 1))]);
        assert_eq!(expired(both, all), of(&[]));
        let any = json!([rule(1, count("any", &[], 3))]);
        assert_eq!(expired(any, all), of(&[("c", 1), ("a", 1)]));
    }

    #[test]
    fn an_image_belongs_to_the_first_rule_that_selects_it() {
        // The example of ECR's user guide: A was pushed last.
        let all: &[(&str, u64, &[&str])] = &[
            ("A", 1, &["beta-1", "prod-1"]),
            ("B", 2, &["beta-2", "prod-2"]),
            ("C", 3, &["beta-3"]),
        ];
        let rules = json!([
            rule(1, count("tagged", &["prod"], 1)),
            rule(2, count("tagged", &["beta"], 1)),
        ]);
        assert_eq!(expired(rules, all), of(&[("B", 1), ("C", 2)]));
    }

    #[test]
    fn the_images_of_a_list_stay_with_it() {
        let (mut images, now) = images(&[("list", 1, &["x"]), ("one", 50, &[])]);
        images[0].1.facts.images.push("one".to_owned());
        let policy = read(json!([rule(1, untagged_days(1))])).unwrap();
        assert_eq!(policy.expiries(&images, now), []);
    }

    #[test]
    fn what_is_wrong_with_a_policy_is_told() {
        for (rules, reason) in [
            (json!([]), "no rule"),
            (json!([rule(0, untagged_days(1))]), "at least 1"),
            (
                json!([rule(1, untagged_days(1)), rule(1, count("any", &[], 1))]),
                "two rules",
            ),
            (
                json!([rule(1, count("tagged", &[], 1))]),
                "needs a tagPrefixList",
            ),
            (json!([rule(1, count("any", &["x"], 1))]), "'tagged' only"),
            (json!([rule(1, count("any", &[], 0))]), "countNumber"),
            (
                json!([rule(1, count("any", &[], 1)), rule(2, untagged_days(1))]),
                "highest number",
            ),
            (
                json!([rule(
                    1,
                    json!({ "tagStatus": "any", "countType": "sinceImagePushed",
                                       "countNumber": 1 })
                )]),
                "countUnit",
            ),
            (
                json!([rule(1, json!({ "tagStatus": "some" }))]),
                "unknown variant",
            ),
        ] {
            let refused = read(rules.clone()).unwrap_err();
            assert!(refused.contains(reason), "{rules}: {refused}");
        }
    }
}
