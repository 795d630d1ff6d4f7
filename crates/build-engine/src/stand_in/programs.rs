//! Where this host keeps its programs.

use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

/// Programs of the Docker Engine without which there is no stand-in.
pub(super) const DOCKER_REQUIRED: [&str; 6] = [
    "dockerd",
    "docker",
    "containerd",
    "containerd-shim-runc-v2",
    "runc",
    "docker-init",
];

/// Programs of the Docker Engine that are taken if they are there.
pub(super) const DOCKER_OPTIONAL: [&str; 2] = ["docker-proxy", "ctr"];

/// What the tools of a small Linux are called. `docker:dind` has them from BusyBox.
pub(super) const TOOLS: [&str; 94] = [
    "[",
    "awk",
    "base64",
    "basename",
    "cat",
    "chgrp",
    "chmod",
    "chown",
    "chroot",
    "cmp",
    "cp",
    "cut",
    "date",
    "dd",
    "df",
    "diff",
    "dirname",
    "du",
    "echo",
    "egrep",
    "env",
    "expr",
    "false",
    "fgrep",
    "find",
    "free",
    "grep",
    "groups",
    "gunzip",
    "gzip",
    "head",
    "hostname",
    "id",
    "install",
    "ip",
    "kill",
    "killall",
    "ln",
    "ls",
    "md5sum",
    "mkdir",
    "mkfifo",
    "mknod",
    "mktemp",
    "modprobe",
    "mount",
    "mountpoint",
    "mv",
    "nice",
    "nohup",
    "nproc",
    "od",
    "paste",
    "pgrep",
    "pidof",
    "pkill",
    "printenv",
    "printf",
    "ps",
    "pwd",
    "readlink",
    "realpath",
    "rm",
    "rmdir",
    "sed",
    "seq",
    "sha256sum",
    "sleep",
    "sort",
    "stat",
    "stty",
    "sync",
    "tail",
    "tar",
    "tee",
    "test",
    "timeout",
    "touch",
    "tr",
    "true",
    "tty",
    "umount",
    "uname",
    "uniq",
    "wc",
    "which",
    "whoami",
    "xargs",
    "yes",
    "sha1sum",
    "sha512sum",
    "tac",
    "fold",
    "split",
];

/// Programs that `docker:dind` has and BusyBox does not.
pub(super) const EXTRAS: [&str; 13] = [
    "curl",
    "git",
    "iptables",
    "ip6tables",
    "iptables-save",
    "iptables-restore",
    "ip6tables-save",
    "ip6tables-restore",
    "pigz",
    "setpriv",
    "openssl",
    "wget",
    "xz",
];

const DIRECTORIES: [&str; 9] = [
    "/usr/local/sbin",
    "/usr/local/bin",
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
    "/bin",
    "/usr/libexec/docker",
    "/usr/lib/docker",
    "/usr/libexec/podman",
];

/// The file of a program, with the links to it resolved.
pub(super) fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(DIRECTORIES.iter().map(PathBuf::from))
        .filter(|directory| directory.is_absolute())
        .filter_map(|directory| directory.join(name).canonicalize().ok())
        .find(|file| is_elf(file))
}

/// Programs that git calls to reach servers, in the directory that it has for such.
pub(super) const GIT_HELPERS: [&str; 2] = ["git-remote-http", "git-remote-https"];

/// Where this host's git looks for programs of its own.
pub(super) fn git_directory() -> Option<PathBuf> {
    let told = Command::new(find("git")?)
        .arg("--exec-path")
        .output()
        .ok()?;
    let directory = PathBuf::from(String::from_utf8(told.stdout).ok()?.trim());
    directory.is_absolute().then_some(directory)
}

/// Whether the file is a readable Linux program: a script would need more than itself.
pub(super) fn is_elf(file: &Path) -> bool {
    use std::io::Read;
    let mut magic = [0; 4];
    std::fs::File::open(file)
        .and_then(|mut file| file.read_exact(&mut magic))
        .is_ok_and(|()| magic == *b"\x7fELF")
}

/// The first of these files or directories that is there.
pub(super) fn first_of(paths: &[&str]) -> Option<PathBuf> {
    paths.iter().map(PathBuf::from).find(|path| path.exists())
}
