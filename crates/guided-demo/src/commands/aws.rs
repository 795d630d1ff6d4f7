//! `guided-demo aws …`: one AWS call from the student's own shell.

use std::path::Path;

use codebuild_core::AwsCommand;
use local_aws::LocalAws;
use tokio::sync::Notify;

use crate::cli::AwsArgs;
use crate::command_error::CommandError;
use crate::demos::DEFAULT_DEMO;
use crate::demos::Repository;
use crate::exit_code::ExitCode;
use crate::script::Script;
use crate::state::StateDirectory;
use crate::target;
use crate::target::TargetChoice;
use crate::target::TargetOptions;
use crate::ui::Ui;

/// Makes one call.
pub(crate) async fn aws(
    ui: &Ui,
    args: AwsArgs,
    state: StateDirectory,
) -> Result<ExitCode, CommandError> {
    let command = AwsCommand::parse(&args.words, Path::new("."))
        .map_err(|error| CommandError::usage(error.to_string()))?;
    if let Some(sample) = command.sample()? {
        ui.out(&sample.text);
        return Ok(ExitCode::DONE);
    }
    let options = TargetOptions {
        choice: choice(args.target, &args.words, &state),
        profile: option(&args.words, "--profile"),
        region: option(&args.words, "--region"),
        account: None,
        engine_host: None,
        state,
    };
    let checkouts = default_checkouts(&options);
    let opened = target::open(&options, checkouts, None).await?;
    let unread = Notify::new();
    let mut show = |text: &str| {
        ui.out(text);
        if ui.is_closed() {
            unread.notify_one();
        }
    };
    let run = command.run_to(&opened.session, ui.has_colour(), &mut show);
    let result = if command.is_endless() {
        // Ctrl-C is how it ends, so that is no failure, as with the AWS CLI.
        tokio::select! {
            result = run => result,
            _ = tokio::signal::ctrl_c() => Ok(()),
            () = unread.notified() => Ok(()),
        }
    } else {
        run.await
    };
    opened.close().await;
    result?;
    Ok(ExitCode::DONE)
}

/// The default demo's repository, as the walk serves it.
pub(super) fn default_checkouts(options: &TargetOptions) -> Vec<local_aws::Checkout> {
    let found = Repository::find().ok().and_then(|repository| {
        let path = repository.script(DEFAULT_DEMO).ok()?;
        let script = Script::load(&path).ok()?;
        Some(target::checkouts(&script, &repository, &options.state))
    });
    found.unwrap_or_default()
}

/// Where the call goes: an endpoint that the command line names wins. That of the local AWS which
/// runs is the local AWS, with its keys.
fn choice(target: TargetChoice, words: &[String], state: &StateDirectory) -> TargetChoice {
    let Some(url) = option(words, "--endpoint-url") else {
        return target;
    };
    let running = LocalAws::running(&state.local_aws());
    if running.is_some_and(|access| access.endpoint == url) {
        TargetChoice::Local
    } else {
        TargetChoice::Url(url)
    }
}

/// The value of an option of the AWS CLI that decides where a call goes.
fn option(words: &[String], name: &str) -> Option<String> {
    let at = words.iter().position(|word| word == name);
    let separate = at.and_then(|at| words.get(at + 1)).cloned();
    separate.or_else(|| {
        words.iter().find_map(|word| {
            word.strip_prefix(name)?
                .strip_prefix('=')
                .map(str::to_owned)
        })
    })
}
