//! What a route does with a request that its policy allows: forward it, redirect it, or answer it.

use http::StatusCode;

use super::{Upstream, Upstreams};

/// What a route does with a request that its policy allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// The request is forwarded to one of these servers.
    Forward(Upstreams),
    /// The answer is a redirect.
    Redirect(Redirect),
    /// The answer is written in the configuration.
    Respond(FixedResponse),
    /// Another proxy forwards the request and only asks here (forward auth); a request that comes here itself gets a
    /// 404.
    ForwardAuth,
}

impl Action {
    /// The servers that requests are forwarded to; none for an action that forwards nothing.
    pub fn upstreams(&self) -> impl Iterator<Item = &Upstream> {
        let members = match self {
            Self::Forward(upstreams) => upstreams.members.as_slice(),
            Self::Redirect(_) | Self::Respond(_) | Self::ForwardAuth => &[],
        };
        members.iter().map(|(upstream, _)| upstream)
    }
}

/// A redirect. `{uri}`, `{path}` and `{query}` in its address stand for those of the request, as they were sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    to: String,
    status: StatusCode,
}

impl Redirect {
    /// `to` is an absolute address (`https://new.example.com{uri}`) or a path (`/new{uri}`), `status` 301, 302, 303,
    /// 307 or 308. What the request asks for can change neither the host of an address nor make a host of a path: a
    /// placeholder that could is refused. The error is the second half of a sentence that begins with the setting's
    /// name.
    pub fn new(to: &str, status: u16) -> Result<Self, String> {
        const SHAPE: &str = "must be an address, as \"https://new.example.com{uri}\", or a path, as \"/new{uri}\"";
        let fixed = to.split('{').next().unwrap_or_default();
        let is_path =
            fixed.starts_with('/') && !fixed.starts_with("//") && fixed.len() > 1 && !fixed.starts_with("/\\");
        let is_path = is_path || to == "/";
        let rest = fixed.strip_prefix("https://").or(fixed.strip_prefix("http://"));
        let is_address = rest.is_some_and(|rest| {
            let (host, has_more) = rest.split_once(['/', '?']).map_or((rest, false), |(host, _)| (host, true));
            // What follows the host must not lengthen it: `{path}` and `{uri}` begin with a slash, `{query}` does not.
            let follows = &to[fixed.len()..];
            let ends = has_more || follows.is_empty() || follows.starts_with("{uri}") || follows.starts_with("{path}");
            ends && crate::web::read_host(host).is_ok()
        });
        let is_text = to.bytes().all(|byte| byte.is_ascii_graphic());
        let known = ["{uri}", "{path}", "{query}"].iter().fold(to.to_owned(), |text, name| text.replace(name, ""));
        if !(is_path || is_address) || !is_text || known.contains(['{', '}']) {
            return Err(SHAPE.to_owned());
        }
        match status {
            301 | 302 | 303 | 307 | 308 => {
                let status = StatusCode::from_u16(status).map_err(|error| error.to_string())?;
                Ok(Self { to: to.to_owned(), status })
            }
            _ => Err("must have a status of 301, 302, 303, 307 or 308".to_owned()),
        }
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The value of `Location` for a request with this path and query.
    pub fn location(&self, path: &str, query: Option<&str>) -> String {
        let query = query.unwrap_or_default();
        let uri = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
        // In one pass: the path or query of the request may itself hold a placeholder.
        let (mut location, mut rest) = (String::with_capacity(self.to.len() + uri.len()), self.to.as_str());
        while let Some(at) = rest.find('{') {
            location.push_str(&rest[..at]);
            let end = rest[at..].find('}').map_or(rest.len(), |end| at + end + 1);
            location.push_str(match &rest[at..end] {
                "{uri}" => &uri,
                "{path}" => path,
                _ => query,
            });
            rest = &rest[end..];
        }
        location + rest
    }
}

/// An answer that is the same for every request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixedResponse {
    /// Its status.
    pub status: StatusCode,
    /// Its `Content-Type`.
    pub content_type: String,
    /// Its body.
    pub body: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_leads_where_the_configuration_says_whatever_is_asked_for() {
        for (to, path, query, location) in [
            ("https://new.example.com{uri}", "/a", Some("b=1"), "https://new.example.com/a?b=1"),
            ("https://new.example.com{uri}", "//evil.example", None, "https://new.example.com//evil.example"),
            ("https://new.example.com/x?from={path}", "/a", Some("b=1"), "https://new.example.com/x?from=/a"),
            ("/new{uri}", "//evil.example", None, "/new//evil.example"),
            ("/new?{query}", "/a", Some("b={path}"), "/new?b={path}"),
            ("/", "/a", None, "/"),
        ] {
            let redirect = Redirect::new(to, 302).expect("a redirect");
            assert_eq!(redirect.location(path, query), location, "{to}");
        }
        for bad in [
            "{uri}",
            "//evil.example",
            "/\\evil.example",
            "/{path}",
            "https://new.example.com.{query}",
            "https://new.example.com{query}",
            "https://{uri}",
            "javascript:alert(1)",
            "new",
            "/new{host}",
            "/a b",
            "/a\r\nset-cookie: x",
        ] {
            assert!(Redirect::new(bad, 302).is_err(), "{bad}");
        }
        assert!(Redirect::new("/new", 200).is_err());
    }
}
