//! PROVISIONING: from an image's name to a container that runs.

use tokio::task::JoinHandle;

use bollard::errors::Error;

use crate::capabilities;
use crate::container::Container;
use crate::container::ContainerSpec;
use crate::container::Rights;
use crate::engine::Engine;
use crate::error;
use crate::event::PhaseContext;
use crate::image;
use crate::log::LogSink;
use crate::phase_machine::Outcome;
use crate::request::BuildRequest;

/// A container that is being started. It is kept where a build that is broken off still finds it:
/// the engine finishes the start of a container even if nobody waits for it.
pub(crate) type Starting = JoinHandle<Result<Container, Error>>;

/// Starts the container, with what must happen before: pull the image, spell out the rights.
///
/// The error is the outcome of the phase.
pub(crate) async fn start(
    engine: &Engine,
    request: &BuildRequest,
    log: &LogSink,
    starting: &mut Option<Starting>,
) -> Result<Container, Outcome> {
    let mut spec = ContainerSpec {
        image: request.image.clone(),
        rights: if request.privileged {
            engine.privileged_rights()
        } else {
            Rights::Plain
        },
        build_id: request.build_id.clone(),
        owner: request.owner.clone(),
    };
    if matches!(spec.rights, Rights::SpelledOut { .. }) {
        tell_spelled_out(log).await;
    }
    let mut has_image = false;
    loop {
        let error = match start_once(engine, &spec, starting).await {
            Ok(container) => return Ok(container),
            Err(error) => error,
        };
        let reason = error::reason(&error);
        let is_missing = error::status(&error) == Some(404) && !has_image;
        if is_missing && is_about_image(&reason) {
            spec.image = image::obtain(engine, &request.image, log)
                .await
                .map_err(Outcome::Failed)?;
            has_image = true;
            continue;
        }
        match &mut spec.rights {
            Rights::Privileged if reason.contains("operation not permitted") => {
                engine.remember_privileged_refused();
                spec.rights = engine.spelled_out_rights();
                tell_spelled_out(log).await;
            }
            Rights::SpelledOut { capabilities, .. } => {
                if !capabilities::drop_unknown(capabilities, &reason) {
                    return Err(failure(&spec.image, &reason));
                }
            }
            Rights::Plain | Rights::Privileged => return Err(failure(&spec.image, &reason)),
        }
    }
}

async fn start_once(
    engine: &Engine,
    spec: &ContainerSpec,
    starting: &mut Option<Starting>,
) -> Result<Container, Error> {
    let (docker, spec) = (engine.docker().clone(), spec.clone());
    let task = starting.insert(tokio::spawn(async move { spec.start(&docker).await }));
    let result = task.await;
    *starting = None;
    result.unwrap_or_else(|error| {
        Err(Error::DockerStreamError {
            error: error.to_string(),
        })
    })
}

async fn tell_spelled_out(log: &LogSink) {
    log.line("This host refuses privileged containers; the same rights are given one by one")
        .await;
}

fn is_about_image(reason: &str) -> bool {
    reason.to_ascii_lowercase().contains("no such image")
}

/// A container that cannot start: the image's fault if it has no shell, else the engine's.
fn failure(image: &str, reason: &str) -> Outcome {
    const NO_SHELL: [&str; 3] = [
        "executable file not found",
        "no such file or directory",
        "exec format error",
    ];
    if NO_SHELL.iter().any(|sign| reason.contains(sign)) && reason.contains("sh") {
        return Outcome::Failed(PhaseContext {
            status_code: "CLIENT_ERROR".to_owned(),
            message: format!("{} ({reason})", no_shell(image)),
        });
    }
    Outcome::Fault(PhaseContext {
        status_code: "INTERNAL_SERVICE_ERROR".to_owned(),
        message: format!("The build container could not be started: {reason}"),
    })
}

/// What is wrong with an image whose container died before the runner answered.
pub(crate) fn no_shell(image: &str) -> String {
    format!(
        "The build image {image} cannot run `sh`. CodeBuild needs a shell in the image, and an image for the architecture of the Docker Engine"
    )
}
