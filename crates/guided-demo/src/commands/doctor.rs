//! `guided-demo doctor`: looks whether everything that the demos need is there.

use build_engine::Engine;

use crate::cli::TargetArgs;
use crate::command_error::CommandError;
use crate::doctor::DockerfilePlan;
use crate::doctor::Finding;
use crate::doctor::FindingState;
use crate::doctor::account_findings;
use crate::doctor::engine_finding;
use crate::doctor::identity_finding;
use crate::doctor::image_finding;
use crate::exit_code::ExitCode;
use crate::state::StateDirectory;
use crate::target;
use crate::target::TargetChoice;
use crate::ui::Ui;

/// The build image of the default demo.
const BUILD_IMAGE: &str = "docker:dind";

/// Looks and reports.
pub(crate) async fn doctor(
    ui: &Ui,
    args: TargetArgs,
    state: StateDirectory,
) -> Result<ExitCode, CommandError> {
    let options = super::target_options(args, state);
    let mut missing = false;
    let mut show = |finding: Finding| {
        missing |= finding.state == FindingState::Missing;
        ui.line(&finding.render(&ui.screen()));
    };
    show(Finding::new(
        "State",
        FindingState::Ready,
        options.state.root().display().to_string(),
    ));
    if options.choice == TargetChoice::Local {
        let engine = Engine::connect(options.engine_host.as_deref()).await;
        match engine {
            Err(error) => show(engine_finding(Err(&error.to_string()))),
            Ok(engine) => {
                show(engine_finding(Ok(&engine)));
                show(image_finding(&engine, BUILD_IMAGE).await);
                match DockerfilePlan::decide(options.choice.kind(), Some(&engine)).await {
                    Ok(plan) => show(plan.finding()),
                    Err(error) => {
                        let detail = [vec![error.message], error.hints].concat().join(". ");
                        show(Finding::new("Base images", FindingState::Missing, detail));
                    }
                }
            }
        }
    }
    let checkouts = super::aws::default_checkouts(&options);
    match target::open(&options, checkouts, None).await {
        Ok(opened) => {
            let (finding, identity) = identity_finding(&opened.session).await;
            show(finding);
            if let Some(identity) = identity.filter(|_| options.choice != TargetChoice::Local) {
                for finding in account_findings(&opened.session, &identity).await {
                    show(finding);
                }
            }
            opened.close().await;
        }
        Err(error) => show(Finding::new("AWS", FindingState::Missing, error.message)),
    }
    if missing {
        return Err(CommandError::prerequisite("something that the demo needs is missing")
            .hinted("See the lines with ✘ above. A recorded walk needs nothing: guided-demo run --target replay"));
    }
    Ok(ExitCode::DONE)
}
