//! The sections other than `env`, and the version.

use super::Lint;
use crate::spec::BatchKind;
use crate::spec::Version;

impl Lint<'_> {
    pub(super) fn sections(&mut self) {
        let spec = self.spec;
        if spec.version == Version::V0_1 && !spec.phases.is_empty() {
            self.warn(
                "version-0.1",
                spec.places.get("version"),
                "with version 0.1 each command runs in a shell of its own: `cd` and `export` have no effect on the next",
                "Write `version: 0.2`.",
            );
        }
        if let (Some(false), Some(install)) = (self.context.is_managed(), &spec.phases.install)
            && !install.runtime_versions.is_empty()
        {
            self.warn(
                "runtime-versions",
                spec.places.get("phases.install.runtime-versions"),
                "runtime-versions has no effect: only AWS's managed images (aws/codebuild/…) know it",
                "Choose an image that has the runtime, or install it with commands.",
            );
        }
        if let Some(cache) = &spec.cache
            && cache.key.is_none()
            && !cache.fallback_keys.is_empty()
        {
            self.warn(
                "fallback-without-key",
                spec.places.get("cache.fallback-keys"),
                "fallback-keys are tried when there is no cache under `key`, but there is no `key`",
                "Give the cache a `key`.",
            );
        }
        let builds = match spec.batch.as_ref().map(|batch| &batch.kind) {
            Some(BatchKind::List(builds)) => Some(("build-list", builds)),
            Some(BatchKind::Graph(builds)) => Some(("build-graph", builds)),
            _ => None,
        };
        if let Some((list, builds)) = builds
            && spec.phases.is_empty()
        {
            for (index, build) in builds.iter().enumerate() {
                if build.buildspec.is_some() {
                    continue;
                }
                self.warn(
                    "build-without-commands",
                    spec.places.get(&format!("batch.{list}[{index}]")),
                    format!(
                        "the build {} names no buildspec, and this one has no phases",
                        build.identifier
                    ),
                    "Name its `buildspec:`, or write the commands here below `phases:`.",
                );
            }
        }
    }
}
