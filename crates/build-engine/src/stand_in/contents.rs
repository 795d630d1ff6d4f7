//! What is in the stand-in image: which file of this host goes where.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use super::libraries;
use super::programs;

/// An entry of the image.
#[derive(Debug)]
pub(super) enum Item {
    Directory {
        mode: u32,
    },
    /// A copy of a file of this host.
    File(PathBuf),
    Link(PathBuf),
    Text(&'static str),
}

/// All entries of the image by path.
#[derive(Debug, Default)]
pub(super) struct Contents {
    items: BTreeMap<PathBuf, Item>,
}

const PASSWD: &str = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n";
const GROUP: &str = "root:x:0:\ndocker:x:2375:\nnogroup:x:65534:\n";
const NAME_SERVICES: &str = "hosts: files dns\n";
const OS_RELEASE: &str = "ID=guided-demo-stand-in\nNAME=\"Stand-in for docker:dind\"\nPRETTY_NAME=\"Stand-in for docker:dind, made from the host's own Docker binaries\"\n";

impl Contents {
    /// Gathers the files of this host. The error is a reason for the log.
    pub(super) fn of_this_host() -> Result<Self, String> {
        let mut contents = Self::default();
        contents.system_files();
        contents.docker()?;
        contents.tools()?;
        contents.git_helpers();
        contents.firewall_plugins();
        contents.libraries()?;
        Ok(contents)
    }

    pub(super) fn items(&self) -> impl Iterator<Item = (&Path, &Item)> {
        self.items.iter().map(|(path, item)| (path.as_path(), item))
    }

    fn system_files(&mut self) {
        for directory in [
            "/bin", "/dev", "/etc", "/opt", "/proc", "/root", "/run", "/sbin", "/sys", "/usr",
            "/var", "/var/lib", "/var/log",
        ] {
            self.put(directory, Item::Directory { mode: 0o755 });
        }
        for directory in ["/tmp", "/var/tmp"] {
            self.put(directory, Item::Directory { mode: 0o1777 });
        }
        self.put("/var/run", Item::Link(PathBuf::from("/run")));
        self.put("/etc/passwd", Item::Text(PASSWD));
        self.put("/etc/group", Item::Text(GROUP));
        self.put("/etc/nsswitch.conf", Item::Text(NAME_SERVICES));
        self.put("/etc/os-release", Item::Text(OS_RELEASE));
        for file in ["/etc/protocols", "/etc/services"] {
            if Path::new(file).is_file() {
                self.put(file, Item::File(PathBuf::from(file)));
            }
        }
        let certificates = programs::first_of(&[
            "/etc/ssl/certs/ca-certificates.crt",
            "/etc/pki/tls/certs/ca-bundle.crt",
            "/etc/ssl/ca-bundle.pem",
            "/etc/ssl/cert.pem",
        ]);
        if let Some(certificates) = certificates {
            self.put(
                "/etc/ssl/certs/ca-certificates.crt",
                Item::File(certificates.clone()),
            );
            self.put(
                "/etc/ssl/cert.pem",
                Item::Link(PathBuf::from("certs/ca-certificates.crt")),
            );
        }
    }

    /// The Docker Engine, where `docker:dind` has it.
    fn docker(&mut self) -> Result<(), String> {
        for name in programs::DOCKER_REQUIRED {
            let file = programs::find(name)
                .ok_or_else(|| format!("this host has no readable program {name}"))?;
            self.put(format!("/usr/local/bin/{name}"), Item::File(file));
        }
        for name in programs::DOCKER_OPTIONAL {
            if let Some(file) = programs::find(name) {
                self.put(format!("/usr/local/bin/{name}"), Item::File(file));
            }
        }
        let home = std::env::home_dir().unwrap_or_default();
        let buildx = [
            PathBuf::from("/usr/libexec/docker/cli-plugins/docker-buildx"),
            PathBuf::from("/usr/lib/docker/cli-plugins/docker-buildx"),
            PathBuf::from("/usr/local/lib/docker/cli-plugins/docker-buildx"),
            PathBuf::from("/usr/local/libexec/docker/cli-plugins/docker-buildx"),
            home.join(".docker/cli-plugins/docker-buildx"),
        ];
        let buildx = buildx.iter().filter_map(|path| path.canonicalize().ok());
        if let Some(file) = buildx.into_iter().find(|file| programs::is_elf(file)) {
            let place = "/usr/local/libexec/docker/cli-plugins/docker-buildx";
            self.put(place, Item::File(file));
        }
        Ok(())
    }

    /// The tools: BusyBox as in `docker:dind` where the host has it, else the host's own.
    fn tools(&mut self) -> Result<(), String> {
        let applets = self.busybox();
        for name in programs::TOOLS.iter().chain(&["sh"]) {
            if applets.iter().any(|applet| applet == name) {
                continue;
            }
            match programs::find(name) {
                Some(file) => self.tool(name, file),
                None if *name == "sh" => return Err("this host has no shell".to_owned()),
                None => {}
            }
        }
        for name in programs::EXTRAS {
            if let Some(file) = programs::find(name) {
                self.tool(name, file);
            }
        }
        Ok(())
    }

    fn busybox(&mut self) -> Vec<String> {
        let Some(file) = programs::find("busybox") else {
            return Vec::new();
        };
        let Ok(listing) = Command::new(&file).arg("--list").output() else {
            return Vec::new();
        };
        let applets: Vec<String> = String::from_utf8_lossy(&listing.stdout)
            .lines()
            .map(str::to_owned)
            .collect();
        for applet in &applets {
            self.tool(applet, file.clone());
        }
        applets
    }

    /// A program at the path that it has on the host, and links to it under its name: a program
    /// such as BusyBox looks at the name under which it is called.
    fn tool(&mut self, name: &str, file: PathBuf) {
        for directory in ["/bin", "/usr/bin"] {
            let path = Path::new(directory).join(name);
            if path != file {
                self.items
                    .entry(path)
                    .or_insert_with(|| Item::Link(file.clone()));
            }
        }
        self.items.insert(file.clone(), Item::File(file));
    }

    /// What git needs beside itself, where it looks for it. Without templates it warns.
    fn git_helpers(&mut self) {
        let Some(directory) = programs::git_directory() else {
            return;
        };
        for name in programs::GIT_HELPERS {
            let path = directory.join(name);
            if let Ok(file) = path.canonicalize()
                && programs::is_elf(&file)
            {
                self.items.insert(path, Item::File(file));
            }
        }
        if let Some(home) = directory.parent().and_then(Path::parent) {
            let templates = home.join("share/git-core/templates");
            self.put(templates, Item::Directory { mode: 0o755 });
        }
    }

    /// iptables loads its matches and targets from a directory that is built into it.
    fn firewall_plugins(&mut self) {
        let mut parents = vec![
            PathBuf::from("/usr/lib"),
            PathBuf::from("/usr/lib64"),
            PathBuf::from("/lib"),
        ];
        parents.extend(subdirectories(Path::new("/usr/lib")));
        parents.push(PathBuf::from("/usr/libexec"));
        for directory in parents.iter().map(|parent| parent.join("xtables")) {
            let Ok(entries) = fs::read_dir(&directory) else {
                continue;
            };
            for path in entries.flatten().map(|entry| entry.path()) {
                if let Ok(file) = path.canonicalize()
                    && programs::is_elf(&file)
                {
                    self.items.insert(path, Item::File(file));
                }
            }
        }
    }

    fn libraries(&mut self) -> Result<(), String> {
        let files: Vec<PathBuf> = self
            .items
            .values()
            .filter_map(|item| match item {
                Item::File(file) if programs::is_elf(file) => Some(file.clone()),
                _ => None,
            })
            .collect();
        for library in libraries::of(&files)? {
            let file = library
                .canonicalize()
                .map_err(|error| format!("{}: {error}", library.display()))?;
            self.items.insert(library, Item::File(file));
        }
        Ok(())
    }

    fn put(&mut self, path: impl Into<PathBuf>, item: Item) {
        self.items.insert(path.into(), item);
    }
}

fn subdirectories(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect()
}
