//! Looking whether everything that a demo needs is there.

use super::Driver;
use super::show::is_yes;
use crate::command_error::CommandError;
use crate::compile_job::CompileJob;
use crate::doctor::DockerfilePlan;
use crate::doctor::Finding;
use crate::doctor::FindingState;
use crate::doctor::engine_finding;
use crate::doctor::identity_finding;
use crate::doctor::image_finding;
use crate::script::Command;
use crate::script::TargetKind;
use crate::ui::read_key;
use crate::walk::Event;

impl Driver {
    /// Looks whether everything that the demo needs is there.
    pub(super) async fn doctor(&mut self) -> Result<Event, CommandError> {
        if self.kind == TargetKind::Replay {
            self.say("This is a recording: nothing is needed and nothing runs.");
            self.ui.line("");
            return Ok(Event::Doctored { ready: true });
        }
        let mut ready = true;
        if self.kind == TargetKind::Local {
            match self.look_at_engine().await? {
                None => return Ok(Event::Interrupted),
                Some(found) => ready = found,
            }
        }
        let Some(opened) = self.opened().await? else {
            return Ok(Event::Interrupted);
        };
        let session = opened.session.clone();
        session.begin_scene("doctor");
        let Some((identity, _)) = self.signals.or_interrupt(identity_finding(&session)).await
        else {
            return Ok(Event::Interrupted);
        };
        drop(session.take_exchanges());
        ready &= identity.state != FindingState::Missing;
        self.show_finding(&identity);
        self.ui.line("");
        if ready && let Some(event) = self.plan_dockerfile().await? {
            return Ok(event);
        }
        if !ready && self.kind == TargetKind::Local {
            return Ok(self.without_engine().await);
        }
        Ok(Event::Doctored { ready })
    }

    async fn look_at_engine(&mut self) -> Result<Option<bool>, CommandError> {
        let image = self.build_image();
        let Some(engine) = self.engine().await else {
            return Ok(None);
        };
        let engine = match engine {
            Some(Ok(engine)) => engine.clone(),
            Some(Err(why)) => {
                let finding = engine_finding(Err(why));
                self.show_finding(&finding);
                return Ok(Some(false));
            }
            None => return Ok(Some(true)),
        };
        self.show_finding(&engine_finding(Ok(&engine)));
        let Some(image) = image else {
            return Ok(Some(true));
        };
        let Some(finding) = self
            .signals
            .or_interrupt(image_finding(&engine, &image))
            .await
        else {
            return Ok(None);
        };
        self.show_finding(&finding);
        Ok(Some(finding.state != FindingState::Missing))
    }

    /// The image that the demo's project.json names.
    fn build_image(&self) -> Option<String> {
        let text = std::fs::read_to_string(self.script.directory().join("project.json")).ok()?;
        let project: serde_json::Value = serde_json::from_str(&text).ok()?;
        let image = project.get("environment")?.get("image")?.as_str()?;
        Some(image.to_owned())
    }

    fn show_finding(&self, finding: &Finding) {
        self.ui.line(&finding.render(&self.ui.screen()));
    }

    /// Settles which Dockerfile the build uses, if the script wants to know.
    async fn plan_dockerfile(&mut self) -> Result<Option<Event>, CommandError> {
        let script = self.script.clone();
        let detected = script
            .variables
            .iter()
            .find(|variable| variable.detect.is_some());
        let Some(variable) = detected else {
            return Ok(None);
        };
        if self.variables.contains_key(&variable.name) {
            return Ok(None);
        }
        let Some(file_name) = self.detect_dockerfile().await? else {
            return Ok(Some(Event::Interrupted));
        };
        self.variables.insert(variable.name.clone(), file_name);
        Ok(None)
    }

    /// Finds out which Dockerfile the build can use, and compiles the app if that takes it. `None`
    /// if a signal came first.
    pub(super) async fn detect_dockerfile(&mut self) -> Result<Option<String>, CommandError> {
        let engine = match self.engine().await {
            None => return Ok(None),
            Some(engine) => engine.and_then(|engine| engine.as_ref().ok()).cloned(),
        };
        let spinner = self.spinner("Asking the registry for the base images");
        let plan = self
            .signals
            .or_interrupt(DockerfilePlan::decide(self.kind, engine.as_ref()))
            .await;
        spinner.finish_and_clear();
        let Some(plan) = plan else {
            return Ok(None);
        };
        let plan = plan?;
        if self.kind == TargetKind::Local {
            self.show_finding(&plan.finding());
            self.ui.line("");
        }
        let file_name = plan.file_name().to_owned();
        let job = CompileJob::new(plan, self.repository.root(), &self.options.state);
        if self.is_guided() {
            // The student reads on meanwhile; the command that needs the app waits for it.
            job.begin();
        }
        self.compile_job = Some(job);
        Ok(Some(file_name))
    }

    /// Waits until the sample app is compiled, if this command names a Dockerfile that needs it.
    /// `None` if a signal came first.
    pub(super) async fn app_compiled_for(
        &mut self,
        command: &Command,
    ) -> Option<Result<(), CommandError>> {
        let names = command.line.variables();
        let script = self.script.clone();
        let needs_it = script
            .variables
            .iter()
            .any(|variable| variable.detect.is_some() && names.contains(&variable.name.as_str()));
        if !needs_it {
            return Some(Ok(()));
        }
        let Some(job) = self.compile_job.take() else {
            return Some(Ok(()));
        };
        let spinner = self.spinner("Compiling the sample app");
        let (ui, draws) = (self.ui.clone(), self.ui.draws());
        if ui.is_plain() {
            ui.line("Compiling the sample app.");
        }
        let say = |line: &str| {
            if draws {
                spinner.set_message(format!("Compiling the sample app: {line}"));
            } else if !ui.is_plain() {
                ui.line(&format!("  cargo: {line}"));
            }
        };
        let done = self.signals.or_interrupt(job.finish(say)).await;
        spinner.finish_and_clear();
        if !matches!(done, Some(Ok(()))) {
            // For another try.
            self.compile_job = Some(job);
        }
        done
    }

    /// Says what can be done without a Docker Engine, and offers the recording.
    async fn without_engine(&mut self) -> Event {
        self.say(
            "The demo cannot run here yet: its builds need a Docker Engine. Docker Desktop, Colima, \
             Podman with its Docker socket, or Docker Engine on Linux will do \
             (https://docs.docker.com/get-started/get-docker/). If one runs somewhere else, name it \
             with --engine-host or DOCKER_HOST.",
        );
        self.ui.line("");
        let recording = self.repository.recording(&self.script.path);
        if !recording.is_file() {
            return Event::Doctored { ready: false };
        }
        if !self.is_guided() {
            self.say("A recording of the walk can be seen without one: --target replay");
            return Event::Doctored { ready: false };
        }
        self.say(
            "A recorded walk can be seen without one. It is labelled as a recording. See it now?",
        );
        let keys = self.ui.screen().key_line(&[
            "⏎ see the recording".to_owned(),
            "any other key stay here".to_owned(),
        ]);
        self.ui.out(&keys);
        match self.ask(read_key).await {
            None => Event::Interrupted,
            Some(key) => {
                self.wants_recording = is_yes(key);
                Event::Doctored { ready: false }
            }
        }
    }
}
