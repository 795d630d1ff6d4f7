//! The keys of the buildspec language as one table. Unknown-key warnings, explanations and the JSON
//! Schema all come from it.
//!
//! See the [buildspec reference](https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html)
//! and the [batch build buildspec reference](https://docs.aws.amazon.com/codebuild/latest/userguide/batch-build-buildspec.html).

use crate::spec::ReportFormat;

/// A mapping whose keys are known.
#[derive(Debug)]
pub(crate) struct Section {
    /// What it is called in a message.
    pub(crate) title: &'static str,
    /// Its keys, in the order in which a buildspec usually has them.
    pub(crate) keys: &'static [Key],
}

/// One key.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) required: bool,
    /// A line for students.
    pub(crate) about: &'static str,
}

/// What the value of a key is.
#[derive(Debug)]
pub(crate) enum Kind {
    /// Any text.
    Text,
    /// One of these texts.
    Choice(&'static [&'static str]),
    /// One of these texts, or one that AWS has added since.
    Known(&'static [&'static str]),
    /// A report format, upper and lower case alike.
    ReportFormat,
    /// `on-failure`.
    OnFailure,
    /// `0.1` or `0.2`.
    Version,
    /// `yes` or `no`.
    YesNo,
    /// `true` or `false`.
    TrueFalse,
    /// A whole number from 1 to this.
    Number(u32),
    /// A sequence of texts, at most so many.
    Texts { at_most: Option<usize> },
    /// A sequence of commands.
    Commands,
    /// Names of the author's choice, each with a text.
    TextByName,
    /// Names of the author's choice, each with a sequence of texts.
    TextsByName,
    /// A mapping.
    Section(&'static Section),
    /// Names of the author's choice, each with a mapping; at most so many.
    SectionByName {
        section: &'static Section,
        at_most: Option<usize>,
    },
    /// A sequence of mappings.
    Sections(&'static Section),
}

const fn key(name: &'static str, kind: Kind, about: &'static str) -> Key {
    Key {
        name,
        kind,
        required: false,
        about,
    }
}

const fn required(name: &'static str, kind: Kind, about: &'static str) -> Key {
    Key {
        name,
        kind,
        required: true,
        about,
    }
}

/// `compute-type`, as in the API's `ComputeType`.
pub(crate) const COMPUTE_TYPES: &[&str] = &[
    "BUILD_GENERAL1_SMALL",
    "BUILD_GENERAL1_MEDIUM",
    "BUILD_GENERAL1_LARGE",
    "BUILD_GENERAL1_XLARGE",
    "BUILD_GENERAL1_2XLARGE",
    "BUILD_LAMBDA_1GB",
    "BUILD_LAMBDA_2GB",
    "BUILD_LAMBDA_4GB",
    "BUILD_LAMBDA_8GB",
    "BUILD_LAMBDA_10GB",
    "ATTRIBUTE_BASED_COMPUTE",
    "CUSTOM_INSTANCE_TYPE",
];

/// `type`, as in the API's `EnvironmentType`.
pub(crate) const ENVIRONMENT_TYPES: &[&str] = &[
    "LINUX_CONTAINER",
    "ARM_CONTAINER",
    "LINUX_GPU_CONTAINER",
    "WINDOWS_CONTAINER",
    "WINDOWS_SERVER_2019_CONTAINER",
    "WINDOWS_SERVER_2022_CONTAINER",
    "LINUX_LAMBDA_CONTAINER",
    "ARM_LAMBDA_CONTAINER",
    "LINUX_EC2",
    "ARM_EC2",
    "WINDOWS_EC2",
    "MAC_ARM",
];

const TEXTS: Kind = Kind::Texts { at_most: None };

/// `reports`: at most so many groups.
pub(crate) const REPORT_GROUPS: usize = 5;
/// `cache.fallback-keys`: at most so many.
pub(crate) const FALLBACK_KEYS: usize = 5;
/// The most builds that a batch can have.
pub(crate) const BATCH_BUILDS: u32 = 100;

/// The whole buildspec.
pub(crate) static BUILDSPEC: Section = Section {
    title: "a buildspec",
    keys: &[
        required(
            "version",
            Kind::Version,
            "The version of the buildspec language. Write 0.2: with 0.1 each command has a shell of its own and forgets directory and variables.",
        ),
        key(
            "run-as",
            Kind::Text,
            "The Linux user that runs the commands of all phases. Without it, root.",
        ),
        key(
            "env",
            Kind::Section(&ENV),
            "The shell and the environment variables of the build.",
        ),
        key(
            "proxy",
            Kind::Section(&PROXY),
            "What goes through an explicit proxy server.",
        ),
        key(
            "batch",
            Kind::Section(&BATCH),
            "The builds that a batch build (StartBuildBatch) is made of.",
        ),
        key(
            "phases",
            Kind::Section(&PHASES),
            "The commands, in four phases that run one after the other.",
        ),
        key(
            "reports",
            Kind::SectionByName {
                section: &REPORT,
                at_most: Some(REPORT_GROUPS),
            },
            "Test results and code coverage, by report group: a name, or the ARN of a group that exists. At most 5.",
        ),
        key(
            "artifacts",
            Kind::Section(&ARTIFACTS),
            "Which files of the build are uploaded when its commands have ended.",
        ),
        key(
            "cache",
            Kind::Section(&CACHE),
            "Which files are kept for the next build, so that it is faster.",
        ),
    ],
};

pub(crate) static ENV: Section = Section {
    title: "env",
    keys: &[
        key(
            "shell",
            Kind::Choice(&["bash", "/bin/sh", "sh"]),
            "The shell that runs the commands. Without it, sh.",
        ),
        key(
            "variables",
            Kind::TextByName,
            "Variables in plain text, visible to all who see the project. Values are literal: $NAME in them is not expanded.",
        ),
        key(
            "parameter-store",
            Kind::TextByName,
            "Variables whose values are in Systems Manager Parameter Store. The service role needs ssm:GetParameters.",
        ),
        key(
            "secrets-manager",
            Kind::TextByName,
            "Variables whose values are in Secrets Manager: secret-id:json-key:version-stage:version-id.",
        ),
        key(
            "exported-variables",
            TEXTS,
            "Variables that later actions of a CodePipeline can read. Not possible for secrets and for names with AWS_ in front.",
        ),
        key(
            "git-credential-helper",
            Kind::YesNo,
            "Whether git in the build uses CodeBuild's credentials for the source.",
        ),
    ],
};

pub(crate) static PROXY: Section = Section {
    title: "proxy",
    keys: &[
        key(
            "upload-artifacts",
            Kind::YesNo,
            "Whether artifacts are uploaded through the proxy.",
        ),
        key(
            "logs",
            Kind::YesNo,
            "Whether logs go to CloudWatch Logs through the proxy.",
        ),
    ],
};

pub(crate) static PHASES: Section = Section {
    title: "phases",
    keys: &[
        key(
            "install",
            Kind::Section(&INSTALL),
            "Installs what the build needs.",
        ),
        key(
            "pre_build",
            Kind::Section(&PHASE),
            "Prepares the build, such as with a login to a registry.",
        ),
        key("build", Kind::Section(&PHASE), "The build itself."),
        key(
            "post_build",
            Kind::Section(&PHASE),
            "What comes after the build, also after one that failed: CODEBUILD_BUILD_SUCCEEDING is 0 then.",
        ),
    ],
};

const RUN_AS: Key = key(
    "run-as",
    Kind::Text,
    "The Linux user that runs the commands of this phase.",
);
const ON_FAILURE: Key = key(
    "on-failure",
    Kind::OnFailure,
    "What happens if the phase fails: ABORT, CONTINUE, RETRY, RETRY-count, RETRY-regex or RETRY-count-regex.",
);
const COMMANDS: &str =
    "Each item is one script; the phase ends with the first that does not exit with 0.";
const FINALLY: Key = key(
    "finally",
    Kind::Commands,
    "Commands that run after those of `commands`, also when one of those failed.",
);

pub(crate) static INSTALL: Section = Section {
    title: "the install phase",
    keys: &[
        RUN_AS,
        ON_FAILURE,
        key(
            "runtime-versions",
            Kind::TextByName,
            "Languages and their versions, such as `nodejs: 22`. Only AWS's managed images know it.",
        ),
        key("commands", Kind::Commands, COMMANDS),
        FINALLY,
    ],
};

pub(crate) static PHASE: Section = Section {
    title: "a phase",
    keys: &[
        RUN_AS,
        ON_FAILURE,
        key("commands", Kind::Commands, COMMANDS),
        FINALLY,
    ],
};

pub(crate) static REPORT: Section = Section {
    title: "a report group",
    keys: &[
        required(
            "files",
            TEXTS,
            "The files with the raw data, as paths and patterns.",
        ),
        key(
            "file-format",
            Kind::ReportFormat,
            "The format of the files. Without it, JUNITXML.",
        ),
        BASE_DIRECTORY,
        DISCARD_PATHS,
    ],
};

const BASE_DIRECTORY: Key = key(
    "base-directory",
    Kind::Text,
    "The directory that `files` is relative to, or a pattern for directories. Without it, the source directory.",
);
const DISCARD_PATHS: Key = key(
    "discard-paths",
    Kind::YesNo,
    "Whether all files land in one directory, without their own directories.",
);
const FILES: Key = required(
    "files",
    TEXTS,
    "Which files: a path, dir/* (those in dir), dir/**/* (also those below), **/* (all).",
);
const NAME: Key = key(
    "name",
    Kind::Text,
    "The artifact's name, which the shell evaluates. Used only if the project lets the buildspec name it (overrideArtifactName).",
);
const EXCLUDE_PATHS: Key = key(
    "exclude-paths",
    TEXTS,
    "Patterns for what is left out: `*` stays in one directory, `**` does not.",
);
const ENABLE_SYMLINKS: Key = key(
    "enable-symlinks",
    Kind::YesNo,
    "Whether symbolic links are kept. ZIP only.",
);
const S3_PREFIX: Key = key(
    "s3-prefix",
    Kind::Text,
    "What comes before the artifact's path in the bucket.",
);

pub(crate) static ARTIFACTS: Section = Section {
    title: "artifacts",
    keys: &[
        FILES,
        NAME,
        DISCARD_PATHS,
        BASE_DIRECTORY,
        EXCLUDE_PATHS,
        ENABLE_SYMLINKS,
        S3_PREFIX,
        key(
            "secondary-artifacts",
            Kind::SectionByName {
                section: &SECONDARY_ARTIFACT,
                at_most: None,
            },
            "Further artifacts, by the identifiers that the project's secondaryArtifacts gives them.",
        ),
    ],
};

pub(crate) static SECONDARY_ARTIFACT: Section = Section {
    title: "a secondary artifact",
    keys: &[
        FILES,
        NAME,
        DISCARD_PATHS,
        BASE_DIRECTORY,
        EXCLUDE_PATHS,
        ENABLE_SYMLINKS,
        S3_PREFIX,
    ],
};

pub(crate) static CACHE: Section = Section {
    title: "cache",
    keys: &[
        required(
            "paths",
            TEXTS,
            "What is kept, as paths and patterns. A local cache keeps directories only.",
        ),
        key(
            "key",
            Kind::Text,
            "The name of the cache in S3, such as one with `codebuild-hash-files` of a lock file.",
        ),
        key(
            "fallback-keys",
            Kind::Texts {
                at_most: Some(FALLBACK_KEYS),
            },
            "Beginnings of keys, tried in order when there is no cache under `key`. At most 5.",
        ),
        key(
            "action",
            Kind::Choice(&["restore", "save"]),
            "restore: only read the cache; save: only write it. Without it, both.",
        ),
    ],
};

pub(crate) static BATCH: Section = Section {
    title: "batch",
    keys: &[
        key(
            "fast-fail",
            Kind::TrueFalse,
            "Whether the first build that fails stops the others.",
        ),
        key(
            "build-list",
            Kind::Sections(&LIST_BUILD),
            "Builds that run side by side.",
        ),
        key(
            "build-graph",
            Kind::Sections(&GRAPH_BUILD),
            "Builds that wait for the builds that they depend on.",
        ),
        key(
            "build-matrix",
            Kind::Section(&MATRIX),
            "A build for each combination of the values.",
        ),
        key(
            "build-fanout",
            Kind::Section(&FANOUT),
            "The same build several times, each for a part of the tests.",
        ),
    ],
};

const IDENTIFIER: Key = required(
    "identifier",
    Kind::Text,
    "The build's name in the batch: letters, digits and underscores.",
);
const BUILD_BUILDSPEC: Key = key(
    "buildspec",
    Kind::Text,
    "The buildspec of this build, as a path or as text. Without it, this file.",
);
const DEBUG_SESSION: Key = key(
    "debug-session",
    Kind::TrueFalse,
    "Whether a person can enter the build with Session Manager.",
);
const BUILD_ENV: Key = key(
    "env",
    Kind::Section(&BATCH_ENV),
    "What differs from the project's environment.",
);
const IGNORE_FAILURE: Key = key(
    "ignore-failure",
    Kind::TrueFalse,
    "Whether the batch can succeed although this fails.",
);

pub(crate) static LIST_BUILD: Section = Section {
    title: "a build of build-list",
    keys: &[
        IDENTIFIER,
        BUILD_BUILDSPEC,
        BUILD_ENV,
        DEBUG_SESSION,
        IGNORE_FAILURE,
    ],
};

pub(crate) static GRAPH_BUILD: Section = Section {
    title: "a build of build-graph",
    keys: &[
        IDENTIFIER,
        BUILD_BUILDSPEC,
        BUILD_ENV,
        key(
            "depend-on",
            TEXTS,
            "The identifiers of builds that must succeed before this one begins.",
        ),
        DEBUG_SESSION,
        IGNORE_FAILURE,
    ],
};

pub(crate) static BATCH_ENV: Section = Section {
    title: "env of a batch",
    keys: &[
        key(
            "compute-type",
            Kind::Known(COMPUTE_TYPES),
            "The size of the machine, such as BUILD_GENERAL1_SMALL.",
        ),
        key("fleet", Kind::Text, "The ARN of a reserved capacity fleet."),
        key("image", Kind::Text, "The image of the build container."),
        key(
            "privileged-mode",
            Kind::TrueFalse,
            "Whether a Docker daemon can run in the build container.",
        ),
        key(
            "type",
            Kind::Known(ENVIRONMENT_TYPES),
            "The type of the environment, such as LINUX_CONTAINER.",
        ),
        key(
            "variables",
            Kind::TextByName,
            "Variables in plain text, for this build.",
        ),
    ],
};

pub(crate) static MATRIX: Section = Section {
    title: "build-matrix",
    keys: &[
        key(
            "static",
            Kind::Section(&MATRIX_STATIC),
            "What all builds have in common.",
        ),
        required(
            "dynamic",
            Kind::Section(&MATRIX_DYNAMIC),
            "The values that are combined.",
        ),
    ],
};

pub(crate) static MATRIX_STATIC: Section = Section {
    title: "build-matrix.static",
    keys: &[IGNORE_FAILURE, BUILD_ENV],
};

pub(crate) static MATRIX_DYNAMIC: Section = Section {
    title: "build-matrix.dynamic",
    keys: &[
        key(
            "buildspec",
            TEXTS,
            "Buildspecs; each is combined with all other values.",
        ),
        key(
            "env",
            Kind::Section(&MATRIX_ENV),
            "Environments; each value is combined with all others.",
        ),
    ],
};

pub(crate) static MATRIX_ENV: Section = Section {
    title: "build-matrix.dynamic.env",
    keys: &[
        key("compute-type", TEXTS, "Sizes of the machine."),
        key("image", TEXTS, "Images of the build container."),
        key(
            "variables",
            Kind::TextsByName,
            "Variables, each with the values that it takes in turn.",
        ),
    ],
};

pub(crate) static FANOUT: Section = Section {
    title: "build-fanout",
    keys: &[
        required(
            "parallelism",
            Kind::Number(BATCH_BUILDS),
            "How many builds share the tests.",
        ),
        IGNORE_FAILURE,
    ],
};

impl Section {
    /// The key of that name.
    pub(crate) fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// What the author may have meant by a key that is not one of this section.
    pub(crate) fn meant(&self, name: &str) -> String {
        if let Some(near) = nearest(name, self.keys.iter().map(|key| key.name)) {
            return format!("Did you mean `{near}`?");
        }
        let mut elsewhere = Vec::new();
        BUILDSPEC.find(name, "", &mut elsewhere);
        if let Some(place) = elsewhere.iter().min_by_key(|place| place.len()) {
            return format!("`{name}` belongs to {place}.");
        }
        let known: Vec<String> = self
            .keys
            .iter()
            .map(|key| format!("`{}`", key.name))
            .collect();
        format!("Known here: {}.", known.join(", "))
    }

    /// The sections that have such a key, as paths.
    fn find(&self, name: &str, path: &str, found: &mut Vec<String>) {
        if self.key(name).is_some() {
            found.push(match path {
                "" => "the top level".to_owned(),
                path => format!("`{path}`"),
            });
        }
        for key in self.keys {
            let below = |suffix: &str| match path {
                "" => format!("{}{suffix}", key.name),
                path => format!("{path}.{}{suffix}", key.name),
            };
            match &key.kind {
                Kind::Section(section) => section.find(name, &below(""), found),
                Kind::SectionByName { section, .. } => section.find(name, &below(".NAME"), found),
                Kind::Sections(section) => section.find(name, &below("[]"), found),
                _ => {}
            }
        }
    }
}

/// The candidate that is most like the word, if one is like it at all.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace(['-', '_', ' '], "");
    let word = plain(word);
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&word, &plain(candidate)), candidate))
        .filter(|(likeness, _)| *likeness >= 0.84)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// The names of all report formats.
pub(crate) fn report_formats() -> impl Iterator<Item = &'static str> {
    ReportFormat::ALL.into_iter().map(ReportFormat::as_str)
}
