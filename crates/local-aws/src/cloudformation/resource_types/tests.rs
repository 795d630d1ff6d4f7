//! Resources of each type from their creation to their end, on a local AWS of the test's own.

use std::net::Ipv4Addr;
use std::sync::Arc;

use serde_json::Value;
use serde_json::json;
use tempfile::TempDir;

use super::Failure;
use super::Made;
use super::Request;
use crate::Config;
use crate::EngineChoice;
use crate::LocalAws;
use crate::access_keys::Caller;
use crate::services::Services;

mod iam;
mod logs;
mod secrets;
mod sns;

/// A local AWS on a state directory of its own.
pub(super) struct Started {
    aws: LocalAws,
    stack_tags: Vec<(String, String)>,
    _state_dir: TempDir,
}

impl Started {
    pub(super) async fn new() -> Self {
        let state_dir = tempfile::tempdir().expect("a temporary directory");
        let aws = LocalAws::start(Config {
            state_dir: state_dir.path().to_owned(),
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            region: "eu-central-1".to_owned(),
            account_id: "123456789012".to_owned(),
            engine: EngineChoice::Connect(None),
            checkouts: Vec::new(),
            // The model has another name for the type of a permissions boundary than IAM answers.
            check_answers: false,
        });
        Self {
            aws: aws.await.expect("the local AWS starts"),
            stack_tags: vec![("team".to_owned(), "blue".to_owned())],
            _state_dir: state_dir,
        }
    }

    pub(super) const fn services(&self) -> &Arc<Services> {
        self.aws.services()
    }

    /// For a resource of the stack `web`.
    fn request<'a>(&'a self, logical_id: &'a str) -> Request<'a> {
        Request {
            services: self.services(),
            caller: &Caller::User,
            stack_name: "web",
            stack_id: "arn:aws:cloudformation:eu-central-1:123456789012:stack/web/1",
            logical_id,
            stack_tags: &self.stack_tags,
            token: "4b1c",
        }
    }

    async fn create(&self, resource_type: &str, properties: &Value) -> Result<Made, Failure> {
        super::create(&self.request("Thing"), resource_type, properties).await
    }

    /// Makes what must not fail.
    async fn made(&self, resource_type: &str, properties: &Value) -> Made {
        let made = self.create(resource_type, properties).await;
        let made = made.expect("the resource is made");
        let planned = super::planned_id(&self.request("Thing"), resource_type, properties);
        if let Some(planned) = planned {
            assert_eq!(planned, made.physical_id);
        }
        made
    }

    async fn refused(&self, resource_type: &str, properties: &Value) -> Failure {
        let made = self.create(resource_type, properties).await;
        made.expect_err("the resource is refused")
    }

    async fn update(&self, resource_type: &str, id: &str, old: &Value, new: &Value) -> Made {
        let request = self.request("Thing");
        let updated = super::update(&request, resource_type, id, old, new).await;
        updated.expect("the resource is changed")
    }

    async fn delete(&self, resource_type: &str, id: &str, properties: &Value) {
        let request = self.request("Thing");
        let deleted = super::delete(&request, resource_type, id, properties).await;
        deleted.expect("the resource is removed");
    }

    async fn read(&self, resource_type: &str, id: &str, properties: &Value) -> Option<Value> {
        let request = self.request("Thing");
        let live = super::read(&request, resource_type, id, properties).await;
        live.expect("the resource is read")
    }

    async fn find(&self, resource_type: &str, properties: &Value) -> Option<Made> {
        let request = self.request("Thing");
        let found = super::find(&request, resource_type, properties).await;
        found.expect("the resource is looked for")
    }

    /// An operation of a service, by hand.
    async fn call(&self, service: &str, operation: &str, input: Value) -> Value {
        let answer = self
            .services()
            .call(&Caller::User, service, operation, input);
        answer.await.expect("the service answers")
    }

    /// There is nothing left, and to remove it again is fine.
    async fn is_gone(&self, resource_type: &str, id: &str, properties: &Value) {
        assert_eq!(self.read(resource_type, id, properties).await, None);
        assert_eq!(self.find(resource_type, properties).await, None);
        self.delete(resource_type, id, properties).await;
    }
}

#[tokio::test]
async fn a_type_that_is_not_here_is_refused_by_name() {
    let aws = Started::new().await;
    assert!(!super::is_supported("AWS::EC2::Instance"));
    let failure = aws.refused("AWS::EC2::Instance", &json!({})).await;
    assert!(
        failure
            .reason
            .contains("the resource type AWS::EC2::Instance"),
        "{failure:?}"
    );
}

#[tokio::test]
async fn tags_with_keys_of_aws_are_refused() {
    let aws = Started::new().await;
    let properties = json!({ "Tags": [{ "Key": "aws:x", "Value": "y" }] });
    let failure = aws.refused("AWS::SNS::Topic", &properties).await;
    assert!(
        failure
            .reason
            .contains("aws: prefixed tag key names are not allowed for external use"),
        "{failure:?}"
    );
}
