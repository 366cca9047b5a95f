//! What is checked of pages before anybody meets them: a sample of each, and an operator's templates against ours.

mod html;
mod inspect;
pub(super) mod overrides;
pub mod samples;
pub(super) mod trial;

#[cfg(test)]
pub(super) use html::{Tag, tags};
