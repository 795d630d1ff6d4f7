//! What there is on a local AWS, asked of each service that a demo's stack has resources of.

use codebuild_core::Session;
use codebuild_core::WatchEvent;
use futures_util::StreamExt;
use serde_json::Value;

use crate::serving::aws;

/// Each as a line whose answer is a list, and is empty on a local AWS that nobody has used.
const LISTS: [&str; 11] = [
    "cloudformation describe-stacks --query Stacks[].StackName",
    "codebuild list-projects --query projects",
    "codecommit list-repositories --query repositories[].repositoryName",
    "ecr describe-repositories --query repositories[].repositoryName",
    "events list-rules --query Rules[].Name",
    "iam list-policies --scope Local --query Policies[].PolicyName",
    // The role of our own demos is always there.
    "iam list-roles --query Roles[].RoleName|[?@!='codebuild-demo']",
    "logs describe-log-groups --query logGroups[].logGroupName",
    "s3api list-buckets --query Buckets[].Name",
    "sns list-subscriptions --query Subscriptions[].Endpoint",
    "sns list-topics --query Topics[].TopicArn",
];

/// Whatever is there.
pub(super) async fn all_there_is(session: &Session) -> Vec<String> {
    let mut all = Vec::new();
    for line in LISTS {
        // Without a shell, because the quotes belong to the queries.
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let command = codebuild_core::AwsCommand::parse(&words, std::path::Path::new("."));
        let answer = command.unwrap().run(session).await.unwrap();
        let names: Vec<String> = serde_json::from_str(&answer.text)
            .unwrap_or_else(|error| panic!("{line}: {error}: {}", answer.text));
        all.extend(names);
    }
    all
}

/// How a build ended: its record, and its log.
pub(super) async fn finished(session: &Session, started: &Value) -> (Value, String) {
    let id = started["build"]["id"].as_str().unwrap();
    let mut events = std::pin::pin!(codebuild_core::watch(session, id));
    let mut log = String::new();
    loop {
        match events.next().await.unwrap().unwrap() {
            WatchEvent::Log { message, .. } => log += &format!("{message}\n"),
            WatchEvent::Finished { build, .. } => return (build, log),
            _ => {}
        }
    }
}

/// Starts a build of a project with these further options and waits for its end.
pub(super) async fn build(session: &Session, project: &str, options: &str) -> (Value, String) {
    let line = format!("codebuild start-build --project-name {project} {options}");
    let started = aws(session, &line).await.response;
    finished(session, &started).await
}
