//! Which hosts a route is for.

/// Which hosts a route is for; in lower case. Ordered from the most exact to the least.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostPattern {
    /// This one.
    Exactly(String),
    /// Any below this one, which is kept with its leading dot.
    Below(String),
    /// Every site.
    Any,
}

impl HostPattern {
    /// `example.com`, `*.example.com`, `[::1]`; none when it is not a host.
    pub fn parse(text: &str) -> Option<Self> {
        let (is_wildcard, host) = text.strip_prefix("*.").map_or((false, text), |host| (true, host));
        // A port would never match, since hosts are compared without; better to say so.
        if host.contains(':') && !host.ends_with(']') {
            return None;
        }
        let host = crate::web::read_host(host).ok()?;
        Some(if is_wildcard { Self::Below(format!(".{host}")) } else { Self::Exactly(host.into_owned()) })
    }

    pub(crate) fn matches(&self, host: &str) -> bool {
        match self {
            Self::Exactly(exact) => host == exact,
            Self::Below(suffix) => host.len() > suffix.len() && host.ends_with(suffix.as_str()),
            Self::Any => true,
        }
    }

    /// As the configuration writes it; `*` for any.
    pub fn to_text(&self) -> String {
        match self {
            Self::Exactly(host) => host.clone(),
            Self::Below(suffix) => format!("*{suffix}"),
            Self::Any => "*".to_owned(),
        }
    }
}
