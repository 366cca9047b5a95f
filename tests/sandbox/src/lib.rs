//! An Okta org in memory, for tests and for the demo. It speaks IDX (Okta Identity Engine's embedded
//! sign-in), OAuth 2.0 and OpenID Connect; it judges its callers, misbehaves on request, and keeps
//! an inbox.
//!
//! It knows nothing of the gateway and shares no code with it: its own PKCE check, its own signing,
//! its own form parsing.
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! let org = okta_sandbox::Sandbox::start(okta_sandbox::Settings::default()).await?;
//! println!("issuer {}", org.issuer());
//! # Ok(()) }
//! ```
//!
//! # Map, in reading order
//!
//! ```text
//! server        sockets: requests read whole, replies written, connections broken on request
//!   org         one function from calls to replies: faults, endpoint, transcript
//!     oauth/    discovery, keys, interact, token, userinfo, introspect, revoke, logout
//!     idx/      the sign-in: what was asked → engine → next step → its forms
//!     idp       a page that plays an external identity provider
//!     control/  /sandbox/…: the page, inbox, transcript, faults, policies, people, pushes, codes
//! delivery      requests of the org itself, to receivers of logouts
//! state         everything the org remembers
//! accounts user authenticator policies faults inbox transcript totp webauthn clock random http
//! ```
//!
//! # The control API
//!
//! | call | what |
//! |---|---|
//! | `GET /sandbox/` | a page: the accounts, what each will be asked, how to change things |
//! | `GET /sandbox/inbox` | messages, newest first; JSON with `Accept: application/json` |
//! | `GET /sandbox/transcript` | every call of the protocol with its verdict, oldest first |
//! | `POST /sandbox/reset` | everything as at the start |
//! | `POST /sandbox/faults` | a JSON array that replaces what is set (module `faults`) |
//! | `GET`, `POST /sandbox/policies` | a JSON object: members of `Policies` (module `policies`) |
//! | `GET`, `POST /sandbox/users` | a JSON object: members of `User` (module `user`); besides them `activation_token` or `recovery_token`: true asks for one, `delete`: true removes the person |
//! | `POST /sandbox/push` | `{"to", "answer": "approve" \| "reject", "number"?}`: answers a push of Okta Verify, or ends its set-up |
//! | `POST /sandbox/backchannel-logout` | `{"login", "to"?, "session"?, "change"?}`: sends a client a logout token; `{"status", "headers", "body"}` of what it said (module `control::orders`) |
//! | `POST /sandbox/global-token-revocation` | `{"login", "to"?, "format"?, "change"?}`: tells a client to revoke everything of a person, as Universal Logout does |
//! | `GET /sandbox/totp?user=` | `{"code"}`: what the person's app or token shows now (`&authenticator=` for one of several) |
//!
//! Codes and links in the inbox are the only way to learn them: nothing is accepted that was not sent.
//!
//! An entry of the transcript is `{"at", "method", "path", "status", "verdict", "sign_in", "faults", "fields",
//! "headers"}`: `verdict` is `ok` or the rule that was broken, `sign_in` is the same text for every call
//! about one sign-in, `fields` are names without values.
//!
//! # Who says that this is how Okta behaves
//!
//! `tests/witness` runs Okta's own JavaScript SDK (8 and 7) and sign-in widget (both renderers, in
//! Chromium), unmodified, against the program `okta-sandbox`:
//!
//! ```text
//! cargo build -p okta-sandbox
//! cd tests/witness && npm ci --ignore-scripts
//! OKTA_SANDBOX=../../target/debug/okta-sandbox node --test
//! ```
//!
//! If a witness cannot use the sandbox, the sandbox is wrong.

mod accounts;
mod authenticator;
mod broken;
mod clock;
mod control;
mod delivery;
mod faults;
mod http;
mod idp;
mod idx;
mod inbox;
mod oauth;
mod org;
mod policies;
mod qr;
mod random;
mod server;
mod state;
mod totp;
mod transcript;
mod user;
mod webauthn;

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The id of the confidential client.
pub const CLIENT_ID: &str = "0oasandboxgateway";
/// Its secret.
pub const CLIENT_SECRET: &str = "sandbox-client-secret";
/// The id of the public client, which has no secret: for scripts in a browser.
pub const SPA_CLIENT_ID: &str = "0oasandboxspa";

/// The password of every account that the org starts with.
pub const PASSWORD: &str = accounts::PASSWORD;

/// The accounts that the org starts with: the login, and what signing in will ask for.
#[must_use]
pub fn accounts() -> Vec<(String, &'static str)> {
    accounts::start().into_iter().map(|account| (account.user.login, account.asked)).collect()
}

/// How an org is set up. The default is the demo's.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it listens; port 0 takes any that is free.
    pub listen: SocketAddr,
    /// Where sign-ins may return to, compared exactly.
    pub redirect_uris: Vec<String>,
    /// Where sign-outs may return to, compared exactly.
    pub post_logout_redirect_uris: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 7001)),
            redirect_uris: vec!["http://localhost:8080/login/callback".to_owned()],
            post_logout_redirect_uris: vec!["http://localhost:8080/.gateway/signed-out".to_owned()],
        }
    }
}

/// A running org. It stops when dropped: its connections end and its port is free again.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    serving: JoinHandle<()>,
}

impl Sandbox {
    /// Binds the address and answers from then on, on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// When the address cannot be bound.
    pub async fn start(settings: Settings) -> std::io::Result<Self> {
        let listener = TcpListener::bind(settings.listen).await?;
        let address = listener.local_addr()?;
        let org = Arc::new(org::Org::new(settings));
        let serving = tokio::spawn(server::serve(listener, address, org));
        Ok(Self { address, serving })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its origin, `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The issuer of its custom authorization server, `default`.
    #[must_use]
    pub fn issuer(&self) -> String {
        format!("{}/oauth2/default", self.origin())
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
