//! Artifacts that the local AWS cannot upload are never reported as uploaded.

use build_engine::Event;
use build_engine::Phase;
use build_engine::PhaseContext;
use build_engine::PhaseStatus;

use crate::codebuild::StoredBuild;

/// Turns the success of UPLOAD_ARTIFACTS into the failure that it is.
#[derive(Debug)]
pub(super) struct MissingUploads {
    /// `None`: there is nothing to upload.
    context: Option<PhaseContext>,
    /// The log line with the phase's context follows the one with its state.
    in_context_line: bool,
}

impl MissingUploads {
    pub(super) fn of(stored: &StoredBuild) -> Self {
        let context = std::iter::once(&stored.artifacts)
            .chain(&stored.secondary_artifacts)
            .find(|artifacts| artifacts.r#type != "NO_ARTIFACTS")
            .map(|artifacts| PhaseContext {
                status_code: "CLIENT_ERROR".to_owned(),
                message: format!(
                    "The artifacts were not uploaded: the local AWS has no S3 yet, and the project's \
                     artifacts type is {}. Set it to NO_ARTIFACTS, or run this project on AWS.",
                    artifacts.r#type
                ),
            });
        Self {
            context,
            in_context_line: false,
        }
    }

    /// What really happened when the engine says `event`.
    pub(super) fn correct(&mut self, event: &mut Event) {
        let Some(missing) = &self.context else { return };
        match event {
            Event::PhaseEnded {
                phase: Phase::UploadArtifacts,
                status: status @ PhaseStatus::Succeeded,
                context,
                ..
            } => {
                *status = PhaseStatus::Failed;
                *context = missing.clone();
            }
            Event::Finished {
                status: status @ PhaseStatus::Succeeded,
                ..
            } => *status = PhaseStatus::Failed,
            Event::Log { message, .. } => {
                if let Some(head) =
                    message.strip_suffix("Phase complete: UPLOAD_ARTIFACTS State: SUCCEEDED")
                {
                    *message = format!("{head}Phase complete: UPLOAD_ARTIFACTS State: FAILED");
                    self.in_context_line = true;
                } else if self.in_context_line {
                    self.in_context_line = false;
                    if let Some((head, _)) = message.split_once("Phase context status code:") {
                        *message = format!(
                            "{head}Phase context status code: {} Message: {}",
                            missing.status_code, missing.message
                        );
                    }
                }
            }
            _ => {}
        }
    }
}
