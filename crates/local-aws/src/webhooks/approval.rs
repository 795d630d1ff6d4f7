//! Whether a pull request may be built before somebody who is trusted has looked at it: "Pull request
//! comment approval" of the CodeBuild user guide.

use super::event::Event;
use crate::codebuild::PullRequestBuildPolicy;

/// Checks the one who made a pull request. Somebody whose role the payload does not tell may go on.
///
/// # Errors
///
/// Why a comment must approve of it first.
pub(super) fn check(policy: &PullRequestBuildPolicy, event: &Event) -> Result<(), String> {
    let Some(contributor) = &event.contributor else {
        return Ok(());
    };
    let is_asked = match policy.requires_comment_approval.as_str() {
        "ALL_PULL_REQUESTS" => true,
        "FORK_PULL_REQUESTS" => contributor.is_from_fork,
        _ => false,
    };
    let Some(role) = contributor.role.filter(|_| is_asked) else {
        return Ok(());
    };
    let approvers = policy.approver_roles.as_deref().unwrap_or_default();
    if approvers.iter().any(|approver| approver == role) {
        return Ok(());
    }
    Err(format!(
        "The contributor's role is {role}, and pullRequestBuildPolicy trusts [{}]. The local AWS \
         takes no approval by comment: start the build with StartBuild and sourceVersion {}, or \
         change the policy with UpdateWebhook.",
        approvers.join(", "),
        event.source_version
    ))
}

#[cfg(test)]
mod tests {
    use super::super::event::Contributor;
    use super::*;

    #[test]
    fn pull_requests_of_strangers_wait_for_approval() {
        let check = |when: &str, role: Option<&'static str>, is_from_fork: bool| {
            let policy = PullRequestBuildPolicy {
                requires_comment_approval: when.to_owned(),
                approver_roles: Some(vec!["GITHUB_WRITE".to_owned()]),
            };
            let event = Event {
                contributor: Some(Contributor { role, is_from_fork }),
                ..Event::default()
            };
            super::check(&policy, &event).is_ok()
        };
        let (reader, writer) = (Some("GITHUB_READ"), Some("GITHUB_WRITE"));
        assert!(!check("ALL_PULL_REQUESTS", reader, false));
        assert!(check("ALL_PULL_REQUESTS", writer, true));
        assert!(check("ALL_PULL_REQUESTS", None, true));
        assert!(!check("FORK_PULL_REQUESTS", reader, true));
        assert!(check("FORK_PULL_REQUESTS", reader, false));
        assert!(check("DISABLED", reader, true));
    }
}
