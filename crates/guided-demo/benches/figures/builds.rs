//! Builds through the API against the same work under plain `docker run`.

use std::path::Path;
use std::process::Command;
use std::time::Duration;
use std::time::Instant;

use build_engine::Engine;
use codebuild_core::Keys;
use codebuild_core::Session;
use local_aws::Checkout;
use local_aws::Config;
use local_aws::EngineChoice;
use local_aws::LocalAws;
use serde_json::Value;

use crate::docker_run;
use crate::median;
use crate::milliseconds;
use crate::row;
use crate::serving;

const IMAGE: &str = "docker:dind";
/// Between two looks at a build: asking more often takes the processor from the build itself.
const PAUSE: Duration = Duration::from_millis(40);
const URL: &str = "https://github.com/example/figures.git";

/// Measures everything that needs a Docker Engine.
pub(crate) async fn measure() {
    let engine = match Engine::connect(None).await {
        Ok(engine) => engine,
        Err(error) => {
            println!("no Docker Engine, so no figures for builds: {error}");
            return;
        }
    };
    let state = tempfile::tempdir().unwrap();
    let source = demo_source();
    let checkout = Checkout {
        url: URL.to_owned(),
        directory: source.path().to_owned(),
        extra_files: Vec::new(),
    };
    let config = Config {
        engine: EngineChoice::Connected(engine.clone()),
        checkouts: vec![checkout],
        check_answers: false,
        ..serving::config(state.path())
    };
    let server = LocalAws::start(config).await.unwrap();
    let access = server.access();
    let keys = Keys {
        access_key_id: access.credentials.access_key_id.clone(),
        secret_access_key: access.credentials.secret_access_key.clone(),
    };
    let session = serving::session(&access.endpoint, &access.region, keys).await;
    serving::run(&session, serving::CREATE_PROJECT).await;

    let first = build(
        &session,
        "version: 0.2\nphases:\n  build:\n    commands: [\"true\"]\n",
    )
    .await;
    println!(
        "# the first build, which pulls or makes the image: {}",
        milliseconds(first.took)
    );
    let image = if engine.has_image(IMAGE).await.unwrap() {
        IMAGE.to_owned()
    } else {
        engine.stand_in_name()
    };
    let options = docker_run::privileged_options(&image);
    first_output(&session, &image, &options).await;
    output_rate(&session, &image).await;
    demo_build(&session, source.path(), &image, &options).await;
    server.shutdown().await;
}

/// From StartBuild to the first command's first output, read with GetLogEvents.
async fn first_output(session: &Session, image: &str, options: &[String]) {
    let spec = "version: 0.2\nphases:\n  install:\n    commands: [echo first]\n";
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..15 {
        theirs.push(docker_run::first_output(image, options));
        let started = Instant::now();
        let running = start(session, spec).await;
        loop {
            let events = running.events(session, "").await;
            if messages(&events).any(|message| message == "first\n") {
                break;
            }
        }
        ours.push(started.elapsed());
        running.finished(session).await;
    }
    let (ours, theirs) = (median(&mut ours), median(&mut theirs));
    row("docker run to its first output", &milliseconds(theirs), "-");
    row(
        "StartBuild to its first output in GetLogEvents",
        &milliseconds(ours),
        "-",
    );
    let above = (ours.as_secs_f64() - theirs.as_secs_f64()) * 1000.0;
    row("  above docker run", &format!("{above:.0} ms"), "150 ms");
}

/// 100 MB of output: nothing lost, and how fast.
async fn output_rate(session: &Session, image: &str) {
    const LINES: usize = 1_000_000;
    let script = format!("yes {} | head -n {LINES}", "x".repeat(99));
    let started = Instant::now();
    let output = Command::new("docker")
        .args(["run", "--rm", "--entrypoint", "sh", image, "-c", &script])
        .output()
        .unwrap();
    let theirs = started.elapsed();
    assert_eq!(output.stdout.len(), LINES * 100);
    let spec = format!("version: 0.2\nphases:\n  build:\n    commands:\n      - {script}\n");
    let ours = build(session, &spec).await;
    let mut lines = 0;
    let mut token = String::new();
    loop {
        let page = ours.running.events(session, &token).await;
        let next = page["nextForwardToken"].as_str().unwrap();
        lines += messages(&page)
            .filter(|message| message.len() == 100)
            .count();
        if token == next {
            break;
        }
        next.clone_into(&mut token);
    }
    assert_eq!(lines, LINES, "lines lost");
    row(
        "100 MB of output under docker run",
        &milliseconds(theirs),
        "-",
    );
    row("100 MB of output in a build", &milliseconds(ours.took), "-");
    row(
        "  rate against docker run's",
        &format!("{:.2}", theirs.as_secs_f64() / ours.took.as_secs_f64()),
        "0.8",
    );
}

/// The demo's own build against the same commands in one `docker run`.
async fn demo_build(session: &Session, source: &Path, image: &str, options: &[String]) {
    let text = std::fs::read_to_string(source.join("buildspec.yml")).unwrap();
    let spec = buildspec::Buildspec::parse(&text).unwrap();
    let commands: Vec<String> = spec
        .phases
        .iter()
        .flat_map(|(_, phase)| &phase.commands)
        .map(|command| command.text.clone())
        .collect();
    let line = format!(
        "codebuild start-build --project-name figures --source-type-override GITHUB \
         --source-location-override {URL} --buildspec-override buildspec.yml \
         --environment-variables-override name=DOCKERFILE,value=Dockerfile.prebuilt"
    );
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        theirs.push(docker_run::commands(image, options, source, &commands));
        ours.push(build_with(session, &line).await.took);
    }
    let (ours, theirs) = (median(&mut ours), median(&mut theirs));
    row(
        "the demo's commands under docker run",
        &milliseconds(theirs),
        "-",
    );
    row(
        "the demo's build, StartBuild to COMPLETED",
        &milliseconds(ours),
        "-",
    );
    row(
        "  ratio",
        &format!("{:.2}", ours.as_secs_f64() / theirs.as_secs_f64()),
        "1.15",
    );
}

/// The demo's source, with the sample app compiled as a static program.
fn demo_source() -> tempfile::TempDir {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let status = Command::new(env!("CARGO"))
        .args([
            "build",
            "--quiet",
            "--release",
            "--package",
            "sample-app",
            "--target",
            &target,
        ])
        .env("RUSTFLAGS", "-C target-feature=+crt-static")
        .current_dir(&root)
        .status()
        .unwrap();
    assert!(status.success());
    let source = tempfile::tempdir().unwrap();
    for file in ["buildspec.yml", "Dockerfile.prebuilt"] {
        std::fs::copy(root.join(file), source.path().join(file)).unwrap();
    }
    std::fs::create_dir(source.path().join("prebuilt")).unwrap();
    let program = root.join("target").join(target).join("release/sample-app");
    std::fs::copy(program, source.path().join("prebuilt/sample-app")).unwrap();
    source
}

/// A build that was started.
struct Running {
    id: String,
    group: String,
    stream: String,
}

/// A build that is over.
struct Finished {
    running: Running,
    took: Duration,
}

impl Running {
    /// One page of its log.
    async fn events(&self, session: &Session, token: &str) -> Value {
        let (group, stream) = (&self.group, &self.stream);
        let token = if token.is_empty() {
            String::new()
        } else {
            format!("--next-token {token}")
        };
        let line = format!(
            "logs get-log-events --start-from-head --log-group-name {group} --log-stream-name {stream} {token}"
        );
        serving::aws(session, &line).await
    }

    /// Waits until it is over. It must have succeeded.
    async fn finished(&self, session: &Session) {
        loop {
            let line = format!("codebuild batch-get-builds --ids {}", self.id);
            let build = serving::aws(session, &line).await["builds"][0].take();
            if build["buildComplete"] == true {
                assert_eq!(build["buildStatus"], "SUCCEEDED", "{build:#}");
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

fn messages(page: &Value) -> impl Iterator<Item = &str> {
    page["events"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|event| event["message"].as_str())
}

/// Starts a build of this buildspec, without a source.
async fn start(session: &Session, buildspec: &str) -> Running {
    let line = format!(
        "codebuild start-build --project-name figures --buildspec-override {}",
        shlex::try_quote(buildspec).unwrap()
    );
    start_with(session, &line).await
}

async fn start_with(session: &Session, line: &str) -> Running {
    let build = serving::aws(session, line).await["build"].take();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    Running {
        id: text(&build["id"]),
        group: text(&build["logs"]["groupName"]),
        stream: text(&build["logs"]["streamName"]),
    }
}

async fn build(session: &Session, buildspec: &str) -> Finished {
    let started = Instant::now();
    let running = start(session, buildspec).await;
    running.finished(session).await;
    Finished {
        running,
        took: started.elapsed(),
    }
}

async fn build_with(session: &Session, line: &str) -> Finished {
    let started = Instant::now();
    let running = start_with(session, line).await;
    running.finished(session).await;
    Finished {
        running,
        took: started.elapsed(),
    }
}
