//! The way in: what starts a sign-in, and what does not.
//!
//! A GET navigation to `sign-in`, `register`, `recover` or `unlock` starts one; HEAD, prefetches and
//! scripts do not, and an address has only so many starts a minute. Somebody with a session goes straight
//! to where they wanted to go. A token that came by e-mail leaves the address at once, waits sealed in a
//! cookie, and is used only when a button is pressed, so that a mail scanner uses nothing up.

use std::time::Duration;

use http::{Method, StatusCode};

use super::SignIn;
use super::doors::{Door, redirect, widget};
use super::flow_url::{FlowUrl, FlowView};
use super::hop;
use super::parameters::EntryParameters;
use super::providers;
use super::request::SignInRequest;
use super::return_to::pack;
use super::screens;
use super::transaction;
use super::transaction::{Entry, Transaction, TransactionState};
use crate::idx::TokenKind;
use crate::metrics::SignInOutcome;
use crate::pages::{Link, MessagePage, Post, StringId, Text, strings};
use crate::secret::{Secret, hmac};
use crate::session::Purpose;
use crate::time::Instant;
use crate::web::Response;

/// How long a token from an e-mail waits for its button.
const TOKEN_WAITS: Duration = Duration::from_secs(600);
/// The longest such token, in bytes.
const TOKEN_BYTES: usize = 512;

impl SignIn {
    /// A visit to a page where a sign-in begins.
    pub(super) async fn enter(&self, request: &SignInRequest<'_>, entry: Entry) -> Response {
        if let Some(hop) = request.query("hop") {
            return self.receive(request, entry, hop).await;
        }
        if let Some(response) = self.take_token_out(request, entry) {
            return response;
        }
        let asked = match entry {
            Entry::SignIn => request.sign_in_parameters(),
            Entry::Register | Entry::Recover | Entry::Unlock => request.entry_parameters(),
        };
        let token = self.waiting_token(request, entry);
        // A person who is signed in may begin a registration, but not by a link of another site's page.
        let cross_site = request.http.header("sec-fetch-site") == Some("cross-site");
        let registers = entry == Entry::Register && (token.is_some() || !cross_site);
        if request.visitor.is_some() && asked.requirement.is_none() && !registers {
            return request.go_to(&asked.return_to);
        }
        if let Some(response) = starts_nothing(request) {
            return response;
        }
        if let Some((mail, token)) = token {
            return confirm(request, request.entry_url(entry, &asked.return_to), &mail, &token);
        }
        self.open_door(request, entry, asked).await
    }

    /// Begins a sign-in through the door of the host where it is to end.
    pub(super) async fn open_door(
        &self,
        request: &SignInRequest<'_>,
        entry: Entry,
        asked: EntryParameters,
    ) -> Response {
        let rule = self.rule_for(&asked.return_to);
        let among: Vec<_> = self.providers.among(&rule.providers).collect();
        // A step-up is asked of the provider that signed the person in.
        let stepping =
            asked.requirement.as_ref().and(request.visitor).map(|session| session.identity.provider.as_str());
        let wanted = stepping.or(request.query("provider").filter(|_| entry == Entry::SignIn));
        let chosen = wanted.and_then(|name| among.iter().find(|provider| provider.name == name));
        let is_post = *request.http.method() == Method::POST;
        match chosen {
            Some(provider) if rule.door == Door::Redirect || provider.name != providers::ORG => {
                redirect::enter(request, &[*provider], asked).await
            }
            _ if rule.door == Door::Widget && !is_post && request.query("door") != Some("pages") => {
                widget::enter(request, entry, asked, &widget::Given::default())
            }
            None if rule.door == Door::Redirect && is_post => {
                let posted = request.http.form().unwrap_or_default();
                redirect::by_address(request, &among, &posted, asked).await
            }
            None if rule.door == Door::Redirect => redirect::enter(request, &among, asked).await,
            _ if is_post && entry == Entry::SignIn => request.wrong_method("GET, HEAD"),
            _ => self.begin(request, entry, asked, None).await,
        }
    }

    /// The button under a token from an e-mail was pressed.
    pub(super) async fn enter_with_token(&self, request: &SignInRequest<'_>, entry: Entry) -> Response {
        let posted = request.http.form().unwrap_or_default();
        let Some((mail, token)) = self.waiting_token(request, entry) else { return request.lost() };
        if !screens::value(&posted, "csrf").is_some_and(|given| Secret::new(given) == Secret::new(form_token(&token))) {
            return request.forged();
        }
        let asked = EntryParameters { requirement: None, ..request.entry_parameters() };
        // An org takes an activation from a client that shows its secret.
        let in_widget = mail.kind == TokenKind::Recovery && self.rule_for(&asked.return_to).door == Door::Widget;
        let response = match in_widget {
            true => widget::enter(request, entry, asked, &widget::Given { otp: None, recovery: Some(&token) }),
            false => self.begin(request, entry, asked, Some((mail.kind, token))).await,
        };
        response.with_cookies([self.site.clear_cookie(mail.cookie)])
    }

    /// Starts a sign-in at the org and keeps it in the browser.
    pub(super) async fn begin(
        &self,
        request: &SignInRequest<'_>,
        entry: Entry,
        asked: EntryParameters,
        token: Option<(TokenKind, Secret)>,
    ) -> Response {
        if let Some(response) = request.starts_too_often() {
            return response;
        }
        let Some(org) = &self.org else {
            return request.not_found();
        };
        let asked = Transaction::new(providers::ORG, entry, asked, request.now);
        let (device, device_cookie) = request.device_or_new();
        let visitor = crate::idx::Visitor { device: Some(device), ..request.org_visitor() };
        let token = token.as_ref().map(|(kind, token)| (*kind, token.expose()));
        match org.begin(&asked.request(), token, &visitor, request.now).await {
            Err(failure) => {
                self.metrics.sign_in(providers::ORG, SignInOutcome::Provider);
                request.failed(providers::ORG, &request.here_or_sign_in(), &failure)
            }
            Ok(handle) => {
                self.metrics.sign_in(providers::ORG, SignInOutcome::Begun);
                let transaction = asked.begun(TransactionState::Idx { handle });
                let cookies = self.transactions().keep(request.http, &transaction, &self.sessions, request.now);
                let look = FlowUrl::new(self.site.prefix(), &transaction.flow).view(&FlowView::First);
                let mut response =
                    Response::see_other(&look).with_cookies(device_cookie).with_cookies(request.language_cookie());
                // The sign-in comes first; what does not go now goes with the next one.
                response.take_cookies(cookies);
                response
            }
        }
    }

    /// Moves a token from the address into a sealed cookie, and comes back without it.
    fn take_token_out(&self, request: &SignInRequest<'_>, entry: Entry) -> Option<Response> {
        let mail = MailToken::of(entry).filter(|_| self.org.is_some())?;
        let token = request.query(mail.parameter)?;
        if token.is_empty() || token.len() > TOKEN_BYTES {
            return Some(request.error(StatusCode::BAD_REQUEST, strings::LINK_BROKEN, strings::LINK_BROKEN_TEXT));
        }
        let sealed = self.keys.seal(Purpose::Form, format!("{}\n{token}", request.now.seconds()).as_bytes());
        let return_to = request.entry_parameters().return_to;
        let cookie = self.site.set_cookie(mail.cookie, &sealed, Some(TOKEN_WAITS));
        Some(Response::see_other(&request.entry_url(entry, &return_to)).with_cookies([cookie]))
    }

    fn waiting_token(&self, request: &SignInRequest<'_>, entry: Entry) -> Option<(MailToken, Secret)> {
        let mail = MailToken::of(entry)?;
        let sealed = request.http.cookie(&self.site.cookie_name(mail.cookie))?;
        let plain = String::from_utf8(self.keys.open(Purpose::Form, sealed).ok()?).ok()?;
        let (since, token) = plain.split_once('\n')?;
        let since = Instant::from_seconds(since.parse().ok()?);
        since.began_within(TOKEN_WAITS, request.now).then(|| (mail, Secret::new(token)))
    }
}

/// The page with the button that uses a token.
fn confirm(request: &SignInRequest<'_>, action: String, mail: &MailToken, token: &Secret) -> Response {
    let page = MessagePage {
        actions: vec![Link::post(strings::CONTINUE, "begin")],
        post: Some(Post { action, csrf: form_token(token), step: String::new() }),
        ..MessagePage::new(mail.heading, vec![Text::ours(mail.text)])
    };
    request.page(StatusCode::OK, page)
}

/// A token that comes by e-mail: the parameter of the link, the cookie in which it waits, and what its page says.
struct MailToken {
    parameter: &'static str,
    cookie: &'static str,
    kind: TokenKind,
    heading: StringId,
    text: StringId,
}

impl MailToken {
    /// The one that this entry takes.
    const fn of(entry: Entry) -> Option<Self> {
        match entry {
            Entry::Register => Some(Self {
                parameter: "activationToken",
                cookie: "token_activation",
                kind: TokenKind::Activation,
                heading: strings::REGISTER,
                text: strings::ACTIVATE_CONFIRM,
            }),
            Entry::Recover => Some(Self {
                parameter: "recoveryToken",
                cookie: "token_recovery",
                kind: TokenKind::Recovery,
                heading: strings::RESET_PASSWORD,
                text: strings::RECOVER_CONFIRM,
            }),
            Entry::SignIn | Entry::Unlock => None,
        }
    }
}

/// The token of the form beside the cookie: only the page that was answered with that cookie holds it.
fn form_token(token: &Secret) -> String {
    hmac(token.expose(), "confirm")
}

/// Whether a browser has no room for another sign-in beside those under way. Another site's page may have sent it here any
/// number of times, so then one begins only when the visitor presses a button.
fn is_crowded(request: &SignInRequest<'_>) -> bool {
    let site = &request.signin.site;
    let prefix = site.cookie_name(if request.site.is_sign_in() { transaction::COOKIE } else { hop::COOKIE });
    let open = request.http.cookies().iter().filter(|(name, _)| name.starts_with(&prefix));
    let (count, bytes) =
        open.fold((0, 0), |(count, bytes), (name, value)| (count + 1, bytes + name.len() + value.len()));
    // 600: the bytes of a sealed sign-in without its return target.
    let asked = request.entry_parameters();
    let own = 600 + (pack(asked.return_to.as_str()).len() + asked.requested.bytes()) * 4 / 3;
    count >= transaction::MAX_OPEN || (count > 0 && bytes + own > transaction::MAX_BYTES)
}

/// What is answered to a visit that must start nothing.
pub(super) fn starts_nothing(request: &SignInRequest<'_>) -> Option<Response> {
    let http = request.http;
    if *http.method() == Method::HEAD || http.is_prefetch() {
        return Some(Response::empty(StatusCode::NO_CONTENT));
    }
    if http.is_framed() {
        return Some(request.framed());
    }
    // Without these headers it may be an older browser, unless it asks for data.
    let script = match http.header("sec-fetch-mode") {
        Some(mode) => mode != "navigate",
        None => {
            let asks_for_data =
                http.header("accept").is_some_and(|accept| accept.contains("json") && !accept.contains("html"));
            asks_for_data || http.header("x-requested-with").is_some()
        }
    };
    if !script && http.header("sec-fetch-site") == Some("cross-site") && is_crowded(request) {
        return Some(request.at_a_press());
    }
    script.then(|| {
        let sign_in = request.here_or_sign_in();
        Response::problem(
            StatusCode::UNAUTHORIZED,
            "Sign in",
            "Open this address in a browser window.",
            &[("sign_in", &sign_in)],
        )
    })
}
