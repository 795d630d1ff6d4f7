//! Ctrl-C and the signals that end a process.

use tokio::sync::mpsc;

use crate::command_error::CommandError;

/// Signals as they come, from the moment this is made.
#[derive(Debug)]
pub(crate) struct Signals {
    receiver: mpsc::Receiver<Signal>,
}

/// What the system or the person wants.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(not(unix), allow(dead_code, reason = "only Unix has the others"))]
enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// The process has to end.
    End,
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

    /// Waits for a signal that ends the process, and forgets every Ctrl-C: it was for somebody else.
    pub(crate) async fn end(&mut self) {
        loop {
            match self.receiver.recv().await {
                Some(Signal::Interrupt) => {}
                Some(Signal::End) => return,
                None => std::future::pending().await,
            }
        }
    }

    /// Forgets each Ctrl-C up to now.
    pub(crate) fn forget(&mut self) {
        while let Ok(Signal::Interrupt) = self.receiver.try_recv() {}
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
fn spawn_listeners(sender: &mpsc::Sender<Signal>) -> std::io::Result<()> {
    use tokio::signal::unix::SignalKind;
    use tokio::signal::unix::signal;

    for (kind, meaning) in [
        (SignalKind::interrupt(), Signal::Interrupt),
        (SignalKind::terminate(), Signal::End),
        (SignalKind::hangup(), Signal::End),
    ] {
        let mut signals = signal(kind)?;
        let sender = sender.clone();
        tokio::spawn(async move {
            while signals.recv().await.is_some() {
                if sender.send(meaning).await.is_err() {
                    break;
                }
            }
        });
    }
    Ok(())
}

#[cfg(not(unix))]
fn spawn_listeners(sender: &mpsc::Sender<Signal>) -> std::io::Result<()> {
    let sender = sender.clone();
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            if sender.send(Signal::Interrupt).await.is_err() {
                break;
            }
        }
    });
    Ok(())
}
