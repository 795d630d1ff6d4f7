//! Docker in a build: the daemon, how it is started and what it needs.

use super::Lint;
use super::Seen;
use crate::shell::Simple;
use crate::spec::BatchKind;

/// Words of the docker program that need no daemon.
const WITHOUT_DAEMON: [&str; 9] = [
    "--version",
    "-v",
    "--help",
    "help",
    "login",
    "logout",
    "context",
    "manifest",
    "completion",
];

/// What a command has to do with Docker.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Role {
    /// Starts the daemon.
    Daemon,
    /// Needs the daemon.
    Client,
    /// Waits until the daemon answers, or at least for a while.
    Wait,
}

fn role(simple: &Simple) -> Option<Role> {
    let arguments = simple.arguments();
    match simple.program() {
        "dockerd" => {
            let asks = |word: &String| {
                ["--version", "-v", "--help", "-h", "--validate"].contains(&word.as_str())
            };
            (!arguments.iter().any(asks)).then_some(Role::Daemon)
        }
        // AWS's managed images have one that starts the daemon and waits for it.
        "dockerd-entrypoint.sh" => Some(Role::Wait),
        "sleep" => Some(Role::Wait),
        "docker" if simple.is_loop_condition => Some(Role::Wait),
        "docker" => {
            let word = arguments.first()?.as_str();
            (!WITHOUT_DAEMON.contains(&word)).then_some(Role::Client)
        }
        "docker-compose" => Some(Role::Client),
        _ => {
            // Such as `until [ -S /var/run/docker.sock ]`.
            let socket =
                |word: &String| word.contains("docker.sock") || word.contains("docker.pid");
            (simple.is_loop_condition && simple.words.iter().any(socket)).then_some(Role::Wait)
        }
    }
}

impl Lint<'_> {
    pub(super) fn docker(&mut self) {
        let seen = std::mem::take(&mut self.seen);
        let uses: Vec<(Role, (usize, usize), &Simple)> = seen
            .iter()
            .flat_map(|seen: &Seen<'_>| {
                let commands = seen.script.commands.iter();
                commands.filter_map(|simple| {
                    let place = seen.command.place_of_line(simple.line);
                    role(simple).map(|role| (role, place, simple))
                })
            })
            .collect();
        for (role, place, simple) in &uses {
            if *role == Role::Daemon {
                self.daemon_options(*place, simple);
            }
        }
        self.waits_for_daemon(&uses);
        self.has_daemon(&uses);
        drop(uses);
        self.seen = seen;
    }

    fn daemon_options(&mut self, place: (usize, usize), simple: &Simple) {
        if !simple.is_background {
            self.warn(
                "dockerd-in-foreground",
                place,
                "dockerd runs in the foreground: the build waits here until it times out",
                "Write `nohup dockerd … &`, and wait for it in the next command.",
            );
        }
        let words = simple.arguments();
        let has_tls = words.iter().any(|word| word.starts_with("--tls"));
        let everywhere = words.iter().find(|word| {
            let host = word.split_once('=').map_or(word.as_str(), |(_, host)| host);
            let host = host.strip_prefix("-H").unwrap_or(host);
            ["tcp://0.0.0.0", "tcp://:", "tcp://[::]"]
                .iter()
                .any(|begin| host.starts_with(begin))
        });
        if let Some(host) = everywhere
            && !has_tls
        {
            let host = host.rsplit('=').next().unwrap_or(host);
            self.warn(
                "docker-without-tls",
                place,
                format!("{host} without TLS: dockerd 29 then pauses for 15 seconds before it starts, and a `timeout 15` around the wait ends first"),
                "Leave tcp out, as docker uses the Unix socket, or listen on tcp://127.0.0.1:2375.",
            );
        }
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let driver = match word.as_str() {
                "--storage-driver" | "-s" => words.next().map(String::as_str),
                word => word.strip_prefix("--storage-driver="),
            };
            if let Some(driver @ ("overlay" | "aufs" | "devicemapper")) = driver {
                self.warn(
                    "storage-driver",
                    place,
                    format!("Docker 29 has no storage driver {driver} any more: the daemon does not start"),
                    "Write `--storage-driver=overlay2`, or leave it out.",
                );
            }
        }
    }

    /// The first use after the start must not come before the daemon is up.
    fn waits_for_daemon(&mut self, uses: &[(Role, (usize, usize), &Simple)]) {
        let mut uses = uses
            .iter()
            .skip_while(|(role, _, simple)| *role != Role::Daemon || !simple.is_background);
        let Some((_, (started, _), _)) = uses.next() else {
            return;
        };
        if let Some((Role::Client, place, simple)) = uses.find(|(role, ..)| *role != Role::Daemon) {
            let word = simple.arguments().first().map_or("", String::as_str);
            self.warn(
                "dockerd-not-awaited",
                *place,
                format!("`docker {word}` comes before the Docker daemon of line {started} is up: it needs a few seconds"),
                "Put this before it: `timeout 15 sh -c \"until docker info; do echo .; sleep 1; done\"`.",
            );
        }
    }

    /// The daemon needs privileged mode, and somebody has to start it.
    fn has_daemon(&mut self, uses: &[(Role, (usize, usize), &Simple)]) {
        let daemon = uses.iter().find(|(role, ..)| *role == Role::Daemon);
        let starts = daemon.is_some()
            || uses
                .iter()
                .any(|(_, _, simple)| simple.program() == "dockerd-entrypoint.sh");
        let client = uses.iter().find(|(role, ..)| *role == Role::Client);
        let Some((_, place, _)) = daemon.or(client) else {
            return;
        };
        let privileged = self.context.privileged.or_else(|| {
            match self.spec.batch.as_ref().map(|batch| &batch.kind) {
                Some(BatchKind::Matrix(matrix)) => matrix.env.privileged_mode,
                _ => None,
            }
        });
        const SET_IT: &str = "Set privilegedMode to true in the project's environment.";
        match (privileged, starts) {
            (Some(false), true) => self.warn(
                "not-privileged",
                *place,
                "the Docker daemon does not start: the project's environment has no privileged mode",
                SET_IT,
            ),
            (Some(false), false) => self.warn(
                "not-privileged",
                *place,
                "docker needs a daemon, and without privileged mode none can run in the build container",
                format!("{SET_IT} (On AWS, builds outside a VPC can get a daemon without it; here they do not.)"),
            ),
            (None, true) => self.warn(
                "needs-privileged",
                *place,
                "the Docker daemon starts only if the project's environment has privileged mode",
                SET_IT,
            ),
            (None, false) => self.warn(
                "needs-privileged",
                *place,
                "docker needs a daemon, which runs only if the project's environment has privileged mode",
                format!("{SET_IT} Images other than AWS's also need a command that starts dockerd."),
            ),
            (Some(true), false) if self.context.is_managed() == Some(false) => self.warn(
                "dockerd-not-started",
                *place,
                "nobody starts the Docker daemon: CodeBuild replaces the image's entrypoint",
                "Start it in the install phase with `nohup dockerd --host=unix:///var/run/docker.sock &`, and wait for it in the next command.",
            ),
            (Some(true), _) => {}
        }
    }
}
