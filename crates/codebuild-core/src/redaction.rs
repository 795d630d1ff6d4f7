//! What must not be shown or kept: credentials, signatures, and members that hold secrets.

use serde_json::Value;

/// What stands in the place of a secret.
pub(crate) const MASK: &str = "***";

/// Headers that carry credentials or a signature.
const SECRET_HEADERS: [&str; 3] = ["authorization", "x-amz-security-token", "cookie"];

/// Members whose value is a secret, in lower case. Page tokens (`nextToken`) are none.
const SECRET_MEMBERS: [&str; 8] = [
    "token",
    // A webhook's: its query has a token.
    "payloadurl",
    "secret",
    "password",
    "secretstring",
    "secretaccesskey",
    "sessiontoken",
    "authorizationtoken",
];

/// Whether a header must be left out.
pub(crate) fn is_secret_header(name: &str) -> bool {
    SECRET_HEADERS
        .iter()
        .any(|secret| name.eq_ignore_ascii_case(secret))
}

/// Masks the values of secret members, at any depth.
pub(crate) fn mask_secrets(value: &mut Value) {
    match value {
        Value::Object(members) => {
            // A parameter of Systems Manager that is encrypted.
            let is_secure = members.get("Type").and_then(Value::as_str) == Some("SecureString");
            for (name, member) in members.iter_mut() {
                let is_secret = SECRET_MEMBERS.contains(&name.to_ascii_lowercase().as_str());
                if (is_secret || (is_secure && name == "Value"))
                    && (member.is_string() || member.is_number())
                {
                    *member = Value::String(MASK.to_owned());
                } else {
                    mask_secrets(member);
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(mask_secrets),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::is_secret_header;
    use super::mask_secrets;

    #[test]
    fn secrets_are_masked_at_any_depth_and_page_tokens_kept() {
        let mut body = json!({
            "token": "ghp_1",
            "nextToken": "page-2",
            "idempotencyToken": "once",
            "webhook": [{"secret": "s", "url": "u"}],
            "auth": {"password": "p", "type": "OAUTH"},
            "Parameters": [
                {"Name": "/a", "Type": "SecureString", "Value": "s"},
                {"Name": "/b", "Type": "String", "Value": "plain"},
            ],
        });
        mask_secrets(&mut body);
        assert_eq!(
            body,
            json!({
                "token": "***",
                "nextToken": "page-2",
                "idempotencyToken": "once",
                "webhook": [{"secret": "***", "url": "u"}],
                "auth": {"password": "***", "type": "OAUTH"},
                "Parameters": [
                    {"Name": "/a", "Type": "SecureString", "Value": "***"},
                    {"Name": "/b", "Type": "String", "Value": "plain"},
                ],
            })
        );
    }

    #[test]
    fn headers_with_credentials_are_secret() {
        assert!(is_secret_header("Authorization"));
        assert!(is_secret_header("x-amz-security-token"));
        assert!(!is_secret_header("x-amz-target"));
    }
}
