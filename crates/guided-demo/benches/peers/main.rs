//! The local AWS beside moto's server, measured in one run with the same client: `just peers`.
//!
//! Needs `moto_server` (`pip install 'moto[server]'`) on PATH or in `MOTO_SERVER`, and half an hour.
//! Our builds find no Docker Engine and end FAILED in PROVISIONING; moto's are SUCCEEDED without
//! having run. `PEERS_PROJECTS` and `PEERS_BUILDS` say how many there shall be.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and may panic"
)]

mod load;
mod peer;

use std::time::Duration;

use load::Figures;
use peer::Peer;

fn main() {
    // cargo passes --bench; a test run passes nothing that a benchmark could do.
    if !std::env::args().any(|word| word == "--bench") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let projects = number("PEERS_PROJECTS", 10_000);
    let builds = number("PEERS_BUILDS", 100_000);
    let mut columns = Vec::new();
    for is_ours in [true, false] {
        let measured = runtime.block_on(async {
            let peer = match is_ours {
                true => Peer::ours().await,
                false => Peer::moto().await,
            };
            load::measure(&peer, projects, builds).await
        });
        println!("{}", if is_ours { "local AWS" } else { "moto" });
        for (name, figure) in &measured {
            println!("  {name:<52} {:>12}", figure.text());
        }
        columns.push(measured);
    }
    println!("\n{projects} projects, {builds} builds");
    println!(
        "{:<52} {:>12} {:>12} {:>8}",
        "", "local AWS", "moto", "ratio"
    );
    for ((name, ours), (_, theirs)) in columns[0].iter().zip(&columns[1]) {
        println!(
            "{name:<52} {:>12} {:>12} {:>8.1}",
            ours.text(),
            theirs.text(),
            theirs.value() / ours.value()
        );
    }
}

fn number(name: &str, default: usize) -> usize {
    let given = std::env::var(name).ok();
    given.map_or(default, |text| text.parse().expect("a number"))
}

/// One measured figure.
#[derive(Clone, Copy, Debug)]
enum Figure {
    Time(Duration),
    Mebibytes(f64),
}

impl Figure {
    fn value(self) -> f64 {
        match self {
            Self::Time(time) => time.as_secs_f64() * 1000.0,
            Self::Mebibytes(mebibytes) => mebibytes,
        }
    }

    fn text(self) -> String {
        match self {
            Self::Time(_) => format!("{:.2} ms", self.value()),
            Self::Mebibytes(_) => format!("{:.1} MiB", self.value()),
        }
    }
}

/// Adds the median and the 99th percentile of some times.
fn add_times(figures: &mut Figures, name: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |part: usize| Figure::Time(times[(times.len() * part / 100).min(times.len() - 1)]);
    figures.push((format!("{name}, p50"), at(50)));
    figures.push((format!("{name}, p99"), at(99)));
}
