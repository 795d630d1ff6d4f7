//! What is asked of each server.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use codebuild_core::Session;
use tokio::task::JoinSet;

use crate::Figure;
use crate::add_times;
use crate::peer::Peer;
use crate::peer::call;

/// Figures and their names, the same for each server.
pub(crate) type Figures = Vec<(String, Figure)>;

/// How many clients ask at once.
const CLIENTS: usize = 32;

/// How many answers a time is taken from.
const CALLS: usize = 500;

const PROJECT: &str = r#"--artifacts type=NO_ARTIFACTS
    --source type=GITHUB,location=https://github.com/owner/repo.git
    --environment type=LINUX_CONTAINER,image=docker:dind,computeType=BUILD_GENERAL1_SMALL,privilegedMode=true
    --service-role arn:aws:iam::123456789012:role/service-role/codebuild-demo"#;

/// Asks a server everything.
pub(crate) async fn measure(peer: &Peer, projects: usize, builds: usize) -> Figures {
    let mut figures = vec![
        (
            "process start to first answer".to_owned(),
            Figure::Time(peer.ready_after),
        ),
        memory(peer, "memory, idle"),
    ];
    let create = |number: usize| format!("codebuild create-project --name p{number} {PROJECT}");
    let created = many(&peer.session, CLIENTS, 100, create).await;
    drop(created);
    latencies(peer, &mut figures, "few builds").await;
    let more = projects.saturating_sub(100);
    let create = move |number: usize| create(number + 100);
    add_times(
        &mut figures,
        "CreateProject, 32 clients",
        many(&peer.session, CLIENTS, more, create).await,
    );
    figures.push(memory(peer, "memory, all projects"));
    let start = move |number: usize| {
        format!(
            "codebuild start-build --project-name p{}",
            number % projects
        )
    };
    add_times(
        &mut figures,
        "StartBuild of all builds, 32 clients",
        many(&peer.session, CLIENTS, builds, start).await,
    );
    settled(peer).await;
    latencies(peer, &mut figures, "all builds").await;
    figures.push(memory(peer, "memory, all projects and builds"));
    figures
}

/// The times of single operations with one and with many clients.
async fn latencies(peer: &Peer, figures: &mut Figures, when: &str) {
    let get = |_: usize| "codebuild batch-get-projects --names p1".to_owned();
    let list = |_: usize| "codebuild list-builds --no-paginate".to_owned();
    let start = |number: usize| format!("codebuild start-build --project-name p{}", number % 100);
    for clients in [1, CLIENTS] {
        let who = if clients == 1 {
            "1 client"
        } else {
            "32 clients"
        };
        let name = |operation: &str| format!("{operation}, {who}, {when}");
        let calls = CALLS * clients.min(4);
        let session = &peer.session;
        add_times(
            figures,
            &name("BatchGetProjects"),
            many(session, clients, calls, get).await,
        );
        add_times(
            figures,
            &name("StartBuild"),
            many(session, clients, calls, start).await,
        );
        add_times(
            figures,
            &name("ListBuilds"),
            many(session, clients, calls / 5, list).await,
        );
    }
}

/// Waits until the newest build is over, so that no build is measured with what follows.
async fn settled(peer: &Peer) {
    let listed = peer.call("codebuild list-builds --no-paginate").await;
    let newest = listed.unwrap()["ids"][0].as_str().unwrap().to_owned();
    let line = format!("codebuild batch-get-builds --ids {newest}");
    while peer.call(&line).await.unwrap()["builds"][0]["buildStatus"] == "IN_PROGRESS" {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn memory(peer: &Peer, name: &str) -> (String, Figure) {
    (
        name.to_owned(),
        Figure::Mebibytes(peer.resident_mebibytes()),
    )
}

/// Runs `line(0)` to `line(count - 1)` with some clients; the times of the answers. A full queue of
/// builds is asked again a moment later.
async fn many(
    session: &Session,
    clients: usize,
    count: usize,
    line: impl Fn(usize) -> String + Copy + Send + 'static,
) -> Vec<Duration> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut tasks = JoinSet::new();
    for _ in 0..clients {
        let (session, next) = (session.clone(), Arc::clone(&next));
        tasks.spawn(async move {
            let mut times = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return times;
                }
                let line = line(number);
                loop {
                    let started = Instant::now();
                    match call(&session, &line).await {
                        Ok(_) => {
                            times.push(started.elapsed());
                            break;
                        }
                        Err(error) if error.contains("AccountLimitExceeded") => {
                            tokio::time::sleep(Duration::from_millis(5)).await;
                        }
                        Err(error) => unreachable!("{line}: {error}"),
                    }
                }
            }
        });
    }
    let mut times = Vec::new();
    while let Some(of_one) = tasks.join_next().await {
        times.extend(of_one.unwrap());
    }
    times
}
