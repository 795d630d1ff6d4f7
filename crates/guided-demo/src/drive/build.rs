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
        let Some(session) = self.session().await? else {
            return Ok(Event::Interrupted);
        };
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
        let as_expected = status == watch.expect && phase_fits;
        let screen = self.ui.screen();
        if as_expected && status != "SUCCEEDED" {
            self.ui
                .line(&screen.paint.accent("This failure is expected."));
            self.ui.line("");
        } else if !as_expected {
            let wanted = match &watch.phase {
                Some(phase) => format!("{} in {phase}", watch.expect),
                None => watch.expect.clone(),
            };
            let seen = match failed_in {
                Some(phase) => format!("{status} in {phase}"),
                None => status.to_owned(),
            };
            self.say(&format!(
                "The build was expected to end {wanted}; it ended {seen}."
            ));
            self.ui.line("");
        }
        as_expected
    }
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
