//! The crates depend on each other only as ARCHITECTURE.md says.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Each crate and the workspace crates that it may use.
const HOUSE: [(&str, &[&str]); 8] = [
    (
        "guided-demo",
        &[
            "build-engine",
            "buildspec",
            "cloudformation-template",
            "codebuild-core",
            "local-aws",
        ],
    ),
    (
        "codebuild-core",
        &["cloudformation-template", "service-models"],
    ),
    (
        "local-aws",
        &[
            "build-engine",
            "buildspec",
            "cloudformation-template",
            "service-models",
        ],
    ),
    ("build-engine", &["buildspec"]),
    ("buildspec", &[]),
    ("cloudformation-template", &[]),
    ("service-models", &[]),
    ("sample-app", &[]),
];

/// What the binary and the pure floor leave to others.
const FORBIDDEN: [(&str, &[&str]); 4] = [
    (
        "guided-demo",
        &["aws-sdk-codebuild", "aws-sigv4", "bollard", "axum", "hyper"],
    ),
    ("buildspec", &["tokio", "bollard"]),
    ("cloudformation-template", &["tokio", "bollard"]),
    ("build-engine", &["aws-config", "aws-sdk-codebuild", "redb"]),
];

fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ])
        .current_dir(root)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    packages
        .iter()
        .map(|package| {
            let used = package["dependencies"].as_array().unwrap().iter();
            let used = used.filter(|dependency| dependency["kind"] != "dev");
            let used = used
                .map(|dependency| dependency["name"].as_str().unwrap().to_owned())
                .collect();
            (package["name"].as_str().unwrap().to_owned(), used)
        })
        .collect()
}

#[test]
fn each_crate_uses_only_the_floors_below_it() {
    let dependencies = dependencies();
    let crates: BTreeSet<&str> = HOUSE.iter().map(|(name, _)| *name).collect();
    let found: BTreeSet<&str> = dependencies.keys().map(String::as_str).collect();
    assert_eq!(found, crates, "a crate without a place in the house");
    for (name, allowed) in HOUSE {
        for used in &dependencies[name] {
            let inside = crates.contains(used.as_str());
            assert!(
                !inside || allowed.contains(&used.as_str()),
                "{name} must not use {used}"
            );
        }
    }
}

#[test]
fn each_crate_leaves_the_others_work_to_them() {
    let dependencies = dependencies();
    for (name, forbidden) in FORBIDDEN {
        for crate_name in forbidden {
            assert!(
                !dependencies[name].contains(*crate_name),
                "{name} must not use {crate_name}"
            );
        }
    }
}

#[test]
fn files_stay_small() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut folders = vec![crates];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let lines = std::fs::read_to_string(&path).unwrap().lines().count();
                assert!(
                    lines <= 700,
                    "{} has {lines} lines: split it by subject",
                    path.display()
                );
            }
        }
    }
}
