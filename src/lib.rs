//! A reverse proxy that signs people in, in front of applications that know nothing of modern sign-in.
//!
//! ```text
//!    main ───────────────► config ── builds ──► domain values
//!     ▼
//!    proxy · admin                 edge: pingora, sockets, the clock
//!     ▼
//!    gateway ──► signin ──► idx ──► oidc    the two walks; neither points back
//!     ▼            ▼
//!    access · headers · session · limits · pages       domain, no I/O
//!                  ▼
//!    log · web · secret · time · metrics               leaves
//! ```
//!
//! Two walks can be read top to bottom:
//!
//! - **A request**, in [`gateway`]: ours? → route → session → policy → headers → forward or answer.
//! - **A sign-in**, in [`signin`]: begin, show, submit, poll, callback, finish, sign out.
//!
//! What one configuration says is a [`proxy::Runtime`], made whole and changed never; a request is answered under the one
//! that was in use when its head was read. What outlives a configuration is in [`proxy::Shared`].
//!
//! What holds everywhere, and is checked by `tests/tidy.rs`:
//!
//! - Only `proxy`, `admin` and `main` name pingora; everything else is tested with plain values.
//! - Only `main` sees the configuration; it builds domain values and hands those over.
//! - `oidc` and `idx` know nothing of the gateway, `oidc` nothing of `idx` or of Okta, `pages` nothing of `idx`.
//! - `access`, `headers` and `session` do no I/O and read no clock: `now` is an argument.
//! - A request reaches an upstream with a [`access::Permit`] or not at all.

// The edge
pub mod admin;
pub mod proxy;

// The walks
pub mod gateway;
pub mod signin;

// The domain
pub mod access;
pub mod headers;
pub mod limits;
pub mod pages;
pub mod session;

// The identity provider
pub mod idx;
pub mod oidc;

// Settings
pub mod config;

// Leaves
pub mod log;
pub mod metrics;
pub mod secret;
pub mod time;
pub mod web;
