//! The builds that a batchspec asks for: identifiers, combinations, environments.

use buildspec::Batch;
use buildspec::BatchBuild;
use buildspec::BatchEnvironment;
use buildspec::BatchKind;
use buildspec::BatchMatrix;
use serde_json::json;

use crate::codebuild::BuildGroup;
use crate::codebuild::EnvironmentVariable;
use crate::codebuild::PlannedBuild;
use crate::codebuild::ProjectEnvironment;

/// The builds as the batchspec's author would have written them as a list.
pub(super) fn builds(batch: Batch) -> Vec<BatchBuild> {
    match batch.kind {
        BatchKind::List(builds) | BatchKind::Graph(builds) => builds,
        BatchKind::Matrix(matrix) => combinations(&matrix),
        BatchKind::Fanout(fanout) => (1..=fanout.parallelism)
            .map(|number| BatchBuild {
                identifier: format!("build_{number}"),
                ignore_failure: fanout.ignore_failure,
                ..BatchBuild::default()
            })
            .collect(),
    }
}

/// Every combination; the last list changes fastest.
fn combinations(matrix: &BatchMatrix) -> Vec<BatchBuild> {
    let mut builds = vec![BatchBuild {
        ignore_failure: matrix.ignore_failure,
        env: matrix.env.clone(),
        ..BatchBuild::default()
    }];
    let mut each = |values: &[String], set: &dyn Fn(&mut BatchBuild, &str)| {
        if values.is_empty() {
            return;
        }
        builds = builds
            .iter()
            .flat_map(|build| {
                values.iter().map(|value| {
                    let mut build = build.clone();
                    set(&mut build, value);
                    build
                })
            })
            .collect();
    };
    each(&matrix.buildspecs, &|build, value| {
        build.buildspec = Some(value.to_owned());
    });
    each(&matrix.compute_types, &|build, value| {
        build.env.compute_type = Some(value.to_owned());
    });
    each(&matrix.images, &|build, value| {
        build.env.image = Some(value.to_owned());
    });
    for (name, values) in &matrix.variables {
        each(values, &|build, value| {
            let variables = &mut build.env.variables;
            variables.retain(|(other, _)| other != name);
            variables.push((name.clone(), value.to_owned()));
        });
    }
    for (number, build) in (1_usize..).zip(&mut builds) {
        build.identifier = format!("build_{number}");
    }
    builds
}

/// One build as the batch's record has it, and what it has of its own.
pub(super) fn plan(build: BatchBuild, project: &ProjectEnvironment) -> (BuildGroup, PlannedBuild) {
    let group = BuildGroup {
        identifier: build.identifier,
        depends_on: build.depend_on,
        ignore_failure: build.ignore_failure,
        current_build_summary: None,
        prior_build_summary_list: Vec::new(),
    };
    let planned = PlannedBuild {
        environment: environment(build.env, project.clone()),
        buildspec: build.buildspec,
        debug_session: build.debug_session,
    };
    (group, planned)
}

fn environment(own: BatchEnvironment, mut project: ProjectEnvironment) -> ProjectEnvironment {
    fn set<T>(target: &mut T, value: Option<T>) {
        if let Some(value) = value {
            *target = value;
        }
    }
    set(&mut project.image, own.image);
    set(&mut project.compute_type, own.compute_type);
    set(&mut project.r#type, own.environment_type);
    set(&mut project.privileged_mode, own.privileged_mode);
    if let Some(fleet) = own.fleet {
        project.fleet = Some(json!({ "fleetArn": fleet }));
    }
    for (name, value) in own.variables {
        let variables = &mut project.environment_variables;
        variables.retain(|variable| variable.name != name);
        variables.push(EnvironmentVariable {
            name,
            value,
            r#type: "PLAINTEXT".to_owned(),
        });
    }
    project
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(text: &str) -> Batch {
        let text = format!("version: 0.2\nbatch:\n{text}");
        let spec = buildspec::Buildspec::parse_batchspec(&text).unwrap();
        spec.batch.unwrap()
    }

    #[test]
    fn a_matrix_is_every_combination_of_its_lists() {
        let batch = batch(
            "  build-matrix:
    static:
      ignore-failure: true
      env:
        variables:
          MODE: static
          KEPT: 1
    dynamic:
      buildspec: [a.yml, b.yml]
      env:
        image: [one]
        variables:
          MODE: [x, y]
",
        );
        let builds = builds(batch);
        let brief: Vec<_> = builds
            .iter()
            .map(|build| {
                let mode = build.env.variables.iter().find(|(name, _)| name == "MODE");
                (
                    build.identifier.as_str(),
                    build.buildspec.as_deref().unwrap(),
                    mode.unwrap().1.as_str(),
                )
            })
            .collect();
        assert_eq!(
            brief,
            [
                ("build_1", "a.yml", "x"),
                ("build_2", "a.yml", "y"),
                ("build_3", "b.yml", "x"),
                ("build_4", "b.yml", "y"),
            ]
        );
        assert!(builds.iter().all(|build| build.ignore_failure));
        assert_eq!(builds[0].env.image.as_deref(), Some("one"));
        assert_eq!(builds[0].env.variables.len(), 2);
    }

    #[test]
    fn a_fanout_is_the_same_build_several_times() {
        let builds = builds(batch("  build-fanout:\n    parallelism: 3\n"));
        let names: Vec<&str> = builds.iter().map(|build| &*build.identifier).collect();
        assert_eq!(names, ["build_1", "build_2", "build_3"]);
    }

    #[test]
    fn a_build_has_its_own_environment_before_the_projects() {
        let project = ProjectEnvironment {
            r#type: "LINUX_CONTAINER".to_owned(),
            image: "docker:dind".to_owned(),
            environment_variables: vec![EnvironmentVariable {
                name: "A".to_owned(),
                value: "parameter".to_owned(),
                r#type: "PARAMETER_STORE".to_owned(),
            }],
            ..ProjectEnvironment::default()
        };
        let builds = builds(batch(
            "  build-list:
    - identifier: a
      env:
        image: other
        privileged-mode: true
        fleet: arn:fleet
        variables:
          A: own
    - identifier: b
",
        ));
        let planned: Vec<ProjectEnvironment> = builds
            .into_iter()
            .map(|build| plan(build, &project).1.environment)
            .collect();
        assert_eq!(planned[0].image, "other");
        assert!(planned[0].privileged_mode);
        assert_eq!(planned[0].fleet, Some(json!({ "fleetArn": "arn:fleet" })));
        let variables = &planned[0].environment_variables;
        assert_eq!(variables.len(), 1);
        assert_eq!(
            (&*variables[0].value, &*variables[0].r#type),
            ("own", "PLAINTEXT")
        );
        assert_eq!(planned[1], project);
    }
}
