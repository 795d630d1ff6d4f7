//! DescribeLogGroups and DescribeLogStreams.

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::Group;
use super::Stream;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;
use crate::timestamp::EpochSeconds;

/// The largest page of both operations, and the page if none is asked for.
const PAGE: usize = 50;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GroupsInput {
    log_group_name_prefix: Option<String>,
    log_group_name_pattern: Option<String>,
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
    let limit = super::checked_limit(input.limit, PAGE)?;
    let prefix = input.log_group_name_prefix.as_deref().unwrap_or_default();
    let pattern = input
        .log_group_name_pattern
        .as_deref()
        .unwrap_or_default()
        .to_lowercase();
    if !prefix.is_empty() && !pattern.is_empty() {
        return Err(super::invalid_parameter(
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
        ));
    }
    let list = format!("DescribeLogGroups/{prefix}/{pattern}");
    let after = open_token(services, &list, input.next_token.as_deref())?;
    let mut groups: Vec<(String, Group)> = Vec::new();
    services.store.read(|transaction| {
        let table = transaction.open_table(store::LOG_GROUPS)?;
        for entry in table.range::<&str>(after.as_deref().unwrap_or(prefix).max(prefix)..)? {
            let (name, value) = entry?;
            let name = name.value();
            if !name.starts_with(prefix) || groups.len() > limit {
                break;
            }
            if after.as_deref() != Some(name) && name.to_lowercase().contains(&pattern) {
                groups.push((name.to_owned(), serde_json::from_slice(value.value())?));
            }
        }
        Ok(())
    })?;
    let more = groups.len() > limit;
    groups.truncate(limit);
    let account = &services.account;
    let shown: Vec<Value> = groups
        .iter()
        .map(|(name, group)| {
            let arn = account.log_group_arn(name);
            json!({
                "logGroupName": name,
                "creationTime": group.created.millis(),
                "metricFilterCount": 0,
                "arn": format!("{arn}:*"),
                "storedBytes": 0,
                "logGroupClass": "STANDARD",
                "logGroupArn": arn,
            })
        })
        .collect();
    let mut reply = json!({ "logGroups": shown });
    if let (true, Some((name, _))) = (more, groups.last()) {
        reply["nextToken"] = services.tokens.seal(&list, name).into();
    }
    Ok(reply)
}

/// DescribeLogStreams: by name or by the time of the last event.
pub(super) fn log_streams(services: &Services, input: &StreamsInput) -> Result<Value, AwsError> {
    let group = super::group_name(
        services,
        input.log_group_name.as_deref(),
        input.log_group_identifier.as_deref(),
    )?;
    let limit = super::checked_limit(input.limit, PAGE)?;
    let prefix = input.log_stream_name_prefix.as_deref().unwrap_or_default();
    let by_time = match input.order_by.as_deref() {
        None | Some("LogStreamName") => false,
        Some("LastEventTime") => true,
        Some(other) => {
            return Err(super::invalid_parameter(format!(
                "1 validation error detected: Value '{other}' at 'orderBy' failed to satisfy \
                 constraint: Member must satisfy enum value set: [LogStreamName, LastEventTime]"
            )));
        }
    };
    if by_time && !prefix.is_empty() {
        return Err(super::invalid_parameter(
            "Cannot order by LastEventTime with a logStreamNamePrefix.",
        ));
    }
    let descending = input.descending.unwrap_or(false);
    let list = format!("DescribeLogStreams/{group}/{prefix}/{by_time}/{descending}");
    let skip = match open_token(services, &list, input.next_token.as_deref())? {
        Some(position) => position.parse().map_err(|_| super::invalid_token())?,
        None => 0_usize,
    };

    let mut streams = super::streams_of(services, &group, prefix)?;
    if by_time {
        streams.sort_by_cached_key(|(_, stream)| {
            last_time(services, stream).unwrap_or(stream.created.millis())
        });
    }
    if descending {
        streams.reverse();
    }
    let more = streams.len() > skip + limit;
    let shown: Vec<Value> = streams
        .iter()
        .skip(skip)
        .take(limit)
        .map(|(name, stream)| show(services, &group, name, stream))
        .collect();
    let mut reply = json!({ "logStreams": shown });
    if more {
        reply["nextToken"] = services
            .tokens
            .seal(&list, &(skip + limit).to_string())
            .into();
    }
    Ok(reply)
}

fn show(services: &Services, group: &str, name: &str, stream: &Stream) -> Value {
    let mut shown = json!({
        "logStreamName": name,
        "creationTime": stream.created.millis(),
        "arn": services.account.log_stream_arn(group, name),
        "storedBytes": 0,
    });
    let first = services
        .log_files
        .read(&stream.file)
        .and_then(|mut reader| reader.at(0))
        .ok()
        .flatten();
    if let (Some(first), Some(last)) = (first, last_time(services, stream)) {
        shown["firstEventTimestamp"] = first.time.into();
        shown["lastEventTimestamp"] = last.into();
        shown["lastIngestionTime"] = last.into();
        shown["uploadSequenceToken"] =
            format!("{:056}", EpochSeconds::millis(stream.created)).into();
    }
    shown
}

fn last_time(services: &Services, stream: &Stream) -> Option<i64> {
    let mut reader = services.log_files.read(&stream.file).ok()?;
    let end = reader.end();
    Some(reader.before(end).ok()??.time)
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
