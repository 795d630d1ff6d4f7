//! ListObjects and ListObjectsV2.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use s3s::S3Request;
use s3s::dto;

use super::errors;
use super::listing;
use super::listing::Page;
use super::listing::Wanted;
use super::records::Object;
use super::service::Service;
use crate::error::AwsError;
use crate::percent_encoding::encoded_path;

/// How many keys a page has at most.
const LONGEST_PAGE: i32 = 1000;

pub(super) async fn objects(
    service: &Service,
    request: S3Request<dto::ListObjectsInput>,
) -> Result<dto::ListObjectsOutput, AwsError> {
    let input = request.input;
    let encode = Encoding::of(input.encoding_type.as_ref())?;
    let max_keys = page_length(input.max_keys, "maxKeys")?;
    let wanted = Wanted {
        prefix: input.prefix.as_deref().unwrap_or_default(),
        delimiter: input.delimiter.as_deref(),
        after: input.marker.as_deref().filter(|marker| !marker.is_empty()),
        limit: usize::try_from(max_keys).unwrap_or(0),
    };
    let page = listing::objects(&service.buckets, &input.bucket, &wanted)?;
    let owner = service.owner();
    let last = page.last.clone().filter(|_| page.truncated);
    Ok(dto::ListObjectsOutput {
        name: Some(input.bucket),
        is_truncated: Some(page.truncated),
        // Without a delimiter, the last key is where to go on.
        next_marker: last
            .filter(|_| input.delimiter.is_some())
            .map(|last| encode.text(&last)),
        prefix: Some(encode.text(input.prefix.as_deref().unwrap_or_default())),
        marker: Some(encode.text(input.marker.as_deref().unwrap_or_default())),
        delimiter: input.delimiter.as_deref().map(|text| encode.text(text)),
        max_keys: Some(max_keys),
        encoding_type: input.encoding_type,
        common_prefixes: Some(prefixes(&page, encode)),
        contents: Some(contents(page, encode, Some(&owner))),
        request_charged: None,
    })
}

pub(super) async fn objects_v2(
    service: &Service,
    request: S3Request<dto::ListObjectsV2Input>,
) -> Result<dto::ListObjectsV2Output, AwsError> {
    let input = request.input;
    let encode = Encoding::of(input.encoding_type.as_ref())?;
    let max_keys = page_length(input.max_keys, "maxKeys")?;
    let after = match &input.continuation_token {
        Some(token) => Some(open_token(token)?),
        None => input.start_after.clone().filter(|after| !after.is_empty()),
    };
    let wanted = Wanted {
        prefix: input.prefix.as_deref().unwrap_or_default(),
        delimiter: input.delimiter.as_deref(),
        after: after.as_deref(),
        limit: usize::try_from(max_keys).unwrap_or(0),
    };
    let page = listing::objects(&service.buckets, &input.bucket, &wanted)?;
    let owner = service.owner();
    let owner = (input.fetch_owner == Some(true)).then_some(&owner);
    Ok(dto::ListObjectsV2Output {
        name: Some(input.bucket),
        is_truncated: Some(page.truncated),
        key_count: Some(i32::try_from(page.len()).unwrap_or(max_keys)),
        next_continuation_token: page
            .last
            .as_deref()
            .filter(|_| page.truncated)
            .map(seal_token),
        continuation_token: input.continuation_token,
        prefix: Some(encode.text(input.prefix.as_deref().unwrap_or_default())),
        start_after: input.start_after.as_deref().map(|text| encode.text(text)),
        delimiter: input.delimiter.as_deref().map(|text| encode.text(text)),
        max_keys: Some(max_keys),
        encoding_type: input.encoding_type,
        common_prefixes: Some(prefixes(&page, encode)),
        contents: Some(contents(page, encode, owner)),
        request_charged: None,
    })
}

/// Whether names in an answer are percent-encoded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Encoding {
    url: bool,
}

impl Encoding {
    pub(super) fn of(asked: Option<&dto::EncodingType>) -> Result<Self, AwsError> {
        match asked.map(dto::EncodingType::as_str) {
            None => Ok(Self { url: false }),
            Some("url") => Ok(Self { url: true }),
            Some(_) => Err(errors::invalid_argument(
                "Invalid Encoding Method specified in Request",
            )),
        }
    }

    pub(super) fn text(self, text: &str) -> String {
        if self.url {
            encoded_path(text)
        } else {
            text.to_owned()
        }
    }
}

/// The length of a page that a request asks for, within 0 and 1000.
pub(super) fn page_length(asked: Option<i32>, name: &str) -> Result<i32, AwsError> {
    match asked {
        None => Ok(LONGEST_PAGE),
        Some(asked) if asked < 0 => Err(errors::invalid_argument(format!(
            "Argument {name} must be an integer between 0 and 2147483647"
        ))),
        Some(asked) => Ok(asked.min(LONGEST_PAGE)),
    }
}

/// A token for going on after `last`.
pub(super) fn seal_token(last: &str) -> String {
    URL_SAFE_NO_PAD.encode(last)
}

/// Where a token says to go on.
pub(super) fn open_token(token: &str) -> Result<String, AwsError> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok();
    bytes
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| errors::invalid_argument("The continuation token provided is incorrect"))
}

fn prefixes(page: &Page, encode: Encoding) -> Vec<dto::CommonPrefix> {
    page.common_prefixes
        .iter()
        .map(|prefix| dto::CommonPrefix {
            prefix: Some(encode.text(prefix)),
        })
        .collect()
}

fn contents(page: Page, encode: Encoding, owner: Option<&dto::Owner>) -> Vec<dto::Object> {
    page.objects
        .into_iter()
        .map(|(key, object)| listed(encode.text(&key), object, owner))
        .collect()
}

fn listed(key: String, object: Object, owner: Option<&dto::Owner>) -> dto::Object {
    let checksum = object.checksum;
    let class = object.description.storage_class;
    dto::Object {
        checksum_algorithm: checksum.as_ref().map(|checksum| {
            vec![dto::ChecksumAlgorithm::from_static(
                checksum.algorithm.name(),
            )]
        }),
        checksum_type: checksum
            .as_ref()
            .map(|checksum| dto::ChecksumType::from_static(checksum.kind())),
        e_tag: Some(dto::ETag::Strong(object.etag)),
        key: Some(key),
        last_modified: Some(object.modified.into()),
        owner: owner.cloned(),
        restore_status: None,
        size: i64::try_from(object.size).ok(),
        storage_class: Some(dto::ObjectStorageClass::from(
            class.unwrap_or_else(|| "STANDARD".to_owned()),
        )),
    }
}
