//! A way on when a step fails in front of a room: the rest of it is played from the recording.

use codebuild_core::Session;

use super::Driver;
use crate::command_error::CommandError;
use crate::script::TargetKind;
use crate::target;
use crate::target::Opened;
use crate::target::TargetChoice;
use crate::target::TargetOptions;
use crate::walk::Event;

/// The recording, while it stands in for the target.
pub(super) struct Fallback {
    opened: Opened,
    /// The step that it is for.
    step: usize,
    /// The label of the screens before.
    label: Option<String>,
}

impl Driver {
    /// Opens the recording for the current step.
    pub(super) async fn fall_back(&mut self) -> Event {
        let refused = Event::FellBack { ready: false };
        if self.is_replaying() {
            self.say("This is the recording already.");
            self.ui.line("");
            return refused;
        }
        let recording = self.repository.recording(&self.script.path);
        let options = TargetOptions {
            choice: TargetChoice::Replay,
            ..self.options.clone()
        };
        let opening = target::open(&options, Vec::new(), Some(recording.clone()));
        let opened = match self.signals.or_interrupt(opening).await {
            None => return Event::Interrupted,
            Some(Ok(opened)) => opened,
            Some(Err(error)) => {
                self.ui.error(&error);
                return refused;
            }
        };
        let label = self.ui.screen().label;
        self.ui = self.ui.labelled(Some(
            "RECORDING: the rest of this step does not run".to_owned(),
        ));
        let (step, _) = self.walk.position();
        self.fallback = Some(Fallback {
            opened,
            step,
            label,
        });
        let screen = self.ui.screen();
        if let Some(label) = &screen.label {
            self.ui.out(&screen.label_line(label));
        }
        Event::FellBack { ready: true }
    }

    /// Another step is shown: the target is called again.
    pub(super) fn end_fallback(&mut self, step: usize) {
        if let Some(fallback) = self.fallback.take_if(|fallback| fallback.step != step) {
            self.ui = self.ui.labelled(fallback.label);
        }
    }

    /// Whether nothing that is called now happens.
    pub(super) fn is_replaying(&self) -> bool {
        self.kind == TargetKind::Replay || self.fallback.is_some()
    }

    /// Where calls go now. `None` if a signal came before that was open.
    pub(super) async fn session(&mut self) -> Result<Option<Session>, CommandError> {
        if let Some(fallback) = &self.fallback {
            return Ok(Some(fallback.opened.session.clone()));
        }
        Ok(self.opened().await?.map(|opened| opened.session.clone()))
    }
}
