//! CreateCommit, PutFile and GetCommit.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use super::branches;
use super::git::Repository;
use super::git::Surroundings;
use super::name;
use super::reference_events;
use crate::account::Account;
use crate::error::AwsError;
use crate::services::Services;

/// How many files one commit may change.
const FILES: usize = 100;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct CommitInput {
    repository_name: Option<String>,
    branch_name: Option<String>,
    parent_commit_id: Option<String>,
    author_name: Option<String>,
    email: Option<String>,
    commit_message: Option<String>,
    put_files: Option<Vec<PutFileEntry>>,
    delete_files: Option<Vec<PathEntry>>,
    set_file_modes: Option<Vec<ModeEntry>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PutFileEntry {
    file_path: Option<String>,
    file_mode: Option<String>,
    /// In Base64.
    file_content: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PathEntry {
    file_path: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ModeEntry {
    file_path: Option<String>,
    file_mode: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CommitOutput {
    commit_id: String,
    tree_id: String,
    files_added: Vec<FileOutput>,
    files_updated: Vec<FileOutput>,
    files_deleted: Vec<FileOutput>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct FileOutput {
    absolute_path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    blob_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_mode: Option<&'static str>,
}

/// git's mode of a mode of CodeCommit.
fn mode(text: Option<&str>) -> Result<&'static str, AwsError> {
    match text {
        None | Some("NORMAL") => Ok("100644"),
        Some("EXECUTABLE") => Ok("100755"),
        Some("SYMLINK") => Ok("120000"),
        Some(other) => Err(AwsError::new(
            "InvalidFileModeException",
            format!("{other} is not a file mode. Use EXECUTABLE, NORMAL or SYMLINK."),
        )),
    }
}

/// CodeCommit's name of a mode of git.
pub(super) fn mode_name(mode: &str) -> &'static str {
    match mode {
        "100755" => "EXECUTABLE",
        "120000" => "SYMLINK",
        _ => "NORMAL",
    }
}

pub(super) async fn create(
    services: &Services,
    input: CommitInput,
) -> Result<CommitOutput, AwsError> {
    let repository = super::repository(services, input.repository_name.as_deref())?;
    let branch = name::branch(input.branch_name.as_deref())?;
    let parent = checked_parent(&repository, branch, input.parent_commit_id.as_deref()).await?;
    let puts = input.put_files.unwrap_or_default();
    let deletes = input.delete_files.unwrap_or_default();
    let modes = input.set_file_modes.unwrap_or_default();
    let count = puts.len() + deletes.len() + modes.len();
    if count == 0 {
        return Err(super::missing(
            "FileEntryRequiredException",
            "At least one file to put, delete or change the mode of",
        ));
    }
    if count > FILES {
        return Err(AwsError::new(
            "MaximumFileEntriesExceededException",
            format!("One commit can change at most {FILES} files."),
        ));
    }
    let mut plan = Plan::begin(&repository, parent).await?;
    for put in puts {
        let content = put.file_content.as_deref().ok_or_else(|| {
            super::missing(
                "FileContentRequiredException",
                "The content of a file, or a source file,",
            )
        })?;
        plan.put(
            name::path(put.file_path.as_deref())?,
            &decoded(content)?,
            mode(put.file_mode.as_deref())?,
        )
        .await?;
    }
    for delete in deletes {
        plan.delete(name::path(delete.file_path.as_deref())?)
            .await?;
    }
    for change in modes {
        let path = name::path(change.file_path.as_deref())?;
        plan.set_mode(path, mode(change.file_mode.as_deref())?)
            .await?;
    }
    let signature = Signature::of(
        input.author_name.as_deref(),
        input.email.as_deref(),
        input.commit_message.as_deref(),
    );
    let output = plan.commit(branch, &signature).await?;
    let name = input.repository_name.unwrap_or_default();
    reference_events::tell(services, &name, &services.account.user_arn()).await?;
    Ok(output)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PutFileInput {
    repository_name: Option<String>,
    branch_name: Option<String>,
    file_content: Option<String>,
    file_path: Option<String>,
    file_mode: Option<String>,
    parent_commit_id: Option<String>,
    commit_message: Option<String>,
    name: Option<String>,
    email: Option<String>,
}

pub(super) async fn put_file(services: &Services, input: PutFileInput) -> Result<Value, AwsError> {
    let repository = super::repository(services, input.repository_name.as_deref())?;
    let branch = name::branch(input.branch_name.as_deref())?;
    let path = name::path(input.file_path.as_deref())?;
    let content = input
        .file_content
        .as_deref()
        .ok_or_else(|| super::missing("FileContentRequiredException", "The content of the file"))?;
    let parent = checked_parent(&repository, branch, input.parent_commit_id.as_deref()).await?;
    let mut plan = Plan::begin(&repository, parent).await?;
    let mode = mode(input.file_mode.as_deref())?;
    let blob = plan.put(path, &decoded(content)?, mode).await?;
    if plan.is_empty() {
        return Err(AwsError::new(
            "SameFileContentException",
            "The file was not added or updated because its content is exactly the same as the \
             content of that file in the branch that you specified.",
        ));
    }
    let signature = Signature::of(
        input.name.as_deref(),
        input.email.as_deref(),
        input.commit_message.as_deref(),
    );
    let output = plan.commit(branch, &signature).await?;
    let name = input.repository_name.unwrap_or_default();
    reference_events::tell(services, &name, &services.account.user_arn()).await?;
    Ok(json!({
        "commitId": output.commit_id, "blobId": blob, "treeId": output.tree_id
    }))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeleteFileInput {
    repository_name: Option<String>,
    branch_name: Option<String>,
    file_path: Option<String>,
    parent_commit_id: Option<String>,
    keep_empty_folders: Option<bool>,
    commit_message: Option<String>,
    name: Option<String>,
    email: Option<String>,
}

pub(super) async fn delete_file(
    services: &Services,
    input: DeleteFileInput,
) -> Result<Value, AwsError> {
    let repository = super::repository(services, input.repository_name.as_deref())?;
    let branch = name::branch(input.branch_name.as_deref())?;
    let path = name::path(input.file_path.as_deref())?;
    if input.keep_empty_folders == Some(true) {
        return Err(AwsError::new(
            "UnsupportedOperationException",
            "The local AWS does not keep empty folders. Leave keepEmptyFolders out.",
        ));
    }
    if repository.branch(branch).await?.is_none() {
        return Err(branches::does_not_exist(branch));
    }
    let parent = checked_parent(&repository, branch, input.parent_commit_id.as_deref()).await?;
    let mut plan = Plan::begin(&repository, parent).await?;
    plan.delete(path).await?;
    let signature = Signature::of(
        input.name.as_deref(),
        input.email.as_deref(),
        input.commit_message.as_deref(),
    );
    let output = plan.commit(branch, &signature).await?;
    let name = input.repository_name.unwrap_or_default();
    reference_events::tell(services, &name, &services.account.user_arn()).await?;
    let deleted = output.files_deleted.first();
    Ok(json!({
        "commitId": output.commit_id,
        "blobId": deleted.and_then(|file| file.blob_id.as_deref()),
        "treeId": output.tree_id,
        "filePath": path,
    }))
}

fn decoded(content: &str) -> Result<Vec<u8>, AwsError> {
    STANDARD
        .decode(content)
        .map_err(|_| AwsError::serialization("The content of a file is not Base64"))
}

/// The commit that a new one follows: the branch's last. The client must know it.
async fn checked_parent(
    repository: &Repository,
    branch: &str,
    given: Option<&str>,
) -> Result<Option<String>, AwsError> {
    let tip = repository.branch(branch).await?;
    match (tip, given) {
        (Some(tip), Some(given)) if tip == given => Ok(Some(tip)),
        (Some(_), Some(given)) => Err(AwsError::new(
            "ParentCommitIdOutdatedException",
            format!("The parent commit ID {given} is not the last commit of the branch {branch}"),
        )),
        (Some(_), None) => Err(AwsError::new(
            "ParentCommitIdRequiredException",
            format!("A parent commit ID is required: the branch {branch} has commits"),
        )),
        (None, Some(given)) => match by_id(repository, given).await? {
            // A new branch may begin at any commit.
            Some(commit) => Ok(Some(commit)),
            None => Err(AwsError::new(
                "ParentCommitDoesNotExistException",
                format!("The parent commit {given} does not exist"),
            )),
        },
        (None, None) if repository.branches().await?.is_empty() => Ok(None),
        (None, None) => Err(branches::does_not_exist(branch)),
    }
}

/// Who commits, and what is said about it.
#[derive(Debug)]
struct Signature {
    name: String,
    email: String,
    message: String,
}

impl Signature {
    fn of(name: Option<&str>, email: Option<&str>, message: Option<&str>) -> Self {
        // git takes neither angle brackets nor line ends in a signature.
        let clean = |text: &str| text.replace(['<', '>', '\n', '\0'], "");
        let name = clean(name.unwrap_or(Account::USER));
        Self {
            name: if name.trim().is_empty() {
                Account::USER.to_owned()
            } else {
                name
            },
            email: clean(email.unwrap_or_default()),
            message: message.unwrap_or_default().replace('\0', ""),
        }
    }
}

/// A commit that is being put together in an index of its own.
#[derive(Debug)]
struct Plan<'a> {
    repository: &'a Repository,
    parent: Option<String>,
    index: tempfile::TempDir,
    added: Vec<FileOutput>,
    updated: Vec<FileOutput>,
    deleted: Vec<FileOutput>,
}

impl<'a> Plan<'a> {
    async fn begin(
        repository: &'a Repository,
        parent: Option<String>,
    ) -> Result<Plan<'a>, AwsError> {
        let index = tempfile::Builder::new()
            .prefix("index-")
            .tempdir_in(repository.directory())
            .map_err(AwsError::storage)?;
        let plan = Self {
            repository,
            parent,
            index,
            added: Vec::new(),
            updated: Vec::new(),
            deleted: Vec::new(),
        };
        match plan.parent.clone() {
            Some(parent) => plan.git(&["read-tree", &parent]).await?,
            None => plan.git(&["read-tree", "--empty"]).await?,
        };
        Ok(plan)
    }

    const fn is_empty(&self) -> bool {
        self.added.is_empty() && self.updated.is_empty() && self.deleted.is_empty()
    }

    async fn git(&self, arguments: &[&str]) -> Result<String, AwsError> {
        self.git_with(arguments, &[]).await
    }

    async fn git_with(&self, arguments: &[&str], input: &[u8]) -> Result<String, AwsError> {
        let index = self.index.path().join("index");
        let variables = [("GIT_INDEX_FILE", index.to_str().unwrap_or_default())];
        let surroundings = Surroundings {
            input,
            variables: &variables,
        };
        let output = self.repository.run(arguments, &surroundings).await?;
        output
            .map(|output| String::from_utf8_lossy(&output).trim().to_owned())
            .ok_or_else(|| {
                AwsError::new(
                    "FileNameConflictsWithDirectoryNameException",
                    "The files do not fit together: a path is a file and a directory at once.",
                )
            })
    }

    async fn existing(&self, path: &str) -> Result<Option<super::git::Entry>, AwsError> {
        match &self.parent {
            Some(parent) => self.repository.entry(parent, path).await,
            None => Ok(None),
        }
    }

    async fn put(
        &mut self,
        path: &str,
        content: &[u8],
        mode: &'static str,
    ) -> Result<String, AwsError> {
        let blob = self.repository.write_blob(content).await?;
        let existing = self.existing(path).await?;
        if let Some(entry) = &existing
            && entry.id == blob
            && entry.mode == mode
        {
            return Ok(blob);
        }
        let entry = format!("{mode},{blob},{path}");
        self.git(&["update-index", "--add", "--cacheinfo", &entry])
            .await?;
        let output = FileOutput {
            absolute_path: path.to_owned(),
            blob_id: Some(blob.clone()),
            file_mode: Some(mode_name(mode)),
        };
        if existing.is_some() {
            self.updated.push(output);
        } else {
            self.added.push(output);
        }
        Ok(blob)
    }

    async fn delete(&mut self, path: &str) -> Result<(), AwsError> {
        let entry = self.existing(path).await?.ok_or_else(|| no_file(path))?;
        // Mode 0 takes an entry out. `--force-remove` wants a working tree.
        let none = format!("0 {}\t{path}\0", "0".repeat(40));
        self.git_with(&["update-index", "-z", "--index-info"], none.as_bytes())
            .await?;
        self.deleted.push(FileOutput {
            absolute_path: path.to_owned(),
            blob_id: Some(entry.id),
            file_mode: Some(mode_name(&entry.mode)),
        });
        Ok(())
    }

    async fn set_mode(&mut self, path: &str, mode: &'static str) -> Result<(), AwsError> {
        let entry = self.existing(path).await?.ok_or_else(|| no_file(path))?;
        let info = format!("{mode},{},{path}", entry.id);
        self.git(&["update-index", "--cacheinfo", &info]).await?;
        self.updated.push(FileOutput {
            absolute_path: path.to_owned(),
            blob_id: Some(entry.id),
            file_mode: Some(mode_name(mode)),
        });
        Ok(())
    }

    /// Writes the commit and moves the branch to it.
    async fn commit(self, branch: &str, signature: &Signature) -> Result<CommitOutput, AwsError> {
        if self.is_empty() {
            return Err(AwsError::new(
                "NoChangeException",
                "The commit cannot be created because no changes will be made to the repository as \
                 a result of this commit.",
            ));
        }
        let first = self.repository.branches().await?.is_empty();
        let tree = self.git(&["write-tree"]).await?;
        let mut arguments = vec!["commit-tree", &tree];
        if let Some(parent) = &self.parent {
            arguments.extend(["-p", parent]);
        }
        let variables = [
            ("GIT_AUTHOR_NAME", signature.name.as_str()),
            ("GIT_AUTHOR_EMAIL", &signature.email),
            ("GIT_COMMITTER_NAME", &signature.name),
            ("GIT_COMMITTER_EMAIL", &signature.email),
            ("TZ", "UTC"),
        ];
        let surroundings = Surroundings {
            input: signature.message.as_bytes(),
            variables: &variables,
        };
        let commit = self.repository.run(&arguments, &surroundings).await?;
        let commit = commit
            .map(|output| String::from_utf8_lossy(&output).trim().to_owned())
            .ok_or_else(|| AwsError::storage("git could not write the commit"))?;
        let reference = format!("refs/heads/{branch}");
        let before = self.repository.branch(branch).await?;
        let expected = before.as_deref().unwrap_or_default();
        let unchanged = before.is_none() || before == self.parent;
        let update = ["update-ref", &reference, &commit, expected];
        if !unchanged || self.repository.text(&update).await?.is_none() {
            return Err(AwsError::new(
                "ConcurrentReferenceUpdateException",
                format!("The branch {branch} was changed by somebody else. Try again."),
            ));
        }
        if first {
            // The first branch is the default one.
            self.repository
                .text(&["symbolic-ref", "HEAD", &reference])
                .await?;
        }
        Ok(CommitOutput {
            commit_id: commit,
            tree_id: tree,
            files_added: self.added,
            files_updated: self.updated,
            files_deleted: self.deleted,
        })
    }
}

pub(super) fn no_file(path: &str) -> AwsError {
    AwsError::new(
        "FileDoesNotExistException",
        format!("Could not find path {path}"),
    )
}

/// A commit that is named by its whole id.
pub(super) async fn by_id(repository: &Repository, id: &str) -> Result<Option<String>, AwsError> {
    let is_id = id.len() == 40 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_id {
        repository.commit(id).await
    } else {
        Err(AwsError::new(
            "InvalidCommitIdException",
            format!("{id} is not a commit ID: it must have 40 hexadecimal digits"),
        ))
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GetCommitInput {
    repository_name: Option<String>,
    commit_id: Option<String>,
}

pub(super) async fn get(services: &Services, input: GetCommitInput) -> Result<Value, AwsError> {
    let repository = super::repository(services, input.repository_name.as_deref())?;
    let id = input
        .commit_id
        .as_deref()
        .ok_or_else(|| super::missing("CommitIdRequiredException", "A commit ID"))?;
    let commit = by_id(&repository, id).await?.ok_or_else(|| {
        AwsError::new(
            "CommitIdDoesNotExistException",
            format!("The commit {id} does not exist"),
        )
    })?;
    let text = repository
        .run(&["cat-file", "commit", &commit], &Surroundings::default())
        .await?
        .unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let (head, message) = text.split_once("\n\n").unwrap_or((&text, ""));
    let values = |name: &str| -> Vec<&str> {
        head.lines()
            .filter_map(|line| line.split_once(' '))
            .filter_map(|(key, value)| (key == name).then_some(value))
            .collect()
    };
    let person = |name: &str| {
        let text = values(name).first().copied().unwrap_or_default();
        let (name, rest) = text.split_once('<').unwrap_or((text, ""));
        let (email, date) = rest.split_once('>').unwrap_or((rest, ""));
        json!({ "name": name.trim(), "email": email, "date": date.trim() })
    };
    Ok(json!({ "commit": {
        "commitId": commit,
        "treeId": values("tree").first(),
        "parents": values("parent"),
        "message": message,
        "author": person("author"),
        "committer": person("committer"),
        "additionalData": "",
    } }))
}
