//! The profiles of the user's AWS configuration, by name.

use std::path::Path;

use crate::credential_search::config_file;

/// The names of all profiles in the AWS CLI's two files, `default` first, the others in order of
/// their names. No key is read.
#[must_use]
pub fn profiles() -> Vec<String> {
    let env = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    profiles_in(
        &config_file(env, "AWS_CONFIG_FILE", "config"),
        &config_file(env, "AWS_SHARED_CREDENTIALS_FILE", "credentials"),
    )
}

fn profiles_in(config: &Path, credentials: &Path) -> Vec<String> {
    let mut names = sections(config, |section| match section {
        "default" => Some("default"),
        // Other sections, such as `sso-session x`, are no profiles.
        section => section.strip_prefix("profile ").map(str::trim),
    });
    names.extend(sections(credentials, |section| Some(section)));
    names.sort_by_key(|name| (name != "default", name.clone()));
    names.dedup();
    names
}

fn sections(file: &Path, profile: impl Fn(&str) -> Option<&str>) -> Vec<String> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.lines()
        .filter_map(|line| {
            let (section, _) = line.trim().strip_prefix('[')?.split_once(']')?;
            profile(section.trim())
        })
        .map(|name| name.trim_matches(['"', '\'']).to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::profiles_in;

    #[test]
    fn profiles_of_both_files_are_named_once() {
        let folder = tempfile::tempdir().unwrap();
        let (config, credentials) = (folder.path().join("a"), folder.path().join("b"));
        let text = "[profile study] # mine\nregion = x\n[sso-session s]\n[default]\n[profile \"two words\"]\n";
        std::fs::write(&config, text).unwrap();
        std::fs::write(&credentials, "[study]\naws_access_key_id = x\n[old]\n").unwrap();
        assert_eq!(
            profiles_in(&config, &credentials),
            ["default", "old", "study", "two words"]
        );
        let nowhere = folder.path().join("c");
        assert!(profiles_in(&nowhere, &nowhere).is_empty());
    }
}
