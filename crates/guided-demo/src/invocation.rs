//! How the person calls this binary, for the commands that we tell them to run next.

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
