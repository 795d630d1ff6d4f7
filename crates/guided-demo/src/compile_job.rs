//! The sample app being compiled while the walk goes on.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::Mutex;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::command_error::CommandError;
use crate::doctor::DockerfilePlan;
use crate::state::StateDirectory;

/// Carries out a [`DockerfilePlan`]. Dropping it ends the compiler with the runtime.
#[derive(Debug)]
pub(crate) struct CompileJob {
    plan: DockerfilePlan,
    root: PathBuf,
    state: StateDirectory,
    task: Arc<Mutex<Option<Compiler>>>,
}

#[derive(Debug)]
struct Compiler {
    /// The last line that cargo has printed.
    said: watch::Receiver<String>,
    handle: JoinHandle<Result<(), CommandError>>,
}

impl CompileJob {
    /// A job that has not begun.
    pub(crate) fn new(plan: DockerfilePlan, root: &Path, state: &StateDirectory) -> Self {
        Self {
            plan,
            root: root.to_owned(),
            state: state.clone(),
            task: Arc::default(),
        }
    }

    /// Begins in the background.
    pub(crate) fn begin(&self) {
        if let Ok(mut task) = self.task.try_lock() {
            *task = Some(self.spawn());
        }
    }

    /// Waits for the end, and begins before if nobody has. What cargo prints from now on goes to
    /// `say`. After an error, another call tries again.
    ///
    /// # Errors
    ///
    /// If the app cannot be compiled.
    pub(crate) async fn finish(&self, mut say: impl FnMut(&str)) -> Result<(), CommandError> {
        let mut task = self.task.lock().await;
        let compiler = task.get_or_insert_with(|| self.spawn());
        while compiler.said.changed().await.is_ok() {
            say(compiler.said.borrow_and_update().trim());
        }
        let result = (&mut compiler.handle).await;
        *task = None;
        result.unwrap_or_else(|error| {
            Err(CommandError::step(format!(
                "the compiler of the sample app was lost: {error}"
            )))
        })
    }

    fn spawn(&self) -> Compiler {
        let (plan, root, state) = (self.plan.clone(), self.root.clone(), self.state.clone());
        let (sender, said) = watch::channel(String::new());
        let handle = tokio::spawn(async move {
            let say = |line: &str| {
                sender.send_replace(line.to_owned());
            };
            plan.carry_out(&root, &state, say).await
        });
        Compiler { said, handle }
    }
}
