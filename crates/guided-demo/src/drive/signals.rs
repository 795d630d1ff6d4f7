//! Ctrl-C and the signals that end a process.

use tokio::sync::mpsc;

use crate::command_error::CommandError;

/// Signals as they come, from the moment this is made.
#[derive(Debug)]
pub(crate) struct Signals {
    receiver: mpsc::Receiver<()>,
}

impl Signals {
    /// Begins to listen: from now on a signal no longer ends the process by itself.
    ///
    /// # Errors
    ///
    /// If the system does not let us listen.
    pub(crate) fn listen() -> Result<Self, CommandError> {
        let (sender, receiver) = mpsc::channel(4);
        spawn_listeners(&sender).map_err(|error| {
            CommandError::prerequisite(format!("cannot listen for Ctrl-C: {error}"))
        })?;
        Ok(Self { receiver })
    }

    /// Waits for the next signal.
    pub(crate) async fn next(&mut self) {
        if self.receiver.recv().await.is_none() {
            // Nobody listens any more: no signal will come.
            std::future::pending::<()>().await;
        }
    }

    /// Waits for `work`; `None` if a signal came first.
    pub(crate) async fn or_interrupt<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.next() => None,
            value = work => Some(value),
        }
    }
}

#[cfg(unix)]
fn spawn_listeners(sender: &mpsc::Sender<()>) -> std::io::Result<()> {
    use tokio::signal::unix::SignalKind;
    use tokio::signal::unix::signal;

    for kind in [
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
    ] {
        let mut signals = signal(kind)?;
        let sender = sender.clone();
        tokio::spawn(async move {
            while signals.recv().await.is_some() {
                if sender.send(()).await.is_err() {
                    break;
                }
            }
        });
    }
    Ok(())
}

#[cfg(not(unix))]
fn spawn_listeners(sender: &mpsc::Sender<()>) -> std::io::Result<()> {
    let sender = sender.clone();
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            if sender.send(()).await.is_err() {
                break;
            }
        }
    });
    Ok(())
}
