//! Which AWS CLI the student has: older ones do not read the endpoint from the environment.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

/// How long `aws --version` may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The version of the AWS CLI on the PATH, if it reads neither `AWS_ENDPOINT_URL` nor
/// `endpoint_url`. AWS CLI 1.29 and 2.13 were the first to do so.
pub(crate) async fn version_that_ignores_the_endpoint() -> Option<String> {
    let mut command = Command::new("aws");
    command
        .arg("--version")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let output = tokio::time::timeout(PATIENCE, command.output())
        .await
        .ok()?
        .ok()?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = version(&printed)?;
    (!reads_the_endpoint(version)?).then(|| version.to_owned())
}

/// The version in a line such as `aws-cli/2.9.19 Python/3.11.2 …`.
fn version(printed: &str) -> Option<&str> {
    printed.strip_prefix("aws-cli/")?.split_whitespace().next()
}

fn reads_the_endpoint(version: &str) -> Option<bool> {
    let mut numbers = version.split('.');
    let major: u32 = numbers.next()?.parse().ok()?;
    let minor: u32 = numbers.next()?.parse().ok()?;
    Some(match major {
        0 | 1 => (major, minor) >= (1, 29),
        2 => minor >= 13,
        _ => true,
    })
}

#[cfg(test)]
mod tests {
    use super::reads_the_endpoint;
    use super::version;

    #[test]
    fn versions_that_read_the_endpoint() {
        let printed = "aws-cli/2.9.19 Python/3.11.2 Linux/6.1 source/x86_64.debian.12\n";
        assert_eq!(version(printed), Some("2.9.19"));
        assert_eq!(version("command not found"), None);
        for (version, reads) in [
            ("1.22.34", false),
            ("1.28.99", false),
            ("1.29.0", true),
            ("1.46.3", true),
            ("2.9.19", false),
            ("2.12.7", false),
            ("2.13.0", true),
            ("3.0.0", true),
        ] {
            assert_eq!(reads_the_endpoint(version), Some(reads), "{version}");
        }
        assert_eq!(reads_the_endpoint("unknown"), None);
    }
}
