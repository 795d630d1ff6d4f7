//! What shells say: BusyBox ash, dash and bash. Exit statuses: POSIX shell, 2.8.2.

use super::super::cause::Cause;
use super::super::cause::Sign;
use super::super::record::Failure;

pub(in super::super) const CAUSES: &[Cause] = &[
    Cause {
        id: "windows-line-endings",
        exam_task: "1.1",
        sign: Sign::Output(&[
            "\r: not found",
            "\r: command not found",
            "$'\\r': command not found",
            "^M: bad interpreter",
            "/sh\r: ",
            "‘sh\\r’",
            "illegal option -\r",
        ]),
        what: "A script has the line endings of Windows.",
        why: "Each of its lines ends in a carriage return, which sh takes as a part of the last word.",
        fix: "Save it with Unix line endings. A file .gitattributes with `*.sh text eol=lf` keeps it so.",
    },
    Cause {
        id: "bash-syntax-in-sh",
        exam_task: "1.2",
        sign: Sign::Output(&[
            "[[: not found",
            "syntax error: unexpected \"(\"",
            "syntax error: \"(\" unexpected",
            "syntax error: unexpected redirection",
            "syntax error: redirection unexpected",
            "bad substitution",
            " pushd: not found",
            " popd: not found",
            " shopt: not found",
            " declare: not found",
            " let: not found",
            " mapfile: not found",
            " function: not found",
            "illegal option -o pipefail",
        ]),
        what: "A command uses bash's own syntax, and the shell is sh.",
        why: "Images on Alpine, docker:dind among them, have no bash: sh is BusyBox. On Debian and Ubuntu \
              sh is dash.",
        fix: "Write it for sh ([ … ] for [[ … ]]), or use an image with bash and set env.shell: bash.",
    },
    Cause {
        id: "source-in-sh",
        exam_task: "1.2",
        sign: Sign::Output(&[" source: not found"]),
        what: "A command uses `source`, and the shell is sh.",
        why: "`source` is bash's name for the command `.` (a dot).",
        fix: "Write `. ./file`, with the ./ before the name, or set env.shell: bash in an image that has \
              bash.",
    },
    Cause {
        id: "timeout-option",
        exam_task: "1.2",
        sign: Sign::Output(&[
            "timeout: invalid option -- 't'",
            "timeout: unrecognized option: t",
            "timeout: can't execute '-t'",
        ]),
        what: "`timeout` does not know the option -t.",
        why: "BusyBox before 1.30 (2018) wanted `timeout -t 15`; since then, as in coreutils, it is \
              `timeout 15`. Old snippets for Alpine images still have -t.",
        fix: "Write `timeout 15 COMMAND`.",
    },
    Cause {
        id: "docker-missing-in-image",
        exam_task: "1.3",
        sign: Sign::When(|failure| {
            missing_program(failure, &["docker", "dockerd", "docker-compose"])
        }),
        what: "The build image {image} does not have the docker command.",
        why: "Not every image brings Docker: it has to be in the image that the build runs in.",
        fix: "Use docker:dind or one of CodeBuild's standard images with privileged mode.",
    },
    Cause {
        id: "sudo-missing",
        exam_task: "1.2",
        sign: Sign::When(|failure| missing_program(failure, &["sudo"])),
        what: "A command uses sudo, and the build image does not have it.",
        why: "Commands of a build run as root, so sudo is not needed.",
        fix: "Leave sudo out.",
    },
    Cause {
        id: "package-manager-missing",
        exam_task: "1.2",
        sign: Sign::When(|failure| {
            missing_program(
                failure,
                &["apt-get", "apt", "yum", "dnf", "apk", "microdnf"],
            )
        }),
        what: "A command uses the package manager of another Linux distribution.",
        why: "Alpine has apk, Debian and Ubuntu have apt-get, Amazon Linux has dnf or yum.",
        fix: "Use the one of the image {image}: `cat /etc/os-release` tells which it is.",
    },
    Cause {
        id: "command-not-found",
        exam_task: "1.2",
        sign: Sign::When(|failure| {
            (failure.exit_status() == Some(127)).then(|| {
                failure
                    .output_with(&["not found", "no such file"])
                    .or_else(|| failure.context_line())
            })?
        }),
        what: "The shell did not find a program of {command}.",
        why: "Exit status 127: the build image does not have this program, or its folder is not in PATH, \
              or the name is mistyped. For a script, the program in its first line counts too.",
        fix: "Install it in the install phase (apk add, apt-get install, dnf install) or use a build \
              image that has it.",
    },
    Cause {
        id: "permission-denied",
        exam_task: "1.2",
        sign: Sign::When(|failure| {
            (failure.exit_status() == Some(126)).then(|| {
                failure
                    .output_with(&["permission denied", "cannot execute"])
                    .or_else(|| failure.context_line())
            })?
        }),
        what: "The shell found a program of {command} and could not execute it.",
        why: "Exit status 126: the file has no permission to be executed. Git keeps that permission; a \
              ZIP made on Windows does not.",
        fix: "git update-index --chmod=+x FILE, then commit; or run it with its shell: sh FILE.",
    },
    Cause {
        id: "variable-not-set",
        exam_task: "1.2",
        sign: Sign::Output(&["parameter not set", "unbound variable"]),
        what: "A command uses a variable that has no value.",
        why: "With `set -u` the shell ends at such a variable. Its name is mistyped, or the project does \
              not set it; CODEBUILD_WEBHOOK_… variables exist only in builds that a webhook started.",
        fix: "Set it in env.variables or in the project, or give it a default: ${NAME:-value}.",
    },
];

/// What explains a failure only if nothing else does: programs say it of harmless things too.
pub(in super::super) const LESS_LIKELY: &[Cause] = &[
    Cause {
        id: "not-a-git-repository",
        exam_task: "1.1",
        sign: Sign::Output(&["not a git repository"]),
        what: "A command uses git, and the source directory is no git repository.",
        why: "Source from S3 or CodePipeline comes as a ZIP without the folder .git.",
        fix: "Use CODEBUILD_RESOLVED_SOURCE_VERSION for the commit, or let the pipeline's source action \
              pass a full clone.",
    },
    Cause {
        id: "git-owner",
        exam_task: "1.1",
        sign: Sign::Output(&["detected dubious ownership in repository"]),
        what: "git refuses to work: the repository belongs to another user.",
        why: "The source was put there by another user than the one that runs the command (run-as).",
        fix: "git config --global --add safe.directory \"$CODEBUILD_SRC_DIR\"",
    },
    Cause {
        id: "tests-failed",
        exam_task: "1.2",
        sign: Sign::Output(&[
            "there are test failures",
            "npm ERR! Test failed",
            "npm error Test failed",
            "test result: FAILED",
            "FAILED (failures=",
            "FAILED (errors=",
            "short test summary info",
            "Test Suites: ",
            "--- FAIL: ",
        ]),
        what: "Tests failed: {command} ended with exit status {status}.",
        why: "The build did what it is for. A test program ends with another status than 0 when a test \
              fails, and that fails the phase.",
        fix: "Read the test's output above. With a reports section in the buildspec, each test case shows \
              in the report group, also after a failure.",
    },
    Cause {
        id: "dependency-not-found",
        exam_task: "1.2",
        sign: Sign::Output(&[
            "Could not find a version that satisfies the requirement",
            "No matching distribution found",
            "npm ERR! 404",
            "npm error 404",
            "npm ERR! code E40",
            "npm error code E40",
            "Could not find artifact",
            "Could not transfer artifact",
            "Could not resolve dependencies",
            "no matching package named",
            "410 Gone",
            "Unable to locate package",
            "unable to select packages",
            "Failed to query available provider packages",
        ]),
        what: "A package manager did not get a package that the build needs.",
        why: "The name or version does not exist there, or it is in a private repository that wants a \
              login, such as CodeArtifact, whose tokens last 12 hours at most.",
        fix: "Check name and version; log in in pre_build (aws codeartifact login).",
    },
    Cause {
        id: "file-not-found",
        exam_task: "1.2",
        sign: Sign::Output(&["no such file", "can't cd to", "cannot open ", "can't open "]),
        what: "{command} names a file or directory that is not there.",
        why: "Paths count from the current directory: the source directory at first, and then wherever \
              the last `cd` went, also in later phases.",
        fix: "Print pwd and ls -la before it, and begin paths with $CODEBUILD_SRC_DIR.",
    },
];

/// The line in which a shell says that it did not find one of these programs.
fn missing_program(failure: &Failure<'_>, programs: &[&str]) -> Option<String> {
    programs.iter().find_map(|program| {
        let texts = [
            format!(" {program}: not found"),
            format!(" {program}: command not found"),
        ];
        failure.output_with(&[texts[0].as_str(), texts[1].as_str()])
    })
}
