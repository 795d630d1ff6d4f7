//! Serves a local AWS until Ctrl-C and prints what a shell needs to use it.
//!
//! ```console
//! $ cargo run -p local-aws --example serve -- STATE_DIR [PORT] [--fake]
//! ```
//!
//! With `--fake`, builds only pass through their phases: for looking at the server alone.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

#[path = "../tests/it/fake_runner.rs"]
mod fake_runner;

use std::sync::Arc;
use std::time::Instant;

use local_aws::Config;
use local_aws::EngineChoice;
use local_aws::LocalAws;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut fake = false;
    let mut arguments = Vec::new();
    for argument in std::env::args().skip(1) {
        if argument == "--fake" {
            fake = true;
        } else {
            arguments.push(argument);
        }
    }
    let state_dir = arguments.first().ok_or("name a state directory")?;
    let port: u16 = arguments.get(1).map_or(Ok(0), |port| port.parse())?;
    let engine = if fake {
        EngineChoice::Runner(Arc::new(fake_runner::FakeRunner::default()))
    } else {
        EngineChoice::Connect(None)
    };
    let begin = Instant::now();
    let aws = LocalAws::start(Config {
        state_dir: state_dir.into(),
        listen: ([127, 0, 0, 1], port).into(),
        region: "eu-central-1".to_owned(),
        account_id: "123456789012".to_owned(),
        engine,
        checkouts: Vec::new(),
        check_answers: false,
    })
    .await?;
    let ready = begin.elapsed();
    let access = aws.access();
    println!("export AWS_ENDPOINT_URL={}", access.endpoint);
    println!("export AWS_REGION={}", access.region);
    println!("export AWS_DEFAULT_REGION={}", access.region);
    println!(
        "export AWS_ACCESS_KEY_ID={}",
        access.credentials.access_key_id
    );
    println!(
        "export AWS_SECRET_ACCESS_KEY={}",
        access.credentials.secret_access_key
    );
    println!("# ready after {ready:?}");
    tokio::signal::ctrl_c().await?;
    aws.shutdown().await;
    Ok(())
}
