//! `guided-demo credential-helper`: what git asks who one is, for repositories of CodeCommit. The
//! protocol is that of gitcredentials(7).

use std::io::BufRead;

use codebuild_core::GitLogin;
use codebuild_core::Session;
use codebuild_core::Target;
use local_aws::LocalAws;

use crate::cli::CredentialHelperArgs;
use crate::cli::CredentialOperation;
use crate::command_error::CommandError;
use crate::exit_code::ExitCode;
use crate::state::StateDirectory;
use crate::target;
use crate::target::TargetChoice;
use crate::ui::Ui;

/// Names of this machine's loopback addresses.
const LOOPBACK: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// What git asks about.
#[derive(Debug, Default)]
struct Question {
    host: String,
    path: String,
}

/// Answers git. Passwords are made afresh each time: there is nothing to store or to erase.
pub(crate) async fn credential_helper(
    ui: &Ui,
    args: CredentialHelperArgs,
    state: StateDirectory,
) -> Result<ExitCode, CommandError> {
    if args.operation != CredentialOperation::Get {
        return Ok(ExitCode::DONE);
    }
    let question = read(std::io::stdin().lock());
    let Some((session, region)) = session(&args, &question, &state).await? else {
        // Another helper may know this host.
        return Ok(ExitCode::DONE);
    };
    if question.path.is_empty() {
        return Err(CommandError::usage(
            "git did not say which repository it asks about, and passwords of CodeCommit are for one",
        )
        .hinted("Set `git config --global credential.useHttpPath true`."));
    }
    let login = GitLogin::make(&session, region.as_deref(), &question.host, &question.path).await?;
    ui.line(&format!("username={}", login.username));
    ui.line(&format!("password={}", login.password));
    Ok(ExitCode::DONE)
}

fn read(lines: impl BufRead) -> Question {
    let mut question = Question::default();
    for line in lines.lines().map_while(Result::ok) {
        match line.split_once('=') {
            Some(("host", host)) => question.host = host.to_owned(),
            Some(("path", path)) => question.path = path.to_owned(),
            Some(_) => {}
            None => break,
        }
    }
    question
}

/// Whose passwords are for this host, and the region that it names; `None` for a host that is not
/// CodeCommit's.
async fn session(
    args: &CredentialHelperArgs,
    question: &Question,
    state: &StateDirectory,
) -> Result<Option<(Session, Option<String>)>, CommandError> {
    if args.target == TargetChoice::Local {
        let access = LocalAws::running(&state.local_aws()).ok_or_else(|| {
            CommandError::prerequisite("no local AWS is running on this state directory").hinted(
                format!(
                    "Start one in another terminal: {}",
                    state.invocation("serve")
                ),
            )
        })?;
        let port = access.endpoint.rsplit_once(':').map(|(_, port)| port);
        let is_here = |(name, at): (&str, &str)| LOOPBACK.contains(&name) && Some(at) == port;
        if !question.host.rsplit_once(':').is_some_and(is_here) {
            return Ok(None);
        }
        return Ok(Some((target::connect_to(&access).await?, None)));
    }
    let Some(region) = region_of(&question.host) else {
        return Ok(None);
    };
    let target = Target::Aws {
        profile: args.profile.clone(),
        region: Some(region.to_owned()),
    };
    let session = Session::connect(target).await?;
    Ok(Some((session, Some(region.to_owned()))))
}

/// The region of a host such as `git-codecommit.eu-central-1.amazonaws.com`.
fn region_of(host: &str) -> Option<&str> {
    let rest = host
        .strip_prefix("git-codecommit.")
        .or_else(|| host.strip_prefix("git-codecommit-fips."))?;
    let region = rest
        .strip_suffix(".amazonaws.com")
        .or_else(|| rest.strip_suffix(".amazonaws.com.cn"))?;
    (!region.is_empty() && !region.contains('.')).then_some(region)
}

#[cfg(test)]
mod tests {
    use super::read;
    use super::region_of;

    #[test]
    fn only_hosts_of_codecommit_have_a_region() {
        let host = "git-codecommit.eu-central-1.amazonaws.com";
        assert_eq!(region_of(host), Some("eu-central-1"));
        for host in [
            "github.com",
            "git-codecommit.amazonaws.com",
            "git-codecommit.eu-central-1.amazonaws.com.example.org",
            "git-codecommit.x.y.amazonaws.com",
        ] {
            assert_eq!(region_of(host), None, "{host}");
        }
    }

    #[test]
    fn the_question_ends_with_an_empty_line() {
        let question = read(&b"protocol=http\nhost=localhost:1\npath=v1/repos/a\n\nhost=x\n"[..]);
        assert_eq!(question.host, "localhost:1");
        assert_eq!(question.path, "v1/repos/a");
    }
}
