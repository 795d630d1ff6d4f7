//! The builds of a batch.

use super::PlanStep;
use super::about;
use super::words;
use crate::keys;
use crate::spec::Batch;
use crate::spec::BatchBuild;
use crate::spec::BatchEnvironment;
use crate::spec::BatchKind;
use crate::spec::BatchMatrix;
use crate::spec::Buildspec;

impl Buildspec {
    pub(super) fn batch_step(&self, batch: &Batch) -> PlanStep {
        let (key, mut facts) = match &batch.kind {
            BatchKind::List(builds) => ("build-list", builds.iter().map(one_build).collect()),
            BatchKind::Graph(builds) => ("build-graph", builds.iter().map(one_build).collect()),
            BatchKind::Matrix(matrix) => ("build-matrix", matrix_facts(matrix)),
            BatchKind::Fanout(fanout) => {
                let mut facts = vec![format!("Builds: {}.", fanout.parallelism)];
                facts.extend(may_fail(fanout.ignore_failure));
                ("build-fanout", facts)
            }
        };
        facts.insert(
            0,
            "Only a batch build (StartBuildBatch) reads this; StartBuild passes over it."
                .to_owned(),
        );
        let line = self.places.get("batch").0;
        PlanStep {
            phase: "BATCH",
            line: Some(line),
            about: about(&keys::BATCH, key),
            facts,
            commands: Vec::new(),
            finally: Vec::new(),
            if_it_fails: Some(match batch.fast_fail {
                true => "the first build that fails stops the others (fast-fail).".to_owned(),
                false => {
                    "the builds that do not depend on it go on. The batch is FAILED.".to_owned()
                }
            }),
        }
    }
}

fn may_fail(ignore_failure: bool) -> Option<String> {
    ignore_failure.then(|| "The batch can succeed although they fail (ignore-failure).".to_owned())
}

fn one_build(build: &BatchBuild) -> String {
    let mut facts = vec![match &build.buildspec {
        Some(text) if text.contains('\n') => "a buildspec of its own".to_owned(),
        Some(path) => path.clone(),
        None => "this buildspec".to_owned(),
    }];
    if !build.depend_on.is_empty() {
        facts.push(format!("after {}", words(&build.depend_on)));
    }
    facts.extend(environment(&build.env));
    if build.ignore_failure {
        facts.push("may fail".to_owned());
    }
    if build.debug_session {
        facts.push("can be entered (debug-session)".to_owned());
    }
    format!("{}: {}", build.identifier, facts.join("; "))
}

fn environment(env: &BatchEnvironment) -> Vec<String> {
    let mut facts = Vec::new();
    let texts = [
        ("image", &env.image),
        ("compute-type", &env.compute_type),
        ("type", &env.environment_type),
        ("fleet", &env.fleet),
    ];
    for (name, value) in texts {
        if let Some(value) = value {
            facts.push(format!("{name} {value}"));
        }
    }
    match env.privileged_mode {
        Some(true) => facts.push("privileged mode".to_owned()),
        Some(false) => facts.push("no privileged mode".to_owned()),
        None => {}
    }
    if !env.variables.is_empty() {
        let names: Vec<&str> = env
            .variables
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        facts.push(format!("with {}", words(&names)));
    }
    facts
}

fn matrix_facts(matrix: &BatchMatrix) -> Vec<String> {
    let mut facts = vec![format!("Builds: {}.", matrix.combinations())];
    let lists = [
        ("buildspec", &matrix.buildspecs),
        ("image", &matrix.images),
        ("compute-type", &matrix.compute_types),
    ];
    let variables = matrix
        .variables
        .iter()
        .map(|(name, values)| (name.as_str(), values));
    for (name, values) in lists.into_iter().chain(variables) {
        if !values.is_empty() {
            facts.push(format!("{name}: {}", values.join(", ")));
        }
    }
    let common = environment(&matrix.env);
    if !common.is_empty() {
        facts.push(format!("All have: {}.", common.join("; ")));
    }
    facts.extend(may_fail(matrix.ignore_failure));
    facts
}
