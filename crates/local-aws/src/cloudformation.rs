//! CloudFormation: stacks of resources, made from templates.

#[allow(dead_code, reason = "the stack engine is the user")]
mod resource_types;
