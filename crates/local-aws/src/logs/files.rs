//! The files of all streams, and which of them builds are writing.

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use super::record::Run;
use super::record::Span;
use super::record::Stream;
use super::segment;
use super::segment::Layout;
use super::segment::SegmentReader;
use super::segment::SegmentWriter;
use super::tails::Tails;

/// The group and the stream that a build writes to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Place {
    pub(crate) group: String,
    pub(crate) stream: String,
}

/// The files of all streams.
#[derive(Clone, Debug)]
pub(crate) struct LogFiles {
    directory: PathBuf,
    /// What builds are writing, by the names of the files.
    live: Arc<Mutex<HashMap<String, Live>>>,
    /// Who wants to hear of new events.
    pub(super) tails: Tails,
}

#[derive(Clone, Debug)]
struct Live {
    /// `None`: the log goes to S3 only.
    place: Option<Place>,
    written: Arc<Mutex<Span>>,
}

/// What a running build has written so far to a stream.
#[derive(Clone, Debug)]
pub(super) struct LiveSpan {
    pub(super) file: String,
    pub(super) span: Span,
}

impl LogFiles {
    pub(crate) fn new(directory: PathBuf) -> io::Result<Self> {
        std::fs::create_dir_all(&directory)?;
        Ok(Self {
            directory,
            live: Arc::default(),
            tails: Tails::default(),
        })
    }

    /// Begins to write a build's log.
    pub(crate) fn write(&self, file: &str, place: Option<Place>) -> io::Result<StreamWriter> {
        let segment = SegmentWriter::open(&self.built(file))?;
        let live = Live {
            place: place.clone(),
            written: segment.written(),
        };
        self.live().insert(file.to_owned(), live);
        Ok(StreamWriter {
            segment,
            place,
            tails: self.tails.clone(),
        })
    }

    /// All that a build has written to its log.
    pub(crate) fn read(&self, file: &str) -> io::Result<SegmentReader> {
        SegmentReader::open(&self.built(file), Layout::Built, u64::MAX)
    }

    /// The file of a build's log.
    pub(super) fn built(&self, file: &str) -> PathBuf {
        self.directory.join(format!("{file}.log"))
    }

    /// The file of a run.
    pub(super) fn put(&self, file: &str, number: u64) -> PathBuf {
        self.directory.join(format!("{file}-{number}.log"))
    }

    /// All files that there are.
    pub(super) fn list(&self) -> io::Result<Vec<PathBuf>> {
        let entries = std::fs::read_dir(&self.directory)?;
        entries.map(|entry| Ok(entry?.path())).collect()
    }

    /// Where a stream's files are.
    pub(super) fn of(&self, stream: &Stream) -> Vec<PathBuf> {
        let runs = stream
            .put
            .iter()
            .map(|run| self.put(&stream.file, run.number));
        let built = stream.built.map(|_| self.built(&stream.file));
        runs.chain(built).collect()
    }

    /// Removes files and their indexes. What cannot be removed now goes at the next start.
    pub(super) fn remove(&self, paths: &[PathBuf]) {
        for path in paths {
            for path in [path, &path.with_extension("idx")] {
                match std::fs::remove_file(path) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => {
                        tracing::warn!(path = %path.display(), %error, "a log file is still there");
                    }
                    _ => {}
                }
            }
        }
    }

    /// Opens a run.
    pub(super) fn open_run(&self, file: &str, run: &Run) -> io::Result<SegmentReader> {
        SegmentReader::open(&self.put(file, run.number), Layout::Put, run.span.length)
    }

    /// Opens what a build has written.
    pub(super) fn open_built(&self, file: &str, span: Span) -> io::Result<SegmentReader> {
        SegmentReader::open(&self.built(file), Layout::Built, span.length)
    }

    /// What running builds have written so far to streams of a group. Ask before reading the
    /// streams' records: the record of a build's log is complete before it disappears from here.
    pub(super) fn live_in(&self, group: &str) -> HashMap<String, LiveSpan> {
        let live = self.live();
        let of_group = live.iter().filter_map(|(file, live)| {
            let place = live.place.as_ref().filter(|place| place.group == group)?;
            let span = LiveSpan {
                file: file.clone(),
                span: live.span(),
            };
            Some((place.stream.clone(), span))
        });
        of_group.collect()
    }

    /// What a running build has written so far to its log.
    pub(super) fn live_span(&self, file: &str) -> Option<Span> {
        self.live().get(file).map(Live::span)
    }

    /// Whether a build is writing the file.
    pub(super) fn is_live(&self, file: &str) -> bool {
        self.live().contains_key(file)
    }

    /// A build's log is complete, and its record says so.
    pub(super) fn finish(&self, file: &str) {
        self.live().remove(file);
    }

    /// Cuts off a half-written event that a killed process left. Returns what is left.
    pub(super) fn repair(&self, file: &str) -> io::Result<Option<Span>> {
        segment::repair(&self.built(file))
    }

    fn live(&self) -> MutexGuard<'_, HashMap<String, Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Live {
    fn span(&self) -> Span {
        *self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes a build's log.
#[derive(Debug)]
pub(crate) struct StreamWriter {
    segment: SegmentWriter,
    place: Option<Place>,
    tails: Tails,
}

impl StreamWriter {
    /// Takes one line, without its newline. It can be read after the next [`Self::flush`].
    pub(crate) fn push(&mut self, time: i64, line: &str) {
        self.segment.push(time, line);
    }

    /// How many bytes wait for the next flush.
    pub(crate) const fn pending(&self) -> usize {
        self.segment.pending()
    }

    /// Hands everything to the kernel: from here on it survives the end of this process, and
    /// readers see it.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        let wanted = self.place.as_ref().filter(|place| self.tails.want(place));
        let events = wanted.map(|_| self.segment.pending_events());
        self.segment.flush()?;
        if let (Some(place), Some(events)) = (wanted, events) {
            let events = events.iter();
            let events = events.map(|(time, message)| (*time, *time, message.as_str()));
            self.tails
                .publish(place, events.collect::<Vec<_>>().as_slice());
        }
        Ok(())
    }
}
