//! What a build gives: artifacts and reports.

use std::sync::Arc;

use build_engine::ArtifactRequest;
use build_engine::BuildRequest;
use build_engine::BuildStatus;
use build_engine::Packaging;
use build_engine::Phase;
use build_engine::PhaseStatus;

use crate::kept::Kept;
use crate::support;
use crate::support::run;

fn request(buildspec: &str, kept: &Arc<Kept>, packaging: Packaging) -> BuildRequest {
    BuildRequest {
        artifacts: vec![ArtifactRequest {
            identifier: None,
            packaging,
        }],
        storage: Some(kept.clone()),
        ..support::request(buildspec)
    }
}

const TREE: &str = r"
version: 0.2
phases:
  build:
    commands:
      - mkdir -p dist/js/.hidden dist/css other
      - echo app >dist/js/app.js
      - echo map >dist/js/app.map
      - echo hidden >dist/js/.hidden/file
      - echo style >dist/css/style.css
      - echo other >other/file.txt
      - ln -s app.js dist/js/link.js
      - ln -s ../css dist/js/styles
      - ln -s /etc/passwd dist/js/outside
";

#[tokio::test(flavor = "multi_thread")]
async fn an_artifact_has_the_files_that_its_patterns_name() {
    let Some(engine) = support::engine().await else {
        return;
    };
    let kept = Arc::new(Kept::default());
    let text = format!(
        r#"{TREE}
artifacts:
  files: ['**/*']
  base-directory: dist
  exclude-paths: ['**/*.map']
  name: app-$(echo "1.$CODEBUILD_BUILD_SUCCEEDING")-$HOME
"#
    );
    let told = run(&engine, request(&text, &kept, Packaging::Zip)).await;
    assert_eq!(told.status, Some(BuildStatus::Succeeded), "{told:#?}");
    let artifact = kept.artifact(0);
    assert!(artifact.is_zip);
    assert_eq!(artifact.name.as_deref(), Some("app-1.1-/root"));
    let names: Vec<&str> = artifact.files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "css/style.css",
            "js/.hidden/file",
            "js/app.js",
            "js/link.js",
            "js/styles/style.css",
        ]
    );
    assert_eq!(artifact.files["js/link.js"], "app\n");
    let [(identifier, sha256sum, md5sum)] = told.artifacts.as_slice() else {
        panic!("{told:#?}");
    };
    assert_eq!(*identifier, None);
    assert_eq!(sha256sum.as_deref().map(str::len), Some(64));
    assert_eq!(md5sum.as_deref().map(str::len), Some(32));
    assert!(
        told.log
            .iter()
            .any(|line| line.ends_with(" Found 5 file(s)"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn links_stay_links_and_paths_are_discarded_on_demand() {
    let Some(engine) = support::engine().await else {
        return;
    };
    let kept = Arc::new(Kept::default());
    let text = format!(
        r"{TREE}
artifacts:
  files: [js/*]
  base-directory: 'di*'
  enable-symlinks: yes
  secondary-artifacts:
    flat:
      files: [$CODEBUILD_SRC_DIR/dist/css/*, other/file.txt]
      discard-paths: yes
"
    );
    let mut request = request(&text, &kept, Packaging::Zip);
    request.artifacts.push(ArtifactRequest {
        identifier: Some("flat".to_owned()),
        packaging: Packaging::None,
    });
    let told = run(&engine, request).await;
    assert_eq!(told.status, Some(BuildStatus::Succeeded), "{told:#?}");
    let primary = kept.artifact(0);
    assert_eq!(primary.links, ["js/link.js", "js/outside", "js/styles"]);
    assert_eq!(primary.files["js/link.js"], "app.js");
    let flat = kept.artifact(1);
    assert_eq!(flat.identifier.as_deref(), Some("flat"));
    assert!(!flat.is_zip);
    let names: Vec<&str> = flat.files.keys().map(String::as_str).collect();
    assert_eq!(names, ["file.txt", "style.css"]);
    assert_eq!(told.artifacts[1], (Some("flat".to_owned()), None, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn artifacts_come_after_a_failed_build_too_and_what_is_missing_fails() {
    let Some(engine) = support::engine().await else {
        return;
    };
    let kept = Arc::new(Kept::default());
    let text = r"
version: 0.2
phases:
  build:
    commands:
      - echo out >out.txt; exit 3
artifacts:
  files: [out.txt]
";
    let told = run(&engine, request(text, &kept, Packaging::None)).await;
    assert_eq!(told.unsuccessful(), [(Phase::Build, PhaseStatus::Failed)]);
    assert_eq!(kept.artifact(0).files["out.txt"], "out\n");

    for (section, message) in [
        (
            "",
            "The project has artifacts, but the buildspec has no artifacts section",
        ),
        (
            "artifacts:\n  files: [nothing/*]\n",
            "no matching artifact paths found",
        ),
        (
            "artifacts:\n  files: ['**/*']\n  base-directory: dist\n",
            "no matching base directory path found for dist",
        ),
        (
            "artifacts:\n  files: [out.txt]\n  name: refused\n",
            "the bucket is full",
        ),
    ] {
        let text = format!(
            "version: 0.2\nphases:\n  build:\n    commands: [echo out >out.txt]\n{section}"
        );
        let told = run(&engine, request(&text, &kept, Packaging::None)).await;
        assert_eq!(
            told.unsuccessful(),
            [(Phase::UploadArtifacts, PhaseStatus::Failed)],
            "{section}"
        );
        assert_eq!(told.context(Phase::UploadArtifacts).message, message);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_are_taken_also_after_a_failure_and_missing_ones_fail_the_phase() {
    let Some(engine) = support::engine().await else {
        return;
    };
    let kept = Arc::new(Kept::default());
    let text = r"
version: 0.2
phases:
  build:
    commands:
      - mkdir -p target/reports
      - echo '<testsuite/>' >target/reports/a.xml; exit 1
reports:
  unit:
    files: ['**/*.xml']
    base-directory: target
  none:
    files: [nothing.xml]
";
    let mut request = request(text, &kept, Packaging::None);
    request.artifacts.clear();
    let told = run(&engine, request).await;
    assert_eq!(
        told.unsuccessful(),
        [
            (Phase::Build, PhaseStatus::Failed),
            (Phase::UploadArtifacts, PhaseStatus::Failed)
        ]
    );
    assert_eq!(
        told.context(Phase::UploadArtifacts).message,
        "Error in UPLOAD_ARTIFACTS phase: [none: [report files not found in build]]"
    );
    assert_eq!(told.reports, ["arn:report:unit"]);
    assert_eq!(
        *kept.reports.lock().unwrap(),
        [("unit".to_owned(), vec!["reports/a.xml".to_owned()])]
    );
}
