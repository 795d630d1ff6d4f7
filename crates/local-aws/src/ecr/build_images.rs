//! Build images that are in ECR: CodeBuild pulls them with rights of its own.

use build_engine::RegistryLogin;

use super::logins;
use super::registry::Registry;
use crate::host_header::NAME_IN_CONTAINERS;
use crate::timestamp::EpochSeconds;

/// The hosts by which an engine may know this machine.
const HOSTS: [&str; 3] = ["127.0.0.1", "localhost", NAME_IN_CONTAINERS];

impl Registry {
    /// A login for pulling this image, if it is in a repository of this registry.
    pub(crate) fn login_for(&self, image: &str, access_key_id: &str) -> Option<RegistryLogin> {
        let (host, _) = image.split_once('/')?;
        let (name, port) = host.rsplit_once(':')?;
        let (_, own_port) = self.account.endpoint.rsplit_once(':')?;
        if port != own_port || !HOSTS.contains(&name) {
            return None;
        }
        let expires = EpochSeconds::now().plus(logins::LIFETIME);
        Some(RegistryLogin {
            username: logins::USER.to_owned(),
            password: self.logins.password(access_key_id, expires),
        })
    }
}
