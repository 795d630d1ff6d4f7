//! Disk and memory.

use super::super::cause::Cause;
use super::super::cause::Sign;

pub(in super::super) const CAUSES: &[Cause] = &[
    Cause {
        id: "no-space-left",
        exam_task: "5.3",
        sign: Sign::Anywhere(&[
            "no space left on device",
            "ENOSPC",
            "disk quota exceeded",
            "not enough free disk space",
        ]),
        what: "The disk that the build writes to is full.",
        why: "Images, layers and caches of package managers take room: with the vfs driver each layer is \
              a full copy. /dev/shm and other tmpfs mounts are small.",
        fix: "Use overlay2, remove what is not needed (`docker system prune -af`, `df -h` to look), or \
              take a larger compute type.",
    },
    Cause {
        id: "out-of-memory",
        exam_task: "5.3",
        sign: Sign::Output(&[
            "cannot allocate memory",
            "heap out of memory",
            "java.lang.OutOfMemoryError",
            "Out of memory",
            "OOMKilled",
            "signal: killed",
            "MemoryError",
            "returned a non-zero code: 137",
            "did not complete successfully: exit code: 137",
        ]),
        what: "A program of the build wanted more memory than there is.",
        why: "The compute type's memory is for everything in the build, Docker's containers included. \
              Programs also have limits of their own, such as Java's -Xmx and Node's \
              --max-old-space-size.",
        fix: "Take a larger compute type, raise the program's own limit, or run fewer things at a time \
              (such as `make -j2`).",
    },
];
