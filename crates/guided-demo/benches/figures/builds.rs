//! Builds against the same work under plain `docker run`.

use std::path::Path;
use std::process::Command;
use std::time::Duration;
use std::time::Instant;

use build_engine::BuildRequest;
use build_engine::BuildspecLocation;
use build_engine::Engine;
use build_engine::Event;
use build_engine::FetchedSource;
use build_engine::LogSink;
use build_engine::PhaseContext;
use build_engine::PhaseStatus;
use build_engine::Source;
use std::pin::Pin;
use std::sync::Arc;

use crate::docker_run;
use crate::median;
use crate::milliseconds;
use crate::row;

const IMAGE: &str = "docker:dind";
const OWNER: &str = "figures";

/// Measures everything that needs a Docker Engine.
pub(crate) async fn measure() {
    let engine = match Engine::connect(None).await {
        Ok(engine) => engine,
        Err(error) => {
            println!("no Docker Engine, so no figures for builds: {error}");
            return;
        }
    };
    let image = image(&engine).await;
    let options = docker_run::privileged_options(&image);
    first_output(&engine, &image, &options).await;
    output_rate(&engine, &image).await;
    demo_build(&engine, &image, &options).await;
}

/// The image that builds run in: the real one, or the stand-in that a first build has made.
async fn image(engine: &Engine) -> String {
    let (took, _) = build(
        engine,
        Path::new("/nonexistent"),
        "version: 0.2\nphases:\n  build:\n    commands: [\"true\"]\n",
    )
    .await;
    println!(
        "# the first build, which pulls or makes the image: {}",
        milliseconds(took)
    );
    if engine.has_image(IMAGE).await.unwrap() {
        IMAGE.to_owned()
    } else {
        engine.stand_in_name(IMAGE).unwrap()
    }
}

/// From the start of a build to its first command's first output.
async fn first_output(engine: &Engine, image: &str, options: &[String]) {
    let spec = "version: 0.2\nphases:\n  install:\n    commands: [echo first]\n";
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..11 {
        theirs.push(docker_run::first_output(image, options));
        ours.push(until_line(engine, spec, "first").await);
    }
    let (ours, theirs) = (median(&mut ours), median(&mut theirs));
    row("docker run to its first output", &milliseconds(theirs), "-");
    let above = ours.as_secs_f64() - theirs.as_secs_f64();
    row(
        "build to its first output, above docker run",
        &format!("{:.0} ms", above * 1000.0),
        "150 ms",
    );
}

/// 100 MB of output: nothing lost, and how fast.
async fn output_rate(engine: &Engine, image: &str) {
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
    let (ours, lines) = build(engine, Path::new("/nonexistent"), &spec).await;
    let lines = lines.iter().filter(|line| line.len() == 99).count();
    assert_eq!(lines, LINES, "lines lost");
    let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
    row(
        "100 MB of output: rate against docker run's",
        &format!("{ratio:.2}"),
        "0.8",
    );
}

/// The demo's own build against the same commands in one `docker run`.
async fn demo_build(engine: &Engine, image: &str, options: &[String]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let source = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(root.join("buildspec.yml")).unwrap();
    std::fs::write(source.path().join("buildspec.yml"), &text).unwrap();
    std::fs::copy(
        root.join("Dockerfile.prebuilt"),
        source.path().join("Dockerfile.prebuilt"),
    )
    .unwrap();
    std::fs::create_dir(source.path().join("prebuilt")).unwrap();
    sample_app(&root, &source.path().join("prebuilt/sample-app"));
    let commands: Vec<String> = buildspec::Buildspec::parse(&text)
        .unwrap()
        .phases
        .all_commands()
        .map(|command| command.text.clone())
        .collect();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        theirs.push(docker_run::commands(
            image,
            options,
            source.path(),
            &commands,
        ));
        let (took, lines) = build(engine, source.path(), "").await;
        assert!(
            lines.iter().any(|line| line == "Hello, World!"),
            "{lines:#?}"
        );
        ours.push(took);
    }
    let (ours, theirs) = (median(&mut ours), median(&mut theirs));
    row(
        "the demo's commands under docker run",
        &milliseconds(theirs),
        "-",
    );
    row("the demo's build", &milliseconds(ours), "-");
    row(
        "  ratio",
        &format!("{:.2}", ours.as_secs_f64() / theirs.as_secs_f64()),
        "1.15",
    );
}

/// Compiles the sample app as a static program.
fn sample_app(root: &Path, to: &Path) {
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
        .current_dir(root)
        .status()
        .unwrap();
    assert!(status.success());
    std::fs::copy(
        root.join("target").join(target).join("release/sample-app"),
        to,
    )
    .unwrap();
}

/// A directory, or an inline buildspec if there is no such directory.
struct Given {
    directory: std::path::PathBuf,
    buildspec: String,
}

impl Source for Given {
    fn fetch<'a>(
        &'a self,
        _log: &'a LogSink,
    ) -> Pin<Box<dyn Future<Output = Result<FetchedSource, PhaseContext>> + Send + 'a>> {
        Box::pin(async {
            let inline = !self.buildspec.is_empty();
            let archive = (!inline).then(|| {
                let file = tempfile::NamedTempFile::new().unwrap();
                let (file, path) = file.keep().unwrap();
                let mut tar = tar::Builder::new(file);
                tar.append_dir_all(".", &self.directory).unwrap();
                tar.finish().unwrap();
                path
            });
            Ok(FetchedSource {
                archive,
                remove_archive: true,
                directory: "github.com/figures/figures".to_owned(),
                resolved_version: None,
                buildspec: if inline {
                    BuildspecLocation::Inline(self.buildspec.clone())
                } else {
                    BuildspecLocation::File("buildspec.yml".to_owned())
                },
            })
        })
    }
}

fn request(directory: &Path, buildspec: &str) -> BuildRequest {
    BuildRequest {
        build_id: format!("figures:{}", std::process::id()),
        owner: OWNER.to_owned(),
        image: IMAGE.to_owned(),
        privileged: true,
        environment: vec![("DOCKERFILE".to_owned(), "Dockerfile.prebuilt".to_owned())],
        secrets: Vec::new(),
        source: Arc::new(Given {
            directory: directory.to_owned(),
            buildspec: buildspec.to_owned(),
        }),
        timeout: Duration::from_secs(600),
    }
}

/// Runs a build that must succeed; how long it took, cleaning up included, and its log.
async fn build(engine: &Engine, directory: &Path, buildspec: &str) -> (Duration, Vec<String>) {
    let started = Instant::now();
    let mut running = engine.run(request(directory, buildspec));
    let mut lines = Vec::new();
    while let Some(event) = running.events.recv().await {
        match event {
            Event::Log { message, .. } => lines.push(message),
            Event::Finished { status, .. } => {
                assert_eq!(status, PhaseStatus::Succeeded, "{lines:#?}")
            }
            _ => {}
        }
    }
    (started.elapsed(), lines)
}

/// How long a build takes until its log has this line.
async fn until_line(engine: &Engine, buildspec: &str, line: &str) -> Duration {
    let started = Instant::now();
    let mut running = engine.run(request(Path::new("/nonexistent"), buildspec));
    let mut took = None;
    while let Some(event) = running.events.recv().await {
        if matches!(&event, Event::Log { message, .. } if message == line) {
            took = took.or_else(|| Some(started.elapsed()));
        }
    }
    took.unwrap()
}
