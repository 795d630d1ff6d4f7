//! GetRandomPassword.

use serde::Deserialize;
use serde::Serialize;

use super::invalid_parameter;
use crate::error::AwsError;
use crate::hidden::Hidden;

const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
const UPPER: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS: &[u8] = b"0123456789";
const PUNCTUATION: &[u8] = b"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PasswordInput {
    password_length: Option<i64>,
    exclude_characters: Option<String>,
    exclude_numbers: Option<bool>,
    exclude_punctuation: Option<bool>,
    exclude_uppercase: Option<bool>,
    exclude_lowercase: Option<bool>,
    include_space: Option<bool>,
    require_each_included_type: Option<bool>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PasswordOutput {
    random_password: Hidden,
}

pub(super) fn random(input: &PasswordInput) -> Result<PasswordOutput, AwsError> {
    let length = input.password_length.unwrap_or(32);
    let length = usize::try_from(length)
        .ok()
        .filter(|length| (1..=4096).contains(length))
        .ok_or_else(|| {
            crate::constraint::violated(
                "passwordLength",
                &length.to_string(),
                "have value between 1 and 4096, inclusive",
            )
        })?;
    let excluded = input.exclude_characters.as_deref().unwrap_or_default();
    let kinds: Vec<Vec<u8>> = [
        (LOWER, input.exclude_lowercase != Some(true)),
        (UPPER, input.exclude_uppercase != Some(true)),
        (DIGITS, input.exclude_numbers != Some(true)),
        (PUNCTUATION, input.exclude_punctuation != Some(true)),
        (b" ".as_slice(), input.include_space == Some(true)),
    ]
    .into_iter()
    .filter(|(_, included)| *included)
    .map(|(kind, _)| {
        let kept = kind
            .iter()
            .filter(|byte| !excluded.as_bytes().contains(byte));
        kept.copied().collect::<Vec<u8>>()
    })
    .filter(|kind| !kind.is_empty())
    .collect();
    let all = kinds.concat();
    if all.is_empty() {
        return Err(invalid_parameter(
            "The password can't be generated because all of the character types are excluded.",
        ));
    }
    let each = input.require_each_included_type != Some(false);
    if each && length < kinds.len() {
        return Err(invalid_parameter(format!(
            "Password length {length} is too short based on the required types."
        )));
    }
    // A password that lacks a kind is thrown away, so that all others stay equally likely.
    loop {
        let text = characters(&all, length)?;
        let has = |kind: &Vec<u8>| text.bytes().any(|byte| kind.contains(&byte));
        if !each || kinds.iter().all(has) {
            return Ok(PasswordOutput {
                random_password: Hidden(text),
            });
        }
    }
}

/// Random characters of an ASCII alphabet, all equally likely.
pub(super) fn characters(alphabet: &[u8], length: usize) -> Result<String, AwsError> {
    let mut text = String::with_capacity(length);
    // Bytes at the end of the range would make the first characters more likely.
    let usable = 256 - 256 % alphabet.len().clamp(1, 256);
    let mut bytes = [0_u8; 64];
    while text.len() < length {
        getrandom::fill(&mut bytes).map_err(AwsError::storage)?;
        let picked = bytes
            .iter()
            .map(|byte| usize::from(*byte))
            .filter(|byte| *byte < usable)
            .filter_map(|byte| alphabet.get(byte % alphabet.len().max(1)));
        for byte in picked.take(length - text.len()) {
            text.push(char::from(*byte));
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(input: &str) -> Result<String, AwsError> {
        let input = serde_json::from_str(input).unwrap();
        random(&input).map(|output| output.random_password.0)
    }

    #[test]
    fn passwords_have_what_is_asked_for() {
        for _ in 0..50 {
            let text = password("{\"PasswordLength\": 4}").unwrap();
            assert_eq!(text.len(), 4);
            for kind in [LOWER, UPPER, DIGITS, PUNCTUATION] {
                assert!(text.bytes().any(|byte| kind.contains(&byte)), "{text}");
            }
        }
        let text = password("{\"ExcludePunctuation\": true, \"ExcludeCharacters\": \"abc0\"}");
        let text = text.unwrap();
        assert_eq!(text.len(), 32);
        assert!(!text.contains(['a', 'b', 'c', '0', '!']), "{text}");
        for bad in [
            "{\"PasswordLength\": 3}",
            "{\"PasswordLength\": 0}",
            "{\"ExcludeLowercase\": true, \"ExcludeUppercase\": true, \"ExcludeNumbers\": true, \"ExcludePunctuation\": true}",
        ] {
            password(bad).unwrap_err();
        }
    }
}
