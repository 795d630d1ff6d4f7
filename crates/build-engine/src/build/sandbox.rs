//! RUN_SANDBOX: the commands that a sandbox is given, one after the other.

use jiff::Timestamp;

use super::Build;
use super::SandboxCommand;
use super::dead;
use crate::conversation::Gone;
use crate::event::Event;
use crate::phase_machine::Outcome;
use crate::runner::CommandRules;

impl Build {
    /// Runs commands until the container is gone or nobody can give any more. Directory and
    /// variables carry over from command to command, as in a build.
    pub(super) async fn run_sandbox(&mut self) -> Outcome {
        loop {
            let (Some(commands), Some(conversation)) = (&mut self.commands, &mut self.conversation)
            else {
                return Outcome::Fault(dead());
            };
            let command = tokio::select! {
                command = commands.recv() => command,
                () = conversation.gone() => return Outcome::Fault(dead()),
            };
            let ran = match command {
                Some(command) => self.sandbox_command(command).await,
                // Its owner holds the other end together with the events: it is being stopped.
                None => return std::future::pending().await,
            };
            if ran.is_err() {
                return Outcome::Fault(dead());
            }
        }
    }

    async fn sandbox_command(&mut self, command: SandboxCommand) -> Result<(), Gone> {
        let SandboxCommand { id, text } = command;
        let at = Timestamp::now();
        let started = Event::CommandStarted { id: id.clone(), at };
        self.emit(started).await;
        let shown = text.trim_end();
        self.log.line(&format!("Running command {shown}")).await;
        let rules = CommandRules {
            shell: "sh",
            carries_over: true,
            user: None,
        };
        let conversation = self.conversation.as_mut().ok_or(Gone)?;
        let result = conversation.run_apart(&text, &rules).await?;
        self.log.command_complete(shown, result.exit_status).await;
        let at = Timestamp::now();
        self.emit(Event::CommandEnded { id, result, at }).await;
        Ok(())
    }
}
