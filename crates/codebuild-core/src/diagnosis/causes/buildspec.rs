//! The buildspec: missing, not YAML, or asking for what the image does not have.
//!
//! Messages with the status code YAML_FILE_ERROR: published build records.

use super::super::cause::Cause;
use super::super::cause::Sign;
use super::super::record::Failure;

pub(in super::super) const CAUSES: &[Cause] = &[
    Cause {
        id: "buildspec-missing",
        exam_task: "1.1",
        sign: Sign::When(|failure| {
            yaml_error(failure, &["YAML file does not exist", "no such file"])
        }),
        what: "The source has no buildspec file where CodeBuild looks for it.",
        why: "Without another name in the project, it is buildspec.yml in the root of the source, in \
              small letters and with this ending.",
        fix: "Add the file to the branch that is built, or name its path in the project's \
              source.buildspec.",
    },
    Cause {
        id: "buildspec-command-with-colon",
        exam_task: "1.1",
        sign: Sign::When(|failure| yaml_error(failure, &["to be of string type: found subkeys"])),
        what: "CodeBuild cannot read the buildspec: a command is not a text.",
        why: "A command with a colon and a space in it, unquoted, is a key with a value in YAML and not \
              a text.",
        fix: "Put the whole command in quotes: - 'echo \"status: done\"'.",
    },
    Cause {
        id: "buildspec-mapping-values",
        exam_task: "1.1",
        sign: Sign::When(|failure| yaml_error(failure, &["mapping values are not allowed"])),
        what: "CodeBuild cannot read the buildspec: a line has one colon too many.",
        why: "YAML found a second colon where only a value can stand, or the indentation is off.",
        fix: "Quote the value, and indent with spaces, the same number on each level.",
    },
    Cause {
        id: "run-as-user-unknown",
        exam_task: "1.1",
        sign: Sign::When(|failure| {
            yaml_error(failure, &["run-as"]).or_else(|| {
                failure.output_with(&[
                    "su: unknown user",
                    "su: user ",
                    "setpriv: failed to parse reuid",
                ])
            })
        }),
        what: "The build image has no user of the name that run-as asks for.",
        why: "run-as takes a Linux user of the build image. CodeBuild does not create one.",
        fix: "Leave run-as out (commands run as root then), or create the user in install, which has to \
              run as root.",
    },
    Cause {
        id: "buildspec-not-valid",
        exam_task: "1.1",
        sign: Sign::When(|failure| yaml_error(failure, &[""])),
        what: "CodeBuild cannot read the buildspec.",
        why: "The file is not YAML, or not a buildspec: the message names the place.",
        fix: "Correct the line. Indent with spaces, not tabs, and quote commands that have a colon. \
              `guided-demo check buildspec.yml` shows the place.",
    },
    Cause {
        id: "image-without-bash",
        exam_task: "1.2",
        sign: Sign::When(|failure| {
            failure
                .message_with(&["has no bash"])
                .or_else(|| no_bash(failure))
        }),
        what: "The buildspec wants bash, and the build image {image} does not have it.",
        why: "env.shell: bash needs a bash in the image. Images on Alpine, docker:dind among them, have \
              only sh.",
        fix: "Use an image that has bash, or leave env.shell out and write the commands for sh.",
    },
];

fn yaml_error(failure: &Failure<'_>, texts: &[&str]) -> Option<String> {
    (failure.code == "YAML_FILE_ERROR").then(|| failure.message_with(texts))?
}

fn no_bash(failure: &Failure<'_>) -> Option<String> {
    let is_missing = failure.exit_status() == Some(127);
    is_missing.then(|| {
        failure.output_with(&[
            "bash: not found",
            "bash: command not found",
            "'bash': No such file",
            "‘bash’: No such file",
        ])
    })?
}
