//! The keys that requests may be signed with: the state directory's own, those of the builds that run
//! now, and those that AssumeRole gives out.
//!
//! The latter two are temporary, as AWS STS issues them: they count only together with their session
//! token, see
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
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use subtle::ConstantTimeEq;

use crate::access;
use crate::access::Credentials;

/// How many temporary keys that are over are known as such. Older ones are unknown.
const REMEMBERED: usize = 1000;

/// Random bytes of a session token.
const TOKEN_BYTES: usize = 96;

/// Who signed a request.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum Caller {
    /// The IAM user that the state directory's keys belong to.
    User,
    /// A build, in the role of its project, or who has assumed a role.
    Role(RoleSession),
    /// Who follows a link in a message of SNS, without a signature.
    Anonymous,
}

impl Caller {
    /// The access key id of the build that calls, itself or in a role that it has assumed.
    pub(crate) fn build(&self) -> Option<&str> {
        match self {
            Self::Role(session) => session.build.as_deref(),
            Self::User | Self::Anonymous => None,
        }
    }
}

/// A role that is assumed, and the name of the session.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct RoleSession {
    /// Without its path.
    pub(crate) role: String,
    /// Such as `AWSCodeBuild-` and a UUID.
    pub(crate) session: String,
    /// The access key id of the build that the session belongs to: with the build it is over.
    pub(crate) build: Option<String>,
}

/// The keys that count at one listener. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct AccessKeys {
    inner: Arc<Inner>,
    of_builds_only: bool,
}

struct Inner {
    user: Credentials,
    temporary: Mutex<Temporary>,
}

#[derive(Default)]
struct Temporary {
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
    /// Keys of builds end with their build instead.
    expires: Option<Timestamp>,
}

/// Why an access key id does not count.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum NoKey {
    /// There is no such key.
    Unknown,
    /// Its time, or the build that it belonged to, is over.
    Expired,
}

/// The keys of a role that is assumed.
pub(crate) struct SessionKeys {
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: String,
    pub(crate) session_token: String,
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
                temporary: Mutex::default(),
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
    pub(crate) fn issue(&self, role: &str, session: &str) -> Result<BuildKeys, getrandom::Error> {
        let keys = random_session_keys()?;
        let session = RoleSession {
            role: role.to_owned(),
            session: session.to_owned(),
            build: Some(keys.access_key_id.clone()),
        };
        self.activate(&keys, session, None);
        Ok(BuildKeys {
            keys: self.clone(),
            access_key_id: keys.access_key_id,
            secret_access_key: keys.secret_access_key,
            session_token: keys.session_token,
        })
    }

    /// Fresh keys for a role that is assumed. They count until then, and not after the build that
    /// assumed it.
    ///
    /// # Errors
    ///
    /// If the system gives no random numbers.
    pub(crate) fn issue_until(
        &self,
        session: RoleSession,
        expires: Timestamp,
    ) -> Result<SessionKeys, getrandom::Error> {
        let keys = random_session_keys()?;
        self.activate(&keys, session, Some(expires));
        Ok(keys)
    }

    fn activate(&self, keys: &SessionKeys, session: RoleSession, expires: Option<Timestamp>) {
        let key = AccessKey {
            secret: keys.secret_access_key.clone(),
            session_token: Some(keys.session_token.clone()),
            caller: Caller::Role(session),
            expires,
        };
        let mut temporary = self.temporary();
        let now = Timestamp::now();
        temporary.end(|_, key| key.is_over(now));
        temporary.active.insert(keys.access_key_id.clone(), key);
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
                expires: None,
            });
        }
        let temporary = self.temporary();
        if let Some(key) = temporary.active.get(access_key_id)
            && (!self.of_builds_only || key.caller.build().is_some())
        {
            if key.is_over(Timestamp::now()) {
                return Err(NoKey::Expired);
            }
            return Ok(key.clone());
        }
        if temporary.expired.iter().any(|id| id == access_key_id) {
            return Err(NoKey::Expired);
        }
        Err(NoKey::Unknown)
    }

    /// Whether the owner of this key may use what was issued to them, at any listener: the user, or
    /// a build that still runs.
    pub(crate) fn owner_is_here(&self, access_key_id: &str) -> bool {
        let is_user = access_key_id == self.inner.user.access_key_id;
        let temporary = self.temporary();
        let key = temporary.active.get(access_key_id);
        is_user || key.is_some_and(|key| !key.is_over(Timestamp::now()))
    }

    fn temporary(&self) -> MutexGuard<'_, Temporary> {
        let temporary = &self.inner.temporary;
        temporary.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Temporary {
    /// Ends the keys that are as asked for.
    fn end(&mut self, is_over: impl Fn(&str, &AccessKey) -> bool) {
        let over: Vec<String> = self
            .active
            .iter()
            .filter(|(id, key)| is_over(id, key))
            .map(|(id, _)| id.clone())
            .collect();
        for id in over {
            self.active.remove(&id);
            if self.expired.len() >= REMEMBERED {
                self.expired.pop_front();
            }
            self.expired.push_back(id);
        }
    }
}

/// `ASIA` and 16 more characters, a secret and a session token.
fn random_session_keys() -> Result<SessionKeys, getrandom::Error> {
    let pair = access::random_pair("ASIA")?;
    let mut token = [0_u8; TOKEN_BYTES];
    getrandom::fill(&mut token)?;
    Ok(SessionKeys {
        access_key_id: pair.access_key_id,
        secret_access_key: pair.secret_access_key,
        session_token: STANDARD.encode(token),
    })
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

    fn is_over(&self, now: Timestamp) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }

    /// Whether the key counts only together with a session token.
    pub(crate) const fn is_temporary(&self) -> bool {
        self.session_token.is_some()
    }
}

impl Drop for BuildKeys {
    fn drop(&mut self) {
        let build = self.access_key_id.as_str();
        // The roles that it has assumed end with it.
        let mut temporary = self.keys.temporary();
        temporary.end(|_, key| key.caller.build() == Some(build));
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

    fn issue(keys: &AccessKeys) -> BuildKeys {
        keys.issue("build", "AWSCodeBuild-1").unwrap()
    }

    fn assumed(build: Option<&str>) -> RoleSession {
        RoleSession {
            role: "other".to_owned(),
            session: "me".to_owned(),
            build: build.map(str::to_owned),
        }
    }

    #[test]
    fn the_keys_of_a_build_count_until_they_are_dropped() {
        let keys = keys();
        let build = issue(&keys);
        let id = build.access_key_id.clone();
        assert!(id.starts_with("ASIA") && id.len() == 20, "{id}");
        assert_eq!(build.secret_access_key.len(), 40);
        for keys in [&keys, &keys.of_builds_only()] {
            let found = keys.find(&id).ok().unwrap();
            assert_eq!(found.caller.build(), Some(id.as_str()));
            assert_eq!(found.secret, build.secret_access_key);
        }
        drop(build);
        assert_eq!(keys.find(&id).err(), Some(NoKey::Expired));
    }

    #[test]
    fn a_key_counts_with_its_own_session_token_only() {
        let keys = keys();
        let (one, other) = (issue(&keys), issue(&keys));
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
        let first = issue(&keys).access_key_id.clone();
        for _ in 0..REMEMBERED {
            drop(issue(&keys));
        }
        assert_eq!(keys.find(&first).err(), Some(NoKey::Unknown));
        assert_eq!(keys.temporary().expired.len(), REMEMBERED);
    }

    #[test]
    fn an_assumed_role_ends_with_its_time_and_with_its_build() {
        let keys = keys();
        let (now, hour) = (Timestamp::now(), jiff::SignedDuration::from_hours(1));
        let over = keys.issue_until(assumed(None), now).unwrap();
        assert_eq!(keys.find(&over.access_key_id).err(), Some(NoKey::Expired));
        let mine = keys.issue_until(assumed(None), now + hour).unwrap();
        assert!(keys.find(&mine.access_key_id).is_ok());
        let at_gateway = keys.of_builds_only();
        let found = at_gateway.find(&mine.access_key_id).err();
        assert_eq!(found, Some(NoKey::Unknown), "it does not belong to a build");

        let build = issue(&keys);
        let session = assumed(Some(&build.access_key_id));
        let of_build = keys.issue_until(session, now + hour).unwrap();
        assert!(at_gateway.find(&of_build.access_key_id).is_ok());
        drop(build);
        let found = keys.find(&of_build.access_key_id).err();
        assert_eq!(found, Some(NoKey::Expired));
        assert!(keys.find(&mine.access_key_id).is_ok());
    }
}
