//! `nextToken`: opaque to clients, sealed so that a made-up or misplaced one is noticed.

use aws_sigv4::sign::v4::calculate_signature;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// How many characters of the seal a token carries.
const SEAL: usize = 16;

/// Makes and reads page tokens.
#[derive(Clone, Debug)]
pub(crate) struct PageTokens {
    key: Vec<u8>,
}

impl PageTokens {
    /// Tokens sealed with `key`, so that they outlive the process.
    pub(crate) const fn new(key: Vec<u8>) -> Self {
        Self { key }
    }

    /// A token for going on at `position` in `list`: the operation and all that its result depends
    /// on, such as `ListBuildsForProject/demo/DESCENDING`.
    pub(crate) fn seal(&self, list: &str, position: &str) -> String {
        let position = URL_SAFE_NO_PAD.encode(position);
        format!("{}{position}", self.seal_of(list, &position))
    }

    /// The position in a token; `None` if it was not made for this list.
    pub(crate) fn open(&self, list: &str, token: &str) -> Option<String> {
        let (seal, position) = token.split_at_checked(SEAL)?;
        if self.seal_of(list, position) != seal {
            return None;
        }
        String::from_utf8(URL_SAFE_NO_PAD.decode(position).ok()?).ok()
    }

    fn seal_of(&self, list: &str, position: &str) -> String {
        let mut seal = calculate_signature(&self.key, format!("{list}\n{position}").as_bytes());
        seal.truncate(SEAL);
        seal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_only_for_its_own_list() {
        let tokens = PageTokens::new(vec![7; 32]);
        let token = tokens.seal("ListProjects/NAME", "demo");
        assert_eq!(
            tokens.open("ListProjects/NAME", &token).as_deref(),
            Some("demo")
        );
        assert_eq!(tokens.open("ListBuilds/ASCENDING", &token), None);
        assert_eq!(tokens.open("ListProjects/NAME", "é"), None);
        let other = PageTokens::new(vec![8; 32]);
        assert_eq!(other.open("ListProjects/NAME", &token), None);
    }
}
