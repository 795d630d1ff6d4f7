//! The build image: present, pulled, or stood in for.

use std::collections::HashMap;
use std::future::ready;

use bollard::Docker;
use bollard::auth::DockerCredentials;
use bollard::errors::Error;
use bollard::models::CreateImageInfo;
use bollard::query_parameters::CreateImageOptionsBuilder;
use futures_util::Stream;
use futures_util::StreamExt;

use crate::curated_image;
use crate::engine::Engine;
use crate::error;
use crate::event::PhaseContext;
use crate::log::LogSink;
use crate::request::BuildRequest;
use crate::request::RegistryLogin;

/// An image reference in two parts, as the engine's pull wants them: without a tag it would pull
/// every tag there is.
pub(crate) fn name_and_tag(image: &str) -> (&str, &str) {
    if let Some((name, digest)) = image.split_once('@') {
        return (name, digest);
    }
    let after_slash = image.rfind('/').map_or(0, |at| at + 1);
    match image.get(after_slash..).and_then(|last| last.find(':')) {
        Some(colon) => {
            let (name, tag) = image.split_at(after_slash + colon);
            (name, tag.get(1..).unwrap_or("latest"))
        }
        None => (image, "latest"),
    }
}

/// The registry that an image comes from, `docker.io` if it names none.
pub(crate) fn registry(image: &str) -> &str {
    match image.split_once('/') {
        Some((first, _)) if first.contains(['.', ':']) || first == "localhost" => first,
        _ => "docker.io",
    }
}

/// Gets an image that is not on the engine: pulls it, or makes a stand-in for it. Gives the name
/// under which the engine has it.
pub(crate) async fn obtain(
    engine: &Engine,
    request: &BuildRequest,
    log: &LogSink,
) -> Result<String, PhaseContext> {
    let public_name = curated_image::public_name(&request.image);
    let image = public_name.as_deref().unwrap_or(&request.image);
    if public_name.is_some() && engine.has_image(image).await.unwrap_or(false) {
        log.line(&format!(
            "Running in {image}, as which AWS publishes {}",
            request.image
        ))
        .await;
        return Ok(image.to_owned());
    }
    let credentials = credentials(request).await?;
    let failure = if engine.was_out_of_reach(registry(image)) {
        "the registry was out of reach a moment ago".to_owned()
    } else {
        log.line(&format!("Pulling image {image}")).await;
        match pull_and_tell(engine, image, credentials, log).await {
            Ok(()) => return Ok(image.to_owned()),
            Err(error) => {
                let reason = error::reason(&error);
                if !is_out_of_reach(&reason) {
                    return Err(cannot_pull(&match curated_image::advice(&request.image) {
                        Some(advice) => format!("{reason}. {advice}"),
                        None => reason,
                    }));
                }
                engine.remember_out_of_reach(registry(image));
                reason
            }
        }
    };
    if !engine.can_stand_in_for(image) {
        return Err(cannot_pull(&failure));
    }
    log.line(&format!("Unable to pull image {image}: {failure}"))
        .await;
    match engine.stand_in(log).await {
        Ok(stand_in) => {
            log.line(&format!(
                "Running in {stand_in} instead of {image}: an image of this host's own Docker {} and tools, because the registry is out of reach",
                engine.info().version
            ))
            .await;
            Ok(stand_in)
        }
        Err(reason) => {
            log.line(&format!("No stand-in for {image} could be made: {reason}"))
                .await;
            Err(cannot_pull(&failure))
        }
    }
}

/// User name and password for the image's registry, if the request has them or names a secret.
async fn credentials(request: &BuildRequest) -> Result<Option<DockerCredentials>, PhaseContext> {
    let login = match &request.registry_credential {
        Some(reference) => from_secret(request, reference).await?,
        None => request.registry_login.clone(),
    };
    Ok(login.map(|login| DockerCredentials {
        username: Some(login.username),
        password: Some(login.password),
        serveraddress: Some(registry(&request.image).to_owned()),
        ..DockerCredentials::default()
    }))
}

async fn from_secret(
    request: &BuildRequest,
    reference: &str,
) -> Result<Option<RegistryLogin>, PhaseContext> {
    let Some(store) = &request.secret_store else {
        return Ok(None);
    };
    let secret = store
        .secret(reference)
        .await
        .map_err(|context| cannot_pull(&context.message))?;
    serde_json::from_str(&secret).map(Some).map_err(|_| {
        // Not the parser's reason: it could show a part of the secret.
        cannot_pull(&format!(
            "the secret {reference} is not of the form {{\"username\": \"…\", \"password\": \"…\"}}"
        ))
    })
}

fn cannot_pull(reason: &str) -> PhaseContext {
    PhaseContext {
        status_code: "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE".to_owned(),
        message: format!(
            "Unable to pull customer's container image. CannotPullContainerError: {reason}"
        ),
    }
}

/// Pulls an image. The lines are the engine's progress, one for each new state of a layer; the
/// image is there when they end without an error.
pub(crate) fn pull(
    docker: &Docker,
    image: &str,
    credentials: Option<DockerCredentials>,
) -> impl Stream<Item = Result<String, Error>> + use<> {
    let (name, tag) = name_and_tag(image);
    let options = CreateImageOptionsBuilder::default()
        .from_image(name)
        .tag(tag)
        .build();
    let mut layers = HashMap::new();
    docker
        .create_image(Some(options), None, credentials)
        .filter_map(move |info| {
            ready(match info {
                Ok(mut info) => match info.error_detail.take().and_then(|e| e.message) {
                    Some(error) => Some(Err(Error::DockerStreamError { error })),
                    None => change(&mut layers, info).map(Ok),
                },
                Err(error) => Some(Err(error)),
            })
        })
}

async fn pull_and_tell(
    engine: &Engine,
    image: &str,
    credentials: Option<DockerCredentials>,
    log: &LogSink,
) -> Result<(), Error> {
    let docker = engine.docker().clone();
    let mut progress = std::pin::pin!(pull(&docker, image, credentials));
    while let Some(line) = progress.next().await {
        log.line(&line?).await;
    }
    Ok(())
}

/// A line for a layer that is in another state than before: the engine reports every few bytes.
fn change(layers: &mut HashMap<String, String>, info: CreateImageInfo) -> Option<String> {
    let status = info.status?;
    let Some(layer) = info.id else {
        return Some(status);
    };
    if layers.get(&layer) == Some(&status) {
        return None;
    }
    let line = format!("{layer}: {status}");
    layers.insert(layer, status);
    Some(line)
}

/// Whether the engine's message says that the registry cannot be talked to or serves nobody, as
/// opposed to: it does not have the image.
pub(crate) fn is_out_of_reach(reason: &str) -> bool {
    const SIGNS: [&str; 15] = [
        "dial tcp",
        "no such host",
        "connection refused",
        "connection reset",
        "network is unreachable",
        "no route to host",
        "i/o timeout",
        "Client.Timeout",
        "context deadline exceeded",
        "TLS handshake timeout",
        "proxyconnect",
        "server misbehaving",
        "unexpected EOF",
        "toomanyrequests",
        "no answer in time",
    ];
    SIGNS.iter().any(|sign| reason.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_has_a_name_and_a_tag() {
        for (image, parts) in [
            ("docker:dind", ("docker", "dind")),
            ("docker", ("docker", "latest")),
            ("localhost:5000/a/b", ("localhost:5000/a/b", "latest")),
            ("localhost:5000/a/b:1", ("localhost:5000/a/b", "1")),
            ("a/b@sha256:12", ("a/b", "sha256:12")),
        ] {
            assert_eq!(name_and_tag(image), parts);
        }
    }

    #[test]
    fn an_image_names_its_registry_or_comes_from_docker_hub() {
        for (image, from) in [
            ("docker:dind", "docker.io"),
            ("me/docker:dind", "docker.io"),
            ("localhost:5000/a:1", "localhost:5000"),
            ("public.ecr.aws/a/b", "public.ecr.aws"),
        ] {
            assert_eq!(registry(image), from);
        }
    }

    #[test]
    fn an_image_that_does_not_exist_is_not_a_registry_out_of_reach() {
        assert!(is_out_of_reach(
            "Get \"https://registry-1.docker.io/v2/\": dial tcp: lookup registry-1.docker.io: no such host"
        ));
        assert!(!is_out_of_reach(
            "manifest for docker:nope not found: manifest unknown"
        ));
    }

    #[test]
    fn progress_is_told_once_for_each_state_of_a_layer() {
        let mut layers = HashMap::new();
        let info = |id: Option<&str>, status: &str| CreateImageInfo {
            id: id.map(str::to_owned),
            status: Some(status.to_owned()),
            ..CreateImageInfo::default()
        };
        let mut lines = Vec::new();
        for step in [
            info(None, "Pulling from library/docker"),
            info(Some("aa"), "Downloading"),
            info(Some("aa"), "Downloading"),
            info(Some("bb"), "Downloading"),
            info(Some("aa"), "Pull complete"),
        ] {
            lines.extend(change(&mut layers, step));
        }
        assert_eq!(
            lines,
            [
                "Pulling from library/docker",
                "aa: Downloading",
                "bb: Downloading",
                "aa: Pull complete"
            ]
        );
    }
}
