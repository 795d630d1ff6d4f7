//! Stacks of CloudFormation: deployed by change sets, watched while they change, explained when they
//! fail, and deleted with what is in their buckets and repositories.

mod change_set;
mod contents;
mod cost;
mod deletion;
mod events;
mod failure;
mod permissions;
mod presence;
mod quotas;
mod record;
mod template;

pub use change_set::Change;
pub use change_set::ChangeSet;
pub use change_set::ChangeSetOutcome;
pub use change_set::ChangeSetRequest;
pub use change_set::ParameterValue;
pub use contents::contents_of;
pub use contents::empty;
pub use cost::CostItem;
pub use cost::PRICES_AS_OF;
pub use cost::PRICES_SOURCE;
pub use cost::cost_estimate;
pub use deletion::delete_stack;
pub use events::StackEvent;
pub use events::StackMark;
pub use events::StackNews;
pub use events::follow_stack;
pub use failure::StackFailure;
pub use failure::explain_stack_error;
pub use failure::explain_stack_failure;
pub use permissions::Permission;
pub use permissions::STACK_ACTIONS;
pub use permissions::simulate;
pub use presence::Presence;
pub use presence::look_for;
pub use quotas::builds_quota;
pub use quotas::stack_quota;
pub use record::Stack;
pub use record::StackOutput;
pub use record::StackResource;
pub use record::describe_stack;
pub use record::stack_resources;
pub use template::TemplateParameter;
pub use template::TemplateSummary;
pub use template::summarize_template;
