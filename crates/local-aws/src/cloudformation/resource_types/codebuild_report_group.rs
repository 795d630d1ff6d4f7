//! `AWS::CodeBuild::ReportGroup`.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::Failure;
use super::Made;
use super::Request;
use super::codebuild;
use super::live;
use super::members;
use super::scalars;
use super::tags;
use crate::model;

/// Names that are not given are as long as this at most.
const LONGEST: usize = 128;

pub(super) fn planned_id(request: &Request<'_>, properties: &Value) -> Option<String> {
    let name = name(request, properties);
    Some(request.services.account.report_group_arn(&name))
}

pub(super) async fn create(request: &Request<'_>, properties: &Value) -> Result<Made, Failure> {
    let own = json!({ "Type": properties["Type"], "ExportConfig": properties["ExportConfig"] });
    let mut input = members::of(&own, model::CODEBUILD.input("CreateReportGroup"))?;
    input["name"] = name(request, properties).into();
    input["tags"] = codebuild::wanted_tags(request, properties);
    let created = codebuild::call(request, "CreateReportGroup", input).await?;
    Ok(made(&created["reportGroup"]["arn"]))
}

pub(super) async fn update(
    request: &Request<'_>,
    physical_id: &str,
    _old: &Value,
    new: &Value,
) -> Result<Made, Failure> {
    let own = json!({ "Arn": physical_id, "ExportConfig": new["ExportConfig"] });
    let mut input = members::of(&own, model::CODEBUILD.input("UpdateReportGroup"))?;
    input["tags"] = codebuild::wanted_tags(request, new);
    let updated = codebuild::call(request, "UpdateReportGroup", input).await?;
    Ok(made(&updated["reportGroup"]["arn"]))
}

pub(super) async fn delete(
    request: &Request<'_>,
    physical_id: &str,
    properties: &Value,
) -> Result<(), Failure> {
    let reports = scalars::is_true(&properties["DeleteReports"]);
    let input = json!({ "arn": physical_id, "deleteReports": reports });
    codebuild::call(request, "DeleteReportGroup", input).await.map(drop)
}

pub(super) async fn read(
    request: &Request<'_>,
    physical_id: &str,
    properties: &Value,
) -> Result<Option<Map<String, Value>>, Failure> {
    let Some(mut group) = group(request, physical_id).await? else {
        return Ok(None);
    };
    let there = codebuild::tags_of(&group["tags"]);
    // CodeBuild does not know it.
    group["DeleteReports"] = properties.get("DeleteReports").cloned().unwrap_or_default();
    let Value::Object(mut live) = live::like(properties, &group) else {
        return Ok(None);
    };
    live::put_tags(request, &there, properties, &mut live);
    Ok(Some(live))
}

pub(super) async fn find(
    request: &Request<'_>,
    properties: &Value,
) -> Result<Option<Made>, Failure> {
    let arn = planned_id(request, properties).unwrap_or_default();
    let group = group(request, &arn).await?;
    let ours =
        group.filter(|group| tags::are_of(request, &codebuild::tags_of(&group["tags"])));
    Ok(ours.map(|group| made(&group["arn"])))
}

fn name(request: &Request<'_>, properties: &Value) -> String {
    codebuild::name(request, properties, LONGEST)
}

fn made(arn: &Value) -> Made {
    Made::new(arn.as_str().unwrap_or_default(), [("Arn", arn.clone())])
}

async fn group(request: &Request<'_>, arn: &str) -> Result<Option<Value>, Failure> {
    let input = json!({ "reportGroupArns": [arn] });
    let found = codebuild::call(request, "BatchGetReportGroups", input).await?;
    Ok(found["reportGroups"].get(0).cloned())
}
