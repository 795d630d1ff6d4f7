//! The `batch` section: one build that becomes several.
//!
//! See the [batch build buildspec reference](https://docs.aws.amazon.com/codebuild/latest/userguide/batch-build-buildspec.html).

/// The `batch` section.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// `fast-fail`: whether the first build that fails stops the others.
    pub fast_fail: bool,
    /// Which builds there are.
    pub kind: BatchKind,
}

/// The kinds of batch.
#[derive(Clone, Debug, PartialEq)]
pub enum BatchKind {
    /// `build-list`: builds that run side by side.
    List(Vec<BatchBuild>),
    /// `build-graph`: builds that wait for those in `depend_on`.
    Graph(Vec<BatchBuild>),
    /// `build-matrix`: a build for each combination.
    Matrix(Box<BatchMatrix>),
    /// `build-fanout`: the same build several times, each for a part of the tests.
    Fanout(BatchFanout),
}

/// One build of a list or a graph.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BatchBuild {
    /// `identifier`: letters, digits and underscores.
    pub identifier: String,
    /// `buildspec`: a path or the text itself. Without one, the project's.
    pub buildspec: Option<String>,
    /// `debug-session`
    pub debug_session: bool,
    /// `depend-on`: identifiers of builds that must succeed first. Graphs only.
    pub depend_on: Vec<String>,
    /// `env`: what differs from the project's environment.
    pub env: BatchEnvironment,
    /// `ignore-failure`: whether the batch goes on and succeeds when this build fails.
    pub ignore_failure: bool,
    /// The line where the build begins, from 1.
    pub line: usize,
}

/// What a build of a batch changes in the project's environment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BatchEnvironment {
    /// `compute-type`
    pub compute_type: Option<String>,
    /// `fleet`: the ARN of a reserved capacity fleet.
    pub fleet: Option<String>,
    /// `image`
    pub image: Option<String>,
    /// `privileged-mode`
    pub privileged_mode: Option<bool>,
    /// `type`, such as `LINUX_CONTAINER`.
    pub environment_type: Option<String>,
    /// `variables`: names and literal values.
    pub variables: Vec<(String, String)>,
}

/// `build-matrix`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BatchMatrix {
    /// `static.ignore-failure`
    pub ignore_failure: bool,
    /// `static.env`: what all builds have.
    pub env: BatchEnvironment,
    /// `dynamic.buildspec`
    pub buildspecs: Vec<String>,
    /// `dynamic.env.compute-type`
    pub compute_types: Vec<String>,
    /// `dynamic.env.image`
    pub images: Vec<String>,
    /// `dynamic.env.variables`: names and the values that each takes in turn.
    pub variables: Vec<(String, Vec<String>)>,
}

impl BatchMatrix {
    /// How many builds the matrix makes: one for each combination.
    #[must_use]
    pub fn combinations(&self) -> u64 {
        let lists = [&self.buildspecs, &self.compute_types, &self.images];
        let variables = self.variables.iter().map(|(_, values)| values);
        lists
            .into_iter()
            .chain(variables)
            .map(|list| u64::try_from(list.len()).unwrap_or(u64::MAX).max(1))
            .fold(1, u64::saturating_mul)
    }
}

/// `build-fanout`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BatchFanout {
    /// `parallelism`: how many builds.
    pub parallelism: u32,
    /// `ignore-failure`
    pub ignore_failure: bool,
}
