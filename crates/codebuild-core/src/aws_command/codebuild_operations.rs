//! CodeBuild's operations, each through its typed SDK call.

use super::operations::Operation;
use super::operations::Operations;
use super::operations::Pages;
use super::operations::Service;
use super::operations::Source;
use super::service_model::shape_of;
use super::typed_call::RawAnswer;
use super::typed_call::TypedCall;
use super::typed_call::typed;

/// Maps each operation to its SDK module and types. The input goes to the SDK's typed input through
/// the SDK's own JSON reader; the answer is the JSON that came.
macro_rules! operations {
    ($($module:ident: $operation:ident, $input:ident, $output:ident, $pages:expr;)*) => {
        &[$(Operation {
            name: stringify!($operation),
            positional: &[],
            pages: $pages,
            source: Source::Written {
            input: || shape_of(|reader| aws_sdk_codebuild::operation::$module::$input::deserialize(reader)),
            output: || shape_of(|reader| aws_sdk_codebuild::operation::$module::$output::deserialize(reader)),
            send: |session, input| Box::pin(async move {
                let input = typed(
                    stringify!($operation),
                    &input,
                    |reader| aws_sdk_codebuild::operation::$module::$input::deserialize(reader),
                )?;
                let answer = RawAnswer::default();
                session.check_region()?;
                let result = session
                    .codebuild()
                    .$module()
                    .customize()
                    .interceptor(TypedCall { input, answer: answer.clone() })
                    .send()
                    .await;
                answer.of(session, "codebuild", stringify!($operation), result)
            }),
            },
        }),*]
    };
}

const fn pages(results: &'static [&'static str]) -> Option<Pages> {
    Pages::of(results, None)
}

/// Pages whose size can be asked for.
const fn sized_pages(results: &'static [&'static str]) -> Option<Pages> {
    Pages::of(results, Some("maxResults"))
}

/// CodeBuild.
pub(crate) static CODEBUILD: Service = Service {
    name: "codebuild",
    operations: Operations::Written(operations! {
        batch_delete_builds: BatchDeleteBuilds, BatchDeleteBuildsInput, BatchDeleteBuildsOutput, None;
        batch_get_build_batches: BatchGetBuildBatches, BatchGetBuildBatchesInput, BatchGetBuildBatchesOutput, None;
        batch_get_builds: BatchGetBuilds, BatchGetBuildsInput, BatchGetBuildsOutput, None;
        batch_get_command_executions: BatchGetCommandExecutions, BatchGetCommandExecutionsInput, BatchGetCommandExecutionsOutput, None;
        batch_get_fleets: BatchGetFleets, BatchGetFleetsInput, BatchGetFleetsOutput, None;
        batch_get_projects: BatchGetProjects, BatchGetProjectsInput, BatchGetProjectsOutput, None;
        batch_get_report_groups: BatchGetReportGroups, BatchGetReportGroupsInput, BatchGetReportGroupsOutput, None;
        batch_get_reports: BatchGetReports, BatchGetReportsInput, BatchGetReportsOutput, None;
        batch_get_sandboxes: BatchGetSandboxes, BatchGetSandboxesInput, BatchGetSandboxesOutput, None;
        create_fleet: CreateFleet, CreateFleetInput, CreateFleetOutput, None;
        create_project: CreateProject, CreateProjectInput, CreateProjectOutput, None;
        create_report_group: CreateReportGroup, CreateReportGroupInput, CreateReportGroupOutput, None;
        create_webhook: CreateWebhook, CreateWebhookInput, CreateWebhookOutput, None;
        delete_build_batch: DeleteBuildBatch, DeleteBuildBatchInput, DeleteBuildBatchOutput, None;
        delete_fleet: DeleteFleet, DeleteFleetInput, DeleteFleetOutput, None;
        delete_project: DeleteProject, DeleteProjectInput, DeleteProjectOutput, None;
        delete_report: DeleteReport, DeleteReportInput, DeleteReportOutput, None;
        delete_report_group: DeleteReportGroup, DeleteReportGroupInput, DeleteReportGroupOutput, None;
        delete_resource_policy: DeleteResourcePolicy, DeleteResourcePolicyInput, DeleteResourcePolicyOutput, None;
        delete_source_credentials: DeleteSourceCredentials, DeleteSourceCredentialsInput, DeleteSourceCredentialsOutput, None;
        delete_webhook: DeleteWebhook, DeleteWebhookInput, DeleteWebhookOutput, None;
        describe_code_coverages: DescribeCodeCoverages, DescribeCodeCoveragesInput, DescribeCodeCoveragesOutput, sized_pages(&["codeCoverages"]);
        describe_test_cases: DescribeTestCases, DescribeTestCasesInput, DescribeTestCasesOutput, sized_pages(&["testCases"]);
        get_report_group_trend: GetReportGroupTrend, GetReportGroupTrendInput, GetReportGroupTrendOutput, None;
        get_resource_policy: GetResourcePolicy, GetResourcePolicyInput, GetResourcePolicyOutput, None;
        import_source_credentials: ImportSourceCredentials, ImportSourceCredentialsInput, ImportSourceCredentialsOutput, None;
        invalidate_project_cache: InvalidateProjectCache, InvalidateProjectCacheInput, InvalidateProjectCacheOutput, None;
        list_build_batches: ListBuildBatches, ListBuildBatchesInput, ListBuildBatchesOutput, sized_pages(&["ids"]);
        list_build_batches_for_project: ListBuildBatchesForProject, ListBuildBatchesForProjectInput, ListBuildBatchesForProjectOutput, sized_pages(&["ids"]);
        list_builds: ListBuilds, ListBuildsInput, ListBuildsOutput, pages(&["ids"]);
        list_builds_for_project: ListBuildsForProject, ListBuildsForProjectInput, ListBuildsForProjectOutput, pages(&["ids"]);
        list_command_executions_for_sandbox: ListCommandExecutionsForSandbox, ListCommandExecutionsForSandboxInput, ListCommandExecutionsForSandboxOutput, sized_pages(&["commandExecutions"]);
        list_curated_environment_images: ListCuratedEnvironmentImages, ListCuratedEnvironmentImagesInput, ListCuratedEnvironmentImagesOutput, None;
        list_fleets: ListFleets, ListFleetsInput, ListFleetsOutput, None;
        list_projects: ListProjects, ListProjectsInput, ListProjectsOutput, pages(&["projects"]);
        list_report_groups: ListReportGroups, ListReportGroupsInput, ListReportGroupsOutput, sized_pages(&["reportGroups"]);
        list_reports: ListReports, ListReportsInput, ListReportsOutput, sized_pages(&["reports"]);
        list_reports_for_report_group: ListReportsForReportGroup, ListReportsForReportGroupInput, ListReportsForReportGroupOutput, sized_pages(&["reports"]);
        list_sandboxes: ListSandboxes, ListSandboxesInput, ListSandboxesOutput, sized_pages(&["ids"]);
        list_sandboxes_for_project: ListSandboxesForProject, ListSandboxesForProjectInput, ListSandboxesForProjectOutput, sized_pages(&["ids"]);
        list_shared_projects: ListSharedProjects, ListSharedProjectsInput, ListSharedProjectsOutput, sized_pages(&["projects"]);
        list_shared_report_groups: ListSharedReportGroups, ListSharedReportGroupsInput, ListSharedReportGroupsOutput, sized_pages(&["reportGroups"]);
        list_source_credentials: ListSourceCredentials, ListSourceCredentialsInput, ListSourceCredentialsOutput, None;
        put_resource_policy: PutResourcePolicy, PutResourcePolicyInput, PutResourcePolicyOutput, None;
        retry_build: RetryBuild, RetryBuildInput, RetryBuildOutput, None;
        retry_build_batch: RetryBuildBatch, RetryBuildBatchInput, RetryBuildBatchOutput, None;
        start_build: StartBuild, StartBuildInput, StartBuildOutput, None;
        start_build_batch: StartBuildBatch, StartBuildBatchInput, StartBuildBatchOutput, None;
        start_command_execution: StartCommandExecution, StartCommandExecutionInput, StartCommandExecutionOutput, None;
        start_sandbox: StartSandbox, StartSandboxInput, StartSandboxOutput, None;
        start_sandbox_connection: StartSandboxConnection, StartSandboxConnectionInput, StartSandboxConnectionOutput, None;
        stop_build: StopBuild, StopBuildInput, StopBuildOutput, None;
        stop_build_batch: StopBuildBatch, StopBuildBatchInput, StopBuildBatchOutput, None;
        stop_sandbox: StopSandbox, StopSandboxInput, StopSandboxOutput, None;
        update_fleet: UpdateFleet, UpdateFleetInput, UpdateFleetOutput, None;
        update_project: UpdateProject, UpdateProjectInput, UpdateProjectOutput, None;
        update_project_visibility: UpdateProjectVisibility, UpdateProjectVisibilityInput, UpdateProjectVisibilityOutput, None;
        update_report_group: UpdateReportGroup, UpdateReportGroupInput, UpdateReportGroupOutput, None;
        update_webhook: UpdateWebhook, UpdateWebhookInput, UpdateWebhookOutput, None;
    }),
};
