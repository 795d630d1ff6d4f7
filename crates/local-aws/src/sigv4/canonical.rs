//! The canonical request: what both sides hash.

use http::request::Parts;
use sha2::Digest as _;
use sha2::Sha256;

use crate::percent_encoding::encoded_path;

/// The canonical request over exactly the headers that the client says it signed.
///
/// A signed header that is not in the request counts as empty, so that the signature cannot match.
pub(super) fn request(parts: &Parts, signed_headers: &[&str], body: &[u8]) -> String {
    let mut text = String::with_capacity(512);
    text.push_str(parts.method.as_str());
    text.push('\n');
    // Encoded once for HTTP, and once more here. Only S3 does not, and it reads its own signatures.
    text.push_str(&encoded_path(parts.uri.path()));
    text.push('\n');
    text.push_str(&canonical_query(parts.uri.query().unwrap_or_default()));
    text.push('\n');
    for name in signed_headers {
        text.push_str(name);
        text.push(':');
        for (index, value) in parts.headers.get_all(*name).iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            let value = String::from_utf8_lossy(value.as_bytes());
            // Runs of spaces count as one.
            let mut words = value.split_ascii_whitespace();
            text.push_str(words.next().unwrap_or_default());
            for word in words {
                text.push(' ');
                text.push_str(word);
            }
        }
        text.push('\n');
    }
    text.push('\n');
    text.push_str(&signed_headers.join(";"));
    text.push('\n');
    text.push_str(&sha256_hex(body));
    text
}

/// Parameters in order. They arrive percent-encoded, as the client signed them.
fn canonical_query(query: &str) -> String {
    let mut pairs: Vec<(&str, &str)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .collect();
    pairs.sort_unstable();
    let pairs: Vec<String> = pairs
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

/// The SHA-256 of some bytes, in lower-case hexadecimal digits.
pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut digits = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        // Writing to a string does not fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}
