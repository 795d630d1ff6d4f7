//! The quotas that a deployment and its builds meet first.

use serde_json::Value;
use serde_json::json;

use crate::aws_command::json_call;
use crate::call_error::CallError;
use crate::direct_call::DirectService;
use crate::session::Session;

const SERVICE_QUOTAS: DirectService = DirectService {
    name: "servicequotas",
    id: "Service Quotas",
    host: "servicequotas",
    is_global: false,
    signs_as_s3: false,
    error: json_call::error,
};

const TARGET: &str = "ServiceQuotasV20190624";

/// What CodeBuild calls the quota of builds on the demo's machine. See
/// [Quotas for AWS CodeBuild](https://docs.aws.amazon.com/codebuild/latest/userguide/limits.html).
const BUILDS: &str = "Concurrently running builds for Linux/Small environment";

/// How many stacks there may be in the account and region (CloudFormation DescribeAccountLimits);
/// `None` if CloudFormation does not say.
///
/// # Errors
///
/// If the service refuses the call or cannot be reached.
pub async fn stack_quota(session: &Session) -> Result<Option<i32>, CallError> {
    session.check_region()?;
    let limits = session
        .cloudformation()
        .describe_account_limits()
        .send()
        .await
        .map_err(|error| session.call_error("cloudformation", "DescribeAccountLimits", error))?;
    let stacks = limits
        .account_limits()
        .iter()
        .find(|limit| limit.name() == Some("StackLimit"));
    Ok(stacks.and_then(|limit| limit.value()))
}

/// How many builds may run at a time on the smallest Linux machine (Service Quotas
/// ListServiceQuotas); `None` if Service Quotas does not say.
///
/// # Errors
///
/// If the service refuses the call or cannot be reached.
pub async fn builds_quota(session: &Session) -> Result<Option<f64>, CallError> {
    session.check_region()?;
    let mut input = json!({ "ServiceCode": "codebuild", "MaxResults": 100 });
    loop {
        let operation = "ListServiceQuotas";
        let asked = input.clone();
        let mut page = json_call::call(session, SERVICE_QUOTAS, TARGET, operation, asked).await?;
        let quotas = page.get("Quotas").and_then(Value::as_array);
        let found = quotas
            .into_iter()
            .flatten()
            .find(|quota| quota.get("QuotaName").and_then(Value::as_str) == Some(BUILDS));
        if let Some(quota) = found {
            return Ok(quota.get("Value").and_then(Value::as_f64));
        }
        match page.get_mut("NextToken").map(Value::take) {
            Some(token @ Value::String(_)) => input["NextToken"] = token,
            _ => return Ok(None),
        }
    }
}
