use build_engine::BuildStatus;

use crate::support;

const HELLO: &str = "
version: 0.2
env:
  variables:
    GREETING: hello
phases:
  build:
    commands:
      - echo $GREETING from $PWD
";

#[tokio::test(flavor = "multi_thread")]
async fn a_build_succeeds() {
    let Some(engine) = support::engine().await else {
        return;
    };
    let told = support::run(&engine, support::request(HELLO)).await;
    println!("{told:#?}");
    assert_eq!(told.status, Some(BuildStatus::Succeeded));
}
