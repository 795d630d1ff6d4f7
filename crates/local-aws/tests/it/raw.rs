//! Requests byte by byte: for what no SDK would send.

use std::time::Duration;
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::PayloadChecksumKind;
use aws_sigv4::http_request::PercentEncodingMode;
use aws_sigv4::http_request::SignableBody;
use aws_sigv4::http_request::SignableRequest;
use aws_sigv4::http_request::SignatureLocation;
use aws_sigv4::http_request::SigningSettings;
use aws_sigv4::http_request::UriPathNormalizationMode;
use aws_sigv4::http_request::sign;
use aws_sigv4::sign::v4;
use local_aws::Access;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// A reply, taken apart.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
    /// The body as it came.
    pub(crate) bytes: Vec<u8>,
}

impl Reply {
    /// `__type` of an error of a JSON service.
    pub(crate) fn error_type(&self) -> String {
        let body: serde_json::Value = serde_json::from_str(&self.body).unwrap_or_default();
        body["__type"].as_str().unwrap_or_default().to_owned()
    }

    /// The text of an XML element.
    pub(crate) fn element(&self, name: &str) -> &str {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        let found = self.body.split_once(&open);
        found
            .and_then(|(_, rest)| rest.split_once(&close))
            .map_or("", |(text, _)| text)
    }

    /// A header's value, in lower case.
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .find(|(header, _)| *header == name)
            .map_or("", |(_, value)| value)
    }

    pub(crate) fn message(&self) -> String {
        let body: serde_json::Value = serde_json::from_str(&self.body).unwrap_or_default();
        body["message"].as_str().unwrap_or_default().to_owned()
    }
}

/// A request that can be bent before it is sent.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn new(access: &Access, target: &str, body: &str) -> Self {
        Self {
            method: "POST",
            path: "/".to_owned(),
            headers: vec![
                ("host".to_owned(), authority(access).to_owned()),
                (
                    "content-type".to_owned(),
                    "application/x-amz-json-1.1".to_owned(),
                ),
                ("x-amz-target".to_owned(), target.to_owned()),
            ],
            body: body.as_bytes().to_vec(),
        }
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.remove(name);
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.headers.retain(|(header, _)| header != name);
    }

    pub(crate) fn get(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(header, _)| header == name);
        found.map_or("", |(_, value)| value)
    }

    /// Signs with the SDK's own signer.
    pub(crate) fn sign(&mut self, keys: &Credentials, region: &str, service: &str, at: SystemTime) {
        let identity = keys.clone().into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name(service)
            .time(at)
            .settings(settings(service))
            .build()
            .unwrap()
            .into();
        let url = format!("http://{}{}", self.get("host"), self.path);
        let headers = self.headers.clone();
        let request = SignableRequest::new(
            self.method,
            &url,
            headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
            SignableBody::Bytes(&self.body),
        )
        .unwrap();
        let (instructions, _) = sign(request, &parameters).unwrap().into_parts();
        let (headers, _) = instructions.into_parts();
        for header in headers {
            self.set(header.name(), header.value());
        }
    }

    pub(crate) async fn send(&self, access: &Access) -> Reply {
        let mut text = format!("{} {} HTTP/1.1\r\n", self.method, self.path);
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str(&format!(
            "content-length: {}\r\nconnection: close\r\n\r\n",
            self.body.len()
        ));
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(&self.body);
        exchange(access, &bytes).await
    }
}

/// Host and port of the endpoint.
pub(crate) fn authority(access: &Access) -> &str {
    access.endpoint.strip_prefix("http://").unwrap()
}

pub(crate) fn keys(access: &Access) -> Credentials {
    let keys = &access.credentials;
    Credentials::new(
        &keys.access_key_id,
        &keys.secret_access_key,
        None,
        None,
        "test",
    )
}

/// A request that the server must accept.
pub(crate) fn signed(access: &Access, target: &str, body: &str) -> Request {
    let mut request = Request::new(access, target, body);
    let service = signing_name(target);
    request.sign(&keys(access), &access.region, service, SystemTime::now());
    request
}

/// The name that requests with this target are signed for.
pub(crate) fn signing_name(target: &str) -> &'static str {
    match target.split_once('.').unwrap_or_default().0 {
        "AWSEvents" => "events",
        "Logs_20140328" => "logs",
        "AmazonSSM" => "ssm",
        "secretsmanager" => "secretsmanager",
        "AmazonEC2ContainerRegistry_V20150921" => "ecr",
        "CodeCommit_20150413" => "codecommit",
        _ => "codebuild",
    }
}

/// Signs and sends a request to a query service.
pub(crate) async fn form(
    access: &Access,
    keys: &Credentials,
    service: &str,
    parameters: &[(&str, &str)],
) -> Reply {
    let mut request = unsigned_form(access, service, parameters);
    request.sign(keys, &access.region, service, SystemTime::now());
    request.send(access).await
}

/// A request to a query service, with the version of its API unless there is one.
pub(crate) fn unsigned_form(
    access: &Access,
    service: &str,
    parameters: &[(&str, &str)],
) -> Request {
    let version = match service {
        "cloudformation" => "2010-05-15",
        "iam" => "2010-05-08",
        "sns" => "2010-03-31",
        _ => "2011-06-15",
    };
    let mut body = form_urlencoded::Serializer::new(String::new());
    if parameters.iter().all(|(name, _)| *name != "Version") {
        body.append_pair("Version", version);
    }
    let body = body.extend_pairs(parameters).finish();
    let mut request = Request::new(access, "", &body);
    request.remove("x-amz-target");
    request.set("content-type", "application/x-www-form-urlencoded");
    request
}

/// The path of a URL for an object that is signed in its query string.
pub(crate) fn presigned(access: &Access, keys: &Credentials, path: &str) -> String {
    let identity = keys.clone().into();
    let mut settings = settings("s3");
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(Duration::from_secs(600));
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(&access.region)
        .name("s3")
        .time(SystemTime::now())
        .settings(settings)
        .build()
        .unwrap()
        .into();
    let url = format!("{}{path}", access.endpoint);
    let body = SignableBody::UnsignedPayload;
    let request = SignableRequest::new("GET", &url, std::iter::empty(), body).unwrap();
    let (instructions, _) = sign(request, &parameters).unwrap().into_parts();
    let mut request = http::Request::get(&url).body(()).unwrap();
    instructions.apply_to_request_http1x(&mut request);
    let signed = request.uri().path_and_query().unwrap();
    signed.as_str().to_owned()
}

/// S3 signs the path as it is and says what the body's hash is.
fn settings(service: &str) -> SigningSettings {
    let mut settings = SigningSettings::default();
    if service == "s3" {
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    }
    settings
}

/// A request to S3 that is not signed yet.
pub(crate) fn s3(
    access: &Access,
    method: &'static str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Request {
    let mut all = vec![("host".to_owned(), authority(access).to_owned())];
    all.extend(
        headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    );
    Request {
        method,
        path: path.to_owned(),
        headers: all,
        body: body.to_vec(),
    }
}

/// Signs and sends a request to S3.
pub(crate) async fn call_s3(
    access: &Access,
    method: &'static str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Reply {
    let mut request = s3(access, method, path, headers, body);
    request.sign(&keys(access), &access.region, "s3", SystemTime::now());
    request.send(access).await
}

/// Sends a request to a JSON service that must succeed, and reads the answer.
pub(crate) async fn call_json(
    access: &Access,
    target: &str,
    input: serde_json::Value,
) -> serde_json::Value {
    let reply = signed(access, target, &input.to_string())
        .send(access)
        .await;
    assert_eq!(reply.status, 200, "{target} {input}: {reply:?}");
    serde_json::from_str(&reply.body).unwrap()
}

/// Sends a request to a JSON service that must be refused; error type and message.
pub(crate) async fn refusal(
    access: &Access,
    target: &str,
    input: serde_json::Value,
) -> (String, String) {
    let reply = signed(access, target, &input.to_string())
        .send(access)
        .await;
    assert_eq!(reply.status, 400, "{target} {input}: {reply:?}");
    (reply.error_type(), reply.message())
}

/// Sends bytes and reads the reply until the connection is closed.
pub(crate) async fn exchange(access: &Access, bytes: &[u8]) -> Reply {
    let mut connection = TcpStream::connect(authority(access)).await.unwrap();
    // A server that has seen enough may close before everything is sent.
    let _ = connection.write_all(bytes).await;
    let mut reply = Vec::new();
    let read = connection.read_to_end(&mut reply);
    let _ = tokio::time::timeout(Duration::from_secs(20), read)
        .await
        .unwrap();
    let head_length = reply.windows(4).position(|end| end == b"\r\n\r\n");
    let bytes = reply[head_length.map_or(reply.len(), |length| length + 4)..].to_vec();
    let reply = String::from_utf8_lossy(&reply).into_owned();
    let (head, body) = reply.split_once("\r\n\r\n").unwrap_or((&reply, ""));
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    Reply {
        status: status.unwrap_or(0),
        head: head.to_lowercase(),
        body: body.to_owned(),
        bytes,
    }
}
