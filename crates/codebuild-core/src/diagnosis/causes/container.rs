//! `docker run` and the like: containers that the build starts.
//!
//! Texts: dockerd and runc.

use super::super::cause::Cause;
use super::super::cause::Sign;

pub(in super::super) const CAUSES: &[Cause] = &[
    Cause {
        id: "cgroup-threaded-mode",
        exam_task: "1.3",
        sign: Sign::Output(&[
            "it is in threaded mode",
            "it is in an invalid state",
            "cannot enter cgroupv2",
        ]),
        what: "The Docker Engine in the build container cannot start a container in its cgroup.",
        why: "With cgroup v2, a group that has processes of its own cannot hand controllers to its \
              children. docker:dind's own entrypoint moves the processes away; CodeBuild replaces it.",
        fix: "Before dockerd: mkdir -p /sys/fs/cgroup/init, write every process id of \
              /sys/fs/cgroup/cgroup.procs to /sys/fs/cgroup/init/cgroup.procs, then enable the \
              controllers in cgroup.subtree_control. Or run without memory and CPU limits.",
    },
    Cause {
        id: "no-terminal",
        exam_task: "1.2",
        sign: Sign::Output(&[
            "the input device is not a TTY",
            "not a terminal",
            "not a tty",
        ]),
        what: "A command wants a terminal, and a build has none.",
        why: "Nobody sits at a build's keyboard.",
        fix: "Leave -t and -i out of docker run and docker exec, and give programs their answers as \
              options, such as --yes.",
    },
    Cause {
        id: "container-name-in-use",
        exam_task: "1.3",
        sign: Sign::Output(&["is already in use by container"]),
        what: "A container of this name exists already in the build.",
        why: "An earlier command, or an earlier try of this one, left it behind.",
        fix: "Use docker run --rm, or docker rm -f NAME before.",
    },
    Cause {
        id: "port-in-use",
        exam_task: "1.3",
        sign: Sign::When(|failure| {
            let taken = [
                "port is already allocated",
                "address already in use",
                "EADDRINUSE",
            ];
            // The engine's own address is among the causes of the engine.
            let line = failure.output_with(&taken)?;
            (!line.contains("failed to load listener")).then_some(line)
        }),
        what: "A program of the build wants a port that another one has.",
        why: "Programs that earlier commands left in the background keep their ports; dockerd itself may \
              have 2375.",
        fix: "Stop the other program, or use another port.",
    },
    Cause {
        id: "program-missing-in-image",
        exam_task: "1.3",
        sign: Sign::Output(&[
            "executable file not found in $PATH",
            "unable to start container process: exec",
        ]),
        what: "The image that the build runs cannot start the program that docker was told to run.",
        why: "The image does not have it, it lies outside of PATH, or it may not be executed. Small images \
              have no bash, and images FROM scratch nothing at all.",
        fix: "Correct the command after the image's name, or put the program into the image \
              (chmod +x, shell form needs a shell).",
    },
];
