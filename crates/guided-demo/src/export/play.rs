//! What a demo's recording holds, item by item: the walk is played without a terminal.

use std::collections::BTreeMap;
use std::path::Path;
use std::pin::pin;

use codebuild_core::AwsCommand;
use codebuild_core::Session;
use codebuild_core::Target;
use codebuild_core::WatchEvent;
use futures_util::StreamExt;
use jiff::Timestamp;
use serde_json::Value;

use crate::command_error::CommandError;
use crate::script::Item;
use crate::script::ItemKind;
use crate::script::Script;
use crate::script::ShellLine;
use crate::script::TargetKind;
use crate::script::Variables;
use crate::walk::Place;

/// A played recording.
#[derive(Debug)]
pub(crate) struct Played {
    /// When it was made.
    pub(crate) recorded: Option<Timestamp>,
    /// The variables at the end.
    pub(crate) variables: Variables,
    /// What came of each item that calls AWS, by step and item.
    outcomes: BTreeMap<(usize, usize), Outcome>,
}

/// What came of an item.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// What a command printed, or how it failed.
    Command(Result<String, String>),
    /// A build that was watched.
    Build {
        /// What happened, in order.
        events: Vec<WatchEvent>,
        /// How it ended.
        status: String,
        /// Its record.
        build: Value,
    },
    /// What a check saw.
    Check {
        /// What the command printed.
        seen: String,
        /// Whether that was expected.
        passed: bool,
    },
}

impl Played {
    /// Nothing: for a demo without a recording.
    pub(crate) fn nothing(script: &Script) -> Self {
        Self {
            recorded: None,
            variables: defaults(script),
            outcomes: BTreeMap::new(),
        }
    }

    /// What came of an item; `None` if the item calls nothing, or is not in the recording.
    pub(crate) fn outcome(&self, place: Place) -> Option<&Outcome> {
        self.outcomes.get(&(place.step, place.item))
    }
}

/// Plays a recording of a demo.
///
/// # Errors
///
/// If the recording cannot be read, or does not fit the demo.
pub(crate) async fn play(script: &Script, recording: &Path) -> Result<Played, CommandError> {
    let session = Session::connect(Target::Replay {
        file: recording.to_owned(),
        pace: 0.0,
    })
    .await?;
    let mut player = Player {
        session,
        folder: work_folder(script.directory())?,
        played: Played {
            recorded: codebuild_core::recorded_at(recording)?,
            ..Played::nothing(script)
        },
    };
    for (step_at, step) in script.steps.iter().enumerate() {
        for (item_at, item) in step.items.iter().enumerate() {
            if !item.is_for(TargetKind::Replay) {
                continue;
            }
            let scene = format!("{}/{item_at}", step.id);
            player.session.begin_scene(&scene);
            let outcome = player.item(item).await.map_err(|error| {
                CommandError::new(
                    error.kind,
                    format!("step `{}` cannot be taken from the recording: {}", step.id, error.message),
                )
                .hinted(format!(
                    "If the demo was changed since it was recorded, record it again: guided-demo record {}",
                    script.id
                ))
            })?;
            if let Some(outcome) = outcome {
                player.played.outcomes.insert((step_at, item_at), outcome);
            }
        }
    }
    Ok(player.played)
}

/// The values that a replay has.
fn defaults(script: &Script) -> Variables {
    script
        .variables
        .iter()
        .filter_map(|variable| {
            let (value, _) = variable.default_for(TargetKind::Replay)?;
            Some((variable.name.clone(), value.to_owned()))
        })
        .collect()
}

/// A copy of the demo's files: commands read and write there.
fn work_folder(demo: &Path) -> Result<tempfile::TempDir, CommandError> {
    let copy = || {
        let folder = tempfile::tempdir()?;
        copy_files(demo, folder.path())?;
        Ok(folder)
    };
    copy().map_err(|error: std::io::Error| {
        CommandError::step(format!("the demo's files cannot be copied: {error}"))
    })
}

fn copy_files(from: &Path, to: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            std::fs::create_dir(&target)?;
            copy_files(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

struct Player {
    session: Session,
    folder: tempfile::TempDir,
    played: Played,
}

impl Player {
    async fn item(&mut self, item: &Item) -> Result<Option<Outcome>, CommandError> {
        Ok(match &item.kind {
            ItemKind::Command(command) => {
                let result = self.call(&command.line).await;
                if result.is_err() && command.expect_failure.is_none() {
                    result?;
                    return Ok(None);
                }
                let result = result.map_err(|error| error.message);
                if let (Some(file), Ok(text)) = (&command.line.redirect, &result) {
                    self.write(&file.expand(&self.played.variables), text)?;
                }
                if let (Some(name), Ok(text)) = (&command.line.assign, &result) {
                    self.played.variables.insert(name.clone(), text.clone());
                }
                Some(Outcome::Command(result))
            }
            ItemKind::Watch(watch) => {
                let id = watch.build.expand(&self.played.variables);
                Some(self.watch(&id).await?)
            }
            ItemKind::Check(check) => {
                let mut seen = String::new();
                let mut passed = false;
                // The recording has as many looks as there were; then it stays as it is.
                for _ in 0..LOOKS {
                    seen = match self.call(&check.command).await {
                        Ok(text) => text.trim().to_owned(),
                        Err(error) => error.message,
                    };
                    passed = check.expect.accepts(&seen, &self.played.variables);
                    if passed {
                        break;
                    }
                }
                Some(Outcome::Check { seen, passed })
            }
            _ => None,
        })
    }

    /// What an `aws …` line prints.
    async fn call(&self, line: &ShellLine) -> Result<String, CommandError> {
        let words = line.expand(&self.played.variables);
        let rest = words.get(1..).unwrap_or_default();
        let command = AwsCommand::parse(rest, self.folder.path())
            .map_err(|error| CommandError::usage(error.to_string()))?;
        let output = command.run(&self.session).await;
        drop(self.session.take_exchanges());
        Ok(output?.text.trim_end().to_owned())
    }

    /// Writes what a command printed into a file of the work folder.
    fn write(&self, name: &str, text: &str) -> Result<(), CommandError> {
        let file = Path::new(name)
            .file_name()
            .filter(|file| *file == name)
            .ok_or_else(|| CommandError::usage(format!("`{name}` is no plain file name")))?;
        std::fs::write(self.folder.path().join(file), format!("{text}\n"))
            .map_err(|error| CommandError::step(format!("`{name}` cannot be written: {error}")))
    }

    async fn watch(&self, id: &str) -> Result<Outcome, CommandError> {
        let mut events = Vec::new();
        let mut watched = pin!(codebuild_core::watch(&self.session, id));
        while let Some(event) = watched.next().await {
            match event? {
                WatchEvent::Finished { status, build } => {
                    drop(self.session.take_exchanges());
                    return Ok(Outcome::Build {
                        events,
                        status,
                        build,
                    });
                }
                event => events.push(event),
            }
        }
        Err(CommandError::step("the build was not seen to end"))
    }
}

/// How often a check looks into a recording.
const LOOKS: usize = 100;
