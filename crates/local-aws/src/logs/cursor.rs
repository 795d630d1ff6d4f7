//! One stream's events in order of time, out of all its files.

use std::io;

use super::LogFiles;
use super::files::LiveSpan;
use super::no_group;
use super::no_stream;
use super::record;
use super::record::Stream;
use super::segment::LogEvent;
use super::segment::Position;
use super::segment::SegmentReader;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;

/// How often a stream is opened again whose files were rewritten meanwhile.
const ATTEMPTS: usize = 5;

/// A place in a stream from which events are read forwards or backwards.
#[derive(Debug)]
pub(super) struct StreamCursor {
    runs: Vec<RunCursor>,
}

#[derive(Debug)]
struct RunCursor {
    reader: SegmentReader,
    offset: u64,
    /// The event after the place, or before it, if it was looked at.
    next: Option<LogEvent>,
    previous: Option<LogEvent>,
}

impl StreamCursor {
    /// Opens a stream at its start.
    ///
    /// # Errors
    ///
    /// `NotFound` if a file that the record names has gone since it was read.
    pub(super) fn open(
        files: &LogFiles,
        stream: &Stream,
        live: Option<&LiveSpan>,
    ) -> io::Result<Self> {
        let mut readers = Vec::with_capacity(1 + stream.put.len());
        let live = live.filter(|live| live.file == stream.file);
        let built = stream.built.or(live.map(|live| live.span));
        if let Some(span) = built.filter(|span| span.length > 0) {
            readers.push(files.open_built(&stream.file, span)?);
        }
        for run in &stream.put {
            readers.push(files.open_run(&stream.file, run)?);
        }
        let cursor = |reader| RunCursor {
            reader,
            offset: 0,
            next: None,
            previous: None,
        };
        Ok(Self {
            runs: readers.into_iter().map(cursor).collect(),
        })
    }

    /// Goes to a position.
    pub(super) fn seek(&mut self, position: Position) -> io::Result<()> {
        for run in &mut self.runs {
            run.offset = run.reader.seek(position)?;
            (run.next, run.previous) = (None, None);
        }
        Ok(())
    }

    /// Goes behind the last event.
    pub(super) fn seek_end(&mut self) {
        for run in &mut self.runs {
            run.offset = run.reader.end();
            (run.next, run.previous) = (None, None);
        }
    }

    /// The next event, without going past it.
    pub(super) fn peek(&mut self) -> io::Result<Option<&LogEvent>> {
        let Some(first) = self.first()? else {
            return Ok(None);
        };
        Ok(self.runs.get(first).and_then(|run| run.next.as_ref()))
    }

    /// The next event.
    pub(super) fn next(&mut self) -> io::Result<Option<LogEvent>> {
        let Some(first) = self.first()? else {
            return Ok(None);
        };
        let Some(run) = self.runs.get_mut(first) else {
            return Ok(None);
        };
        let event = run.next.take();
        if let Some(event) = &event {
            run.offset = event.end;
            run.previous = None;
        }
        Ok(event)
    }

    /// The event before the place, which is before that event then.
    pub(super) fn previous(&mut self) -> io::Result<Option<LogEvent>> {
        let mut last: Option<(Position, usize)> = None;
        for (index, run) in self.runs.iter_mut().enumerate() {
            if run.previous.is_none() {
                run.previous = run.reader.before(run.offset)?;
            }
            if let Some(event) = &run.previous {
                last = last.max(Some((event.position(), index)));
            }
        }
        let Some(run) = last.and_then(|(_, index)| self.runs.get_mut(index)) else {
            return Ok(None);
        };
        let event = run.previous.take();
        if let Some(event) = &event {
            run.offset = event.offset;
            run.next = None;
        }
        Ok(event)
    }

    /// Which file has the next event.
    fn first(&mut self) -> io::Result<Option<usize>> {
        let mut first: Option<(Position, usize)> = None;
        for (index, run) in self.runs.iter_mut().enumerate() {
            if run.next.is_none() {
                run.next = run.reader.at(run.offset)?;
            }
            if let Some(event) = &run.next {
                let place = (event.position(), index);
                first = Some(first.map_or(place, |first| first.min(place)));
            }
        }
        Ok(first.map(|(_, index)| index))
    }
}

/// An open stream.
pub(super) struct OpenStream {
    pub(super) cursor: StreamCursor,
    pub(super) record: Stream,
    /// Events before this time have expired.
    pub(super) expires_before: i64,
}

/// Opens a stream at its start.
pub(super) fn open(services: &Services, group: &str, name: &str) -> Result<OpenStream, AwsError> {
    let files = &services.log_files;
    let mut attempt = 0;
    loop {
        let live = files.live_in(group).remove(name);
        let (record, expires_before) = services.store.read(|transaction| {
            let Some(of) = record::group(transaction, group)? else {
                return Err(no_group().into());
            };
            let streams = transaction.open_table(store::LOG_STREAMS)?;
            let stream = record::stream(&streams, group, name)?;
            Ok((stream.ok_or_else(no_stream)?, of.expires_before()))
        })?;
        attempt += 1;
        match StreamCursor::open(files, &record, live.as_ref()) {
            Ok(cursor) => {
                return Ok(OpenStream {
                    cursor,
                    record,
                    expires_before,
                });
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound && attempt < ATTEMPTS => {}
            Err(error) => return Err(AwsError::storage(error)),
        }
    }
}
