//! The build badge: a picture of a branch's latest build, for anyone who has its URL.

use super::build::Build;
use super::build::StoredBuild;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;

/// How many of a project's latest builds are looked at for one of the branch.
const LOOK_BACK: usize = 100;

/// A badge's states, as in "Build badges" of the CodeBuild user guide.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    Passing,
    Failing,
    InProgress,
    Unknown,
}

/// The SVG for a badge token and a branch. A token that is not known shows as unknown.
pub(crate) fn badge(
    services: &Services,
    token: &str,
    branch: Option<&str>,
) -> Result<String, AwsError> {
    let state = services.store.read(|transaction| {
        let badges = transaction.open_table(store::BADGES)?;
        let Some(project) = badges.get(token)? else {
            return Ok(State::Unknown);
        };
        let project = project.value();
        let index = transaction.open_table(store::BUILDS_BY_PROJECT)?;
        let builds = transaction.open_table(store::BUILDS)?;
        for entry in index
            .range((project, 0)..=(project, u64::MAX))?
            .rev()
            .take(LOOK_BACK)
        {
            let id = entry?.1;
            let stored: Option<StoredBuild> = store::get(&builds, id.value())?;
            if let Some(stored) = stored.filter(|stored| is_of_branch(&stored.build, branch)) {
                return Ok(State::of(&stored.build));
            }
        }
        Ok(State::Unknown)
    })?;
    Ok(state.svg())
}

/// A build without a source version is of the default branch, whatever its name is.
fn is_of_branch(build: &Build, branch: Option<&str>) -> bool {
    match (build.source_version.as_deref(), branch) {
        (None, _) | (_, None) => true,
        (Some(version), Some(branch)) => {
            version.strip_prefix("refs/heads/").unwrap_or(version) == branch
        }
    }
}

impl State {
    fn of(build: &Build) -> Self {
        match build.build_status.as_str() {
            "SUCCEEDED" => Self::Passing,
            "IN_PROGRESS" => Self::InProgress,
            _ => Self::Failing,
        }
    }

    fn svg(self) -> String {
        let (text, colour, width) = match self {
            Self::Passing => ("passing", "#3c8c40", 54),
            Self::Failing => ("failing", "#c5322d", 48),
            Self::InProgress => ("in progress", "#2a6fb0", 76),
            Self::Unknown => ("unknown", "#6e6e6e", 60),
        };
        let (whole, middle) = (40 + width, 40 + width / 2);
        format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="20" role="img" aria-label="build: {text}"><title>build: {text}</title><rect width="{whole}" height="20" rx="3" fill="#4a4a4a"/><path d="M40 0h{flat}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3H40z" fill="{colour}"/><g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle"><text x="20" y="14">build</text><text x="{middle}" y="14">{text}</text></g></svg>"##,
            flat = width - 3,
        )
    }
}
