//! The quotas that can be read without the service Service Quotas.

use roxmltree::Document;

use super::calls;
use crate::call_error::CallError;
use crate::session::Session;

/// A quota, and how much of it is used.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Quota {
    /// Such as `IAM roles`.
    pub name: &'static str,
    /// How many there are, if the service says so.
    pub used: Option<i64>,
    /// How many there may be.
    pub limit: i64,
}

impl Quota {
    /// Whether no more fits.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.used.is_some_and(|used| used >= self.limit)
    }
}

/// Roles (IAM GetAccountSummary) and stacks (CloudFormation DescribeAccountLimits).
///
/// # Errors
///
/// If a service refuses a call or cannot be reached.
pub async fn quotas(session: &Session) -> Result<Vec<Quota>, CallError> {
    session.check_region()?;
    let mut found = Vec::new();
    let summary = calls::IAM.call(session, "GetAccountSummary", &[]).await?;
    if let Some(limit) = entry(&summary, "RolesQuota") {
        found.push(Quota {
            name: "IAM roles",
            used: entry(&summary, "Roles"),
            limit,
        });
    }
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
    if let Some(limit) = stacks.and_then(|limit| limit.value()) {
        found.push(Quota {
            name: "CloudFormation stacks",
            used: None,
            limit: limit.into(),
        });
    }
    Ok(found)
}

/// A value of a map as IAM writes it: entries with a key and a value each.
fn entry(xml: &str, key: &str) -> Option<i64> {
    let document = Document::parse(xml).ok()?;
    let found = document.descendants().find(|node| {
        node.tag_name().name() == "entry"
            && node
                .children()
                .any(|child| child.tag_name().name() == "key" && child.text() == Some(key))
    })?;
    let value = found
        .children()
        .find(|child| child.tag_name().name() == "value")?;
    value.text()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::entry;

    #[test]
    fn a_map_of_iam_is_read() {
        let xml = "<R xmlns='x'><SummaryMap><entry><key>Roles</key><value>7</value></entry>\
                   <entry><key>RolesQuota</key><value>1000</value></entry></SummaryMap></R>";
        assert_eq!(entry(xml, "RolesQuota"), Some(1000));
        assert_eq!(entry(xml, "Groups"), None);
    }
}
