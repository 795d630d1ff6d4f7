//! The language of policies: what IAM, roles' trust and topics are written in.
//!
//! `document.rs` reads one, `grammar.rs` has what IAM refuses in it, `evaluate.rs` says what it
//! decides about a request, with the conditions of `condition.rs`. The rules are those of
//! [policy evaluation logic](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html)
//! and [JSON policy elements](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html).

mod condition;
mod document;
mod evaluate;
mod grammar;
mod wildcard;

pub(crate) use document::Document;
pub(crate) use document::Malformed;
pub(crate) use evaluate::Context;
pub(crate) use evaluate::Decision;
pub(crate) use evaluate::Principal;
pub(crate) use evaluate::Request;
pub(crate) use evaluate::missing_keys;
pub(crate) use grammar::check_identity_policy;
pub(crate) use grammar::check_trust_policy;
pub(crate) use wildcard::matches as is_like;
