//! Blocks of addresses, such as `10.0.0.0/24`.

use std::net::IpAddr;

/// A block of addresses.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    network: IpAddr,
    bits: u32,
}

impl Block {
    /// Reads a block; `None` if it is none.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (network, bits) = text.split_once('/')?;
        let network: IpAddr = network.parse().ok()?;
        let bits: u32 = bits.parse().ok()?;
        let most = if network.is_ipv4() { 32 } else { 128 };
        (bits <= most).then_some(Self { network, bits })
    }

    /// Whether a text is an address in the block.
    pub(super) fn contains(self, text: &str) -> bool {
        let Ok(address) = text.parse::<IpAddr>() else {
            return false;
        };
        match (self.network, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let shift = 32 - self.bits;
                let part = |address: u32| address.checked_shr(shift).unwrap_or(0);
                part(network.into()) == part(address.into())
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let shift = 128 - self.bits;
                let part = |address: u128| address.checked_shr(shift).unwrap_or(0);
                part(network.into()) == part(address.into())
            }
            _ => false,
        }
    }
}
