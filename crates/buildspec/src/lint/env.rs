//! `env`: names and values of variables.

use super::Lint;

impl Lint<'_> {
    pub(super) fn env(&mut self) {
        let spec = self.spec;
        let env = &spec.env;
        for (name, value) in &env.variables {
            let place = spec.places.get(&format!("env.variables.{name}"));
            if let Some(reference) = reference(value) {
                self.warn(
                    "literal-value",
                    place,
                    format!("the value of {name} is literal: {reference} in it is not expanded"),
                    format!("Set it in a command instead, such as `export {name}=\"…\"`."),
                );
            }
            if is_secret(name) && !is_harmless(value) {
                self.warn(
                    "plain-secret",
                    place,
                    format!("{name} looks like a secret, but everybody who sees the project or the buildspec can read it"),
                    "Keep it in Secrets Manager or Parameter Store, and name it below `secrets-manager:` or `parameter-store:`.",
                );
            }
        }
        let sections = [
            ("variables", &env.variables),
            ("parameter-store", &env.parameter_store),
            ("secrets-manager", &env.secrets_manager),
        ];
        for (section, variables) in sections {
            for (name, _) in variables {
                if name.starts_with("CODEBUILD_") {
                    self.warn(
                        "reserved-name",
                        spec.places.get(&format!("env.{section}.{name}")),
                        format!("{name} is in CodeBuild's own namespace: names that begin with CODEBUILD_ are reserved"),
                        "Choose another name.",
                    );
                }
            }
        }
        for (index, name) in env.exported_variables.iter().enumerate() {
            let place = spec.places.get(&format!("env.exported-variables[{index}]"));
            let is_in = |list: &[(String, String)]| list.iter().any(|(other, _)| other == name);
            if name.starts_with("AWS_") {
                self.warn(
                    "not-exported",
                    place,
                    format!("{name} cannot be exported: names that begin with AWS_ are not"),
                    "Give the value another name in a command, and export that.",
                );
            } else if is_in(&env.parameter_store) || is_in(&env.secrets_manager) {
                self.warn(
                    "not-exported",
                    place,
                    format!("{name} cannot be exported: values from Parameter Store and Secrets Manager are not"),
                    "Let the later action read the secret itself.",
                );
            }
        }
    }
}

/// The first `$NAME`, `${…}` or `$(…)` of a text.
fn reference(value: &str) -> Option<&str> {
    for (at, _) in value.match_indices('$') {
        let rest = value.get(at..)?;
        let after = rest.get(1..)?;
        let end = match after.chars().next() {
            Some('{') => rest.find('}').map(|end| end + 1),
            Some('(') => rest.find(')').map(|end| end + 1),
            Some(c) if c.is_ascii_alphabetic() || c == '_' => after
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .map_or(Some(rest.len()), |end| Some(end + 1)),
            _ => None,
        };
        if let Some(end) = end {
            return rest.get(..end);
        }
    }
    None
}

/// Whether a variable of that name usually holds a secret.
fn is_secret(name: &str) -> bool {
    const ABOUT: [&str; 26] = [
        "ARN", "NAME", "PATH", "FILE", "DIR", "URL", "URI", "TTL", "TYPE", "LENGTH", "COUNT",
        "ENABLED", "REGION", "PREFIX", "HEADER", "USER", "USERNAME", "ID", "ENDPOINT", "POLICY",
        "EXPIRY", "SERVICE", "BUCKET", "VERSION", "LIMIT", "MANAGER",
    ];
    let name = name.to_ascii_uppercase();
    let words: Vec<&str> = name.split('_').filter(|word| !word.is_empty()).collect();
    if name == "AWS_ACCESS_KEY_ID" {
        return true;
    }
    if words.last().is_some_and(|last| ABOUT.contains(last)) {
        return false;
    }
    let secret_word =
        |word: &&str| ["PASSWORD", "PASSWD", "SECRET", "TOKEN", "APIKEY"].contains(word);
    let secret_pair =
        |pair: &[&str]| matches!(pair, ["API" | "ACCESS" | "PRIVATE" | "SECRET", "KEY"]);
    words.iter().any(secret_word) || words.windows(2).any(secret_pair)
}

/// Whether a value says nothing, or stands for the secret.
fn is_harmless(value: &str) -> bool {
    let value = value.trim();
    value.is_empty()
        || ["true", "false", "yes", "no", "0", "1"].contains(&value)
        || value.starts_with("arn:")
        || value.starts_with('$')
}

#[cfg(test)]
mod tests {
    use super::is_secret;
    use super::reference;

    #[test]
    fn secrets_are_known_by_their_names() {
        for name in [
            "DB_PASSWORD",
            "GithubToken_TOKEN",
            "API_KEY",
            "NPM_TOKEN",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_ACCESS_KEY_ID",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in [
            "SECRET_ARN",
            "TOKEN_ENDPOINT",
            "PASSWORDLESS",
            "KEY",
            "CACHE_KEY",
            "AUTHOR",
        ] {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn references_are_found_where_a_shell_would_expand_them() {
        assert_eq!(reference("/opt/bin:$PATH:/x"), Some("$PATH"));
        assert_eq!(reference("a${B}c"), Some("${B}"));
        assert_eq!(reference("$(date)"), Some("$(date)"));
        assert_eq!(reference("costs 5$ or $5, ä$"), None);
        assert_eq!(reference("${open"), None);
    }
}
