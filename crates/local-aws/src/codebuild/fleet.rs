//! `Fleet`, as the API shows it and as it is stored.

use serde::Deserialize;
use serde::Serialize;

use super::project::Tag;
use crate::timestamp::EpochSeconds;

/// `Fleet`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Fleet {
    pub(crate) arn: String,
    pub(crate) name: String,
    /// The UUID at the end of the ARN.
    pub(crate) id: String,
    pub(crate) created: EpochSeconds,
    pub(crate) last_modified: EpochSeconds,
    pub(crate) status: FleetStatus,
    pub(crate) base_capacity: i64,
    pub(crate) environment_type: String,
    pub(crate) compute_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) compute_configuration: Option<ComputeConfiguration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) scaling_configuration: Option<ScalingConfiguration>,
    pub(crate) overflow_behavior: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) vpc_config: Option<VpcConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) proxy_configuration: Option<ProxyConfiguration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) image_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fleet_service_role: Option<String>,
    pub(crate) tags: Vec<Tag>,
}

/// `FleetStatus`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FleetStatus {
    pub(crate) status_code: String,
}

/// `ComputeConfiguration`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ComputeConfiguration {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) v_cpu: Option<i64>,
    /// GiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) memory: Option<i64>,
    /// GB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) disk: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) machine_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) instance_type: Option<String>,
}

/// `ScalingConfigurationInput`, and with the last member `ScalingConfigurationOutput`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScalingConfiguration {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) scaling_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) target_tracking_scaling_configs: Option<Vec<TargetTrackingScalingConfiguration>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_capacity: Option<i64>,
    /// Filled when the fleet is shown: as many machines as its builds have now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) desired_capacity: Option<i64>,
}

/// `TargetTrackingScalingConfiguration`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TargetTrackingScalingConfiguration {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) metric_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) target_value: Option<f64>,
}

/// `VpcConfig`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VpcConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) vpc_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subnets: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) security_group_ids: Option<Vec<String>>,
}

/// `ProxyConfiguration`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProxyConfiguration {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) default_behavior: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ordered_proxy_rules: Option<Vec<FleetProxyRule>>,
}

/// `FleetProxyRule`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct FleetProxyRule {
    pub(crate) r#type: String,
    pub(crate) effect: String,
    pub(crate) entities: Vec<String>,
}

impl Fleet {
    /// How many builds run on the fleet's machines at a time.
    pub(crate) fn capacity(&self) -> usize {
        let scaling = self.scaling_configuration.as_ref();
        let most = scaling.and_then(|scaling| scaling.max_capacity);
        let capacity = most.unwrap_or(0).max(self.base_capacity);
        usize::try_from(capacity).unwrap_or(0)
    }

    /// Whether a build that finds no machine runs on demand.
    pub(crate) fn overflows(&self) -> bool {
        self.overflow_behavior == "ON_DEMAND"
    }
}
