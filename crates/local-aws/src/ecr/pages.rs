//! Pages of lists.

use serde_json::Value;

use super::errors;
use crate::constraint;
use crate::error::AwsError;
use crate::page_token::PageTokens;

/// The length of a page that a caller asks for: 100 if it does not say.
pub(super) fn length(asked: Option<i64>, most: usize) -> Result<usize, AwsError> {
    match asked.map(usize::try_from) {
        None => Ok(100),
        Some(Ok(asked)) if (1..=most).contains(&asked) => Ok(asked),
        Some(_) => Err(errors::invalid(
            "maxResults",
            &format!("must be between 1 and {most}"),
        )),
    }
}

/// A page of a list, and the token of the next one.
pub(super) fn page<T>(
    tokens: &PageTokens,
    list: &str,
    items: Vec<T>,
    token: Option<String>,
    length: usize,
) -> Result<(Vec<T>, Option<String>), AwsError> {
    let from = match token {
        None => 0,
        Some(token) => tokens
            .open(list, &token)
            .and_then(|position| position.parse().ok())
            .ok_or_else(|| errors::invalid("nextToken", "must be a token of this list"))?,
    };
    let (page, next) = constraint::page(items, from, length);
    Ok((page, next.map(|next| tokens.seal(list, &next.to_string()))))
}

pub(super) fn add_token(output: &mut Value, next: Option<String>) {
    if let Some(next) = next {
        output["nextToken"] = next.into();
    }
}
