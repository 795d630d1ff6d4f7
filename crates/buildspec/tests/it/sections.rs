//! `proxy`, `reports`, `artifacts` and `cache`.

use buildspec::Buildspec;
use buildspec::CacheAction;
use buildspec::Proxy;
use buildspec::ReportFormat;

const BUILD: &str = "version: 0.2\nphases: {build: {commands: [make]}}\n";

fn spec(section: &str) -> Buildspec {
    Buildspec::parse(&format!("{BUILD}{section}")).unwrap()
}

/// Sections begin in line 3.
fn error(section: &str) -> (usize, usize, String) {
    let error = Buildspec::parse(&format!("{BUILD}{section}")).unwrap_err();
    let help = error.help_text().unwrap_or_default();
    let text = format!("{} | {help}", error.message());
    (error.line(), error.column(), text)
}

#[test]
fn artifacts_with_all_keys() {
    let spec = spec(
        "artifacts:
  files:
    - '**/*'
    - target/app.jar
  name: app-$(date +%Y-%m-%d)
  discard-paths: yes
  base-directory: 'my-dir*'
  exclude-paths: ['**/*.tmp']
  enable-symlinks: no
  s3-prefix: releases
  secondary-artifacts:
    docs_1:
      files: [docs/index.html]
      base-directory: site
    logs:
      files: ['*.log']
      enable-symlinks: 'yes'
",
    );
    let artifacts = spec.artifacts.unwrap();
    assert_eq!(artifacts.primary.files, ["**/*", "target/app.jar"]);
    assert_eq!(
        artifacts.primary.name.as_deref(),
        Some("app-$(date +%Y-%m-%d)")
    );
    assert!(artifacts.primary.discard_paths && !artifacts.primary.enable_symlinks);
    assert_eq!(artifacts.primary.base_directory.as_deref(), Some("my-dir*"));
    assert_eq!(artifacts.primary.exclude_paths, ["**/*.tmp"]);
    assert_eq!(artifacts.primary.s3_prefix.as_deref(), Some("releases"));
    let identifiers: Vec<&str> = artifacts
        .secondary
        .iter()
        .map(|(id, _)| id.as_str())
        .collect();
    assert_eq!(identifiers, ["docs_1", "logs"]);
    assert_eq!(
        artifacts.secondary[0].1.base_directory.as_deref(),
        Some("site")
    );
    assert!(artifacts.secondary[1].1.enable_symlinks);
    assert_eq!(spec.warnings, []);
}

#[test]
fn reports_with_and_without_their_defaults() {
    let spec = spec(
        "reports:
  unit:
    files: ['**/TEST-*.xml']
  arn:aws:codebuild:eu-west-1:123456789012:report-group/coverage:
    files: [coverage/*.xml]
    file-format: CoberturaXml
    base-directory: out
    discard-paths: yes
",
    );
    assert_eq!(spec.reports[0].group, "unit");
    assert_eq!(spec.reports[0].file_format, ReportFormat::JunitXml);
    assert!(!spec.reports[0].discard_paths);
    assert_eq!(
        spec.reports[1].group,
        "arn:aws:codebuild:eu-west-1:123456789012:report-group/coverage"
    );
    assert_eq!(spec.reports[1].file_format, ReportFormat::CoberturaXml);
    assert_eq!(spec.reports[1].base_directory.as_deref(), Some("out"));
    assert!(spec.reports[1].discard_paths);
    assert_eq!(spec.warnings, []);
}

#[test]
fn cache_and_proxy() {
    let spec = spec(
        "cache:
  key: npm-$(codebuild-hash-files package-lock.json)
  fallback-keys: [npm-]
  action: restore
  paths: ['node_modules/**/*', /root/.npm]
proxy:
  upload-artifacts: yes
  logs: no
",
    );
    let cache = spec.cache.unwrap();
    assert_eq!(
        cache.key.as_deref(),
        Some("npm-$(codebuild-hash-files package-lock.json)")
    );
    assert_eq!(cache.fallback_keys, ["npm-"]);
    assert_eq!(cache.action, Some(CacheAction::Restore));
    assert_eq!(cache.paths, ["node_modules/**/*", "/root/.npm"]);
    assert_eq!(
        spec.proxy,
        Some(Proxy {
            upload_artifacts: true,
            logs: false
        })
    );
}

#[test]
fn what_the_sections_refuse_has_a_place_and_a_way_out() {
    for (section, place, words) in [
        (
            "artifacts:\n  secondary-artifacts:\n    a: {files: [x]}\n",
            (3, 1),
            &["artifacts has no files", "also when there are secondary"][..],
        ),
        (
            "artifacts:\n  files: [x]\n  secondary-artifacts:\n    a: {name: x}\n",
            (6, 5),
            &["a has no files"],
        ),
        (
            "artifacts:\n  files: [x]\n  secondary-artifacts:\n    my-docs: {files: [x]}\n",
            (6, 5),
            &["my-docs", "letters, digits and underscores"],
        ),
        ("artifacts:\n  files: x\n", (4, 10), &["sequence", "`- `"]),
        (
            "artifacts:\n  files: []\n",
            (4, 3),
            &["artifacts.files is empty"],
        ),
        (
            "artifacts:\n  files: [x]\n  discard-paths: maybe\n",
            (5, 18),
            &["artifacts.discard-paths", "yes or no"],
        ),
        ("reports:\n  unit: {}\n", (4, 3), &["unit has no files"]),
        (
            "reports:\n  unit:\n    files: [x]\n    file-format: JUNIT\n",
            (6, 18),
            &["\"JUNIT\"", "Did you mean JUNITXML?"],
        ),
        (
            "reports:\n  a: {files: [x]}\n  b: {files: [x]}\n  c: {files: [x]}\n  d: {files: [x]}\n  e: {files: [x]}\n  f: {files: [x]}\n",
            (9, 3),
            &["6 report groups", "at most 5"],
        ),
        ("cache:\n  key: x\n", (3, 1), &["cache has no paths"]),
        (
            "cache:\n  paths: [x]\n  fallback-keys: [a, b, c, d, e, f]\n",
            (5, 3),
            &["6 keys", "at most 5"],
        ),
        (
            "cache:\n  paths: [x]\n  action: load\n",
            (5, 11),
            &["\"load\"", "restore or save"],
        ),
        (
            "proxy:\n  logs: perhaps\n",
            (4, 9),
            &["proxy.logs", "yes or no"],
        ),
        ("proxy: yes\n", (3, 8), &["proxy is a mapping"]),
    ] {
        let (line, column, text) = error(section);
        assert_eq!((line, column), place, "{section}: {text}");
        for word in words {
            assert!(text.contains(word), "{section}: {text}");
        }
    }
}

#[test]
fn unknown_keys_of_the_sections_come_with_what_was_meant() {
    let spec = spec(
        "artifacts:
  files: [x]
  base_directory: y
  secondary-artifacts:
    docs: {files: [x], exclude: [y]}
reports:
  unit: {files: [x], kind: JUNITXML}
cache:
  paths: [x]
  on-failure: ABORT
proxy:
  log: yes
commands: [y]
",
    );
    let found: Vec<(usize, &str, &str)> = spec
        .warnings
        .iter()
        .map(|w| (w.line, w.code, w.help.as_deref().unwrap()))
        .collect();
    assert_eq!(
        found,
        [
            (5, "unknown-key", "Did you mean `base-directory`?"),
            (7, "unknown-key", "Did you mean `exclude-paths`?"),
            (
                9,
                "unknown-key",
                "Known here: `files`, `file-format`, `base-directory`, `discard-paths`."
            ),
            (12, "unknown-key", "`on-failure` belongs to `phases.build`."),
            (14, "unknown-key", "Did you mean `logs`?"),
            (15, "unknown-key", "`commands` belongs to `phases.build`."),
        ]
    );
}

#[test]
fn a_section_without_a_value_is_absent() {
    let spec = spec("artifacts:\ncache:\nreports:\nproxy:\nbatch:\nenv:\n");
    assert!(spec.artifacts.is_none() && spec.cache.is_none() && spec.proxy.is_none());
    assert!(spec.reports.is_empty() && spec.batch.is_none());
    let codes: Vec<&str> = spec.warnings.iter().map(|w| w.code).collect();
    assert_eq!(codes, ["empty-section"; 5]);
}
