//! The messages with which AWS's services refuse a member of an input.

use crate::error::AwsError;

/// `1 validation error detected: Value '…' at '…' failed to satisfy constraint: Member must …`
pub(crate) fn violated(member: &str, value: &str, constraint: &str) -> AwsError {
    AwsError::new(
        "ValidationException",
        format!(
            "1 validation error detected: Value '{value}' at '{member}' failed to satisfy \
             constraint: Member must {constraint}"
        ),
    )
}

/// A member that an input must have.
pub(crate) fn required<T>(member: &str, value: Option<T>) -> Result<T, AwsError> {
    value.ok_or_else(|| {
        AwsError::new(
            "ValidationException",
            format!(
                "1 validation error detected: Value null at '{member}' failed to satisfy \
                 constraint: Member must not be null"
            ),
        )
    })
}

/// The length of a page: `most` if the input has none.
pub(crate) fn page_length(
    member: &str,
    asked: Option<i64>,
    most: usize,
) -> Result<usize, AwsError> {
    let Some(asked) = asked else { return Ok(most) };
    if asked < 1 {
        return Err(violated(
            member,
            &asked.to_string(),
            "have value greater than or equal to 1",
        ));
    }
    match usize::try_from(asked) {
        Ok(asked) if asked <= most => Ok(asked),
        _ => Err(violated(
            member,
            &asked.to_string(),
            &format!("have value less than or equal to {most}"),
        )),
    }
}

/// The number of elements of a list, from 1 to `most`.
pub(crate) fn list_length(member: &str, list: &[String], most: usize) -> Result<(), AwsError> {
    let shown = || format!("[{}]", list.join(", "));
    if list.is_empty() {
        return Err(violated(
            member,
            &shown(),
            "have length greater than or equal to 1",
        ));
    }
    if list.len() > most {
        return Err(violated(
            member,
            &shown(),
            &format!("have length less than or equal to {most}"),
        ));
    }
    Ok(())
}

/// A page of a list that is in memory: from the position in the token on, and the next position.
pub(crate) fn page<T>(items: Vec<T>, from: usize, length: usize) -> (Vec<T>, Option<usize>) {
    let end = from.saturating_add(length);
    let next = (end < items.len()).then_some(end);
    (items.into_iter().skip(from).take(length).collect(), next)
}
