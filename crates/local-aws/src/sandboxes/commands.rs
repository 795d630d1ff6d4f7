//! The commands of one sandbox: from the store to the build engine, one by one, and back.

use build_engine::CommandResult;

use crate::codebuild;
use crate::codebuild::CommandExecution;
use crate::runner::StartedSandbox;
use crate::store::Store;
use crate::timestamp::EpochSeconds;

/// Which command runs now.
#[derive(Debug)]
pub(super) struct Commands {
    store: Store,
    sandbox: String,
    /// The number of the last command that the engine was given.
    last: u64,
    current: Option<CommandExecution>,
}

impl Commands {
    pub(super) fn new(store: &Store, sandbox: &str) -> Self {
        Self {
            store: store.clone(),
            sandbox: sandbox.to_owned(),
            last: 0,
            current: None,
        }
    }

    /// Whether the next command may be given.
    pub(super) const fn is_idle(&self) -> bool {
        self.current.is_none()
    }

    /// Gives the engine the next command if there is one and none runs.
    pub(super) fn give_next(&mut self, to: &dyn StartedSandbox) {
        if !self.is_idle() {
            return;
        }
        match codebuild::next_command(&self.store, &self.sandbox, self.last) {
            Ok(Some((number, execution))) => {
                to.run(&execution.id, &execution.command);
                self.last = number;
                self.current = Some(execution);
            }
            Ok(None) => {}
            Err(error) => self.report(&error),
        }
    }

    /// The command at hand has begun.
    pub(super) async fn started(&mut self, at: EpochSeconds) {
        if let Some(execution) = &mut self.current {
            execution.status = "IN_PROGRESS".to_owned();
            execution.start_time = Some(at);
            let execution = execution.clone();
            self.save(execution).await;
        }
    }

    /// The command at hand is over. Its output is in the log by now.
    pub(super) async fn ended(&mut self, result: CommandResult, at: EpochSeconds) {
        let Some(mut execution) = self.current.take() else {
            return;
        };
        let status = match result.exit_status {
            0 => "SUCCEEDED",
            _ => "FAILED",
        };
        let content = |text: String| Some(text).filter(|text| !text.is_empty());
        execution.status = status.to_owned();
        execution.end_time = Some(at);
        execution.exit_code = Some(result.exit_status.to_string());
        execution.standard_output_content = content(result.stdout);
        execution.standard_err_content = content(result.stderr);
        self.save(execution).await;
    }

    async fn save(&self, execution: CommandExecution) {
        let (sandbox, number) = (self.sandbox.clone(), self.last);
        let saved = self.store.write(move |transaction| {
            codebuild::save_command(transaction, &sandbox, number, &execution)
        });
        if let Err(error) = saved.await {
            self.report(&error);
        }
    }

    fn report(&self, error: &crate::error::AwsError) {
        let sandbox = &self.sandbox;
        tracing::error!(sandbox, %error, "a command's record could not be read or stored");
    }
}
