//! Checksums that S3 keeps with an object: "Checking object integrity" in the S3 user guide.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use s3s::crypto::Checksum as _;
use s3s::crypto::Crc32;
use s3s::crypto::Crc32c;
use s3s::crypto::Crc64Nvme;
use s3s::crypto::Sha1;
use s3s::crypto::Sha256;
use serde::Deserialize;
use serde::Serialize;

use super::errors;
use super::records::StoredChecksum;
use crate::error::AwsError;

/// An algorithm.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64nvme,
    Sha1,
    Sha256,
}

impl Algorithm {
    const ALL: [Self; 5] = [
        Self::Crc32,
        Self::Crc32c,
        Self::Crc64nvme,
        Self::Sha1,
        Self::Sha256,
    ];

    /// What S3 uses when a client names none.
    pub(super) const DEFAULT: Self = Self::Crc64nvme;

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    /// The header or trailer that carries it.
    pub(super) const fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
        }
    }

    /// The algorithm that a request names.
    pub(super) fn named(name: &str) -> Result<Self, AwsError> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.name().eq_ignore_ascii_case(name))
            .ok_or_else(|| {
                errors::invalid_request(
                    "Checksum algorithm provided is unsupported. Please try again with any of the \
                     valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]",
                )
            })
    }

    /// The algorithm that an `x-amz-trailer` header announces.
    pub(super) fn announced(trailer: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.header().eq_ignore_ascii_case(trailer.trim()))
    }

    pub(super) fn hasher(self) -> Hasher {
        match self {
            Self::Crc32 => Hasher::Crc32(Crc32::new()),
            Self::Crc32c => Hasher::Crc32c(Crc32c::new()),
            Self::Crc64nvme => Hasher::Crc64nvme(Crc64Nvme::new()),
            Self::Sha1 => Hasher::Sha1(Sha1::new()),
            Self::Sha256 => Hasher::Sha256(Sha256::new()),
        }
    }

    /// Compares what a client says with what it sent.
    pub(super) fn compare(self, said: &str, computed: &str) -> Result<(), AwsError> {
        if said == computed {
            return Ok(());
        }
        if STANDARD.decode(said).is_err() {
            return Err(errors::invalid_request(format!(
                "Value for {} header is invalid.",
                self.header()
            )));
        }
        Err(AwsError::new(
            "BadDigest",
            format!(
                "The {} you specified did not match the calculated checksum.",
                self.name()
            ),
        ))
    }
}

/// A checksum that is being computed.
pub(super) enum Hasher {
    Crc32(Crc32),
    Crc32c(Crc32c),
    Crc64nvme(Crc64Nvme),
    Sha1(Sha1),
    Sha256(Sha256),
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hasher").finish_non_exhaustive()
    }
}

impl Hasher {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Crc32(hasher) => hasher.update(bytes),
            Self::Crc32c(hasher) => hasher.update(bytes),
            Self::Crc64nvme(hasher) => hasher.update(bytes),
            Self::Sha1(hasher) => hasher.update(bytes),
            Self::Sha256(hasher) => hasher.update(bytes),
        }
    }

    /// The checksum in Base64.
    pub(super) fn finish(self) -> String {
        match self {
            Self::Crc32(hasher) => STANDARD.encode(hasher.finalize()),
            Self::Crc32c(hasher) => STANDARD.encode(hasher.finalize()),
            Self::Crc64nvme(hasher) => STANDARD.encode(hasher.finalize()),
            Self::Sha1(hasher) => STANDARD.encode(hasher.finalize()),
            Self::Sha256(hasher) => STANDARD.encode(hasher.finalize()),
        }
    }
}

/// The checksum of an object in parts, made of their checksums.
pub(super) fn composite(algorithm: Algorithm, parts: &[&str]) -> String {
    let mut hasher = algorithm.hasher();
    for part in parts {
        hasher.update(&STANDARD.decode(part).unwrap_or_default());
    }
    format!("{}-{}", hasher.finish(), parts.len())
}

/// The checksums that a request's headers give: what each is said to be.
pub(super) type Given = [(Algorithm, Option<String>); 5];

/// The checksum members of an input as [`Given`].
macro_rules! given {
    ($input:expr) => {
        [
            (
                $crate::s3::checksum::Algorithm::Crc32,
                $input.checksum_crc32.clone(),
            ),
            (
                $crate::s3::checksum::Algorithm::Crc32c,
                $input.checksum_crc32c.clone(),
            ),
            (
                $crate::s3::checksum::Algorithm::Crc64nvme,
                $input.checksum_crc64nvme.clone(),
            ),
            (
                $crate::s3::checksum::Algorithm::Sha1,
                $input.checksum_sha1.clone(),
            ),
            (
                $crate::s3::checksum::Algorithm::Sha256,
                $input.checksum_sha256.clone(),
            ),
        ]
    };
}

/// Puts a checksum into the member of an output that is its own.
macro_rules! answer {
    ($output:expr, $checksum:expr) => {
        let checksum: &$crate::s3::records::StoredChecksum = $checksum;
        let value = Some(checksum.value.clone());
        match checksum.algorithm {
            $crate::s3::checksum::Algorithm::Crc32 => $output.checksum_crc32 = value,
            $crate::s3::checksum::Algorithm::Crc32c => $output.checksum_crc32c = value,
            $crate::s3::checksum::Algorithm::Crc64nvme => $output.checksum_crc64nvme = value,
            $crate::s3::checksum::Algorithm::Sha1 => $output.checksum_sha1 = value,
            $crate::s3::checksum::Algorithm::Sha256 => $output.checksum_sha256 = value,
        }
    };
}

pub(super) use answer;
pub(super) use given;

/// The first checksum that is given.
pub(super) fn first(given: Given) -> Option<(Algorithm, String)> {
    given
        .into_iter()
        .find_map(|(algorithm, value)| Some((algorithm, value?)))
}

impl StoredChecksum {
    /// `COMPOSITE` or `FULL_OBJECT`.
    pub(super) const fn kind(&self) -> &'static str {
        kind(self.composite)
    }
}

/// `COMPOSITE` or `FULL_OBJECT`.
pub(super) const fn kind(composite: bool) -> &'static str {
    if composite {
        s3s::dto::ChecksumType::COMPOSITE
    } else {
        s3s::dto::ChecksumType::FULL_OBJECT
    }
}
