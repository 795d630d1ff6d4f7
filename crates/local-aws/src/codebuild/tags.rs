//! Tags of projects, report groups and fleets.

use super::project::Tag;
use crate::error::AwsError;
use crate::system_tags;

/// Refuses tags that only AWS puts. What runs inside a transaction does not know who asks.
///
/// # Errors
///
/// `InvalidInputException` for a key that begins with `aws:`.
pub(super) fn check(tags: &[Tag]) -> Result<(), AwsError> {
    match tags.iter().any(|tag| system_tags::are_reserved(&tag.key)) {
        true => Err(AwsError::invalid_input(
            "Caller is an end user and not allowed to mutate system tags.",
        )),
        false => Ok(()),
    }
}

/// Puts checked tags in the place of others. Tags of AWS stay.
pub(super) fn replace(tags: &mut Vec<Tag>, new: Vec<Tag>) {
    tags.retain(|tag| {
        system_tags::are_of_aws(&tag.key) && new.iter().all(|other| other.key != tag.key)
    });
    tags.splice(0..0, new);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Vec<Tag> {
        let tag = |(key, value): &(&str, &str)| Tag {
            key: (*key).to_owned(),
            value: (*value).to_owned(),
        };
        pairs.iter().map(tag).collect()
    }

    #[test]
    fn the_tags_of_a_stack_stay_when_others_are_replaced() {
        let mut there = tags(&[("aws:cloudformation:stack-name", "s"), ("team", "a")]);
        replace(&mut there, tags(&[("owner", "b")]));
        let expected = tags(&[("owner", "b"), ("aws:cloudformation:stack-name", "s")]);
        assert_eq!(there, expected);
        replace(&mut there, tags(&[("aws:cloudformation:stack-name", "t")]));
        assert_eq!(there, tags(&[("aws:cloudformation:stack-name", "t")]));
    }
}
