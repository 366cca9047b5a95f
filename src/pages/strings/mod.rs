//! Strings: the catalogue of each language, what its messages are called, and which language a visitor gets.

mod catalogue;
mod ids;
mod language;
mod operator;
mod parameters;

pub(crate) use ids::*;
pub use ids::{Family, StringId};
pub use language::Language;

pub(super) use catalogue::{Catalogue, ENGLISH};
pub(super) use language::choose;
