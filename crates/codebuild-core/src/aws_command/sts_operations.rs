//! STS' operations. STS speaks XML, so the answer is put together from the typed output.

use serde_json::json;

use super::logs_operations::structure;
use super::operations::Operation;
use super::operations::Service;
use super::service_model::Shape;

/// Security Token Service.
pub(crate) static STS: Service = Service {
    name: "sts",
    operations: &[Operation {
        name: "GetCallerIdentity",
        input: || structure("GetCallerIdentityInput", Vec::new()),
        output: || {
            structure(
                "GetCallerIdentityOutput",
                vec![
                    ("UserId", Shape::String),
                    ("Account", Shape::String),
                    ("Arn", Shape::String),
                ],
            )
        },
        positional: &[],
        pages: None,
        send: |session, _input| {
            Box::pin(async move {
                session.check_region()?;
                let answer = session
                    .sts()
                    .get_caller_identity()
                    .send()
                    .await
                    .map_err(|error| session.call_error("sts", "GetCallerIdentity", error))?;
                Ok(json!({
                    "UserId": answer.user_id,
                    "Account": answer.account,
                    "Arn": answer.arn,
                }))
            })
        },
    }],
};
