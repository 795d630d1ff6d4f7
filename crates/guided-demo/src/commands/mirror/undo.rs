//! `guided-demo mirror --undo`.

use std::path::Path;

use codebuild_core::delete_repository;

use super::Checkout;
use super::agreed;
use super::ledger;
use super::remove_command;
use crate::cli::MirrorArgs;
use crate::command_error::CommandError;
use crate::exit_code::ExitCode;
use crate::state::Mirror;
use crate::state::StateDirectory;
use crate::target;
use crate::target::TargetOptions;
use crate::ui::Ui;

/// Puts a remote back as it was, and offers to delete the repository that was made for it.
pub(super) async fn undo(
    ui: &Ui,
    args: &MirrorArgs,
    checkout: &Checkout,
    record: &Path,
    state: &StateDirectory,
) -> Result<ExitCode, CommandError> {
    let mirror = Mirror::load(record)?.ok_or_else(|| {
        CommandError::usage(format!(
            "guided-demo has not mirrored the remote `{}` of this repository",
            args.remote
        ))
        .hinted("Name another remote with --remote, or see them with `git remote --verbose`.")
    })?;
    let push_url = format!("remote.{}.pushurl", mirror.remote);
    ui.line(&format!("Remote {}, push URLs now:", mirror.remote));
    for url in checkout.settings(&push_url).await? {
        ui.line(&format!("  {url}"));
    }
    ui.line("and then:");
    match mirror.push_urls.as_slice() {
        [] => ui.line("  where it is fetched from, as before"),
        urls => urls.iter().for_each(|url| ui.line(&format!("  {url}"))),
    }
    if args.dry_run {
        if mirror.made {
            ui.line(&format!(
                "It would offer to delete the CodeCommit repository {}.",
                mirror.repository
            ));
        }
        return Ok(ExitCode::DONE);
    }
    if !agreed(ui, args, "Put it back?")? {
        ui.line("Nothing was changed.");
        return Ok(ExitCode::DONE);
    }
    restore(checkout, &mirror, &push_url).await?;
    ui.line("The remote is as it was.");
    if mirror.made {
        let question = format!(
            "Delete the CodeCommit repository {} with all its commits?",
            mirror.repository
        );
        if agreed(ui, args, &question)? {
            delete(&mirror, state).await?;
            ui.line(&format!("Deleted the repository {}.", mirror.repository));
        } else {
            ui.line(&format!(
                "The repository {} stays. `{}` removes it.",
                mirror.repository,
                state.invocation("cleanup")
            ));
        }
    }
    Mirror::forget(record)?;
    Ok(ExitCode::DONE)
}

async fn restore(checkout: &Checkout, mirror: &Mirror, push_url: &str) -> Result<(), CommandError> {
    checkout.replace(push_url, &mirror.push_urls).await?;
    if let Some(server) = &mirror.credentials_for {
        let helper = format!("credential.{server}.helper");
        if !checkout.settings(&helper).await?.is_empty() {
            let section = format!("credential.{server}");
            checkout
                .change(&["config", "--local", "--remove-section", &section])
                .await?;
        }
    }
    if let Some(branch) = &mirror.upstream_of {
        let upstream = format!("branch.{branch}.remote");
        if checkout.settings(&upstream).await? == [mirror.remote.as_str()] {
            checkout
                .change(&["branch", "--unset-upstream", branch])
                .await?;
        }
    }
    Ok(())
}

async fn delete(mirror: &Mirror, state: &StateDirectory) -> Result<(), CommandError> {
    let place = &mirror.target;
    let options = TargetOptions {
        choice: place.target.parse().map_err(CommandError::usage)?,
        profile: place.profile.clone(),
        region: Some(place.region.clone()),
        account: None,
        engine_host: None,
        state: state.clone(),
    };
    let opened = target::open(&options, Vec::new(), None).await?;
    let deleted = async {
        let identity = opened.session.identity().await?;
        if identity.account != place.account {
            return Err(CommandError::prerequisite(format!(
                "the repository is in account {}, but your credentials are for {}",
                place.account, identity.account
            ))
            .hinted("Sign in with that account, then run this again."));
        }
        delete_repository(&opened.session, &mirror.repository).await?;
        ledger(state, place)?.removed(&remove_command(&mirror.repository))?;
        Ok(())
    }
    .await;
    opened.close().await;
    deleted
}
