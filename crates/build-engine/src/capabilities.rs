//! The Linux capabilities that this host can give away, by name.

use std::fs;

/// The names in the order of their numbers; see capabilities(7).
const NAMES: [&str; 41] = [
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SETPCAP",
    "LINUX_IMMUTABLE",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_ADMIN",
    "NET_RAW",
    "IPC_LOCK",
    "IPC_OWNER",
    "SYS_MODULE",
    "SYS_RAWIO",
    "SYS_CHROOT",
    "SYS_PTRACE",
    "SYS_PACCT",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_NICE",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "MKNOD",
    "LEASE",
    "AUDIT_WRITE",
    "AUDIT_CONTROL",
    "SETFCAP",
    "MAC_OVERRIDE",
    "MAC_ADMIN",
    "SYSLOG",
    "WAKE_ALARM",
    "BLOCK_SUSPEND",
    "AUDIT_READ",
    "PERFMON",
    "BPF",
    "CHECKPOINT_RESTORE",
];

/// The capabilities to ask an engine for that refuses `--privileged`.
///
/// For an engine on this host: those in the bounding set of this process. For another: all but
/// SYS_RESOURCE, the one that sandboxes withhold.
pub(crate) fn available(engine_is_local: bool) -> Vec<String> {
    let bounding = if engine_is_local {
        fs::read_to_string("/proc/self/status")
            .ok()
            .and_then(|status| bounding_set(&status))
    } else {
        None
    };
    match bounding {
        Some(bits) => by_bits(bits),
        None => NAMES
            .iter()
            .filter(|name| **name != "SYS_RESOURCE")
            .map(|name| (*name).to_owned())
            .collect(),
    }
}

fn bounding_set(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("CapBnd:"))?;
    u64::from_str_radix(line.trim(), 16).ok()
}

fn by_bits(bits: u64) -> Vec<String> {
    NAMES
        .iter()
        .enumerate()
        .filter(|(number, _)| bits >> number & 1 == 1)
        .map(|(_, name)| (*name).to_owned())
        .collect()
}

/// Takes the capability away that the engine says it does not know. `false` if its message names
/// none of them.
pub(crate) fn drop_unknown(capabilities: &mut Vec<String>, message: &str) -> bool {
    if !message.contains("unknown capability") {
        return false;
    }
    let before = capabilities.len();
    let named: Vec<&str> = message
        .split(|c: char| !c.is_ascii_uppercase() && c != '_')
        .map(|word| word.strip_prefix("CAP_").unwrap_or(word))
        .collect();
    capabilities.retain(|name| !named.contains(&name.as_str()));
    capabilities.len() < before
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_bounding_set() {
        let bits = bounding_set("Name:\tx\nCapBnd:\t000001fffeffffff\n").unwrap();
        let names = by_bits(bits);
        assert_eq!(names.len(), 40);
        assert!(!names.contains(&"SYS_RESOURCE".to_owned()));
        assert_eq!(names.last().unwrap(), "CHECKPOINT_RESTORE");
    }

    #[test]
    fn an_unknown_capability_is_taken_away() {
        let mut names = by_bits(u64::MAX);
        let message = r#"invalid CapAdd: unknown capability: "CAP_PERFMON""#;
        assert!(drop_unknown(&mut names, message));
        assert!(!names.contains(&"PERFMON".to_owned()));
        assert!(names.contains(&"BPF".to_owned()));
        assert!(!drop_unknown(&mut names, message));
        assert!(!drop_unknown(&mut names, "operation not permitted"));
    }
}
