//! Names that are generated for resources: stack name, logical id, and characters that are random
//! on AWS and come from the token here, so that an interrupted creation finds its name again.

use serde_json::Value;
use sha2::Digest as _;
use sha2::Sha256;

use super::Request;

const CHARACTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// How many characters come from the token.
const LENGTH: usize = 12;

/// The name that a property gives, or another one.
pub(super) fn given_or(
    properties: &Value,
    property: &str,
    other: impl FnOnce() -> String,
) -> String {
    match properties.get(property).and_then(Value::as_str) {
        Some(name) => name.to_owned(),
        None => other(),
    }
}

/// `STACK-LOGICAL-RANDOM12`, cut to `longest` characters as AWS does: the stack name and the logical
/// id share what the rest leaves.
pub(super) fn generated(request: &Request<'_>, longest: usize) -> String {
    let room = longest.saturating_sub(LENGTH + 2);
    let (stack, logical) = (request.stack_name, request.logical_id);
    let logical_room = (room / 2).max(room.saturating_sub(stack.len()));
    let logical: String = logical.chars().take(logical_room).collect();
    let stack: String = stack.chars().take(room - logical.len().min(room)).collect();
    format!("{stack}-{logical}-{}", suffix(request))
}

/// The same in lower case, for services whose names have no capitals.
pub(super) fn generated_lower_case(request: &Request<'_>, longest: usize) -> String {
    generated(request, longest).to_lowercase()
}

/// The twelve characters.
pub(super) fn suffix(request: &Request<'_>) -> String {
    let mut hash = Sha256::new();
    for part in [request.stack_id, request.logical_id, request.token] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let digest = hash.finalize();
    let bytes = digest.iter().take(LENGTH);
    bytes
        .map(|byte| char::from(CHARACTERS[usize::from(*byte) % CHARACTERS.len()]))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::access_keys::Caller;
    use crate::cloudformation::resource_types::tests::Started;

    #[tokio::test]
    async fn names_are_cut_where_aws_cuts_them() {
        let aws = Started::new().await;
        let services = Arc::clone(aws.services());
        let (long, tags) = ("a-stack-whose-name-is-rather-long-as-names-go", []);
        let mut request = Request {
            services: &services,
            caller: &Caller::User,
            stack_name: long,
            stack_id: "arn",
            logical_id: "TheLogicalIdOfARoleThatIsLongToo",
            stack_tags: &tags,
            token: "1",
        };
        let name = generated(&request, 64);
        assert_eq!(name.len(), 64);
        assert!(name.starts_with("a-stack-whose-name-is-rat-TheLogicalIdOfARoleThatIs-"));
        assert_eq!(name, generated(&request, 64));
        request.logical_id = "Role";
        let name = generated(&request, 64);
        assert!(name.starts_with(&format!("{long}-Role-")), "{name}");
        request.token = "2";
        assert_ne!(name, generated(&request, 64));
    }
}
