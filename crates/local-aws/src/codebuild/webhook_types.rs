//! `Webhook` and what it holds, as the API shows it and as it is stored.

use serde::Deserialize;
use serde::Serialize;

use crate::account::Account;
use crate::hidden::Hidden;
use crate::timestamp::EpochSeconds;

/// What a webhook says that AWS would have registered at the git server by itself.
const NOT_REGISTERED: &str = "The local AWS registers nothing at git servers. Register payloadUrl \
     there yourself, or send events to it.";

/// The same for servers whose events are signed.
const NOT_REGISTERED_SIGNED: &str = "The local AWS registers nothing at git servers. Register \
     payloadUrl there yourself, or send events to it. UpdateWebhook with rotateSecret shows a \
     secret to sign them with.";

/// `Webhook`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Webhook {
    payload_url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) secret: Option<Hidden>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    branch_filter: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    filter_groups: Option<Vec<Vec<WebhookFilter>>>,
    build_type: String,
    manual_creation: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_modified_secret: Option<EpochSeconds>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scope_configuration: Option<ScopeConfiguration>,
    status: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status_message: Option<String>,
    pull_request_build_policy: PullRequestBuildPolicy,
}

/// `WebhookFilter`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WebhookFilter {
    pub(crate) r#type: String,
    pub(crate) pattern: String,
    #[serde(default)]
    pub(crate) exclude_matched_pattern: bool,
}

/// `ScopeConfiguration`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScopeConfiguration {
    pub(crate) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) domain: Option<String>,
    pub(crate) scope: String,
}

/// `PullRequestBuildPolicy`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PullRequestBuildPolicy {
    pub(crate) requires_comment_approval: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) approver_roles: Option<Vec<String>>,
}

/// A project's webhook in the database.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct StoredWebhook {
    /// What the payload URL names instead of the project. Made once.
    pub(crate) token: String,
    /// What events are signed with.
    pub(crate) secret: Hidden,
    pub(crate) last_modified_secret: EpochSeconds,
    /// The type of source that sends the events.
    pub(crate) source_type: String,
    pub(crate) branch_filter: Option<String>,
    pub(crate) filter_groups: Vec<Vec<WebhookFilter>>,
    pub(crate) build_type: String,
    pub(crate) manual_creation: bool,
    pub(crate) scope_configuration: Option<ScopeConfiguration>,
    pub(crate) pull_request_build_policy: PullRequestBuildPolicy,
}

impl StoredWebhook {
    /// The webhook without its secret.
    pub(super) fn show(&self, account: &Account) -> Webhook {
        let is_signed = self.source_type != "BITBUCKET";
        // AWS, too, leaves it to the user to register these.
        let is_users_own = self.manual_creation || self.source_type == "GITHUB_ENTERPRISE";
        let message = match (is_users_own, is_signed) {
            (true, _) => None,
            (false, true) => Some(NOT_REGISTERED_SIGNED),
            (false, false) => Some(NOT_REGISTERED),
        };
        Webhook {
            payload_url: format!("{}/webhooks?t={}&v=1", account.endpoint, self.token),
            secret: None,
            branch_filter: self.branch_filter.clone(),
            filter_groups: Some(self.filter_groups.clone()).filter(|groups| !groups.is_empty()),
            build_type: self.build_type.clone(),
            manual_creation: self.manual_creation,
            last_modified_secret: is_signed.then_some(self.last_modified_secret),
            scope_configuration: self.scope_configuration.clone(),
            status: "ACTIVE".to_owned(),
            status_message: message.map(str::to_owned),
            pull_request_build_policy: self.pull_request_build_policy.clone(),
        }
    }
}

/// A secret for signatures: 64 hexadecimal digits.
pub(super) fn new_secret() -> Hidden {
    Hidden(format!(
        "{}{}",
        uuid::Uuid::new_v4().simple(),
        uuid::Uuid::new_v4().simple()
    ))
}
