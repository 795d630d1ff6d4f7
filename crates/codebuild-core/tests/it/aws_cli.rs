//! The real AWS CLI as the measure: the same line must send the same request and print the same.

use std::process::Stdio;

use serde_json::Value;
use serde_json::json;
use tempfile::TempDir;
use tokio::io::AsyncBufReadExt;
use tokio::io::AsyncWriteExt;
use tokio::io::BufReader;
use tokio::io::Lines;
use tokio::process::Child;
use tokio::process::ChildStdin;
use tokio::process::ChildStdout;
use tokio::process::Command;

use crate::canned_aws::CannedAws;
use crate::canned_aws::run;
use crate::canned_aws::words;

/// Lines whose requests are compared.
const LINES: [&str; 81] = [
    "codebuild list-projects",
    "codebuild list-projects --sort-by NAME --sort-order=DESCENDING",
    "codebuild batch-get-projects --names a b c",
    "codebuild batch-get-projects --name a",
    "codebuild batch-get-projects --names '[\"a\",\"b\"]'",
    "codebuild batch-get-builds --ids demo:1 demo:2 --region eu-west-1",
    "codebuild start-build --project-name demo",
    "codebuild start-build --project-name demo --privileged-mode-override --image-override docker:dind",
    "codebuild start-build --project-name demo --no-privileged-mode-override --timeout-in-minutes-override 20",
    "codebuild start-build --project-name demo --environment-variables-override name=A,value=B,type=PLAINTEXT name=C,value=D",
    "codebuild start-build --project-name demo --environment-variables-override 'name=A,value=\"x,y=z\"'",
    "codebuild start-build --project-name demo --environment-variables-override '[{\"name\":\"A\",\"value\":\"B\"}]'",
    "codebuild start-build --project-name demo --environment-variables-override '{\"name\":\"A\",\"value\":\"B\"}' '{\"name\":\"C\",\"value\":\"D\"}'",
    "codebuild start-build --project-name demo --environment-variables-override 'name=A,value=it is a test'",
    "codebuild start-build --project-name demo --git-clone-depth-override 1 --source-version main --idempotency-token once",
    "codebuild start-build --project-name demo --logs-config-override 'cloudWatchLogs={status=ENABLED,groupName=g,streamName=s},s3Logs={status=DISABLED}'",
    "codebuild start-build --project-name demo --cache-override type=LOCAL,modes=LOCAL_DOCKER_LAYER_CACHE,LOCAL_SOURCE_CACHE",
    "codebuild start-build --project-name demo --cache-override 'type=LOCAL,modes=[LOCAL_SOURCE_CACHE]'",
    "codebuild start-build --cli-input-json '{\"projectName\":\"demo\",\"sourceVersion\":\"main\"}' --source-version dev",
    "codebuild create-project --name demo --source type=GITHUB,location=https://github.com/a/b.git,gitCloneDepth=1,reportBuildStatus=true --artifacts type=NO_ARTIFACTS --environment type=LINUX_CONTAINER,image=docker:dind,computeType=BUILD_GENERAL1_SMALL,privilegedMode=true,imagePullCredentialsType=SERVICE_ROLE --service-role arn:aws:iam::123456789012:role/r --badge-enabled --tags key=Function,value=cert-devops key=Project,value=demo",
    "codebuild create-project --name demo --source 'type=NO_SOURCE,buildspec=\"version: 0.2\"' --artifacts type=NO_ARTIFACTS --environment '{\"type\":\"LINUX_CONTAINER\",\"image\":\"docker:dind\",\"computeType\":\"BOGUS\",\"environmentVariables\":[{\"name\":\"A\",\"value\":\"\"}]}' --service-role r --timeout-in-minutes 99999",
    "codebuild update-project --name demo --environment type=LINUX_CONTAINER,image=i,computeType=c,environmentVariables=[{name=A,value=B}]",
    "codebuild update-project --name demo --vpc-config vpcId=v,subnets=a,b,securityGroupIds=[c]",
    "codebuild update-project --name demo --no-badge-enabled --queued-timeout-in-minutes=120",
    "codebuild delete-project --name demo",
    "codebuild stop-build --id demo:1",
    "codebuild retry-build --id demo:1",
    "codebuild list-builds-for-project --project-name demo",
    "codebuild create-fleet --name ff --base-capacity 1 --environment-type LINUX_CONTAINER --compute-type ATTRIBUTE_BASED_COMPUTE --compute-configuration vCpu=2,memory=4 --scaling-configuration 'scalingType=TARGET_TRACKING_SCALING,maxCapacity=3,targetTrackingScalingConfigs=[{metricType=FLEET_UTILIZATION_RATE,targetValue=97.5}]'",
    "codebuild list-fleets --max-results 5 --sort-by NAME",
    "codebuild list-shared-projects --page-size 7",
    "codebuild put-resource-policy --resource-arn arn --policy '{\"Version\":\"2012-10-17\"}'",
    "codebuild import-source-credentials --token t --server-type GITHUB --auth-type PERSONAL_ACCESS_TOKEN --no-should-overwrite",
    "codebuild create-webhook --project-name demo --filter-groups '[[{\"type\":\"EVENT\",\"pattern\":\"PUSH\"}]]'",
    "codebuild start-build-batch --project-name demo --build-batch-config-override 'restrictions={maximumBuildsAllowed=3},combineArtifacts=true'",
    "codebuild describe-test-cases --report-arn arn --filter status=FAILED,keyword=x",
    "codebuild list-curated-environment-images",
    "logs create-log-group --log-group-name g --tags a=1,b=2",
    "logs put-log-events --log-group-name g --log-stream-name s --log-events timestamp=1700000000000,message=hello timestamp=1700000000001,message='hello there'",
    "logs put-retention-policy --log-group-name g --retention-in-days 7",
    "logs untag-resource --resource-arn arn --tag-keys a b",
    "logs get-log-events --log-group-name g --log-stream-name s --start-from-head --limit 5 --start-time 1700000000000",
    "logs filter-log-events --log-group-name g --log-stream-names a b --filter-pattern ERROR",
    "cloudformation create-stack --stack-name s --template-body '{\"Resources\":{}}' --parameters ParameterKey=A,ParameterValue=B ParameterKey=C,UsePreviousValue=true --capabilities CAPABILITY_NAMED_IAM CAPABILITY_AUTO_EXPAND --tags Key=Function,Value=x --on-failure DELETE",
    "cloudformation create-stack --stack-name s --template-url https://b/t.yaml --disable-rollback --notification-arns a b --role-arn arn:aws:iam::123456789012:role/r --timeout-in-minutes 5",
    "cloudformation update-stack --stack-name s --use-previous-template --parameters '[{\"ParameterKey\":\"A\",\"ParameterValue\":\"B & = +\"}]' --no-disable-rollback",
    "cloudformation create-change-set --stack-name s --change-set-name c --change-set-type CREATE --template-body x --include-nested-stacks",
    "cloudformation describe-stacks",
    "cloudformation describe-stacks --stack-name s --max-items 3",
    "cloudformation describe-stack-resources --stack-name s --logical-resource-id R",
    "cloudformation list-stacks --stack-status-filter CREATE_COMPLETE DELETE_COMPLETE",
    "cloudformation delete-stack --stack-name s --retain-resources A B",
    "cloudformation validate-template --template-body x",
    "cloudformation get-template-summary --stack-name s",
    "iam create-role --role-name r --assume-role-policy-document '{\"Version\":\"2012-10-17\"}' --tags Key=a,Value=1 Key=b,Value= --max-session-duration 3600",
    "iam list-roles --path-prefix /x/ --page-size 5",
    "iam list-roles --max-items 2",
    "iam put-role-policy --role-name r --policy-name p --policy-document '{}'",
    "iam attach-role-policy --role-name r --policy-arn arn:aws:iam::aws:policy/ReadOnlyAccess",
    "iam create-policy-version --policy-arn arn:aws:iam::123456789012:policy/p --policy-document {} --set-as-default",
    "iam simulate-principal-policy --policy-source-arn arn:aws:iam::123456789012:role/r --action-names a:b c:d --context-entries ContextKeyName=aws:k,ContextKeyValues=v,w,ContextKeyType=string",
    "sns create-topic --name t --attributes DisplayName=x,FifoTopic=false --tags Key=a,Value=b",
    "sns subscribe --topic-arn arn:aws:sns:eu-central-1:123456789012:t --protocol email --notification-endpoint a@example.com --return-subscription-arn",
    "sns publish --topic-arn arn:aws:sns:eu-central-1:123456789012:t --message 'hello there' --message-attributes '{\"a\":{\"DataType\":\"String\",\"StringValue\":\"x\"}}'",
    "sns set-topic-attributes --topic-arn arn:aws:sns:eu-central-1:123456789012:t --attribute-name Policy --attribute-value {}",
    "sns list-subscriptions-by-topic --topic-arn arn:aws:sns:eu-central-1:123456789012:t",
    "sns untag-resource --resource-arn arn:aws:sns:eu-central-1:123456789012:t --tag-keys a b",
    "sts assume-role --role-arn arn:aws:iam::123456789012:role/r --role-session-name me --duration-seconds 900",
    "sts get-caller-identity",
    "ecr create-repository --repository-name demo/app --image-tag-mutability IMMUTABLE --image-scanning-configuration scanOnPush=true --tags Key=a,Value=b",
    "ecr batch-delete-image --repository-name demo --image-ids imageTag=a imageDigest=sha256:0000000000000000000000000000000000000000000000000000000000000000",
    "ecr describe-images --repository-name demo --filter tagStatus=TAGGED",
    "ecr delete-repository --repository-name demo --force",
    "events put-rule --name r --event-pattern '{\"source\":[\"aws.codebuild\"]}' --state ENABLED",
    "events put-targets --rule r --targets Id=1,Arn=arn:aws:sns:eu-central-1:123456789012:t,InputTransformer={InputPathsMap={a=$.x},InputTemplate=text}",
    "events put-events --entries Source=a,DetailType=b,Detail=x,Time=2026-01-02T03:04:05Z",
    "codecommit create-repository --repository-name r --repository-description 'a b' --tags a=1,b=2",
    "codecommit put-file --repository-name r --branch-name main --file-path a --file-content fileb://Cargo.toml --commit-message m",
    "codestar-notifications create-notification-rule --name n --event-type-ids codebuild-project-build-state-failed --resource arn:aws:codebuild:eu-central-1:123456789012:project/p --targets TargetType=SNS,TargetAddress=arn:aws:sns:eu-central-1:123456789012:t --detail-type FULL --client-request-token once",
    "codestar-notifications untag-resource --arn arn:aws:codestar-notifications:eu-central-1:123456789012:notificationrule/n --tag-keys 'a b' c",
    "ec2 describe-regions --region-names eu-central-1 us-east-1 --filters Name=opt-in-status,Values=opted-in,x --no-all-regions",
];

/// Lines whose output is compared, against the answers of [`answer`].
const OUTPUTS: [&str; 45] = [
    "codebuild list-projects",
    "codebuild list-projects --output text",
    "codebuild list-projects --output table",
    "codebuild list-projects --query projects[0]",
    "codebuild list-projects --max-items 1",
    "codebuild list-projects --query projects[0] --output text",
    "codebuild batch-get-projects --names demo",
    "codebuild batch-get-projects --names demo --output text",
    "codebuild batch-get-projects --names demo --output table",
    "codebuild batch-get-projects --names demo --query projects[0]",
    "codebuild batch-get-projects --names demo --query projects[].environment.privilegedMode --output text",
    "codebuild batch-get-projects --names demo --query 'projects[].{Name:name,Image:environment.image,Created:created}'",
    "codebuild batch-get-projects --names demo --query 'projects[].{Name:name,Image:environment.image}' --output table",
    "codebuild batch-get-projects --names demo --query 'projects[].[name,description]' --output text",
    "codebuild batch-get-projects --names demo --query 'projects[].[name,description]' --output table",
    "codebuild batch-get-projects --names demo --query missing",
    "codebuild batch-get-projects --names demo --query missing --output text",
    "codebuild batch-get-projects --names demo --query missing --output table",
    "codebuild batch-get-projects --names demo --query projects[0].name --output table",
    "codebuild batch-get-projects --names demo --query projects[0].environment --output table",
    "codebuild batch-get-projects --names demo --query 'projects[].{Name:name,Tags:tags}' --output table",
    "codebuild delete-project --name demo",
    "codebuild delete-project --name demo --output table",
    "iam list-roles",
    "iam list-roles --output text",
    "iam list-roles --output table",
    "iam list-roles --max-items 1",
    "iam list-roles --no-paginate",
    "iam list-roles --query Roles[].RoleName --output text",
    "iam get-role --role-name r --query Role.AssumeRolePolicyDocument",
    "iam delete-role --role-name r",
    "cloudformation describe-stacks",
    "cloudformation describe-stacks --output text",
    "cloudformation describe-stacks --query Stacks[0].Outputs --output table",
    "cloudformation describe-change-set --change-set-name c --stack-name s --query '{A:Changes,B:ChangeSetName,C:StackId}'",
    "cloudformation describe-change-set --change-set-name c --stack-name s --query '{A:Changes,B:ChangeSetName,C:StackId}' --output text",
    "cloudformation get-template --stack-name s",
    "cloudformation get-template --stack-name yaml",
    "cloudformation wait stack-exists --stack-name s",
    "sns get-topic-attributes --topic-arn arn:aws:sns:eu-central-1:123456789012:t",
    "sns create-topic --name t --output table",
    "sts assume-role --role-arn arn:aws:iam::123456789012:role/r --role-session-name me",
    "ec2 describe-regions",
    "ecr get-login-password",
    "events list-rules --output text",
];

fn answer(operation: &str, input: &Value, _before: usize) -> (u16, Value) {
    let body = match operation {
        "ListProjects" => match input.get("nextToken") {
            None => json!({"nextToken": "2", "projects": ["b", "a"]}),
            Some(_) => json!({"projects": ["日本"]}),
        },
        "BatchGetProjects" => json!({
            "projectsNotFound": [],
            "projects": [{
                "arn": "arn:aws:codebuild:eu-central-1:123456789012:project/demo",
                "name": "demo",
                "created": 1_760_000_000.123,
                "lastModified": 1_760_000_000,
                "timeoutInMinutes": 20,
                "tags": [{"value": "demo", "key": "Project"}, {"value": "x", "key": "Function"}],
                "environment": {
                    "environmentVariables": [],
                    "image": "docker:dind",
                    "privilegedMode": true,
                    "type": "LINUX_CONTAINER",
                },
                "cache": {"type": "NO_CACHE"},
            }],
        }),
        "ListRules" => json!({"Rules": [{"Name": "r", "State": "ENABLED"}]}),
        "GetAuthorizationToken" => json!({"authorizationData": [
            {"authorizationToken": "QVdTOnBhc3N3b3Jk", "expiresAt": 1_760_000_000.5},
        ]}),
        _ => match xml(operation, input) {
            Some(xml) => xml.into(),
            None => json!({}),
        },
    };
    (200, body)
}

/// The answers of query services.
fn xml(operation: &str, input: &Value) -> Option<String> {
    const ROLE: &str = "<Path>/</Path><Arn>arn:aws:iam::123456789012:role/r</Arn>\
        <RoleName>r &amp; b</RoleName><CreateDate>2026-01-02T03:04:05Z</CreateDate>\
        <AssumeRolePolicyDocument>%7B%22Version%22%3A%222012-10-17%22%2C%22a+b%22%3A%5B%5D%7D\
        </AssumeRolePolicyDocument><MaxSessionDuration>3600</MaxSessionDuration><Tags/>";
    input.get("Action")?;
    let result = match operation {
        "ListRoles" if input.get("Marker").is_none() => format!(
            "<IsTruncated>true</IsTruncated><Marker>more</Marker><Roles><member>{ROLE}</member>\
             </Roles><Unknown/>"
        ),
        "ListRoles" => {
            format!("<Roles><member>{ROLE}</member></Roles><IsTruncated>false</IsTruncated>")
        }
        "GetRole" => format!("<Role>{ROLE}</Role>"),
        "DescribeStacks" => "<Stacks><member><StackName>s</StackName>\
            <CreationTime>2026-01-02T03:04:05.678Z</CreationTime><StackStatus>CREATE_COMPLETE\
            </StackStatus><DisableRollback>false</DisableRollback><Capabilities/><Outputs><member>\
            <OutputKey>Url</OutputKey><OutputValue>https://x/</OutputValue></member></Outputs>\
            </member></Stacks>"
            .to_owned(),
        "DescribeChangeSet" => "<StackName>s</StackName><Status>CREATE_COMPLETE</Status><Changes>\
            <member><Type>Resource</Type><ResourceChange><Action>Add</Action></ResourceChange>\
            </member></Changes><ChangeSetName>c</ChangeSetName>"
            .to_owned(),
        "GetTemplate" if input["StackName"] == "yaml" => {
            "<TemplateBody>Resources:\n  A: !Ref B\n</TemplateBody>".to_owned()
        }
        "GetTemplate" => "<TemplateBody>{\"Resources\": {\"B\": {}, \"A\": {}}}</TemplateBody>\
            <StagesAvailable><member>Original</member></StagesAvailable>"
            .to_owned(),
        "GetTopicAttributes" => "<Attributes><entry><key>TopicArn</key><value>arn</value></entry>\
            <entry><key>DisplayName</key><value/></entry></Attributes>"
            .to_owned(),
        "CreateTopic" => "<TopicArn>arn:t</TopicArn>".to_owned(),
        "AssumeRole" => "<Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>S\
            </SecretAccessKey><SessionToken>T</SessionToken><Expiration>2026-01-02T03:04:05Z\
            </Expiration></Credentials><PackedPolicySize>6</PackedPolicySize>"
            .to_owned(),
        "DescribeRegions" => {
            return Some(
                "<DescribeRegionsResponse><requestId>x</requestId><regionInfo><item><regionName>\
                 eu-central-1</regionName><regionEndpoint>e</regionEndpoint></item></regionInfo>\
                 </DescribeRegionsResponse>"
                    .to_owned(),
            );
        }
        _ => String::new(),
    };
    Some(format!(
        "<{operation}Response xmlns=\"http://x/\"><{operation}Result>{result}</{operation}Result>\
         <ResponseMetadata><RequestId>x</RequestId></ResponseMetadata></{operation}Response>"
    ))
}

/// The AWS CLI in a process of its own, which runs one line after the other.
struct RealCli {
    process: Child,
    stdin: ChildStdin,
    stdout: Lines<BufReader<ChildStdout>>,
    _home: TempDir,
}

impl RealCli {
    /// `None` if there is no AWS CLI; the test then passes, except in CI.
    async fn start(endpoint: &str) -> Option<Self> {
        let probe = Command::new("python3")
            .args(["-c", "import awscli"])
            .stderr(Stdio::null())
            .status()
            .await;
        if !probe.is_ok_and(|status| status.success()) {
            assert!(
                std::env::var("CI").as_deref() != Ok("true"),
                "CI needs the AWS CLI: pip install awscli"
            );
            eprintln!("skipped: there is no AWS CLI here (pip install awscli)");
            return None;
        }
        let home = home();
        let mut process = Command::new("python3")
            .args(["-c", include_str!("aws_cli.py")])
            .env("AWS_ENDPOINT_URL", endpoint)
            .env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", "very-secret")
            .env("AWS_DEFAULT_REGION", "eu-central-1")
            .env("AWS_CONFIG_FILE", home.path().join("config"))
            .env("AWS_SHARED_CREDENTIALS_FILE", home.path().join("none"))
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_PAGER", "")
            .env("TZ", "UTC")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Some(Self {
            stdin: process.stdin.take().unwrap(),
            stdout: BufReader::new(process.stdout.take().unwrap()).lines(),
            process,
            _home: home,
        })
    }

    /// What it prints; fails if it does.
    async fn run(&mut self, line: &str) -> String {
        let answer = self.answer(line).await;
        assert_eq!(answer["status"], 0, "{line}\n{}", answer["err"]);
        answer["out"].as_str().unwrap().to_owned()
    }

    /// The exit status and what it prints.
    async fn answer(&mut self, line: &str) -> Value {
        let words = json!(words(line)).to_string();
        self.stdin
            .write_all(format!("{words}\n").as_bytes())
            .await
            .unwrap();
        let Some(answer) = self.stdout.next_line().await.unwrap() else {
            panic!("the AWS CLI ended: {:?}", self.process.wait().await);
        };
        serde_json::from_str(&answer).unwrap()
    }
}

fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let config = "[default]\ncli_timestamp_format = iso8601\n";
    std::fs::write(home.path().join("config"), config).unwrap();
    home
}

#[tokio::test]
async fn the_same_line_sends_the_same_request() {
    let server = CannedAws::silent().await;
    let Some(mut cli) = RealCli::start(&server.url).await else {
        return;
    };
    let session = server.session().await;
    let mut different = Vec::new();
    for line in LINES {
        let answer = cli.answer(line).await;
        let theirs = server.take_asked();
        run(&session, line).await.unwrap();
        let ours = server.take_asked();
        if answer["status"] != 0 || ours != theirs {
            let said = &answer["err"];
            different.push(format!(
                "$ aws {line}\nours: {ours:?}\ntheirs: {theirs:?} {said}"
            ));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[tokio::test]
async fn the_same_line_prints_the_same() {
    let server = CannedAws::start(answer).await;
    let Some(mut cli) = RealCli::start(&server.url).await else {
        return;
    };
    let session = server.session().await;
    let mut different = Vec::new();
    for line in OUTPUTS {
        let theirs = cli.run(line).await;
        let ours = run(&session, line).await.unwrap().text;
        if ours != theirs {
            different.push(format!("$ aws {line}\nours:\n{ours}theirs:\n{theirs}"));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

/// Choices are empty here, where the AWS CLI takes one of them by chance; and its models may be
/// older or newer than the SDK's.
fn assert_same_sample(ours: &Value, theirs: &Value, path: &str) {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            let common = theirs.iter().filter(|(name, _)| ours.contains_key(*name));
            let mut count = 0;
            for (name, theirs) in common {
                assert_same_sample(&ours[name], theirs, &format!("{path}.{name}"));
                count += 1;
            }
            assert!(count > 0 || ours.is_empty(), "{path} has nothing in common");
        }
        (Value::Array(ours), Value::Array(theirs)) => {
            assert_eq!((ours.len(), theirs.len()), (1, 1), "{path}");
            assert_same_sample(&ours[0], &theirs[0], &format!("{path}[0]"));
        }
        (Value::String(_), Value::String(_)) => {}
        _ => assert_eq!(ours, theirs, "{path}"),
    }
}

#[tokio::test]
async fn every_operation_prints_samples_like_those_of_the_cli() {
    let server = CannedAws::silent().await;
    let Some(mut cli) = RealCli::start(&server.url).await else {
        return;
    };
    let model = service_models::CODEBUILD;
    let model: Value = serde_json::from_str(model).unwrap();
    let mut compared = 0;
    for operation in model["operations"].as_object().unwrap().keys() {
        let mut command = String::new();
        for character in operation.chars() {
            if character.is_uppercase() && !command.is_empty() {
                command.push('-');
            }
            command.extend(character.to_lowercase());
        }
        let line = format!("codebuild {command} --generate-cli-skeleton");
        let ours = crate::canned_aws::parse(&line).sample().unwrap().unwrap();
        let theirs = cli.answer(&line).await;
        // An AWS CLI that is older than the operation.
        if theirs["status"] != 0 {
            continue;
        }
        let theirs: Value = serde_json::from_str(theirs["out"].as_str().unwrap()).unwrap();
        let ours: Value = serde_json::from_str(&ours.text).unwrap();
        assert_same_sample(&ours, &theirs, operation);
        compared += 1;
    }
    assert!(compared > 40, "{compared}");
    let line = "codebuild batch-get-fleets --names a --generate-cli-skeleton output --query fleets[0].status";
    let ours = crate::canned_aws::parse(line).sample().unwrap().unwrap();
    assert_eq!(ours.text, cli.run(line).await);
    assert!(server.take_asked().is_empty());
}
