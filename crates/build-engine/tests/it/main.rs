//! Builds as their owner sees them.

mod builds;
mod support;
