//! The life of a sign-in.
//!
//! | # | the visitor sees | here |
//! |---|---|---|
//! | 1 | a 303 to `/.gateway/sign-in?return=…` | made by the gateway: no cookie, no call |
//! | 2 | the form, or the provider's page | [`SignIn::enter`] → one of the [`doors`]: a [`transaction`] in a cookie of its own |
//! | 3 | types, posts | [`turn`]: token and origin, then answers against the current step |
//! | 4 | waits | [`poll`]: one question to the org, "unchanged" or where to go |
//! | 5 | a 303 to where they wanted to go | [`finish`]: code → tokens → identity → session |
//!
//! At other hosts than the one where people sign in, [`hand_over`] leads there and back.
//!
//! Around it: [`callback`] takes people back from providers and links, [`refresh`] asks providers again about people who
//! are signed in, [`sign_out`] signs out. Each request of a sign-in under way is one [`SignInTurn`];
//! [`SignInTurn::respond`] turns whatever the org said into an answer.
//!
//! Handles, verifier, codes and tokens never reach the browser, except in two addresses of the org that need one
//! (a provider's link and the logout), and with the widget's door. Requests of one sign-in wait for each other.

mod arrival;
mod attempts;
mod begin;
mod callback;
mod claims;
pub mod doors;
mod entry_address;
mod external;
mod finish;
mod flow_cache;
mod flow_url;
mod form_action;
mod hand_over;
mod hop;
mod kept_form;
mod parameters;
mod poll;
pub mod providers;
mod receivers;
mod refresh;
mod request;
mod return_to;
mod revoke;
pub mod screens;
mod session_list;
mod settings;
mod sign_out;
pub mod transaction;
mod turn;
mod username_cookie;

use std::sync::{Arc, Once};

use http::{Method, StatusCode};

use crate::access::Sites;
use crate::idx::Client;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::pages::{Pages, strings};
use crate::session::{KeyRing, Session, Sessions};
use crate::time::Instant;
use crate::web::{Request, Response, Site};

pub(crate) use claims::as_claim;
use doors::{DoorRule, Doors, Widget};
pub use entry_address::AskedByRoute;
pub use flow_cache::FlowCache;
use flow_url::FlowView;
pub use hop::UsedTickets;
pub use kept_form::{KEPT_BYTES, is_kept};
use providers::Providers;
use request::SignInRequest;
use return_to::ReturnTo;
pub use revoke::Revoker;
pub use settings::{Offers, Settings};
use transaction::{Entry, TransactionCookies, TransactionState};
use turn::SignInTurn;

/// Signs people in and out: everything under the reserved prefix, and the callback.
pub struct SignIn {
    /// Every host that is answered for.
    pub sites: Arc<Sites>,
    /// The site where people sign in.
    pub site: Arc<Site>,
    /// What seals transactions.
    pub keys: Arc<KeyRing>,
    /// What a sign-in ends in.
    pub sessions: Arc<Sessions>,
    /// What people see.
    pub pages: Arc<Pages>,
    /// The org's embedded protocol, where there is an org.
    pub org: Option<Client>,
    /// Who signs people in.
    pub providers: Providers,
    /// The ways to get a code, by host.
    pub doors: Doors,
    /// Okta's widget, where there is one.
    pub widget: Option<Widget>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// What is remembered of sign-ins under way, whatever the configuration.
    pub flows: Arc<FlowCache>,
    /// What visitors did, whatever the configuration.
    pub limits: Arc<Limits>,
    /// Which hand-overs between hosts were used, whatever the configuration.
    pub tickets: Arc<UsedTickets>,
    /// The rest of the configuration.
    pub settings: Settings,
    /// What revokes refresh tokens in the background.
    pub revoker: Arc<Revoker>,
    /// Done once the log says that the org's passkeys are of another domain.
    pub passkeys_refused: Once,
}

/// What the route at a host and a path asks of a sign-in that is to end there.
pub type RouteAt<'a> = &'a (dyn Fn(&str, &str) -> Option<AskedByRoute> + Sync);

impl SignIn {
    /// Answers any request under the prefix of `site`, and the callback.
    pub async fn answer(
        &self,
        http: &Request<'_>,
        site: &Site,
        visitor: Option<&Session>,
        now: Instant,
        route_at: RouteAt<'_>,
    ) -> Response {
        let path = http.path();
        let request = &SignInRequest::new(self, http, site, visitor, now, route_at);
        let here = site.is_sign_in();
        if here && path == self.site.callback_path() {
            return self.callback(request).await;
        }
        let rest = path.strip_prefix(self.site.prefix()).unwrap_or_default().trim_start_matches('/');
        let parts: Vec<&str> = rest.split('/').collect();
        let (get, post) = (matches!(*http.method(), Method::GET | Method::HEAD), *http.method() == Method::POST);
        match parts[..] {
            ["static", name] if get => self.asset(request, name),
            ["sign-out"] if get && here && request.query("ticket").is_some() => self.sign_out_by_ticket(request).await,
            ["sign-out"] if get => self.confirm_sign_out(request),
            ["sign-out"] if post => of_own_page(request, self.sign_out(request)).await,
            ["signed-out"] if get => self.signed_out(request),
            ["language"] if post => of_own_page(request, async { self.language(request) }).await,
            ["kept"] if post => of_own_page(request, async { self.send_kept(request) }).await,
            ["static", _] | ["signed-out"] => request.wrong_method("GET, HEAD"),
            ["sign-out"] => request.wrong_method("GET, HEAD, POST"),
            ["language" | "kept"] => request.wrong_method("POST"),
            _ if !here => self.answer_elsewhere(request, &parts, get).await,
            ["widget", digest, ref path @ ..] if get => self.widget_file(request, digest, &path.join("/")),
            ["sign-in"] if get => self.enter(request, Entry::SignIn).await,
            ["register"] if get => self.enter(request, Entry::Register).await,
            ["recover"] if get => self.enter(request, Entry::Recover).await,
            ["unlock"] if get => self.enter(request, Entry::Unlock).await,
            ["sign-in"] if post => of_own_page(request, self.enter(request, Entry::SignIn)).await,
            ["register"] if post => of_own_page(request, self.enter_with_token(request, Entry::Register)).await,
            ["recover"] if post => of_own_page(request, self.enter_with_token(request, Entry::Recover)).await,
            ["flow", id] if get => self.visit(request, id, FlowPage::Step).await,
            ["flow", id] if post => of_own_page(request, self.submit(request, id)).await,
            ["flow", id, "arrive"] if post => of_own_page(request, async { self.arrive(request, id) }).await,
            ["flow", id, "poll"] if post => self.poll(request, id).await,
            ["flow", id, "idp", index] if get => self.visit(request, id, FlowPage::Provider(index)).await,
            ["flow", id, "hosted"] if get => self.visit(request, id, FlowPage::Hosted).await,
            ["account"] if get => self.account(request),
            ["sessions"] if get => self.session_list(request).await,
            ["sessions"] if post => of_own_page(request, self.end_listed_sessions(request)).await,
            // What providers post is told by its token.
            ["backchannel-logout"] if post => self.backchannel_logout(request).await,
            ["global-token-revocation"] if post => self.global_token_revocation(request).await,
            ["backchannel-logout" | "global-token-revocation"] => receivers::wrong_method(),
            [""] if get => Response::see_other(&format!("{}/account", self.site.prefix())),
            ["flow", _, "arrive" | "poll"] => request.wrong_method("POST"),
            ["sign-in" | "register" | "recover" | "sessions"] | ["flow", _] => request.wrong_method("GET, HEAD, POST"),
            ["unlock" | "account"] | ["flow", _, "hosted"] | ["flow", _, "idp", _] => request.wrong_method("GET, HEAD"),
            _ => request.not_found(),
        }
    }

    /// The same at any other host, where it is not alike at all of them: what leads to the sign-in host and back.
    async fn answer_elsewhere(&self, request: &SignInRequest<'_>, parts: &[&str], get: bool) -> Response {
        match *parts {
            ["sign-in"] if get => self.depart(request, Entry::SignIn),
            ["register"] if get => self.depart(request, Entry::Register),
            ["recover"] if get => self.depart(request, Entry::Recover),
            ["unlock"] if get => self.depart(request, Entry::Unlock),
            ["arrive"] if get => self.take_ticket(request).await,
            ["account"] | [""] if get => {
                Response::see_other(&self.site.url(&format!("{}/account", self.site.prefix())))
            }
            ["sign-in" | "register" | "recover" | "unlock" | "arrive" | "account"] => request.wrong_method("GET, HEAD"),
            _ => request.not_found(),
        }
    }

    /// A posted form of a sign-in.
    async fn submit(&self, request: &SignInRequest<'_>, id: &str) -> Response {
        let Ok(posted) = request.http.form() else {
            return request.error(StatusCode::BAD_REQUEST, strings::DIDNT_WORK, strings::PAGE_OUT_OF_DATE);
        };
        match SignInTurn::open(request, id).await {
            Ok(turn) => match doors::redirect::of_typed_address(&turn, &posted).await {
                Some(response) => response,
                None => turn.submit(&posted).await,
            },
            Err(response) => response,
        }
    }

    /// A page of a sign-in, or a way out of it.
    async fn visit(&self, request: &SignInRequest<'_>, id: &str, page: FlowPage<'_>) -> Response {
        let turn = match SignInTurn::open(request, id).await {
            Ok(turn) => turn,
            Err(response) => return response,
        };
        match (page, &turn.transaction.door) {
            (FlowPage::Step, _) if request.flow_view() == FlowView::Overtaken => turn.not_overtaken(),
            (FlowPage::Step, TransactionState::Idx { .. }) => turn.show().await,
            (FlowPage::Provider(index), TransactionState::Idx { .. }) => turn.provider(index).await,
            (FlowPage::Hosted, TransactionState::Idx { .. }) if self.settings.offers.hosted_fallback => {
                doors::redirect::hosted(turn).await
            }
            (FlowPage::Step, TransactionState::Widget) => doors::widget::again(&turn, None),
            // Such a sign-in has no page here: it goes on at the provider, or begins again.
            (FlowPage::Step, _) => Response::see_other(&turn.start_again_url()),
            _ => request.lost(),
        }
    }

    /// The door and the providers for a sign-in that is to end there.
    fn rule_for(&self, return_to: &ReturnTo) -> &DoorRule {
        self.doors.at(return_to.host())
    }

    /// Whether a request under the prefix is answered alike with and without a session.
    pub fn needs_no_session(&self, http: &Request<'_>) -> bool {
        let rest = http.path().strip_prefix(self.site.prefix()).unwrap_or_default();
        rest.starts_with("/static/") || rest == "/language"
    }

    fn transactions(&self) -> TransactionCookies<'_> {
        TransactionCookies { site: &self.site, keys: &self.keys, lifetime: self.settings.lifetime }
    }

    fn asset(&self, request: &SignInRequest<'_>, name: &str) -> Response {
        match self.pages.asset(name) {
            Some(content) => Response::asset(name, content.clone()),
            None => request.not_found(),
        }
    }

    fn widget_file(&self, request: &SignInRequest<'_>, digest: &str, path: &str) -> Response {
        let file = self.widget.as_ref().and_then(|widget| widget.file(digest, path));
        file.unwrap_or_else(|| request.not_found())
    }
}

/// The answer to a form, which is taken from pages of its own site only.
async fn of_own_page(request: &SignInRequest<'_>, answer: impl Future<Output = Response>) -> Response {
    if request.site.is_same_origin_post(request.http) { answer.await } else { request.forged() }
}

/// What a GET under a sign-in's address leads to.
enum FlowPage<'a> {
    Step,
    Provider(&'a str),
    Hosted,
}
