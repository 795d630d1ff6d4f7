//! `batch`.

use buildspec::BatchKind;
use buildspec::Buildspec;

fn kind(batch: &str) -> BatchKind {
    let spec = Buildspec::parse_batchspec(&format!("version: 0.2\nbatch:\n{batch}")).unwrap();
    assert_eq!(spec.warnings, []);
    spec.batch.unwrap().kind
}

#[test]
fn a_list() {
    let spec = Buildspec::parse_batchspec(
        "version: 0.2
batch:
  fast-fail: true
  build-list:
    - identifier: linux_small
      env:
        compute-type: BUILD_GENERAL1_SMALL
        image: docker:dind
        privileged-mode: true
        type: LINUX_CONTAINER
        fleet: arn:aws:codebuild:eu-west-1:123456789012:fleet/f
        variables:
          LEVEL: 1
      ignore-failure: true
    - identifier: other
      buildspec: other.yml
      debug-session: true
",
    )
    .unwrap();
    assert_eq!(spec.warnings, []);
    assert!(spec.phases.is_empty());
    let batch = spec.batch.unwrap();
    assert!(batch.fast_fail);
    let BatchKind::List(builds) = batch.kind else {
        panic!("not a list")
    };
    let env = &builds[0].env;
    assert_eq!(builds[0].identifier, "linux_small");
    assert_eq!(builds[0].line, 5);
    assert!(builds[0].ignore_failure && !builds[0].debug_session);
    assert_eq!(env.compute_type.as_deref(), Some("BUILD_GENERAL1_SMALL"));
    assert_eq!(env.image.as_deref(), Some("docker:dind"));
    assert_eq!(env.privileged_mode, Some(true));
    assert_eq!(env.environment_type.as_deref(), Some("LINUX_CONTAINER"));
    assert!(env.fleet.as_deref().unwrap().ends_with(":fleet/f"));
    assert_eq!(env.variables, [("LEVEL".to_owned(), "1".to_owned())]);
    assert_eq!(builds[1].buildspec.as_deref(), Some("other.yml"));
    assert!(builds[1].debug_session);
}

#[test]
fn a_graph_in_any_order() {
    let BatchKind::Graph(builds) = kind(
        "  build-graph:
    - identifier: deploy
      buildspec: deploy.yml
      depend-on: [test, lint]
    - identifier: test
      buildspec: test.yml
      depend-on:
        - lint
    - identifier: lint
      buildspec: lint.yml
",
    ) else {
        panic!("not a graph")
    };
    assert_eq!(builds[0].depend_on, ["test", "lint"]);
    assert!(builds[2].depend_on.is_empty());
}

#[test]
fn a_matrix_counts_its_combinations() {
    let BatchKind::Matrix(matrix) = kind(
        "  build-matrix:
    static:
      ignore-failure: true
      env:
        type: LINUX_CONTAINER
        privileged-mode: true
    dynamic:
      buildspec: [a.yml, b.yml]
      env:
        compute-type: [BUILD_GENERAL1_SMALL]
        image: ['python:3.12', 'python:3.13']
        variables:
          MODE: [fast, '', 1]
",
    ) else {
        panic!("not a matrix")
    };
    assert!(matrix.ignore_failure);
    assert_eq!(matrix.env.privileged_mode, Some(true));
    assert_eq!(matrix.buildspecs, ["a.yml", "b.yml"]);
    assert_eq!(matrix.images.len(), 2);
    assert_eq!(matrix.variables[0].1, ["fast", "", "1"]);
    assert_eq!(matrix.combinations(), 12);
}

#[test]
fn a_fanout() {
    let BatchKind::Fanout(fanout) =
        kind("  build-fanout:\n    parallelism: 5\n    ignore-failure: true\n")
    else {
        panic!("not a fanout")
    };
    assert_eq!(fanout.parallelism, 5);
    assert!(fanout.ignore_failure);
}

#[test]
fn what_a_batch_refuses_has_a_place_and_a_way_out() {
    for (batch, place, words) in [
        (
            "  fast-fail: true\n",
            (2, 1),
            &["which builds", "exactly one"][..],
        ),
        (
            "  build-fanout: {parallelism: 2}\n  build-list: [{identifier: a}]\n",
            (4, 3),
            &["both build-fanout and build-list"],
        ),
        ("  build-list: []\n", (3, 3), &["build-list names no build"]),
        (
            "  build-list:\n    - {ignore-failure: yes}\n",
            (4, 7),
            &["no identifier"],
        ),
        (
            "  build-list:\n    - identifier: my-build\n",
            (4, 19),
            &["my-build", "underscores"],
        ),
        (
            "  build-list:\n    - identifier: a\n    - identifier: a\n",
            (5, 7),
            &["two builds", "called a"],
        ),
        (
            "  build-graph:\n    - identifier: build\n    - identifier: test\n      depend-on: [biuld]\n",
            (6, 19),
            &["\"biuld\"", "Did you mean build?"],
        ),
        (
            "  build-graph:\n    - {identifier: x}\n    - {identifier: a, depend-on: [b]}\n    - {identifier: b, depend-on: [x, c]}\n    - {identifier: c, depend-on: [a]}\n",
            (5, 35),
            &[
                "a depends on b, b depends on c, c depends on a",
                "ever begin",
            ],
        ),
        (
            "  build-graph:\n    - {identifier: a, depend-on: [a]}\n",
            (4, 35),
            &["a depends on a"],
        ),
        (
            "  build-matrix:\n    static: {}\n",
            (3, 3),
            &["no values to combine"],
        ),
        (
            "  build-matrix: {dynamic: {env: {variables: {A: []}}}}\n",
            (3, 46),
            &["variable A", "no values"],
        ),
        ("  build-fanout: {}\n", (3, 3), &["no parallelism"]),
        (
            "  build-fanout: {parallelism: 0}\n",
            (3, 31),
            &["from 1 to 100"],
        ),
    ] {
        let text = format!("version: 0.2\nbatch:\n{batch}");
        let error = Buildspec::parse_batchspec(&text).unwrap_err();
        let all = format!(
            "{} | {}",
            error.message(),
            error.help_text().unwrap_or_default()
        );
        assert_eq!((error.line(), error.column()), place, "{batch}: {all}");
        for word in words {
            assert!(all.contains(word), "{batch}: {all}");
        }
    }
}

#[test]
fn a_matrix_of_too_many_builds_is_refused() {
    let values: Vec<String> = (0..11).map(|n| n.to_string()).collect();
    let values = values.join(", ");
    let text = format!(
        "version: 0.2\nbatch:\n  build-matrix: {{dynamic: {{env: {{variables: {{A: [{values}], B: [{values}]}}}}}}}}\n"
    );
    let error = Buildspec::parse_batchspec(&text).unwrap_err();
    assert!(error.message().contains("121 combinations"), "{error}");
}

#[test]
fn depend_on_in_a_list_is_a_warning() {
    let spec = Buildspec::parse_any(
        "version: 0.2\nbatch:\n  build-list:\n    - identifier: a\n      depend-on: [b]\n",
    )
    .unwrap();
    assert_eq!(
        spec.warnings[0].help.as_deref(),
        Some("`depend-on` belongs to `batch.build-graph[]`.")
    );
}

#[test]
fn a_build_needs_phases_and_a_batch_build_needs_a_batch() {
    let batch = "version: 0.2\nbatch: {build-fanout: {parallelism: 2}}\n";
    let error = Buildspec::parse(batch).unwrap_err();
    assert!(error.message().contains("no phases"), "{error}");
    let build = "version: 0.2\nphases: {build: {commands: [make]}}\n";
    let error = Buildspec::parse_batchspec(build).unwrap_err();
    assert!(error.message().contains("no batch"), "{error}");
    assert!(Buildspec::parse_any(batch).is_ok() && Buildspec::parse_any(build).is_ok());
    assert!(Buildspec::parse_any("version: 0.2\n").is_err());
}

#[test]
fn a_value_that_aws_does_not_list_is_a_warning() {
    let spec = Buildspec::parse_any(
        "version: 0.2
batch:
  build-list:
    - identifier: a
      buildspec: a.yml
      env:
        type: LINUX_CONTANER
        compute-type: BUILD_GENERAL1_SMALL
",
    )
    .unwrap();
    let found: Vec<(usize, usize, &str)> = spec
        .warnings
        .iter()
        .map(|warning| {
            (
                warning.line,
                warning.column,
                warning.help.as_deref().unwrap(),
            )
        })
        .collect();
    assert_eq!(found, [(7, 15, "Did you mean LINUX_CONTAINER?")]);
}
