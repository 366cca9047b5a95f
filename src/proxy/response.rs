//! Checks an upstream's answer before it goes to the client: one framing, one final status, no hop-by-hop headers; then
//! removes what the upstream may not set, and adds the gateway's cookies and headers.
//!
//! What cannot be framed safely is an error, and so a 502; what is only untidy is tidied (RFC 9110 §7.6.1, §15.2;
//! RFC 9112 §6). Towards the client the framing is ours.

use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, CONTENT_LOCATION, HeaderName, LOCATION,
    ORIGIN, REFRESH, SET_COOKIE, STRICT_TRANSPORT_SECURITY, TE, TRAILER, TRANSFER_ENCODING, UPGRADE, VARY,
};
use http::{HeaderMap, HeaderValue, StatusCode, Version};
use pingora::http::{RequestHeader, ResponseHeader};
use pingora::prelude::Result;
use pingora::{Error, ErrorType};
use url::Url;

use super::{InFlight, Proxy, internal};
use crate::access::{Rewrite, Route};
use crate::gateway::Forward;
use crate::headers::{self, Hops, ResponseRewrite};
use crate::web::list_items;

/// How many interim answers (100, 103) one request may bring.
const MOST_INTERIM: usize = 8;

/// Judges and tidies an answer. `interim` is how many interim ones came before; `is_asked_to_upgrade` whether this
/// request may turn the connection into a WebSocket.
pub(super) fn check(response: &mut ResponseHeader, is_asked_to_upgrade: bool, interim: &mut usize) -> Result<()> {
    if response.status == StatusCode::SWITCHING_PROTOCOLS {
        let is_websocket = response.headers.get(UPGRADE).is_some_and(is_websocket);
        return if is_asked_to_upgrade && is_websocket && response.version == Version::HTTP_11 {
            without_nominated(response, &[UPGRADE]);
            without_length(response);
            Ok(())
        } else {
            Err(refused("an upgrade that was not asked for"))
        };
    }
    if response.status.is_informational() {
        *interim += 1;
        if *interim > MOST_INTERIM {
            return Err(refused("too many interim answers"));
        }
        without_length(response);
    } else {
        frame(response)?;
    }
    without_nominated(response, &[]);
    Ok(())
}

/// An answer without a body tells no length of one (RFC 9110 §8.6, RFC 9112 §6.1).
fn without_length(response: &mut ResponseHeader) {
    response.remove_header(&CONTENT_LENGTH);
    response.remove_header(&TRANSFER_ENCODING);
}

/// One length or chunks, never both; where there is no body, neither.
fn frame(response: &mut ResponseHeader) -> Result<()> {
    let mut encodings = response.headers.get_all(TRANSFER_ENCODING).iter();
    if let Some(encoding) = encodings.next() {
        let is_chunked = encoding.as_bytes().eq_ignore_ascii_case(b"chunked") && encodings.next().is_none();
        if !is_chunked || response.version != Version::HTTP_11 {
            return Err(refused("a transfer encoding that is not chunked"));
        }
        response.remove_header(&CONTENT_LENGTH);
    }
    if response.status == StatusCode::NO_CONTENT {
        without_length(response);
    }
    if let Some(length) = length(&response.headers)? {
        response.insert_header(CONTENT_LENGTH, length)?;
    }
    response.set_version(Version::HTTP_11);
    Ok(())
}

/// The length that is told, where it is not told once and in digits; pingora refuses lengths that differ.
fn length(headers: &HeaderMap) -> Result<Option<u64>> {
    let mut told = list_items(headers, &CONTENT_LENGTH);
    let Some(first) = told.next() else { return Ok(None) };
    let number = |text: &[u8]| {
        let is_number = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
        std::str::from_utf8(text).ok().filter(|_| is_number)?.parse::<u64>().ok()
    };
    let length = number(first).ok_or_else(|| refused("a length that is none"))?;
    let mut is_single = true;
    for other in told {
        is_single = false;
        if number(other) != Some(length) {
            return Err(refused("two lengths"));
        }
    }
    Ok((!is_single).then_some(length))
}

/// Takes out what is meant for us alone, but for `kept`.
fn without_nominated(response: &mut ResponseHeader, kept: &[HeaderName]) {
    let is_hop = |name: &HeaderName| {
        *name == UPGRADE
            || *name == TRAILER
            || *name == TE
            || name.as_str() == "keep-alive"
            || name.as_str().starts_with("proxy-")
    };
    let mut gone: Vec<HeaderName> = response.headers.keys().filter(|name| is_hop(name)).cloned().collect();
    // The field `Keep-Alive` goes in any case, and the word stands in most answers.
    let named = list_items(&response.headers, &CONNECTION).filter(|name| !name.eq_ignore_ascii_case(b"keep-alive"));
    let named = named.filter_map(|name| HeaderName::from_bytes(name).ok());
    // How the body is framed is not the connection's.
    gone.extend(named.filter(|name| *name != CONTENT_LENGTH && *name != TRANSFER_ENCODING));
    for name in gone.iter().filter(|name| !kept.contains(name)) {
        response.remove_header(name);
    }
}

/// Whether a request asks for a WebSocket, as RFC 6455 §4.1 has it; nothing less may be silent for ever.
pub(super) fn asks_for_websocket(head: &RequestHeader) -> bool {
    head.method == http::Method::GET
        && head.version == Version::HTTP_11
        && head.headers.get(UPGRADE).is_some_and(is_websocket)
        && head.headers.contains_key("sec-websocket-key")
        && head.headers.contains_key("sec-websocket-version")
}

fn is_websocket(upgrade: &HeaderValue) -> bool {
    upgrade.as_bytes().trim_ascii().eq_ignore_ascii_case(b"websocket")
}

/// Whether an answer is a stream of events, which may be silent for as long as it likes.
pub(super) fn is_event_stream(response: &ResponseHeader) -> bool {
    media_type(response).eq_ignore_ascii_case(b"text/event-stream")
}

/// Whether an answer is of a type whose bodies may go on for as long as somebody reads them.
pub(super) fn is_stream(response: &ResponseHeader) -> bool {
    const STREAMS: [&str; 9] = [
        "text/event-stream",
        "application/grpc",
        "application/grpc+proto",
        "application/grpc+json",
        "application/json-seq",
        "application/jsonl",
        "application/stream+json",
        "application/x-ndjson",
        "multipart/x-mixed-replace",
    ];
    let media_type = media_type(response);
    STREAMS.iter().any(|stream| media_type.eq_ignore_ascii_case(stream.as_bytes()))
}

fn media_type(response: &ResponseHeader) -> &[u8] {
    let value = response.headers.get(http::header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    value.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii()
}

impl Proxy {
    /// Removes what an upstream may not set, and adds the gateway's cookies and headers.
    pub(super) fn rewrite_response(
        &self,
        sent: &RequestHeader,
        response: &mut ResponseHeader,
        flight: &InFlight,
        forward: &Forward,
    ) -> Result<()> {
        let gateway = &self.runtime(flight).gateway;
        remove_where(response, |name| gateway.headers.responses.drops(name));
        if let Some(rewrite) = &forward.route.route.rewrite_responses {
            let request = flight.request(sent).map_err(|_| internal())?;
            if let Some(site) = gateway.site_of(&request) {
                map_to_site(response, rewrite, site.public_url(), forward)?;
            }
        }
        if response.headers.get_all(SET_COOKIE).iter().any(headers::sets_our_cookie) {
            let theirs = response.headers.get_all(SET_COOKIE).iter().filter(|cookie| !headers::sets_our_cookie(cookie));
            let theirs: Vec<HeaderValue> = theirs.cloned().collect();
            response.remove_header(&SET_COOKIE);
            for cookie in theirs {
                response.append_header(SET_COOKIE, cookie)?;
            }
        }
        if response.status.is_informational() && response.status != StatusCode::SWITCHING_PROTOCOLS {
            return Ok(());
        }
        // The answer may have been under way for long: a session that has ended meanwhile is not kept alive by it.
        let has_ended =
            || forward.principal.as_ref().is_some_and(|principal| gateway.has_ended(principal, crate::time::now()));
        let is_kept = !forward.cookies.is_empty() && !has_ended();
        let member = gateway.keep_member(&forward.route, flight.member, forward.pool.member());
        for cookie in member.iter().chain(forward.cookies.iter().filter(|_| is_kept)) {
            response.append_header(SET_COOKIE, cookie.as_str())?;
        }
        if response.status == StatusCode::SWITCHING_PROTOCOLS {
            return Ok(());
        }
        let_scripts_read(sent, response, &forward.route.route)?;
        if let Some(hsts) = self.hsts(flight).filter(|_| !response.headers.contains_key(STRICT_TRANSPORT_SECURITY)) {
            response.insert_header(STRICT_TRANSPORT_SECURITY, hsts)?;
        }
        if is_kept || member.is_some() {
            // A cache must not hand one visitor's cookie to another, whatever the upstream allows.
            remove_where(response, is_for_some_caches);
            let values = response.headers.get_all(CACHE_CONTROL).iter().map(HeaderValue::as_bytes);
            let is_stored = !values.flat_map(directives).any(|directive| directive.eq_ignore_ascii_case(b"no-store"));
            let value = if is_stored { "private, no-cache" } else { "no-store" };
            response.insert_header(CACHE_CONTROL, HeaderValue::from_static(value))?;
        } else if forward.is_personal() {
            keep_private(response)?;
        }
        Ok(())
    }
}

fn remove_where(response: &mut ResponseHeader, is_gone: impl Fn(&HeaderName) -> bool) {
    let gone: Vec<HeaderName> = response.headers.keys().filter(|name| is_gone(name)).cloned().collect();
    for name in &gone {
        response.remove_header(name);
    }
}

/// Whether some caches heed a field in place of `Cache-Control`: `CDN-Cache-Control` and its like (RFC 9213), and what came
/// before them.
fn is_for_some_caches(name: &HeaderName) -> bool {
    name.as_str().ends_with("-cache-control") || matches!(name.as_str(), "surrogate-control" | "edge-control")
}

/// Addresses and cookies of the upstream become those of `site`, as the route says.
fn map_to_site(response: &mut ResponseHeader, rewrite: &ResponseRewrite, site: &Url, forward: &Forward) -> Result<()> {
    let upstream = forward.pool.upstream();
    let prefix = forward.route.route.rewrite.as_ref().and_then(Rewrite::stripped);
    let hops = Hops { site, host: &upstream.host, port: upstream.port, prefix };
    for name in [LOCATION, CONTENT_LOCATION, REFRESH] {
        let Some(value) = response.headers.get(&name).and_then(|value| value.to_str().ok()) else { continue };
        let mapped = if name == REFRESH { rewrite.refresh(value, hops) } else { rewrite.location(value, hops) };
        if let Some(mapped) = mapped {
            response.insert_header(name, mapped)?;
        }
    }
    let map = |cookie: &HeaderValue| {
        let mapped = cookie.to_str().ok().and_then(|cookie| rewrite.cookie(cookie, hops));
        mapped.and_then(|cookie| HeaderValue::try_from(cookie).ok()).unwrap_or_else(|| cookie.clone())
    };
    let cookies: Vec<HeaderValue> = response.headers.get_all(SET_COOKIE).iter().map(map).collect();
    response.remove_header(&SET_COOKIE);
    for cookie in cookies {
        response.append_header(SET_COOKIE, cookie)?;
    }
    Ok(())
}

/// Keeps an answer that was made for one visitor from caches that others use, unless it speaks of them itself.
fn keep_private(response: &mut ResponseHeader) -> Result<()> {
    if !response.headers.contains_key(CACHE_CONTROL) {
        return response.insert_header(CACHE_CONTROL, HeaderValue::from_static("private"));
    }
    let told: Vec<&[u8]> = response.headers.get_all(CACHE_CONTROL).iter().map(HeaderValue::as_bytes).collect();
    let directives = || told.iter().flat_map(|value| directives(value));
    // With fields for an argument, `private` is about those alone (RFC 9111 §5.2.2.7).
    let speaks_of_caches = |directive: &[u8]| {
        let is = |known: &[u8]| directive.eq_ignore_ascii_case(known);
        let begins = |known: &[u8]| directive.get(..known.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(known));
        is(b"private") || is(b"no-store") || is(b"public") || begins(b"s-maxage=")
    };
    if directives().any(speaks_of_caches) {
        return Ok(());
    }
    let mut value = b"private".to_vec();
    for directive in directives().filter(|directive| !directive.is_empty()) {
        value.extend_from_slice(b", ");
        value.extend_from_slice(directive);
    }
    let value = HeaderValue::from_bytes(&value).map_err(|_| refused("a Cache-Control that is none"))?;
    response.insert_header(CACHE_CONTROL, value)
}

/// What stands between the commas of a `Cache-Control`, those within quotes apart (RFC 9110 §5.6.4).
fn directives(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    let ends = move |byte: &u8| {
        let (was_quoted, was_escaped) = (is_quoted, is_escaped);
        is_escaped = was_quoted && !was_escaped && *byte == b'\\';
        is_quoted = was_quoted != (*byte == b'"' && !was_escaped);
        *byte == b',' && !was_quoted
    };
    value.split(ends).map(<[u8]>::trim_ascii)
}

fn refused(why: &'static str) -> Box<Error> {
    Error::explain(ErrorType::Custom(why), "").into_up()
}

/// Lets a script of another site read an answer, where the route lets it call. An application that sets these headers
/// itself is left to it, since browsers refuse two values.
fn let_scripts_read(sent: &RequestHeader, response: &mut ResponseHeader, route: &Route) -> Result<()> {
    let Some(cors) = &route.cors else { return Ok(()) };
    if response.headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN) {
        return Ok(());
    }
    // Without an origin too: a cache must not give one site's answer to another.
    response.append_header(VARY, HeaderValue::from_static("Origin"))?;
    let origin = sent.headers.get(ORIGIN).and_then(|origin| origin.to_str().ok());
    for (name, value) in origin.map(|origin| cors.answer(origin)).unwrap_or_default() {
        response.insert_header(name, value)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, version: Version, headers: &[(&'static str, &str)]) -> ResponseHeader {
        let mut response = ResponseHeader::build(status, None).expect("a response");
        response.set_version(version);
        for (name, value) in headers {
            response.append_header(*name, *value).expect("a header");
        }
        response
    }

    fn written(response: &ResponseHeader) -> String {
        let mut lines: Vec<String> =
            response.headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().expect("text"))).collect();
        lines.sort();
        lines.join("; ")
    }

    /// S-01 on the way back, S-09, S-14.
    #[test]
    fn an_answer_is_framed_in_one_way_or_refused() {
        let (new, old) = (Version::HTTP_11, Version::HTTP_10);
        for (status, version, headers, expected) in [
            (200, new, &[("content-length", "2")][..], Some("content-length: 2")),
            (200, new, &[("content-length", "2"), ("content-length", "2")], Some("content-length: 2")),
            (200, new, &[("content-length", "2, 2")], Some("content-length: 2")),
            (200, new, &[("content-length", "2, 3")], None),
            (200, new, &[("content-length", "+2")], None),
            (200, new, &[("content-length", "")], None),
            (200, new, &[("transfer-encoding", "chunked")], Some("transfer-encoding: chunked")),
            (200, new, &[("transfer-encoding", "xchunked")], None),
            (200, new, &[("transfer-encoding", "gzip, chunked")], None),
            (200, new, &[("transfer-encoding", "chunked"), ("transfer-encoding", "chunked")], None),
            (200, old, &[("transfer-encoding", "chunked")], None),
            (204, new, &[("content-length", "2")], Some("")),
            (304, new, &[("content-length", "2")], Some("content-length: 2")),
            (103, new, &[("content-length", "2"), ("link", "</a>")], Some("link: </a>")),
            (
                200,
                new,
                &[
                    ("keep-alive", "timeout=5"),
                    ("proxy-authenticate", "Basic"),
                    ("proxy-connection", "close"),
                    ("upgrade", "h2c"),
                    ("trailer", "x"),
                    ("te", "trailers"),
                    ("connection", "close, X-Hop"),
                    ("x-hop", "1"),
                    ("x-app", "1"),
                ],
                Some("connection: close, X-Hop; x-app: 1"),
            ),
        ] {
            let mut response = response(status, version, headers);
            let judged = check(&mut response, false, &mut 0).map(|()| written(&response)).ok();
            assert_eq!(judged.as_deref(), expected, "{status} {version:?} {headers:?}");
        }
    }

    /// S-03.
    #[test]
    fn only_a_websocket_that_was_asked_for_opens_a_tunnel() {
        let headers = [("upgrade", "WebSocket"), ("connection", "Upgrade"), ("sec-websocket-accept", "x")];
        let framed = [&headers[..], &[("content-length", "5"), ("transfer-encoding", "chunked")]].concat();
        let mut good = response(101, Version::HTTP_11, &framed);
        assert!(check(&mut good, true, &mut 0).is_ok());
        assert_eq!(written(&good), "connection: Upgrade; sec-websocket-accept: x; upgrade: WebSocket");
        for (is_asked, version, headers) in [
            (false, Version::HTTP_11, &headers[..]),
            (true, Version::HTTP_10, &headers),
            (true, Version::HTTP_11, &[]),
            (true, Version::HTTP_11, &[("upgrade", "h2c")]),
        ] {
            assert!(check(&mut response(101, version, headers), is_asked, &mut 0).is_err(), "{is_asked} {headers:?}");
        }
    }

    /// S-09.
    #[test]
    fn interim_answers_have_a_number() {
        let mut interim = 0;
        for number in 1..=9 {
            let judged = check(&mut response(103, Version::HTTP_11, &[]), false, &mut interim);
            assert_eq!(judged.is_ok(), number <= 8, "{number}");
        }
        assert!(check(&mut response(200, Version::HTTP_11, &[]), false, &mut interim).is_ok());
    }

    /// W-01.
    #[test]
    fn what_was_made_for_one_visitor_is_private_unless_it_says_otherwise() {
        for (told, kept) in [
            (&[][..], "private"),
            (&["max-age=60"], "private, max-age=60"),
            (&["max-age=60", "must-revalidate"], "private, max-age=60, must-revalidate"),
            (&["no-store"], "no-store"),
            (&["Private, max-age=5"], "Private, max-age=5"),
            (&["public, max-age=60"], "public, max-age=60"),
            (&["max-age=1, s-maxage=60"], "max-age=1, s-maxage=60"),
            (&["private=\"Set-Cookie\", max-age=60"], "private, private=\"Set-Cookie\", max-age=60"),
            (&["private=\"a, private, b\", max-age=60"], "private, private=\"a, private, b\", max-age=60"),
            (&["ext=\"a\\\", private, \", max-age=60"], "private, ext=\"a\\\", private, \", max-age=60"),
            (&["ext=\"a\", private"], "ext=\"a\", private"),
            (&["private=, max-age=3"], "private, private=, max-age=3"),
            (&["no-cache=\"Set-Cookie\", max-age=60"], "private, no-cache=\"Set-Cookie\", max-age=60"),
            (&["s-maxage"], "private, s-maxage"),
        ] {
            let headers: Vec<_> = told.iter().map(|value| ("cache-control", *value)).collect();
            let mut response = response(200, Version::HTTP_11, &headers);
            keep_private(&mut response).expect("a header");
            assert_eq!(written(&response), format!("cache-control: {kept}"));
        }
    }
}
