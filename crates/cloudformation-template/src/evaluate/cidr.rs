//! `Fn::Cidr`: address blocks of a block.

use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;

const MOST_BLOCKS: u128 = 256;

/// `count` blocks, each with `bits` bits for hosts, from the beginning of a block.
pub(super) fn blocks(block: &str, count: &str, bits: &str) -> Result<Vec<String>, String> {
    let (address, prefix) = block
        .split_once('/')
        .ok_or_else(|| format!("{block} is no address block such as 10.0.0.0/16"))?;
    let address: IpAddr = address
        .parse()
        .map_err(|_| format!("{address} is no IP address"))?;
    let width: u32 = if address.is_ipv4() { 32 } else { 128 };
    let number = |text: &str, what: &str| -> Result<u32, String> {
        text.parse().map_err(|_| format!("{text} is no {what}"))
    };
    let prefix = number(prefix, "length of a prefix")?;
    let count = u128::from(number(count, "number of blocks")?);
    let bits = number(bits, "number of bits")?;
    if !(1..=MOST_BLOCKS).contains(&count) {
        return Err(format!(
            "the number of blocks has to be from 1 to {MOST_BLOCKS}"
        ));
    }
    if prefix > width || bits == 0 || bits > width.saturating_sub(prefix) {
        return Err(format!("blocks with {bits} bits do not fit into {block}"));
    }
    let free = width - prefix - bits;
    if free < 8 && count > 1 << free {
        return Err(format!(
            "{count} blocks with {bits} bits do not fit into {block}"
        ));
    }
    let begin = match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    };
    let host_bits = width - prefix;
    let mask = match host_bits {
        128 => 0,
        host_bits => u128::MAX << host_bits,
    };
    let begin = begin & mask;
    let length = width - bits;
    Ok((0..count)
        .map(|index| {
            let offset = index.checked_shl(bits).unwrap_or(0);
            let at = begin.saturating_add(offset);
            let address = match u32::try_from(at) {
                Ok(at) if width == 32 => IpAddr::V4(Ipv4Addr::from_bits(at)),
                _ => IpAddr::V6(Ipv6Addr::from_bits(at)),
            };
            format!("{address}/{length}")
        })
        .collect())
}
