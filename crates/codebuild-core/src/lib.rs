//! The core API logic: each CodeBuild operation on any target through the AWS SDK, the `aws …`
//! command line that equals it, the build watched live, a failure diagnosed.
//!
//! Start with [`Session::connect`]. Everything goes through the session's clients, and a tap in each
//! keeps what crosses the wire ([`Exchange`]). [`AwsCommand`] runs command lines, [`watch`] follows a
//! build, [`diagnose`] explains a failed one, [`ChangeSet`] and [`follow_stack`] deploy a stack. Nothing
//! here prints, and nothing but connecting knows which [`Target`] it is.

mod aws_command;
mod call_error;
mod codecommit;
mod credential_search;
mod diagnosis;
mod direct_call;
mod profiles;
mod recording;
mod redaction;
mod replay;
mod session;
mod stack;
mod subscription;
mod target;
mod template_parameters;
mod watch;
mod wire_tap;

pub use aws_command::AwsCommand;
pub use aws_command::CommandError;
pub use aws_command::CommandOutput;
pub use aws_command::Place;
pub use aws_command::Suggestion;
pub use call_error::CallError;
pub use codecommit::GitLogin;
pub use codecommit::create_repository;
pub use codecommit::delete_repository;
pub use codecommit::has_repository;
pub use credential_search::CredentialSearch;
pub use diagnosis::Diagnosis;
pub use diagnosis::diagnose;
pub use profiles::profiles;
pub use recording::recorded_at;
pub use replay::NotInRecording;
pub use session::Identity;
pub use session::Session;
pub use stack::Change;
pub use stack::ChangeSet;
pub use stack::ChangeSetOutcome;
pub use stack::ChangeSetRequest;
pub use stack::CostItem;
pub use stack::PRICES_AS_OF;
pub use stack::PRICES_SOURCE;
pub use stack::ParameterValue;
pub use stack::Permission;
pub use stack::Presence;
pub use stack::STACK_ACTIONS;
pub use stack::Stack;
pub use stack::StackEvent;
pub use stack::StackFailure;
pub use stack::StackMark;
pub use stack::StackNews;
pub use stack::StackOutput;
pub use stack::StackResource;
pub use stack::TemplateParameter;
pub use stack::TemplateSummary;
pub use stack::builds_quota;
pub use stack::contents_of;
pub use stack::cost_estimate;
pub use stack::delete_stack;
pub use stack::describe_stack;
pub use stack::empty;
pub use stack::explain_stack_error;
pub use stack::explain_stack_failure;
pub use stack::follow_stack;
pub use stack::look_for;
pub use stack::simulate;
pub use stack::stack_quota;
pub use stack::stack_resources;
pub use stack::summarize_template;
pub use subscription::confirm_subscription;
pub use target::Keys;
pub use target::Target;
pub use watch::WatchEvent;
pub use watch::watch;
pub use wire_tap::Exchange;
