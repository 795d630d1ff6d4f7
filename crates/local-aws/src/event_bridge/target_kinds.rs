//! What a rule can have as its target here.

use crate::account::Account;
use crate::error::AwsError;

use super::invalid;

/// Where events go.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Kind<'a> {
    Topic,
    /// Its name.
    Project(&'a str),
    /// Its name.
    LogGroup(&'a str),
}

impl<'a> Kind<'a> {
    /// What an ARN stands for.
    ///
    /// # Errors
    ///
    /// `ValidationException` for what is no ARN, and for what the local AWS cannot deliver to.
    pub(super) fn of(account: &Account, arn: &'a str) -> Result<Self, AwsError> {
        let malformed = || {
            invalid(format!(
                "Parameter {arn} is not valid. Reason: Provided Arn is not in correct format."
            ))
        };
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let ["arn", _, service, region, owner, resource] = parts[..] else {
            return Err(malformed());
        };
        if region != account.region || owner != account.id {
            return Err(invalid(format!(
                "Parameter {arn} is not valid. Reason: The target is not in the region {} and the \
                 account {} of the rule.",
                account.region, account.id
            )));
        }
        match service {
            "sns" if !resource.contains(':') => Ok(Self::Topic),
            "codebuild" => {
                let name = resource.strip_prefix("project/").ok_or_else(malformed)?;
                Ok(Self::Project(name))
            }
            "logs" => {
                let name = resource.strip_prefix("log-group:").ok_or_else(malformed)?;
                Ok(Self::LogGroup(name.strip_suffix(":*").unwrap_or(name)))
            }
            "sns" => Err(malformed()),
            other => Err(invalid(format!(
                "Parameter {arn} is not valid. Reason: the local AWS cannot deliver to {other}. Use \
                 a topic of SNS, a project of CodeBuild or a log group of CloudWatch Logs."
            ))),
        }
    }
}
