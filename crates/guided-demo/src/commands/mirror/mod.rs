//! `guided-demo mirror`: one push of a git repository goes to its own remote and to CodeCommit.

mod git;
mod undo;

use std::path::PathBuf;

use codebuild_core::Session;
use codebuild_core::create_repository;
use codebuild_core::has_repository;
use local_aws::LocalAws;

use super::target_options;
use crate::cli::MirrorArgs;
use crate::command_error::CommandError;
use crate::exit_code::ExitCode;
use crate::invocation::git_credential_helper;
use crate::state::Ledger;
use crate::state::LedgerEntry;
use crate::state::LedgerTarget;
use crate::state::Mirror;
use crate::state::StateDirectory;
use crate::state::WalkKey;
use crate::target;
use crate::target::TargetChoice;
use crate::ui::Answer;
use crate::ui::TerminalGuard;
use crate::ui::Ui;
use crate::ui::confirm;
use git::Checkout;

/// What is going to be done.
struct Plan {
    remote: String,
    branch: String,
    /// The push URLs that are set now.
    set: Vec<String>,
    /// Where pushes go now.
    before: Vec<String>,
    /// Where pushes to CodeCommit go.
    url: String,
    /// The CodeCommit repository.
    name: String,
    exists: bool,
    description: String,
    record: PathBuf,
    known: Option<Mirror>,
    /// The part of `url` that passwords are for.
    server: String,
    helper: String,
}

/// Mirrors a remote, or puts it back.
pub(crate) async fn mirror(
    ui: &Ui,
    args: MirrorArgs,
    state: StateDirectory,
) -> Result<ExitCode, CommandError> {
    let checkout = Checkout::find().await?;
    let record = state.mirror(&checkout.directory, &args.remote);
    if args.undo {
        return undo::undo(ui, &args, &checkout, &record, &state).await;
    }
    let urls = checkout.urls(&args.remote).await?;
    let branch = checkout.branch().await?;
    let known = Mirror::load(&record)?;
    if known.as_ref().is_some_and(|known| known.complete) {
        return Err(already_mirrored(&args.remote));
    }
    if !matches!(args.target.target, TargetChoice::Local | TargetChoice::Aws) {
        return Err(CommandError::usage(format!(
            "mirror knows no CodeCommit at {}: use --target local or --target aws",
            args.target.target
        )));
    }
    let name = match &args.repository {
        Some(name) => name.clone(),
        None => name_in(&urls[0])?,
    };
    let served = LocalAws::running(&state.local_aws()).is_some();
    let options = target_options(args.target.clone(), state.clone());
    let opened = target::open(&options, Vec::new(), None).await?;
    let done = async {
        let session = &opened.session;
        let identity = session.identity().await?;
        let target = LedgerTarget {
            target: options.choice.to_string(),
            profile: options.profile.clone(),
            account: identity.account,
            region: session.region().unwrap_or_default(),
        };
        let set = checkout
            .settings(&format!("remote.{}.pushurl", args.remote))
            .await?;
        let exists = has_repository(session, &name).await?;
        let server = match opened.endpoint() {
            Some(endpoint) => endpoint.to_owned(),
            None => server_of(&target.region),
        };
        let mut helper = Vec::new();
        if options.choice != TargetChoice::Local {
            helper.extend(["--target".to_owned(), "aws".to_owned()]);
        }
        if let Some(profile) = &options.profile {
            helper.extend(["--profile".to_owned(), profile.clone()]);
        }
        let plan = Plan {
            before: if set.is_empty() { urls } else { set.clone() },
            set,
            url: format!("{server}/v1/repos/{name}"),
            exists,
            name,
            branch,
            remote: args.remote.clone(),
            description: args.description.clone(),
            record,
            known,
            helper: git_credential_helper(state.root(), &helper),
            server,
        };
        if plan.known.is_none() && plan.before.contains(&plan.url) {
            return Err(already_mirrored(&plan.remote));
        }
        ui.out(&plan.told(&target));
        if args.dry_run {
            return Ok(ExitCode::DONE);
        }
        if !agreed(ui, &args, "Do this?")? {
            ui.line("Nothing was changed.");
            return Ok(ExitCode::DONE);
        }
        plan.carry_out(ui, &checkout, session, &state, target)
            .await?;
        if options.choice == TargetChoice::Local && !served {
            ui.line(&format!(
                "Later pushes need the local AWS: run `{}` in another terminal.",
                state.invocation("serve")
            ));
        }
        Ok(ExitCode::DONE)
    }
    .await;
    opened.close().await;
    done
}

impl Plan {
    /// What is going to be done, for people.
    fn told(&self, target: &LedgerTarget) -> String {
        let mut text = format!(
            "CodeCommit on {} (account {}, {}):\n",
            target.target, target.account, target.region
        );
        let what = if self.exists {
            "use the repository, which is there already"
        } else {
            "create the repository"
        };
        text.push_str(&format!("  {what}: {}\n", self.name));
        text.push_str(&format!("Remote {}, push URLs now:\n", self.remote));
        for url in &self.before {
            text.push_str(&format!("  {url}\n"));
        }
        text.push_str("and then:\n");
        for url in self.after() {
            text.push_str(&format!("  {url}\n"));
        }
        text.push_str(&format!(
            "git asks guided-demo for passwords for {}.\nThen `git push --set-upstream {} {}` pushes \
             to all of them.\n",
            self.server, self.remote, self.branch
        ));
        text
    }

    fn after(&self) -> Vec<String> {
        let mut after = self.before.clone();
        if !after.contains(&self.url) {
            after.push(self.url.clone());
        }
        after
    }

    async fn carry_out(
        &self,
        ui: &Ui,
        checkout: &Checkout,
        session: &Session,
        state: &StateDirectory,
        target: LedgerTarget,
    ) -> Result<(), CommandError> {
        let made = self.ensure_repository(ui, session, state, &target).await?;
        let credentials = format!("credential.{}.helper", self.server);
        let has_credentials = !checkout.settings(&credentials).await?.is_empty();
        let upstream = format!("branch.{}.remote", self.branch);
        let has_upstream = !checkout.settings(&upstream).await?.is_empty();
        // What a run that was cut off has written down is how it was before.
        let mut mirror = self.known.clone().unwrap_or_else(|| Mirror {
            version: Mirror::VERSION,
            directory: checkout.directory.clone(),
            remote: self.remote.clone(),
            push_urls: self.set.clone(),
            upstream_of: (!has_upstream).then(|| self.branch.clone()),
            credentials_for: (!has_credentials).then(|| self.server.clone()),
            target,
            repository: self.name.clone(),
            made: false,
            complete: false,
        });
        mirror.made |= made;
        mirror.save(&self.record)?;
        if !has_credentials {
            // The empty helper takes away those that would keep a password for longer than it counts.
            let helpers = [String::new(), self.helper.clone()];
            checkout.replace(&credentials, &helpers).await?;
            let path = format!("credential.{}.useHttpPath", self.server);
            checkout.replace(&path, &["true".to_owned()]).await?;
        }
        let present = checkout
            .settings(&format!("remote.{}.pushurl", self.remote))
            .await?;
        for url in self.after() {
            if !present.contains(&url) {
                let add = ["remote", "set-url", "--add", "--push", &self.remote, &url];
                checkout.change(&add).await?;
            }
        }
        if !checkout.push(&self.remote, &self.branch).await? {
            return Err(CommandError::step(format!(
                "the push of `{}` was refused: git says above by which of the URLs and why",
                self.branch
            ))
            .hinted(format!(
                "Repair it and run `{}` again, or put the remote back with `{}`.",
                state.invocation("mirror"),
                state.invocation("mirror --undo")
            )));
        }
        mirror.complete = true;
        mirror.save(&self.record)?;
        ui.line(&format!(
            "Mirrored: `git push {}` goes to {} places now. Put it back with `{}`.",
            self.remote,
            self.after().len(),
            state.invocation("mirror --undo")
        ));
        Ok(())
    }

    /// Creates the repository unless it is there; whether it was created.
    async fn ensure_repository(
        &self,
        ui: &Ui,
        session: &Session,
        state: &StateDirectory,
        target: &LedgerTarget,
    ) -> Result<bool, CommandError> {
        if self.exists {
            return Ok(false);
        }
        let mut ledger = ledger(state, target)?;
        let entry = LedgerEntry {
            kind: "codecommit-repository".to_owned(),
            name: self.name.clone(),
            remove: remove_command(&self.name),
            created: false,
        };
        ledger.intend(entry)?;
        match create_repository(session, &self.name, &self.description).await {
            Ok(()) => {
                ledger.created(&remove_command(&self.name))?;
                ui.line(&format!("Created the repository {}.", self.name));
                Ok(true)
            }
            Err(error) => {
                ledger.removed(&remove_command(&self.name))?;
                if error.code() == Some("RepositoryNameExistsException") {
                    return Ok(false);
                }
                let error = CommandError::from(error);
                Err(error.hinted(
                    "CodeCommit took no new customers from July 2024 to November 2025. If AWS still \
                     refuses your account, use --target local: everything else is the same there.",
                ))
            }
        }
    }
}

/// Where AWS's git repositories of a region are.
fn server_of(region: &str) -> String {
    let end = match region.starts_with("cn-") {
        true => ".cn",
        false => "",
    };
    format!("https://git-codecommit.{region}.amazonaws.com{end}")
}

/// The ledger of mirrors at this place.
fn ledger(state: &StateDirectory, target: &LedgerTarget) -> Result<Ledger, CommandError> {
    let key = WalkKey {
        demo: "mirror".to_owned(),
        account: target.account.clone(),
        region: target.region.clone(),
    };
    Ok(Ledger::open(state.ledger(&key), target.clone())?)
}

/// The command that removes the repository.
fn remove_command(name: &str) -> Vec<String> {
    [
        "aws",
        "codecommit",
        "delete-repository",
        "--repository-name",
        name,
    ]
    .map(str::to_owned)
    .to_vec()
}

fn already_mirrored(remote: &str) -> CommandError {
    CommandError::usage(format!("the remote `{remote}` is mirrored already"))
        .hinted(format!(
            "See its URLs with `git remote get-url --push --all {remote}`."
        ))
        .hinted("Put it back as it was with `guided-demo mirror --undo`.")
}

/// The name in a remote's URL.
fn name_in(url: &str) -> Result<String, CommandError> {
    let last = url.trim_end_matches('/').rsplit(['/', ':']).next();
    let name = last.unwrap_or_default();
    let name = name.strip_suffix(".git").unwrap_or(name);
    let is_fine = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if name.is_empty() || name.starts_with('.') || !name.chars().all(is_fine) {
        return Err(CommandError::usage(format!(
            "the remote's URL {url} has no name that CodeCommit takes"
        ))
        .hinted("Name the repository with --repository NAME."));
    }
    Ok(name.to_owned())
}

/// Whether the person agrees.
fn agreed(ui: &Ui, args: &MirrorArgs, question: &str) -> Result<bool, CommandError> {
    if args.yes {
        return Ok(true);
    }
    if args.no_input || !ui.can_ask() {
        return Err(CommandError::usage(
            "mirror asks before it changes anything, and there is nobody to ask",
        )
        .hinted("Add --yes to agree, or --dry-run to only look."));
    }
    let _guard = TerminalGuard::new(true);
    match confirm(ui, question) {
        Answer::Given(yes) => Ok(yes),
        Answer::Interrupted | Answer::Gone => Err(CommandError::interrupted()),
    }
}

#[cfg(test)]
mod tests {
    use super::name_in;

    #[test]
    fn a_url_has_a_name() {
        for url in [
            "git@github.com:owner/demo.git",
            "https://github.com/owner/demo",
            "ssh://git@example.org/demo.git/",
            "../demo.git",
            "host:demo",
        ] {
            assert_eq!(name_in(url).unwrap(), "demo", "{url}");
        }
        assert!(name_in("https://example.org/%20").is_err());
    }
}
