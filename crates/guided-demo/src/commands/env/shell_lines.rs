//! Lines that a shell evaluates: each shell has its own way to set a variable.

use crate::cli::Shell;
use crate::command_error::CommandError;

/// Lines for one shell.
pub(super) struct ShellLines {
    shell: Shell,
    text: String,
}

impl ShellLines {
    pub(super) fn new(shell: Shell) -> Self {
        Self {
            shell,
            text: String::new(),
        }
    }

    /// Sets a variable for the shell and what it starts.
    ///
    /// # Errors
    ///
    /// If the value cannot be written for a shell: it holds a null byte or a line break.
    pub(super) fn set(&mut self, name: &str, value: &str) -> Result<(), CommandError> {
        let value = self.quote(value)?;
        self.line(&match self.shell {
            Shell::Bash => format!("export {name}={value}"),
            Shell::Fish => format!("set -gx {name} {value}"),
            Shell::Powershell => format!("$Env:{name} = {value}"),
        });
        Ok(())
    }

    /// Unsets variables, whether they are set or not.
    pub(super) fn unset(&mut self, names: &[&str]) {
        self.line(&match self.shell {
            Shell::Bash => format!("unset {}", names.join(" ")),
            Shell::Fish => format!("set -e {}", names.join(" ")),
            Shell::Powershell => format!(
                "Remove-Item Env:{} -ErrorAction SilentlyContinue",
                names.join(", Env:")
            ),
        });
    }

    /// A comment, in all these shells.
    pub(super) fn comment(&mut self, text: &str) {
        self.line(&format!("# {text}"));
    }

    /// Gives the AWS CLI the endpoint as an option. Further options come later and win.
    ///
    /// # Errors
    ///
    /// As [`Self::set`].
    pub(super) fn aws_function(&mut self, endpoint: &str) -> Result<(), CommandError> {
        let endpoint = self.quote(endpoint)?;
        self.line(&match self.shell {
            // Scripts for bash have it too.
            Shell::Bash => format!(
                "aws() {{ command aws --endpoint-url {endpoint} \"$@\"; }}\n\
                 if [ -n \"${{BASH_VERSION-}}\" ]; then export -f aws; fi"
            ),
            Shell::Fish => {
                format!("function aws; command aws --endpoint-url {endpoint} $argv; end")
            }
            Shell::Powershell => format!(
                "function aws {{ & (Get-Command aws -CommandType Application | \
                 Select-Object -First 1) --endpoint-url {endpoint} @args }}"
            ),
        });
        Ok(())
    }

    /// Removes that function.
    pub(super) fn forget_aws_function(&mut self) {
        self.line(match self.shell {
            Shell::Bash => "unset -f aws",
            Shell::Fish => "functions -e aws",
            Shell::Powershell => "Remove-Item Function:aws -ErrorAction SilentlyContinue",
        });
    }

    /// All lines.
    pub(super) fn finish(self) -> String {
        self.text
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn quote(&self, value: &str) -> Result<String, CommandError> {
        if value.contains(['\0', '\n', '\r']) {
            return Err(CommandError::step(format!(
                "{value:?} cannot be written for a shell"
            )));
        }
        Ok(match self.shell {
            Shell::Bash => shlex::try_quote(value)
                .map_err(|error| CommandError::step(error.to_string()))?
                .into_owned(),
            Shell::Fish => {
                format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"))
            }
            Shell::Powershell => format!("'{}'", value.replace('\'', "''")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Shell;
    use super::ShellLines;

    fn set(shell: Shell, value: &str) -> String {
        let mut lines = ShellLines::new(shell);
        lines.set("N", value).unwrap();
        lines.finish()
    }

    #[test]
    fn a_value_is_quoted_as_its_shell_reads_it() {
        assert_eq!(set(Shell::Bash, "a+/b"), "export N=a+/b\n");
        assert_eq!(set(Shell::Bash, "it's"), "export N=\"it's\"\n");
        assert_eq!(set(Shell::Fish, r"it's \"), "set -gx N 'it\\'s \\\\'\n");
        assert_eq!(set(Shell::Powershell, "it's"), "$Env:N = 'it''s'\n");
        assert!(ShellLines::new(Shell::Bash).set("N", "a\nb").is_err());
    }
}
