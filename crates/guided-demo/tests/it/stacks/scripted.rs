//! A CloudFormation whose first creation of a project fails, as on AWS when IAM does not know a new
//! role everywhere yet. It speaks the query protocol over plain sockets.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;

const FAILURE: &str = "CodeBuild is not authorized to perform: sts:AssumeRole on \
                       arn:aws:iam::123456789012:role/role (Service: AWSCodeBuild; Status Code: 400; \
                       Error Code: InvalidInputException; Request ID: 1; Proxy: null)";

/// The server; it lives as long as the test.
pub(super) struct Scripted {
    pub(super) endpoint: String,
    cloud: Arc<Mutex<Cloud>>,
}

#[derive(Default)]
struct Cloud {
    /// How many creations still fail.
    failures: u32,
    /// The stack's number and status.
    stack: Option<(u32, &'static str)>,
    made: u32,
    events: Vec<(String, &'static str, &'static str, &'static str)>,
    asked: Vec<String>,
}

impl Scripted {
    /// A server on which so many creations fail.
    pub(super) fn start(failures: u32) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let cloud = Arc::new(Mutex::new(Cloud {
            failures,
            ..Cloud::default()
        }));
        let served = Arc::clone(&cloud);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let cloud = Arc::clone(&served);
                std::thread::spawn(move || serve(stream, &cloud));
            }
        });
        Self { endpoint, cloud }
    }

    /// How often an operation was called.
    pub(super) fn count(&self, operation: &str) -> usize {
        let cloud = self.cloud.lock().unwrap();
        cloud
            .asked
            .iter()
            .filter(|asked| *asked == operation)
            .count()
    }
}

fn serve(stream: TcpStream, cloud: &Mutex<Cloud>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            if line.trim().is_empty() {
                break;
            }
            let header = line.to_lowercase();
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let body = String::from_utf8(body).unwrap();
        let form: BTreeMap<&str, &str> = body
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .collect();
        let operation = form.get("Action").copied().unwrap_or_default();
        let (status, result) = cloud.lock().unwrap().answer(operation);
        let xml = match status {
            200 => format!(
                "<{operation}Response><{operation}Result>{result}</{operation}Result></{operation}Response>"
            ),
            _ => result,
        };
        let head = format!(
            "HTTP/1.1 {status} OK\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n",
            xml.len()
        );
        if stream.write_all((head + &xml).as_bytes()).is_err() {
            return;
        }
    }
}

impl Cloud {
    fn id(&self) -> String {
        let number = self.stack.map_or(0, |(number, _)| number);
        format!("arn:aws:cloudformation:eu-central-1:123456789012:stack/demo/{number}")
    }

    fn happens(&mut self, id: &'static str, status: &'static str, reason: &'static str) {
        let stack = self.id();
        self.events.push((stack, id, status, reason));
    }

    fn answer(&mut self, operation: &str) -> (u16, String) {
        self.asked.push(operation.to_owned());
        let id = self.id();
        let result = match operation {
            "GetCallerIdentity" => "<Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/me</Arn>".to_owned(),
            "GetTemplateSummary" => "<Capabilities><member>CAPABILITY_IAM</member></Capabilities>\
                <CapabilitiesReason>The following resource(s) require capabilities: [AWS::IAM::Role]</CapabilitiesReason>".to_owned(),
            "DescribeStacks" => match self.stack {
                None => return missing(),
                Some((_, status)) => format!(
                    "<Stacks><member><StackId>{id}</StackId><StackName>demo</StackName>\
                     <StackStatus>{status}</StackStatus></member></Stacks>"
                ),
            },
            "CreateChangeSet" => {
                self.made += 1;
                self.stack = Some((self.made, "REVIEW_IN_PROGRESS"));
                let id = self.id();
                self.happens("demo", "REVIEW_IN_PROGRESS", "User Initiated");
                format!("<Id>change-set</Id><StackId>{id}</StackId>")
            }
            "DescribeChangeSet" => "<Status>CREATE_COMPLETE</Status><Changes><member><Type>Resource</Type>\
                <ResourceChange><Action>Add</Action><LogicalResourceId>Project</LogicalResourceId>\
                <ResourceType>AWS::CodeBuild::Project</ResourceType></ResourceChange></member></Changes>".to_owned(),
            "ExecuteChangeSet" => {
                self.happens("demo", "CREATE_IN_PROGRESS", "User Initiated");
                self.happens("Project", "CREATE_IN_PROGRESS", "");
                let fails = self.failures > 0;
                self.failures = self.failures.saturating_sub(1);
                let end = if fails {
                    self.happens("Project", "CREATE_FAILED", FAILURE);
                    self.happens("demo", "ROLLBACK_IN_PROGRESS", "The following resource(s) failed to create: [Project]. ");
                    "ROLLBACK_COMPLETE"
                } else {
                    self.happens("Project", "CREATE_COMPLETE", "");
                    "CREATE_COMPLETE"
                };
                self.happens("demo", end, "");
                self.stack = self.stack.map(|(number, _)| (number, end));
                String::new()
            }
            "DeleteStack" => {
                self.happens("demo", "DELETE_IN_PROGRESS", "User Initiated");
                self.happens("demo", "DELETE_COMPLETE", "");
                self.stack = self.stack.map(|(number, _)| (number, "DELETE_COMPLETE"));
                String::new()
            }
            "DescribeStackEvents" => {
                let events = self.events.iter().enumerate().rev();
                let ours = events.filter(|(_, (stack, ..))| *stack == id);
                let members: String = ours.map(|(at, event)| member(at, event)).collect();
                format!("<StackEvents>{members}</StackEvents>")
            }
            "DeleteChangeSet" => String::new(),
            other => return (400, refusal("InvalidAction", other)),
        };
        (200, result)
    }
}

fn member(at: usize, event: &(String, &'static str, &'static str, &'static str)) -> String {
    let (stack, id, status, reason) = event;
    let (kind, physical_id) = match *id {
        "demo" => ("AWS::CloudFormation::Stack", stack.as_str()),
        _ => ("AWS::CodeBuild::Project", ""),
    };
    format!(
        "<member><EventId>{at}</EventId><StackId>{stack}</StackId><LogicalResourceId>{id}</LogicalResourceId>\
         <PhysicalResourceId>{physical_id}</PhysicalResourceId><ResourceType>{kind}</ResourceType>\
         <Timestamp>2026-01-01T00:00:{at:02}Z</Timestamp><ResourceStatus>{status}</ResourceStatus>\
         <ResourceStatusReason>{reason}</ResourceStatusReason></member>"
    )
}

fn missing() -> (u16, String) {
    (
        400,
        refusal("ValidationError", "Stack with id demo does not exist"),
    )
}

fn refusal(code: &str, message: &str) -> String {
    format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
    )
}
