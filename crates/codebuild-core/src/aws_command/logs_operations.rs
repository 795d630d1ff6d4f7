//! CloudWatch Logs' operations, each through its typed SDK call.
//!
//! This SDK crate's types do not tell their shapes as CodeBuild's do, so they are written down here
//! (CloudWatch Logs API reference, version 2014-03-28).

use std::collections::HashMap;

use aws_sdk_cloudwatchlogs::types::InputLogEvent;
use serde_json::Value;

use super::operations::Operation;
use super::operations::Operations;
use super::operations::Pages;
use super::operations::Service;
use super::operations::Source;
use super::required_members;
use super::service_model::Member;
use super::service_model::Shape;
use super::service_model::Structure;
use super::tail;
use super::typed_call::KeepAnswer;
use super::typed_call::RawAnswer;

/// What a member of an input holds, and how a setter takes it from JSON.
macro_rules! kind {
    (shape text) => {
        Shape::String
    };
    (shape texts) => {
        Shape::List(Box::new(Shape::String))
    };
    (shape integer) => {
        Shape::Integer
    };
    (shape long) => {
        Shape::Integer
    };
    (shape boolean) => {
        Shape::Boolean
    };
    (shape choice) => {
        Shape::String
    };
    (shape map) => {
        Shape::Map(Box::new(Shape::String))
    };
    (shape events) => {
        list(structure(
            "InputLogEvent",
            vec![("timestamp", Shape::Integer), ("message", Shape::String)],
        ))
    };
    (shape entity) => {
        structure(
            "Entity",
            vec![
                ("keyAttributes", kind!(shape map)),
                ("attributes", kind!(shape map)),
            ],
        )
    };
    (read text $value:expr) => {
        $value.as_str().map(str::to_owned)
    };
    (read texts $value:expr) => {
        $value.as_array().map(|all| {
            all.iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect()
        })
    };
    (read integer $value:expr) => {
        $value
            .as_i64()
            .and_then(|number| i32::try_from(number).ok())
    };
    (read long $value:expr) => {
        $value.as_i64()
    };
    (read boolean $value:expr) => {
        $value.as_bool()
    };
    (read choice $value:expr) => {
        $value.as_str().map(Into::into)
    };
    (read map $value:expr) => {
        map($value)
    };
    (read events $value:expr) => {
        $value
            .as_array()
            .map(|all| all.iter().filter_map(log_event).collect())
    };
    (read entity $value:expr) => {
        $value.as_object().map(|_| {
            aws_sdk_cloudwatchlogs::types::Entity::builder()
                .set_key_attributes($value.get("keyAttributes").and_then(map))
                .set_attributes($value.get("attributes").and_then(map))
                .build()
        })
    };
}

macro_rules! operation {
    (
        $module:ident: $operation:ident, $pages:expr,
        input { $($member:literal: $kind:tt => $setter:ident,)* }
        output $output:expr
    ) => {
        Operation {
            name: stringify!($operation),
            positional: &[],
            pages: $pages,
            source: Source::Written {
            input: || structure(
                concat!(stringify!($operation), "Input"),
                vec![$(($member, kind!(shape $kind))),*],
            ),
            output: || $output,
            send: |session, input| Box::pin(async move {
                let answer = RawAnswer::default();
                session.check_region()?;
                let result = session
                    .logs()
                    .$module()
                    $(.$setter(input.get($member).and_then(|value| kind!(read $kind value))))*
                    .customize()
                    .interceptor(KeepAnswer(answer.clone()))
                    .send()
                    .await;
                answer.of(session, "logs", stringify!($operation), result)
            }),
            },
        }
    };
}

/// CloudWatch Logs.
pub(crate) static LOGS: Service = Service {
    name: "logs",
    operations: Operations::Written(&[
        operation! {
            create_log_group: CreateLogGroup, None,
            input {
                "logGroupName": text => set_log_group_name,
                "kmsKeyId": text => set_kms_key_id,
                "tags": map => set_tags,
                "logGroupClass": choice => set_log_group_class,
                "deletionProtectionEnabled": boolean => set_deletion_protection_enabled,
            }
            output structure("CreateLogGroupOutput", vec![])
        },
        operation! {
            create_log_stream: CreateLogStream, None,
            input {
                "logGroupName": text => set_log_group_name,
                "logStreamName": text => set_log_stream_name,
            }
            output structure("CreateLogStreamOutput", vec![])
        },
        operation! {
            delete_log_group: DeleteLogGroup, None,
            input { "logGroupName": text => set_log_group_name, }
            output structure("DeleteLogGroupOutput", vec![])
        },
        operation! {
            delete_log_stream: DeleteLogStream, None,
            input {
                "logGroupName": text => set_log_group_name,
                "logStreamName": text => set_log_stream_name,
            }
            output structure("DeleteLogStreamOutput", vec![])
        },
        operation! {
            delete_retention_policy: DeleteRetentionPolicy, None,
            input { "logGroupName": text => set_log_group_name, }
            output structure("DeleteRetentionPolicyOutput", vec![])
        },
        operation! {
            describe_log_groups: DescribeLogGroups, pages(&["logGroups"]),
            input {
                "accountIdentifiers": texts => set_account_identifiers,
                "logGroupNamePrefix": text => set_log_group_name_prefix,
                "logGroupNamePattern": text => set_log_group_name_pattern,
                "nextToken": text => set_next_token,
                "limit": integer => set_limit,
                "includeLinkedAccounts": boolean => set_include_linked_accounts,
                "logGroupClass": choice => set_log_group_class,
                "logGroupIdentifiers": texts => set_log_group_identifiers,
            }
            output structure("DescribeLogGroupsOutput", vec![
                ("logGroups", list(structure("LogGroup", vec![
                    ("logGroupName", Shape::String),
                    ("creationTime", Shape::Integer),
                    ("retentionInDays", Shape::Integer),
                    ("metricFilterCount", Shape::Integer),
                    ("arn", Shape::String),
                    ("storedBytes", Shape::Integer),
                    ("kmsKeyId", Shape::String),
                    ("dataProtectionStatus", Shape::String),
                    ("inheritedProperties", list(Shape::String)),
                    ("logGroupClass", Shape::String),
                    ("logGroupArn", Shape::String),
                    ("deletionProtectionEnabled", Shape::Boolean),
                ]))),
                ("nextToken", Shape::String),
            ])
        },
        operation! {
            describe_log_streams: DescribeLogStreams, pages(&["logStreams"]),
            input {
                "logGroupName": text => set_log_group_name,
                "logGroupIdentifier": text => set_log_group_identifier,
                "logStreamNamePrefix": text => set_log_stream_name_prefix,
                "orderBy": choice => set_order_by,
                "descending": boolean => set_descending,
                "nextToken": text => set_next_token,
                "limit": integer => set_limit,
            }
            output structure("DescribeLogStreamsOutput", vec![
                ("logStreams", list(structure("LogStream", vec![
                    ("logStreamName", Shape::String),
                    ("creationTime", Shape::Integer),
                    ("firstEventTimestamp", Shape::Integer),
                    ("lastEventTimestamp", Shape::Integer),
                    ("lastIngestionTime", Shape::Integer),
                    ("uploadSequenceToken", Shape::String),
                    ("arn", Shape::String),
                    ("storedBytes", Shape::Integer),
                ]))),
                ("nextToken", Shape::String),
            ])
        },
        operation! {
            filter_log_events: FilterLogEvents, pages(&["events", "searchedLogStreams"]),
            input {
                "logGroupName": text => set_log_group_name,
                "logGroupIdentifier": text => set_log_group_identifier,
                "logStreamNames": texts => set_log_stream_names,
                "logStreamNamePrefix": text => set_log_stream_name_prefix,
                "startTime": long => set_start_time,
                "endTime": long => set_end_time,
                "filterPattern": text => set_filter_pattern,
                "nextToken": text => set_next_token,
                "limit": integer => set_limit,
                "unmask": boolean => set_unmask,
            }
            output structure("FilterLogEventsOutput", vec![
                ("events", list(structure("FilteredLogEvent", vec![
                    ("logStreamName", Shape::String),
                    ("timestamp", Shape::Integer),
                    ("message", Shape::String),
                    ("ingestionTime", Shape::Integer),
                    ("eventId", Shape::String),
                ]))),
                ("searchedLogStreams", list(structure("SearchedLogStream", vec![
                    ("logStreamName", Shape::String),
                    ("searchedCompletely", Shape::Boolean),
                ]))),
                ("nextToken", Shape::String),
            ])
        },
        operation! {
            get_log_events: GetLogEvents, None,
            input {
                "logGroupName": text => set_log_group_name,
                "logGroupIdentifier": text => set_log_group_identifier,
                "logStreamName": text => set_log_stream_name,
                "startTime": long => set_start_time,
                "endTime": long => set_end_time,
                "nextToken": text => set_next_token,
                "limit": integer => set_limit,
                "startFromHead": boolean => set_start_from_head,
                "unmask": boolean => set_unmask,
            }
            output structure("GetLogEventsOutput", vec![
                ("events", list(structure("OutputLogEvent", vec![
                    ("timestamp", Shape::Integer),
                    ("message", Shape::String),
                    ("ingestionTime", Shape::Integer),
                ]))),
                ("nextForwardToken", Shape::String),
                ("nextBackwardToken", Shape::String),
            ])
        },
        operation! {
            list_tags_for_resource: ListTagsForResource, None,
            input { "resourceArn": text => set_resource_arn, }
            output structure("ListTagsForResourceOutput", vec![("tags", kind!(shape map))])
        },
        operation! {
            put_log_events: PutLogEvents, None,
            input {
                "logGroupName": text => set_log_group_name,
                "logStreamName": text => set_log_stream_name,
                "logEvents": events => set_log_events,
                "sequenceToken": text => set_sequence_token,
                "entity": entity => set_entity,
            }
            output structure("PutLogEventsOutput", vec![
                ("nextSequenceToken", Shape::String),
                ("rejectedLogEventsInfo", structure("RejectedLogEventsInfo", vec![
                    ("tooNewLogEventStartIndex", Shape::Integer),
                    ("tooOldLogEventEndIndex", Shape::Integer),
                    ("expiredLogEventEndIndex", Shape::Integer),
                ])),
                ("rejectedEntityInfo", structure("RejectedEntityInfo", vec![
                    ("errorType", Shape::String),
                ])),
            ])
        },
        operation! {
            put_retention_policy: PutRetentionPolicy, None,
            input {
                "logGroupName": text => set_log_group_name,
                "retentionInDays": integer => set_retention_in_days,
            }
            output structure("PutRetentionPolicyOutput", vec![])
        },
        tail::OPERATION,
        operation! {
            tag_resource: TagResource, None,
            input {
                "resourceArn": text => set_resource_arn,
                "tags": map => set_tags,
            }
            output structure("TagResourceOutput", vec![])
        },
        operation! {
            untag_resource: UntagResource, None,
            input {
                "resourceArn": text => set_resource_arn,
                "tagKeys": texts => set_tag_keys,
            }
            output structure("UntagResourceOutput", vec![])
        },
    ]),
};

const fn pages(results: &'static [&'static str]) -> Option<Pages> {
    Pages::of(results, Some("limit"))
}

pub(super) fn structure(name: &str, members: Vec<(&str, Shape)>) -> Shape {
    Shape::Structure(Structure {
        required: required_members::of(name),
        name: name.to_owned(),
        members: members
            .into_iter()
            .map(|(name, shape)| Member {
                name: name.to_owned(),
                shape,
            })
            .collect(),
    })
}

pub(super) fn list(element: Shape) -> Shape {
    Shape::List(Box::new(element))
}

fn map(value: &Value) -> Option<HashMap<String, String>> {
    let members = value.as_object()?.iter();
    let texts =
        members.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
    Some(texts.collect())
}

/// An event of PutLogEvents. Validation has seen to both members.
fn log_event(value: &Value) -> Option<InputLogEvent> {
    InputLogEvent::builder()
        .timestamp(value.get("timestamp")?.as_i64()?)
        .message(value.get("message")?.as_str()?)
        .build()
        .ok()
}
