//! `docker build`: the Dockerfile and its context.
//!
//! Texts: the classic builder of the Docker Engine and BuildKit.

use super::super::cause::Cause;
use super::super::cause::Sign;

pub(in super::super) const CAUSES: &[Cause] = &[
    Cause {
        id: "buildx-missing",
        exam_task: "1.3",
        sign: Sign::Output(&[
            "buildx component is missing",
            "'buildx' is not a docker command",
        ]),
        what: "docker build wants BuildKit, and the image does not have its plugin buildx.",
        why: "DOCKER_BUILDKIT=1 or an option such as --secret needs BuildKit. In the docker command it is \
              a plugin of its own.",
        fix: "Use an image that has it (docker:dind does), or leave DOCKER_BUILDKIT out.",
    },
    Cause {
        id: "dockerfile-missing",
        exam_task: "1.3",
        sign: Sign::Output(&[
            "unable to evaluate symlinks in dockerfile path",
            "failed to read dockerfile",
            "the dockerfile (dockerfile) cannot be empty",
            "cannot locate specified dockerfile",
        ]),
        what: "docker build found no Dockerfile.",
        why: "It looks for a file named Dockerfile in the directory at the end of the command. Builds \
              begin in the source directory, and a `cd` stays in force for later commands.",
        fix: "Name the file with -f and the directory at the end: docker build -f docker/Dockerfile . \
              Check with pwd and ls.",
    },
    Cause {
        id: "dockerfile-copy-missing",
        exam_task: "1.3",
        sign: Sign::Output(&[
            "COPY failed: ",
            "ADD failed: ",
            "failed to compute cache key",
            "failed to calculate checksum of ref",
            "excluded by .dockerignore",
        ]),
        what: "COPY or ADD names a file that is not in the context of docker build.",
        why: "Paths count from the directory at the end of the docker build command, and .dockerignore \
              leaves files out. A file that an earlier command makes has to be there by now.",
        fix: "Correct the path or the context, and look at .dockerignore.",
    },
    Cause {
        id: "dockerfile-not-valid",
        exam_task: "1.3",
        sign: Sign::Output(&[
            "dockerfile parse error",
            "unknown instruction",
            "no build stage in current context",
            "invalid reference format",
        ]),
        what: "docker cannot read the Dockerfile or the name of an image.",
        why: "An instruction is mistyped, or a name is not one: a variable in it may be empty, and names \
              have no capital letters.",
        fix: "Correct the line that the message names. Print the variables of the command before it.",
    },
];

/// A RUN failed: said after the causes that tell why.
pub(in super::super) const RUN_FAILED: &[Cause] = &[Cause {
    id: "dockerfile-run-failed",
    exam_task: "1.3",
    sign: Sign::Output(&[
        "returned a non-zero code",
        "did not complete successfully: exit code",
    ]),
    what: "A RUN of the Dockerfile failed.",
    why: "docker build ends with the status of the first RUN that fails, and makes no image.",
    fix: "Read the lines above: they are the RUN's own. Try it with `docker run -it` and the image \
          of the step before.",
}];
