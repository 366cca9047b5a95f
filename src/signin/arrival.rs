//! The last answers of a sign-in: what the browser has to keep, in as many answers as that takes.
//!
//! Servers in front take only so much of an answer's head ([`Response::take_cookies`]). What does not fit into the
//! redirect that ends a sign-in goes, sealed, into the form of a page that sends itself; its answer sets as much again,
//! until nothing is left. So any replica can go on, and nothing is kept here. The first part of a session comes after the
//! second: a browser that stops on the way is not signed in.

use std::time::Duration;

use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::SignIn;
use super::flow_cache::Finished;
use super::flow_url::FlowUrl;
use super::request::SignInRequest;
use super::return_to::ReturnTo;
use super::screens;
use super::transaction::FlowId;
use crate::pages::{HandOver, Page, Post, Text, strings};
use crate::session::Purpose;
use crate::time::Instant;
use crate::web::{CookieChanges, Response};

/// How long the form may wait: without script a person has to press its button.
const WAITS: Duration = Duration::from_secs(600);

/// What is still to be set.
#[derive(Serialize, Deserialize)]
struct Arrival {
    flow: FlowId,
    since: Instant,
    return_to: ReturnTo,
    cookies: CookieChanges,
}

impl Arrival {
    fn of(end: &Finished, since: Instant) -> Self {
        let Finished { flow, return_to, cookies, .. } = end.clone();
        Self { flow, since, return_to, cookies }
    }
}

impl SignIn {
    /// Ends a sign-in in the browser: a redirect to where it leads, or a page on the way there.
    pub(super) fn deliver(&self, request: &SignInRequest<'_>, end: &Finished) -> Response {
        self.deliver_rest(request, Arrival::of(end, request.now))
    }

    fn deliver_rest(&self, request: &SignInRequest<'_>, arrival: Arrival) -> Response {
        let mut redirect = request.go_to(&arrival.return_to);
        if redirect.take_cookies(arrival.cookies.clone()).is_empty() {
            return redirect;
        }
        let mut page = request.hand_over(strings::SIGNING_YOU_IN, arrival.return_to.as_str());
        if page.take_cookies(arrival.cookies.clone()).is_empty() {
            return page;
        }
        let mut head = Response::page(StatusCode::OK, String::new());
        let action = self.arrival_url(&arrival.flow);
        let csrf = self.take_in_part(request, &mut head, arrival);
        let page = HandOver {
            heading: Text::ours(strings::SIGNING_YOU_IN),
            href: String::new(),
            post: Some(Post { action, csrf, step: String::new() }),
            text: Text::ours(strings::CONTINUE),
        };
        request.page(StatusCode::OK, Page::HandOver(page)).with_cookies(head.cookies)
    }

    /// The same for a page that waits: its script goes where it is told, or sends what is left.
    pub(super) fn deliver_to_script(&self, request: &SignInRequest<'_>, end: &Finished) -> Response {
        // The script goes to paths of this host only; the sign-in's own page knows where it led.
        let next = match end.return_to.is_on(&self.site) {
            true => end.return_to.path(),
            false => FlowUrl::new(self.site.prefix(), &end.flow).as_str().to_owned(),
        };
        let mut answer = Response::json(StatusCode::OK, &json!({ "next": next }));
        if answer.take_cookies(end.cookies.clone()).is_empty() {
            return answer;
        }
        let mut answer = Response::json(StatusCode::OK, &json!({}));
        let rest = self.take_in_part(request, &mut answer, Arrival::of(end, request.now));
        let next = json!({ "next": self.arrival_url(&end.flow), "post": rest });
        Response::json(StatusCode::OK, &next).with_cookies(answer.cookies)
    }

    /// Sets as many cookies as fit, and gives the rest, sealed. A session that the browser has goes first: beside a part of
    /// the next one it would not be whole, and a page visit meanwhile would clear what is not whole.
    fn take_in_part(&self, request: &SignInRequest<'_>, answer: &mut Response, arrival: Arrival) -> String {
        let earlier = self.site.clear_cookie("session");
        let is_earlier = |name: &str| name == earlier.name();
        let is_replaced = arrival.cookies.iter().any(|change| is_earlier(change.name()));
        if is_replaced && request.http.cookies().iter().any(|(name, _)| is_earlier(name)) {
            answer.cookies.push(earlier);
        }
        let rest = answer.take_cookies(arrival.cookies);
        self.keys.seal_value(Purpose::Arrival, &Arrival { since: request.now, cookies: rest, ..arrival })
    }

    /// There is no such sign-in under way: a browser that finished it goes where it led to, one that is signed in where the
    /// address says.
    pub(super) fn over(&self, request: &SignInRequest<'_>, flow: Option<FlowId>) -> Response {
        let finished =
            flow.and_then(|flow| Some((self.transactions().led_to(request.http, &flow, request.now)?, flow)));
        let Some((return_to, flow)) = finished else { return request.lost() };
        if request.visitor.is_some() {
            return request.go_to(&return_to);
        }
        // The browser stopped on the way: what this process remembers is enough to go on.
        let end = self.flows.of(&flow).try_lock().ok().and_then(|state| state.finished(request.now).cloned());
        match end.filter(|end| !self.sessions.has_ended(&end.session, request.now)) {
            Some(end) => self.deliver(request, &end),
            None => request.lost(),
        }
    }

    /// The form of a page on the way: the next part is set.
    pub(super) fn arrive(&self, request: &SignInRequest<'_>, id: &str) -> Response {
        // The first cookie of the end says that this sign-in is over: a browser without it has not finished one here.
        let flow =
            FlowId::parse(id).filter(|flow| self.transactions().led_to(request.http, flow, request.now).is_some());
        let Some(flow) = flow else { return request.lost() };
        let posted = request.http.form().unwrap_or_default();
        let sealed = screens::value(&posted, "csrf").unwrap_or_default();
        match self.keys.open_value::<Arrival>(Purpose::Arrival, sealed) {
            Some(arrival) if arrival.flow == flow && arrival.since.began_within(WAITS, request.now) => {
                self.deliver_rest(request, arrival)
            }
            _ => request.forged(),
        }
    }

    fn arrival_url(&self, flow: &FlowId) -> String {
        format!("{}/arrive", FlowUrl::new(self.site.prefix(), flow).as_str())
    }
}
