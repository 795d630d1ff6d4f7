//! UPLOAD_ARTIFACTS: artifacts and reports that are not there.
//!
//! Messages: published build records. What S3 says is among the causes of AWS.

use super::super::cause::Cause;
use super::super::cause::Sign;

pub(in super::super) const CAUSES: &[Cause] = &[
    Cause {
        id: "artifacts-not-found",
        exam_task: "1.3",
        sign: Sign::Message(&["no matching artifact paths found"]),
        what: "No file of the build matches artifacts.files of the buildspec.",
        why: "Patterns count from the source directory or from base-directory, wherever the last command \
              was. The commands may have written the files elsewhere, or not at all.",
        fix: "Put `find . -type f` at the end of post_build to see what is there, then correct files or \
              base-directory. `**/*` takes everything.",
    },
    Cause {
        id: "artifacts-base-directory-missing",
        exam_task: "1.3",
        sign: Sign::Message(&["no matching base directory path found"]),
        what: "The build did not make the directory that artifacts.base-directory names.",
        why: "It counts from the source directory. The build tool may use another name, such as build, \
              dist or target.",
        fix: "Correct base-directory, or make the directory in the commands.",
    },
    Cause {
        id: "artifacts-section-missing",
        exam_task: "1.3",
        sign: Sign::Message(&["buildspec has no artifacts section"]),
        what: "The project wants artifacts, and the buildspec does not say which files they are.",
        why: "The project says where artifacts go; the buildspec says what is in them.",
        fix: "Add `artifacts:` with `files:` to the buildspec, or set the project's artifacts to \
              NO_ARTIFACTS.",
    },
    Cause {
        id: "secondary-artifact-missing",
        exam_task: "1.3",
        sign: Sign::Message(&["secondary artifact", "secondary-artifacts"]),
        what: "The project has a secondary artifact that the buildspec does not have.",
        why: "Each artifactIdentifier of the project needs a key of the same name below \
              artifacts.secondary-artifacts.",
        fix: "Give both the same name, or take it out of the project.",
    },
    Cause {
        id: "artifacts-for-a-pipeline",
        exam_task: "1.1",
        sign: Sign::Message(&["only a pipeline takes those"]),
        what: "The project hands its artifacts to CodePipeline, and no pipeline started this build.",
        why: "Artifacts of type CODEPIPELINE go to the bucket of the pipeline that started the build.",
        fix: "Start the pipeline, or override the artifacts: --artifacts-override type=NO_ARTIFACTS.",
    },
    Cause {
        id: "artifacts-pattern-wrong",
        exam_task: "1.3",
        sign: Sign::Message(&["cannot be used: "]),
        what: "A pattern in the buildspec is not one.",
        why: "The message says what is wrong with it: often a bracket or brace that is not closed.",
        fix: "Correct the pattern: `*` stands for any name in one directory, `**` for any path.",
    },
    Cause {
        id: "report-files-missing",
        exam_task: "1.2",
        sign: Sign::Message(&["report files not found"]),
        what: "No file of the build matches the files of a report in the buildspec.",
        why: "The tests did not run or write their results elsewhere. Patterns count from the source \
              directory or from the report's base-directory.",
        fix: "Look for the files with `find . -name '*.xml'` after the tests, then correct files or \
              base-directory.",
    },
    Cause {
        id: "report-not-taken",
        exam_task: "1.2",
        sign: Sign::Message(&["Error in UPLOAD_ARTIFACTS phase"]),
        what: "CodeBuild did not take a report of the build.",
        why: "The message names the report group and the reason: a file that is not of the given \
              file-format, or a group that the role may not write to.",
        fix: "Check file-format and the group. The role needs codebuild:CreateReport, \
              codebuild:UpdateReport and codebuild:BatchPutTestCases.",
    },
];
