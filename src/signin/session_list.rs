//! The list of a person's own sessions, where each can be ended. Only a store can list sessions.
//!
//! A form names a session by its digest, and ends it only if it is the same person's.

use http::StatusCode;
use tracing::info;

use super::SignIn;
use super::request::SignInRequest;
use super::screens;
use crate::pages::{ListedSession, Page, Post, SessionsPage, Text, strings};
use crate::session::{Identity, OwnSession, Session, Unavailable};
use crate::time::Instant;
use crate::web::Response;

impl SignIn {
    /// The address of the list; none without a store.
    pub(super) fn sessions_url(&self) -> Option<String> {
        self.sessions.has_store().then(|| self.sessions_path())
    }

    fn sessions_path(&self) -> String {
        format!("{}/sessions", self.site.prefix())
    }

    /// The list.
    pub(super) async fn session_list(&self, request: &SignInRequest<'_>) -> Response {
        let (visitor, own) = match self.own_sessions(request).await {
            Ok(own) => own,
            Err(response) => return *response,
        };
        let action = self.sessions_path();
        let post = |step: &str| Post { action: action.clone(), csrf: String::new(), step: step.to_owned() };
        let mut sessions = vec![self.listed(request, visitor, request.now, None)];
        let others = own.iter().filter(|other| !other.is_current);
        sessions
            .extend(others.map(|other| self.listed(request, &other.session, other.last_seen, Some(post(&other.name)))));
        let end_others = (sessions.len() > 1).then(|| post(""));
        request.page(StatusCode::OK, Page::Sessions(SessionsPage { sessions, end_others }))
    }

    /// Ends one of them, or all others.
    pub(super) async fn end_listed_sessions(&self, request: &SignInRequest<'_>) -> Response {
        let posted = request.http.form().unwrap_or_default();
        let (visitor, own) = match self.own_sessions(request).await {
            Ok(own) => own,
            Err(response) => return *response,
        };
        let all = screens::value(&posted, "do") == Some("end-others");
        let name = screens::value(&posted, "step").unwrap_or_default();
        let Identity { provider, subject, .. } = &visitor.identity;
        let (mut refresh_tokens, mut told) = (Vec::new(), Ok(()));
        for other in own.into_iter().filter(|other| !other.is_current && (all || other.name == name)) {
            told = self.sessions.end(&other.session).await;
            if told.is_err() {
                break;
            }
            refresh_tokens.extend(other.refresh_token);
            info!(subject, "somebody ended a session of theirs elsewhere");
        }
        self.revoker.revoke(provider, refresh_tokens, request.now);
        self.metrics.revocations(self.sessions.revocations());
        match told {
            Ok(()) => Response::see_other(&self.sessions_path()),
            Err(Unavailable) => request.no_store(&self.sessions_path()),
        }
    }

    /// Who asks, and their sessions; or what they are answered instead.
    async fn own_sessions<'r>(
        &self,
        request: &'r SignInRequest<'_>,
    ) -> Result<(&'r Session, Vec<OwnSession>), Box<Response>> {
        if !self.sessions.has_store() {
            return Err(Box::new(request.not_found()));
        }
        let here = self.sessions_path();
        let Some(visitor) = request.visitor else {
            return Err(Box::new(request.unauthenticated(&self.sign_in_url(&here))));
        };
        match self.sessions.own(visitor, request.now).await {
            Ok(own) => Ok((visitor, own)),
            Err(Unavailable) => Err(Box::new(request.no_store(&here))),
        }
    }

    fn listed(
        &self,
        request: &SignInRequest<'_>,
        session: &Session,
        last_seen: Instant,
        end: Option<Post>,
    ) -> ListedSession {
        let device = session.device.as_ref();
        let browser = device.map(|device| browser(&device.browser)).unwrap_or_default();
        let address = device.and_then(|device| device.address).map(|address| address.to_string()).unwrap_or_default();
        let moment = |at: Instant| self.pages.moment(&request.language, at.seconds().cast_signed());
        let facts = [
            (strings::FACT_BROWSER, browser.clone()),
            (strings::FACT_PLACE, address),
            (strings::ACCOUNT_SINCE, moment(session.signed_in)),
            (strings::SESSION_LAST_USED, moment(last_seen)),
        ];
        let facts = facts.into_iter().filter(|(_, value)| !value.is_empty());
        ListedSession { browser, facts: facts.map(|(label, value)| (Text::ours(label), value)).collect(), end }
    }
}

/// A browser as people know it, where its own words say so; the words themselves elsewhere.
fn browser(words: &str) -> String {
    // In this order: each of them also says what those behind it say.
    const BROWSERS: [(&str, &str); 6] = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser/", "Samsung Internet"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 7] = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("CrOS", "ChromeOS"),
        ("Macintosh", "macOS"),
        ("Linux", "Linux"),
    ];
    let of =
        |names: &[(&str, &'static str)]| names.iter().find(|(sign, _)| words.contains(sign)).map(|(_, name)| *name);
    match (of(&BROWSERS), of(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser}, {system}"),
        _ => words.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_called_as_people_know_it() {
        for (words, name) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox, Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0 Safari/537.36 Edg/129.0",
                "Edge, Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Mobile/15E148 Safari/604.1",
                "Safari, iPhone",
            ),
            ("curl/8.5.0", "curl/8.5.0"),
            ("", ""),
        ] {
            assert_eq!(browser(words), name);
        }
    }
}
