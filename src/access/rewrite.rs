//! The path that an upstream is sent, where it differs from the path of the request.

use std::borrow::Cow;

use regex::{Regex, RegexBuilder};

use super::path::{PathPrefix, anchored, one_line};

/// The longest path that a replacement may make, in bytes: one that names a group several times multiplies its length.
const PATH_BYTES: usize = 64 * 1024;

/// How a path is changed before it is forwarded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rewrite {
    /// This prefix is taken off; a path that is not below it stays.
    Strip(PathPrefix),
    /// A path that the expression matches from beginning to end becomes the replacement; another stays.
    Replace(Replacement),
}

/// An expression and its replacement, in which `$1` and `${name}` stand for what a group matched.
#[derive(Clone, Debug)]
pub struct Replacement {
    expression: Regex,
    replacement: String,
}

impl PartialEq for Replacement {
    fn eq(&self, other: &Self) -> bool {
        (self.expression.as_str(), &self.replacement) == (other.expression.as_str(), &other.replacement)
    }
}

impl Eq for Replacement {}

impl Replacement {
    /// Compiles an expression, anchored at both ends. The replacement must be an ASCII path and name only groups that
    /// the expression has. The error is the second half of a sentence that begins with the setting's name.
    pub fn new(expression: &str, replacement: &str) -> Result<Self, String> {
        if !replacement.starts_with('/') || !replacement.is_ascii() || replacement.contains(['?', '#', ' ']) {
            return Err("must become a path: begin with / and hold no blank, no `?` and no `#`".to_owned());
        }
        let expression = RegexBuilder::new(&anchored(expression)).build().map_err(|error| one_line(&error))?;
        let groups: Vec<&str> = expression.capture_names().flatten().collect();
        let (count, mut rest) = (expression.captures_len(), replacement);
        while let Some(at) = rest.find('$') {
            rest = &rest[at + 1..];
            if let Some(escaped) = rest.strip_prefix('$') {
                rest = escaped;
                continue;
            }
            let name: &str = match rest.strip_prefix('{') {
                Some(braced) => braced.split('}').next().unwrap_or_default(),
                None => rest.split(|c: char| c != '_' && !c.is_ascii_alphanumeric()).next().unwrap_or_default(),
            };
            let is_group = name.parse::<usize>().map_or(groups.contains(&name), |number| number < count);
            if !is_group {
                return Err(format!(
                    "names a group that the expression does not have: `{name}`; write ${{1}}x for $1 and an x"
                ));
            }
        }
        Ok(Self { expression, replacement: replacement.to_owned() })
    }
}

impl Rewrite {
    /// The path to forward instead of `path`; none when the replacement makes no path of it, or one that is too long.
    pub(super) fn apply<'p>(&self, path: &'p str) -> Option<Cow<'p, str>> {
        match self {
            Self::Strip(prefix) => match path.strip_prefix(prefix.as_str()) {
                Some("") => Some(Cow::Borrowed("/")),
                Some(rest) if rest.starts_with('/') => Some(Cow::Borrowed(rest)),
                _ => Some(Cow::Borrowed(path)),
            },
            Self::Replace(Replacement { expression, replacement }) => {
                let written = expression.replace(path, replacement.as_str());
                (written.starts_with('/') && written.len() <= PATH_BYTES).then_some(written)
            }
        }
    }

    /// The prefix that is taken off, for `X-Forwarded-Prefix`; none where a path is replaced otherwise.
    pub fn stripped(&self) -> Option<&str> {
        match self {
            Self::Strip(prefix) => Some(prefix.as_str()),
            Self::Replace(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_is_taken_away_up_to_the_end_of_a_segment() {
        let strip = Rewrite::Strip(PathPrefix::parse("/app").expect("a path"));
        for (path, forwarded) in [
            ("/app", "/"),
            ("/app/", "/"),
            ("/app/x", "/x"),
            ("/app//x", "//x"),
            ("/apple", "/apple"),
            ("/APP/x", "/APP/x"),
        ] {
            assert_eq!(strip.apply(path).as_deref(), Some(forwarded), "{path}");
        }
    }

    #[test]
    fn what_an_expression_matches_is_replaced_as_a_whole() {
        let replace =
            |expression: &str, replacement: &str| Replacement::new(expression, replacement).map(Rewrite::Replace);
        for (expression, replacement, path, forwarded) in [
            ("/old/(.*)", "/new/$1", "/old/a/b", Some("/new/a/b")),
            ("/old/(.*)", "/new/$1", "/x/old/a", Some("/x/old/a")),
            ("/(?P<user>[a-z]+)/home", "/users/${user}", "/jane/home", Some("/users/jane")),
            ("(.*)", "/$1", "/a", Some("//a")),
        ] {
            let rewrite = replace(expression, replacement).expect("a replacement");
            assert_eq!(rewrite.apply(path).as_deref(), forwarded, "{path}");
        }
        for (expression, replacement) in [
            ("/old/(.*)", "new/$1"),
            ("/old/(.*)", "/new/$2"),
            ("/old", "/new/$1"),
            ("(", "/"),
            ("/a", "/b?c=1"),
            ("/(.)", "/$1x"),
        ] {
            assert!(replace(expression, replacement).is_err(), "{expression} {replacement}");
        }
    }
}
