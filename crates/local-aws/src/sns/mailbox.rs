//! Where e-mail goes: a file for each message.

use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

use crate::state_dir;

/// How many messages are kept. Older ones go.
const KEPT: usize = 1000;

/// An e-mail that SNS would have sent.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Email {
    /// Names the message in this mailbox.
    pub id: String,
    /// When it was sent.
    pub sent: Timestamp,
    /// The name of the sender and its address.
    pub from: String,
    /// The address that was subscribed.
    pub to: String,
    /// The line that mail programs show.
    pub subject: String,
    /// The message.
    pub text: String,
    /// The topic that it comes from.
    pub topic_arn: String,
    /// The link that confirms a subscription, if the message asks for that.
    pub confirm_url: Option<String>,
}

/// The mailbox of a state directory. No server has to run to read it.
#[derive(Clone, Debug)]
pub struct Mailbox {
    directory: PathBuf,
}

impl Mailbox {
    /// The mailbox of the local AWS with this state directory.
    #[must_use]
    pub fn of(state_dir: &Path) -> Self {
        Self {
            directory: state_dir.join("mailbox"),
        }
    }

    /// All messages, the oldest first.
    ///
    /// # Errors
    ///
    /// If a message cannot be read.
    pub fn messages(&self) -> io::Result<Vec<Email>> {
        let mut messages = Vec::new();
        for file in self.files()? {
            // One that goes in this moment is no error.
            if let Some(message) = state_dir::read_json(&file)? {
                messages.push(message);
            }
        }
        Ok(messages)
    }

    /// The message with this id.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub fn message(&self, id: &str) -> io::Result<Option<Email>> {
        let messages = self.messages()?;
        Ok(messages.into_iter().find(|message| message.id == id))
    }

    /// Adds a message.
    pub(super) fn add(&self, message: &Email) -> io::Result<()> {
        fs::create_dir_all(&self.directory)?;
        let files = self.files()?;
        for old in files.iter().take((files.len() + 1).saturating_sub(KEPT)) {
            fs::remove_file(old)?;
        }
        // Names in the order of time.
        let name = format!("{:015}-{}.json", message.sent.as_millisecond(), message.id);
        state_dir::write_private_json(&self.directory.join(name), message)
    }

    fn files(&self) -> io::Result<Vec<PathBuf>> {
        let entries = match fs::read_dir(&self.directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut files = Vec::new();
        for entry in entries {
            let path = entry?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "json")
            {
                files.push(path);
            }
        }
        files.sort_unstable();
        Ok(files)
    }
}
