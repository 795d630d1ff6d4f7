//! What happens before the first phase and after the last: variables, cache, reports, artifacts.

use super::PlanStep;
use super::words;
use crate::spec::ArtifactFiles;
use crate::spec::Buildspec;
use crate::spec::Cache;
use crate::spec::CacheAction;
use crate::spec::ReportFiles;

impl Buildspec {
    /// DOWNLOAD_SOURCE, if the buildspec says anything about it.
    pub(super) fn before_the_phases(&self) -> Option<PlanStep> {
        let mut facts = Vec::new();
        let sources = [
            ("Variables in plain text", &self.env.variables),
            ("Variables from Parameter Store", &self.env.parameter_store),
            ("Variables from Secrets Manager", &self.env.secrets_manager),
        ];
        for (what, variables) in sources {
            if !variables.is_empty() {
                let names: Vec<&str> = variables.iter().map(|(name, _)| name.as_str()).collect();
                facts.push(format!("{what}: {}.", words(&names)));
            }
        }
        if !facts.is_empty() {
            facts.push(
                "The project's variables and those of StartBuild go before these.".to_owned(),
            );
        }
        if self.env.git_credential_helper {
            facts.push("git gets CodeBuild's credentials for the source.".to_owned());
        }
        if let Some(cache) = &self.cache
            && cache.action != Some(CacheAction::Save)
        {
            facts.push(restored(cache));
        }
        if self.proxy.is_some_and(|proxy| proxy.logs) {
            facts.push("Logs go through the proxy.".to_owned());
        }
        let about = "The source is put into the build container.";
        (!facts.is_empty()).then(|| step("DOWNLOAD_SOURCE", about, facts))
    }

    /// UPLOAD_ARTIFACTS, if there is anything to upload.
    pub(super) fn after_the_phases(&self) -> Option<PlanStep> {
        let mut facts = Vec::new();
        if !self.env.exported_variables.is_empty() {
            facts.push(format!(
                "Later actions of a CodePipeline can read {}, with the values after POST_BUILD.",
                words(&self.env.exported_variables)
            ));
        }
        facts.extend(self.reports.iter().map(report));
        if let Some(artifacts) = &self.artifacts {
            facts.push(artifact("The artifact", &artifacts.primary));
            for (identifier, files) in &artifacts.secondary {
                facts.push(artifact(&format!("The artifact {identifier}"), files));
            }
            if self.proxy.is_some_and(|proxy| proxy.upload_artifacts) {
                facts.push("Artifacts go through the proxy.".to_owned());
            }
        }
        if let Some(cache) = &self.cache
            && cache.action != Some(CacheAction::Restore)
        {
            let key = match &cache.key {
                Some(key) => format!(" under {key}"),
                None => String::new(),
            };
            facts.push(format!("The cache is saved{key}: {}.", words(&cache.paths)));
        }
        let about = "What the build has made is uploaded, if the project has a place for it.";
        (!facts.is_empty()).then(|| step("UPLOAD_ARTIFACTS", about, facts))
    }
}

fn step(phase: &'static str, about: &'static str, facts: Vec<String>) -> PlanStep {
    PlanStep {
        phase,
        line: None,
        about,
        facts,
        commands: Vec::new(),
        finally: Vec::new(),
        if_it_fails: None,
    }
}

fn restored(cache: &Cache) -> String {
    match &cache.key {
        None => format!("The cache is restored: {}.", words(&cache.paths)),
        Some(key) if cache.fallback_keys.is_empty() => {
            format!("The cache {key} is restored, if there is one.")
        }
        Some(key) => format!(
            "The cache {key} is restored, or else one that begins with {}.",
            cache.fallback_keys.join(" or ")
        ),
    }
}

fn report(report: &ReportFiles) -> String {
    let what = match report.file_format.is_code_coverage() {
        true => "Code coverage",
        false => "Test results",
    };
    format!(
        "{what} in the report group {}: {}{}, {}.",
        report.group,
        words(&report.files),
        below(report.base_directory.as_deref()),
        report.file_format.as_str()
    )
}

fn artifact(what: &str, files: &ArtifactFiles) -> String {
    let mut text = format!(
        "{what}: {}{}",
        words(&files.files),
        below(files.base_directory.as_deref())
    );
    if !files.exclude_paths.is_empty() {
        text.push_str(&format!(", without {}", words(&files.exclude_paths)));
    }
    if files.discard_paths {
        text.push_str(", all in one directory");
    }
    if files.enable_symlinks {
        text.push_str(", with symbolic links");
    }
    if let Some(prefix) = &files.s3_prefix {
        text.push_str(&format!(", below {prefix} in the bucket"));
    }
    text.push('.');
    if let Some(name) = &files.name {
        text.push_str(&format!(
            " It is called {name} if the project sets overrideArtifactName."
        ));
    }
    text
}

fn below(directory: Option<&str>) -> String {
    match directory {
        Some(directory) => format!(" in {directory}"),
        None => String::new(),
    }
}
