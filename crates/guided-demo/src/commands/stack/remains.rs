//! What is left of a stack that was deleted: asked of each resource's own service.

use std::time::Duration;
use std::time::Instant;

use codebuild_core::Presence;
use codebuild_core::Session;
use codebuild_core::StackResource;
use codebuild_core::look_for;
use serde_json::Value;
use serde_json::json;

use crate::ui::Ui;
use crate::ui::wrap;

/// How long a service may go on showing what is deleted: IAM and S3 answer from copies that are
/// seconds old.
const PATIENCE: Duration = Duration::from_secs(15);

/// How long between two looks.
const INTERVAL: Duration = Duration::from_secs(1);

/// A resource and whether it is there.
pub(super) struct Remains {
    looked_for: Vec<(StackResource, Presence)>,
}

impl Remains {
    /// Looks for each resource until it is gone, or patience is.
    pub(super) async fn look(session: &Session, resources: &[StackResource]) -> Self {
        let begun = Instant::now();
        let mut looked_for = Vec::new();
        for resource in resources {
            let Some(physical_id) = &resource.physical_id else {
                continue;
            };
            let presence = loop {
                let presence = look_for(session, &resource.resource_type, physical_id).await;
                if presence != Presence::There || begun.elapsed() > PATIENCE {
                    break presence;
                }
                tokio::time::sleep(INTERVAL).await;
            };
            looked_for.push((resource.clone(), presence));
        }
        Self { looked_for }
    }

    /// Whether every service that was asked knows nothing of its resource.
    pub(super) fn is_nothing(&self) -> bool {
        self.looked_for
            .iter()
            .all(|(_, presence)| matches!(presence, Presence::Gone | Presence::Part))
    }

    /// Says what was looked for and what is left.
    pub(super) fn show(&self, ui: &Ui) {
        let screen = ui.screen();
        let mut parts = Vec::new();
        for (resource, presence) in &self.looked_for {
            let physical_id = resource.physical_id.as_deref().unwrap_or_default();
            let (sign, state) = match presence {
                Presence::Gone => (screen.paint.good("✔"), "gone".to_owned()),
                Presence::There => (screen.paint.bad("✘"), "still there".to_owned()),
                Presence::Unknown(why) => (screen.paint.warn("!"), format!("not known: {why}")),
                Presence::Part => {
                    parts.push(resource.logical_id.as_str());
                    continue;
                }
            };
            let kind = &resource.resource_type;
            let line = format!("{kind} {physical_id}: {state}");
            ui.line(&wrap(&line, screen.width, &format!("  {sign} "), "    "));
        }
        if !parts.is_empty() {
            ui.line(&format!(
                "  Went with what they belonged to: {}",
                parts.join(", ")
            ));
        }
    }

    /// The same for programs.
    pub(super) fn json(&self) -> Vec<Value> {
        let one = |(resource, presence): &(StackResource, Presence)| {
            let (state, why) = match presence {
                Presence::Gone => ("gone", None),
                Presence::There => ("there", None),
                Presence::Part => ("part", None),
                Presence::Unknown(why) => ("unknown", Some(why)),
            };
            json!({
                "LogicalResourceId": resource.logical_id,
                "PhysicalResourceId": resource.physical_id,
                "ResourceType": resource.resource_type,
                "presence": state,
                "why": why,
            })
        };
        self.looked_for.iter().map(one).collect()
    }
}
