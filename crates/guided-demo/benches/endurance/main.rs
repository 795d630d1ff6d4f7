//! What is too long for a test: crashes at random moments, also under write load, much output, many builds, caches.
//! `just endurance`; it needs a Docker Engine, and ten minutes.
//!
//! It prints what it saw and panics at the first thing that is not as promised.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and may panic"
)]

mod build;
mod caches;
mod crashes;
mod many_builds;
mod output;
#[path = "../../tests/it/serving.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod serving;
mod writes;

fn main() {
    let words: Vec<String> = std::env::args().collect();
    // cargo passes --bench; a test run passes nothing that this could do.
    if !words.iter().any(|word| word == "--bench") || !serving::has_docker() {
        return;
    }
    let wanted = |name: &str| {
        let mut names = words.iter().skip(1).filter(|word| !word.starts_with('-'));
        let first = names.next();
        first.is_none_or(|first| first == name) || names.any(|word| word == name)
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    if wanted("many-builds") {
        runtime.block_on(many_builds::run());
    }
    if wanted("crashes") {
        runtime.block_on(crashes::run());
    }
    if wanted("writes") {
        runtime.block_on(writes::run());
    }
    if wanted("output") {
        runtime.block_on(output::run());
    }
    if wanted("caches") {
        runtime.block_on(caches::run());
    }
}
