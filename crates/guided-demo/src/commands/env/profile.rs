//! An AWS profile for the local AWS, in files of our own: `~/.aws` is the student's.

use std::fs;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use local_aws::Access;

use crate::command_error::CommandError;
use crate::state::StateDirectory;

/// The files of a profile.
pub(super) struct ProfileFiles {
    /// For `AWS_CONFIG_FILE`.
    pub(super) config: PathBuf,
    /// For `AWS_SHARED_CREDENTIALS_FILE`.
    pub(super) credentials: PathBuf,
}

/// Writes a profile.
///
/// # Errors
///
/// If the name is not one for a profile, or the files cannot be written.
pub(super) fn write(
    state: &StateDirectory,
    name: &str,
    access: &Access,
) -> Result<ProfileFiles, CommandError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name.is_empty() || !name.chars().all(allowed) || name.starts_with('.') {
        return Err(
            CommandError::usage(format!("`{name}` is not a name for a profile"))
                .hinted("Use letters, digits, dashes, dots and underscores."),
        );
    }
    let directory = state.profile(name);
    let files = ProfileFiles {
        config: directory.join("config"),
        credentials: directory.join("credentials"),
    };
    let section = match name {
        "default" => "default".to_owned(),
        name => format!("profile {name}"),
    };
    let config = format!(
        "[{section}]\nregion = {}\nendpoint_url = {}\n",
        access.region, access.endpoint
    );
    let credentials = format!(
        "[{name}]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
        access.credentials.access_key_id, access.credentials.secret_access_key
    );
    private_directory(&directory)
        .and_then(|()| private_file(&files.config, &config))
        .and_then(|()| private_file(&files.credentials, &credentials))
        .map_err(|error| {
            CommandError::prerequisite(format!(
                "cannot write the profile in {}: {error}",
                directory.display()
            ))
            .hinted("Check the directory's rights, or name another one with --state-dir.")
        })?;
    Ok(files)
}

/// Brings the profiles that were asked for earlier up to date: the port may have changed.
///
/// # Errors
///
/// As [`write()`].
pub(in crate::commands) fn refresh(
    state: &StateDirectory,
    access: &Access,
) -> Result<(), CommandError> {
    let Ok(profiles) = fs::read_dir(state.profiles()) else {
        return Ok(());
    };
    for profile in profiles.flatten() {
        write(state, &profile.file_name().to_string_lossy(), access)?;
    }
    Ok(())
}

fn private_directory(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Writes a file that only its owner can read, whole or not at all.
fn private_file(path: &Path, text: &str) -> io::Result<()> {
    // A temporary file has mode 0600 from its start.
    let mut file = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    file.write_all(text.as_bytes())?;
    file.persist(path)?;
    Ok(())
}
