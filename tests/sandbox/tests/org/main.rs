//! The sandbox org over real sockets: every flow that it speaks, and every rule that it judges by.
//!
//! One file a behaviour; [`support`] is a small client that reads forms from replies, [`passkey`] an
//! authenticator in software.

mod codes;
mod control;
mod endings;
mod enrolling;
mod faults;
mod hosted;
mod judging;
mod passkey;
mod password;
mod program;
mod push;
mod registration;
mod support;
mod tasks;
mod tokens;
