//! "Did you mean": the nearest of the words that would have been right.

/// The candidate that is most like `word`, if any is like it at all.
pub(crate) fn did_you_mean<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn suggests_the_nearest_word_and_nothing_for_a_stranger() {
        let words = ["check", "command", "watch"];
        assert_eq!(did_you_mean("chekc", words), Some("check"));
        assert_eq!(did_you_mean("wacth", words), Some("watch"));
        assert_eq!(did_you_mean("zzz", words), None);
    }
}
