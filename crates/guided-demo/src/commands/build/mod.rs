//! `guided-demo build`: one build of a buildspec, here and now, without a project or a service.

mod caches;
mod request;
mod results;
mod source;
mod steps;

pub(super) use caches::BuildCaches;

use build_engine::BuildStatus;
use build_engine::Engine;
use build_engine::Event;
use build_engine::Phase;
use build_engine::PhaseStatus;
use serde_json::Value;
use serde_json::json;

use self::steps::Asker;
use crate::cli::BuildArgs;
use crate::command_error::CommandError;
use crate::drive::Signals;
use crate::drive::explain_failure;
use crate::exit_code::ExitCode;
use crate::ui::Ui;

/// How many lines of the log are kept for the explanation of a failure.
const KEPT_LINES: usize = 20_000;

/// What is known of a build when it is over.
struct Ended {
    status: BuildStatus,
    phases: Vec<Value>,
    log: Vec<String>,
    exported: Vec<(String, String)>,
    stopped: bool,
}

/// Runs the build, shows its log, says how it ended.
pub(crate) async fn build(ui: &Ui, args: BuildArgs) -> Result<ExitCode, CommandError> {
    let mut signals = Signals::listen()?;
    let engine = Engine::connect(args.engine_host.as_deref())
        .await
        .map_err(|error| CommandError::prerequisite(error.to_string()))?;
    let (request, mut asker) = request::of(ui, &args).await?;
    let (image, privileged) = (request.image.clone(), request.privileged);
    let minutes = request.timeout.as_secs() / 60;
    let mut running = engine.run(request);
    let mut ended = Ended {
        status: BuildStatus::Fault,
        phases: Vec::new(),
        log: Vec::new(),
        exported: Vec::new(),
        stopped: false,
    };
    loop {
        let question = async {
            match &mut asker {
                Some(asker) => asker.next().await,
                None => std::future::pending().await,
            }
        };
        let event = tokio::select! {
            biased;
            () = signals.next() => {
                if ended.stopped {
                    return Err(CommandError::interrupted().hinted(
                        "The build's container goes away by itself",
                    ));
                }
                ended.stopped = true;
                ui.status("Stopping the build. Ctrl-C again leaves at once.");
                running.stop();
                continue;
            }
            // What the build has said comes before its question.
            event = running.events.recv() => event,
            question = question => {
                if let Some(asker) = &mut asker {
                    tokio::task::block_in_place(|| asker.ask(question));
                }
                continue;
            }
        };
        let Some(event) = event else { break };
        let is_last = matches!(event, Event::Finished { .. });
        ended.take(ui, event);
        if is_last {
            break;
        }
        if ui.is_closed() {
            running.stop();
        }
    }
    let record = json!({
        "buildStatus": ended.status.as_str(),
        "phases": ended.phases,
        "environment": { "image": image, "privilegedMode": privileged },
        "timeoutInMinutes": minutes,
    });
    Ok(ended.tell(ui, &record, asker.as_ref()))
}

impl Ended {
    fn take(&mut self, ui: &Ui, event: Event) {
        match event {
            Event::Log { message, .. } => {
                ui.line(&message);
                if self.log.len() >= 2 * KEPT_LINES {
                    self.log.drain(..KEPT_LINES);
                }
                self.log.push(message);
            }
            Event::PhaseEnded {
                phase,
                status,
                context,
                ..
            } => self.phases.push(json!({
                "phaseType": phase.as_str(),
                "phaseStatus": status.as_str(),
                "contexts": [{ "statusCode": context.status_code, "message": context.message }],
            })),
            Event::Exported { variables } => self.exported = variables,
            Event::Finished { status, .. } => self.status = status,
            Event::PhaseStarted { .. }
            | Event::SourceResolved { .. }
            | Event::ArtifactUploaded { .. }
            | Event::ReportAdded { .. }
            | Event::CommandStarted { .. }
            | Event::CommandEnded { .. } => {}
        }
    }

    /// The end goes to standard error: standard output has the build's log and nothing else.
    fn tell(&self, ui: &Ui, record: &Value, asker: Option<&Asker>) -> ExitCode {
        ui.status("");
        for (name, value) in &self.exported {
            ui.status(&format!("Exported: {name}={value}"));
        }
        let paint = ui.screen().paint;
        let painted = match self.status {
            PhaseStatus::Succeeded => paint.good(self.status.as_str()),
            _ => paint.bad(self.status.as_str()),
        };
        ui.status(&format!(
            "The build ended: {painted}{}",
            self.where_failed()
        ));
        if let Some(changed) = asker.and_then(Asker::changed) {
            ui.status(&changed);
        }
        match self.status {
            PhaseStatus::Succeeded => ExitCode::DONE,
            _ if self.stopped => ExitCode::INTERRUPTED,
            _ => {
                ui.status("");
                for line in explain_failure(ui, record, &self.log) {
                    ui.status(&line);
                }
                ExitCode::STEP_FAILED
            }
        }
    }

    fn where_failed(&self) -> String {
        let failed = self.phases.iter().find(|phase| {
            phase.pointer("/phaseStatus").and_then(Value::as_str)
                != Some(PhaseStatus::Succeeded.as_str())
        });
        let name = failed.and_then(|phase| phase.pointer("/phaseType")?.as_str());
        match name {
            Some(name) if name != Phase::Finalizing.as_str() => format!(" in {name}"),
            _ => String::new(),
        }
    }
}
