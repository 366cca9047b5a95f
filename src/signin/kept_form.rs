//! A form that came too late: its session had ended, or a stronger one was asked for.
//!
//! ```text
//! POST /app (no session) ─► page: "not sent yet", the form sealed in it, a link to sign in beside it
//!                           POST <prefix>/kept, once somebody is signed in ─► page with the form's own fields ─► POST /app
//! ```
//!
//! The browser keeps it, in a page that stays open while the person signs in in another tab; nothing is kept here. It is
//! sealed, so that the next person at the same browser cannot read what was typed, and opened only in the browser where
//! it was typed (by the id in its cookie `device`), for the person it came from, at the host that it was for. Whose it is
//! is known where the browser still shows a session, also one that is over. It is sent when a button is pressed and never
//! by itself; and what another site's page had sent is not kept at all, or a visitor's press would send it in their name.

use std::time::Duration;

use http::header::WWW_AUTHENTICATE;
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};

use super::SignIn;
use super::request::SignInRequest;
use super::return_to::{pack, unpack};
use super::screens;
use crate::pages::{Link, MessagePage, Page, Post, SendAgain, StringId, Text, To, strings};
use crate::session::{Owner, Purpose, Session};
use crate::time::Instant;
use crate::web::{Request, Response, Site};

/// The largest form that is kept, in bytes.
pub const KEPT_BYTES: usize = 64 * 1024;

/// How long it may be sent.
const KEPT_TIME: Duration = Duration::from_secs(7200);

/// A form as it is kept.
#[derive(Serialize, Deserialize)]
struct KeptForm {
    host: String,
    target: String,
    body: Vec<u8>,
    /// The id of the browser where it was typed.
    browser: String,
    /// Who typed it, as far as a session says.
    person: Option<Owner>,
    at: Instant,
}

/// Whether a request brings a form that may be kept: of a page of this site, as a whole page's visit.
pub fn is_kept(request: &Request<'_>, site: &Site) -> bool {
    let is_visit = request.header("sec-fetch-mode").is_none_or(|mode| mode == "navigate");
    *request.method() == Method::POST
        && is_visit
        && request.is_of_type("application/x-www-form-urlencoded")
        && !request.is_framed()
        && !request.target().starts_with("//")
        && site.is_same_origin_post(request)
}

impl SignIn {
    /// The page that keeps the form of `http`; none where it cannot be kept. `sign_in` is where to sign in, `session` what
    /// there is of one.
    pub fn keep_form(
        &self,
        http: &Request<'_>,
        site: &Site,
        session: Option<&Session>,
        sign_in: &str,
        now: Instant,
    ) -> Option<Response> {
        let request = SignInRequest::new(self, http, site, session, now, &|_, _| None);
        let body = std::str::from_utf8(&http.body).ok().filter(|body| body.len() <= KEPT_BYTES)?;
        http.form().ok()?;
        let person = session.map(Owner::of).or_else(|| self.sessions.owner(http.cookies()));
        let (browser, browser_cookie) = request.device_or_new();
        let (host, target) = (site.host().to_owned(), http.target().to_owned());
        let kept = KeptForm { host, target, body: pack(body), browser, person, at: now };
        let sealed = self.keys.seal_value(Purpose::KeptForm, &kept);
        Some(self.offer(&request, sealed, sign_in).with_cookies(browser_cookie))
    }

    fn offer(&self, request: &SignInRequest<'_>, sealed: String, sign_in: &str) -> Response {
        let link = |text, to| Link { text: Text::ours(text), to };
        let page = MessagePage {
            actions: vec![
                link(strings::SIGN_IN_NEW_TAB, To::Tab(sign_in.to_owned())),
                link(strings::SEND_FORM_AGAIN, To::Post("send".to_owned())),
            ],
            post: Some(Post { action: format!("{}/kept", self.site.prefix()), csrf: sealed, step: String::new() }),
            ..MessagePage::new(strings::FORM_NOT_SENT, vec![Text::ours(strings::FORM_NOT_SENT_TEXT)])
        };
        request.page(StatusCode::UNAUTHORIZED, page).with_header(WWW_AUTHENTICATE, &request.site.challenge())
    }

    /// The button of that page was pressed.
    pub(super) fn send_kept(&self, request: &SignInRequest<'_>) -> Response {
        let posted = request.http.form().unwrap_or_default();
        let sealed = screens::value(&posted, "csrf").unwrap_or_default();
        let kept = self.keys.open_value::<KeptForm>(Purpose::KeptForm, sealed);
        let kept = kept.filter(|kept| kept.host == request.site.host() && kept.at.began_within(KEPT_TIME, request.now));
        let Some(kept) = kept else { return request.lost() };
        let refused = |why: StringId| request.error(StatusCode::FORBIDDEN, strings::FORM_NOT_SENT, why);
        if request.device() != Some(&kept.browser) {
            return refused(strings::FORM_OF_ANOTHER_BROWSER);
        }
        let Some(session) = request.visitor else {
            let sign_in = self.sign_in_url("/");
            return self.offer(request, sealed.to_owned(), &sign_in);
        };
        if kept.person.is_some_and(|person| person != Owner::of(session)) {
            return refused(strings::FORM_OF_ANOTHER);
        }
        let body = unpack(&kept.body, KEPT_BYTES);
        let fields = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        let page = SendAgain { heading: Text::ours(strings::SEND_FORM_AGAIN), action: kept.target, fields };
        request.page(StatusCode::OK, Page::SendAgain(page))
    }
}
