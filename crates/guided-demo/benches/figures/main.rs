//! The figures that ARCHITECTURE.md promises, measured on this machine: `just bench`.
//!
//! Needs a Docker Engine. Each figure is a median of several rounds; where two things are compared
//! the rounds alternate, so that a machine that slows down slows both.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and may panic"
)]

mod builds;
mod docker_run;
mod screens;
mod serving;

use std::time::Duration;

fn main() {
    // cargo passes --bench; a test run passes nothing that a benchmark could do.
    if !std::env::args().any(|word| word == "--bench") {
        return;
    }
    println!("{:<58} {:>10} {:>10}", "figure", "median", "goal");
    screens::measure();
    // `cargo bench --bench figures -- screens` measures nothing else.
    if std::env::args().any(|word| word == "screens") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    serving::measure(&runtime);
    runtime.block_on(builds::measure());
}

/// Prints one row.
fn row(figure: &str, value: &str, goal: &str) {
    println!("{figure:<58} {value:>10} {goal:>10}");
}

/// The middle value.
fn median<T: Copy + PartialOrd>(values: &mut [T]) -> T {
    values.sort_by(|a, b| a.partial_cmp(b).unwrap());
    values[values.len() / 2]
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1000.0)
}
