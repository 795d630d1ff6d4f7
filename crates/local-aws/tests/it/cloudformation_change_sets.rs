//! Change sets: what would change, and then does.

use crate::cloudformation::TEMPLATE;
use crate::cloudformation::events;
use crate::cloudformation::ok;
use crate::cloudformation::place;
use crate::cloudformation::refused;
use crate::cloudformation::settled;
use crate::server::TestServer;

#[tokio::test]
async fn a_stack_is_created_and_updated_through_change_sets() {
    let server = TestServer::start().await;
    let access = server.access();
    let first = [
        ("StackName", "s"),
        ("ChangeSetName", "first"),
        ("TemplateBody", TEMPLATE),
        ("Capabilities.member.1", "CAPABILITY_IAM"),
        ("ChangeSetType", "CREATE"),
    ];
    let named = [("StackName", "s"), ("ChangeSetName", "first")];
    let (_, message) = refused(access, "CreateChangeSet", &first[..4]).await;
    assert_eq!(message, "Stack [s] does not exist");
    ok(access, "CreateChangeSet", &first).await;
    let stack = ok(access, "DescribeStacks", &named[..1]).await;
    assert_eq!(stack.element("StackStatus"), "REVIEW_IN_PROGRESS");
    let set = ok(access, "DescribeChangeSet", &named).await;
    assert_eq!(set.element("Status"), "CREATE_COMPLETE");
    assert_eq!(set.element("ExecutionStatus"), "AVAILABLE");
    assert_eq!(set.body.matches("<Action>Add</Action>").count(), 3);
    let update = [("StackName", "s"), ("TemplateBody", TEMPLATE)];
    let (_, message) = refused(access, "UpdateStack", &update).await;
    assert_eq!(message, "Stack with id s does not exist");
    ok(access, "ExecuteChangeSet", &named).await;
    let stack = settled(access, "s").await;
    assert_eq!(stack.element("StackStatus"), "CREATE_COMPLETE");
    let executed = refused(access, "ExecuteChangeSet", &named).await;
    assert_eq!(executed.0, "InvalidChangeSetStatus");
    let list = ok(access, "ListChangeSets", &named[..1]).await;
    assert_eq!(list.element("Summaries"), "");

    // Without changes: `aws cloudformation deploy` knows this sentence.
    let same = [
        ("StackName", "s"),
        ("ChangeSetName", "same"),
        ("UsePreviousTemplate", "true"),
        ("Capabilities.member.1", "CAPABILITY_IAM"),
    ];
    ok(access, "CreateChangeSet", &same).await;
    let named = [("StackName", "s"), ("ChangeSetName", "same")];
    let set = ok(access, "DescribeChangeSet", &named).await;
    assert_eq!(set.element("Status"), "FAILED");
    assert_eq!(
        set.element("StatusReason"),
        "The submitted information didn't contain changes. Submit different information to create \
         a change set."
    );
    let (code, message) = refused(access, "ExecuteChangeSet", &named).await;
    assert_eq!(code, "InvalidChangeSetStatus");
    assert!(message.ends_with("cannot be executed in its current status of [FAILED]"));
    ok(access, "DeleteChangeSet", &named).await;
    let (code, message) = refused(access, "DescribeChangeSet", &named).await;
    assert_eq!(code, "ChangeSetNotFound");
    assert_eq!(message, "ChangeSet [same] does not exist");

    let days = [
        ("StackName", "s"),
        ("ChangeSetName", "days"),
        ("UsePreviousTemplate", "true"),
        ("Capabilities.member.1", "CAPABILITY_IAM"),
        ("Parameters.member.1.ParameterKey", "Days"),
        ("Parameters.member.1.ParameterValue", "14"),
    ];
    ok(access, "CreateChangeSet", &days).await;
    let named = [("StackName", "s"), ("ChangeSetName", "days")];
    let set = ok(access, "DescribeChangeSet", &named).await;
    assert_eq!(set.element("Action"), "Modify");
    assert_eq!(set.element("Replacement"), "False");
    assert_eq!(set.element("Scope"), "<member>Properties</member>");
    assert_eq!(set.element("CausingEntity"), "Days");
    assert!(
        set.body
            .contains("<ChangeSource>ParameterReference</ChangeSource>")
    );
    assert!(!set.body.contains("AfterValue"));
    let with_values = [&named[..], &[("IncludePropertyValues", "true")]].concat();
    let set = ok(access, "DescribeChangeSet", &with_values).await;
    assert_eq!(
        (set.element("BeforeValue"), set.element("AfterValue")),
        ("7", "14")
    );
    ok(access, "ExecuteChangeSet", &named).await;
    assert_eq!(
        settled(access, "s").await.element("StackStatus"),
        "UPDATE_COMPLETE"
    );
    place(&events(access, "s").await, "Group UPDATE_COMPLETE");

    // Another name for the group makes another group.
    let template = TEMPLATE.replace("/stack/", "/other/");
    let other = [
        ("StackName", "s"),
        ("ChangeSetName", "other"),
        ("TemplateBody", template.as_str()),
        ("Capabilities.member.1", "CAPABILITY_IAM"),
    ];
    ok(access, "CreateChangeSet", &other).await;
    let set = ok(access, "DescribeChangeSet", &other[..2]).await;
    assert!(
        set.body.contains("<Replacement>True</Replacement>"),
        "{set:?}"
    );
    assert!(
        set.body
            .contains("<PolicyAction>ReplaceAndDelete</PolicyAction>")
    );
    assert!(
        set.body
            .contains("<RequiresRecreation>Always</RequiresRecreation>")
    );
}
