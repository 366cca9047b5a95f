//! The sandbox org over real sockets: every flow that it speaks, and every rule that it judges by.
//!
//! One file a behaviour; [`support`] is a small client that reads forms from replies.

mod judging;
mod password;
mod support;
mod tokens;
