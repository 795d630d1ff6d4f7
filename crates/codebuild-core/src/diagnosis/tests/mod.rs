//! Records and logs as CodeBuild and the Docker Engine write them.

mod builds;
mod commands;
mod docker;
mod engines;
mod messages;
mod near_misses;

use std::collections::BTreeSet;

use serde_json::json;

use self::builds::Failed;
use super::catalogue;
use super::diagnose;

#[test]
fn each_cause_has_a_build_that_it_explains() {
    let mut explained: BTreeSet<&str> = BTreeSet::new();
    for table in [
        messages::told(),
        commands::told(),
        docker::told(),
        engines::told(),
    ] {
        for (id, failed) in table {
            let found = failed.diagnosed();
            assert_eq!(found[0].id, id, "{failed:#?}\n{found:#?}");
            explained.insert(id);
        }
    }
    let known: BTreeSet<&str> = catalogue::all().map(|cause| cause.id).collect();
    let unexplained: Vec<_> = known.difference(&explained).collect();
    assert!(unexplained.is_empty(), "without a build: {unexplained:?}");
}

#[test]
fn texts_are_complete_and_name_an_exam_task() {
    // Domains and tasks of the exam guide of DOP-C02.
    const TASKS: [&str; 20] = [
        "1.1", "1.2", "1.3", "1.4", "2.1", "2.2", "2.3", "3.1", "3.2", "3.3", "4.1", "4.2", "4.3",
        "5.1", "5.2", "5.3", "6.1", "6.2", "6.3", "6.4",
    ];
    for cause in catalogue::all() {
        assert!(TASKS.contains(&cause.exam_task), "{}", cause.id);
        for text in [cause.what, cause.why, cause.fix] {
            assert!(!text.contains("  "), "{}: {text}", cause.id);
            let last = text.chars().last().unwrap();
            assert!(".\"`?/".contains(last), "{}: {text}", cause.id);
        }
    }
    for (id, failed) in messages::told().into_iter().chain(commands::told()) {
        for found in failed.diagnosed() {
            for text in [&found.what, &found.why, &found.fix] {
                assert!(
                    !text.contains("{command") && !text.contains("{phase"),
                    "{id}: {text}"
                );
                assert!(
                    !text.contains("{action") && !text.contains("{image"),
                    "{id}: {text}"
                );
            }
        }
    }
}

#[test]
fn texts_have_the_builds_own_words() {
    let failed = Failed::command("mak all", 127, &["script.sh: line 4: mak: not found"]);
    let found = failed.diagnosed();
    assert!(found[0].what.contains("`mak all`"), "{found:#?}");
    assert_eq!(
        found[0].evidence.as_deref(),
        Some("script.sh: line 4: mak: not found")
    );

    let failed = Failed::command("npm ci\nnpm test", 1, &[]);
    assert!(
        failed.diagnosed()[0]
            .what
            .starts_with("`npm ci …` ended with exit status 1 in BUILD")
    );

    let denied = "An error occurred (AccessDenied) when calling the PutObject operation: User: arn:aws:sts::123456789012:assumed-role/r/AWSCodeBuild-1 is not authorized to perform: s3:PutObject on resource: \"arn:aws:s3:::b/k\"";
    let found = Failed::command("aws s3 cp a s3://b/k", 1, &[denied]).diagnosed();
    assert!(
        found[0].what.ends_with("needs: s3:PutObject."),
        "{found:#?}"
    );

    let mut failed = Failed::message("BUILD", "BUILD_TIMED_OUT", "Build has timed out. ");
    failed.end("TIMED_OUT");
    assert!(failed.diagnosed()[0].what.contains("20 minutes"));
}

#[test]
fn one_cause_and_not_its_consequences() {
    for (id, failed) in engines::told() {
        let found = failed.diagnosed();
        assert_eq!(found.len(), 1, "{id}: {found:#?}");
    }
}

#[test]
fn what_is_not_known_is_at_least_told_with_its_phase() {
    let mut failed = Failed::command("npm run lint", 1, &[]);
    failed.phase("PRE_BUILD");
    let found = failed.diagnosed();
    assert_eq!(found[0].id, "command-failed");
    assert!(found[0].what.contains("`npm run lint`") && found[0].what.contains("PRE_BUILD"));
    let found = Failed::message("UPLOAD_ARTIFACTS", "CLIENT_ERROR", "something new").diagnosed();
    assert_eq!(found[0].id, "phase-failed");
    assert_eq!(
        found[0].evidence.as_deref(),
        Some("CLIENT_ERROR: something new")
    );
}

#[test]
fn a_build_that_succeeded_or_runs_needs_no_explanation() {
    let failed = Failed::command("docker ps", 1, &[builds::NO_ENGINE_28]);
    for status in ["SUCCEEDED", "IN_PROGRESS"] {
        let mut failed = failed.clone();
        failed.record["buildStatus"] = json!(status);
        assert_eq!(failed.diagnosed(), []);
    }
    assert_eq!(diagnose(&json!(null), &[]), []);
}
