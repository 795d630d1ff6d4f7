//! How the person calls this binary, for the commands that we tell them to run next.

use std::path::Path;

/// The command line with these arguments: through cargo if cargo has started us.
pub(crate) fn invocation(arguments: &str) -> String {
    written(std::env::var_os("CARGO_MANIFEST_DIR").is_some(), arguments)
}

fn written(by_cargo: bool, arguments: &str) -> String {
    match (by_cargo, arguments) {
        (false, "") => "guided-demo".to_owned(),
        (false, arguments) => format!("guided-demo {arguments}"),
        (true, "") => "cargo run".to_owned(),
        (true, arguments) => format!("cargo run --quiet -- {arguments}"),
    }
}

/// The helper that answers git for CodeCommit, as git's setting `credential.helper` names it: this
/// binary by its path, as git has a PATH of its own.
pub(crate) fn git_credential_helper(state_dir: &Path, options: &[String]) -> String {
    let binary = std::env::current_exe();
    let binary = binary.map_or_else(|_| "guided-demo".to_owned(), |path| slashes(&path));
    let mut words = vec![binary, "--state-dir".to_owned(), slashes(state_dir)];
    words.push("credential-helper".to_owned());
    words.extend_from_slice(options);
    let words = words
        .iter()
        .map(|word| format!("'{}'", word.replace('\'', "'\\''")));
    format!("!{}", words.collect::<Vec<_>>().join(" "))
}

/// A path as git's own shell takes it.
fn slashes(path: &Path) -> String {
    let text = path.to_string_lossy();
    match cfg!(windows) {
        true => text.replace('\\', "/"),
        false => text.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::written;

    #[test]
    fn the_next_command_is_one_that_works_as_the_last_one_did() {
        assert_eq!(written(false, ""), "guided-demo");
        assert_eq!(written(false, "cleanup"), "guided-demo cleanup");
        assert_eq!(written(true, ""), "cargo run");
        assert_eq!(written(true, "cleanup"), "cargo run --quiet -- cleanup");
    }
}
