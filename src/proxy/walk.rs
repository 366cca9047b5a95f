//! What becomes of a request before it goes to an upstream: a head that is refused, a request for another connection, the
//! gateway's verdict, and the answers that are our own.

use http::header::LOCATION;
use http::{HeaderValue, StatusCode};
use pingora::prelude::Result;
use pingora::proxy::Session;

use super::connection::{Connection, Failure};
use super::refusal::Refusal;
use super::{InFlight, Proxy, answer, head};
use crate::gateway::{Counted, Forward, LateForm, Notice, Verdict};
use crate::signin::KEPT_BYTES;
use crate::web::{FORM_BYTES, Request, Response};

impl Proxy {
    /// Whether the request goes to an upstream; where it does not, it has been answered.
    pub(super) async fn walk(&self, session: &mut Session, flight: &mut InFlight) -> Result<bool> {
        let now = crate::time::now();
        let runtime = self.runtime(flight).clone();
        let gateway = &runtime.gateway;
        self.find_client(session, flight);
        if self.answer_at_once(session, flight).await? {
            return Ok(true);
        }
        let Ok(mut request) = flight.request(session.req_header()) else {
            return self.refuse(session, flight, &Notice::BadRequest).await;
        };
        if let Some(response) =
            Connection::of(session).and_then(|connection| self.elsewhere(connection, flight, &request))
        {
            // Over plain http nobody is told to come over https only (RFC 6797 §7.2).
            answer::write(session, response, None).await?;
            return Ok(true);
        }
        let content_length = request.content_length();
        let verdict = if gateway.owns(&request) {
            flight.counted = Counted::Own;
            match self.answer_with_body(session, flight, now).await? {
                Ok(verdict) => verdict,
                Err(notice) => return self.refuse(session, flight, &notice).await,
            }
        } else {
            let shown = Connection::of(session).and_then(Connection::client_certificate);
            request.certificate = shown.map(|shown| shown.sha256.as_str());
            gateway.answer(&request, now, &mut flight.remembered).await
        };
        match verdict {
            Verdict::Forward(forward) => {
                let is_too_large = !forward.route.route.takes_body(content_length);
                flight.forward = Some(forward);
                if is_too_large { self.refuse(session, flight, &Notice::TooLarge).await } else { Ok(false) }
            }
            Verdict::Respond(response, counted) => {
                flight.counted = counted;
                self.respond(session, flight, response).await
            }
            Verdict::Refuse(response, reason) => {
                self.refused(flight, reason);
                self.respond(session, flight, response).await
            }
            Verdict::KeepForm(form, counted) => {
                flight.counted = counted;
                self.keep_form(session, flight, *form, now).await
            }
        }
    }

    /// Answers a request of which nothing has to be decided: one with a head that is refused, and a load balancer's check.
    /// Whether it has been answered.
    async fn answer_at_once(&self, session: &mut Session, flight: &mut InFlight) -> Result<bool> {
        if let Err(notice) = head::check(session.req_header(), session.req_header().raw_path()) {
            // What follows a head that was refused may be anything.
            session.set_keepalive(None);
            return self.refuse(session, flight, &notice).await;
        }
        let head = session.req_header();
        if let Err(refusal) = head::check_as_sent(head) {
            session.set_keepalive(None);
            answer::write(session, self.refusal(flight, refusal), None).await?;
            return Ok(true);
        }
        if let Some(response) = self.runtime(flight).gateway.ping(&head.method, head.uri.path()) {
            flight.counted = Counted::Own;
            answer::write(session, response, None).await?;
            return Ok(true);
        }
        Ok(false)
    }

    /// What becomes of a request that the gateway answers itself, with its body; or why that is not read.
    async fn answer_with_body(
        &self,
        session: &mut Session,
        flight: &mut InFlight,
        now: crate::time::Instant,
    ) -> Result<Result<Verdict, Notice>> {
        let head = (**session.req_header()).clone();
        let body = match answer::read_form(session, FORM_BYTES).await? {
            Ok(body) => body,
            Err(notice) => return Ok(Err(notice)),
        };
        let Ok(request) = flight.request(&head) else { return Ok(Err(Notice::BadRequest)) };
        let runtime = self.runtime(flight).clone();
        Ok(Ok(runtime.gateway.answer(&request.with_body(body), now, &mut flight.remembered).await))
    }

    /// Answers a form that came too late with a page that keeps it, or as if it had been no form.
    async fn keep_form(
        &self,
        session: &mut Session,
        flight: &mut InFlight,
        form: LateForm,
        now: crate::time::Instant,
    ) -> Result<bool> {
        let head = (**session.req_header()).clone();
        let response = match answer::read_form(session, KEPT_BYTES).await? {
            Ok(body) => match flight.request(&head) {
                Ok(request) => self.runtime(flight).gateway.keep_form(&request.with_body(body), form, now),
                Err(_) => form.otherwise,
            },
            Err(Notice::TooLarge) => form.otherwise,
            Err(notice) => return self.refuse(session, flight, &notice).await,
        };
        self.respond(session, flight, response).await
    }

    /// The answer to a request that should have come over another connection.
    fn elsewhere(&self, connection: &Connection, flight: &mut InFlight, request: &Request<'_>) -> Option<Response> {
        let Some(handshake) = &connection.handshake else {
            let runtime = self.runtime(flight);
            // A proxy that asks would take a redirect for an answer.
            let redirects = runtime.redirects_http && runtime.gateway.asked_by(request).is_none();
            let site = redirects.then(|| runtime.gateway.site_of(request)).flatten()?;
            let location = site.url(request.target());
            return Some(Response::empty(StatusCode::PERMANENT_REDIRECT).with_header(LOCATION, &location));
        };
        if handshake.is_for(request.host()) {
            return None;
        }
        Some(self.refusal(flight, Refusal::Misdirected))
    }

    /// Counts a refusal, and words it.
    fn refusal(&self, flight: &mut InFlight, refusal: Refusal) -> Response {
        self.refused(flight, refusal.label());
        refusal.response()
    }

    async fn respond(&self, session: &mut Session, flight: &InFlight, response: Response) -> Result<bool> {
        let is_grpc = answer::is_grpc(session.req_header());
        let response = if is_grpc { answer::for_grpc(response) } else { response };
        answer::write(session, response, self.hsts(flight)).await?;
        Ok(true)
    }

    /// `Strict-Transport-Security`: not over plain http (RFC 6797 §7.2).
    pub(super) fn hsts(&self, flight: &InFlight) -> Option<HeaderValue> {
        self.runtime(flight).hsts.clone().filter(|_| flight.came_with_tls)
    }

    /// Counts a refusal, and keeps it for the line of the log.
    fn refused(&self, flight: &mut InFlight, reason: &'static str) {
        self.metrics.request_refused(reason);
        flight.refused = Some(reason);
    }

    pub(super) async fn refuse(&self, session: &mut Session, flight: &mut InFlight, notice: &Notice) -> Result<bool> {
        self.count_refusal(session, notice, flight);
        let head = session.req_header();
        let request = flight.request(head).unwrap_or_else(|_| Request::for_no_host(head, flight.client, flight.id));
        let gateway = &self.runtime(flight).gateway;
        let response = gateway.notices.tell(&request, notice);
        let response = match (&flight.forward, &flight.counted) {
            (Some(Forward { route, .. }), _) | (None, Counted::Route(route)) => {
                gateway.readable(response, route, &request)
            }
            (None, Counted::Own | Counted::None) => response,
        };
        self.respond(session, flight, response).await
    }

    /// Counts what was refused for how it was sent.
    fn count_refusal(&self, session: &Session, notice: &Notice, flight: &mut InFlight) {
        let has_bad_body = Connection::of(session).and_then(Connection::failure) == Some(Failure::Body);
        let reason = match notice {
            Notice::BadRequest if has_bad_body => Refusal::Chunk.label(),
            Notice::BadRequest => "bad_request",
            Notice::MethodNotAllowed => Refusal::Method.label(),
            Notice::TooLarge if flight.forward.is_some() => "body_too_large",
            Notice::TooLarge => "form_too_large",
            Notice::TooSlow => "body_timeout",
            _ => return,
        };
        self.refused(flight, reason);
    }
}
