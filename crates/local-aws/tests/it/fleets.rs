//! Fleets, and builds that run on them.

use serde_json::Value;
use serde_json::json;

use crate::raw::call_json;
use crate::raw::refusal;
use crate::server::TestServer;
use crate::server::create_project;
use crate::server::wait_for;

fn target(operation: &str) -> String {
    format!("CodeBuild_20161006.{operation}")
}

async fn call(server: &TestServer, operation: &str, input: Value) -> Value {
    call_json(server.access(), &target(operation), input).await
}

async fn refused(server: &TestServer, operation: &str, input: Value) -> (String, String) {
    refusal(server.access(), &target(operation), input).await
}

fn fleet(name: &str) -> Value {
    json!({ "name": name, "baseCapacity": 1, "environmentType": "LINUX_CONTAINER",
            "computeType": "BUILD_GENERAL1_SMALL" })
}

/// `value` with the members of `more` in it.
fn with(mut value: Value, more: Value) -> Value {
    let members = more.as_object().unwrap().clone();
    value.as_object_mut().unwrap().extend(members);
    value
}

/// Makes a fleet; its ARN.
async fn create(server: &TestServer, input: Value) -> String {
    let reply = call(server, "CreateFleet", input).await;
    reply["fleet"]["arn"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_fleet_is_created_shown_changed_and_deleted_with_every_member() {
    let server = TestServer::start().await;
    let input = json!({
        "name": "macs-and-more", "baseCapacity": 2, "environmentType": "LINUX_CONTAINER",
        "computeType": "ATTRIBUTE_BASED_COMPUTE",
        "computeConfiguration": { "vCpu": 4, "memory": 8, "disk": 64, "machineType": "NVME" },
        "scalingConfiguration": {
            "scalingType": "TARGET_TRACKING_SCALING", "maxCapacity": 5,
            "targetTrackingScalingConfigs":
                [{ "metricType": "FLEET_UTILIZATION_RATE", "targetValue": 97.5 }] },
        "overflowBehavior": "ON_DEMAND",
        "vpcConfig": { "vpcId": "vpc-1", "subnets": ["subnet-1"], "securityGroupIds": ["sg-1"] },
        "proxyConfiguration": { "defaultBehavior": "DENY_ALL", "orderedProxyRules":
            [{ "type": "DOMAIN", "effect": "ALLOW", "entities": ["*.amazonaws.com"] }] },
        "imageId": "ami-12345678",
        "fleetServiceRole": "arn:aws:iam::123456789012:role/fleet",
        "tags": [{ "key": "team", "value": "a" }],
    });
    let created = call(&server, "CreateFleet", input.clone()).await["fleet"].clone();
    let id = created["id"].as_str().unwrap();
    let arn = format!("arn:aws:codebuild:eu-central-1:123456789012:fleet/macs-and-more:{id}");
    assert_eq!(created["arn"], arn.as_str());
    assert_eq!(created["status"]["statusCode"], "ACTIVE");
    let mut shown = input.clone();
    shown["scalingConfiguration"]["desiredCapacity"] = json!(2);
    for (member, value) in shown.as_object().unwrap() {
        assert_eq!(&created[member], value, "{member}");
    }

    let asked = json!({ "names": [arn, "macs-and-more", "absent"] });
    let reply = call(&server, "BatchGetFleets", asked).await;
    assert_eq!(reply["fleets"], json!([created, created]));
    assert_eq!(reply["fleetsNotFound"], json!(["absent"]));

    // What is left out stays, what is empty goes.
    let change = json!({ "arn": arn, "baseCapacity": 3, "scalingConfiguration": {},
                         "vpcConfig": {}, "proxyConfiguration": {} });
    let changed = call(&server, "UpdateFleet", change).await["fleet"].clone();
    assert_eq!(changed["baseCapacity"], 3);
    assert_eq!(
        changed["computeConfiguration"],
        input["computeConfiguration"]
    );
    assert_eq!(changed["tags"], input["tags"]);
    for gone in ["scalingConfiguration", "vpcConfig", "proxyConfiguration"] {
        assert!(changed.get(gone).is_none(), "{changed}");
    }

    let (code, message) = refused(&server, "CreateFleet", fleet("macs-and-more")).await;
    assert_eq!(code, "ResourceAlreadyExistsException");
    assert_eq!(message, format!("Fleet already exists: {arn}"));
    call(&server, "DeleteFleet", json!({ "arn": arn })).await;
    call(&server, "DeleteFleet", json!({ "arn": arn })).await;
    let again = create(&server, fleet("macs-and-more")).await;
    assert_ne!(again, arn);
    let reply = call(&server, "BatchGetFleets", json!({ "names": [arn] })).await;
    assert_eq!(reply["fleetsNotFound"], json!([arn]));
    let (code, _) = refused(&server, "UpdateFleet", json!({ "arn": arn })).await;
    assert_eq!(code, "ResourceNotFoundException");
}

#[tokio::test]
async fn what_no_fleet_can_be_is_refused() {
    let server = TestServer::start().await;
    let cases = [
        (json!({ "baseCapacity": 0 }), "baseCapacity must be greater"),
        (
            json!({ "tags": [{ "key": "aws:cloudformation:stack-name", "value": "s" }] }),
            "Caller is an end user and not allowed to mutate system tags.",
        ),
        (
            json!({ "environmentType": "LINUX_LAMBDA_CONTAINER", "computeType": "BUILD_LAMBDA_1GB" }),
            "Environment type LINUX_LAMBDA_CONTAINER is not supported for fleets",
        ),
        (
            json!({ "computeType": "BUILD_LAMBDA_1GB" }),
            "Compute type BUILD_LAMBDA_1GB is not supported for LINUX_CONTAINER",
        ),
        (
            json!({ "environmentType": "MAC_ARM" }),
            "Compute type BUILD_GENERAL1_SMALL is not supported for MAC_ARM",
        ),
        (
            json!({ "computeType": "ATTRIBUTE_BASED_COMPUTE" }),
            "computeConfiguration is required",
        ),
        (
            json!({ "computeType": "CUSTOM_INSTANCE_TYPE" }),
            "Invalid instance type: InstanceType should be a valid EC2 instance type",
        ),
        (
            json!({ "computeConfiguration": { "vCpu": 2 } }),
            "not supported for compute type BUILD_GENERAL1_SMALL",
        ),
        (
            json!({ "scalingConfiguration":
                { "scalingType": "TARGET_TRACKING_SCALING", "maxCapacity": 0 } }),
            "maxCapacity must not be less",
        ),
        (
            json!({ "vpcConfig":
                { "vpcId": "vpc-1", "subnets": ["subnet-1"], "securityGroupIds": ["sg-1"] } }),
            "fleet service role",
        ),
        (
            json!({ "proxyConfiguration": { "orderedProxyRules":
                [{ "type": "IP", "effect": "DENY", "entities": ["example.com"] }] } }),
            "'example.com' is not a valid entity",
        ),
    ];
    for (change, text) in cases {
        let (code, message) = refused(&server, "CreateFleet", with(fleet("demo"), change)).await;
        assert_eq!(code, "InvalidInputException", "{message}");
        assert!(message.contains(text), "{message}");
    }
    for operation in ["UpdateFleet", "DeleteFleet"] {
        let input = json!({ "arn": "demo" });
        let expected = (
            "InvalidInputException".to_owned(),
            "Invalid fleet ARN".to_owned(),
        );
        assert_eq!(refused(&server, operation, input).await, expected);
    }
}

#[tokio::test]
async fn fleets_are_listed_page_by_page_in_every_order() {
    let server = TestServer::start().await;
    let mut arns = Vec::new();
    for name in ["bb", "aa", "cc"] {
        arns.push(create(&server, fleet(name)).await);
    }
    call(
        &server,
        "UpdateFleet",
        json!({ "arn": arns[0], "baseCapacity": 2 }),
    )
    .await;
    let reply = call(&server, "BatchGetFleets", json!({ "names": arns })).await;
    for (sort_by, member) in [
        ("NAME", "name"),
        ("CREATED_TIME", "created"),
        ("LAST_MODIFIED_TIME", "lastModified"),
    ] {
        let mut fleets = reply["fleets"].as_array().unwrap().clone();
        // Times may be equal: then names decide.
        fleets.sort_by_key(|fleet| {
            let millis = (fleet[member].as_f64().unwrap_or(0.0) * 1000.0) as i64;
            (millis, fleet["name"].as_str().unwrap().to_owned())
        });
        let expected: Vec<&Value> = fleets.iter().map(|fleet| &fleet["arn"]).collect();
        for order in ["ASCENDING", "DESCENDING"] {
            let mut found = Vec::new();
            let mut token = Value::Null;
            loop {
                let input = json!({ "sortBy": sort_by, "sortOrder": order, "maxResults": 2,
                                    "nextToken": token });
                let reply = call(&server, "ListFleets", input).await;
                found.extend(reply["fleets"].as_array().unwrap().clone());
                token = reply["nextToken"].clone();
                if token.is_null() {
                    break;
                }
            }
            if order == "DESCENDING" {
                found.reverse();
            }
            assert_eq!(json!(found), json!(expected), "{sort_by} {order}");
        }
    }
}

/// Gives the project `demo` a fleet; builds of `demo` hold in BUILD.
async fn project_on(server: &TestServer, fleet: &str) {
    create_project(&server.codebuild(), "demo", &[("FAKE_HOLD", "1")]).await;
    let environment = json!({
        "type": "LINUX_CONTAINER", "image": "docker:dind", "computeType": "BUILD_GENERAL1_SMALL",
        "fleet": { "fleetArn": fleet },
        "environmentVariables": [{ "name": "FAKE_HOLD", "value": "1" }] });
    let input = json!({ "name": "demo", "environment": environment });
    call(server, "UpdateProject", input).await;
}

async fn start(server: &TestServer) -> String {
    let reply = call(server, "StartBuild", json!({ "projectName": "demo" })).await;
    reply["build"]["id"].as_str().unwrap().to_owned()
}

async fn runs(server: &TestServer, id: &str) {
    wait_for(&server.codebuild(), id, |build| {
        build.current_phase() == Some("BUILD")
    })
    .await;
}

async fn phase(server: &TestServer, id: &str) -> String {
    let reply = call(server, "BatchGetBuilds", json!({ "ids": [id] })).await;
    reply["builds"][0]["currentPhase"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_fleet_runs_as_many_builds_as_it_has_machines_and_the_rest_wait_in_order() {
    let server = TestServer::start().await;
    let arn = create(&server, fleet("small")).await;
    project_on(&server, &arn).await;
    let first = start(&server).await;
    runs(&server, &first).await;
    let second = start(&server).await;
    let third = start(&server).await;
    // A build without the fleet passes them by: so it is the fleet that they wait for.
    let input = json!({ "projectName": "demo", "fleetOverride": {} });
    let other = call(&server, "StartBuild", input).await["build"]["id"].clone();
    runs(&server, other.as_str().unwrap()).await;
    assert_eq!(phase(&server, &second).await, "QUEUED");

    call(&server, "StopBuild", json!({ "id": first })).await;
    runs(&server, &second).await;
    assert_eq!(phase(&server, &third).await, "QUEUED");

    // One more machine.
    call(
        &server,
        "UpdateFleet",
        json!({ "arn": arn, "baseCapacity": 2 }),
    )
    .await;
    runs(&server, &third).await;
}

#[tokio::test]
async fn builds_overflow_to_on_demand_if_the_fleet_says_so() {
    let server = TestServer::start().await;
    let input = with(fleet("small"), json!({ "overflowBehavior": "ON_DEMAND" }));
    let arn = create(&server, input).await;
    project_on(&server, &arn).await;
    for _ in 0..3 {
        let id = start(&server).await;
        runs(&server, &id).await;
    }
}

#[tokio::test]
async fn a_scaling_fleet_grows_to_its_maximum_and_shows_it() {
    let server = TestServer::start().await;
    let scaling = json!({ "scalingType": "TARGET_TRACKING_SCALING", "maxCapacity": 2 });
    let input = with(fleet("small"), json!({ "scalingConfiguration": scaling }));
    let arn = create(&server, input).await;
    project_on(&server, &arn).await;
    for _ in 0..2 {
        let id = start(&server).await;
        runs(&server, &id).await;
    }
    let waiting = start(&server).await;
    let reply = call(&server, "BatchGetFleets", json!({ "names": [arn] })).await;
    let shown = &reply["fleets"][0]["scalingConfiguration"];
    assert_eq!(shown["desiredCapacity"], 2);
    assert_eq!(phase(&server, &waiting).await, "QUEUED");
}

#[tokio::test]
async fn a_fleet_that_is_not_there_or_does_not_fit_is_refused() {
    let server = TestServer::start().await;
    let arn = create(&server, fleet("small")).await;
    project_on(&server, &arn).await;
    let start = json!({ "projectName": "demo", "environmentTypeOverride": "ARM_CONTAINER" });
    let (code, message) = refused(&server, "StartBuild", start).await;
    assert_eq!(code, "InvalidInputException");
    assert!(
        message.contains("ARM_CONTAINER is not supported for the fleet"),
        "{message}"
    );

    call(&server, "DeleteFleet", json!({ "arn": arn })).await;
    let absent = (
        "InvalidInputException".to_owned(),
        format!("Fleet cannot be found: {arn}"),
    );
    let start = json!({ "projectName": "demo" });
    assert_eq!(refused(&server, "StartBuild", start).await, absent);
    let change = json!({ "name": "demo", "environment": {
        "type": "LINUX_CONTAINER", "image": "i", "computeType": "BUILD_GENERAL1_SMALL",
        "fleet": { "fleetArn": arn } } });
    assert_eq!(refused(&server, "UpdateProject", change).await, absent);
    let start = json!({ "projectName": "demo", "fleetOverride": { "fleetArn": "small" } });
    let (code, message) = refused(&server, "StartBuild", start).await;
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("InvalidInputException", "Invalid fleet ARN")
    );
}
