//! Systems Manager's operations on parameters (service model 2014-11-06).

use super::json_call;
use super::json_call::json_operations;
use super::logs_operations::list;
use super::logs_operations::structure;
use super::operations::Operations;
use super::operations::Service;
use super::service_model::Shape;
use crate::direct_call::DirectService;

const SERVICE: DirectService = DirectService {
    name: "ssm",
    id: "SSM",
    host: "ssm",
    is_global: false,
    signs_as_s3: false,
    error: json_call::error,
};

/// Systems Manager.
pub(crate) static SSM: Service = Service {
    name: "ssm",
    operations: Operations::Written(json_operations! {
        SERVICE, "AmazonSSM",
        DeleteParameter(vec![("Name", Shape::String)]) -> vec![];
        DeleteParameters(vec![("Names", list(Shape::String))]) -> vec![
            ("DeletedParameters", list(Shape::String)),
            ("InvalidParameters", list(Shape::String)),
        ];
        DescribeParameters(vec![
            ("ParameterFilters", list(structure("ParameterStringFilter", vec![
                ("Key", Shape::String),
                ("Option", Shape::String),
                ("Values", list(Shape::String)),
            ]))),
            ("MaxResults", Shape::Integer),
            ("NextToken", Shape::String),
        ]) -> vec![
            ("Parameters", list(structure("ParameterMetadata", vec![
                ("Name", Shape::String),
                ("ARN", Shape::String),
                ("Type", Shape::String),
                ("KeyId", Shape::String),
                ("LastModifiedDate", Shape::Timestamp),
                ("LastModifiedUser", Shape::String),
                ("Description", Shape::String),
                ("AllowedPattern", Shape::String),
                ("Version", Shape::Integer),
                ("Tier", Shape::String),
                ("Policies", list(Shape::Document)),
                ("DataType", Shape::String),
            ]))),
            ("NextToken", Shape::String),
        ];
        GetParameter(vec![("Name", Shape::String), ("WithDecryption", Shape::Boolean)]) -> vec![
            ("Parameter", parameter()),
        ];
        GetParameters(vec![
            ("Names", list(Shape::String)),
            ("WithDecryption", Shape::Boolean),
        ]) -> vec![
            ("Parameters", list(parameter())),
            ("InvalidParameters", list(Shape::String)),
        ];
        GetParametersByPath(vec![
            ("Path", Shape::String),
            ("Recursive", Shape::Boolean),
            ("WithDecryption", Shape::Boolean),
            ("MaxResults", Shape::Integer),
            ("NextToken", Shape::String),
        ]) -> vec![("Parameters", list(parameter())), ("NextToken", Shape::String)];
        PutParameter(vec![
            ("Name", Shape::String),
            ("Description", Shape::String),
            ("Value", Shape::String),
            ("Type", Shape::String),
            ("KeyId", Shape::String),
            ("Overwrite", Shape::Boolean),
            ("AllowedPattern", Shape::String),
            ("Tags", list(structure("SsmTag", vec![
                ("Key", Shape::String),
                ("Value", Shape::String),
            ]))),
            ("Tier", Shape::String),
            ("DataType", Shape::String),
        ]) -> vec![("Version", Shape::Integer), ("Tier", Shape::String)];
    }),
};

fn parameter() -> Shape {
    structure(
        "Parameter",
        vec![
            ("Name", Shape::String),
            ("Type", Shape::String),
            ("Value", Shape::String),
            ("Version", Shape::Integer),
            ("Selector", Shape::String),
            ("SourceResult", Shape::String),
            ("LastModifiedDate", Shape::Timestamp),
            ("ARN", Shape::String),
            ("DataType", Shape::String),
        ],
    )
}
