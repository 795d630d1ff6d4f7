//! The talk with the runner in the build container: words in, output and answers out.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bollard::container::LogOutput;
use futures_util::StreamExt;
use jiff::Timestamp;
use tokio::io::AsyncWrite;
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::capture::Capture;
use crate::capture::Stream;
use crate::container::OutputStream;
use crate::event::CommandResult;
use crate::log::LogSink;
use crate::output::Output;
use crate::output::OutputLines;
use crate::runner;
use crate::runner::CommandRules;
use crate::runner::Messages;

/// The container does not listen or answer any more: it died.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Gone;

/// A talk with one runner. Output goes to the log as it comes, whether or not an answer is awaited.
pub(crate) struct Conversation {
    input: Pin<Box<dyn AsyncWrite + Send>>,
    answers: mpsc::Receiver<String>,
    capture: Arc<Capture>,
    reader: JoinHandle<()>,
    messages: Messages,
}

impl Conversation {
    /// Sends the token and waits until the runner is ready.
    pub(crate) async fn begin(
        input: Pin<Box<dyn AsyncWrite + Send>>,
        output: OutputStream,
        log: LogSink,
    ) -> Result<Self, Gone> {
        let token = uuid::Uuid::new_v4().simple().to_string();
        let (answer, answers) = mpsc::channel(4);
        let capture = Arc::new(Capture::default());
        let reader = Reader {
            stdout: OutputLines::new(&token),
            stderr: OutputLines::new(&token),
            capture: Arc::clone(&capture),
            answers: answer,
            log,
        };
        let mut conversation = Self {
            input,
            answers,
            capture,
            reader: tokio::spawn(reader.read(output)),
            messages: Messages::new(&token),
        };
        let first = conversation.messages.token();
        let told = conversation.tell(&first).await;
        let answered = conversation.answer().await;
        match told.and(answered) {
            Ok(_) => Ok(conversation),
            Err(gone) => {
                // What the container said before it died is worth reading.
                conversation.finish(Duration::from_secs(1)).await;
                Err(gone)
            }
        }
    }

    pub(crate) fn messages(&self) -> &Messages {
        &self.messages
    }

    pub(crate) async fn tell(&mut self, message: &str) -> Result<(), Gone> {
        let sent = async {
            self.input.write_all(message.as_bytes()).await?;
            self.input.flush().await
        };
        sent.await.map_err(|_| Gone)
    }

    async fn answer(&mut self) -> Result<String, Gone> {
        self.answers.recv().await.ok_or(Gone)
    }

    /// Runs a command, gives its exit status. Its output is in the log by then.
    pub(crate) async fn run(&mut self, text: &str, rules: &CommandRules) -> Result<i32, Gone> {
        let message = self.messages.command(text, rules);
        self.tell_and_wait(&message).await
    }

    /// Runs a command with its standard error apart from its standard output.
    pub(crate) async fn run_apart(
        &mut self,
        text: &str,
        rules: &CommandRules,
    ) -> Result<CommandResult, Gone> {
        self.capture.begin();
        let message = self.messages.command_apart(text, rules);
        self.tell_and_wait(&message).await?;
        // The other stream's.
        let exit_status = self.exit_status().await?;
        let (stdout, stderr) = self.capture.end();
        Ok(CommandResult {
            exit_status,
            stdout,
            stderr,
        })
    }

    /// Waits until the container is gone.
    pub(crate) async fn gone(&mut self) {
        while self.answers.recv().await.is_some() {}
    }

    /// Has the values of these variables written to files.
    pub(crate) async fn export(&mut self, names: &[String], shell: &str) -> Result<i32, Gone> {
        let message = self.messages.export(names, shell);
        self.tell_and_wait(&message).await
    }

    /// Has the shell evaluate these texts.
    pub(crate) async fn evaluate(&mut self, texts: &[String], shell: &str) -> Result<i32, Gone> {
        let message = self.messages.evaluate(texts, shell);
        self.tell_and_wait(&message).await
    }

    /// Runs a script of the engine's own.
    pub(crate) async fn script(&mut self, script: &str) -> Result<i32, Gone> {
        let message = self.messages.script(script);
        self.tell_and_wait(&message).await
    }

    async fn tell_and_wait(&mut self, message: &str) -> Result<i32, Gone> {
        self.tell(message).await?;
        self.exit_status().await
    }

    async fn exit_status(&mut self) -> Result<i32, Gone> {
        loop {
            if let Some(status) = runner::exit_status(&self.answer().await?) {
                return Ok(status);
            }
        }
    }

    /// Reads the output to its end, but no longer than `patience`.
    pub(crate) async fn finish(mut self, patience: Duration) {
        if tokio::time::timeout(patience, &mut self.reader)
            .await
            .is_err()
        {
            self.reader.abort();
        }
    }
}

/// Reads what comes out of the container.
struct Reader {
    stdout: OutputLines,
    stderr: OutputLines,
    capture: Arc<Capture>,
    answers: mpsc::Sender<String>,
    log: LogSink,
}

impl Reader {
    /// Reads until the container is gone. While the log's reader is behind, nothing is read, and
    /// the engine in turn lets the build's commands wait: the memory stays bounded.
    async fn read(mut self, mut output: OutputStream) {
        let mut found = Vec::new();
        while let Some(Ok(chunk)) = output.next().await {
            let (stream, lines) = match chunk {
                LogOutput::StdErr { .. } => (Stream::Stderr, &mut self.stderr),
                _ => (Stream::Stdout, &mut self.stdout),
            };
            lines.push(chunk.as_ref(), &mut found);
            self.deliver(stream, &mut found).await;
        }
        self.stdout.finish(&mut found);
        self.stderr.finish(&mut found);
        self.deliver(Stream::Stdout, &mut found).await;
    }

    async fn deliver(&self, stream: Stream, found: &mut Vec<Output>) {
        let now = Timestamp::now();
        for output in found.drain(..) {
            self.capture.see(stream, &output, &self.log);
            match output {
                Output::Line(line) | Output::Rest(line) => self.log.output(now, line).await,
                Output::Marker(words) => {
                    // Nobody waits for it after the build was broken off.
                    let _ = self.answers.send(words).await;
                }
            }
        }
    }
}
