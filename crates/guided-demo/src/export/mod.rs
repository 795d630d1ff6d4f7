//! What a demo becomes for others: a terminal recording, a bash script, a page.

mod asciicast;
mod bash;
mod cast;
mod file;
mod html;
mod live_cast;
mod pattern;
mod play;
mod redaction;

pub(crate) use bash::bash;
pub(crate) use cast::cast;
pub(crate) use file::write;
pub(crate) use html::html;
pub(crate) use live_cast::live_cast;
pub(crate) use play::Played;
pub(crate) use play::play;
pub(crate) use redaction::Redaction;
