//! PROVISIONING: from an image's name to a container that runs.

use tokio::task::JoinHandle;

use bollard::errors::Error;

use crate::cache_volumes::CacheVolume;
use crate::capabilities;
use crate::container;
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
    volumes: &[CacheVolume],
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
        has_init: true,
        volumes: volumes
            .iter()
            .map(|volume| (volume.name.clone(), volume.target))
            .collect(),
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
            spec.image = image::obtain(engine, request, log)
                .await
                .map_err(Outcome::Failed)?;
            has_image = true;
            continue;
        }
        let was_privileged = spec.rights == Rights::Privileged;
        if !give_in(engine, &mut spec, &reason) {
            return Err(failure(&spec.image, &reason));
        }
        if was_privileged && spec.rights != Rights::Privileged {
            tell_spelled_out(log).await;
        }
    }
}

/// Finds out which rights a container can have that shall be privileged.
pub(crate) async fn try_privileged(
    engine: &Engine,
    mut spec: ContainerSpec,
) -> Result<Rights, Error> {
    loop {
        match spec.start(engine.docker()).await {
            Ok(container) => {
                container::remove(engine.docker(), &container.id).await?;
                return Ok(spec.rights);
            }
            Err(error) => {
                if !give_in(engine, &mut spec, &error::reason(&error)) {
                    return Err(error);
                }
            }
        }
    }
}

/// Asks for less after the engine refused to start a container for this reason. `false` if there
/// is nothing that could be left out.
fn give_in(engine: &Engine, spec: &mut ContainerSpec, reason: &str) -> bool {
    if spec.has_init && is_about_init(reason) {
        spec.has_init = false;
        return true;
    }
    match &mut spec.rights {
        Rights::Privileged if reason.contains("operation not permitted") => {
            engine.remember_privileged_refused();
            spec.rights = engine.spelled_out_rights();
            true
        }
        Rights::SpelledOut { capabilities, .. } => capabilities::drop_unknown(capabilities, reason),
        Rights::Plain | Rights::Privileged => false,
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
    // Docker quotes the program that is missing, crun puts it in backticks.
    let names_shell = reason.contains("\"sh\"") || reason.contains("`sh`");
    if names_shell || reason.contains("exec format error") {
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

/// An engine without an init program of its own, which `docker run --init` needs.
fn is_about_init(reason: &str) -> bool {
    (reason.contains("docker-init") || reason.contains("catatonit"))
        && (reason.contains("not found") || reason.contains("no such file"))
}

/// What is wrong with an image whose container died before the runner answered.
pub(crate) fn no_shell(image: &str) -> String {
    format!(
        "The build image {image} cannot run `sh`. CodeBuild needs a shell in the image, and an image for the architecture of the Docker Engine"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_shell_is_the_images_fault_and_anything_else_the_engines() {
        let docker =
            r#"OCI runtime create failed: exec: "sh": executable file not found in $PATH: unknown"#;
        let crun = "crun: executable file `sh` not found in $PATH: No such file or directory";
        for reason in [docker, crun] {
            let Outcome::Failed(context) = failure("me/app:1", reason) else {
                panic!("{reason}");
            };
            assert!(context.message.contains("me/app:1") && context.message.contains(reason));
        }
        let other = "driver failed programming external connectivity";
        assert!(matches!(failure("a", other), Outcome::Fault(_)));
        assert!(is_about_init(
            r#"exec: "docker-init": executable file not found in $PATH"#
        ));
        assert!(!is_about_init(docker));
    }
}
