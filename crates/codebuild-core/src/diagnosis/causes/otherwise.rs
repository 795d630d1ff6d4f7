//! What can be said of any failure, if no cause was found.

use super::super::cause::Cause;
use super::super::cause::Sign;
use super::super::record::Failure;

pub(in super::super) const CAUSES: &[Cause] = &[
    Cause {
        id: "command-failed",
        exam_task: "1.2",
        sign: Sign::When(|failure| in_phase(failure, &["INSTALL", "PRE_BUILD"])),
        what: "{command} ended with exit status {status} in {phase}.",
        why: "A failure in INSTALL or PRE_BUILD ends the command phases: BUILD and POST_BUILD do not run.",
        fix: "The lines above `Command did not exit successfully` in the log are the command's own.",
    },
    Cause {
        id: "command-failed",
        exam_task: "1.2",
        sign: Sign::When(|failure| in_phase(failure, &["BUILD"])),
        what: "{command} ended with exit status {status} in {phase}.",
        why: "POST_BUILD runs even so; CODEBUILD_BUILD_SUCCEEDING is 0 there.",
        fix: "The lines above `Command did not exit successfully` in the log are the command's own.",
    },
    Cause {
        id: "command-failed",
        exam_task: "1.2",
        sign: Sign::When(|failure| in_phase(failure, &[failure.phase])),
        what: "{command} ended with exit status {status} in {phase}.",
        why: "A command that ends with anything but 0 fails its phase and the build.",
        fix: "The lines above `Command did not exit successfully` in the log are the command's own.",
    },
    Cause {
        id: "phase-failed",
        exam_task: "5.3",
        sign: Sign::When(|failure| (!failure.phase.is_empty()).then(|| failure.context_line())?),
        what: "The build failed in {phase}.",
        why: "The phase's message says why.",
        fix: "Read the phase's message and the end of the log.",
    },
    Cause {
        id: "phase-failed",
        exam_task: "5.3",
        sign: Sign::When(|failure| Some(failure.context_line().unwrap_or_default())),
        what: "The build ended as {build-status}.",
        why: "The record does not say why.",
        fix: "Read the end of the log.",
    },
];

fn in_phase(failure: &Failure<'_>, phases: &[&str]) -> Option<String> {
    failure.exit_status()?;
    phases
        .contains(&failure.phase)
        .then(|| failure.context_line().unwrap_or_default())
}
