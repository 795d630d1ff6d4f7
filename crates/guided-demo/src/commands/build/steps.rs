//! `--step`: the build asks before each command, and `--shell-on-failure`: it asks after one that
//! failed.

use std::process::Command;

use build_engine::AfterFailure;
use build_engine::Before;
use build_engine::CommandAt;
use build_engine::Decision;
use build_engine::Stepper;
use tokio::sync::mpsc;
use tokio::sync::oneshot;

use crate::ui::Answer;
use crate::ui::Ui;
use crate::ui::choose;

/// Passes the engine's questions on to whoever has the terminal, so that what the build has printed
/// by then is shown before the question.
#[derive(Debug)]
pub(super) struct Steps {
    questions: mpsc::Sender<Question>,
}

/// A question that waits for its answer.
#[derive(Debug)]
pub(super) enum Question {
    /// Before a command.
    Before(CommandAt, oneshot::Sender<Before>),
    /// After a command failed with this exit status.
    AfterFailure(CommandAt, i32, oneshot::Sender<AfterFailure>),
}

/// Asks the person at the terminal.
#[derive(Debug)]
pub(super) struct Asker {
    ui: Ui,
    /// Whether to ask before each command; otherwise only after one that failed.
    each: bool,
    skipped: usize,
    ignored: usize,
    engine_host: Option<String>,
    questions: mpsc::Receiver<Question>,
}

/// Both ends of the questions.
pub(super) fn steps(ui: &Ui, each: bool, engine_host: Option<String>) -> (Steps, Asker) {
    let (sender, questions) = mpsc::channel(1);
    let asker = Asker {
        ui: ui.clone(),
        each,
        skipped: 0,
        ignored: 0,
        engine_host,
        questions,
    };
    (Steps { questions: sender }, asker)
}

impl Asker {
    /// Waits for the next question.
    pub(super) async fn next(&mut self) -> Question {
        match self.questions.recv().await {
            Some(question) => question,
            // The build is over: no more will come.
            None => std::future::pending().await,
        }
    }

    /// Asks the person. Blocks.
    pub(super) fn ask(&mut self, question: Question) {
        // Nobody waits for an answer after the build was stopped.
        match question {
            Question::Before(command, reply) => {
                let _ = reply.send(self.before(&command));
            }
            Question::AfterFailure(command, status, reply) => {
                let _ = reply.send(self.after_failure(&command, status));
            }
        }
    }

    /// Says what was left out: the result is not that of the whole buildspec then.
    pub(super) fn changed(&self) -> Option<String> {
        (self.skipped + self.ignored > 0).then(|| {
            format!(
                "Commands that you skipped: {}. Failures that you ignored: {}. This is not the result of the whole buildspec.",
                self.skipped, self.ignored
            )
        })
    }

    fn choose(&self, prompt: &str, items: &[&str]) -> Option<usize> {
        let items: Vec<String> = items.iter().map(|item| (*item).to_owned()).collect();
        match choose(prompt, &items, 0) {
            Answer::Given(choice) => choice,
            Answer::Interrupted | Answer::Gone => None,
        }
    }

    /// A shell in the container, in the build's directory and with its variables.
    fn shell(&self, container: &str) {
        const ENTER: &str = "cd \"$(cat /codebuild/output/tmp/dir.txt)\"; set -a; . /codebuild/output/tmp/env.sh; set +a; exec sh -i";
        self.ui
            .line("A shell in the build container. `exit` comes back to the build.");
        let mut docker = Command::new("docker");
        if let Some(host) = &self.engine_host {
            docker.args(["--host", host]);
        }
        let status = docker
            .args(["exec", "-it", container, "sh", "-c", ENTER])
            .status();
        if let Err(error) = status {
            self.ui.warning(&format!(
                "no shell: the program `docker` cannot be run here ({error}). Where it can: docker exec -it {container} sh"
            ));
        }
    }

    fn before(&mut self, command: &CommandAt) -> Before {
        while self.each {
            let prompt = format!("{}: {}", place(command), shown(&command.text));
            let items = [
                "Run it",
                "Skip it",
                "Open a shell first",
                "Run all the rest",
            ];
            match self.choose(&prompt, &items) {
                Some(0) | None => return Before::Run,
                Some(1) => {
                    self.skipped += 1;
                    return Before::Skip;
                }
                Some(2) => self.shell(&command.container),
                Some(_) => self.each = false,
            }
        }
        Before::Run
    }

    fn after_failure(&mut self, command: &CommandAt, status: i32) -> AfterFailure {
        loop {
            let prompt = format!(
                "{}: exit status {status} of {}",
                place(command),
                shown(&command.text)
            );
            let items = [
                "Let the phase fail",
                "Run the command again",
                "Open a shell in the container",
                "Go on as if it had succeeded",
            ];
            match self.choose(&prompt, &items) {
                Some(0) | None => return AfterFailure::Fail,
                Some(1) => return AfterFailure::Retry,
                Some(2) => self.shell(&command.container),
                Some(_) => {
                    self.ignored += 1;
                    return AfterFailure::Ignore;
                }
            }
        }
    }
}

impl Stepper for Steps {
    fn before<'a>(&'a self, command: &'a CommandAt) -> Decision<'a, Before> {
        Box::pin(async move {
            let (reply, answer) = oneshot::channel();
            let question = Question::Before(command.clone(), reply);
            // Without anybody to ask, the build goes on.
            let _ = self.questions.send(question).await;
            answer.await.unwrap_or(Before::Run)
        })
    }

    fn after_failure<'a>(
        &'a self,
        command: &'a CommandAt,
        status: i32,
    ) -> Decision<'a, AfterFailure> {
        Box::pin(async move {
            let (reply, answer) = oneshot::channel();
            let question = Question::AfterFailure(command.clone(), status, reply);
            let _ = self.questions.send(question).await;
            answer.await.unwrap_or(AfterFailure::Fail)
        })
    }
}

fn place(command: &CommandAt) -> String {
    let block = if command.in_finally { " finally" } else { "" };
    format!("{}{block} {}", command.phase, command.index + 1)
}

/// The first line of a command.
fn shown(text: &str) -> String {
    let mut lines = text.trim().lines();
    let first = lines.next().unwrap_or_default();
    match lines.next() {
        Some(_) => format!("{first} …"),
        None => first.to_owned(),
    }
}
