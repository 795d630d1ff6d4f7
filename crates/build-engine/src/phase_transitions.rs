//! The phase machine held against CodeBuild's rules, without Docker.

use buildspec::Buildspec;
use proptest::prelude::*;

use crate::event::BuildStatus;
use crate::event::Phase;
use crate::event::PhaseContext;
use crate::event::PhaseStatus;
use crate::phase_machine::COMMAND_PHASES;
use crate::phase_machine::Interrupt;
use crate::phase_machine::Machine;
use crate::phase_machine::Outcome;
use crate::phase_machine::Plan;
use crate::phase_machine::Step;
use crate::phase_machine::Work;

/// What a build did, in short words.
#[derive(Debug, Default)]
struct Story {
    started: Vec<Phase>,
    ended: Vec<(Phase, PhaseStatus, PhaseContext)>,
    commands: Vec<String>,
    retried: Vec<(Phase, u8)>,
    status: Option<BuildStatus>,
}

impl Story {
    fn unsuccessful(&self) -> Vec<(Phase, PhaseStatus)> {
        let ended = self
            .ended
            .iter()
            .map(|(phase, status, _)| (*phase, *status));
        ended
            .filter(|(_, status)| *status != PhaseStatus::Succeeded)
            .collect()
    }
}

/// Runs a machine to its end; `outcome` says how each work goes, or what breaks it off.
fn tell(outcome: impl FnMut(&Work) -> Result<Outcome, Interrupt>) -> Story {
    tell_of(Machine::new(), outcome)
}

fn tell_of(
    mut machine: Machine,
    mut outcome: impl FnMut(&Work) -> Result<Outcome, Interrupt>,
) -> Story {
    let mut story = Story::default();
    let mut steps = machine.begin();
    for _ in 0..1000 {
        let mut next = Vec::new();
        for step in steps {
            assert!(next.is_empty(), "work is the last step");
            match step {
                Step::Started(phase) => story.started.push(phase),
                Step::Ended {
                    phase,
                    status,
                    context,
                } => story.ended.push((phase, status, context)),
                Step::Retried { phase, retry, .. } => story.retried.push((phase, retry)),
                Step::Finished(status) => {
                    story.status = Some(status);
                    return story;
                }
                Step::Do(work) => {
                    if let Work::Command { text, .. } = &work {
                        story.commands.push(text.clone());
                    }
                    next = match outcome(&work) {
                        Ok(outcome) => machine.advance(outcome),
                        Err(interrupt) => machine.interrupt(interrupt),
                    };
                }
            }
        }
        steps = next;
    }
    panic!("the build never ends: {story:#?}")
}

/// A build of this buildspec in which a command fails if it begins with `fail`.
fn build_of(text: &str) -> Story {
    let plan = Plan::new(&Buildspec::parse(text).unwrap());
    tell(|work| {
        Ok(match work {
            Work::DownloadSource => Outcome::Planned(plan.clone()),
            Work::Command { text, .. } if text.starts_with("fail") => Outcome::Exited(3),
            _ => Outcome::Done,
        })
    })
}

/// A buildspec with two commands in each phase, the first of which fails in `failing`.
fn four_phases(failing: &str, on_failure: &str) -> String {
    let mut text = String::from("version: 0.2\nphases:\n");
    for phase in ["install", "pre_build", "build", "post_build"] {
        let (first, rule) = if phase == failing {
            ("fail", on_failure)
        } else {
            (phase, "")
        };
        text.push_str(&format!(
            "  {phase}:\n{rule}    commands: [{first}, {phase} 2]\n    finally: [{phase} finally]\n"
        ));
    }
    text
}

#[test]
fn a_good_build_passes_through_all_phases() {
    let story = build_of(&four_phases("none", ""));
    assert_eq!(story.status, Some(BuildStatus::Succeeded));
    assert_eq!(story.started, Phase::ALL[2..]);
    assert_eq!(story.unsuccessful(), []);
    assert_eq!(story.commands.len(), 12);
}

#[test]
fn a_sandbox_waits_after_its_source_until_something_ends_it() {
    let interrupted = |by: Interrupt, at: Work| {
        tell_of(Machine::of_sandbox(), move |work| {
            if *work == at {
                Err(by)
            } else {
                Ok(Outcome::Done)
            }
        })
    };
    let story = interrupted(Interrupt::TimedOut, Work::RunSandbox);
    assert_eq!(
        story.started,
        [
            Phase::Provisioning,
            Phase::DownloadSource,
            Phase::RunSandbox,
            Phase::Completed
        ]
    );
    assert_eq!(
        story.unsuccessful(),
        [(Phase::RunSandbox, PhaseStatus::TimedOut)]
    );
    let story = interrupted(Interrupt::Stopped, Work::DownloadSource);
    assert_eq!(
        story.unsuccessful(),
        [(Phase::DownloadSource, PhaseStatus::Stopped)]
    );
    let story = tell_of(Machine::of_sandbox(), |work| {
        Ok(match work {
            Work::RunSandbox => Outcome::Fault(PhaseContext::default()),
            _ => Outcome::Done,
        })
    });
    assert_eq!(story.status, Some(BuildStatus::Fault));
    assert_eq!(story.started.last(), Some(&Phase::Completed));
}

#[test]
fn phases_without_commands_are_passed_through() {
    let story = build_of("version: 0.2\nphases: {build: {finally: [only]}}");
    assert_eq!(story.status, Some(BuildStatus::Succeeded));
    assert_eq!(story.started, Phase::ALL[2..]);
    assert_eq!(story.commands, ["only"]);
}

#[test]
fn the_table_of_transitions() {
    use Phase::Build;
    use Phase::Install;
    use Phase::PostBuild;
    use Phase::PreBuild;
    const CONTINUE: &str = "    on-failure: CONTINUE\n";
    const ABORT: &str = "    on-failure: ABORT\n";
    // Which phase fails, under which rule; how many command phases begin; are artifacts uploaded.
    for (failing, rule, phase, begun, uploads) in [
        ("install", "", Install, 1, false),
        ("pre_build", "", PreBuild, 2, false),
        ("build", "", Build, 4, true),
        ("post_build", "", PostBuild, 4, true),
        ("install", CONTINUE, Install, 4, true),
        ("pre_build", CONTINUE, PreBuild, 4, true),
        ("build", ABORT, Build, 3, false),
        ("post_build", ABORT, PostBuild, 4, false),
    ] {
        let story = build_of(&four_phases(failing, rule));
        let case = format!("{failing} {rule}: {story:#?}");
        assert_eq!(story.status, Some(BuildStatus::Failed), "{case}");
        assert_eq!(
            story.unsuccessful(),
            [(phase, PhaseStatus::Failed)],
            "{case}"
        );
        let is_command = |phase: &&Phase| COMMAND_PHASES.contains(phase);
        assert_eq!(
            story.started.iter().filter(is_command).count(),
            begun,
            "{case}"
        );
        assert_eq!(
            story.started.contains(&Phase::UploadArtifacts),
            uploads,
            "{case}"
        );
        assert!(!story.commands.contains(&format!("{failing} 2")), "{case}");
        assert!(
            story.commands.contains(&format!("{failing} finally")),
            "{case}"
        );
        let last = &story.started[story.started.len() - 2..];
        assert_eq!(last, [Phase::Finalizing, Phase::Completed], "{case}");
    }
}

#[test]
fn the_first_failure_of_a_phase_is_its_context() {
    let story = build_of(
        "version: 0.2\nphases: {build: {commands: [fail first], finally: [fail second, never]}}",
    );
    assert_eq!(story.commands, ["fail first", "fail second"]);
    let (_, _, context) = story
        .ended
        .iter()
        .find(|(phase, ..)| *phase == Phase::Build)
        .unwrap();
    assert_eq!(
        context.message,
        "Error while executing command: fail first. Reason: exit status 3"
    );
}

#[test]
fn a_failed_finally_fails_its_phase() {
    let story = build_of("version: 0.2\nphases: {install: {commands: [a], finally: [fail]}}");
    assert_eq!(
        story.unsuccessful(),
        [(Phase::Install, PhaseStatus::Failed)]
    );
    assert!(!story.started.contains(&Phase::PreBuild));
}

#[test]
fn without_a_container_there_is_nothing_to_finalize() {
    let story = tell(|_| Ok(Outcome::Failed(PhaseContext::default())));
    assert_eq!(story.started, [Phase::Provisioning, Phase::Completed]);
    assert_eq!(story.status, Some(BuildStatus::Failed));
}

#[test]
fn a_stop_after_a_failure_is_still_a_stop() {
    let spec = four_phases("build", "");
    let plan = Plan::new(&Buildspec::parse(&spec).unwrap());
    let story = tell(|work| match work {
        Work::DownloadSource => Ok(Outcome::Planned(plan.clone())),
        Work::Command { text, .. } if text == "fail" => Ok(Outcome::Exited(1)),
        Work::Command { text, .. } if text == "post_build" => Err(Interrupt::Stopped),
        _ => Ok(Outcome::Done),
    });
    assert_eq!(story.status, Some(BuildStatus::Stopped));
    let unsuccessful = [
        (Phase::Build, PhaseStatus::Failed),
        (Phase::PostBuild, PhaseStatus::Stopped),
    ];
    assert_eq!(story.unsuccessful(), unsuccessful);
}

fn any_outcome() -> impl Strategy<Value = Result<Outcome, Interrupt>> {
    let context = PhaseContext {
        status_code: "CODE".to_owned(),
        message: "message".to_owned(),
    };
    prop_oneof![
        12 => Just(Ok(Outcome::Done)),
        2 => (1..255_i32).prop_map(|code| Ok(Outcome::Exited(code))),
        1 => Just(Ok(Outcome::Failed(context.clone()))),
        1 => Just(Ok(Outcome::Fault(context))),
        1 => Just(Err(Interrupt::Stopped)),
        1 => Just(Err(Interrupt::TimedOut)),
    ]
}

fn any_rule() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just(""),
        Just("    on-failure: ABORT\n"),
        Just("    on-failure: CONTINUE\n"),
        Just("    on-failure: RETRY\n"),
    ]
}

proptest! {
    #[test]
    fn every_build_tells_a_complete_story(
        outcomes in proptest::collection::vec(any_outcome(), 0..30),
        rule in any_rule(),
        phase in prop_oneof![Just("install"), Just("pre_build"), Just("build"), Just("post_build")],
    ) {
        let spec = four_phases(phase, rule);
        let plan = Plan::new(&Buildspec::parse(&spec).unwrap());
        let mut outcomes = outcomes.into_iter();
        let mut interrupted = false;
        let story = tell(|work| {
            assert!(!interrupted || *work == Work::Finalize, "{work:?} after an interruption");
            match (outcomes.next().unwrap_or(Ok(Outcome::Done)), work) {
                (Ok(Outcome::Done), Work::DownloadSource) => Ok(Outcome::Planned(plan.clone())),
                (Err(_), Work::Finalize) => Ok(Outcome::Done),
                (Err(interrupt), _) => {
                    interrupted = true;
                    Err(interrupt)
                }
                (outcome, _) => outcome,
            }
        });
        // Every phase that began ended, in order; COMPLETED is last and has no end.
        let ended: Vec<Phase> = story.ended.iter().map(|(phase, ..)| *phase).collect();
        let (last, others) = story.started.split_last().unwrap();
        prop_assert_eq!(*last, Phase::Completed);
        prop_assert_eq!(others, ended.as_slice());
        prop_assert!(ended.is_sorted());
        // The build is good if, and only if, every phase before FINALIZING was.
        let all_good = story.unsuccessful().iter().all(|(phase, _)| *phase == Phase::Finalizing);
        prop_assert_eq!(story.status == Some(BuildStatus::Succeeded), all_good);
        // Whoever failed says why.
        for (phase, status, context) in &story.ended {
            let needs_reason = !matches!(status, PhaseStatus::Succeeded | PhaseStatus::Stopped);
            prop_assert_eq!(context.status_code.is_empty(), !needs_reason, "{}", phase);
        }
    }
}
