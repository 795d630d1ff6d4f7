//! What the database keeps about a secret.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use redb::ReadableTable;
use serde::Deserialize;
use serde::Serialize;

use super::invalid_parameter;
use super::invalid_request;
use super::not_found;
use crate::account::Account;
use crate::error::AwsError;
use crate::hidden::Hidden;
use crate::services::Services;
use crate::store;
use crate::store::Store;
use crate::timestamp::EpochSeconds;

/// The label of the version that is used.
pub(super) const CURRENT: &str = "AWSCURRENT";

/// The label of the version that was used before.
pub(super) const PREVIOUS: &str = "AWSPREVIOUS";

/// How many versions without a label are kept.
const DEPRECATED: usize = 100;

/// How long a value may be, in bytes.
const LONGEST: usize = 65_536;

/// A secret.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Secret {
    pub(super) arn: String,
    pub(super) description: Option<String>,
    pub(super) kms_key_id: Option<String>,
    pub(super) created: EpochSeconds,
    pub(super) changed: EpochSeconds,
    /// When it was deleted, and when it is gone.
    pub(super) deleted: Option<(EpochSeconds, EpochSeconds)>,
    #[serde(default)]
    pub(super) tags: Vec<(String, String)>,
    /// Oldest first.
    pub(super) versions: Vec<Version>,
}

/// A version of a secret's value.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Version {
    pub(super) id: String,
    pub(super) created: EpochSeconds,
    pub(super) string: Option<Hidden>,
    /// In Base64.
    pub(super) binary: Option<Hidden>,
    #[serde(default)]
    pub(super) stages: Vec<String>,
}

impl Secret {
    /// `InvalidRequestException` if it was deleted.
    pub(super) fn check_alive(&self) -> Result<(), AwsError> {
        if self.deleted.is_none() {
            return Ok(());
        }
        Err(invalid_request(
            "You can't perform this operation on the secret because it was marked for deletion.",
        ))
    }

    /// Whether its recovery window is over.
    fn is_gone(&self) -> bool {
        self.deleted
            .is_some_and(|(_, gone)| gone <= EpochSeconds::now())
    }

    /// The version with an id, a label, or both; `AWSCURRENT` if neither is given.
    pub(super) fn select(
        &self,
        id: Option<&str>,
        stage: Option<&str>,
    ) -> Result<&Version, AwsError> {
        let missing = |what: &str, value: &str| {
            AwsError::not_found(format!(
                "Secrets Manager can't find the specified secret value for {what}: {value}"
            ))
        };
        let Some(id) = id else {
            let stage = stage.unwrap_or(CURRENT);
            return self
                .versions
                .iter()
                .find(|version| version.stages.iter().any(|label| label == stage))
                .ok_or_else(|| missing("staging label", stage));
        };
        let version = self
            .versions
            .iter()
            .find(|version| version.id == id)
            .ok_or_else(|| missing("VersionId", id))?;
        match stage {
            Some(stage) if !version.stages.iter().any(|label| label == stage) => {
                Err(invalid_request(
                    "You provided a VersionStage that is not associated to the provided VersionId.",
                ))
            }
            _ => Ok(version),
        }
    }

    /// Adds a version, or finds that the same one is there. `AWSCURRENT` leaves `AWSPREVIOUS`
    /// behind.
    pub(super) fn add(&mut self, new: NewVersion, stages: &[String]) -> Result<(), AwsError> {
        if let Some(existing) = self.versions.iter().find(|version| version.id == new.id) {
            if existing.string == new.string && existing.binary == new.binary {
                return Ok(());
            }
            return Err(AwsError::new(
                "ResourceExistsException",
                format!(
                    "You can't use ClientRequestToken {} because that value is already in use for \
                     a version of secret {}.",
                    new.id, self.arn
                ),
            ));
        }
        let now = EpochSeconds::now();
        let first = self.versions.is_empty();
        let id = new.id.clone();
        self.versions.push(Version {
            id: new.id,
            created: now,
            string: new.string,
            binary: new.binary,
            stages: Vec::new(),
        });
        for stage in stages {
            self.move_stage(stage, &id);
        }
        if first {
            self.move_stage(CURRENT, &id);
        }
        self.changed = now;
        let unlabelled = self.versions.iter().filter(|one| one.stages.is_empty());
        if unlabelled.count() > DEPRECATED
            && let Some(oldest) = self.versions.iter().position(|one| one.stages.is_empty())
        {
            self.versions.remove(oldest);
        }
        Ok(())
    }

    /// Puts a label on a version and takes it from the one that had it.
    pub(super) fn move_stage(&mut self, stage: &str, to: &str) {
        let before = self
            .versions
            .iter()
            .find(|version| version.stages.iter().any(|label| label == stage))
            .map(|version| version.id.clone());
        if before.as_deref() == Some(to) {
            return;
        }
        for version in &mut self.versions {
            version.stages.retain(|label| label != stage);
            if version.id == to {
                version.stages.push(stage.to_owned());
            }
        }
        if let Some(before) = before
            && stage == CURRENT
        {
            self.move_stage(PREVIOUS, &before);
        }
    }
}

/// A value that is to become a version.
#[derive(Debug)]
pub(super) struct NewVersion {
    pub(super) id: String,
    pub(super) string: Option<Hidden>,
    pub(super) binary: Option<Hidden>,
}

impl NewVersion {
    /// From the members of a request; `None` if it has no value.
    pub(super) fn of(
        token: Option<&str>,
        string: Option<Hidden>,
        binary: Option<Hidden>,
    ) -> Result<Option<Self>, AwsError> {
        if let Some(token) = token
            && !(32..=64).contains(&token.len())
        {
            return Err(invalid_parameter(
                "ClientRequestToken must be 32-64 characters long.",
            ));
        }
        let length = match (&string, &binary) {
            (Some(_), Some(_)) => {
                return Err(invalid_parameter(
                    "You can't specify both a binary secret value and a string secret value in the \
                     same secret.",
                ));
            }
            (None, None) => return Ok(None),
            (Some(text), None) => text.0.len(),
            (None, Some(text)) => STANDARD
                .decode(&text.0)
                .map_err(|_| AwsError::serialization("SecretBinary is not Base64"))?
                .len(),
        };
        if length > LONGEST {
            return Err(invalid_parameter(format!(
                "The secret value is longer than {LONGEST} bytes."
            )));
        }
        Ok(Some(Self {
            id: token.map_or_else(|| uuid::Uuid::new_v4().to_string(), str::to_owned),
            string,
            binary,
        }))
    }
}

/// A secret's name and record, by name, ARN, or an ARN without its random end.
pub(super) fn find(
    store: &Store,
    account: &Account,
    id: &str,
) -> Result<(String, Secret), AwsError> {
    store.read(|transaction| {
        let table = transaction.open_table(store::SECRETS)?;
        look_up(&table, account, id)
    })
}

/// The same in a write.
pub(super) fn look_up(
    table: &impl ReadableTable<&'static str, &'static [u8]>,
    account: &Account,
    id: &str,
) -> Result<(String, Secret), store::StoreError> {
    let prefix = account.secret_arn("", "");
    let prefix = prefix.trim_end_matches('-');
    let names: Vec<&str> = match id.strip_prefix(prefix) {
        // A hyphen and six characters may be the random end or a part of the name.
        Some(rest) => {
            let without_end = rest.len().checked_sub(7).and_then(|end| rest.get(..end));
            without_end.into_iter().chain([rest]).collect()
        }
        None => vec![id],
    };
    for name in names {
        let Some(secret) = store::get::<Secret>(table, name)? else {
            continue;
        };
        let named_whole = id == secret.arn || id == name || id.strip_prefix(prefix) == Some(name);
        if named_whole && !secret.is_gone() {
            return Ok((name.to_owned(), secret));
        }
    }
    Err(not_found().into())
}

/// Changes a secret that is not deleted.
pub(super) async fn change<T: Send + 'static>(
    services: &Services,
    id: String,
    change: impl FnOnce(&str, &mut Secret) -> Result<T, AwsError> + Send + 'static,
) -> Result<T, AwsError> {
    let account = services.account.clone();
    services
        .store
        .write(move |transaction| {
            let mut table = transaction.open_table(store::SECRETS)?;
            let (name, mut secret) = look_up(&*table, &account, &id)?;
            secret.check_alive()?;
            let output = change(&name, &mut secret)?;
            store::put(&mut table, &name, &secret)?;
            Ok(output)
        })
        .await
}

/// All secrets by name.
pub(super) fn all(store: &Store) -> Result<Vec<(String, Secret)>, AwsError> {
    store.read(|transaction| {
        let mut secrets = Vec::new();
        for entry in transaction.open_table(store::SECRETS)?.iter()? {
            let (name, value) = entry?;
            let secret: Secret = serde_json::from_slice(value.value())?;
            if !secret.is_gone() {
                secrets.push((name.value().to_owned(), secret));
            }
        }
        Ok(secrets)
    })
}

/// Six letters or digits.
pub(super) fn random_end() -> Result<String, AwsError> {
    super::password::characters(
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
        6,
    )
}
