//! Checks of pages at start and by `idx-gateway check`: a sample of each page, and an operator's templates held against ours.

mod html;
mod inspect;
pub(super) mod overrides;
pub mod samples;
pub(super) mod trial;

#[cfg(test)]
pub(super) use html::{Tag, tags};
