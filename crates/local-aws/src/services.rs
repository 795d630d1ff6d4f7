//! What every operation works on.

use std::path::PathBuf;

use tokio_util::sync::CancellationToken;

use crate::access_keys::AccessKeys;
use crate::account::Account;
use crate::batches::Batches;
use crate::builds::Builds;
use crate::cloudformation::Stacks;
use crate::codecommit::ReferenceTurn;
use crate::ecr::Registry;
use crate::logs::LogFiles;
use crate::page_token::PageTokens;
use crate::s3::Buckets;
use crate::sandboxes::Sandboxes;
use crate::sns::Delivery;
use crate::store::Store;

/// The services of one account in one region.
#[derive(Debug)]
pub(crate) struct Services {
    pub(crate) account: Account,
    pub(crate) keys: AccessKeys,
    pub(crate) store: Store,
    pub(crate) log_files: LogFiles,
    pub(crate) builds: Builds,
    pub(crate) batches: Batches,
    pub(crate) sandboxes: Sandboxes,
    pub(crate) stacks: Stacks,
    pub(crate) sns: Delivery,
    pub(crate) buckets: Buckets,
    /// The bare repositories of CodeCommit.
    pub(crate) repositories: PathBuf,
    pub(crate) references: ReferenceTurn,
    /// The images of ECR.
    pub(crate) registry: Registry,
    pub(crate) tokens: PageTokens,
    /// Whether answers are held against the service model.
    pub(crate) check_answers: bool,
    /// Cancelled when the local AWS stops: answers that go on must end then.
    pub(crate) stop: CancellationToken,
}
