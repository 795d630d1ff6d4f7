//! S3's wire protocol, as far as the operations here need it: paths, queries and XML.

use aws_smithy_types::error::metadata::ErrorMetadata;
use jiff::Timestamp;
use roxmltree::Document;
use roxmltree::Node;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::service_model::Shape;
use super::service_model::Structure;
use crate::call_error::CallError;
use crate::direct_call::DirectAnswer;
use crate::direct_call::DirectRequest;
use crate::direct_call::DirectService;
use crate::session::Session;

const SERVICE: DirectService = DirectService {
    name: "s3",
    id: "S3",
    host: "s3",
    is_global: false,
    signs_as_s3: true,
    error,
};

/// A call of S3. The bucket stands in the path, which every endpoint understands.
#[derive(Clone, Debug, Default)]
pub(super) struct S3Call {
    pub(super) method: &'static str,
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
}

impl S3Call {
    /// Sends it.
    pub(super) async fn send(
        self,
        session: &Session,
        operation: &'static str,
    ) -> Result<DirectAnswer, CallError> {
        let mut uri = format!("/{}", encoded(&self.bucket, false));
        if !self.key.is_empty() {
            uri.push('/');
            uri.push_str(&encoded(&self.key, true));
        }
        for (at, (name, value)) in self.query.iter().enumerate() {
            uri.push(if at == 0 { '?' } else { '&' });
            uri.push_str(name);
            uri.push('=');
            uri.push_str(&encoded(value, false));
        }
        let request = DirectRequest {
            method: self.method,
            uri,
            headers: self.headers,
            body: self.body,
        };
        session.call_directly(SERVICE, operation, request).await
    }
}

/// Percent-encoded as SigV4 has it; in a path, slashes stay.
pub(super) fn encoded(text: &str, is_path: bool) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            b'/' if is_path => "/".to_owned(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

/// An XML answer as JSON, with the members of this shape.
pub(super) fn json_of(answer: &DirectAnswer, shape: &Shape) -> Value {
    let text = String::from_utf8_lossy(&answer.body);
    match (Document::parse(&text), shape) {
        (Ok(document), Shape::Structure(structure)) => {
            members_of(document.root_element(), structure)
        }
        _ => Value::Object(Map::new()),
    }
}

fn members_of(node: Node<'_, '_>, structure: &Structure) -> Value {
    let mut members = Map::new();
    for member in &structure.members {
        let found: Vec<Node<'_, '_>> = children(node, &member.name).collect();
        let value = match (&member.shape, found.as_slice()) {
            (_, []) => continue,
            (Shape::List(element), _) => list_of(&member.name, &found, element),
            (shape, [first, ..]) => value_of(*first, shape),
        };
        members.insert(member.name.clone(), value);
    }
    Value::Object(members)
}

/// A list: its elements stand side by side (`Contents`), or in an element of the list's own
/// (`Buckets` with `Bucket`).
fn list_of(name: &str, found: &[Node<'_, '_>], element: &Shape) -> Value {
    let single = name.strip_suffix('s').unwrap_or(name);
    let wrapped = matches!(found, [only] if children(*only, single).next().is_some()
        || only.first_element_child().is_none());
    let elements = match found {
        [only] if wrapped => children(*only, single)
            .map(|node| value_of(node, element))
            .collect(),
        all => all.iter().map(|node| value_of(*node, element)).collect(),
    };
    Value::Array(elements)
}

fn value_of(node: Node<'_, '_>, shape: &Shape) -> Value {
    let text = node.text().unwrap_or_default();
    match shape {
        Shape::Structure(structure) => members_of(node, structure),
        Shape::Integer => text.parse::<i64>().map_or(Value::Null, Value::from),
        Shape::Boolean => Value::Bool(text == "true"),
        Shape::Timestamp => text
            .parse::<Timestamp>()
            .map_or(Value::Null, |time| json!(time.as_second())),
        _ => Value::String(text.to_owned()),
    }
}

fn children<'a, 'i>(node: Node<'a, 'i>, name: &str) -> impl Iterator<Item = Node<'a, 'i>> {
    let name = name.to_owned();
    node.children()
        .filter(move |child| child.is_element() && child.tag_name().name() == name)
}

/// The code and the message of a refusal. The answer to HEAD has no body, so its status has to do.
fn error(answer: &DirectAnswer) -> ErrorMetadata {
    let text = String::from_utf8_lossy(&answer.body);
    let document = Document::parse(&text).ok();
    let member = |name: &str| {
        let root = document.as_ref()?.root_element();
        Some(children(root, name).next()?.text()?.to_owned())
    };
    let mut error = ErrorMetadata::builder();
    match member("Code") {
        Some(code) => error = error.code(code),
        None if answer.body.is_empty() => error = error.code(answer.status.to_string()),
        None => {}
    }
    if let Some(message) = member("Message") {
        error = error.message(message);
    }
    error.build()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::encoded;
    use super::error;
    use super::json_of;
    use crate::aws_command::s3_operations::S3API;
    use crate::direct_call::DirectAnswer;

    fn answer(body: &str) -> DirectAnswer {
        DirectAnswer {
            status: 200,
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
        }
    }

    fn output(operation: &str) -> crate::aws_command::service_model::Shape {
        let found = S3API
            .operations()
            .iter()
            .find(|known| known.name == operation);
        found.unwrap().output()
    }

    #[test]
    fn keys_are_encoded_and_keep_their_slashes() {
        assert_eq!(encoded("a b/ä+c.gz", true), "a%20b/%C3%A4%2Bc.gz");
        assert_eq!(encoded("a/b", false), "a%2Fb");
    }

    #[test]
    fn lists_of_one_none_and_many_are_lists() {
        let one = answer(
            "<ListBucketResult xmlns='x'><Name>b</Name><KeyCount>1</KeyCount>\
             <IsTruncated>false</IsTruncated><Contents><Key>logs/1.gz</Key>\
             <LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>&quot;e&quot;</ETag>\
             <Size>12</Size><StorageClass>STANDARD</StorageClass></Contents></ListBucketResult>",
        );
        assert_eq!(
            json_of(&one, &output("ListObjectsV2")),
            json!({
                "Contents": [{
                    "Key": "logs/1.gz",
                    "LastModified": 1_767_323_045,
                    "ETag": "\"e\"",
                    "Size": 12,
                    "StorageClass": "STANDARD",
                }],
                "IsTruncated": false,
                "KeyCount": 1,
                "Name": "b",
            })
        );
        let none = answer("<R><Buckets/></R>");
        assert_eq!(
            json_of(&none, &output("ListBuckets")),
            json!({ "Buckets": [] })
        );
        let two = answer(
            "<R><Buckets><Bucket><Name>a</Name></Bucket><Bucket><Name>b</Name></Bucket></Buckets></R>",
        );
        assert_eq!(
            json_of(&two, &output("ListBuckets")),
            json!({ "Buckets": [{ "Name": "a" }, { "Name": "b" }] })
        );
    }

    #[test]
    fn a_refusal_tells_its_code() {
        let refused = answer("<Error><Code>NoSuchBucket</Code><Message>gone</Message></Error>");
        let metadata = error(&refused);
        assert_eq!(metadata.code(), Some("NoSuchBucket"));
        assert_eq!(metadata.message(), Some("gone"));
    }
}
