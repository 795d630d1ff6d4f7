//! Looks whether everything that the demo needs is there.

mod account;

use std::path::Path;
use std::time::Duration;

use build_engine::Engine;
use codebuild_core::Identity;
use codebuild_core::Session;

pub(crate) use self::account::account_findings;

use crate::command_error::CommandError;
use crate::prebuilt::Recipe;
use crate::script::TargetKind;
use crate::state::StateDirectory;
use crate::ui::Screen;

/// The image that the sample app's Dockerfile compiles in.
const BASE_IMAGE: &str = "rust:1.95-alpine";
/// How long a registry may take to answer.
const REGISTRY_PATIENCE: Duration = Duration::from_secs(10);

/// One thing that was looked at.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Finding {
    /// Such as `Docker Engine`.
    pub(crate) name: &'static str,
    /// How it looks.
    pub(crate) state: FindingState,
    /// What was seen.
    pub(crate) detail: String,
}

/// How a thing looks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum FindingState {
    /// As it should be.
    Ready,
    /// Not ideal; the demo has a way around.
    Detour,
    /// Missing: the demo cannot run.
    Missing,
}

impl Finding {
    pub(crate) fn new(name: &'static str, state: FindingState, detail: impl Into<String>) -> Self {
        Self {
            name,
            state,
            detail: detail.into(),
        }
    }

    /// One paragraph for the terminal.
    pub(crate) fn render(&self, screen: &Screen) -> String {
        let sign = match self.state {
            FindingState::Ready => screen.paint.good("✔"),
            FindingState::Detour => screen.paint.warn("!"),
            FindingState::Missing => screen.paint.bad("✘"),
        };
        let first = format!("  {sign} {:<14} ", self.name);
        crate::ui::wrap(&self.detail, screen.width, &first, &" ".repeat(19))
    }
}

/// Looks at the Docker Engine.
pub(crate) fn engine_finding(engine: Result<&Engine, &str>) -> Finding {
    match engine {
        Ok(engine) => {
            let info = engine.info();
            let rootless = if info.rootless { ", rootless" } else { "" };
            let detail = format!(
                "{} (API {}) on {}, {}, cgroup v{}{rootless}",
                info.version,
                info.api_version,
                info.operating_system,
                info.architecture,
                info.cgroup_version
            );
            Finding::new("Docker Engine", FindingState::Ready, detail)
        }
        Err(why) => Finding::new("Docker Engine", FindingState::Missing, why),
    }
}

/// Looks at the build image.
pub(crate) async fn image_finding(engine: &Engine, image: &str) -> Finding {
    if engine.has_image(image).await.unwrap_or(false) {
        return Finding::new(
            "Build image",
            FindingState::Ready,
            format!("{image} is on the engine"),
        );
    }
    if reaches(engine, image).await {
        let detail = format!("{image} is pulled when the first build starts");
        return Finding::new("Build image", FindingState::Ready, detail);
    }
    if engine.can_stand_in_for(image) {
        let detail = format!(
            "{image} is not on the engine and its registry is out of reach. A stand-in is made from \
             this computer's own Docker programs, under another name."
        );
        return Finding::new("Build image", FindingState::Detour, detail);
    }
    let detail = format!(
        "{image} is not on the engine and its registry is out of reach. Connect to the internet, or \
         load the image with `docker load`."
    );
    Finding::new("Build image", FindingState::Missing, detail)
}

async fn reaches(engine: &Engine, image: &str) -> bool {
    tokio::time::timeout(REGISTRY_PATIENCE, engine.reaches_registry_of(image))
        .await
        .unwrap_or(false)
}

/// Looks at the target's identity, which others of our looks need.
pub(crate) async fn identity_finding(session: &Session) -> (Finding, Option<Identity>) {
    match session.identity().await {
        Ok(identity) => {
            let region = session.region().unwrap_or_else(|| "no region".to_owned());
            let detail = format!(
                "account {}, {region}, as {}",
                identity.account, identity.arn
            );
            let finding = Finding::new("AWS", FindingState::Ready, detail);
            (finding, Some(identity))
        }
        Err(error) => {
            let message = CommandError::from(error).message;
            let finding = Finding::new("AWS", FindingState::Missing, message);
            (finding, None)
        }
    }
}

/// Which Dockerfile the build uses, and what has to be done for it.
#[derive(Clone, Debug)]
pub(crate) enum DockerfilePlan {
    /// `Dockerfile`: the build compiles the app in the base image.
    Compile,
    /// `Dockerfile.prebuilt`: the app is compiled here.
    Prebuilt(Recipe),
}

impl DockerfilePlan {
    /// Decides by whether the base images can be pulled.
    ///
    /// # Errors
    ///
    /// If they cannot, and the app cannot be compiled here either.
    pub(crate) async fn decide(
        kind: TargetKind,
        engine: Option<&Engine>,
    ) -> Result<Self, CommandError> {
        let Some(engine) = engine.filter(|_| kind == TargetKind::Local) else {
            return Ok(Self::Compile);
        };
        if reaches(engine, BASE_IMAGE).await {
            return Ok(Self::Compile);
        }
        Recipe::find(&engine.info().architecture)
            .await
            .map(Self::Prebuilt)
    }

    /// The file's name, the value of the variable.
    pub(crate) const fn file_name(&self) -> &'static str {
        match self {
            Self::Compile => "Dockerfile",
            Self::Prebuilt(_) => "Dockerfile.prebuilt",
        }
    }

    /// What the plan means.
    pub(crate) fn finding(&self) -> Finding {
        match self {
            Self::Compile => Finding::new(
                "Base images",
                FindingState::Ready,
                format!("{BASE_IMAGE} can be pulled; the build compiles the sample app in it"),
            ),
            Self::Prebuilt(recipe) => Finding::new(
                "Base images",
                FindingState::Detour,
                format!(
                    "the registry is out of reach, so the build cannot compile the sample app. It is \
                     compiled here instead ({}) and the build uses Dockerfile.prebuilt.",
                    recipe.command_line()
                ),
            ),
        }
    }

    /// Does what has to be done.
    ///
    /// # Errors
    ///
    /// If the app cannot be compiled.
    pub(crate) async fn carry_out(
        &self,
        root: &Path,
        state: &StateDirectory,
        say: impl FnMut(&str),
    ) -> Result<(), CommandError> {
        match self {
            Self::Compile => Ok(()),
            Self::Prebuilt(recipe) => recipe.compile(root, &state.prebuilt_app(), say).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_doctor_asks_for_the_image_that_the_dockerfile_names() {
        let dockerfile = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Dockerfile");
        let text = std::fs::read_to_string(dockerfile).unwrap();
        assert!(
            text.contains(&format!("FROM {BASE_IMAGE} AS build")),
            "{text}"
        );
    }
}
