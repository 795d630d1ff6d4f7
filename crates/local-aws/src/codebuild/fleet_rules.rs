//! What CodeBuild refuses in a fleet beyond the model's constraints, and in what uses one.

use redb::ReadableTable;

use super::environment_types::ProjectEnvironment;
use super::fleet::ComputeConfiguration;
use super::fleet::Fleet;
use super::fleet::ProxyConfiguration;
use super::fleet::ScalingConfiguration;
use super::fleet::VpcConfig;
use super::fleets;
use super::project_rules;
use crate::account::Account;
use crate::error::AwsError;
use crate::store;
use crate::store::StoreError;
use crate::store::Write;

type Checked = Result<(), AwsError>;

/// The environment types that fleets have, as CreateFleet's documentation lists them.
const ENVIRONMENT_TYPES: [&str; 9] = [
    "ARM_CONTAINER",
    "ARM_EC2",
    "LINUX_CONTAINER",
    "LINUX_EC2",
    "LINUX_GPU_CONTAINER",
    "MAC_ARM",
    "WINDOWS_EC2",
    "WINDOWS_SERVER_2019_CONTAINER",
    "WINDOWS_SERVER_2022_CONTAINER",
];

/// Checks a fleet as it would be stored.
pub(super) fn check(fleet: &Fleet, account: &Account) -> Checked {
    if fleet.base_capacity < 1 {
        return refuse("Invalid base capacity: baseCapacity must be greater than or equal to 1");
    }
    check_compute(fleet)?;
    if let Some(scaling) = &fleet.scaling_configuration {
        check_scaling(scaling, fleet.base_capacity)?;
    }
    if let Some(proxy) = &fleet.proxy_configuration {
        check_proxy(proxy)?;
    }
    if let Some(role) = &fleet.fleet_service_role {
        project_rules::check_service_role(role, account)?;
    }
    if let Some(vpc) = &fleet.vpc_config {
        check_vpc(vpc)?;
        if vpc
            .subnets
            .as_ref()
            .is_some_and(|subnets| subnets.len() > 1)
        {
            return refuse("Invalid vpc config: the maximum number of subnets is 1");
        }
        if fleet.fleet_service_role.is_none() {
            return refuse(
                "Invalid fleet service role: it is required for fleets with a vpcConfig",
            );
        }
    }
    Ok(())
}

fn check_compute(fleet: &Fleet) -> Checked {
    let (kind, compute) = (fleet.environment_type.as_str(), fleet.compute_type.as_str());
    if !ENVIRONMENT_TYPES.contains(&kind) {
        return refuse(format!(
            "Environment type {kind} is not supported for fleets"
        ));
    }
    // The documents name medium and large fleets of Macs only.
    let is_mac_size = matches!(compute, "BUILD_GENERAL1_MEDIUM" | "BUILD_GENERAL1_LARGE")
        || !compute.starts_with("BUILD_GENERAL1_");
    if compute.starts_with("BUILD_LAMBDA_") || (kind == "MAC_ARM" && !is_mac_size) {
        return refuse(format!(
            "Compute type {compute} is not supported for {kind}"
        ));
    }
    let configuration = fleet.compute_configuration.as_ref();
    match (compute, configuration) {
        ("ATTRIBUTE_BASED_COMPUTE", Some(configuration)) => check_attributes(configuration),
        ("ATTRIBUTE_BASED_COMPUTE", None) => refuse(
            "Invalid compute configuration: computeConfiguration is required for compute type \
             ATTRIBUTE_BASED_COMPUTE",
        ),
        ("CUSTOM_INSTANCE_TYPE", configuration) => {
            let configuration = configuration.cloned().unwrap_or_default();
            check_instance(&configuration)
        }
        (_, None) => Ok(()),
        (_, Some(_)) => refuse(format!(
            "Invalid compute configuration: computeConfiguration is not supported for compute \
             type {compute}"
        )),
    }
}

fn check_attributes(configuration: &ComputeConfiguration) -> Checked {
    if configuration.instance_type.is_some() {
        return refuse(
            "Invalid compute configuration: instanceType is supported for compute type \
             CUSTOM_INSTANCE_TYPE only",
        );
    }
    let sizes = [
        configuration.v_cpu,
        configuration.memory,
        configuration.disk,
    ];
    if sizes.iter().flatten().any(|size| *size < 1) {
        return refuse("Invalid compute configuration: vCpu, memory and disk must be at least 1");
    }
    if sizes.iter().flatten().count() == 0 && configuration.machine_type.is_none() {
        return refuse(
            "Invalid compute configuration: at least one of vCpu, memory, disk and machineType is \
             required for compute type ATTRIBUTE_BASED_COMPUTE",
        );
    }
    Ok(())
}

fn check_instance(configuration: &ComputeConfiguration) -> Checked {
    let instance = configuration.instance_type.as_deref().unwrap_or_default();
    let is_name = |part: &str| {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        !part.is_empty() && part.bytes().all(allowed)
    };
    let is_instance_type = instance
        .split_once('.')
        .is_some_and(|(family, size)| is_name(family) && is_name(size));
    if !is_instance_type {
        return refuse("Invalid instance type: InstanceType should be a valid EC2 instance type");
    }
    let attributes = [configuration.v_cpu, configuration.memory];
    if attributes.iter().flatten().count() > 0 || configuration.machine_type.is_some() {
        return refuse(
            "Invalid compute configuration: vCpu, memory and machineType are supported for compute \
             type ATTRIBUTE_BASED_COMPUTE only",
        );
    }
    if configuration.disk.is_some_and(|disk| disk < 1) {
        return refuse("Invalid compute configuration: disk must be at least 1");
    }
    Ok(())
}

fn check_scaling(scaling: &ScalingConfiguration, base_capacity: i64) -> Checked {
    if scaling.scaling_type.is_none() {
        return refuse("Invalid scaling configuration: scalingType is required");
    }
    let Some(most) = scaling.max_capacity else {
        return refuse("Invalid scaling configuration: maxCapacity is required");
    };
    if most < base_capacity {
        return refuse(
            "Invalid scaling configuration: maxCapacity must not be less than baseCapacity",
        );
    }
    let targets = scaling.target_tracking_scaling_configs.iter().flatten();
    for target in targets {
        let in_range = |value: f64| value > 0.0 && value <= 100.0;
        if target.metric_type.is_none() || !target.target_value.is_some_and(in_range) {
            return refuse(
                "Invalid scaling configuration: a target has a metricType and a targetValue \
                 between 0 and 100",
            );
        }
    }
    Ok(())
}

fn check_proxy(proxy: &ProxyConfiguration) -> Checked {
    for rule in proxy.ordered_proxy_rules.iter().flatten() {
        for entity in &rule.entities {
            let is_valid = match rule.r#type.as_str() {
                "IP" => is_ip_or_range(entity),
                _ => is_domain(entity),
            };
            if !is_valid {
                return refuse(format!(
                    "Invalid proxy configuration: '{entity}' is not a valid entity for a rule of \
                     type {}",
                    rule.r#type
                ));
            }
        }
    }
    Ok(())
}

fn is_ip_or_range(entity: &str) -> bool {
    let (address, length) = match entity.split_once('/') {
        Some((address, length)) => (address, length.parse::<u8>().ok()),
        None => (entity, Some(0)),
    };
    match (address.parse::<std::net::IpAddr>(), length) {
        (Ok(std::net::IpAddr::V4(_)), Some(length)) => length <= 32,
        (Ok(std::net::IpAddr::V6(_)), Some(length)) => length <= 128,
        _ => false,
    }
}

fn is_domain(entity: &str) -> bool {
    let name = entity.strip_prefix("*.").unwrap_or(entity);
    let is_label = |label: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        !label.is_empty() && label.len() <= 63 && label.bytes().all(allowed)
    };
    name.len() <= 253 && name.contains('.') && name.split('.').all(is_label)
}

/// Checks that a VPC configuration is complete.
pub(super) fn check_vpc(vpc: &VpcConfig) -> Checked {
    let is_empty = |list: &Option<Vec<String>>| list.as_ref().is_none_or(Vec::is_empty);
    if vpc.vpc_id.is_none() {
        return refuse("Invalid vpc config: vpcId is required");
    }
    if is_empty(&vpc.subnets) {
        return refuse("Invalid vpc config: at least one subnet is required");
    }
    if is_empty(&vpc.security_group_ids) {
        return refuse("Invalid vpc config: at least one security group is required");
    }
    Ok(())
}

/// Checks that the fleet of an environment is there and fits.
pub(crate) fn check_use(
    transaction: &Write<'_>,
    environment: &ProjectEnvironment,
    account: &Account,
) -> Result<(), StoreError> {
    let Some(arn) = environment.fleet_arn() else {
        return Ok(());
    };
    let fleets = transaction.open_table(store::FLEETS)?;
    check_use_in(&*fleets, arn, environment, account)
}

/// The same for a table of fleets.
pub(crate) fn check_use_in(
    fleets: &impl ReadableTable<&'static str, &'static [u8]>,
    arn: &str,
    environment: &ProjectEnvironment,
    account: &Account,
) -> Result<(), StoreError> {
    if !fleets::is_arn(arn) {
        return Err(fleets::invalid_arn().into());
    }
    let Some(fleet) = fleets::find(fleets, arn, account)? else {
        return Err(AwsError::invalid_input(format!("Fleet cannot be found: {arn}")).into());
    };
    if fleet.environment_type != environment.r#type {
        return Err(AwsError::invalid_input(format!(
            "Environment type {} is not supported for the fleet {arn}, whose environment type is {}",
            environment.r#type, fleet.environment_type
        ))
        .into());
    }
    Ok(())
}

fn refuse(message: impl Into<String>) -> Checked {
    Err(AwsError::invalid_input(message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_of_proxy_rules_are_addresses_ranges_or_domains() {
        for good in ["10.0.0.1", "10.0.0.0/8", "2001:db8::/32"] {
            assert!(is_ip_or_range(good), "{good}");
        }
        for bad in ["10.0.0", "10.0.0.0/33", "10.0.0.0/", "example.com"] {
            assert!(!is_ip_or_range(bad), "{bad}");
        }
        for good in ["example.com", "*.amazonaws.com", "a_b.example.com"] {
            assert!(is_domain(good), "{good}");
        }
        for bad in [
            "",
            "localhost",
            "exam ple.com",
            "a..b",
            "*",
            "https://example.com",
        ] {
            assert!(!is_domain(bad), "{bad}");
        }
    }
}
