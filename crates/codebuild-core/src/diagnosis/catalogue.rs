//! The causes that are known, in the order in which they explain more than the next ones.

use super::Diagnosis;
use super::cause::Cause;
use super::causes::artifacts;
use super::causes::aws;
use super::causes::build_image;
use super::causes::buildspec;
use super::causes::container;
use super::causes::docker_daemon;
use super::causes::dockerfile;
use super::causes::exit_status;
use super::causes::network;
use super::causes::otherwise;
use super::causes::registry;
use super::causes::resources;
use super::causes::service;
use super::causes::shell;
use super::causes::source;
use super::causes::variables;
use super::record::Failure;

/// Causes that say what is wrong. Of a group only the first that fits counts: the others would name
/// the same thing less exactly.
const SPECIFIC: [&[Cause]; 13] = [
    service::CAUSES,
    build_image::CAUSES,
    buildspec::CAUSES,
    variables::CAUSES,
    docker_daemon::CAUSES,
    aws::CAUSES,
    source::CAUSES,
    artifacts::CAUSES,
    resources::CAUSES,
    registry::CAUSES,
    dockerfile::CAUSES,
    container::CAUSES,
    shell::CAUSES,
];

/// Causes that count only if no other does, and then the first that fits: they are often a
/// consequence of another cause, and the last ones can be said of any failure.
const GENERAL: [&[Cause]; 7] = [
    source::OTHERWISE,
    network::CAUSES,
    service::TIME_OVER,
    exit_status::CAUSES,
    dockerfile::RUN_FAILED,
    shell::LESS_LIKELY,
    otherwise::CAUSES,
];

/// Every cause that fits, most likely first; at least what can be said of any failure.
pub(super) fn causes(failure: &Failure<'_>) -> Vec<Diagnosis> {
    let first = |group: &&[Cause]| group.iter().find_map(|cause| cause.of(failure));
    let mut found: Vec<Diagnosis> = SPECIFIC.iter().filter_map(first).collect();
    if found.is_empty() {
        found.extend(GENERAL.iter().find_map(first));
    }
    found
}

/// Every cause in the catalogue.
#[cfg(test)]
pub(super) fn all() -> impl Iterator<Item = &'static Cause> {
    SPECIFIC.into_iter().chain(GENERAL).flatten()
}
