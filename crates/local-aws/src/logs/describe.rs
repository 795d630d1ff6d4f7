//! DescribeLogGroups and DescribeLogStreams. Each reads one page's worth of an index.

use std::collections::HashMap;
use std::ops::Bound;

use redb::ReadTransaction;
use redb::StorageError;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::LAST_NAME;
use super::files::LiveSpan;
use super::names;
use super::record;
use super::record::Group;
use super::record::Stream;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;
use crate::store::StoreError;

/// The largest page of both operations, and the page if none is asked for.
const PAGE: usize = 50;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GroupsInput {
    log_group_name_prefix: Option<String>,
    log_group_name_pattern: Option<String>,
    log_group_class: Option<String>,
    log_group_identifiers: Option<Vec<String>>,
    next_token: Option<String>,
    limit: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StreamsInput {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name_prefix: Option<String>,
    order_by: Option<String>,
    descending: Option<bool>,
    next_token: Option<String>,
    limit: Option<i64>,
}

/// DescribeLogGroups: by name.
pub(super) fn log_groups(services: &Services, input: &GroupsInput) -> Result<Value, AwsError> {
    let limit = names::limit(input.limit, PAGE)?;
    let prefix = input.log_group_name_prefix.as_deref().unwrap_or_default();
    let pattern = input.log_group_name_pattern.as_deref().unwrap_or_default();
    names::group_name_part("logGroupNamePrefix", prefix)?;
    names::group_name_part("logGroupNamePattern", pattern)?;
    names::class(input.log_group_class.as_deref())?;
    if !prefix.is_empty() && !pattern.is_empty() {
        return Err(super::invalid_parameter(
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
        ));
    }
    let class = input.log_group_class.as_deref();
    let identified = input.log_group_identifiers.as_deref();
    if let Some(identifiers) = identified {
        names::list_length("logGroupIdentifiers", identifiers, PAGE)?;
        if !prefix.is_empty() || !pattern.is_empty() || class.is_some() {
            return Err(super::invalid_parameter(
                "logGroupIdentifiers cannot be combined with other filters.",
            ));
        }
    }
    let identified = identified.unwrap_or_default();
    let list = format!(
        "DescribeLogGroups/{prefix}/{pattern}/{}/{}",
        class.unwrap_or_default(),
        identified.join("/")
    );
    let after = open_token(services, &list, input.next_token.as_deref())?;
    let from = after
        .as_deref()
        .map_or(Bound::Included(prefix), Bound::Excluded);
    let mut groups: Vec<(String, Group)> = services.store.read(|transaction| {
        let table = transaction.open_table(store::LOG_GROUPS)?;
        if !identified.is_empty() {
            let mut groups = Vec::new();
            for identifier in identified {
                let name = names::group(services, None, Some(identifier))?;
                if let Some(group) = store::get(&table, &name)? {
                    groups.push((name, group));
                }
            }
            return Ok(groups);
        }
        let mut groups = Vec::new();
        for entry in table.range::<&str>((from, Bound::Unbounded))? {
            let (name, value) = entry?;
            let name = name.value();
            if !name.starts_with(prefix) || groups.len() > limit {
                break;
            }
            if name.contains(pattern) {
                let group: Group = serde_json::from_slice(value.value())?;
                if class.is_none_or(|class| group.class() == class) {
                    groups.push((name.to_owned(), group));
                }
            }
        }
        Ok(groups)
    })?;
    let more = groups.len() > limit && identified.is_empty();
    if identified.is_empty() {
        groups.truncate(limit);
    }
    let show = |(name, group): &(String, Group)| match pattern.is_empty() {
        true => show_group(services, name, group),
        // With a pattern, AWS answers these only.
        false => json!({
            "logGroupName": name,
            "creationTime": group.created.millis(),
            "arn": format!("{}:*", services.account.log_group_arn(name)),
        }),
    };
    let mut reply = json!({ "logGroups": groups.iter().map(show).collect::<Vec<Value>>() });
    if let (true, Some((name, _))) = (more, groups.last()) {
        reply["nextToken"] = services.tokens.seal(&list, name).into();
    }
    Ok(reply)
}

fn show_group(services: &Services, name: &str, group: &Group) -> Value {
    let arn = services.account.log_group_arn(name);
    let mut shown = json!({
        "logGroupName": name,
        "creationTime": group.created.millis(),
        "metricFilterCount": 0,
        "arn": format!("{arn}:*"),
        "storedBytes": group.stored_bytes,
        "logGroupClass": group.class(),
        "logGroupArn": arn,
        "deletionProtectionEnabled": group.deletion_protection,
    });
    if let Some(days) = group.retention_in_days {
        shown["retentionInDays"] = days.into();
    }
    if let Some(key) = &group.kms_key_id {
        shown["kmsKeyId"] = key.as_str().into();
    }
    shown
}

/// DescribeLogStreams: by name or by the time of the last event.
pub(super) fn log_streams(services: &Services, input: &StreamsInput) -> Result<Value, AwsError> {
    let group = names::group(
        services,
        input.log_group_name.as_deref(),
        input.log_group_identifier.as_deref(),
    )?;
    let limit = names::limit(input.limit, PAGE)?;
    let prefix = input.log_stream_name_prefix.as_deref().unwrap_or_default();
    let by_time = match input.order_by.as_deref() {
        None | Some("LogStreamName") => false,
        Some("LastEventTime") => true,
        Some(other) => {
            return Err(names::violated(
                "orderBy",
                other,
                "satisfy enum value set: [LogStreamName, LastEventTime]",
            ));
        }
    };
    if by_time && !prefix.is_empty() {
        return Err(super::invalid_parameter(
            "Cannot order by LastEventTime with a logStreamNamePrefix.",
        ));
    }
    let descending = input.descending.unwrap_or(false);
    let list = format!("DescribeLogStreams/{group}/{prefix}/{by_time}/{descending}");
    let after = open_token(services, &list, input.next_token.as_deref())?;
    let live = services.log_files.live_in(&group);
    let (streams, more_after) = services.store.read(|transaction| {
        if record::group(transaction, &group)?.is_none() {
            return Err(super::no_group().into());
        }
        let page = Page {
            group: &group,
            after: after.as_deref(),
            descending,
            limit,
        };
        if by_time {
            page.by_last_event(transaction)
        } else {
            page.by_name(transaction, prefix)
        }
    })?;
    let shown: Vec<Value> = streams
        .iter()
        .map(|(name, stream)| show_stream(services, &group, name, stream, &live))
        .collect();
    let mut reply = json!({ "logStreams": shown });
    if let Some(position) = more_after {
        reply["nextToken"] = services.tokens.seal(&list, &position).into();
    }
    Ok(reply)
}

/// Which streams to show.
struct Page<'a> {
    group: &'a str,
    after: Option<&'a str>,
    descending: bool,
    limit: usize,
}

/// Streams, and the position of the last one if more follow.
type Streams = (Vec<(String, Stream)>, Option<String>);

impl Page<'_> {
    fn by_name(&self, transaction: &ReadTransaction, prefix: &str) -> Result<Streams, StoreError> {
        let table = transaction.open_table(store::LOG_STREAMS)?;
        let highest = format!("{prefix}{LAST_NAME}");
        let range = self.bounds(
            self.after.map(|name| (self.group, name)),
            (self.group, prefix),
            (self.group, highest.as_str()),
        );
        let entries = table.range::<(&str, &str)>(range)?.map(|entry| {
            let (key, value) = entry?;
            Ok((key.value().1.to_owned(), value.value().to_vec()))
        });
        let mut streams = Vec::new();
        for entry in self.first(entries)? {
            let (name, record) = entry;
            streams.push((name, serde_json::from_slice(&record)?));
        }
        Ok(self.cut(streams, |(name, _)| name.clone()))
    }

    fn by_last_event(&self, transaction: &ReadTransaction) -> Result<Streams, StoreError> {
        let index = transaction.open_table(store::LOG_STREAMS_BY_LAST_EVENT)?;
        let table = transaction.open_table(store::LOG_STREAMS)?;
        let after = self.after.map(|position| {
            let (last, name) = position.split_once(' ').ok_or_else(super::invalid_token)?;
            let last: i64 = last.parse().map_err(|_| super::invalid_token())?;
            Ok::<_, AwsError>((self.group, last, name))
        });
        let range = self.bounds(
            after.transpose()?,
            (self.group, i64::MIN, ""),
            (self.group, i64::MAX, LAST_NAME),
        );
        let entries = index.range::<(&str, i64, &str)>(range)?.map(|entry| {
            let key = entry?.0;
            let (_, last, name) = key.value();
            Ok((last, name.to_owned()))
        });
        let mut streams = Vec::new();
        for (last, name) in self.first(entries)? {
            if let Some(stream) = record::stream(&table, self.group, &name)? {
                streams.push((last, name, stream));
            }
        }
        let (streams, more) = self.cut(streams, |(last, name, _)| format!("{last} {name}"));
        let streams = streams.into_iter();
        Ok((
            streams.map(|(_, name, stream)| (name, stream)).collect(),
            more,
        ))
    }

    fn bounds<K>(&self, after: Option<K>, lowest: K, highest: K) -> (Bound<K>, Bound<K>) {
        match (after, self.descending) {
            (None, _) => (Bound::Included(lowest), Bound::Included(highest)),
            (Some(after), false) => (Bound::Excluded(after), Bound::Included(highest)),
            (Some(after), true) => (Bound::Included(lowest), Bound::Excluded(after)),
        }
    }

    /// A page, and one entry more if there is one.
    fn first<E>(
        &self,
        entries: impl DoubleEndedIterator<Item = Result<E, StorageError>>,
    ) -> Result<Vec<E>, StorageError> {
        if self.descending {
            entries.rev().take(self.limit + 1).collect()
        } else {
            entries.take(self.limit + 1).collect()
        }
    }

    fn cut<E>(
        &self,
        mut entries: Vec<E>,
        position: impl Fn(&E) -> String,
    ) -> (Vec<E>, Option<String>) {
        let more = entries.len() > self.limit;
        entries.truncate(self.limit);
        let position = entries.last().filter(|_| more).map(position);
        (entries, position)
    }
}

fn show_stream(
    services: &Services,
    group: &str,
    name: &str,
    stream: &Stream,
    live: &HashMap<String, LiveSpan>,
) -> Value {
    let mut shown = json!({
        "logStreamName": name,
        "creationTime": stream.created.millis(),
        "arn": services.account.log_stream_arn(group, name),
        "storedBytes": 0,
    });
    let live = live.get(name).filter(|live| live.file == stream.file);
    if let Some(span) = stream.span(live.map(|live| live.span)) {
        shown["firstEventTimestamp"] = span.first.into();
        shown["lastEventTimestamp"] = span.last.into();
        shown["lastIngestionTime"] = span.ingested.into();
        shown["uploadSequenceToken"] = format!("{:056}", span.ingested).into();
    }
    shown
}

fn open_token(
    services: &Services,
    list: &str,
    token: Option<&str>,
) -> Result<Option<String>, AwsError> {
    token
        .map(|token| {
            services
                .tokens
                .open(list, token)
                .ok_or_else(super::invalid_token)
        })
        .transpose()
}
