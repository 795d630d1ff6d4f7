//! Ten buildspecs of different kinds: what is read, what is warned about, what would run.

use std::fmt::Write;
use std::path::Path;

use buildspec::Buildspec;
use buildspec::LintContext;

/// Each sample, and what is known about its project.
const SAMPLES: [(&str, LintContext<'_>); 10] = [
    ("node", context(Some(false), "aws/codebuild/standard:7.0")),
    (
        "maven",
        context(None, "aws/codebuild/amazonlinux-x86_64-standard:5.0"),
    ),
    ("go", context(None, "golang:1.25")),
    ("python", context(None, "python:3.13-alpine")),
    ("terraform", context(None, "hashicorp/terraform:1.13")),
    (
        "docker_ecr",
        context(Some(true), "aws/codebuild/standard:7.0"),
    ),
    ("buildx", context(Some(true), "docker:29-dind")),
    ("multi_source", NOTHING),
    ("batch_graph", NOTHING),
    ("batch_matrix", NOTHING),
];

const NOTHING: LintContext<'_> = LintContext {
    privileged: None,
    image: None,
};

const fn context(privileged: Option<bool>, image: &'static str) -> LintContext<'static> {
    LintContext {
        privileged,
        image: Some(image),
    }
}

/// The text of a sample.
pub(crate) fn sample(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    std::fs::read_to_string(folder.join(format!("{name}.yml"))).unwrap()
}

/// The names of all samples.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    SAMPLES.iter().map(|(name, _)| *name)
}

#[test]
fn each_sample_is_read_checked_and_explained() {
    for (name, context) in SAMPLES {
        let spec = Buildspec::parse_any(&sample(name)).unwrap();
        let mut text = String::new();
        for warning in spec.warnings.iter().chain(&spec.lint(&context)) {
            let help = warning.help.as_deref().unwrap_or_default();
            writeln!(
                text,
                "{}:{} [{}] {}\n    {help}",
                warning.line, warning.column, warning.code, warning.message
            )
            .unwrap();
        }
        insta::assert_snapshot!(format!("{name}_warnings"), text);
        insta::assert_snapshot!(format!("{name}_plan"), spec.explain());
        insta::assert_debug_snapshot!(format!("{name}_sections"), {
            (
                spec.env,
                spec.proxy,
                spec.batch,
                spec.reports,
                spec.artifacts,
                spec.cache,
            )
        });
    }
}

#[test]
fn every_file_among_the_samples_is_tested() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            entry
                .unwrap()
                .path()
                .file_stem()
                .unwrap()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    files.sort();
    let mut known: Vec<&str> = names().collect();
    known.sort_unstable();
    assert_eq!(files, known);
}
