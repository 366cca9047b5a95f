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
//! - No file leads back to itself by what it names.
//!
//! # Where do I change …
//!
//! | what | where |
//! |---|---|
//! | a screen of the sign-in | its file in `signin/screens`; a new remediation is a name in [`idx::Kind`], such a file, its strings and a sample |
//! | a string | its line in `templates/locales/<language>`; the English catalogue makes the [`pages::StringId`]s |
//! | the names under which an app learns who is asking | the presets in `headers` |
//! | where sessions are kept | [`session::SessionStore`]: another implementation, run through the promises beside it |
//! | a metric | [`metrics`], and its row in the README, which a test compares |
//! | a setting | its section in `config`, and `gateway.toml`, which a test compares; [`proxy::Runtime`] holds what came of it |
//! | what a provider does differently | [`oidc`] for OpenID Connect, [`idx`] for what is Okta's alone |
//! | a time-out or a limit on clients | `proxy/limits.rs`; on the provider, `oidc/limits.rs` and `idx/limits.rs`; on what visitors do, [`limits`] |
//! | a condition of policies | `access/policy.rs` |
//! | how a page looks | its template and `templates/static/auth.css`; colours of one's own, `pages/branding` |

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
