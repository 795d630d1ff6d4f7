//! Watching a build until it is over.

use std::pin::Pin;
use std::pin::pin;

use codebuild_core::AwsCommand;
use codebuild_core::Session;
use codebuild_core::WatchEvent;
use futures_util::StreamExt;
use serde_json::Value;

use super::Driver;
use crate::command_error::CommandError;
use crate::script::ItemKind;
use crate::script::Watch;
use crate::ui::BuildView;
use crate::ui::Ui;
use crate::walk::Event;
use crate::walk::Place;

/// How watching ended.
enum Watched {
    /// The build is over.
    Over { status: String, build: Value },
    /// The second Ctrl-C.
    Left,
    /// The build cannot be seen any more.
    Lost(CommandError),
}

impl Driver {
    /// Watches the build of an item.
    pub(super) async fn watch(&mut self, place: Place) -> Result<Event, CommandError> {
        let script = self.script.clone();
        let step = &script.steps[place.step];
        let ItemKind::Watch(watch) = &step.items[place.item].kind else {
            return Ok(Event::Watched { as_expected: false });
        };
        let build_id = watch.build.expand(&self.variables);
        let Some(opened) = self.opened().await? else {
            return Ok(Event::Interrupted);
        };
        let session = opened.session.clone();
        session.begin_scene(&format!("{}/{}", step.id, place.item));
        let mut view = BuildView::new(&self.ui);
        let mut stops = 0;
        let watched = self
            .follow(&session, &build_id, &mut view, &mut stops)
            .await;
        self.last.log = view.log().to_vec();
        self.last.exchanges = session.take_exchanges();
        self.last.exchanges.clear();
        match watched {
            Watched::Over { status, build } => {
                view.finish(&status);
                self.last.hidden = self.last.log.len();
                let as_expected = self.judge(watch, &status, &build, &view);
                if stops > 0 && !self.is_guided() {
                    return Ok(Event::Interrupted);
                }
                Ok(Event::Watched { as_expected })
            }
            Watched::Left => {
                view.finish("not seen: you left, and it is being stopped");
                Ok(Event::Interrupted)
            }
            Watched::Lost(error) => {
                view.finish("not known");
                self.ui.error(&error);
                Ok(Event::Watched { as_expected: false })
            }
        }
    }

    async fn follow(
        &mut self,
        session: &Session,
        build_id: &str,
        view: &mut BuildView,
        stops: &mut usize,
    ) -> Watched {
        let mut events = pin!(codebuild_core::watch(session, build_id));
        let mut stopping: Option<Pin<Box<dyn Future<Output = ()> + '_>>> = None;
        loop {
            let stopped = async {
                match &mut stopping {
                    Some(stopping) => stopping.await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = self.signals.next() => {
                    *stops += 1;
                    if *stops > 1 {
                        return Watched::Left;
                    }
                    view.say("Stopping the build. Ctrl-C again leaves at once.");
                    // How the build ends is seen by watching on.
                    stopping = Some(Box::pin(stop(session, build_id)));
                }
                () = stopped => stopping = None,
                event = events.next() => match event {
                    Some(Ok(WatchEvent::Finished { status, build })) => {
                        return Watched::Over { status, build };
                    }
                    Some(Ok(event)) => view.show(&event),
                    Some(Err(error)) => return Watched::Lost(error.into()),
                    None => return Watched::Lost(CommandError::step(
                        "the build was not seen to end",
                    )),
                },
            }
        }
    }

    /// Says whether the build ended as it should, and explains a failure.
    fn judge(&self, watch: &Watch, status: &str, build: &Value, view: &BuildView) -> bool {
        if status != "SUCCEEDED" {
            for line in explain_failure(&self.ui, build, view.log()) {
                self.ui.line(&line);
            }
        }
        let failed_in = view.failed_phase();
        let phase_fits = watch.phase.is_none() || watch.phase.as_deref() == failed_in;
        let code = failed_in.and_then(|phase| status_code(build, phase));
        let code_fits = watch.code.is_none() || watch.code.as_deref() == code;
        let as_expected = status == watch.expect && phase_fits && code_fits;
        let screen = self.ui.screen();
        if as_expected && status != "SUCCEEDED" {
            self.ui
                .line(&screen.paint.accent("This failure is expected."));
            self.ui.line("");
        } else if !as_expected {
            let wanted = ending(&watch.expect, watch.phase.as_deref(), watch.code.as_deref());
            // A code that nobody asked about only distracts.
            let seen = ending(status, failed_in, code.filter(|_| watch.code.is_some()));
            self.say(&format!(
                "The build was expected to end {wanted}; it ended {seen}."
            ));
            self.ui.line("");
        }
        as_expected
    }
}

/// How a build ended, such as `FAILED in BUILD with COMMAND_EXECUTION_ERROR`.
fn ending(status: &str, phase: Option<&str>, code: Option<&str>) -> String {
    let mut text = status.to_owned();
    if let Some(phase) = phase {
        text.push_str(&format!(" in {phase}"));
    }
    if let Some(code) = code {
        text.push_str(&format!(" with {code}"));
    }
    text
}

/// The status code of a phase's context.
fn status_code<'a>(build: &'a Value, phase: &str) -> Option<&'a str> {
    let phases = build.get("phases")?.as_array()?;
    let phase = phases.iter().find(|found| found["phaseType"] == phase)?;
    phase["contexts"].as_array()?.iter().find_map(|context| {
        context["statusCode"]
            .as_str()
            .filter(|code| !code.is_empty())
    })
}

async fn stop(session: &Session, build_id: &str) {
    let words = ["codebuild", "stop-build", "--id", build_id].map(str::to_owned);
    if let Ok(command) = AwsCommand::parse(&words, std::path::Path::new(".")) {
        // See `follow`: the outcome shows in the build itself.
        let _ = command.run(session).await;
    }
}

/// Explains why a build failed: the most likely cause, as lines for the screen.
pub(crate) fn explain_failure(ui: &Ui, build: &Value, log: &[String]) -> Vec<String> {
    let screen = ui.screen();
    let mut lines = Vec::new();
    for diagnosis in codebuild_core::diagnose(build, log).into_iter().take(1) {
        let rows = [
            ("What happened", diagnosis.what),
            ("Why", diagnosis.why),
            ("How to fix it", diagnosis.fix),
            ("Seen in", diagnosis.evidence.unwrap_or_default()),
            ("Exam", format!("task {}", diagnosis.exam_task)),
        ];
        for (name, text) in rows {
            if text.is_empty() {
                continue;
            }
            let indent = " ".repeat(17);
            let filled = crate::ui::wrap(&text, screen.width, &indent, &indent);
            let label = screen.paint.accent(&format!("  {name:<14} "));
            lines.push(format!("{label}{}", filled.trim_start()));
        }
        lines.push(String::new());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::ending;
    use super::status_code;

    #[test]
    fn the_code_of_the_failed_phase_is_found() {
        let build = serde_json::json!({ "phases": [
            { "phaseType": "INSTALL", "contexts": [{ "statusCode": "", "message": "" }] },
            { "phaseType": "BUILD", "contexts": [{ "statusCode": "COMMAND_EXECUTION_ERROR" }] },
        ]});
        assert_eq!(status_code(&build, "INSTALL"), None);
        let code = status_code(&build, "BUILD");
        assert_eq!(
            ending("FAILED", Some("BUILD"), code),
            "FAILED in BUILD with COMMAND_EXECUTION_ERROR"
        );
    }
}
