//! Exit statuses that speak for themselves: 128 and a signal's number, and those of `timeout`.

use super::super::cause::Cause;
use super::super::cause::Sign;
use super::super::record::Failure;

pub(in super::super) const CAUSES: &[Cause] = &[
    Cause {
        id: "command-killed",
        exam_task: "5.3",
        sign: Sign::When(|failure| status(failure, &[137])),
        what: "{command} was killed.",
        why: "Exit status 137 is 128 and signal 9, SIGKILL. Usually the machine, or a container that has a \
              memory limit, had no memory left.",
        fix: "Take a larger compute type, raise the container's limit (docker run -m), or run fewer \
              things at a time (such as `make -j2`).",
    },
    Cause {
        id: "command-time-over",
        exam_task: "1.2",
        sign: Sign::When(|failure| {
            let has_timeout = failure.command().is_some_and(|c| c.contains("timeout"));
            status(failure, &[124])
                .or_else(|| has_timeout.then(|| status(failure, &[143])).flatten())
        }),
        what: "{command} took longer than its `timeout` allows.",
        why: "When the time is over, `timeout` ends the command: the exit status is 124 in coreutils and \
              143 in BusyBox.",
        fix: "Find out what it waits for in the lines above, or give it more time.",
    },
    Cause {
        id: "command-terminated",
        exam_task: "5.3",
        sign: Sign::When(|failure| status(failure, &[143])),
        what: "{command} was asked to end from outside.",
        why: "Exit status 143 is 128 and signal 15, SIGTERM: another command or program sent it.",
        fix: "Look for kill, pkill and docker stop in the other commands of the build.",
    },
    Cause {
        id: "command-crashed",
        exam_task: "5.3",
        sign: Sign::When(|failure| status(failure, &[132, 134, 135, 136, 139])),
        what: "{command} crashed: exit status {status}.",
        why: "A status above 128 is 128 and the number of a signal: 132 an unknown processor instruction, \
              134 abort, 139 a wrong memory access.",
        fix: "It is a bug in the program, a library of another version, or a program for another \
              processor. Try it in the same image on your own machine.",
    },
];

fn status(failure: &Failure<'_>, statuses: &[i32]) -> Option<String> {
    let is_one = statuses.contains(&failure.exit_status()?);
    is_one.then(|| failure.context_line())?
}
