//! A tar archive that is written while the engine reads it, so that it is never whole in memory.

use std::io;
use std::io::Write;

use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream;
use tokio::sync::mpsc;

/// Bytes that are sent at once.
const CHUNK: usize = 128 * 1024;
/// Chunks that wait for the engine.
const WAITING_CHUNKS: usize = 8;

type Chunk = Result<Bytes, io::Error>;

/// The bytes that `write` writes, on a thread of its own, as they are asked for. An error of
/// `write` ends the stream with that error.
pub(crate) fn stream_of<F>(write: F) -> impl Stream<Item = Chunk> + Send + 'static
where
    F: FnOnce(&mut dyn Write) -> io::Result<()> + Send + 'static,
{
    let (chunks, mut receiver) = mpsc::channel::<Chunk>(WAITING_CHUNKS);
    tokio::task::spawn_blocking(move || {
        let mut writer = ChunkWriter {
            chunks,
            pending: Vec::with_capacity(CHUNK),
        };
        let result = write(&mut writer).and_then(|()| writer.flush());
        if let Err(error) = result {
            // Fails only if the reader is gone: then nobody needs the error.
            let _ = writer.chunks.blocking_send(Err(error));
        }
    });
    stream::poll_fn(move |context| receiver.poll_recv(context))
}

struct ChunkWriter {
    chunks: mpsc::Sender<Chunk>,
    pending: Vec<u8>,
}

impl Write for ChunkWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.pending.extend_from_slice(bytes);
        if self.pending.len() >= CHUNK {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let chunk = std::mem::replace(&mut self.pending, Vec::with_capacity(CHUNK));
        self.chunks
            .blocking_send(Ok(Bytes::from(chunk)))
            .map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))
    }
}
