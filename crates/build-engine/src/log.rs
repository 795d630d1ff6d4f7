//! The build log: one event a line, in CodeBuild's words.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use jiff::Timestamp;
use regex::Regex;
use tokio::sync::mpsc;

use crate::event::Event;
use crate::event::Phase;
use crate::event::PhaseContext;
use crate::event::PhaseStatus;
use crate::mask::Mask;

/// Takes lines for the build log. Cheap to clone.
#[derive(Clone, Debug)]
pub struct LogSink {
    events: mpsc::Sender<Event>,
    mask: Arc<Mask>,
    watch: Arc<OutputWatch>,
}

/// Looks whether what the commands print matches a regular expression.
#[derive(Debug, Default)]
struct OutputWatch {
    is_on: AtomicBool,
    pattern: Mutex<Option<Regex>>,
}

impl OutputWatch {
    fn see(&self, line: &str) {
        if !self.is_on.load(Ordering::Relaxed) {
            return;
        }
        let pattern = self.pattern.lock().unwrap_or_else(PoisonError::into_inner);
        if pattern.as_ref().is_some_and(|regex| regex.is_match(line)) {
            self.is_on.store(false, Ordering::Relaxed);
        }
    }
}

impl LogSink {
    /// A sink that sends [`Event::Log`]s there.
    #[must_use]
    pub fn new(events: mpsc::Sender<Event>) -> Self {
        Self::masked(events, Mask::default())
    }

    pub(crate) fn masked(events: mpsc::Sender<Event>, mask: Mask) -> Self {
        Self {
            events,
            mask: Arc::new(mask),
            watch: Arc::default(),
        }
    }

    /// Hides one more value from here on.
    pub(crate) fn hide(&self, secret: &str) {
        self.mask.hide(secret);
    }

    /// Begins to look whether a line of what the commands print matches; `None` looks no more.
    pub(crate) fn watch_output(&self, pattern: Option<Regex>) {
        self.watch.is_on.store(pattern.is_some(), Ordering::Relaxed);
        let watched = &self.watch.pattern;
        *watched.lock().unwrap_or_else(PoisonError::into_inner) = pattern;
    }

    /// Whether a line matched since [`LogSink::watch_output`].
    pub(crate) fn output_matched(&self) -> bool {
        !self.watch.is_on.load(Ordering::Relaxed)
    }

    /// Writes a line of the service: it gets CodeBuild's prefix, `[Container] ` and the time in
    /// UTC. Waits while the reader of the events is behind.
    pub async fn line(&self, text: &str) {
        let at = Timestamp::now();
        let stamp = at.strftime("%Y/%m/%d %H:%M:%S.%6f");
        let mut lines = text.lines();
        let first = lines.next().unwrap_or_default();
        self.raw(at, format!("[Container] {stamp} {first}")).await;
        // The rest of a text of several lines, such as a command, follows as it is.
        for line in lines {
            self.raw(at, line.to_owned()).await;
        }
    }

    /// Writes a line that a command printed.
    pub(crate) async fn output(&self, at: Timestamp, line: String) {
        self.watch.see(&line);
        self.raw(at, line).await;
    }

    /// Writes a line as it is.
    pub(crate) async fn raw(&self, at: Timestamp, line: String) {
        let message = self.mask.apply(line);
        // Nobody reads any more: the build is stopped for that reason elsewhere.
        let _ = self.events.send(Event::Log { at, message }).await;
    }

    /// A line without secrets.
    pub(crate) fn masked_line(&self, line: String) -> String {
        self.mask.apply(line)
    }

    /// A context whose message holds no secret.
    pub(crate) fn masked_context(&self, context: PhaseContext) -> PhaseContext {
        PhaseContext {
            message: self.mask.apply(context.message),
            ..context
        }
    }

    /// Ends what a command printed.
    pub(crate) async fn command_complete(&self, shown: &str, status: i32) {
        self.raw(Timestamp::now(), String::new()).await;
        if status != 0 {
            self.line(&format!(
                "Command did not exit successfully {shown} exit status {status}"
            ))
            .await;
        }
    }

    pub(crate) async fn phase_complete(
        &self,
        phase: Phase,
        status: PhaseStatus,
        context: &PhaseContext,
    ) {
        self.line(&format!("Phase complete: {phase} State: {status}"))
            .await;
        self.line(&format!(
            "Phase context status code: {} Message: {}",
            context.status_code, context.message
        ))
        .await;
    }
}
