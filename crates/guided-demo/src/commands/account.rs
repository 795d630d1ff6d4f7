//! Which profile and region of the user's AWS configuration a walk uses, asked where neither the
//! command line nor the environment says.

use std::sync::LazyLock;

use codebuild_core::Session;
use codebuild_core::Target;
use codebuild_core::profiles;
use regex::Regex;

use crate::command_error::CommandError;
use crate::drive::Signals;
use crate::state::RememberedAnswers;
use crate::target::TargetChoice;
use crate::target::TargetOptions;
use crate::ui::Answer;
use crate::ui::TerminalGuard;
use crate::ui::Ui;
use crate::ui::choose_one;
use crate::ui::read_value;

/// Under which name the answers are remembered, beside those of the demos.
const REMEMBERED: &str = "--target aws";

/// The region to suggest.
const REGION: &str = "eu-central-1";

/// What regions look like. Whether there is such a one shows the first call.
static REGION_NAME: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new("^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$").ok());

/// Asks for what is missing of a walk on the user's own account.
///
/// # Errors
///
/// If the person leaves, or the answers cannot be remembered.
pub(super) async fn ask(ui: &Ui, options: &mut TargetOptions) -> Result<(), CommandError> {
    if options.choice != TargetChoice::Aws {
        return Ok(());
    }
    // Ctrl-C is a signal just before a prompt reads keys, and at dialoguer's also after.
    let mut signals = Signals::listen()?;
    let _guard = TerminalGuard::new(true);
    let file = options.state.answers();
    let mut answers = RememberedAnswers::load(&file);
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let names = profiles();
    let only_default = names.iter().all(|name| name == "default");
    if options.profile.is_none()
        && !["AWS_PROFILE", "AWS_ACCESS_KEY_ID"].into_iter().any(is_set)
        && !only_default
    {
        let here = answers
            .get(REMEMBERED, "profile")
            .and_then(|last| names.iter().position(|name| name == last))
            .unwrap_or(0);
        let listed = names.clone();
        let at = asked(&mut signals, move || {
            choose_one("Profile of your AWS configuration", &listed, here)
        })
        .await?;
        if let Some(name) = names.get(at) {
            answers.remember(&file, REMEMBERED, "profile", name)?;
            options.profile = Some(name.clone());
        }
    }
    let target = Target::Aws {
        profile: options.profile.clone(),
        region: options.region.clone(),
    };
    if Session::connect(target).await?.region().is_none() {
        ui.line("No region is configured. Projects are made in one.");
        let last = answers
            .get(REMEMBERED, "region")
            .unwrap_or(REGION)
            .to_owned();
        let region = asked(&mut signals, move || {
            read_value("Region", Some(&last), |value| match REGION_NAME.as_ref() {
                Some(name) if !name.is_match(value) => Err(format!(
                    "`{value}` is not the name of a region, such as {REGION}"
                )),
                _ => Ok(()),
            })
        })
        .await?;
        answers.remember(&file, REMEMBERED, "region", &region)?;
        options.region = Some(region);
    }
    Ok(())
}

/// Asks on a thread of its own, so that a signal is heard whenever it comes.
async fn asked<T: Send + 'static>(
    signals: &mut Signals,
    question: impl FnOnce() -> Answer<T> + Send + 'static,
) -> Result<T, CommandError> {
    let asking = tokio::task::spawn_blocking(question);
    match signals.or_interrupt(asking).await {
        Some(Ok(Answer::Given(value))) => Ok(value),
        _ => Err(CommandError::interrupted()),
    }
}
