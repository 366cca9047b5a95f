//! A reverse proxy that signs people in, in front of applications without a modern sign-in of their own.
//!
//! ```text
//!    main ───────────────► config ── builds ──► domain values
//!     ▼
//!    proxy · admin                 edge: pingora, sockets, the clock
//!     ▼
//!    gateway ──► signin ──► idx ──► oidc    requests and sign-ins; neither names what is above it
//!     ▼            ▼
//!    access · headers · session · limits · pages       domain; only session/redis does I/O
//!                  ▼
//!    log · web · secret · time · metrics               leaves
//! ```
//!
//! Two paths through the code can be read from top to bottom:
//!
//! - **A request**, in [`gateway`]: own address? → route → session → policy → headers → forward or answer.
//! - **A sign-in**, in [`signin`]: begin, show, submit, poll, callback, finish, sign out.
//!
//! One configuration becomes one [`proxy::Runtime`], which is made as a whole and never changes; a request is answered with
//! the one that was in use when its head was read. What outlives a configuration is in [`proxy::Shared`].
//!
//! What holds everywhere (`tests/tidy.rs` checks the names that modules use, and types see to the permit):
//!
//! - Only `proxy`, `admin` and `main` name pingora; everything else is tested with plain values.
//! - Only `main` sees the configuration; it builds domain values and hands those over.
//! - `oidc` and `idx` know nothing of the gateway, `oidc` nothing of `idx` or of Okta, `pages` nothing of `idx`.
//! - `access`, `headers`, `limits` and `session` do no I/O and read no clock (`session/redis` apart): `now` is an argument.
//! - `session` takes cookies and gives changes to cookies; it knows no requests and responses.
//! - A request reaches an upstream with a [`access::Permit`] or not at all.
//! - No file leads back to itself by the names that it uses.
//!
//! # Where do I change …
//!
//! | what | where |
//! |---|---|
//! | a screen of the sign-in | its file in `signin/screens`. For a new remediation: its name in `idx/kind.rs`, such a file and a line for it in `mod.rs` there, a line in `classify.rs` that leads to it, its strings, a sample in `pages/check/samples` and a row in `screens/tests.rs`. Where it comes beside other steps, its link in `links.rs`; where it takes guesses or sends codes, a line in `signin/attempts.rs` |
//! | a string | its line in every folder of `templates/locales`, which a test compares; the English one makes the [`pages::StringId`]s |
//! | a preset of identity headers | its row in `headers/presets.rs`; for operators the lists in `gateway.toml` and `docs/identity.md` |
//! | where sessions are kept | an implementation of the trait `SessionStore` (`session/store.rs`), held to the promises beside it; a variant of `Store` in `session/mod.rs`, and an arm wherever that file, `due.rs` and `estimate.rs` beside it name `Store::Redis`; its settings beside `config/redis.rs` |
//! | a metric | `metrics.rs`, the values of its labels `metrics/labels.rs`, and its row in the README, which a test compares |
//! | a setting | its section in `config`, and `gateway.toml`, which a test compares; `main/assemble.rs` hands it to what it is for |
//! | what a provider does differently | [`oidc`] for OpenID Connect, [`idx`] for what is Okta's alone; what is set for a provider is read in `config/providers.rs`, and handed on by `provider` in `main/assemble.rs` |
//! | a time-out or a limit on clients | `proxy/limits.rs`; on the provider, `oidc/limits.rs` and `idx/limits.rs`; on what visitors do, [`limits`]; for operators `docs/limits.md` |
//! | a condition of policies | `access/condition.rs` says when it holds, `config/policy.rs` how it is written, `access/probes.rs` which sample visitors it tells apart |
//! | how a page looks | its template and `templates/static/auth.css`; what an operator may change, `pages/branding` |

// The edge
pub mod admin;
pub mod proxy;

// Requests and sign-ins
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
