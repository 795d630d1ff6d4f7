//! `aws s3`: the AWS CLI's own commands over S3's operations.
//!
//! As `awscli/customizations/s3` of version 2 behaves, for those commands and options that are here.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::logs_operations::structure;
use super::operations::Operation;
use super::operations::Operations;
use super::operations::Service;
use super::operations::Source;
use super::s3_call::S3Call;
use super::s3_operations::all_objects;
use super::s3_operations::create_bucket;
use super::s3_operations::delete_object;
use super::service_model::Shape;
use crate::call_error::CallError;
use crate::session::Session;

/// The operation name of `aws s3 cp`, which here only shows an object.
pub(super) const SHOW: &str = "Cp";

/// The region whose buckets are made without naming it.
const FIRST_REGION: &str = "us-east-1";

macro_rules! command {
    ($name:literal, [$($word:literal),*], $($option:literal: $shape:expr),*) => {
        Operation {
            name: $name,
            positional: &[$($word),*],
            pages: None,
            source: Source::Command(|| structure(
                concat!($name, "Input"),
                vec![$(($word, Shape::String),)* $(($option, $shape)),*],
            )),
        }
    };
}

/// S3, as the AWS CLI's own commands have it.
pub(crate) static S3: Service = Service {
    name: "s3",
    operations: Operations::Written(&[
        command!("Cp", ["path", "to"],),
        command!("Ls", ["path"], "recursive": Shape::Boolean),
        command!("Mb", ["path"],),
        command!("Rb", ["path"], "force": Shape::Boolean),
        command!("Rm", ["path"], "recursive": Shape::Boolean),
    ]),
};

/// A command.
#[derive(Clone, Debug)]
pub(crate) enum S3Command {
    /// Shows an object.
    Show {
        bucket: String,
        key: String,
    },
    /// Lists buckets (without a bucket) or objects.
    List {
        bucket: String,
        prefix: String,
        recursive: bool,
    },
    MakeBucket {
        bucket: String,
    },
    /// `force`: with all of its objects.
    RemoveBucket {
        bucket: String,
        force: bool,
    },
    /// `recursive`: every object whose key begins so.
    Remove {
        bucket: String,
        key: String,
        recursive: bool,
    },
}

impl S3Command {
    /// Reads the options of a command; the reason if they do not fit.
    pub(crate) fn read(operation: &str, input: &Value) -> Result<Self, String> {
        let on = |name: &str| input.get(name).and_then(Value::as_bool) == Some(true);
        let path = input
            .get("path")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if operation == "Ls" && path.is_empty() {
            return Ok(Self::List {
                bucket: String::new(),
                prefix: String::new(),
                recursive: false,
            });
        }
        let Some(rest) = path.strip_prefix("s3://") else {
            return Err(format!(
                "`{path}` does not begin with s3://, and only objects of S3 can be named here"
            ));
        };
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        if bucket.is_empty() {
            return Err(format!("`{path}` names no bucket"));
        }
        match operation {
            "Cp" if input.get("to").and_then(Value::as_str) != Some("-") => {
                Err("only `cp s3://BUCKET/KEY -` is known here, which prints the object".to_owned())
            }
            "Cp" => Ok(Self::Show { bucket, key }),
            "Ls" => Ok(Self::List {
                bucket,
                prefix: key,
                recursive: on("recursive"),
            }),
            "Mb" | "Rb" if !key.is_empty() => Err(format!("`{path}` is more than a bucket")),
            "Mb" => Ok(Self::MakeBucket { bucket }),
            "Rb" => Ok(Self::RemoveBucket {
                bucket,
                force: on("force"),
            }),
            _ => Ok(Self::Remove {
                bucket,
                key,
                recursive: on("recursive"),
            }),
        }
    }

    /// Runs it and hands on what it prints.
    pub(crate) async fn run(
        &self,
        session: &Session,
        show: &mut (dyn FnMut(&str) + Send),
    ) -> Result<(), CallError> {
        match self {
            Self::Show { bucket, key } => {
                let call = S3Call {
                    method: "GET",
                    bucket: bucket.clone(),
                    key: key.clone(),
                    ..S3Call::default()
                };
                let answer = call.send(session, "GetObject").await?;
                let text = String::from_utf8(answer.body).map_err(|_| CallError::Request {
                    operation: "GetObject".to_owned(),
                    reason: format!("s3://{bucket}/{key} is not text, so it is not printed"),
                })?;
                show(&text);
                Ok(())
            }
            Self::List { bucket, .. } if bucket.is_empty() => {
                let answer =
                    super::call(session, "ListBuckets", Value::Object(Default::default())).await?;
                for found in answer["Buckets"].as_array().into_iter().flatten() {
                    let time = local_time(&found["CreationDate"]);
                    show(&format!("{time} {}\n", text_of(&found["Name"])));
                }
                Ok(())
            }
            Self::List {
                bucket,
                prefix,
                recursive,
            } => list(session, bucket, prefix, *recursive, show).await,
            Self::MakeBucket { bucket } => {
                let region = session.region().filter(|region| region != FIRST_REGION);
                create_bucket(bucket, region.as_deref())
                    .send(session, "CreateBucket")
                    .await?;
                show(&format!("make_bucket: {bucket}\n"));
                Ok(())
            }
            Self::RemoveBucket { bucket, force } => {
                if *force {
                    remove_all(session, bucket, "", show).await?;
                }
                let call = S3Call {
                    method: "DELETE",
                    bucket: bucket.clone(),
                    ..S3Call::default()
                };
                call.send(session, "DeleteBucket").await?;
                show(&format!("remove_bucket: {bucket}\n"));
                Ok(())
            }
            Self::Remove {
                bucket,
                key,
                recursive,
            } => {
                if *recursive {
                    return remove_all(session, bucket, key, show).await;
                }
                delete_object(bucket, key)
                    .send(session, "DeleteObject")
                    .await?;
                show(&format!("delete: s3://{bucket}/{key}\n"));
                Ok(())
            }
        }
    }
}

async fn remove_all(
    session: &Session,
    bucket: &str,
    prefix: &str,
    show: &mut (dyn FnMut(&str) + Send),
) -> Result<(), CallError> {
    for object in all_objects(session, bucket, prefix).await? {
        let key = text_of(&object["Key"]);
        delete_object(bucket, key)
            .send(session, "DeleteObject")
            .await?;
        show(&format!("delete: s3://{bucket}/{key}\n"));
    }
    Ok(())
}

/// Objects with time and size. Without `recursive`, one level: what lies deeper is a prefix.
async fn list(
    session: &Session,
    bucket: &str,
    prefix: &str,
    recursive: bool,
    show: &mut (dyn FnMut(&str) + Send),
) -> Result<(), CallError> {
    let objects = all_objects(session, bucket, prefix).await?;
    let level = prefix.rfind('/').map_or(0, |slash| slash + 1);
    let mut last = "";
    for object in &objects {
        let key = text_of(&object["Key"]);
        let below = key.get(level..).unwrap_or(key);
        match below.find('/') {
            Some(slash) if !recursive => {
                let folder = &below[..=slash];
                if folder != last {
                    show(&format!("{:>30} {folder}\n", "PRE"));
                    last = folder;
                }
            }
            _ => {
                let name = if recursive { key } else { below };
                let size = object["Size"].as_i64().unwrap_or_default();
                let time = local_time(&object["LastModified"]);
                show(&format!("{time} {size:>10} {name}\n"));
            }
        }
    }
    Ok(())
}

fn text_of(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// As the AWS CLI writes it: the time of this place.
fn local_time(seconds: &Value) -> String {
    let time = seconds
        .as_i64()
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .unwrap_or_default();
    time.to_zoned(TimeZone::system())
        .strftime("%Y-%m-%d %H:%M:%S")
        .to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::S3Command;

    #[test]
    fn paths_that_do_not_fit_are_told() {
        let read = |operation: &str, path: &str| {
            S3Command::read(operation, &json!({ "path": path })).unwrap_err()
        };
        assert!(read("Mb", "bucket").contains("s3://"));
        assert!(read("Mb", "s3://").contains("no bucket"));
        assert!(read("Rb", "s3://bucket/key").contains("more than a bucket"));
        assert!(read("Cp", "s3://bucket/key").contains("prints the object"));
    }
}
