//! Content Security Policy, Level 3, as a value: built from what a response needs, never edited as text.

use std::borrow::Cow;
use std::fmt;

/// What a document may load, run and submit to; everything else is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Csp {
    /// Directives with their sources, in the order of the header.
    directives: Vec<(&'static str, Vec<Cow<'static, str>>)>,
}

impl Csp {
    /// Allows nothing; for responses that browsers do not show as a page.
    pub fn nothing() -> Self {
        Self::of(&[
            ("default-src", "'none'"),
            ("form-action", "'none'"),
            ("frame-ancestors", "'none'"),
            ("base-uri", "'none'"),
        ])
    }

    /// For our own pages: allows what comes from their own origin, no inline script or style, and no frames around
    /// them. The last two directives are Trusted Types.
    pub fn page() -> Self {
        Self::of(&[
            ("default-src", "'none'"),
            ("script-src", "'self'"),
            ("style-src", "'self'"),
            ("img-src", "'self'"),
            ("connect-src", "'self'"),
            ("font-src", "'self'"),
            ("form-action", "'self'"),
            ("frame-ancestors", "'none'"),
            ("base-uri", "'none'"),
            ("require-trusted-types-for", "'script'"),
            ("trusted-types", "'none'"),
        ])
    }

    /// For a file that may be opened by itself, such as an operator's SVG: allows its own styles only.
    pub fn file() -> Self {
        let mut policy = Self::of(&[("default-src", "'none'"), ("style-src", "'unsafe-inline'")]);
        policy.directives.insert(0, ("sandbox", Vec::new()));
        policy
    }

    /// The same policy without this directive.
    #[must_use]
    pub fn without(mut self, directive: &str) -> Self {
        self.directives.retain(|(name, _)| *name != directive);
        self
    }

    /// The same policy with images from `source` too; `data:` is for pictures within the page.
    #[must_use]
    pub fn with_images(mut self, source: &'static str) -> Self {
        match self.directives.iter_mut().find(|(directive, _)| *directive == "img-src") {
            Some((_, sources)) => sources.push(source.into()),
            None => self.directives.push(("img-src", vec![source.into()])),
        }
        self
    }

    /// A policy of exactly these directives; repeated and empty sources are dropped.
    pub fn with_directives(directives: impl IntoIterator<Item = (&'static str, Vec<Cow<'static, str>>)>) -> Self {
        let once = |sources: Vec<Cow<'static, str>>| {
            let mut kept: Vec<Cow<'static, str>> = Vec::with_capacity(sources.len());
            for source in sources {
                if !source.is_empty() && !kept.contains(&source) {
                    kept.push(source);
                }
            }
            kept
        };
        Self { directives: directives.into_iter().map(|(directive, sources)| (directive, once(sources))).collect() }
    }

    fn of(directives: &[(&'static str, &'static str)]) -> Self {
        Self {
            directives: directives
                .iter()
                .map(|(directive, source)| (*directive, vec![Cow::Borrowed(*source)]))
                .collect(),
        }
    }
}

impl fmt::Display for Csp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (directive, sources)) in self.directives.iter().enumerate() {
            out.write_str(if at == 0 { "" } else { "; " })?;
            out.write_str(directive)?;
            sources.iter().try_for_each(|source| write!(out, " {source}"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_policy_is_what_its_answers_need() {
        for (policy, expected) in [
            (Csp::nothing(), "default-src 'none'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"),
            (
                Csp::page(),
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
            ),
            (Csp::file(), "sandbox; default-src 'none'; style-src 'unsafe-inline'"),
            (Csp::file().with_images("data:"), "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"),
        ] {
            assert_eq!(policy.to_string(), expected);
        }
        assert!(Csp::page().with_images("data:").to_string().contains("; img-src 'self' data:; "));
    }
}
