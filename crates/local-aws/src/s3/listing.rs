//! A page of a bucket's keys: prefix, delimiter and where to go on.

use super::buckets::Buckets;
use super::errors;
use super::records::Object;
use crate::error::AwsError;
use crate::store;

/// What a page is to have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    pub(super) prefix: &'a str,
    /// Keys that have it after the prefix are rolled up into one common prefix.
    pub(super) delimiter: Option<&'a str>,
    /// Only keys and common prefixes after this one.
    pub(super) after: Option<&'a str>,
    /// How many keys and common prefixes at most.
    pub(super) limit: usize,
}

/// A page.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) objects: Vec<(String, Object)>,
    pub(super) common_prefixes: Vec<String>,
    /// Whether there is more.
    pub(super) truncated: bool,
    /// The last key or common prefix of the page.
    pub(super) last: Option<String>,
}

impl Page {
    pub(super) fn len(&self) -> usize {
        self.objects.len() + self.common_prefixes.len()
    }
}

/// One page of a bucket's objects.
///
/// # Errors
///
/// `NoSuchBucket`.
pub(super) fn objects(
    buckets: &Buckets,
    bucket: &str,
    wanted: &Wanted<'_>,
) -> Result<Page, AwsError> {
    buckets.store.read(|transaction| {
        if transaction
            .open_table(store::S3_BUCKETS)?
            .get(bucket)?
            .is_none()
        {
            return Err(errors::no_such_bucket().into());
        }
        let mut page = Page::default();
        if wanted.limit == 0 {
            return Ok(page);
        }
        let table = transaction.open_table(store::S3_OBJECTS)?;
        let is_past = |name: &str| wanted.after.is_some_and(|after| name <= after);
        let mut from = wanted
            .after
            .unwrap_or_default()
            .max(wanted.prefix)
            .to_owned();
        'groups: loop {
            for entry in table.range::<(&str, &str)>((bucket, from.as_str())..)? {
                let (place, value) = entry?;
                let (of, key) = place.value();
                if of != bucket || !key.starts_with(wanted.prefix) {
                    break 'groups;
                }
                if is_past(key) {
                    continue;
                }
                let group = common_prefix(key, wanted);
                let name = group.unwrap_or(key);
                let full = page.len() == wanted.limit;
                if full && !is_past(name) {
                    page.truncated = true;
                    break 'groups;
                }
                match group {
                    None => {
                        let object = serde_json::from_slice(value.value())?;
                        page.objects.push((key.to_owned(), object));
                        page.last = Some(key.to_owned());
                    }
                    Some(group) => {
                        if !is_past(group) {
                            page.common_prefixes.push(group.to_owned());
                            page.last = Some(group.to_owned());
                        }
                        // The next key that does not begin with it.
                        match after_all(group) {
                            Some(next) => from = next,
                            None => break 'groups,
                        }
                        continue 'groups;
                    }
                }
            }
            break;
        }
        Ok(page)
    })
}

fn common_prefix<'k>(key: &'k str, wanted: &Wanted<'_>) -> Option<&'k str> {
    let delimiter = wanted.delimiter.filter(|delimiter| !delimiter.is_empty())?;
    let start = wanted.prefix.len();
    let at = key.get(start..)?.find(delimiter)?;
    key.get(..start + at + delimiter.len())
}

/// The first string after all that begin with `prefix`, by their UTF-8 bytes.
fn after_all(prefix: &str) -> Option<String> {
    let mut text = prefix.to_owned();
    while let Some(last) = text.pop() {
        let next = match last {
            '\u{d7ff}' => Some('\u{e000}'),
            _ => char::from_u32(u32::from(last) + 1),
        };
        if let Some(next) = next {
            text.push(next);
            return Some(text);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_string_is_after_all_with_the_prefix() {
        assert_eq!(after_all("a/").as_deref(), Some("a0"));
        assert_eq!(after_all("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(after_all("\u{d7ff}").as_deref(), Some("\u{e000}"));
        assert_eq!(after_all("\u{10ffff}"), None);
    }
}
