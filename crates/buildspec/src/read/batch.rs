//! `batch`.

use std::collections::BTreeMap;

use super::Reader;
use crate::error::BuildspecError;
use crate::keys;
use crate::node::Entry;
use crate::node::Node;
use crate::node::Value;
use crate::spec::Batch;
use crate::spec::BatchBuild;
use crate::spec::BatchEnvironment;
use crate::spec::BatchFanout;
use crate::spec::BatchKind;
use crate::spec::BatchMatrix;

const ONE_KIND: &str =
    "a batch has exactly one of `build-list`, `build-graph`, `build-matrix` and `build-fanout`";

impl Reader<'_> {
    pub(super) fn batch(&mut self, section: &Entry) -> Result<Option<Batch>, BuildspecError> {
        if matches!(section.value.value, Value::Null) {
            self.empty(section);
            return Ok(None);
        }
        let mut fast_fail = false;
        let mut kind: Option<(&str, BatchKind)> = None;
        for entry in self.mapping(&section.value, "batch")? {
            let value = &entry.value;
            let found = match entry.key.as_str() {
                "fast-fail" => {
                    fast_fail = self.true_or_false(value, "batch.fast-fail")?;
                    continue;
                }
                "build-list" => BatchKind::List(self.batch_builds(entry, false)?),
                "build-graph" => BatchKind::Graph(self.batch_builds(entry, true)?),
                "build-matrix" => BatchKind::Matrix(Box::new(self.matrix(entry)?)),
                "build-fanout" => BatchKind::Fanout(self.fanout(entry)?),
                _ => {
                    self.unknown(entry, &keys::BATCH);
                    continue;
                }
            };
            if let Some((first, _)) = kind {
                return Err(self
                    .key_error(entry, format!("batch has both {first} and {}", entry.key))
                    .with_help(ONE_KIND));
            }
            kind = Some((&entry.key, found));
        }
        let Some((_, kind)) = kind else {
            return Err(self
                .key_error(section, "batch does not say which builds there are")
                .with_help(ONE_KIND));
        };
        Ok(Some(Batch { fast_fail, kind }))
    }

    fn batch_builds(
        &mut self,
        list: &Entry,
        is_graph: bool,
    ) -> Result<Vec<BatchBuild>, BuildspecError> {
        let items = match list.value.value {
            Value::Null => &[],
            _ => self.sequence(&list.value, &list.key)?,
        };
        if items.is_empty() {
            return Err(self
                .key_error(list, format!("{} names no build", list.key))
                .with_help("begin each build on its own line with `- identifier: `"));
        }
        let mut builds: Vec<BatchBuild> = Vec::new();
        // Where each identifier and each dependency stands, for the errors.
        let mut identifiers: BTreeMap<String, usize> = BTreeMap::new();
        let mut dependencies: Vec<Vec<&Node>> = Vec::new();
        for item in items {
            let (build, depend_on) = self.batch_build(item, is_graph)?;
            if identifiers
                .insert(build.identifier.clone(), builds.len())
                .is_some()
            {
                return Err(item
                    .error(
                        self.text,
                        format!("two builds of the batch are called {}", build.identifier),
                    )
                    .with_help("an identifier names one build"));
            }
            builds.push(build);
            dependencies.push(depend_on);
        }
        self.dependencies_exist(&builds, &identifiers, &dependencies)?;
        if let Some(cycle) = cycle(&builds, &identifiers) {
            let first = cycle.first().copied().unwrap_or_default();
            let at = dependencies.get(first).and_then(|nodes| nodes.first());
            let name = |index: &usize| builds.get(*index).map_or("", |build| &build.identifier);
            let links: Vec<String> = cycle
                .iter()
                .zip(cycle.iter().cycle().skip(1))
                .map(|(build, on)| format!("{} depends on {}", name(build), name(on)))
                .collect();
            let message = format!("depend-on goes in a circle: {}", links.join(", "));
            let error = match at {
                Some(node) => node.error(self.text, message),
                None => self.key_error(list, message),
            };
            return Err(error.with_help("none of these builds could ever begin"));
        }
        Ok(builds)
    }

    fn batch_build<'n>(
        &mut self,
        node: &'n Node,
        is_graph: bool,
    ) -> Result<(BatchBuild, Vec<&'n Node>), BuildspecError> {
        let mut build = BatchBuild {
            line: node.line,
            ..BatchBuild::default()
        };
        let mut has_identifier = false;
        let mut depend_on = Vec::new();
        for entry in self.mapping(node, "a build of a batch")? {
            let value = &entry.value;
            match entry.key.as_str() {
                "identifier" => {
                    let text = self.text(value, "identifier")?;
                    build.identifier =
                        self.identifier(&text, "an identifier of a build", |message| {
                            value.error(self.text, message)
                        })?;
                    has_identifier = true;
                }
                "buildspec" => build.buildspec = Some(self.some_text(value, "buildspec")?),
                "debug-session" => {
                    build.debug_session = self.true_or_false(value, "debug-session")?;
                }
                "depend-on" if is_graph => {
                    build.depend_on = self.texts(value, "depend-on")?;
                    if let Value::Sequence(items) = &value.value {
                        depend_on = items.iter().collect();
                    }
                }
                "env" => build.env = self.batch_environment(value)?,
                "ignore-failure" => {
                    build.ignore_failure = self.true_or_false(value, "ignore-failure")?;
                }
                _ => {
                    let section = if is_graph {
                        &keys::GRAPH_BUILD
                    } else {
                        &keys::LIST_BUILD
                    };
                    self.unknown(entry, section);
                }
            }
        }
        if !has_identifier {
            return Err(node
                .error(self.text, "a build of the batch has no identifier")
                .with_help("give each build its `identifier:`"));
        }
        Ok((build, depend_on))
    }

    fn dependencies_exist(
        &self,
        builds: &[BatchBuild],
        identifiers: &BTreeMap<String, usize>,
        dependencies: &[Vec<&Node>],
    ) -> Result<(), BuildspecError> {
        for (build, nodes) in builds.iter().zip(dependencies) {
            for (name, node) in build.depend_on.iter().zip(nodes) {
                if identifiers.contains_key(name) {
                    continue;
                }
                let error = node.error(
                    self.text,
                    format!(
                        "{} depends on {name:?}, which is not a build of the batch",
                        build.identifier
                    ),
                );
                let known = identifiers.keys().map(String::as_str);
                return Err(match keys::nearest(name, known.clone()) {
                    Some(near) => error.with_help(&format!("Did you mean {near}?")),
                    None => {
                        let known: Vec<&str> = known.collect();
                        error.with_help(&format!("the batch has {}", known.join(", ")))
                    }
                });
            }
        }
        Ok(())
    }

    fn batch_environment(&mut self, node: &Node) -> Result<BatchEnvironment, BuildspecError> {
        let mut env = BatchEnvironment::default();
        for entry in self.section(node, "env")? {
            let value = &entry.value;
            let name = format!("env.{}", entry.key);
            match entry.key.as_str() {
                "compute-type" => {
                    env.compute_type = Some(self.some_text(value, &name)?);
                    self.known(value, &name, keys::COMPUTE_TYPES);
                }
                "fleet" => env.fleet = Some(self.some_text(value, &name)?),
                "image" => env.image = Some(self.some_text(value, &name)?),
                "privileged-mode" => {
                    env.privileged_mode = Some(self.true_or_false(value, &name)?);
                }
                "type" => {
                    env.environment_type = Some(self.some_text(value, &name)?);
                    self.known(value, &name, keys::ENVIRONMENT_TYPES);
                }
                "variables" => env.variables = self.texts_by_name(value, &name)?,
                _ => self.unknown(entry, &keys::BATCH_ENV),
            }
        }
        Ok(env)
    }

    fn matrix(&mut self, section: &Entry) -> Result<BatchMatrix, BuildspecError> {
        let mut matrix = BatchMatrix::default();
        for entry in self.section(&section.value, "build-matrix")? {
            match entry.key.as_str() {
                "static" => self.matrix_static(&entry.value, &mut matrix)?,
                "dynamic" => self.matrix_dynamic(&entry.value, &mut matrix)?,
                _ => self.unknown(entry, &keys::MATRIX),
            }
        }
        let has_values = !matrix.buildspecs.is_empty()
            || !matrix.compute_types.is_empty()
            || !matrix.images.is_empty()
            || !matrix.variables.is_empty();
        if !has_values {
            return Err(self
                .key_error(section, "build-matrix has no values to combine")
                .with_help(
                    "list them below `dynamic:`, as `buildspec:` or as `env:` with `image:`, `compute-type:` or `variables:`",
                ));
        }
        if matrix.combinations() > u64::from(keys::BATCH_BUILDS) {
            return Err(self
                .key_error(
                    section,
                    format!(
                        "build-matrix has {} combinations; a batch has at most {} builds",
                        matrix.combinations(),
                        keys::BATCH_BUILDS
                    ),
                )
                .with_help("each value is combined with each value of all other lists"));
        }
        Ok(matrix)
    }

    fn matrix_static(
        &mut self,
        node: &Node,
        matrix: &mut BatchMatrix,
    ) -> Result<(), BuildspecError> {
        for entry in self.section(node, "build-matrix.static")? {
            match entry.key.as_str() {
                "ignore-failure" => {
                    matrix.ignore_failure = self.true_or_false(&entry.value, "ignore-failure")?;
                }
                "env" => matrix.env = self.batch_environment(&entry.value)?,
                _ => self.unknown(entry, &keys::MATRIX_STATIC),
            }
        }
        Ok(())
    }

    fn matrix_dynamic(
        &mut self,
        node: &Node,
        matrix: &mut BatchMatrix,
    ) -> Result<(), BuildspecError> {
        for entry in self.section(node, "build-matrix.dynamic")? {
            match entry.key.as_str() {
                "buildspec" => matrix.buildspecs = self.some_texts(entry, "buildspec")?,
                "env" => {
                    for entry in self.section(&entry.value, "build-matrix.dynamic.env")? {
                        match entry.key.as_str() {
                            "compute-type" => {
                                matrix.compute_types = self.some_texts(entry, "compute-type")?;
                                if let Value::Sequence(items) = &entry.value.value {
                                    for item in items {
                                        self.known(item, "compute-type", keys::COMPUTE_TYPES);
                                    }
                                }
                            }
                            "image" => matrix.images = self.some_texts(entry, "image")?,
                            "variables" => {
                                matrix.variables = self.matrix_variables(&entry.value)?
                            }
                            _ => self.unknown(entry, &keys::MATRIX_ENV),
                        }
                    }
                }
                _ => self.unknown(entry, &keys::MATRIX_DYNAMIC),
            }
        }
        Ok(())
    }

    /// Here a value may be empty, unlike a path.
    fn matrix_variables(&self, node: &Node) -> Result<Vec<(String, Vec<String>)>, BuildspecError> {
        self.section(node, "build-matrix.dynamic.env.variables")?
            .iter()
            .map(|entry| {
                let what = format!("the variable {} of build-matrix", entry.key);
                let values = self.sequence(&entry.value, &what)?;
                if values.is_empty() {
                    return Err(self.key_error(entry, format!("{what} has no values")));
                }
                let values = values.iter().map(|value| self.text(value, &what));
                Ok((entry.key.clone(), values.collect::<Result<_, _>>()?))
            })
            .collect()
    }

    fn fanout(&mut self, section: &Entry) -> Result<BatchFanout, BuildspecError> {
        let mut parallelism = None;
        let mut ignore_failure = false;
        for entry in self.section(&section.value, "build-fanout")? {
            let value = &entry.value;
            match entry.key.as_str() {
                "parallelism" => {
                    let text = self.text(value, "parallelism")?;
                    let number = text.parse().ok();
                    let number = number.filter(|number| (1..=keys::BATCH_BUILDS).contains(number));
                    parallelism = Some(number.ok_or_else(|| {
                        value.error(
                            self.text,
                            format!(
                                "parallelism is {text:?}, not a whole number from 1 to {}",
                                keys::BATCH_BUILDS
                            ),
                        )
                    })?);
                }
                "ignore-failure" => {
                    ignore_failure = self.true_or_false(value, "ignore-failure")?;
                }
                _ => self.unknown(entry, &keys::FANOUT),
            }
        }
        let parallelism = parallelism.ok_or_else(|| {
            self.key_error(section, "build-fanout has no parallelism")
                .with_help("`parallelism:` says how many builds share the tests")
        })?;
        Ok(BatchFanout {
            parallelism,
            ignore_failure,
        })
    }
}

/// The builds of a circle, each of which depends on the next, if there is a circle.
fn cycle(builds: &[BatchBuild], identifiers: &BTreeMap<String, usize>) -> Option<Vec<usize>> {
    let depends_on = |index: &usize| -> Vec<usize> {
        let build = builds.get(*index).into_iter();
        build
            .flat_map(|build| &build.depend_on)
            .filter_map(|name| identifiers.get(name).copied())
            .collect()
    };
    // Builds whose dependencies can all be built, until there are no more.
    let mut buildable = vec![false; builds.len()];
    loop {
        let mut found = false;
        for index in 0..builds.len() {
            let all = depends_on(&index)
                .iter()
                .all(|on| buildable.get(*on).copied().unwrap_or(true));
            if let Some(slot) = buildable.get_mut(index)
                && !*slot
                && all
            {
                *slot = true;
                found = true;
            }
        }
        if !found {
            break;
        }
    }
    // From a build that is not, dependencies that are not lead into a circle.
    let stuck = |index: &usize| !buildable.get(*index).copied().unwrap_or(true);
    let mut path = vec![(0..builds.len()).find(stuck)?];
    loop {
        let next = depends_on(path.last()?).into_iter().find(stuck)?;
        if let Some(begin) = path.iter().position(|index| *index == next) {
            return Some(path.split_off(begin));
        }
        path.push(next);
    }
}
