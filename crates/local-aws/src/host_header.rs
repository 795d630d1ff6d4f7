//! The Host header must be ours: a page of another site that points its name at this machine (DNS
//! rebinding) would send its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use http::StatusCode;
use http::header::HOST;
use http::request::Parts;

use crate::error::AwsError;

/// Names of this machine's loopback addresses.
const NAMES: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// Names for clients of CloudWatch Logs: for StartLiveTail they put a prefix before the host of the
/// endpoint, `stream-` or (before April 2026) `streaming-`. Names below `localhost` are loopback
/// (RFC 6761), so no other site can have them.
const LOGS_NAMES: [&str; 3] = [
    "logs.localhost",
    "stream-logs.localhost",
    "streaming-logs.localhost",
];

/// This machine's name in containers of engines in a virtual machine.
pub(crate) const NAME_IN_CONTAINERS: &str = "host.docker.internal";

/// The hosts of which each bucket has one of its own below it, `BUCKET.localhost`: browsers resolve
/// all names below `localhost` to this machine themselves.
const BUCKET_HOSTS: [&str; 2] = [".localhost", ".host.docker.internal"];

/// The hosts that requests at one listener may name.
#[derive(Clone, Debug)]
pub(crate) enum Hosts {
    /// The names of the loopback addresses with this port, and `host.docker.internal` once a build
    /// uses it.
    Loopback {
        port: u16,
        in_containers: Arc<AtomicBool>,
    },
    /// This address and port only.
    Gateway(SocketAddr),
}

/// The bucket in a host name such as `BUCKET.localhost` (without a port), and the rest.
pub(crate) fn bucket(name: &str) -> Option<(&str, &str)> {
    BUCKET_HOSTS.iter().find_map(|host| {
        let bucket = name.strip_suffix(host)?;
        Some((bucket, host.trim_start_matches('.')))
    })
}

impl Hosts {
    /// Checks the Host header.
    ///
    /// # Errors
    ///
    /// `AccessDeniedException` (403) for a name or a port that is not this endpoint's.
    pub(crate) fn check(&self, parts: &Parts, is_for_s3: bool) -> Result<(), AwsError> {
        let mut hosts = parts.headers.get_all(HOST).iter();
        let host = match (hosts.next(), hosts.next()) {
            (Some(host), None) => host.to_str().unwrap_or_default(),
            _ => "",
        };
        let (name, port) = match host.rsplit_once(':') {
            Some((name, port)) if !port.ends_with(']') => (name, port),
            _ => (host, "80"),
        };
        let name = name.to_ascii_lowercase();
        let name = match bucket(&name) {
            Some((_, rest)) if is_for_s3 => rest,
            _ => &name,
        };
        if port.parse() == Ok(self.port()) && self.has(name) {
            return Ok(());
        }
        let mut message = format!(
            "The Host header '{host}' does not name this endpoint. Use {}.",
            self.wanted()
        );
        if name.starts_with("stream-") || name.starts_with("streaming-") {
            message.push_str(&self.about_live_tail());
        }
        Err(AwsError::new("AccessDeniedException", message).with_status(StatusCode::FORBIDDEN))
    }

    /// Where the client of a request that was checked reaches this endpoint: a host that Docker
    /// takes in the name of an image, and the port.
    pub(crate) fn registry(&self, parts: &Parts) -> String {
        let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
        let name = host.and_then(|host| host.rsplit_once(':'));
        let name = name.map_or("", |(name, _)| name).to_ascii_lowercase();
        match self {
            Self::Gateway(address) => address.to_string(),
            Self::Loopback { port, .. } => {
                let is_fine = ["localhost", NAME_IN_CONTAINERS].contains(&name.as_str());
                let name = if is_fine { &name } else { NAMES[0] };
                format!("{name}:{port}")
            }
        }
    }

    const fn port(&self) -> u16 {
        match self {
            Self::Loopback { port, .. } => *port,
            Self::Gateway(address) => address.port(),
        }
    }

    fn has(&self, name: &str) -> bool {
        match self {
            Self::Loopback { in_containers, .. } => {
                NAMES.contains(&name)
                    || LOGS_NAMES.contains(&name)
                    || (name == NAME_IN_CONTAINERS && in_containers.load(Ordering::Relaxed))
            }
            Self::Gateway(address) => name == address.ip().to_string(),
        }
    }

    /// How StartLiveTail reaches this endpoint.
    fn about_live_tail(&self) -> String {
        format!(
            " For StartLiveTail, clients put a prefix before the host: set \
             AWS_DISABLE_HOST_PREFIX_INJECTION=true (AWS CLI and boto3), or use the endpoint \
             http://logs.localhost:{}. `aws logs tail --follow` works without either.",
            self.port()
        )
    }

    fn wanted(&self) -> String {
        match self {
            Self::Loopback { port, .. } => {
                format!("http://127.0.0.1:{port} or http://localhost:{port}")
            }
            Self::Gateway(address) => format!("http://{address}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(hosts: &Hosts, host: &str, is_for_s3: bool) -> bool {
        let request = http::Request::builder()
            .header(HOST, host)
            .body(())
            .unwrap();
        hosts.check(&request.into_parts().0, is_for_s3).is_ok()
    }

    #[test]
    fn the_loopback_listener_has_its_own_names() {
        let in_containers = Arc::new(AtomicBool::new(false));
        let hosts = Hosts::Loopback {
            port: 4566,
            in_containers: Arc::clone(&in_containers),
        };
        for host in ["127.0.0.1:4566", "LOCALHOST:4566", "[::1]:4566"] {
            assert!(check(&hosts, host, false), "{host}");
        }
        for host in [
            "logs.localhost:4566",
            "stream-logs.localhost:4566",
            "streaming-logs.localhost:4566",
        ] {
            assert!(check(&hosts, host, false), "{host}");
        }
        for host in [
            "stream-127.0.0.1:4566",
            "stream-logs.localhost.example.org:4566",
            "stream-logs.localhost:80",
            "other.localhost:4566",
        ] {
            assert!(!check(&hosts, host, false), "{host}");
        }
        for host in ["", "localhost", "127.0.0.1:80", "example.org:4566", "[::1]"] {
            assert!(!check(&hosts, host, false), "{host}");
        }
        assert!(check(&hosts, "b.localhost:4566", true));
        assert!(!check(&hosts, "b.localhost:4566", false));

        let names = ["host.docker.internal:4566", "b.host.docker.internal:4566"];
        assert!(names.iter().all(|name| !check(&hosts, name, true)));
        in_containers.store(true, Ordering::Relaxed);
        assert!(names.iter().all(|name| check(&hosts, name, true)));
        assert!(!check(&hosts, "b.host.docker.internal:4566", false));
        assert!(!check(
            &hosts,
            "host.docker.internal.example.org:4566",
            true
        ));
    }

    #[test]
    fn the_listener_for_containers_has_its_address_only() {
        let hosts = Hosts::Gateway(([172, 17, 0, 1], 4000).into());
        assert!(check(&hosts, "172.17.0.1:4000", false));
        for host in [
            "172.17.0.1",
            "172.17.0.1:4566",
            "localhost:4000",
            "127.0.0.1:4000",
            "host.docker.internal:4000",
            "b.localhost:4000",
            "logs.localhost:4000",
            "example.org:4000",
        ] {
            assert!(!check(&hosts, host, true), "{host}");
        }
    }
}
