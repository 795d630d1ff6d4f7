//! A stand-in for `docker:dind`, made from this host's own Docker binaries.
//!
//! For hosts that have a Docker Engine but reach no registry. The image never takes the name
//! `docker:dind`: it holds another Docker version, and glibc tools where the host has no BusyBox.

mod contents;
mod libraries;
mod programs;

use std::io;
use std::io::Write;
use std::path::Path;

use bollard::Docker;
use bollard::query_parameters::CreateImageOptionsBuilder;
use futures_util::StreamExt;

use crate::error;
use crate::image;
use crate::tar_stream;
use contents::Contents;
use contents::Item;

const REPOSITORY: &str = "guided-demo/docker-dind-stand-in";

/// Raised when the content of the image changes, so that an older one is not used any more.
const RECIPE: u32 = 4;

/// Whether a stand-in could take the place of the image: `docker:dind`, `docker:29-dind` and so
/// on, of Docker Hub.
pub(crate) fn fits(image: &str) -> bool {
    let (name, tag) = image::name_and_tag(image);
    let name = ["docker.io/", "index.docker.io/", "registry-1.docker.io/"]
        .iter()
        .find_map(|registry| name.strip_prefix(registry))
        .unwrap_or(name);
    let name = name.strip_prefix("library/").unwrap_or(name);
    name == "docker" && (tag == "dind" || tag.ends_with("-dind"))
}

/// The stand-in's name for an engine of this version.
pub(crate) fn name(engine_version: &str) -> String {
    let version: String = engine_version
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '.' {
                c
            } else {
                '-'
            }
        })
        .collect();
    format!("{REPOSITORY}:{version}-{RECIPE}")
}

/// Makes the image under this name. The error is a reason for the log.
pub(crate) async fn make(docker: &Docker, name: &str) -> Result<(), String> {
    let contents = tokio::task::spawn_blocking(Contents::of_this_host)
        .await
        .map_err(|error| error.to_string())??;
    let (repository, tag) = image::name_and_tag(name);
    let options = CreateImageOptionsBuilder::default()
        .from_src("-")
        .repo(repository)
        .tag(tag)
        .message("A stand-in for docker:dind, made from the host's own Docker binaries")
        .changes(vec![
            "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned(),
            "ENV DOCKER_TLS_CERTDIR=/certs".to_owned(),
            "VOLUME /var/lib/docker".to_owned(),
            "CMD [\"sh\"]".to_owned(),
        ])
        .build();
    let archive = tar_stream::stream_of(move |output| write_archive(&contents, output));
    let body = bollard::body_try_stream(archive);
    let mut progress = docker.create_image(Some(options), Some(body), None);
    while let Some(step) = progress.next().await {
        let step = step.map_err(|error| error::reason(&error))?;
        if let Some(message) = step.error_detail.and_then(|detail| detail.message) {
            return Err(message);
        }
    }
    Ok(())
}

fn write_archive(contents: &Contents, output: &mut dyn Write) -> io::Result<()> {
    let mut builder = tar::Builder::new(output);
    for (path, item) in contents.items() {
        // An archive's paths are relative.
        let path = path.strip_prefix("/").unwrap_or(path);
        append(&mut builder, path, item).map_err(|error| {
            io::Error::new(error.kind(), format!("{}: {error}", path.display()))
        })?;
    }
    builder.finish()
}

fn append(builder: &mut tar::Builder<&mut dyn Write>, path: &Path, item: &Item) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(0);
    match item {
        Item::Directory { mode } => {
            header.set_entry_type(tar::EntryType::Directory);
            header.set_mode(*mode);
            builder.append_data(&mut header, path, io::empty())
        }
        Item::Link(target) => {
            header.set_entry_type(tar::EntryType::Symlink);
            header.set_mode(0o777);
            builder.append_link(&mut header, path, target)
        }
        Item::Text(text) => {
            header.set_mode(0o644);
            header.set_size(text.len() as u64);
            builder.append_data(&mut header, path, text.as_bytes())
        }
        Item::File(source) => {
            let mut file = std::fs::File::open(source)?;
            header.set_mode(0o755);
            header.set_size(file.metadata()?.len());
            builder.append_data(&mut header, path, &mut file)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fits_the_dind_images_of_docker_hub_only() {
        for image in [
            "docker:dind",
            "docker:29-dind",
            "docker:29.7.2-dind",
            "docker.io/library/docker:dind",
            "library/docker:dind",
        ] {
            assert!(fits(image), "{image}");
        }
        for image in [
            "docker",
            "docker:29",
            "me/docker:dind",
            "docker:dind-rootless",
            "alpine",
        ] {
            assert!(!fits(image), "{image}");
        }
    }

    #[test]
    fn the_name_is_a_valid_reference() {
        assert_eq!(
            name("20.10.24+dfsg1"),
            "guided-demo/docker-dind-stand-in:20.10.24-dfsg1-4"
        );
    }
}
