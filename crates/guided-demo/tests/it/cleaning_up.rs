//! What `guided-demo cleanup` removes: everything that a walk has made, in any service.

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

use crate::command_line::guided_demo;

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"codebuild.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

const POLICY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"logs:*","Resource":"*"}]}"#;

const DEMO: &str = r#"<!-- demo:format version=1 -->

# Many services

<!-- demo:step id=make minutes=1 -->

## Make things

<!-- demo:cleanup iam-role cleanup-role with="aws iam delete-role --role-name cleanup-role" -->

```console
$ aws iam create-role --role-name cleanup-role --assume-role-policy-document file://trust.json --query Role.RoleName
```

<!-- demo:cleanup iam-role-policy cleanup-role with="aws iam delete-role-policy --role-name cleanup-role --policy-name logs" -->

```console
$ aws iam put-role-policy --role-name cleanup-role --policy-name logs --policy-document file://policy.json
```

<!-- demo:cleanup sns-topic cleanup-topic with="aws sns delete-topic --topic-arn arn:aws:sns:us-east-1:000000000000:cleanup-topic" -->

```console
$ aws sns create-topic --name cleanup-topic --query length(TopicArn)
```

<!-- demo:cleanup events-rule cleanup-rule with="aws events delete-rule --name cleanup-rule" -->

```console
$ aws events put-rule --name cleanup-rule --event-pattern '{"source":["aws.codebuild"]}' --query length(RuleArn)
```

<!-- demo:cleanup ecr-repository cleanup-images with="aws ecr delete-repository --repository-name cleanup-images --force" -->

```console
$ aws ecr create-repository --repository-name cleanup-images --query repository.repositoryName
```

<!-- demo:cleanup codecommit-repository cleanup-source with="aws codecommit delete-repository --repository-name cleanup-source" -->

```console
$ aws codecommit create-repository --repository-name cleanup-source --query repositoryMetadata.repositoryName
```

<!-- demo:check title="This never holds." command="aws sns list-topics --query length(Topics) --output text" expect=none timeout=0 -->
"#;

#[test]
fn what_a_walk_made_in_many_services_is_removed_the_newest_first() {
    let folder = tempfile::tempdir().unwrap();
    let demo = folder.path().join("demo");
    std::fs::create_dir(&demo).unwrap();
    std::fs::write(demo.join("demo.md"), DEMO).unwrap();
    std::fs::write(demo.join("trust.json"), TRUST).unwrap();
    std::fs::write(demo.join("policy.json"), POLICY).unwrap();
    let state = folder.path().join("state");
    // The last check fails, so that the walk ends in the middle and leaves everything.
    guided_demo(&state)
        .arg("run")
        .arg(&demo)
        .args(["--mode", "auto", "--target", "local"])
        .assert()
        .code(3);
    // What somebody else has removed is not missed.
    guided_demo(&state)
        .args(["aws", "ecr", "delete-repository"])
        .args(["--repository-name", "cleanup-images"])
        .assert()
        .success();
    guided_demo(&state)
        .args(["cleanup", "--yes"])
        .assert()
        .success()
        .stdout(
            contains("removed codecommit-repository cleanup-source")
                .and(contains("removed ecr-repository cleanup-images"))
                .and(contains("removed events-rule cleanup-rule"))
                .and(contains("removed sns-topic cleanup-topic"))
                .and(contains("removed iam-role cleanup-role")),
        );
    for words in [
        &["iam", "list-roles", "--query", "length(Roles)"][..],
        &["events", "list-rules", "--query", "length(Rules)"],
        &[
            "codecommit",
            "list-repositories",
            "--query",
            "length(repositories)",
        ],
    ] {
        guided_demo(&state)
            .arg("aws")
            .args(words)
            .assert()
            .success()
            .stdout("0\n");
    }
}
