//! EC2: which regions there are.

use crate::raw::form;
use crate::raw::keys;
use crate::raw::unsigned_form;
use crate::server::TestServer;

const VERSION: (&str, &str) = ("Version", "2016-11-15");
const ACTION: (&str, &str) = ("Action", "DescribeRegions");

/// The names in the answer to DescribeRegions.
async fn regions(server: &TestServer, parameters: &[(&str, &str)]) -> Vec<String> {
    let all = [&[VERSION, ACTION], parameters].concat();
    let reply = form(server.access(), &keys(server.access()), "ec2", &all).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let names = reply.body.split("<regionName>").skip(1);
    names
        .filter_map(|rest| Some(rest.split_once('<')?.0.to_owned()))
        .collect()
}

#[tokio::test]
async fn the_regions_of_aws_are_described() {
    let server = TestServer::start().await;
    let usual = regions(&server, &[]).await;
    assert_eq!(usual.len(), 17, "{usual:?}");
    assert!(usual.contains(&"eu-central-1".to_owned()));
    let all = regions(&server, &[("AllRegions", "true")]).await;
    assert!(all.len() > 30 && all.contains(&"af-south-1".to_owned()));
    let named = [
        ("RegionName.1", "us-east-1"),
        ("RegionName.2", "af-south-1"),
    ];
    assert_eq!(regions(&server, &named).await, ["af-south-1", "us-east-1"]);
    let filter = [
        ("Filter.1.Name", "region-name"),
        ("Filter.1.Value.1", "eu-*"),
        ("Filter.2.Name", "endpoint"),
        ("Filter.2.Value.1", "ec2.eu-north-1.amazonaws.com"),
    ];
    assert_eq!(regions(&server, &filter).await, ["eu-north-1"]);
}

#[tokio::test]
async fn what_is_wrong_is_refused_as_ec2_does() {
    let server = TestServer::start().await;
    let access = server.access();
    for (parameters, status, code, message) in [
        (
            &[ACTION, ("RegionName.1", "us--east-1")][..],
            400,
            "InvalidParameterValue",
            "Invalid region: [us--east-1]",
        ),
        (
            &[ACTION, ("Filter.1.Name", "x")],
            400,
            "InvalidParameterValue",
            "The filter 'x' is invalid",
        ),
        (
            &[ACTION, ("Colour", "red")],
            400,
            "UnknownParameter",
            "The parameter Colour is not recognized",
        ),
        (
            &[ACTION, ("DryRun", "true")],
            412,
            "DryRunOperation",
            "Request would have succeeded, but DryRun flag is set.",
        ),
        (
            &[("Action", "RunInstances")],
            400,
            "InvalidAction",
            "The action RunInstances is not valid for this web service. Of EC2 the local AWS has DescribeRegions.",
        ),
    ] {
        let all = [&[VERSION], parameters].concat();
        let reply = form(access, &keys(access), "ec2", &all).await;
        assert_eq!(
            (reply.status, reply.element("Code")),
            (status, code),
            "{reply:?}"
        );
        assert_eq!(reply.element("Message").replace("&#39;", "'"), message);
        assert!(
            reply.body.starts_with("<Response><Errors><Error>"),
            "{reply:?}"
        );
    }
    let reply = unsigned_form(access, "ec2", &[VERSION, ACTION])
        .send(access)
        .await;
    assert_eq!((reply.status, reply.element("Code")), (401, "AuthFailure"));
}
