//! Patterns of host names.

/// The hosts of a route, in lower case and without a port.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HostPattern {
    /// One host.
    Exactly(String),
    /// All hosts below one. Kept as the end that they share, with its leading dot: `.example.com`.
    Below(String),
    /// Every site.
    Any,
}

impl HostPattern {
    /// `example.com`, `*.example.com` or `[::1]`; none when the text is not a host, or has a port.
    pub fn parse(text: &str) -> Option<Self> {
        let (is_wildcard, host) = text.strip_prefix("*.").map_or((false, text), |host| (true, host));
        // Hosts are compared without their port, so a pattern with one would never match.
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

    /// The pattern as the configuration writes it; `*` for any host.
    pub fn to_text(&self) -> String {
        match self {
            Self::Exactly(host) => host.clone(),
            Self::Below(suffix) => format!("*{suffix}"),
            Self::Any => "*".to_owned(),
        }
    }
}
