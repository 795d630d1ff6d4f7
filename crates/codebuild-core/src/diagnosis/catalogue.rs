//! The causes that are known, in the order in which they explain more than the next ones.

use super::Diagnosis;
use super::docker_causes;
use super::record::Failure;
use super::service_causes;

/// Looks for one cause.
type Cause = fn(&Failure<'_>) -> Option<Diagnosis>;

/// Causes that say what is wrong.
const CAUSES: [Cause; 20] = [
    service_causes::stopped,
    service_causes::interrupted,
    service_causes::queued_too_long,
    service_causes::service_role,
    service_causes::image_cannot_be_pulled,
    service_causes::buildspec_missing,
    service_causes::yaml_error,
    service_causes::source_error,
    docker_causes::privileged_mode_off,
    docker_causes::storage_driver,
    docker_causes::daemon_failed,
    docker_causes::pull_limit,
    docker_causes::base_image_cannot_be_pulled,
    docker_causes::daemon_not_started,
    docker_causes::daemon_not_ready,
    service_causes::timed_out,
    service_causes::bash_syntax,
    service_causes::command_not_found,
    service_causes::no_space,
    service_causes::killed,
];

/// What can be said of any failure, if no cause was found.
const OTHERWISE: [Cause; 2] = [service_causes::command_failed, service_causes::phase_failed];

/// Every cause that fits, most likely first.
pub(super) fn causes(failure: &Failure<'_>) -> Vec<Diagnosis> {
    let mut found: Vec<Diagnosis> = CAUSES.iter().filter_map(|cause| cause(failure)).collect();
    if found.is_empty() {
        found.extend(OTHERWISE.iter().find_map(|cause| cause(failure)));
    }
    found
}
