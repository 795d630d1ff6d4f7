//! Stacks on a server that is not ours.

use std::io::Read;
use std::io::Write;
use std::net::TcpStream;

use serde_json::Value;

use super::file;
use super::json;
use super::moto::Moto;
use super::must;
use super::stack;
use super::stderr;
use crate::command_line::guided_demo;

const TEMPLATE: &str = r"
Parameters:
  Retention: { Type: Number, Default: 14 }
Resources:
  Bucket:
    Type: AWS::S3::Bucket
  Images:
    Type: AWS::ECR::Repository
    Properties: { RepositoryName: images }
  LogGroup:
    Type: AWS::Logs::LogGroup
    Properties: { LogGroupName: /builds, RetentionInDays: 7 }
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: { Service: codebuild.amazonaws.com }
            Action: sts:AssumeRole
  Topic:
    Type: AWS::SNS::Topic
    Properties: { Tags: [{ Key: retention, Value: !Ref Retention }] }
";

fn bucket_of(status: &Value) -> &str {
    let resources = status["resources"].as_array().unwrap();
    let bucket = resources
        .iter()
        .find(|resource| resource["LogicalResourceId"] == "Bucket");
    bucket.unwrap()["PhysicalResourceId"].as_str().unwrap()
}

/// Puts an object into a bucket; moto asks for no signature.
fn put_object(endpoint: &str, bucket: &str, key: &str) {
    let address = endpoint.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!(
        "PUT /{bucket}/{key} HTTP/1.1\r\nHost: {address}\r\nContent-Length: 4\r\nConnection: close\r\n\r\ntext"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains(" 200 "), "{answer}");
}

#[test]
fn a_stack_is_deployed_compared_and_deleted_with_what_it_holds() {
    let Some(moto) = Moto::start() else {
        return;
    };
    let state = tempfile::tempdir().unwrap();
    let (state, endpoint) = (state.path(), moto.endpoint.as_str());
    let template = file(state, "template.yaml", TEMPLATE);
    let template = template.to_str().unwrap();

    let compared = must(state, endpoint, &["diff", template, "--name", "one"]);
    assert!(compared.contains("There is no stack one on "), "{compared}");
    assert!(compared.contains("+ create  Bucket "), "{compared}");

    let deployed = must(
        state,
        endpoint,
        &["deploy", template, "--name", "one", "--yes"],
    );
    for text in [
        "+ create  Role ",
        "  default: Retention=14",
        "AWS::S3::Bucket: USD 0.023",
        "Created the stack one: CREATE_COMPLETE.",
    ] {
        assert!(deployed.contains(text), "{text} is not in:\n{deployed}");
    }
    let again = must(
        state,
        endpoint,
        &["deploy", template, "--name", "one", "--yes"],
    );
    assert!(again.contains("Nothing to do: the stack one is"), "{again}");

    let status = json(state, endpoint, &["status", "one", "--json"]);
    assert_eq!(status["ours"], true);
    let bucket = bucket_of(&status);
    put_object(endpoint, bucket, "codebuild/log.gz");

    // From another computer it is not ours.
    let other = tempfile::tempdir().unwrap();
    let refused = stack(other.path(), endpoint, &["delete", "one", "--yes"]);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    let hint = format!("aws s3 rm s3://{bucket} --recursive");
    assert!(stderr(&refused).contains(&hint), "{refused:?}");

    let deleted = json(state, endpoint, &["delete", "one", "--yes", "--json"]);
    assert_eq!(deleted["stack"]["status"], "DELETE_COMPLETE");
    let remains = deleted["remains"].as_array().unwrap();
    assert_eq!(remains.len(), 5, "{remains:?}");
    for resource in remains {
        assert_eq!(resource["presence"], "gone", "{resource}");
    }
    let missing = stack(state, endpoint, &["status", "one"]);
    assert!(
        stderr(&missing).contains("there is no stack one on"),
        "{missing:?}"
    );
    let left = guided_demo(state)
        .args(["status", "--json"])
        .output()
        .unwrap();
    let left: Value = serde_json::from_slice(&left.stdout).unwrap();
    assert_eq!(left["left"], serde_json::json!([]));
}

#[test]
fn cleanup_deletes_a_stack_with_what_it_holds() {
    let Some(moto) = Moto::start() else {
        return;
    };
    let state = tempfile::tempdir().unwrap();
    let (state, endpoint) = (state.path(), moto.endpoint.as_str());
    let template = file(state, "template.yaml", TEMPLATE);
    let template = template.to_str().unwrap();
    must(
        state,
        endpoint,
        &["deploy", template, "--name", "two", "--yes"],
    );
    let status = json(state, endpoint, &["status", "two", "--json"]);
    let bucket = bucket_of(&status);
    put_object(endpoint, bucket, "a");
    guided_demo(state)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .args(["cleanup", "--yes"])
        .assert()
        .success()
        .stdout(predicates::str::contains(
            "removed cloudformation-stack two",
        ));
    let missing = stack(state, endpoint, &["status", "two"]);
    assert!(
        stderr(&missing).contains("there is no stack two on"),
        "{missing:?}"
    );
}

#[test]
fn what_nobody_agreed_to_is_not_deployed_and_mistakes_are_named() {
    let state = tempfile::tempdir().unwrap();
    let endpoint = "http://127.0.0.1:9";
    let refused = stack(state.path(), endpoint, &["deploy"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        stderr(&refused).contains("Add --yes to agree."),
        "{refused:?}"
    );
    let Some(moto) = Moto::start() else {
        return;
    };
    let template = file(state.path(), "template.yaml", TEMPLATE);
    let template = template.to_str().unwrap();
    let endpoint = moto.endpoint.as_str();
    let nameless = stack(state.path(), endpoint, &["diff", template]);
    assert!(
        stderr(&nameless).contains("Add --name NAME."),
        "{nameless:?}"
    );
    let typo = ["diff", template, "--name", "x", "--parameter", "Retenion=1"];
    let misspelt = stack(state.path(), endpoint, &typo);
    assert!(
        stderr(&misspelt).contains("Did you mean `Retention`?"),
        "{misspelt:?}"
    );
}
