//! The `Destination` of WebDAV's COPY and MOVE (RFC 4918 §10.3): a second address that a request writes to.
//!
//! Whoever may not send a PUT there may not copy there: the policies of the destination's routes are added to those of
//! the request's own. Where the route strips a prefix, the application may or may not know it, so both paths count. One
//! at another host is refused, as is one that could be read in two ways, or whose route replaces paths by an expression,
//! which cannot be undone; all with 400. The header is forwarded as it was sent.

use http::Method;

use super::RouteEntry;
use crate::access::{Matched, NoRoute, Rewrite, Routes};
use crate::web::{Request, read_host, split_absolute};

/// The methods of the web's forms and scripts. WebDAV gives none of them a destination; another protocol may.
const NO_DESTINATION: [Method; 7] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];

/// The destination's path, as sent; none where the request has no destination.
fn path<'r>(request: &'r Request<'_>) -> Result<Option<&'r str>, NoRoute> {
    // First, since nearly every request has one of these.
    if NO_DESTINATION.contains(request.method()) {
        return Ok(None);
    }
    let mut values = request.head.headers.get_all("destination").iter();
    let value = match (values.next(), values.next()) {
        (None, _) => return Ok(None),
        (Some(value), None) => value.to_str().map_err(|_| NoRoute::Ambiguous)?,
        (Some(_), Some(_)) => return Err(NoRoute::Ambiguous),
    };
    let target = match split_absolute(value) {
        _ if value.starts_with('/') => value,
        Some((scheme, authority, target)) => {
            let is_http = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
            let is_here = read_host(authority).is_ok_and(|host| host == request.host());
            if is_http && is_here { target } else { return Err(NoRoute::Ambiguous) }
        }
        None => return Err(NoRoute::Ambiguous),
    };
    let is_plain =
        target.starts_with('/') && !target.starts_with("//") && target.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_plain || target.contains(['#', '\\']) {
        return Err(NoRoute::Ambiguous);
    }
    Ok(target.split('?').next())
}

/// Adds to `matched` what must be satisfied for the destination of `request`.
pub(super) fn add_policies<'g>(
    routes: &'g Routes<RouteEntry>,
    request: &Request<'_>,
    matched: &mut Matched<'g, RouteEntry>,
) -> Result<(), NoRoute> {
    let Some(path) = path(request)? else { return Ok(()) };
    let prefixed = match &matched.route().rewrite {
        None => None,
        Some(Rewrite::Strip(prefix)) => Some(format!("{}{path}", prefix.as_str())),
        Some(Rewrite::Replace(_)) => return Err(NoRoute::Ambiguous),
    };
    for path in [Some(path), prefixed.as_deref()].into_iter().flatten() {
        for method in [request.method(), &Method::PUT] {
            matched.add_policies_of(&routes.find(request.host(), method, path)?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::RequestId;

    fn of(method: &str, destinations: &[&str]) -> Result<Option<String>, NoRoute> {
        let mut head = http::Request::builder().method(method).uri("/dav/a").header("host", "s.test:8443");
        for destination in destinations {
            head = head.header("destination", *destination);
        }
        let head = head.body(()).expect("a request").into_parts().0;
        let request = Request::read(&head, None, RequestId::next()).expect("one host");
        path(&request).map(|path| path.map(str::to_owned))
    }

    #[test]
    fn a_destination_is_a_path_of_this_host() {
        for (sent, path) in [
            ("/dav/b", "/dav/b"),
            ("/dav/b?x=1", "/dav/b"),
            ("http://s.test/dav/b", "/dav/b"),
            ("HTTPS://S.Test:8443/dav/%2e%2e/b", "/dav/%2e%2e/b"),
        ] {
            assert_eq!(of("COPY", &[sent]), Ok(Some(path.to_owned())), "{sent}");
        }
    }

    #[test]
    fn one_that_two_servers_could_read_differently_is_refused() {
        for sent in [
            "",
            "b",
            "../b",
            "//other.test/b",
            "/\\other.test/b",
            "/b#c",
            "/b c",
            "http://other.test/b",
            "http://s.test@other.test/b",
            "http://other.test\\@s.test/b",
            "http://s.test",
            "http:/dav/b",
            "ftp://s.test/b",
        ] {
            assert_eq!(of("MOVE", &[sent]), Err(NoRoute::Ambiguous), "{sent}");
        }
        assert_eq!(of("MOVE", &["/a", "/a"]), Err(NoRoute::Ambiguous));
    }

    #[test]
    fn other_requests_have_none() {
        assert_eq!(of("COPY", &[]), Ok(None));
        assert_eq!(of("POST", &["inbox"]), Ok(None));
    }
}
