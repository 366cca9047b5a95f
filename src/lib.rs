//! The gateway.
pub mod identity;
pub mod metrics;
pub mod pages;
pub mod secret;
pub mod session;
pub mod time;
pub mod web;
