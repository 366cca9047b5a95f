//! The door of Okta's Sign-In Widget: a page of ours on which the widget talks to the org itself, until it comes to the
//! callback with an interaction code.
//!
//! The gateway draws `state`, nonce and PKCE verifier and gives the widget all but the verifier, without which no code is
//! redeemed. The widget begins the sign-in at the org (`/v1/interact`, without a secret), and begins it again with the same
//! `state` and challenge when the visitor goes back; one verifier is used until a code was redeemed.
//!
//! What it needs of a content security policy, and why: scripts by nonce (its own and the one that starts it); styles of
//! ours, and by nonce, since it writes its colours into a `<style>`; fonts and texts from where its files are; calls to
//! the org; frames of the org (device checks); pictures of the org's (logos of authenticators and providers) and `data:`
//! (QR codes). No `eval`, no inline script or style.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use serde_json::json;
use tracing::info;
use url::Url;

use super::widget_files::{STYLESHEET, WidgetFiles};
use crate::metrics::SignInOutcome;
use crate::pages::{Page, WidgetPage};
use crate::secret::Secret;
use crate::session::random;
use crate::signin::parameters::EntryParameters;
use crate::signin::providers::{ORG, Provider};
use crate::signin::request::SignInRequest;
use crate::signin::transaction::{Entry, Transaction, TransactionState};
use crate::signin::turn::SignInTurn;
use crate::web::{Csp, Response};

/// Where the widget's files are.
pub enum Widget {
    /// Here: served under our own prefix.
    Files(WidgetFiles),
    /// At an address, as Okta's own network has them; it ends without a slash.
    At(Url),
}

/// The script at an address; one that Okta's network has.
const SCRIPT_THERE: &str = "js/okta-sign-in.min.js";

impl Widget {
    /// The address below which its files are, without a last slash, and the path of its script.
    fn place(&self, request: &SignInRequest<'_>) -> (String, &'static str) {
        match self {
            Self::Files(files) => {
                let site = &request.signin.site;
                (site.url(&format!("{}/widget/{}", site.prefix(), files.digest())), files.script)
            }
            Self::At(address) => (address.as_str().trim_end_matches('/').to_owned(), SCRIPT_THERE),
        }
    }

    /// The language in which it speaks to somebody who reads this one; English is built into it. At an address it is asked for
    /// whatever language it may have.
    fn language<'l>(&self, wanted: &'l str) -> &'l str {
        match self {
            Self::Files(files) if !files.speaks(wanted) => "en",
            _ => wanted,
        }
    }

    /// One of its files.
    pub(in crate::signin) fn file(&self, digest: &str, path: &str) -> Option<Response> {
        match self {
            Self::Files(files) => files.answer(digest, path),
            Self::At(_) => None,
        }
    }
}

/// What else the widget is started with.
#[derive(Default)]
pub(in crate::signin) struct Given<'a> {
    /// The code of an e-mail's link.
    pub(in crate::signin) otp: Option<&'a str>,
    /// A token that somebody was sent to get a forgotten password replaced.
    pub(in crate::signin) recovery: Option<&'a Secret>,
}

/// Begins a sign-in: a new transaction, and the page.
pub(in crate::signin) fn enter(
    request: &SignInRequest<'_>,
    entry: Entry,
    asked: EntryParameters,
    given: &Given<'_>,
) -> Response {
    let signin = request.signin;
    if let Some(response) = request.starts_too_often() {
        return response;
    }
    signin.metrics.sign_in(ORG, SignInOutcome::Begun);
    info!(provider = ORG, "a sign-in begins in the widget");
    let transaction = Transaction::new(ORG, entry, asked, request.now).begun(TransactionState::Widget);
    let cookies = signin.transactions().keep(request.http, &transaction, &signin.sessions, request.now);
    let mut response = page(request, &transaction, given).with_cookies(request.language_cookie());
    response.take_cookies(cookies);
    response
}

/// The page again, of a sign-in that is under way.
pub(in crate::signin) fn again(turn: &SignInTurn<'_>, otp: Option<&str>) -> Response {
    page(turn.request, &turn.transaction, &Given { otp, recovery: None })
}

fn page(request: &SignInRequest<'_>, transaction: &Transaction, given: &Given<'_>) -> Response {
    let signin = request.signin;
    let (Some(widget), Some(provider)) = (&signin.widget, signin.providers.named(ORG)) else { return request.lost() };
    let (place, script) = widget.place(request);
    let nonce = URL_SAFE_NO_PAD.encode(random::<16>());
    let language = widget.language(request.language.tag());
    let mut options = options(provider, transaction, given);
    options["language"] = json!(language);
    options["assets"] = json!({ "baseUrl": place });
    options["cspNonce"] = json!(nonce);
    let page = WidgetPage {
        options: options.to_string(),
        language: language.to_owned(),
        script: format!("{place}/{script}"),
        stylesheet: format!("{place}/{STYLESHEET}"),
        without: format!("{}&door=pages", request.entry_url(transaction.entry, &transaction.return_to)),
        nonce: nonce.clone(),
    };
    let policy = policy(provider.client.issuer().url(), &place, &nonce);
    request.page(StatusCode::OK, Page::Widget(Box::new(page))).with_policy(&policy)
}

/// What the widget is started with for a sign-in; how it looks and speaks, and from where it has its files, is the page's.
fn options(provider: &Provider, transaction: &Transaction, given: &Given<'_>) -> serde_json::Value {
    let registration = provider.client.registration();
    let mut options = json!({
        "issuer": registration.issuer.as_str(),
        "clientId": registration.client_id,
        "redirectUri": registration.redirect_uri,
        "scopes": registration.scopes,
        "state": transaction.state.expose(),
        "nonce": transaction.nonce.expose(),
        "codeChallenge": transaction.verifier.challenge(),
        "codeChallengeMethod": "S256",
        "useInteractionCodeFlow": true,
        "useClassicEngine": false,
        // It would keep the user name in a cookie of its own.
        "features": { "rememberMe": false },
    });
    if let Some(asked) = &transaction.requirement {
        // What the widget passes to the client that asks the org.
        options["authParams"] = json!({
            "acrValues": asked.acr_values(),
            "maxAge": asked.max_age().map(|age| age.as_secs()),
        });
    }
    match transaction.entry {
        Entry::SignIn => {}
        Entry::Register => options["flow"] = json!("signup"),
        Entry::Recover => options["flow"] = json!("resetPassword"),
        Entry::Unlock => options["flow"] = json!("unlockAccount"),
    }
    if let Some(otp) = given.otp {
        options["otp"] = json!(otp);
    }
    if let Some(token) = given.recovery {
        options["recoveryToken"] = json!(token.expose());
    }
    options
}

fn policy(org: &Url, place: &str, nonce: &str) -> Csp {
    let org = org.origin().ascii_serialization();
    let files = Url::parse(place).map(|place| place.origin().ascii_serialization()).unwrap_or_default();
    let by_nonce = format!("'nonce-{nonce}'");
    let list = |sources: &[&str]| sources.iter().map(|source| Cow::Owned((*source).to_owned())).collect::<Vec<_>>();
    Csp::with_directives([
        ("default-src", list(&["'none'"])),
        ("script-src", list(&[&by_nonce])),
        ("style-src", list(&["'self'", &files, &by_nonce])),
        ("font-src", list(&["'self'", &files])),
        ("img-src", list(&["'self'", &files, "data:", &org, "https://*.oktacdn.com"])),
        ("connect-src", list(&["'self'", &files, &org])),
        ("frame-src", list(&[&org])),
        ("form-action", list(&["'self'"])),
        ("frame-ancestors", list(&["'none'"])),
        ("base-uri", list(&["'none'"])),
    ])
}
