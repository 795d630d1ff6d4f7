//! What happened in a repository, whichever server tells it.

use crate::codebuild::EnvironmentVariable;

/// An event that CodeBuild knows.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Event {
    /// Such as `PUSH`: the values of EVENT filters.
    pub(super) kind: &'static str,
    /// The account that did it.
    pub(super) actor: Option<String>,
    /// Such as `refs/heads/main`.
    pub(super) head_ref: Option<String>,
    /// Where a pull request is to go.
    pub(super) base_ref: Option<String>,
    /// What the build is of.
    pub(super) source_version: String,
    /// The commit that the reference had before a push.
    pub(super) prev_commit: Option<String>,
    /// The commit that a pull request was merged with.
    pub(super) merge_commit: Option<String>,
    /// `branch/NAME`, `tag/NAME` or `pr/NUMBER`.
    pub(super) trigger: String,
    /// `None` if the payload does not tell.
    pub(super) files: Option<Vec<String>>,
    /// The head commit's; `None` if the payload does not tell.
    pub(super) commit_message: Option<String>,
    /// A release's.
    pub(super) tag_name: Option<String>,
    /// A release's.
    pub(super) release_name: Option<String>,
    pub(super) repository_name: Option<String>,
    pub(super) organization_name: Option<String>,
    /// Where the repository can be cloned from.
    pub(super) clone_url: Option<String>,
    /// Who made a pull request.
    pub(super) contributor: Option<Contributor>,
}

/// Who made a pull request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Contributor {
    /// As `approverRoles` has it; `None` if the payload does not tell.
    pub(super) role: Option<&'static str>,
    /// The pull request comes from another repository.
    pub(super) is_from_fork: bool,
}

impl Event {
    /// The build's variables: "Environment variables in build environments" of the CodeBuild user
    /// guide.
    pub(super) fn variables(&self) -> Vec<EnvironmentVariable> {
        let all = [
            ("ACTOR_ACCOUNT_ID", self.actor.as_deref()),
            ("BASE_REF", self.base_ref.as_deref()),
            ("EVENT", Some(self.kind)),
            ("HEAD_REF", self.head_ref.as_deref()),
            ("MERGE_COMMIT", self.merge_commit.as_deref()),
            ("PREV_COMMIT", self.prev_commit.as_deref()),
            ("TRIGGER", Some(self.trigger.as_str())),
        ];
        all.into_iter()
            .filter_map(|(name, value)| {
                // An environment has no place for a null character.
                let value = value?.replace('\0', "");
                Some(EnvironmentVariable {
                    name: format!("CODEBUILD_WEBHOOK_{name}"),
                    value,
                    r#type: "PLAINTEXT".to_owned(),
                })
            })
            .collect()
    }
}

/// What started a build of this reference.
pub(super) fn trigger_of(reference: &str) -> String {
    match reference.strip_prefix("refs/tags/") {
        Some(tag) => format!("tag/{tag}"),
        None => {
            let branch = reference.strip_prefix("refs/heads/").unwrap_or(reference);
            format!("branch/{branch}")
        }
    }
}
