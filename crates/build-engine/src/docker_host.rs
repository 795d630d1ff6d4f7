//! Where the Docker Engine listens: `DOCKER_HOST`, the Docker context, the usual sockets.
//!
//! The order is that of the docker CLI, see
//! [Docker contexts](https://docs.docker.com/engine/manage-resources/contexts/).

use std::env;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use serde::Deserialize;

use crate::error::EngineError;

/// The places to try, best first. If the user named one, it is the only one.
pub(crate) fn candidates(host: Option<&str>) -> Result<Vec<String>, EngineError> {
    if let Some(host) = host {
        return Ok(vec![with_scheme(host)]);
    }
    if let Some(host) = variable("DOCKER_HOST") {
        return Ok(vec![with_scheme(&host)]);
    }
    let config = variable("DOCKER_CONFIG")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".docker")));
    if let Some(host) = config.as_deref().map(context_host).transpose()?.flatten() {
        return Ok(vec![host]);
    }
    Ok(usual_places())
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn with_scheme(host: &str) -> String {
    if host.contains("://") {
        host.to_owned()
    } else if host.starts_with('/') {
        format!("unix://{host}")
    } else {
        format!("tcp://{host}")
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CliConfig {
    current_context: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ContextMeta {
    name: String,
    #[serde(default)]
    endpoints: Endpoints,
}

#[derive(Default, Deserialize)]
struct Endpoints {
    docker: Option<Endpoint>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Endpoint {
    host: Option<String>,
}

/// The host of the current context; `None` for the context `default`.
fn context_host(config: &Path) -> Result<Option<String>, EngineError> {
    let name = variable("DOCKER_CONTEXT").or_else(|| {
        let text = fs::read_to_string(config.join("config.json")).ok()?;
        serde_json::from_str::<CliConfig>(&text)
            .ok()?
            .current_context
    });
    match name {
        Some(name) if !name.is_empty() && name != "default" => {
            host_of_context(config, &name).map(Some)
        }
        _ => Ok(None),
    }
}

/// The context's folder is named by a hash of its name; its file holds the name itself.
fn host_of_context(config: &Path, name: &str) -> Result<String, EngineError> {
    let directory = config.join("contexts").join("meta");
    let error = |reason: String| EngineError::Context {
        name: name.to_owned(),
        reason,
    };
    let entries = fs::read_dir(&directory)
        .map_err(|source| error(format!("{} cannot be read: {source}", directory.display())))?;
    let meta = entries
        .flatten()
        .filter_map(|entry| fs::read_to_string(entry.path().join("meta.json")).ok())
        .filter_map(|text| serde_json::from_str::<ContextMeta>(&text).ok())
        .find(|meta| meta.name == name)
        .ok_or_else(|| error(format!("{} has no such context", directory.display())))?;
    meta.endpoints
        .docker
        .and_then(|endpoint| endpoint.host)
        .ok_or_else(|| error("it names no Docker host".to_owned()))
}

#[cfg(windows)]
fn usual_places() -> Vec<String> {
    vec!["npipe:////./pipe/docker_engine".to_owned()]
}

#[cfg(not(windows))]
fn usual_places() -> Vec<String> {
    let mut sockets = vec![PathBuf::from("/var/run/docker.sock")];
    let runtime = variable("XDG_RUNTIME_DIR").map(PathBuf::from);
    if let Some(runtime) = &runtime {
        sockets.push(runtime.join("docker.sock"));
    }
    if let Some(home) = env::home_dir() {
        for path in [
            ".docker/run/docker.sock",
            ".docker/desktop/docker.sock",
            ".colima/default/docker.sock",
            ".orbstack/run/docker.sock",
            ".rd/docker.sock",
        ] {
            sockets.push(home.join(path));
        }
    }
    if let Some(runtime) = &runtime {
        sockets.push(runtime.join("podman/podman.sock"));
    }
    sockets.push(PathBuf::from("/run/podman/podman.sock"));
    sockets
        .iter()
        .map(|path| format!("unix://{}", path.display()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config_with(files: &[(&str, &str)]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = directory.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        directory
    }

    #[test]
    fn the_current_context_names_the_host() {
        let config = config_with(&[
            ("config.json", r#"{"currentContext": "colima"}"#),
            (
                "contexts/meta/aa/meta.json",
                r#"{"Name": "other", "Endpoints": {}}"#,
            ),
            (
                "contexts/meta/bb/meta.json",
                r#"{"Name": "colima", "Endpoints": {"docker": {"Host": "unix:///c.sock"}}}"#,
            ),
        ]);
        let host = context_host(config.path()).unwrap();
        assert_eq!(host.as_deref(), Some("unix:///c.sock"));
    }

    #[test]
    fn a_context_that_is_gone_is_an_error_that_names_it() {
        let config = config_with(&[("config.json", r#"{"currentContext": "gone"}"#)]);
        let error = context_host(config.path()).unwrap_err().to_string();
        assert!(
            error.contains("\"gone\"") && error.contains("docker context use"),
            "{error}"
        );
    }

    #[test]
    fn without_a_context_the_usual_places_are_tried() {
        let config = config_with(&[("config.json", "{}")]);
        assert!(context_host(config.path()).unwrap().is_none());
    }

    #[test]
    fn a_bare_path_is_a_socket() {
        assert_eq!(with_scheme("/run/x.sock"), "unix:///run/x.sock");
        assert_eq!(with_scheme("10.0.0.1:2375"), "tcp://10.0.0.1:2375");
        assert_eq!(with_scheme("ssh://me@there"), "ssh://me@there");
    }
}
