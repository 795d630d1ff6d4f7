//! The few calls that a stack's end and the doctor need of services without an SDK crate here.

use aws_smithy_types::error::metadata::ErrorMetadata;
use roxmltree::Document;
use serde_json::Value;

use crate::call_error::CallError;
use crate::direct_call::DirectAnswer;
use crate::direct_call::DirectRequest;
use crate::direct_call::DirectService;
use crate::session::Session;

/// A service that speaks JSON 1.1.
pub(super) struct JsonService {
    service: DirectService,
    /// What `X-Amz-Target` begins with.
    target: &'static str,
}

/// A service that takes forms and answers XML.
pub(super) struct QueryService {
    service: DirectService,
    version: &'static str,
}

pub(super) const CODECOMMIT: JsonService = json("codecommit", "CodeCommit", "CodeCommit_20150413");
pub(super) const ECR: JsonService = json("ecr", "ECR", "AmazonEC2ContainerRegistry_V20150921");
pub(super) const EVENTS: JsonService = json("events", "EventBridge", "AWSEvents");
pub(super) const IAM: QueryService = query("iam", "IAM", "2010-05-08");
pub(super) const SNS: QueryService = query("sns", "SNS", "2010-03-31");

const fn json(name: &'static str, id: &'static str, target: &'static str) -> JsonService {
    JsonService {
        service: DirectService {
            name,
            id,
            host: if matches!(name.as_bytes(), b"ecr") { "api.ecr" } else { name },
            is_global: matches!(name.as_bytes(), b"iam"),
            signs_as_s3: false,
            error: json_error,
        },
        target,
    }
}

const fn query(name: &'static str, id: &'static str, version: &'static str) -> QueryService {
    QueryService {
        service: DirectService {
            name,
            id,
            host: if matches!(name.as_bytes(), b"ecr") { "api.ecr" } else { name },
            is_global: matches!(name.as_bytes(), b"iam"),
            signs_as_s3: false,
            error: xml_error,
        },
        version,
    }
}

impl JsonService {
    pub(super) async fn call(
        &self,
        session: &Session,
        operation: &'static str,
        input: Value,
    ) -> Result<Value, CallError> {
        let request = DirectRequest {
            method: "POST",
            uri: "/".to_owned(),
            headers: vec![
                ("content-type", "application/x-amz-json-1.1".to_owned()),
                ("x-amz-target", format!("{}.{operation}", self.target)),
            ],
            body: input.to_string().into_bytes(),
        };
        let answer = session
            .call_directly(self.service, operation, request)
            .await?;
        // Some operations answer nothing at all.
        Ok(serde_json::from_slice(&answer.body).unwrap_or_default())
    }
}

impl QueryService {
    /// Calls an operation and gives its answer, which is XML.
    pub(super) async fn call(
        &self,
        session: &Session,
        operation: &'static str,
        parameters: &[(&str, &str)],
    ) -> Result<String, CallError> {
        let mut body = format!("Action={operation}&Version={}", self.version);
        for (name, value) in parameters {
            body.push_str(&format!("&{}={}", encoded(name), encoded(value)));
        }
        let request = DirectRequest {
            method: "POST",
            uri: "/".to_owned(),
            headers: vec![(
                "content-type",
                "application/x-www-form-urlencoded; charset=utf-8".to_owned(),
            )],
            body: body.into_bytes(),
        };
        let answer = session
            .call_directly(self.service, operation, request)
            .await?;
        Ok(String::from_utf8_lossy(&answer.body).into_owned())
    }
}

/// The texts of all elements of this name, in their order.
pub(super) fn texts(xml: &str, name: &str) -> Vec<String> {
    let Ok(document) = Document::parse(xml) else {
        return Vec::new();
    };
    document
        .descendants()
        .filter(|node| node.is_element() && node.tag_name().name() == name)
        .map(|node| node.text().unwrap_or_default().to_owned())
        .collect()
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

fn json_error(answer: &DirectAnswer) -> ErrorMetadata {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let code = answer
        .header("x-amzn-errortype")
        .or(text("__type"))
        .map(|code| code.split(':').next().unwrap_or(code))
        .map(|code| code.rsplit('#').next().unwrap_or(code));
    error(code, text("message").or(text("Message")))
}

fn xml_error(answer: &DirectAnswer) -> ErrorMetadata {
    let xml = String::from_utf8_lossy(&answer.body);
    let first = |name| texts(&xml, name).into_iter().next();
    error(first("Code").as_deref(), first("Message").as_deref())
}

fn error(code: Option<&str>, message: Option<&str>) -> ErrorMetadata {
    let mut error = ErrorMetadata::builder();
    if let Some(code) = code {
        error = error.code(code);
    }
    if let Some(message) = message {
        error = error.message(message);
    }
    error.build()
}

#[cfg(test)]
mod tests {
    use super::encoded;
    use super::texts;

    #[test]
    fn forms_are_encoded_and_answers_are_read() {
        assert_eq!(encoded("arn:aws:sns/a b"), "arn%3Aaws%3Asns%2Fa%20b");
        let xml = "<A xmlns='x'><B><C>1</C></B><B><C>2</C></B></A>";
        assert_eq!(texts(xml, "C"), ["1", "2"]);
        assert!(texts("not xml", "C").is_empty());
    }
}
