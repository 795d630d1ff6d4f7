//! Texts of the buildspec that the build's shell evaluates, and values that it has.

use std::io::Read;

use bollard::Docker;
use bollard::query_parameters::DownloadFromContainerOptionsBuilder;
use futures_util::TryStreamExt;

use crate::conversation::Conversation;
use crate::error;
use crate::runner;

/// More than this is not read: a variable is a text, not a file. In bytes, for all of them.
const LARGEST: usize = 4 * 1024 * 1024;

/// Names and values of the variables that are set, in the order of `names`. The error is a reason
/// for the log.
pub(crate) async fn variables(
    docker: &Docker,
    container: &str,
    conversation: &mut Conversation,
    names: &[String],
    shell: &str,
) -> Result<Vec<(String, String)>, String> {
    // The values come as files: in the output stream a background process could cut into them.
    conversation
        .export(names, shell)
        .await
        .map_err(|_| dead())?;
    let values = fetch(docker, container, runner::EXPORTED_DIRECTORY, names.len()).await?;
    Ok(names
        .iter()
        .zip(values)
        .filter_map(|(name, value)| Some((name.clone(), value?)))
        .collect())
}

/// What the shell makes of each text: variables and `$(…)` are replaced, as in a here-document. The
/// error is a reason for the log.
pub(crate) async fn texts(
    docker: &Docker,
    container: &str,
    conversation: &mut Conversation,
    texts: &[String],
    shell: &str,
) -> Result<Vec<String>, String> {
    let is_plain = |text: &String| !text.contains(['$', '`', '\\']);
    if texts.iter().all(is_plain) {
        return Ok(texts.to_vec());
    }
    conversation
        .evaluate(texts, shell)
        .await
        .map_err(|_| dead())?;
    let values = fetch(docker, container, runner::EVALUATED_DIRECTORY, texts.len()).await?;
    values
        .into_iter()
        .zip(texts)
        .map(|(value, text)| {
            let mut value = value.ok_or_else(|| format!("the shell cannot evaluate {text:?}"))?;
            value.truncate(value.trim_end_matches('\n').len());
            Ok(value)
        })
        .collect()
}

fn dead() -> String {
    "the build container died".to_owned()
}

/// The contents of the files `0`, `1`, … of a directory; `None` for one that is not there.
async fn fetch(
    docker: &Docker,
    container: &str,
    directory: &str,
    count: usize,
) -> Result<Vec<Option<String>>, String> {
    let options = DownloadFromContainerOptionsBuilder::default()
        .path(directory)
        .build();
    let mut archive = Vec::new();
    let mut chunks = docker.download_from_container(container, Some(options));
    while let Some(chunk) = chunks.try_next().await.map_err(|e| error::reason(&e))? {
        archive.extend_from_slice(&chunk);
        if archive.len() > LARGEST {
            return Err(format!("they are larger than {LARGEST} bytes"));
        }
    }
    read(&archive, count).map_err(|error| error.to_string())
}

fn read(archive: &[u8], count: usize) -> std::io::Result<Vec<Option<String>>> {
    let mut values = vec![None; count];
    for entry in tar::Archive::new(archive).entries()? {
        let mut entry = entry?;
        let index = entry
            .path()?
            .file_name()
            .and_then(|name| name.to_str()?.parse::<usize>().ok());
        if let Some(slot) = index.and_then(|index| values.get_mut(index)) {
            let mut value = Vec::new();
            entry.read_to_end(&mut value)?;
            *slot = Some(String::from_utf8_lossy(&value).into_owned());
        }
    }
    Ok(values)
}
