//! The demo's template with nothing but AWS CLI 2.

use std::path::Path;
use std::process::Output;

use super::inventory::all_there_is;
use super::stderr;
use crate::foreign_clients::aws_cli;
use crate::serving::Serving;
use crate::serving::has_docker;

/// AWS CLI 2 and a server for it.
pub(super) struct Cli<'a> {
    pub(super) program: &'a Path,
    pub(super) serving: &'a Serving,
}

impl Cli<'_> {
    /// Runs a line.
    pub(super) fn run(&self, line: &str) -> Output {
        self.serving
            .client(self.program.to_str().unwrap())
            // Versions before 2.13 do not read the variable with the endpoint.
            .args(["--endpoint-url", self.serving.endpoint()])
            .args(shlex::split(line).unwrap())
            .output()
            .unwrap()
    }

    /// Runs a line, which must succeed; what it prints.
    pub(super) fn said(&self, line: &str) -> String {
        let output = self.run(line);
        assert!(output.status.success(), "{line}: {}", stderr(&output));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

/// AWS CLI 2, which there must be on CI.
pub(super) fn aws_cli_2() -> Option<std::path::PathBuf> {
    let program = aws_cli(2);
    assert!(
        program.is_some() || std::env::var_os("CI").is_none(),
        "CI must have AWS CLI 2"
    );
    program
}

#[tokio::test(flavor = "multi_thread")]
async fn the_aws_cli_alone_deploys_builds_and_deletes() {
    let Some(program) = aws_cli_2().filter(|_| has_docker()) else {
        return;
    };
    let state = tempfile::tempdir().unwrap();
    let serving = Serving::start(state.path(), &[]);
    let cli = Cli {
        program: &program,
        serving: &serving,
    };
    let template = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../demos/docker-in-docker/template.yaml")
        .display()
        .to_string();
    let deploy = format!("cloudformation deploy --stack-name demo --template-file {template}");
    let refused = cli.run(&deploy);
    assert!(
        stderr(&refused).contains("InsufficientCapabilitiesException")
            && stderr(&refused).contains("[CAPABILITY_IAM]"),
        "{refused:?}"
    );
    let deployed = cli.said(&format!("{deploy} --capabilities CAPABILITY_IAM"));
    assert!(
        deployed.contains("Successfully created/updated stack - demo"),
        "{deployed}"
    );
    let output = |key: &str| {
        cli.said(&format!(
            "cloudformation describe-stacks --stack-name demo --output text \
             --query 'Stacks[0].Outputs[?OutputKey==`{key}`].OutputValue'"
        ))
    };

    let start = output("StartBuild");
    let start = start.strip_prefix("aws ").unwrap();
    let id = cli.said(&format!("{start} --query build.id --output text"));
    let end = loop {
        let status = format!(
            "codebuild batch-get-builds --ids {id} --query builds[0].buildStatus --output text"
        );
        let status = cli.said(&status);
        if status != "IN_PROGRESS" {
            break status;
        }
    };
    assert_eq!(end, "SUCCEEDED");

    let full = cli.said(
        "cloudformation describe-stack-resource --stack-name demo --logical-resource-id Bucket \
         --query StackResourceDetail.PhysicalResourceId --output text",
    );
    let emptied = cli.said(&format!("s3 rm s3://{full} --recursive"));
    assert!(emptied.contains("/codebuild/builds/"), "{emptied}");
    cli.said("cloudformation delete-stack --stack-name demo");
    cli.said("cloudformation wait stack-delete-complete --stack-name demo");
    let session = serving.session().await;
    assert_eq!(all_there_is(&session).await, [] as [&str; 0]);
}
