//! Following pages, as the AWS CLI does by default.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use serde_json::json;

use super::global_options::GlobalOptions;
use super::operations::Operation;
use super::operations::Pages;
use crate::call_error::CallError;
use crate::session::Session;

/// The member that the AWS CLI adds when `--max-items` cut the answer.
const CLI_TOKEN: &str = "NextToken";

/// The member of a CLI token that counts the items of the page that were shown already.
const TRUNCATED: &str = "boto_truncate_amount";

/// An answer of one or more pages.
pub(crate) struct Answer {
    /// All pages as one.
    pub(crate) whole: Value,
    /// Each page.
    pub(crate) pages: Vec<Value>,
}

/// Calls an operation, page after page unless told otherwise.
pub(crate) async fn call(
    session: &Session,
    operation: &Operation,
    input: &Value,
    global: &GlobalOptions,
) -> Result<Answer, CallError> {
    let pages = followed(operation, input, global);
    match pages {
        Some(pages) => all_pages(session, operation, input, global, pages).await,
        None => {
            let whole = operation.send(session, input.clone()).await?;
            Ok(Answer {
                pages: vec![whole.clone()],
                whole,
            })
        }
    }
}

/// How pages are followed, unless the options say that they are not.
pub(crate) fn followed(
    operation: &Operation,
    input: &Value,
    global: &GlobalOptions,
) -> Option<Pages> {
    operation.pages.filter(|pages| {
        // Who gives a token or the size of a page turns the pages by hand, as with the AWS CLI.
        let by_hand = std::iter::once(pages.tokens.0).chain(pages.limit);
        !global.no_paginate
            && by_hand
                .into_iter()
                .all(|member| input.get(member).is_none())
    })
}

/// Puts the members of pages into the order of the AWS CLI: what grows, then what is of all pages,
/// with null for what is not there.
pub(crate) fn put_in_order(pages: Option<Pages>, response: &Value, shown: &mut Value) {
    let Some((pages, kept)) = pages.and_then(|pages| Some((pages, pages.kept?))) else {
        return;
    };
    if let (Some(members), Some(response)) = (shown.as_object_mut(), response.as_object()) {
        let mut unordered = std::mem::take(members);
        for name in pages.results.iter().chain(kept) {
            if response.contains_key(*name) {
                let value = unordered.shift_remove(*name).unwrap_or_default();
                members.insert((*name).to_owned(), value);
            }
        }
    }
}

/// Puts a CLI token back, which the operation's model does not know.
pub(crate) fn keep_token(response: &Value, shown: &mut Value) {
    if let (Some(token), Some(shown)) = (response.get(CLI_TOKEN), shown.as_object_mut()) {
        shown.insert(CLI_TOKEN.to_owned(), token.clone());
    }
}

async fn all_pages(
    session: &Session,
    operation: &Operation,
    input: &Value,
    global: &GlobalOptions,
    pages_of: Pages,
) -> Result<Answer, CallError> {
    let Pages {
        results,
        limit,
        tokens: (input_token, output_token),
        ..
    } = pages_of;
    let mut input = input.clone();
    if let (Some(limit), Some(size)) = (limit, global.page_size) {
        input[limit] = json!(size);
    }
    let (mut token, mut skip) = match &global.starting_token {
        Some(token) => read_token(token, input_token),
        None => (None, 0),
    };
    let primary = results.first().copied().unwrap_or_default();
    let mut left = global.max_items.unwrap_or(usize::MAX);
    let mut pages = Vec::new();
    let mut cut = None;
    loop {
        if let Some(token) = &token {
            input[input_token] = json!(token);
        }
        let mut page = operation.send(session, input.clone()).await?;
        let has_more = pages_of
            .more
            .is_none_or(|more| page.get(more).and_then(Value::as_bool) == Some(true));
        let next = page
            .as_object_mut()
            .and_then(|members| members.shift_remove(output_token))
            .and_then(|token| token.as_str().map(str::to_owned))
            .filter(|_| has_more);
        if let (Some(kept), Some(members)) = (pages_of.kept, page.as_object_mut()) {
            let is_first = pages.is_empty();
            members.retain(|name, _| {
                results.contains(&name.as_str()) || is_first && kept.contains(&name.as_str())
            });
            for name in kept.iter().filter(|_| is_first) {
                members.entry(*name).or_insert(Value::Null);
            }
        }
        if let Some(items) = page.get_mut(primary).and_then(Value::as_array_mut) {
            items.drain(..skip.min(items.len()));
            if items.len() > left {
                items.truncate(left);
                cut = Some(write_token(input_token, token.as_deref(), skip + left));
            }
            left -= items.len();
        }
        skip = 0;
        pages.push(page);
        // A server that gives the same token again would be asked for ever.
        let ends = next.is_none() || next == token;
        if cut.is_some() || ends {
            break;
        }
        if left == 0 {
            cut = Some(write_token(input_token, next.as_deref(), 0));
            break;
        }
        token = next;
    }
    let mut whole = merged(&pages, results);
    if let (Some(cut), Some(members)) = (cut, whole.as_object_mut()) {
        members.insert(CLI_TOKEN.to_owned(), Value::String(cut));
    }
    Ok(Answer { whole, pages })
}

/// The first page, with the lists of the others appended.
fn merged(pages: &[Value], results: &[&str]) -> Value {
    let mut whole = pages.first().cloned().unwrap_or_default();
    for page in pages.iter().skip(1) {
        for result in results {
            let Some(more) = page.get(result).and_then(Value::as_array) else {
                continue;
            };
            match whole.get_mut(result).and_then(Value::as_array_mut) {
                Some(list) => list.extend(more.iter().cloned()),
                None => {
                    if let Some(members) = whole.as_object_mut() {
                        members.insert((*result).to_owned(), json!(more));
                    }
                }
            }
        }
    }
    whole
}

/// A token of the AWS CLI: the service's token and how many items of its page were shown, as
/// base64 of JSON.
fn write_token(name: &str, token: Option<&str>, shown: usize) -> String {
    // With the spaces that Python writes, so that the token is the same as the AWS CLI's.
    let mut content = format!("{{\"{name}\": {}", json!(token));
    if shown > 0 {
        content.push_str(&format!(", \"{TRUNCATED}\": {shown}"));
    }
    content.push('}');
    BASE64_STANDARD.encode(content)
}

/// Reads a token of the AWS CLI; anything else is taken for the service's own.
fn read_token(token: &str, name: &str) -> (Option<String>, usize) {
    let content = BASE64_STANDARD
        .decode(token)
        .ok()
        .and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok())
        .filter(Value::is_object);
    match content {
        Some(content) => {
            let token = content.get(name).and_then(Value::as_str).map(str::to_owned);
            let shown = content
                .get(TRUNCATED)
                .and_then(Value::as_u64)
                .and_then(|count| usize::try_from(count).ok())
                .unwrap_or(0);
            (token, shown)
        }
        None => (Some(token.to_owned()), 0),
    }
}
