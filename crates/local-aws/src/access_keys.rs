//! The keys that requests may be signed with: the state directory's own, and those of the builds
//! that run now.
//!
//! A build's keys are temporary ones as AWS STS issues them for the build's service role: they count
//! only together with their session token, see
//! [temporary security credentials](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_use-resources.html).

use std::collections::HashMap;
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use subtle::ConstantTimeEq;

use crate::access;
use crate::access::Credentials;

/// How many keys of builds that are over are known as such. Older ones are unknown.
const REMEMBERED: usize = 1000;

/// Random bytes of a session token.
const TOKEN_BYTES: usize = 96;

/// Who signed a request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Caller {
    /// The IAM user that the state directory's keys belong to.
    User,
    /// A build, in the role of its project.
    Role(RoleSession),
}

/// A role that is assumed, and the name of the session.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct RoleSession {
    /// Without its path.
    pub(crate) role: String,
    /// Such as `AWSCodeBuild-` and a UUID.
    pub(crate) session: String,
}

/// The keys that count at one listener. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct AccessKeys {
    inner: Arc<Inner>,
    of_builds_only: bool,
}

struct Inner {
    user: Credentials,
    builds: Mutex<OfBuilds>,
}

#[derive(Default)]
struct OfBuilds {
    /// By access key id.
    active: HashMap<String, AccessKey>,
    /// The ids of those that are over, the oldest first.
    expired: VecDeque<String>,
}

/// What belongs to an access key id.
#[derive(Clone)]
pub(crate) struct AccessKey {
    pub(crate) secret: String,
    session_token: Option<String>,
    pub(crate) caller: Caller,
}

/// Why an access key id does not count.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum NoKey {
    /// There is no such key.
    Unknown,
    /// The build that it belonged to is over.
    Expired,
}

/// The keys of one build. They count until this is dropped.
pub(crate) struct BuildKeys {
    keys: AccessKeys,
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: String,
    pub(crate) session_token: String,
}

impl AccessKeys {
    pub(crate) fn new(user: Credentials) -> Self {
        Self {
            inner: Arc::new(Inner {
                user,
                builds: Mutex::default(),
            }),
            of_builds_only: false,
        }
    }

    /// The same keys without the state directory's own.
    pub(crate) fn of_builds_only(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            of_builds_only: true,
        }
    }

    /// Fresh keys for a build: `ASIA` and 16 more characters, a secret and a session token.
    ///
    /// # Errors
    ///
    /// If the system gives no random numbers.
    pub(crate) fn issue(&self, session: RoleSession) -> Result<BuildKeys, getrandom::Error> {
        let pair = access::random_pair("ASIA")?;
        let mut token = [0_u8; TOKEN_BYTES];
        getrandom::fill(&mut token)?;
        let session_token = STANDARD.encode(token);
        let key = AccessKey {
            secret: pair.secret_access_key.clone(),
            session_token: Some(session_token.clone()),
            caller: Caller::Role(session),
        };
        self.builds().active.insert(pair.access_key_id.clone(), key);
        Ok(BuildKeys {
            keys: self.clone(),
            access_key_id: pair.access_key_id,
            secret_access_key: pair.secret_access_key,
            session_token,
        })
    }

    /// The key with this id.
    ///
    /// # Errors
    ///
    /// If no key with this id counts here and now.
    pub(crate) fn find(&self, access_key_id: &str) -> Result<AccessKey, NoKey> {
        let user = &self.inner.user;
        let is_user: bool = access_key_id
            .as_bytes()
            .ct_eq(user.access_key_id.as_bytes())
            .into();
        if is_user && !self.of_builds_only {
            return Ok(AccessKey {
                secret: user.secret_access_key.clone(),
                session_token: None,
                caller: Caller::User,
            });
        }
        let builds = self.builds();
        if let Some(key) = builds.active.get(access_key_id) {
            return Ok(key.clone());
        }
        if builds.expired.iter().any(|id| id == access_key_id) {
            return Err(NoKey::Expired);
        }
        Err(NoKey::Unknown)
    }

    /// Whether the owner of this key may use what was issued to them, at any listener: the user, or
    /// a build that still runs.
    pub(crate) fn owner_is_here(&self, access_key_id: &str) -> bool {
        let is_user = access_key_id == self.inner.user.access_key_id;
        is_user || self.builds().active.contains_key(access_key_id)
    }

    fn builds(&self) -> MutexGuard<'_, OfBuilds> {
        let builds = &self.inner.builds;
        builds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AccessKey {
    /// Whether a request with this session token may use the key: long-lived keys have none,
    /// temporary ones do not count without theirs.
    pub(crate) fn fits(&self, session_token: Option<&[u8]>) -> bool {
        match (&self.session_token, session_token) {
            (None, None) => true,
            (Some(own), Some(given)) => own.as_bytes().ct_eq(given).into(),
            (None, Some(_)) | (Some(_), None) => false,
        }
    }

    /// Whether the key counts only together with a session token.
    pub(crate) const fn is_temporary(&self) -> bool {
        self.session_token.is_some()
    }
}

impl Drop for BuildKeys {
    fn drop(&mut self) {
        let mut builds = self.keys.builds();
        builds.active.remove(&self.access_key_id);
        if builds.expired.len() >= REMEMBERED {
            builds.expired.pop_front();
        }
        builds
            .expired
            .push_back(std::mem::take(&mut self.access_key_id));
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner")
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> AccessKeys {
        AccessKeys::new(Credentials {
            access_key_id: "AKIAUSER".to_owned(),
            secret_access_key: "secret".to_owned(),
        })
    }

    fn session() -> RoleSession {
        RoleSession {
            role: "build".to_owned(),
            session: "AWSCodeBuild-1".to_owned(),
        }
    }

    #[test]
    fn the_keys_of_a_build_count_until_they_are_dropped() {
        let keys = keys();
        let build = keys.issue(session()).unwrap();
        let id = build.access_key_id.clone();
        assert!(id.starts_with("ASIA") && id.len() == 20, "{id}");
        assert_eq!(build.secret_access_key.len(), 40);
        for keys in [&keys, &keys.of_builds_only()] {
            let found = keys.find(&id).ok().unwrap();
            assert_eq!(found.caller, Caller::Role(session()));
            assert_eq!(found.secret, build.secret_access_key);
        }
        drop(build);
        assert_eq!(keys.find(&id).err(), Some(NoKey::Expired));
    }

    #[test]
    fn a_key_counts_with_its_own_session_token_only() {
        let keys = keys();
        let (one, other) = (
            keys.issue(session()).unwrap(),
            keys.issue(session()).unwrap(),
        );
        let key = keys.find(&one.access_key_id).ok().unwrap();
        assert!(key.fits(Some(one.session_token.as_bytes())));
        assert!(!key.fits(Some(other.session_token.as_bytes())));
        assert!(!key.fits(Some(b"")));
        assert!(!key.fits(None));
        let user = keys.find("AKIAUSER").ok().unwrap();
        assert!(user.fits(None) && !user.fits(Some(one.session_token.as_bytes())));
    }

    #[test]
    fn the_users_keys_do_not_count_where_only_builds_may_call() {
        let keys = keys();
        let for_builds = keys.of_builds_only();
        assert_eq!(keys.find("AKIAUSER").ok().unwrap().caller, Caller::User);
        assert_eq!(for_builds.find("AKIAUSER").err(), Some(NoKey::Unknown));
        assert_eq!(keys.find("AKIANOBODY").err(), Some(NoKey::Unknown));
    }

    #[test]
    fn only_so_many_expired_keys_are_remembered() {
        let keys = keys();
        let first = keys.issue(session()).unwrap().access_key_id.clone();
        for _ in 0..REMEMBERED {
            drop(keys.issue(session()).unwrap());
        }
        assert_eq!(keys.find(&first).err(), Some(NoKey::Unknown));
        assert_eq!(keys.builds().expired.len(), REMEMBERED);
    }
}
