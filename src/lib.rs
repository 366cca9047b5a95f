//! The gateway.
pub mod pages;
