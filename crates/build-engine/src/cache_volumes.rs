//! Local caches: volumes on the Docker Engine that outlive a build.
//!
//! A volume has one user at a time: two dockerd on one `/var/lib/docker` would destroy it. A build
//! that comes while another has the volume runs without the cache, as on AWS, where local caches
//! are best effort too.

use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use bollard::Docker;
use bollard::errors::Error;
use bollard::models::VolumeCreateRequest;
use bollard::query_parameters::ListVolumesOptionsBuilder;
use bollard::query_parameters::RemoveVolumeOptions;
use sha2::Digest;

use crate::collect::is_pattern;
use crate::collect::plain;
use crate::container::OWNER_LABEL;
use crate::error;
use crate::log::LogSink;
use crate::request::BuildRequest;
use crate::request::CacheRequest;

/// The label whose value is the project that a cache belongs to.
const CACHE_LABEL: &str = "guided-demo.cache-of";
/// What the names of cache volumes begin with.
const PREFIX: &str = "guided-demo-cache-";
/// Where the custom cache is in the container.
pub(crate) const CUSTOM_DIRECTORY: &str = "/codebuild/local-cache/custom";
/// Where a Docker daemon keeps images and layers.
pub(crate) const DOCKER_DIRECTORY: &str = "/var/lib/docker";

/// The volumes that builds of this process use now.
#[derive(Clone, Debug, Default)]
pub(crate) struct InUse {
    names: Arc<Mutex<HashSet<String>>>,
}

/// A cache volume that a build has for itself, until this is dropped.
#[derive(Debug)]
pub(crate) struct CacheVolume {
    /// The volume's name.
    pub(crate) name: String,
    /// Where it is mounted.
    pub(crate) target: &'static str,
    in_use: InUse,
}

impl Drop for CacheVolume {
    fn drop(&mut self) {
        self.in_use.names().remove(&self.name);
    }
}

impl InUse {
    fn names(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, name: String, target: &'static str) -> Option<CacheVolume> {
        self.names().insert(name.clone()).then(|| CacheVolume {
            name,
            target,
            in_use: self.clone(),
        })
    }
}

/// The volumes that a build asks for and nobody else uses, made if they are not there.
pub(crate) async fn take(
    docker: &Docker,
    in_use: &InUse,
    request: &BuildRequest,
    log: &LogSink,
) -> Result<Vec<CacheVolume>, Error> {
    let CacheRequest::Local {
        project,
        custom,
        docker_layer,
    } = &request.cache
    else {
        return Ok(Vec::new());
    };
    let mut wanted = Vec::new();
    if *custom {
        wanted.push(("custom", CUSTOM_DIRECTORY));
    }
    if *docker_layer && request.privileged {
        wanted.push(("docker-layer", DOCKER_DIRECTORY));
    } else if *docker_layer {
        log.line("Skip docker layer cache: the build is not privileged")
            .await;
    }
    let mut volumes = Vec::new();
    for (kind, target) in wanted {
        let name = volume_name(&request.owner, project, kind);
        match in_use.take(name, target) {
            Some(volume) => {
                make(docker, &volume.name, &request.owner, project).await?;
                volumes.push(volume);
            }
            None => {
                log.line(&format!(
                    "Skip {kind} cache: another build of the project is using it"
                ))
                .await;
            }
        }
    }
    Ok(volumes)
}

async fn make(docker: &Docker, name: &str, owner: &str, project: &str) -> Result<(), Error> {
    let labels = [(OWNER_LABEL, owner), (CACHE_LABEL, project)];
    docker
        .create_volume(VolumeCreateRequest {
            name: Some(name.to_owned()),
            labels: Some(
                labels
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .into(),
            ),
            ..VolumeCreateRequest::default()
        })
        .await
        .map(|_| ())
}

/// The caches of a project, or of all projects of the owner: volumes and whose they are.
pub(crate) async fn list(
    docker: &Docker,
    owner: &str,
    project: Option<&str>,
) -> Result<Vec<(String, String)>, Error> {
    let mut labels = vec![format!("{OWNER_LABEL}={owner}")];
    labels.push(match project {
        Some(project) => format!("{CACHE_LABEL}={project}"),
        None => CACHE_LABEL.to_owned(),
    });
    let filters = HashMap::from([("label".to_owned(), labels)]);
    let options = ListVolumesOptionsBuilder::default()
        .filters(&filters)
        .build();
    let found = docker.list_volumes(Some(options)).await?;
    let volumes = found.volumes.unwrap_or_default().into_iter();
    Ok(volumes
        .map(|mut volume| {
            let project = volume.labels.remove(CACHE_LABEL).unwrap_or_default();
            (volume.name, project)
        })
        .collect())
}

/// Removes the caches of a project, or of all projects of the owner. Those in use stay.
pub(crate) async fn remove(
    docker: &Docker,
    owner: &str,
    project: Option<&str>,
) -> Result<usize, Error> {
    let mut count = 0;
    for (name, _) in list(docker, owner, project).await? {
        match docker
            .remove_volume(&name, None::<RemoveVolumeOptions>)
            .await
        {
            Ok(()) => count += 1,
            Err(error) if matches!(error::status(&error), Some(404 | 409)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(count)
}

/// The same for the same project, and fit for any name of a project.
fn volume_name(owner: &str, project: &str, kind: &str) -> String {
    let mut hash = sha2::Sha256::new();
    hash.update(owner.as_bytes());
    hash.update([0]);
    hash.update(project.as_bytes());
    let hash: String = hash
        .finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{PREFIX}{hash}-{kind}")
}

/// Whether a volume is a cache: these outlive the containers that use them.
pub(crate) fn is_cache(volume: &str) -> bool {
    volume.starts_with(PREFIX)
}

/// Directories of the container and where the custom cache keeps them. The cache takes directories
/// below the source or elsewhere, no patterns; the paths that are none of these come second.
pub(crate) fn links(source: &str, paths: &[String]) -> (Vec<(String, String)>, Vec<String>) {
    let mut links = Vec::new();
    let mut refused = Vec::new();
    for text in paths {
        let path = plain(text.trim_end_matches(['*', '/']));
        if path.is_empty() || is_pattern(&path) {
            // The source as a whole would be that of the build before.
            refused.push(text.clone());
        } else if text.starts_with('/') {
            let path = format!("/{path}");
            let kept = path.strip_prefix(source).map_or_else(
                || format!("{CUSTOM_DIRECTORY}{path}"),
                |inside| format!("{CUSTOM_DIRECTORY}/source{inside}"),
            );
            links.push((path, kept));
        } else {
            // The source directory has another name in each build.
            let kept = format!("{CUSTOM_DIRECTORY}/source/{path}");
            links.push((format!("{source}/{path}"), kept));
        }
    }
    (links, refused)
}

/// A script that makes a directory a link into the custom cache. What the image has there is copied
/// into a cache that is empty.
pub(crate) fn link_script(links: &[(String, String)]) -> String {
    let mut script = String::from("set -e\n");
    for (path, kept) in links {
        let (path, kept) = (quoted(path), quoted(kept));
        script.push_str(&format!(
            "mkdir -p {kept} \"$(dirname {path})\"
if [ -d {path} ] && [ ! -L {path} ]; then
    [ -n \"$(ls -A {kept})\" ] || cp -a {path}/. {kept}/
    rm -rf {path}
fi
ln -sfn {kept} {path}
"
        ));
    }
    script
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A script that ends the Docker daemon of the build, so that its data is whole in the cache.
pub(crate) const STOP_DOCKER: &str = r#"
read -r pid </var/run/docker.pid || exit 0
kill "$pid" || exit 0
tries=0
while [ -d "/proc/$pid" ] && [ "$tries" -lt 100 ]; do
    sleep 0.1
    tries=$((tries + 1))
done
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_become_links_and_the_whole_source_does_not() {
        let paths = ["/root/.m2/**/*", "vendor/", "**/*", "/", "a/*/b"].map(str::to_owned);
        let (links, refused) = links("/codebuild/src", &paths);
        let link = |path: &str, kept: &str| (path.to_owned(), format!("{CUSTOM_DIRECTORY}{kept}"));
        assert_eq!(
            links,
            [
                link("/root/.m2", "/root/.m2"),
                link("/codebuild/src/vendor", "/source/vendor"),
            ]
        );
        assert_eq!(refused, ["**/*", "/", "a/*/b"]);
    }
}
