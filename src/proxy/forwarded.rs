//! The head that an upstream gets: the client's, without what may not pass and with what the gateway writes.

use bytes::Bytes;
use http::HeaderValue;
use http::header::{CONNECTION, COOKIE, HOST, HeaderName, REFERER, UPGRADE};
use pingora::http::RequestHeader;
use pingora::prelude::Result;
use url::Url;

use super::{InFlight, Proxy, internal};
use crate::access::Rewrite;
use crate::gateway::Forward;
use crate::headers;
use crate::web::write_address;

impl Proxy {
    /// Removes from `forwarded` what may not pass, and writes who asks, for which address, and from where.
    pub(super) fn rewrite(
        &self,
        sent: &RequestHeader,
        forwarded: &mut RequestHeader,
        flight: &InFlight,
        forward: &Forward,
        certificate: Vec<(HeaderName, HeaderValue)>,
    ) -> Result<()> {
        let runtime = self.runtime(flight);
        let route = &forward.route.route;
        set_target(sent, forwarded, forward)?;
        // What goes, goes first: the maps grow with what is added.
        let dropped = forwarded.headers.keys().filter(|name| !runtime.gateway.passes(route, name));
        let dropped: Vec<HeaderName> = dropped.cloned().collect();
        for name in &dropped {
            forwarded.remove_header(name);
        }
        match headers::without_our_cookies(&forwarded.headers) {
            Some(Some(cookies)) => forwarded.insert_header(COOKIE, cookies)?,
            Some(None) => {
                forwarded.remove_header(&COOKIE);
            }
            None => {}
        }
        // The address of a page of ours may hold parameters of a sign-in.
        if sent.headers.get(REFERER).is_some_and(|referer| runtime.gateway.is_own_page(referer.as_bytes())) {
            forwarded.remove_header(&REFERER);
        }
        if !route.websocket {
            // pingora keeps both for a WebSocket, and for nothing else.
            forwarded.remove_header(&UPGRADE);
            forwarded.remove_header(&CONNECTION);
        }
        for (name, value) in certificate {
            forwarded.insert_header(name, value)?;
        }
        for (name, value) in forward.identity.iter() {
            forwarded.insert_header(name.clone(), value.clone())?;
        }
        self.write_origin(sent, forwarded, flight, forward)
    }

    /// Writes for which address a request came, and from where.
    fn write_origin(
        &self,
        sent: &RequestHeader,
        forwarded: &mut RequestHeader,
        flight: &InFlight,
        forward: &Forward,
    ) -> Result<()> {
        let runtime = self.runtime(flight);
        let route = &forward.route.route;
        if let Some(client) = flight.client {
            let mut text = Vec::with_capacity("255.255.255.255".len());
            write_address(&mut text, client);
            let client = HeaderValue::from_maybe_shared(Bytes::from(text)).map_err(|_| internal())?;
            forwarded.insert_header("X-Forwarded-For", client.clone())?;
            forwarded.insert_header("X-Real-IP", client)?;
        }
        forwarded.insert_header("X-Forwarded-Proto", runtime.proto())?;
        forwarded.insert_header("X-Forwarded-Port", runtime.port())?;
        let id = HeaderValue::from_bytes(&flight.id.digits()).map_err(|_| internal())?;
        forwarded.insert_header("X-Request-Id", id)?;
        if let Some(host) = host_of(sent, runtime.gateway.site().public_url()) {
            if route.preserve_host && forwarded.headers.get(HOST) != Some(&host) {
                forwarded.insert_header(HOST, host.clone())?;
            }
            forwarded.insert_header("X-Forwarded-Host", host)?;
        }
        if let Some(prefix) = route.rewrite.as_ref().and_then(Rewrite::stripped) {
            forwarded.insert_header("X-Forwarded-Prefix", prefix)?;
        }
        if !route.preserve_host {
            forwarded.insert_header(HOST, forward.pool.authority().cloned().ok_or_else(internal)?)?;
        }
        Ok(())
    }
}

/// The host that was asked for, with the port of `site`: over HTTP/2 it stands in the target.
fn host_of(sent: &RequestHeader, site: &Url) -> Option<HeaderValue> {
    let authority = || HeaderValue::from_str(sent.uri.authority()?.as_str()).ok();
    sent.headers.get(HOST).cloned().or_else(authority).map(|host| with_port_of(site, host))
}

/// A host as the site's visitors write it: another port, which the client chose or which is that of another hop, would get
/// into links that applications make.
fn with_port_of(site: &Url, host: HeaderValue) -> HeaderValue {
    let bytes = host.as_bytes();
    let Some(colon) = memchr::memrchr(b':', bytes).filter(|colon| !bytes[*colon..].contains(&b']')) else {
        return host;
    };
    let port = std::str::from_utf8(&bytes[colon + 1..]).ok().and_then(|port| port.parse().ok());
    if port == site.port_or_known_default() {
        return host;
    }
    let mut own = bytes[..colon].to_vec();
    own.extend(site.port().into_iter().flat_map(|port| format!(":{port}").into_bytes()));
    HeaderValue::from_bytes(&own).unwrap_or(host)
}

/// The target that was decided about: the path as the route rewrites it, and of an absolute form the path and query.
fn set_target(sent: &RequestHeader, forwarded: &mut RequestHeader, forward: &Forward) -> Result<()> {
    let target = match (&forward.rewritten, sent.uri.query()) {
        (Some(path), Some(query)) => format!("{path}?{query}"),
        (Some(path), None) => path.clone(),
        (None, _) if forwarded.raw_path().starts_with(b"/") => return Ok(()),
        (None, _) => sent.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
    };
    // A builder, since a parser of whole addresses would take `//host/path` for one of another host.
    let target = http::uri::PathAndQuery::try_from(target).map_err(|_| internal())?;
    forwarded.set_uri(http::Uri::from(target));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_the_port_of_the_site_or_none() {
        for (site, sent, expected) in [
            ("https://s.test:24150", "s.test:1", "s.test:24150"),
            ("https://s.test:24150", "s.test:24150", "s.test:24150"),
            ("https://s.test:24150", "s.test", "s.test"),
            ("https://s.test", "s.test:1", "s.test"),
            ("https://s.test", "s.test:443", "s.test:443"),
            ("http://[::1]:8080", "[::1]:9", "[::1]:8080"),
            ("http://[::1]:8080", "[::1]", "[::1]"),
        ] {
            let site = Url::parse(site).expect("an address");
            assert_eq!(with_port_of(&site, HeaderValue::from_static(sent)), expected, "{site} {sent}");
        }
    }
}
