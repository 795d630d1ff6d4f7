//! `kill -9` while stacks are made, updated and deleted: nothing is made twice, nothing is left behind.

use local_aws::Access;
use serde_json::Value;
use serde_json::json;

use crate::cloudformation::call;
use crate::cloudformation::events;
use crate::cloudformation::ok;
use crate::cloudformation::settled;
use crate::kill;
use crate::raw::call_json;

/// A chain, so that there is always something left to do.
fn chain(days: u32) -> String {
    let mut template = "Resources:\n".to_owned();
    for number in 0..12 {
        template += &format!(
            "  G{number}:\n    Type: AWS::Logs::LogGroup\n    Properties: {{ RetentionInDays: {days} }}\n"
        );
        if number > 0 {
            template += &format!("    DependsOn: G{}\n", number - 1);
        }
    }
    template
}

async fn groups(access: &Access) -> Vec<Value> {
    let found = call_json(access, "Logs_20140328.DescribeLogGroups", json!({})).await;
    found["logGroups"].as_array().unwrap().clone()
}

/// Waits until so many events of a kind are there.
async fn wait_for(access: &Access, stack: &str, what: &str, count: usize) {
    loop {
        let found = events(access, stack).await;
        if found.iter().filter(|event| event.ends_with(what)).count() >= count {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_is_taken_up_where_it_was() {
    let state = tempfile::tempdir().unwrap();
    let (mut child, access) = kill::serve(state.path());
    let (seven, fourteen) = (chain(7), chain(14));
    let create = [("StackName", "s"), ("TemplateBody", seven.as_str())];
    let created = ok(&access, "CreateStack", &create).await;
    let id = created.element("StackId").to_owned();
    wait_for(&access, "s", "CREATE_COMPLETE", 2).await;
    child.kill();

    let (mut child, access) = kill::serve(state.path());
    let stack = settled(&access, "s").await;
    assert_eq!(stack.element("StackStatus"), "CREATE_COMPLETE");
    let there = groups(&access).await;
    assert_eq!(there.len(), 12, "{there:?}");
    let found = events(&access, "s").await;
    for number in 0..12 {
        let complete = format!("G{number} CREATE_COMPLETE");
        assert_eq!(found.iter().filter(|event| **event == complete).count(), 1);
    }
    let update = [("StackName", "s"), ("TemplateBody", fourteen.as_str())];
    ok(&access, "UpdateStack", &update).await;
    wait_for(&access, "s", "UPDATE_COMPLETE", 2).await;
    child.kill();

    let (mut child, access) = kill::serve(state.path());
    let stack = settled(&access, "s").await;
    assert_eq!(stack.element("StackStatus"), "UPDATE_COMPLETE");
    let there = groups(&access).await;
    assert!(
        there.iter().all(|group| group["retentionInDays"] == 14),
        "{there:?}"
    );
    ok(&access, "DeleteStack", &create[..1]).await;
    wait_for(&access, &id, "DELETE_COMPLETE", 2).await;
    child.kill();

    let (mut child, access) = kill::serve(state.path());
    assert_eq!(
        settled(&access, &id).await.element("StackStatus"),
        "DELETE_COMPLETE"
    );
    assert_eq!(groups(&access).await, [] as [Value; 0]);
    assert_eq!(
        call(&access, "DescribeStacks", &create[..1]).await.status,
        400
    );
    child.kill();
}
