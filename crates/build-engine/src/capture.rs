//! Keeps what a command prints, each stream by itself, beside the log.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use crate::event::CommandResult;
use crate::log::LogSink;
use crate::output::Output;

/// One of the two that a command writes to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Stream {
    Stdout,
    Stderr,
}

/// The beginning of what the command at hand prints.
#[derive(Debug, Default)]
pub(crate) struct Capture {
    is_on: AtomicBool,
    contents: Mutex<(Content, Content)>,
}

#[derive(Debug, Default)]
struct Content {
    text: String,
    characters: usize,
    /// Whether the command is over as far as this stream tells.
    is_over: bool,
}

impl Content {
    fn add(&mut self, text: &str) {
        let room = CommandResult::LONGEST_CONTENT.saturating_sub(self.characters);
        let end = text
            .char_indices()
            .nth(room)
            .map_or(text.len(), |(at, _)| at);
        let kept = text.get(..end).unwrap_or_default();
        self.characters += kept.chars().count();
        self.text.push_str(kept);
    }

    fn see(&mut self, output: &Output, log: &LogSink) {
        // What a background process prints later belongs to no command.
        if self.is_over {
            return;
        }
        match output {
            Output::Line(line) => {
                self.add(&log.masked_line(line.clone()));
                self.add("\n");
            }
            Output::Rest(line) => self.add(&log.masked_line(line.clone())),
            Output::Marker(_) => self.is_over = true,
        }
    }
}

impl Capture {
    /// Begins with a command. It must be called before the command is sent.
    pub(crate) fn begin(&self) {
        *self.contents() = Default::default();
        self.is_on.store(true, Ordering::Release);
    }

    /// What the command has printed: standard output, standard error.
    pub(crate) fn end(&self) -> (String, String) {
        self.is_on.store(false, Ordering::Release);
        let (stdout, stderr) = std::mem::take(&mut *self.contents());
        (stdout.text, stderr.text)
    }

    /// Takes what was printed. Builds capture nothing: for them this costs next to nothing.
    pub(crate) fn see(&self, stream: Stream, output: &Output, log: &LogSink) {
        if !self.is_on.load(Ordering::Acquire) {
            return;
        }
        let mut contents = self.contents();
        match stream {
            Stream::Stdout => contents.0.see(output, log),
            Stream::Stderr => contents.1.see(output, log),
        }
    }

    fn contents(&self) -> std::sync::MutexGuard<'_, (Content, Content)> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stream_is_kept_exactly_up_to_its_marker_and_its_limit() {
        let (events, _reader) = tokio::sync::mpsc::channel(1);
        let log = LogSink::new(events);
        let capture = Capture::default();
        let line = |text: &str| Output::Line(text.to_owned());
        let marker = Output::Marker("exit 0".to_owned());
        capture.see(Stream::Stdout, &line("before"), &log);
        capture.begin();
        capture.see(Stream::Stdout, &line("one"), &log);
        capture.see(Stream::Stdout, &Output::Rest("two".to_owned()), &log);
        capture.see(Stream::Stdout, &marker, &log);
        capture.see(Stream::Stdout, &line("of a background process"), &log);
        let long = "\u{e9}".repeat(CommandResult::LONGEST_CONTENT - 1);
        capture.see(Stream::Stderr, &line(&long), &log);
        capture.see(Stream::Stderr, &line("more"), &log);
        let (stdout, stderr) = capture.end();
        assert_eq!(stdout, "one\ntwo");
        assert!(stderr == format!("{long}\n"), "not cut at the limit");
    }
}
