//! Answers to requests that go no further: a page for people, a problem document for programs.
//!
//! One table of causes; each has a status, words of the catalogue for the page, and a title and a
//! sentence for `application/problem+json` (RFC 9457). Neither holds anything of the upstream, of the configuration or
//! of the cause, only the request's id, which is also in the log.

use std::sync::Arc;

use http::header::{ALLOW, REFRESH, RETRY_AFTER};
use http::{Method, StatusCode};

use crate::access::{FailedCondition, Refusal};
use crate::pages::{Frame, Link, MessagePage, Page, Pages, StringId, Text, strings};
use crate::web::{Request, Response, Site};

/// In how many seconds to ask again while the session store does not answer.
const RETRY_SECONDS: &str = "5";

/// What is said to be allowed where a method is refused that no route may have (RFC 9110 §15.5.6).
pub const FORWARDED_METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/// Why a request goes no further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The request cannot be read in one way only.
    BadRequest,
    /// The body did not come in time.
    TooSlow,
    /// The body is larger than we take.
    TooLarge,
    /// The method is one that is never forwarded.
    MethodNotAllowed,
    /// The host is none of ours.
    UnknownHost,
    /// There is no route.
    NotFound,
    /// Another proxy asked about a request that has no route here.
    Denied,
    /// The policy of the route refuses.
    NoPermission {
        /// The name to show, where somebody is signed in.
        user: Option<String>,
        /// What the route says to them.
        message: Option<String>,
        /// What they can do.
        ways: Box<Ways>,
    },
    /// The upstream cannot be reached, or broke off.
    Unreachable,
    /// The upstream took too long.
    Silent,
    /// The route is closed for a while.
    Maintenance,
    /// The session store does not answer, so it is not known who is signed in.
    NoSessions,
    /// Something failed on our side.
    Failed,
}

/// What a person was refused, and what they can do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ways {
    /// What they asked for.
    pub app: String,
    /// Every condition that was not met, as far as that is known.
    pub failed: Vec<FailedCondition>,
    /// Where they sign in as somebody else, to come back here.
    pub switch_account: Option<String>,
}

impl Ways {
    /// Why they were refused, for programs and for the log.
    pub fn reasons(&self) -> Option<String> {
        let mut reasons: Vec<&str> = Vec::new();
        for reason in self.failed.iter().map(|failed| failed.why.as_str()) {
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }
}

impl Notice {
    /// The status it is told with.
    pub fn status(&self) -> StatusCode {
        self.page().0
    }

    /// The status, and a page's heading and text.
    fn page(&self) -> (StatusCode, StringId, StringId) {
        match self {
            Self::BadRequest => (StatusCode::BAD_REQUEST, strings::DIDNT_WORK, strings::PAGE_NOT_FOUND_TEXT),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, strings::DIDNT_WORK, strings::PAGE_OUT_OF_DATE),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, strings::DIDNT_WORK, strings::TOO_LARGE),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, strings::DIDNT_WORK, strings::WRONG_METHOD),
            Self::UnknownHost => (StatusCode::MISDIRECTED_REQUEST, strings::UNKNOWN_HOST, strings::UNKNOWN_HOST_TEXT),
            Self::NotFound => (StatusCode::NOT_FOUND, strings::PAGE_NOT_FOUND, strings::PAGE_NOT_FOUND_TEXT),
            Self::Denied => (StatusCode::FORBIDDEN, strings::PAGE_NOT_FOUND, strings::PAGE_NOT_FOUND_TEXT),
            Self::NoPermission { .. } => (StatusCode::FORBIDDEN, strings::NO_PERMISSION, strings::NO_PERMISSION_TEXT),
            Self::Unreachable => (StatusCode::BAD_GATEWAY, strings::SERVICE_SILENT, strings::SERVICE_SILENT_UNNAMED),
            Self::Silent => (StatusCode::GATEWAY_TIMEOUT, strings::SERVICE_SILENT, strings::SERVICE_SILENT_UNNAMED),
            Self::Maintenance => (StatusCode::SERVICE_UNAVAILABLE, strings::MAINTENANCE, strings::MAINTENANCE_TEXT),
            Self::NoSessions => {
                (StatusCode::SERVICE_UNAVAILABLE, strings::SESSIONS_UNAVAILABLE, strings::SESSIONS_UNAVAILABLE_TEXT)
            }
            Self::Failed => {
                (StatusCode::INTERNAL_SERVER_ERROR, strings::SOMETHING_WENT_WRONG, strings::SOMETHING_WENT_WRONG_TEXT)
            }
        }
    }

    /// A problem document's title and detail (RFC 9457), for programs.
    fn problem(&self) -> (&'static str, &'static str) {
        match self {
            Self::BadRequest => ("Bad request", "The request cannot be read in one way only."),
            Self::TooSlow => ("Request timeout", "The body did not arrive in time."),
            Self::TooLarge => ("Content too large", "The body is larger than this address takes."),
            Self::MethodNotAllowed => ("Method not allowed", "This server does not take that method."),
            Self::UnknownHost => ("Misdirected request", "This server does not answer for that host."),
            Self::NotFound => ("Not found", "There is nothing at this address."),
            Self::Denied => ("Forbidden", "There is nothing at this address."),
            Self::NoPermission { user: Some(_), .. } => {
                ("Forbidden", "The signed-in account does not have permission.")
            }
            Self::NoPermission { user: None, .. } => ("Forbidden", "This request is not allowed, whoever sends it."),
            Self::Unreachable => ("Bad gateway", "The service behind this address cannot be reached."),
            Self::Silent => ("Gateway timeout", "The service behind this address did not answer in time."),
            Self::Maintenance => ("Service unavailable", "This address is down for maintenance."),
            Self::NoSessions => ("Service unavailable", "Sessions cannot be checked at the moment. Ask again."),
            Self::Failed => ("Internal server error", "Something failed on our side."),
        }
    }
}

/// Tells notices, on pages in the visitor's language.
pub struct Notices {
    site: Arc<Site>,
    pages: Arc<Pages>,
    /// Where somebody may ask for access; `{app}` becomes the application's name.
    request_access: Option<String>,
}

impl Notices {
    /// On pages of `site`.
    pub fn new(site: Arc<Site>, pages: Arc<Pages>, request_access: Option<String>) -> Self {
        Self { site, pages, request_access }
    }

    /// The notice, as it fits the request.
    pub fn tell(&self, request: &Request<'_>, notice: &Notice) -> Response {
        let reference = request.id.to_string();
        let page = request.wants_html().then(|| self.page(request, notice, &reference).ok()).flatten();
        let is_page = page.is_some();
        let response = match page {
            Some(html) => Response::page(notice.status(), html),
            None => {
                let (title, mut detail) = notice.problem();
                let mut more = vec![("reference", reference.as_str())];
                let reasons = if let Notice::NoPermission { ways, .. } = notice { ways.reasons() } else { None };
                more.extend(reasons.as_deref().map(|reasons| ("reason", reasons)));
                if let Notice::NoPermission { message: Some(message), .. } = notice {
                    detail = message;
                }
                Response::problem(notice.status(), title, detail, &more)
            }
        };
        if *notice == Notice::MethodNotAllowed {
            return response.with_header(ALLOW, FORWARDED_METHODS);
        }
        if *notice != Notice::NoSessions {
            return response;
        }
        let response = response.with_header(RETRY_AFTER, RETRY_SECONDS);
        match is_page && *request.method() == Method::GET {
            // A page that asks again by itself, in every browser (HTML, "shared declarative refresh steps").
            true => response.with_header(REFRESH, RETRY_SECONDS),
            false => response,
        }
    }

    fn page(&self, request: &Request<'_>, notice: &Notice, reference: &str) -> Result<String, ()> {
        let (_, heading, text) = notice.page();
        let prefix = self.site.prefix();
        let link = |text: StringId, href: String| Link::href(text, href);
        let home = || link(strings::HOME, "/".to_owned());
        // Only a visit can be made again by following a link, and a path that could be read as a host leads home.
        let again = || match request.target() {
            here if *request.method() == Method::GET && !here.starts_with("//") => {
                link(strings::TRY_AGAIN, here.to_owned())
            }
            _ => home(),
        };
        let (texts, actions) = match notice {
            Notice::NoPermission { user, message, ways } => {
                let who = user.iter().map(|user| Text::ours(strings::NO_PERMISSION_AS).with("user", user.as_str()));
                let sign_out = user.iter().map(|_| link(strings::SIGN_OUT, format!("{prefix}/sign-out")));
                let said = message.iter().map(|message| Text::Theirs(message.clone()));
                let ways_on = user.iter().flat_map(|_| self.ways_on(ways));
                let texts = said.chain(who).chain(who_may(ways)).collect();
                (texts, ways_on.chain(sign_out).chain([home()]).collect())
            }
            Notice::Unreachable | Notice::Silent => (self.silent(request, text), vec![again()]),
            Notice::Maintenance | Notice::NoSessions | Notice::Failed => (vec![Text::ours(text)], vec![again()]),
            Notice::UnknownHost => {
                // A path alone would lead to the same host again.
                let home = link(strings::HOME, self.site.public_url().to_string());
                (vec![Text::ours(text).with("host", request.host())], vec![home])
            }
            _ => (vec![Text::ours(text)], vec![home()]),
        };
        let reference = Some(reference.to_owned());
        let page = MessagePage { actions, reference, ..MessagePage::new(heading, texts) };
        let page = Page::Message(Box::new(page));
        let chosen = request.cookie(&self.site.cookie_name("lang"));
        let frame = Frame {
            language: self.pages.language(chosen, request.header("accept-language")),
            prefix: prefix.to_owned(),
            here: request.target().to_owned(),
            host: request.host().to_owned(),
        };
        self.pages.render(&page, &frame).map_err(|error| tracing::error!(cause = %error, "a page cannot be rendered"))
    }

    /// Access that can be asked for, and another account.
    fn ways_on(&self, ways: &Ways) -> Vec<Link> {
        let app: String = url::form_urlencoded::byte_serialize(ways.app.as_bytes()).collect();
        let request =
            self.request_access.as_ref().map(|address| (strings::REQUEST_ACCESS, address.replace("{app}", &app)));
        let switch = ways.switch_account.clone().map(|address| (strings::SWITCH_ACCOUNT, address));
        let link = |(text, href)| Link::href(text, href);
        request.into_iter().chain(switch).map(link).collect()
    }

    /// Which host did not answer; and where there is a session cookie, that the person is still signed in.
    fn silent(&self, request: &Request<'_>, unnamed: StringId) -> Vec<Text> {
        let mut texts = match request.host() {
            "" => vec![Text::ours(unnamed)],
            host => vec![Text::ours(strings::SERVICE_SILENT_TEXT).with("host", host)],
        };
        let session = self.site.cookie_name("session");
        if request.cookies().iter().any(|(name, _)| name.starts_with(&session)) {
            texts.push(Text::ours(strings::YOU_ARE_SIGNED_IN_THOUGH));
        }
        texts
    }
}

/// What was asked for, and every condition that was not met.
fn who_may(ways: &Ways) -> Vec<Text> {
    let app = (!ways.app.is_empty()).then(|| Text::ours(strings::NO_PERMISSION_APP).with("app", ways.app.as_str()));
    let mut texts: Vec<Text> = app.into_iter().collect();
    for text in ways.failed.iter().map(condition) {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    if ways.failed.is_empty() {
        texts.push(Text::ours(strings::NO_PERMISSION_TEXT));
    }
    texts
}

/// A condition that was not met, in a sentence.
fn condition(failed: &FailedCondition) -> Text {
    if !failed.groups.is_empty() {
        let mut groups = failed.groups.clone();
        groups.sort();
        groups.dedup();
        return Text::ours(strings::NO_PERMISSION_GROUPS).with("groups", groups.join(", ").as_str());
    }
    Text::ours(match failed.why {
        Refusal::NotInGroup | Refusal::NotListed => strings::NO_PERMISSION_LISTED,
        Refusal::EmailNotVerified => strings::NO_PERMISSION_EMAIL,
        Refusal::Excluded => strings::NO_PERMISSION_EXCLUDED,
        Refusal::Network => strings::NO_PERMISSION_NETWORK,
        Refusal::Method => strings::NO_PERMISSION_METHOD,
        Refusal::Scope => strings::NO_PERMISSION_SCOPE,
    })
}
