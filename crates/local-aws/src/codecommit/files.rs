//! GetFile and GetFolder.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::commits::mode_name;
use super::commits::no_file;
use super::git::Repository;
use super::git::Surroundings;
use super::name;
use crate::error::AwsError;
use crate::services::Services;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FileInput {
    repository_name: Option<String>,
    commit_specifier: Option<String>,
    file_path: Option<String>,
    folder_path: Option<String>,
}

/// The commit that a request names: the default branch's last without a specifier.
async fn commit(repository: &Repository, specifier: Option<&str>) -> Result<String, AwsError> {
    let found = match specifier {
        None => repository.commit("HEAD").await?,
        Some(specifier) => repository.commit(specifier).await?,
    };
    found.ok_or_else(|| {
        AwsError::new(
            "CommitDoesNotExistException",
            format!(
                "Could not find the commit {}",
                specifier.unwrap_or("of the default branch")
            ),
        )
    })
}

pub(super) async fn file(services: &Services, input: FileInput) -> Result<Value, AwsError> {
    let repository = super::repository(services, input.repository_name.as_deref())?;
    let path = name::path(input.file_path.as_deref())?;
    let commit = commit(&repository, input.commit_specifier.as_deref()).await?;
    let entry = repository.entry(&commit, path).await?;
    let entry = entry
        .filter(|entry| entry.mode.starts_with("10") || entry.mode == "120000")
        .ok_or_else(|| no_file(path))?;
    let content = repository
        .run(&["cat-file", "blob", &entry.id], &Surroundings::default())
        .await?
        .ok_or_else(|| no_file(path))?;
    Ok(json!({
        "commitId": commit,
        "blobId": entry.id,
        "filePath": path,
        "fileMode": mode_name(&entry.mode),
        "fileSize": content.len(),
        "fileContent": STANDARD.encode(content),
    }))
}

pub(super) async fn folder(services: &Services, input: FileInput) -> Result<Value, AwsError> {
    let repository = super::repository(services, input.repository_name.as_deref())?;
    let given = input.folder_path.as_deref().unwrap_or_default();
    let root = given.trim_matches('/').is_empty();
    let path = if root { "" } else { name::path(Some(given))? };
    let commit = commit(&repository, input.commit_specifier.as_deref()).await?;
    let tree = repository
        .text(&[
            "rev-parse",
            "--verify",
            "--quiet",
            &format!("{commit}:{path}"),
        ])
        .await?;
    let missing = || {
        AwsError::new(
            "FolderDoesNotExistException",
            format!("Could not find path {path}"),
        )
    };
    let tree = tree.ok_or_else(missing)?;
    if repository
        .text(&["cat-file", "-t", &tree])
        .await?
        .as_deref()
        != Some("tree")
    {
        return Err(missing());
    }
    let (mut folders, mut files, mut links, mut modules) = (vec![], vec![], vec![], vec![]);
    for entry in repository.entries(&[&tree]).await? {
        let absolute = match path {
            "" => entry.path.clone(),
            path => format!("{path}/{}", entry.path),
        };
        let id_name = match entry.mode.as_str() {
            "040000" => "treeId",
            "160000" => "commitId",
            _ => "blobId",
        };
        let mut shown = json!({ "absolutePath": absolute, "relativePath": entry.path });
        shown[id_name] = entry.id.into();
        match entry.mode.as_str() {
            "040000" => folders.push(shown),
            "160000" => modules.push(shown),
            "120000" => {
                shown["fileMode"] = "SYMLINK".into();
                links.push(shown);
            }
            mode => {
                shown["fileMode"] = mode_name(mode).into();
                files.push(shown);
            }
        }
    }
    Ok(json!({
        "commitId": commit,
        "folderPath": path,
        "treeId": tree,
        "subFolders": folders,
        "files": files,
        "symbolicLinks": links,
        "subModules": modules,
    }))
}
