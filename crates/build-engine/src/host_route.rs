//! How a container of an engine reaches the host that this process runs on.
//!
//! An engine on this host: at the gateway of its bridge network, which is an address of this host
//! ([bridge network driver](https://docs.docker.com/engine/network/drivers/bridge/)). An engine in a
//! virtual machine of this computer: by the name `host.docker.internal`, which Docker Desktop and its
//! like answer themselves and lead to the computer's loopback address
//! ([networking of Docker Desktop](https://docs.docker.com/desktop/features/networking/)). The name
//! is not given to the container a second time with `host-gateway`: there that may be an address of
//! the virtual machine.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

use bollard::models::NetworkInspect;
use bollard::query_parameters::InspectNetworkOptions;

use crate::engine::Engine;
use crate::engine::EngineInfo;
use crate::error;

/// The network of containers that name none: Docker's, and Podman's.
const DEFAULT_NETWORKS: [&str; 2] = ["bridge", "podman"];

/// How a container reaches this host.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum HostRoute {
    /// At an address of this host. The container's connections come from the subnet.
    Gateway {
        /// The address, such as 172.17.0.1.
        address: Ipv4Addr,
        /// Where containers have their addresses.
        subnet: Subnet,
    },
    /// By the name `host.docker.internal`, which leads to the loopback address 127.0.0.1 of this
    /// host: Docker Desktop, OrbStack, Colima, Rancher Desktop and Podman machines answer it.
    DockerInternal,
    /// Not at all.
    None {
        /// Why, as a clause.
        reason: String,
    },
}

/// A range of addresses, such as `172.17.0.0/16`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Subnet {
    address: Ipv4Addr,
    mask: u32,
}

impl Subnet {
    /// Whether the address is in the range.
    #[must_use]
    pub fn contains(&self, address: Ipv4Addr) -> bool {
        address.to_bits() & self.mask == self.address.to_bits()
    }

    /// The first address that a host can have.
    fn first(&self) -> Ipv4Addr {
        Ipv4Addr::from_bits(self.address.to_bits().saturating_add(1))
    }
}

impl FromStr for Subnet {
    type Err = String;

    /// Reads `ADDRESS/BITS`.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("'{text}' is not an IPv4 subnet such as 172.17.0.0/16");
        let (address, bits) = text.split_once('/').ok_or_else(wrong)?;
        let address: Ipv4Addr = address.parse().map_err(|_| wrong())?;
        let bits: u32 = bits.parse().map_err(|_| wrong())?;
        let zeros = 32_u32.checked_sub(bits).ok_or_else(wrong)?;
        // All bits shifted out: the range of all addresses.
        let mask = u32::MAX.checked_shl(zeros).unwrap_or(0);
        Ok(Self {
            address: Ipv4Addr::from_bits(address.to_bits() & mask),
            mask,
        })
    }
}

impl fmt::Display for Subnet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.mask.count_ones())
    }
}

/// Where an engine runs.
#[derive(Debug, Eq, PartialEq)]
enum Place {
    ThisHost,
    VirtualMachine,
    OutOfReach(String),
}

/// The route for containers of `engine`.
pub(crate) async fn of(engine: &Engine) -> HostRoute {
    match place(engine.info(), engine.is_local(), cfg!(target_os = "linux")) {
        Place::ThisHost => over_bridge(engine).await,
        Place::VirtualMachine => HostRoute::DockerInternal,
        Place::OutOfReach(reason) => HostRoute::None { reason },
    }
}

fn place(info: &EngineInfo, is_local: bool, on_linux: bool) -> Place {
    if is_local && info.rootless {
        return Place::OutOfReach(
            "a rootless Docker Engine keeps its containers away from this host's addresses"
                .to_owned(),
        );
    }
    if is_local {
        return Place::ThisHost;
    }
    // On Linux, a socket whose engine has another name may lead anywhere, unless the engine says
    // that it is one of those that come with a virtual machine.
    let has_own_machine = matches!(
        info.operating_system.as_str(),
        "Docker Desktop" | "OrbStack"
    );
    if is_on_this_computer(&info.host) && (has_own_machine || !on_linux) {
        return Place::VirtualMachine;
    }
    Place::OutOfReach(format!(
        "the Docker Engine at {} does not run on this host",
        info.host
    ))
}

fn is_on_this_computer(host: &str) -> bool {
    [
        "unix://",
        "npipe://",
        "tcp://127.",
        "tcp://localhost",
        "tcp://[::1]",
    ]
    .iter()
    .any(|prefix| host.starts_with(prefix))
}

async fn over_bridge(engine: &Engine) -> HostRoute {
    let mut reason = String::new();
    for name in DEFAULT_NETWORKS {
        match engine
            .docker()
            .inspect_network(name, None::<InspectNetworkOptions>)
            .await
        {
            Ok(network) => match gateway(network) {
                Some((address, subnet)) => return HostRoute::Gateway { address, subnet },
                None => reason = format!("the network {name} has no IPv4 addresses"),
            },
            Err(error) if reason.is_empty() => {
                reason = format!(
                    "the network {name} cannot be inspected: {}",
                    error::reason(&error)
                );
            }
            Err(_) => {}
        }
    }
    HostRoute::None { reason }
}

/// The gateway's address and the subnet. An engine that was restarted does not always say the
/// gateway: it is the first address then.
fn gateway(network: NetworkInspect) -> Option<(Ipv4Addr, Subnet)> {
    network.ipam?.config?.into_iter().find_map(|config| {
        let subnet: Subnet = config.subnet?.parse().ok()?;
        let address = match config.gateway.filter(|gateway| !gateway.is_empty()) {
            Some(gateway) => gateway.split('/').next()?.parse().ok()?,
            None => subnet.first(),
        };
        Some((address, subnet))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(host: &str, operating_system: &str) -> EngineInfo {
        EngineInfo {
            host: host.to_owned(),
            version: "28.0.0".to_owned(),
            api_version: "1.48".to_owned(),
            os: "linux".to_owned(),
            architecture: "x86_64".to_owned(),
            cgroup_version: "2".to_owned(),
            rootless: false,
            operating_system: operating_system.to_owned(),
        }
    }

    #[test]
    fn engines_in_a_virtual_machine_of_this_computer_know_its_name() {
        for (host, system, on_linux) in [
            (
                "unix:///home/me/.docker/desktop/docker.sock",
                "Docker Desktop",
                true,
            ),
            (
                "unix:///Users/me/.docker/run/docker.sock",
                "Docker Desktop",
                false,
            ),
            (
                "unix:///Users/me/.colima/default/docker.sock",
                "Ubuntu 24.04 LTS",
                false,
            ),
            (
                "unix:///Users/me/.orbstack/run/docker.sock",
                "OrbStack",
                false,
            ),
            ("npipe:////./pipe/docker_engine", "Docker Desktop", false),
            ("tcp://localhost:2375", "Docker Desktop", true),
        ] {
            let place = place(&info(host, system), false, on_linux);
            assert_eq!(place, Place::VirtualMachine, "{host}");
        }
    }

    #[test]
    fn containers_of_other_machines_and_of_rootless_engines_do_not_reach_this_host() {
        for (host, system) in [
            ("tcp://10.0.0.5:2375", "Debian GNU/Linux 12"),
            ("tcp://build-box:2375", "Docker Desktop"),
            // A forwarded socket.
            ("unix:///tmp/docker.sock", "Debian GNU/Linux 12"),
        ] {
            let Place::OutOfReach(reason) = place(&info(host, system), false, true) else {
                panic!("{host}");
            };
            assert!(reason.contains(host), "{reason}");
        }
        let mut rootless = info("unix:///run/user/1000/docker.sock", "Debian GNU/Linux 12");
        assert_eq!(place(&rootless, true, true), Place::ThisHost);
        rootless.rootless = true;
        assert!(matches!(
            place(&rootless, true, true),
            Place::OutOfReach(reason) if reason.contains("rootless")
        ));
    }

    #[test]
    fn the_gateway_is_what_the_engine_says_or_the_first_address() {
        let network = |config: &str| {
            let text = format!(r#"{{"IPAM": {{"Config": {config}}}}}"#);
            gateway(serde_json::from_str(&text).unwrap())
                .map(|(address, subnet)| format!("{address} {subnet}"))
        };
        assert_eq!(
            network(r#"[{"Subnet": "172.17.0.0/16"}]"#).as_deref(),
            Some("172.17.0.1 172.17.0.0/16")
        );
        assert_eq!(
            network(
                r#"[{"Subnet": "fd00::/64"}, {"Subnet": "10.9.0.0/24", "Gateway": "10.9.0.254"}]"#
            )
            .as_deref(),
            Some("10.9.0.254 10.9.0.0/24")
        );
        assert_eq!(network("[]"), None);
        assert_eq!(network(r#"[{"Subnet": "fd00::/64"}]"#), None);
    }

    #[test]
    fn a_subnet_contains_its_own_addresses_only() {
        let contains = |subnet: &str, address: &str| {
            let subnet: Subnet = subnet.parse().unwrap();
            subnet.contains(address.parse().unwrap())
        };
        assert!(contains("172.17.0.0/16", "172.17.255.3"));
        assert!(!contains("172.17.0.0/16", "172.18.0.3"));
        assert!(contains("172.17.0.1/32", "172.17.0.1"));
        assert!(!contains("172.17.0.1/32", "172.17.0.2"));
        assert!(contains("0.0.0.0/0", "203.0.113.9"));
        for wrong in ["", "172.17.0.0", "172.17.0.0/33", "fd00::/64", "a/8"] {
            assert!(wrong.parse::<Subnet>().is_err(), "{wrong}");
        }
    }
}
