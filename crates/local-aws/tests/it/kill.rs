//! `kill -9` under load: nothing that was acknowledged is lost.

use std::io::BufRead;
use std::io::BufReader;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;

use local_aws::Access;
use local_aws::EngineChoice;
use local_aws::LocalAws;

use crate::fake_runner::FakeRunner;
use crate::server::codebuild;
use crate::server::config;
use crate::server::create_project;
use crate::server::inline_source;

const STATE: &str = "LOCAL_AWS_TEST_STATE";

/// Not a test: the process that the test below kills.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by another test"]
async fn serve_until_killed() {
    let Some(state) = std::env::var_os(STATE) else {
        return;
    };
    let runner = Arc::new(FakeRunner::default());
    let aws = LocalAws::start(config(state.as_ref(), &runner))
        .await
        .unwrap();
    println!("\nserving {}", aws.access().endpoint);
    std::future::pending::<()>().await;
}

/// Not a test: the same with real builds.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by another test"]
async fn serve_on_docker_until_killed() {
    let Some(state) = std::env::var_os(STATE) else {
        return;
    };
    let mut config = config(state.as_ref(), &Arc::default());
    config.engine = EngineChoice::Connect(None);
    let aws = LocalAws::start(config).await.unwrap();
    println!("\nserving {}", aws.access().endpoint);
    std::future::pending::<()>().await;
}

/// A server process, killed when it is dropped.
pub(crate) struct Served(Child);

impl Served {
    /// `kill -9`, and waits until it is dead.
    pub(crate) fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.kill();
    }
}

pub(crate) fn serve(state: &std::path::Path) -> (Served, Access) {
    serve_with(state, "kill::serve_until_killed")
}

pub(crate) fn serve_on_docker(state: &std::path::Path) -> (Served, Access) {
    serve_with(state, "kill::serve_on_docker_until_killed")
}

fn serve_with(state: &std::path::Path, server: &str) -> (Served, Access) {
    let child = spawn(Command::new("env"), state, server);
    let access = LocalAws::running(state).unwrap();
    assert_eq!(access.pid, child.id());
    (child, access)
}

/// Runs a server under a program that becomes it, and waits until it serves.
pub(crate) fn spawn(mut wrapper: Command, state: &std::path::Path, server: &str) -> Served {
    let mut child = wrapper
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", server, "--ignored", "--nocapture"])
        .env(STATE, state)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines
        .find(|line| line.as_ref().unwrap().starts_with("serving"))
        .unwrap()
        .unwrap();
    // Where nobody reads, the test harness ends the process at its next line.
    std::thread::spawn(move || lines.count());
    Served(child)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_acknowledged_write_is_lost() {
    let state = tempfile::tempdir().unwrap();
    let mut acknowledged = Vec::new();
    for round in 0..3 {
        let (mut child, access) = serve(state.path());
        let client = codebuild(&access);
        let name = format!("held{round}");
        create_project(&client, &name, &[("FAKE_HOLD", "1")]).await;
        client
            .start_build()
            .project_name(&name)
            .send()
            .await
            .unwrap();
        let mut writers = tokio::task::JoinSet::new();
        for writer in 0..4 {
            let client = client.clone();
            writers.spawn(async move {
                let mut names = Vec::new();
                for number in 0.. {
                    let name = format!("p{round}-{writer}-{number}");
                    let created = client
                        .create_project()
                        .name(&name)
                        .source(inline_source())
                        .artifacts(crate::server::no_artifacts())
                        .environment(crate::server::environment(&[]))
                        .service_role("codebuild-demo")
                        .send()
                        .await;
                    if created.is_err() {
                        break;
                    }
                    names.push(name);
                }
                names
            });
        }
        // As many as can be written while another client asks a few times.
        for _ in 0..50 {
            client.list_projects().send().await.unwrap();
        }
        child.kill();
        while let Some(names) = writers.join_next().await {
            acknowledged.extend(names.unwrap());
        }
        acknowledged.push(name);
    }
    assert!(LocalAws::running(state.path()).is_none());

    let (mut child, access) = serve(state.path());
    let client = codebuild(&access);
    for names in acknowledged.chunks(100) {
        let reply = client
            .batch_get_projects()
            .set_names(Some(names.to_vec()))
            .send()
            .await
            .unwrap();
        assert_eq!(reply.projects_not_found(), [] as [&str; 0]);
    }
    let builds = client.list_builds().send().await.unwrap();
    assert_eq!(builds.ids().len(), 3);
    let builds = client
        .batch_get_builds()
        .set_ids(Some(builds.ids().to_vec()))
        .send()
        .await
        .unwrap();
    for build in builds.builds() {
        assert_eq!(build.build_status().unwrap().as_str(), "FAULT");
    }
    child.kill();
}
