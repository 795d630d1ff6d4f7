//! `env` and `proxy`.

use super::Reader;
use crate::error::BuildspecError;
use crate::keys;
use crate::node::Entry;
use crate::node::Node;
use crate::node::Value;
use crate::spec::Environment;
use crate::spec::Proxy;
use crate::spec::Shell;

impl Reader<'_> {
    pub(super) fn environment(&mut self, node: &Node) -> Result<Environment, BuildspecError> {
        let mut env = Environment::default();
        for entry in self.section(node, "env")? {
            let value = &entry.value;
            match entry.key.as_str() {
                "shell" => env.shell = Some(self.shell(value)?),
                "variables" => env.variables = self.texts_by_name(value, "env.variables")?,
                "parameter-store" => {
                    env.parameter_store = self.texts_by_name(value, "env.parameter-store")?;
                }
                "secrets-manager" => {
                    env.secrets_manager = self.texts_by_name(value, "env.secrets-manager")?;
                }
                "exported-variables" => {
                    env.exported_variables = self.texts(value, "env.exported-variables")?;
                }
                "git-credential-helper" => {
                    env.git_credential_helper = self.yes_or_no(value, "git-credential-helper")?;
                }
                _ => self.unknown(entry, &keys::ENV),
            }
        }
        Ok(env)
    }

    fn shell(&self, node: &Node) -> Result<Shell, BuildspecError> {
        match self.text(node, "env.shell")?.as_str() {
            "bash" => Ok(Shell::Bash),
            "/bin/sh" | "sh" => Ok(Shell::Sh),
            other => {
                let error = node.error(
                    self.text,
                    format!("env.shell is {other:?}; a Linux build knows bash and /bin/sh"),
                );
                Err(match other {
                    "powershell.exe" | "cmd.exe" => {
                        error.with_help("that is a shell of Windows builds, which do not run here")
                    }
                    _ => error.with_help("write `shell: bash` or `shell: /bin/sh`"),
                })
            }
        }
    }

    pub(super) fn proxy(&mut self, section: &Entry) -> Result<Option<Proxy>, BuildspecError> {
        if matches!(section.value.value, Value::Null) {
            self.empty(section);
            return Ok(None);
        }
        let mut proxy = Proxy::default();
        for entry in self.mapping(&section.value, "proxy")? {
            let value = &entry.value;
            match entry.key.as_str() {
                "upload-artifacts" => {
                    proxy.upload_artifacts = self.yes_or_no(value, "proxy.upload-artifacts")?;
                }
                "logs" => proxy.logs = self.yes_or_no(value, "proxy.logs")?,
                _ => self.unknown(entry, &keys::PROXY),
            }
        }
        Ok(Some(proxy))
    }
}
