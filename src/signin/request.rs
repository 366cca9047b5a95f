//! One request of a visitor to the sign-in pages: what all modules of the sign-in need of it, and the
//! answers that any of them may give.

use std::time::Duration;

use http::header::{ALLOW, REFERER, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{Method, StatusCode};

use super::entry_address::{AskedByRoute, UNSEALED_TARGET_BYTES};
use super::flow_url::FlowView;
use super::hop::HopRequest;
use super::parameters::{EntryParameters, RequestedParameters};
use super::return_to::ReturnTo;
use super::screens;
use super::transaction::Entry;
use super::{RouteAt, SignIn};
use crate::idx;
use crate::limits::Exhausted;
use crate::metrics::{NO_PROVIDER, SignInOutcome};
use crate::pages::{Frame, HandOver, Language, Link, MessagePage, Page, StringId, Text, To, strings};
use crate::session::{Device, Session, random};
use crate::time::Instant;
use crate::web::{Request, Response, SetCookie, Site};

/// How long a browser keeps its device id, its language and a user name: as long as browsers keep anything.
pub(super) const LONG: Duration = Duration::from_secs(400 * 24 * 3600);

/// One request, and who asks.
pub(super) struct SignInRequest<'a> {
    pub(super) signin: &'a SignIn,
    pub(super) http: &'a Request<'a>,
    /// Which host was asked.
    pub(super) site: &'a Site,
    /// The live session, if there is one.
    pub(super) visitor: Option<&'a Session>,
    pub(super) now: Instant,
    pub(super) language: Language,
    route_at: RouteAt<'a>,
    query: Vec<(String, String)>,
}

impl<'a> SignInRequest<'a> {
    pub(super) fn new(
        signin: &'a SignIn,
        http: &'a Request<'a>,
        site: &'a Site,
        visitor: Option<&'a Session>,
        now: Instant,
        route_at: RouteAt<'a>,
    ) -> Self {
        let query = http.query_pairs();
        let chosen = ["lang", "ui_locales"].iter().find_map(|name| screens::value(&query, name)).map(str::to_owned);
        let chosen = chosen.or_else(|| http.cookie(&signin.site.cookie_name("lang")).map(str::to_owned));
        let language = signin.pages.language(chosen.as_deref(), http.header("accept-language"));
        Self { signin, http, site, visitor, now, language, route_at, query }
    }

    /// A parameter of the address, the first of its name.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        screens::value(&self.query, name)
    }

    /// Whether a parameter stands there more than once.
    pub(super) fn is_repeated(&self, name: &str) -> bool {
        self.query.iter().filter(|(given, _)| given == name).count() > 1
    }

    /// What the org is told of the visitor.
    pub(super) fn org_visitor(&self) -> idx::Visitor {
        idx::Visitor {
            user_agent: self.http.header("user-agent").map(str::to_owned),
            address: self.http.peer,
            language: self.language.accept(),
            device: self.device().map(str::to_owned),
        }
    }

    /// The browser's own id, if it has one: 32 hexadecimal digits.
    pub(super) fn device(&self) -> Option<&str> {
        let id = self.http.cookie(&self.signin.site.cookie_name("device"))?;
        (id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(id)
    }

    /// The browser's id, and the cookie that gives it one where it has none.
    pub(super) fn device_or_new(&self) -> (String, Option<SetCookie>) {
        match self.device() {
            Some(id) => (id.to_owned(), None),
            None => {
                let id = format!("{:032x}", u128::from_be_bytes(random()));
                let cookie = self.signin.site.set_cookie("device", &id, Some(LONG));
                (id, Some(cookie))
            }
        }
    }

    /// The cookie that keeps a language named in the address.
    pub(super) fn language_cookie(&self) -> Option<SetCookie> {
        let named = self.query("lang").or(self.query("ui_locales")).is_some();
        named.then(|| self.signin.site.set_cookie("lang", self.language.tag(), Some(LONG)))
    }

    /// A language chosen in the footer.
    pub(super) fn language_chosen(&self, tag: &str) -> SetCookie {
        let language = self.signin.pages.language(Some(tag), None);
        self.signin.site.set_cookie("lang", language.tag(), Some(LONG))
    }

    /// A page in the visitor's language.
    pub(super) fn page(&self, status: StatusCode, page: impl Into<Page>) -> Response {
        match self.html(&page.into()) {
            Ok(html) => Response::page(status, html),
            Err(failed) => *failed,
        }
    }

    fn html(&self, page: &Page) -> Result<String, Box<Response>> {
        let frame = Frame {
            language: self.language.clone(),
            prefix: self.signin.site.prefix().to_owned(),
            here: self.http.target().to_owned(),
            host: self.http.host().to_owned(),
        };
        self.signin.pages.render(page, &frame).map_err(|error| {
            tracing::error!(cause = %error, "a page cannot be rendered");
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            Box::new(Response::problem(status, "Something went wrong", "A page cannot be shown.", &[]))
        })
    }

    /// A page with a heading, a sentence and a way on: home where nothing was begun.
    pub(super) fn error(&self, status: StatusCode, heading: StringId, text: StringId) -> Response {
        match status {
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => {
                self.message(status, heading, text, strings::HOME, "/")
            }
            _ => self.message(status, heading, text, strings::START_AGAIN, &self.here_or_sign_in()),
        }
    }

    /// There is no such page.
    pub(super) fn not_found(&self) -> Response {
        self.error(StatusCode::NOT_FOUND, strings::PAGE_NOT_FOUND, strings::PAGE_NOT_FOUND_TEXT)
    }

    /// There is such a page, but not for this method.
    pub(super) fn wrong_method(&self, allow: &str) -> Response {
        self.error(StatusCode::METHOD_NOT_ALLOWED, strings::DIDNT_WORK, strings::WRONG_METHOD).with_header(ALLOW, allow)
    }

    /// Nobody is signed in: a page visit is led to the sign-in at this address, a script is told.
    pub(super) fn unauthenticated(&self, sign_in: &str) -> Response {
        match self.http.is_navigation() {
            true => Response::see_other(sign_in),
            false => Response::problem(StatusCode::UNAUTHORIZED, "Sign in", "Nobody is signed in.", &[]),
        }
    }

    /// A page from which the sign-in begins with a press.
    pub(super) fn at_a_press(&self) -> Response {
        let begin = Link::href(strings::SIGN_IN, self.here_or_sign_in());
        let page = MessagePage { actions: vec![begin], ..MessagePage::new(strings::SESSION_NEEDED, Vec::new()) };
        self.page(StatusCode::OK, page)
    }

    /// A page in a frame, where no sign-in begins: another site's page could lay something over it. It leads out of the
    /// frame, back to the page around it where that is of this site.
    pub(super) fn framed(&self) -> Response {
        let around = self.http.header(REFERER).and_then(|referer| referer.strip_prefix(self.site.origin()));
        let around = around.filter(|target| target.starts_with('/'));
        let around = around.map(|target| ReturnTo::parse(target, self.site, &self.signin.sites));
        let around = around.filter(|around| around.as_str() != self.site.url("/"));
        let return_to = around.unwrap_or_else(|| self.entry_parameters().return_to);
        let out = Link { text: Text::ours(strings::SIGN_IN), to: To::Top(self.entry_url(Entry::SignIn, &return_to)) };
        let text = vec![Text::ours(strings::SIGN_IN_FRAMED)];
        let page = MessagePage { actions: vec![out], ..MessagePage::new(strings::SESSION_NEEDED, text) };
        match self.html(&page.into()) {
            Ok(html) => Response::framed_page(StatusCode::UNAUTHORIZED, html)
                .with_header(WWW_AUTHENTICATE, &self.site.challenge()),
            Err(failed) => *failed,
        }
    }

    /// A page with a heading, a sentence and one thing to do.
    pub(super) fn message(
        &self,
        status: StatusCode,
        heading: StringId,
        text: StringId,
        action: StringId,
        href: &str,
    ) -> Response {
        let actions = vec![Link::href(action, href)];
        let reference = Some(self.http.id.to_string());
        let page = MessagePage { actions, reference, ..MessagePage::new(heading, vec![Text::ours(text)]) };
        self.page(status, page)
    }

    /// Leads there: by a redirect, or by a page where the address is longer than a header may be, or on another host after
    /// a form's post, to which `form-action` does not let a redirect lead.
    pub(super) fn go_to(&self, return_to: &ReturnTo) -> Response {
        let redirect = Response::see_other(return_to.as_str());
        let leaves = return_to.is_hand_over() || !return_to.is_on(self.site);
        let is_led = !(leaves && *self.http.method() == Method::POST);
        if redirect.fits() && is_led { redirect } else { self.hand_over(strings::SIGNING_YOU_IN, return_to.as_str()) }
    }

    /// A page that leaves for another site: a redirect after a form's post may not (CSP 3, `form-action`).
    pub(super) fn hand_over(&self, heading: StringId, href: &str) -> Response {
        let page = HandOver {
            heading: Text::ours(heading),
            href: href.to_owned(),
            post: None,
            text: Text::ours(strings::CONTINUE),
        };
        self.page(StatusCode::OK, Page::HandOver(page))
    }

    /// Whether the browser says that it runs on a phone (User-Agent Client Hints, or the word that phones' agents have).
    pub(super) fn is_on_phone(&self) -> bool {
        match self.http.header("sec-ch-ua-mobile") {
            Some(hint) => hint == "?1",
            None => self.http.header("user-agent").is_some_and(|agent| agent.contains("Mobi")),
        }
    }

    /// Which view of a sign-in the address asks for.
    pub(super) fn flow_view(&self) -> FlowView {
        FlowView::parse(|name| self.query(name))
    }

    /// The sign-in is not this browser's, too old, or over. With a session this leads where the sign-in was to end, or home.
    pub(super) fn lost(&self) -> Response {
        if self.visitor.is_some() {
            return self.go_to(&self.return_to(usize::MAX));
        }
        self.signin.metrics.sign_in(NO_PROVIDER, SignInOutcome::Lost);
        // Beginning the sign-in gave it an id; a browser that has none a moment later keeps no cookies.
        if self.flow_view() == FlowView::First && self.device().is_none() {
            let again = self.here_or_sign_in();
            return self.message(
                StatusCode::BAD_REQUEST,
                strings::TURN_ON_COOKIES,
                strings::TURN_ON_COOKIES_TEXT,
                strings::TRY_AGAIN,
                &again,
            );
        }
        self.expired(&self.here_or_sign_in())
    }

    /// What was begun is over: a page that says so and leads to `again`.
    pub(super) fn expired(&self, again: &str) -> Response {
        self.page(StatusCode::BAD_REQUEST, screens::expired(again))
    }

    /// A failure: the visitor sees its general sort, the log says what happened; `again` is how to go on.
    pub(super) fn failed(&self, provider: &str, again: &str, failure: &idx::Failure) -> Response {
        let reference = self.http.id.to_string();
        tracing::warn!(reference, provider, cause = %failure, "a sign-in stopped");
        let (status, page, wait) = screens::failed(failure, again, reference);
        let response = self.page(status, page);
        match wait {
            Some(seconds) => response.with_header(RETRY_AFTER, &seconds.to_string()),
            None => response,
        }
    }

    /// The session store does not answer: sign-ins and sign-outs cannot be kept now.
    pub(super) fn no_store(&self, again: &str) -> Response {
        let (heading, text) = (strings::SESSIONS_UNAVAILABLE, strings::SOMETHING_WENT_WRONG_TEXT);
        self.message(StatusCode::SERVICE_UNAVAILABLE, heading, text, strings::TRY_AGAIN, again)
            .with_header(RETRY_AFTER, "5")
    }

    /// From where a session is begun.
    pub(super) fn device_of_session(&self) -> Device {
        let browser = self.http.header("user-agent").unwrap_or_default();
        let end = browser.floor_char_boundary(Device::BROWSER_BYTES);
        Device { browser: browser[..end].to_owned(), address: self.http.peer }
    }

    /// Counts one more sign-in that begins; the answer where this visitor has begun too many.
    pub(super) fn starts_too_often(&self) -> Option<Response> {
        let started = self.signin.limits.start(self.http.peer, &self.signin.settings.allowance, self.now);
        started.err().map(|exhausted| self.limited(exhausted, self.http.target()))
    }

    /// One of our own limits refuses what a visitor wants: said to them, counted, and in the log once.
    pub(super) fn limited(&self, Exhausted { limit, wait }: Exhausted, again: &str) -> Response {
        let (seconds, reference) = (wait.as_secs(), self.http.id.to_string());
        let client = self.http.peer.map(|address| address.to_string()).unwrap_or_default();
        tracing::info!(reference, client, limit, seconds, "a visitor was asked to wait");
        self.signin.metrics.sign_in(NO_PROVIDER, SignInOutcome::Limited);
        let text = Text::ours(strings::TOO_MANY_ATTEMPTS_WAIT).with("n", seconds.cast_signed());
        let page = MessagePage {
            actions: vec![Link::href(strings::TRY_AGAIN, again)],
            reference: Some(reference),
            ..MessagePage::new(strings::TOO_MANY_ATTEMPTS, vec![text])
        };
        self.page(StatusCode::TOO_MANY_REQUESTS, page).with_header(RETRY_AFTER, &seconds.to_string())
    }

    /// The form did not come from a page of ours, or not with its token.
    pub(super) fn forged(&self) -> Response {
        self.signin.metrics.sign_in(NO_PROVIDER, SignInOutcome::Forged);
        self.error(StatusCode::FORBIDDEN, strings::PLEASE_TRY_AGAIN, strings::NOT_OUR_FORM)
    }

    /// Asked too often; for a script.
    pub(super) fn too_many(&self, wait: Duration) -> Response {
        let seconds = wait.as_secs().max(1).to_string();
        Response::problem(StatusCode::TOO_MANY_REQUESTS, "Too many attempts", "Wait, then ask again.", &[])
            .with_header(RETRY_AFTER, &seconds)
    }

    /// What the address asks for, where it is that of a page where a sign-in begins.
    pub(super) fn entry_parameters(&self) -> EntryParameters {
        let sealed = self.query("to");
        let sealed = sealed.and_then(|sealed| self.signin.sealed_parameters(sealed, self.site, self.visitor, self.now));
        let (return_to, AskedByRoute { requirement, parameters }) =
            sealed.unwrap_or_else(|| (self.return_to(UNSEALED_TARGET_BYTES), AskedByRoute::default()));
        EntryParameters { return_to, requirement, requested: self.requested(parameters) }
    }

    /// The same where somebody signs in: with what the route asks to which the address leads, unless that is sealed in it.
    /// Of whoever is signed in the route asks itself, since any website can send them to such an address.
    pub(super) fn sign_in_parameters(&self) -> EntryParameters {
        let asked = self.entry_parameters();
        let is_said = asked.requirement.is_some() || !asked.requested.by_route.is_empty();
        if is_said || self.visitor.is_some() || asked.return_to.is_hand_over() {
            return asked;
        }
        let target = asked.return_to.path();
        let path = target.split('?').next().unwrap_or_default();
        let Some(by_route) = (self.route_at)(asked.return_to.host(), path) else { return asked };
        EntryParameters {
            requirement: by_route.requirement,
            requested: self.requested(by_route.parameters),
            return_to: asked.return_to,
        }
    }

    /// What the sign-in asks of the provider besides: this, which the route says, and what the address wants.
    pub(super) fn requested(&self, by_route: Vec<(String, String)>) -> RequestedParameters {
        RequestedParameters::new(by_route, self.signin.providers.passed_names(), |name| self.query(name))
    }

    /// Where the address says that a sign-in is to end; a target in the open may have so many bytes.
    pub(super) fn return_to(&self, bytes: usize) -> ReturnTo {
        let hop = self.query("hop").filter(|_| self.site.is_sign_in());
        match hop.and_then(|sealed| Some((sealed, HopRequest::open(&self.signin.keys, sealed)?.0))) {
            Some((sealed, hop)) => ReturnTo::hand_over(sealed, &hop.host, hop.is_cut, self.site),
            None => {
                let target = self.query("return").unwrap_or_default();
                ReturnTo::parse_within(target, bytes, self.site, &self.signin.sites)
            }
        }
    }

    /// Where a sign-in begins, to end at `return_to`.
    pub(super) fn entry_url(&self, entry: Entry, return_to: &ReturnTo) -> String {
        match return_to.hand_over_parameter() {
            Some(parameter) => format!("{}/{}?{parameter}", self.site.prefix(), entry.page()),
            None => self.signin.entry_url(entry, &return_to.target(self.site)),
        }
    }

    /// Where a sign-in begins again that asked this, to end at `return_to`.
    pub(super) fn entry_url_with(&self, return_to: &ReturnTo, requested: &RequestedParameters) -> String {
        requested.added_to(&match return_to.is_hand_over() {
            // The host that asked for the session says itself what its route asks.
            true => self.entry_url(Entry::SignIn, return_to),
            false => self.signin.sign_in_url_with(&requested.by_route, &return_to.target(self.site)),
        })
    }

    /// The address of the sign-in page that this request is for, with what it was asked for, sealed or not.
    pub(super) fn entry_url_as_asked(&self, return_to: &ReturnTo, requested: &RequestedParameters) -> String {
        let is_sealed = |text: &&str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        requested.added_to(&match self.query("to").filter(is_sealed) {
            Some(sealed) => format!("{}/{}?to={sealed}", self.signin.site.prefix(), Entry::SignIn.page()),
            None => self.entry_url(Entry::SignIn, return_to),
        })
    }

    /// Where to start again: with the return target of this address, if it has one.
    pub(super) fn here_or_sign_in(&self) -> String {
        self.entry_url(Entry::SignIn, &self.entry_parameters().return_to)
    }
}
