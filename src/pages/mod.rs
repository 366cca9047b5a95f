//! Pages: templates compiled at start, one typed context a page, strings in the visitor's language.
pub mod page;
pub use page::*;
