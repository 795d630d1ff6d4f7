//! The build's environment variables: who may set them, and where their values come from.
//!
//! See [environment variables in build environments](https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html):
//! what StartBuild says wins over the project, and the project over the buildspec.

use std::collections::HashSet;

use buildspec::Environment;

use crate::event::PhaseContext;
use crate::log::LogSink;
use crate::request::BuildRequest;
use crate::request::FetchedSource;
use crate::request::Variable;
use crate::request::VariableValue;
use crate::runner;

/// The variables of the build, low precedence first, with the values of secrets. Those values are
/// hidden in the log from here on.
///
/// # Errors
///
/// The context that DOWNLOAD_SOURCE fails with: a parameter or a secret cannot be read.
pub(crate) async fn resolve(
    request: &BuildRequest,
    env: &Environment,
    fetched: &FetchedSource,
    directories: &[(String, String)],
    log: &LogSink,
) -> Result<Vec<(String, String)>, PhaseContext> {
    log.line("Processing environment variables").await;
    let mut wanted: Vec<Variable> = Vec::new();
    let of_buildspec = [
        (
            &env.variables,
            VariableValue::Plain as fn(String) -> VariableValue,
        ),
        (&env.parameter_store, VariableValue::ParameterStore),
        (&env.secrets_manager, VariableValue::SecretsManager),
    ];
    for (variables, value) in of_buildspec {
        wanted.extend(variables.iter().map(|(name, text)| Variable {
            name: name.clone(),
            value: value(text.clone()),
        }));
    }
    wanted.extend(request.environment.iter().cloned());
    wanted.extend(own(fetched, directories));
    let mut wanted = with_defaults(&defaults(request, env), wanted);
    // Only the last of a name counts: a secret that is overridden is not asked for.
    let mut seen = HashSet::new();
    let mut last: Vec<bool> = wanted
        .iter()
        .rev()
        .map(|variable| seen.insert(variable.name.clone()))
        .collect();
    wanted.retain(|_| last.pop().unwrap_or(true));

    let has = |wanted: &[Variable], is: fn(&VariableValue) -> bool| {
        wanted.iter().any(|variable| is(&variable.value))
    };
    if has(&wanted, |v| matches!(v, VariableValue::ParameterStore(_))) {
        log.line("Decrypting parameter store environment variables")
            .await;
    }
    if has(&wanted, |v| matches!(v, VariableValue::SecretsManager(_))) {
        log.line("Decrypting secrets manager environment variables")
            .await;
    }
    let mut variables = Vec::with_capacity(wanted.len());
    for variable in wanted {
        if !runner::is_variable_name(&variable.name) {
            log.line(&format!(
                "Skipping the environment variable {:?}: a shell cannot have a variable of this name",
                variable.name
            ))
            .await;
            continue;
        }
        let value = value(request, &variable, log).await?;
        variables.push((variable.name, value));
    }
    Ok(variables)
}

async fn value(
    request: &BuildRequest,
    variable: &Variable,
    log: &LogSink,
) -> Result<String, PhaseContext> {
    let value = match (&variable.value, &request.secret_store) {
        (VariableValue::Plain(value), _) => return Ok(value.clone()),
        (VariableValue::ParameterStore(name), Some(store)) => store.parameter(name).await?,
        (VariableValue::SecretsManager(reference), Some(store)) => store.secret(reference).await?,
        (_, None) => {
            return Err(PhaseContext::client_error(format!(
                "The variable {} comes from a place that this build does not reach. Give its value in the environment instead",
                variable.name
            )));
        }
    };
    log.hide(&value);
    Ok(value)
}

/// The groups of variables that rank below all others.
fn defaults(request: &BuildRequest, env: &Environment) -> Vec<Vec<Variable>> {
    let mut groups = request.defaults.clone();
    if env.git_credential_helper {
        groups.push(request.git_settings.clone());
    }
    groups
}

/// The groups of which nothing is set yet, and then what is set.
fn with_defaults(groups: &[Vec<Variable>], set: Vec<Variable>) -> Vec<Variable> {
    let is_set = |name: &str| set.iter().any(|variable| variable.name == name);
    let mut all: Vec<Variable> = groups
        .iter()
        .filter(|group| !group.iter().any(|variable| is_set(&variable.name)))
        .flatten()
        .cloned()
        .collect();
    all.extend(set);
    all
}

/// What the engine itself sets. Nothing overrides it.
fn own(fetched: &FetchedSource, directories: &[(String, String)]) -> Vec<Variable> {
    let mut own: Vec<Variable> = directories
        .iter()
        .map(|(name, directory)| Variable::plain(name, directory))
        .collect();
    if let Some(version) = &fetched.resolved_version {
        own.push(Variable::plain(
            "CODEBUILD_RESOLVED_SOURCE_VERSION",
            version,
        ));
    }
    for source in &fetched.secondary {
        if let Some(version) = &source.resolved_version {
            let name = format!("CODEBUILD_RESOLVED_SOURCE_VERSION_{}", source.identifier);
            own.push(Variable::plain(name, version));
        }
    }
    own.push(Variable::plain("CODEBUILD_BUILD_SUCCEEDING", "1"));
    own.push(Variable::plain("HOME", "/root"));
    own
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;

    use super::*;
    use crate::request::Source;

    #[test]
    fn a_group_of_defaults_is_left_out_if_one_of_it_is_set() {
        let groups = [
            vec![Variable::plain("URL", "default")],
            vec![
                Variable::plain("KEY", "default"),
                Variable::plain("TOKEN", "default"),
            ],
        ];
        let all = with_defaults(&groups, vec![Variable::plain("KEY", "own")]);
        assert_eq!(
            all,
            [
                Variable::plain("URL", "default"),
                Variable::plain("KEY", "own")
            ]
        );
        assert_eq!(with_defaults(&groups, Vec::new()).len(), 3);
    }

    struct NoSource;

    impl Source for NoSource {
        fn fetch<'a>(
            &'a self,
            _: &'a LogSink,
        ) -> Pin<Box<dyn Future<Output = Result<FetchedSource, PhaseContext>> + Send + 'a>>
        {
            Box::pin(async { Err(PhaseContext::client_error("there is none")) })
        }
    }

    #[test]
    fn git_is_set_up_if_the_buildspec_wants_its_credential_helper() {
        let source = std::sync::Arc::new(NoSource);
        let mut request = BuildRequest::new("b".into(), "o".into(), "i".into(), source);
        request.git_settings = vec![Variable::plain("GIT_CONFIG_COUNT", "0")];
        let mut env = Environment::default();
        assert!(defaults(&request, &env).is_empty());
        env.git_credential_helper = true;
        assert_eq!(defaults(&request, &env), [request.git_settings.clone()]);
    }
}
