//! Starting the local AWS, and the reasons why it does not start, with what to do next.

use std::io::ErrorKind;
use std::net::SocketAddr;

use jiff::Timestamp;
use local_aws::Access;
use local_aws::Checkout;
use local_aws::Config;
use local_aws::EngineChoice;
use local_aws::LocalAws;
use local_aws::StartError;

use crate::command_error::CommandError;
use crate::port_owner::port_owner;
use crate::state::LocalPlace;
use crate::state::StateDirectory;
use crate::target::TargetOptions;

/// The account id of the local AWS, unless another one is asked for.
pub(crate) const ACCOUNT: &str = "000000000000";
/// The region of the local AWS, unless another one is asked for.
const REGION: &str = "eu-central-1";
/// Set by tests: answers of CodeBuild are held against its service model.
const CHECK_ANSWERS: &str = "GUIDED_DEMO_CHECK_ANSWERS";

/// Which local AWS this is. One state directory is one account in one region, as what it holds has
/// both in its ARNs.
///
/// # Errors
///
/// If another one is asked for than the directory has.
pub(crate) fn place(options: &TargetOptions) -> Result<LocalPlace, CommandError> {
    let wanted =
        |asked: &Option<String>, default: &str| asked.clone().unwrap_or_else(|| default.to_owned());
    let known = match LocalAws::running(&options.state.local_aws()) {
        Some(access) => Some(LocalPlace::new(access.account_id, access.region)),
        None => LocalPlace::load(&options.state.local_place())?,
    };
    let Some(known) = known else {
        return Ok(LocalPlace::new(
            wanted(&options.account, ACCOUNT),
            wanted(&options.region, REGION),
        ));
    };
    let same = wanted(&options.account, &known.account) == known.account
        && wanted(&options.region, &known.region) == known.region;
    if same {
        return Ok(known);
    }
    Err(CommandError::prerequisite(format!(
        "the local AWS in {} is account {} in {}, and what it holds has that in its ARNs",
        options.state.root().display(),
        known.account,
        known.region
    ))
    .hinted(
        "Leave the account and the region out, or keep another local AWS with --state-dir DIR.",
    ))
}

/// Starts it: on the port that is asked for, or else on the last one, or else on a free one.
///
/// # Errors
///
/// If it cannot start.
pub(crate) async fn start(
    options: &TargetOptions,
    checkouts: Vec<Checkout>,
    port: Option<u16>,
) -> Result<LocalAws, CommandError> {
    let mut place = place(options)?;
    let config = |port| Config {
        state_dir: options.state.local_aws(),
        listen: SocketAddr::from(([127, 0, 0, 1], port)),
        region: place.region.clone(),
        account_id: place.account.clone(),
        engine: EngineChoice::Connect(options.engine_host.clone()),
        checkouts: checkouts.clone(),
        check_answers: std::env::var_os(CHECK_ANSWERS).is_some(),
    };
    let first = port.or(place.port).unwrap_or(0);
    let local = match LocalAws::start(config(first)).await {
        Err(StartError::Listen { .. }) if port.is_none() => LocalAws::start(config(0)).await,
        started => started,
    };
    let local = local.map_err(|error| refused(error, &options.state))?;
    if port != Some(0) || place.port.is_none() {
        place.port = port_of(local.access());
        place.save(&options.state.local_place())?;
    }
    Ok(local)
}

fn port_of(access: &Access) -> Option<u16> {
    access.endpoint.rsplit_once(':')?.1.parse().ok()
}

/// Who serves, where, and since when, as a clause.
pub(crate) fn holder(access: &Access) -> String {
    format!(
        "process {} serves it at {} since {:.0} (for {})",
        access.pid,
        access.endpoint,
        access.since,
        duration(Timestamp::now().duration_since(access.since).as_secs()),
    )
}

/// That it runs already.
pub(crate) fn already_served(access: &Access, state: &StateDirectory) -> CommandError {
    CommandError::prerequisite(format!(
        "the local AWS in {} runs already: {}",
        state.root().display(),
        holder(access)
    ))
    .hinted(format!(
        "It serves any number of terminals and walks: use it with `eval \"$({})\"`.",
        state.invocation("env")
    ))
    .hinted("To have another one, name another directory with --state-dir.")
}

fn refused(error: StartError, state: &StateDirectory) -> CommandError {
    match &error {
        StartError::Held { .. } => match LocalAws::running(&state.local_aws()) {
            Some(access) => already_served(&access, state),
            None => CommandError::prerequisite(error.to_string()),
        },
        StartError::Listen { address, source } => not_listening(*address, source),
        StartError::AccountId(_) | StartError::Region(_) => CommandError::usage(error.to_string()),
        _ => CommandError::prerequisite(error.to_string()),
    }
}

fn not_listening(address: SocketAddr, source: &std::io::Error) -> CommandError {
    let port = address.port();
    match source.kind() {
        ErrorKind::AddrInUse => {
            let (who, hint) = match port_owner(port) {
                Some(owner) => (owner, "Stop that program".to_owned()),
                None => (
                    "another program".to_owned(),
                    format!("`lsof -iTCP:{port} -sTCP:LISTEN` says which program that is. Stop it"),
                ),
            };
            CommandError::prerequisite(format!("port {port} is taken: {who} listens on it")).hinted(
                format!("{hint}, or choose another port; without --port a free one is taken."),
            )
        }
        ErrorKind::PermissionDenied => CommandError::prerequisite(format!(
            "port {port} needs special rights on this system, as all ports below 1024 do"
        ))
        .hinted("Choose a higher one; without --port a free one is taken."),
        _ => CommandError::prerequisite(format!("cannot listen on {address}: {source}"))
            .hinted("Choose another port; without --port a free one is taken."),
    }
}

fn duration(seconds: i64) -> String {
    let (count, unit) = match seconds.max(0) {
        seconds @ ..120 => (seconds, "second"),
        seconds @ ..7200 => (seconds / 60, "minute"),
        seconds @ ..172_800 => (seconds / 3600, "hour"),
        seconds => (seconds / 86_400, "day"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}
