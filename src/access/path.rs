//! Which paths a route is for: everything below one, one exactly, or those that an expression matches.
//!
//! Of several patterns that match a path, an exact one wins; then the one with the longest beginning that is free of
//! wildcards ([`PathPattern::beginning`]), an expression before a plain path of the same length; then the one that
//! stands first in the file. So `.*\.js` opens nothing below `/admin` where `/admin` has a route.

use std::borrow::Cow;

use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::hir::literal::Extractor;
use regex_syntax::hir::{Class, Hir, HirKind};

use super::readings;

/// The longest expression, in bytes. Matching takes time proportional to the length of the path and to that of the
/// expression.
const EXPRESSION_BYTES: usize = 1024;

/// Which paths a route is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathPattern {
    /// A path and everything below it.
    Below(PathPrefix),
    /// One path alone.
    Exactly(ExactPath),
    /// Paths that the expression matches from beginning to end.
    Matching(PathRegex),
}

impl PathPattern {
    /// The longest path that every match lies at or below; it ends where a segment does, without a trailing slash.
    /// Empty where there is none.
    pub fn beginning(&self) -> &str {
        match self {
            Self::Below(prefix) => &prefix.0,
            Self::Exactly(path) => path.0.strip_suffix('/').unwrap_or(&path.0),
            Self::Matching(regex) => &regex.beginning,
        }
    }

    /// As the configuration writes it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Below(prefix) => prefix.as_str(),
            Self::Exactly(path) => &path.0,
            Self::Matching(regex) => &regex.text,
        }
    }

    /// The name of the setting that it was written in.
    pub const fn setting(&self) -> &'static str {
        match self {
            Self::Below(_) => "path",
            Self::Exactly(_) => "path_exact",
            Self::Matching(_) => "path_regex",
        }
    }
}

/// A path that is compared with the request's whole path, trailing slash included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExactPath(String);

impl ExactPath {
    /// Only a path that begins with `/` and that every server reads in one way.
    pub fn parse(text: &str) -> Result<Self, BadPath> {
        PathPrefix::parse(text).map(|_| Self(text.to_owned())).map_err(|bad| match bad {
            BadPath::Pattern { instead } => BadPath::ExactPattern { instead },
            bad => bad,
        })
    }

    /// The path as it was configured.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An expression that a whole path must match, in the syntax of the crate `regex`.
#[derive(Clone, Debug)]
pub struct PathRegex {
    text: String,
    beginning: String,
    example: Option<String>,
    as_sent: Regex,
    folded: Regex,
}

impl PartialEq for PathRegex {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for PathRegex {}

impl PathRegex {
    /// Compiles an expression; `^` and `$` around it are implied. The error is the second half of a sentence that
    /// begins with the setting's name.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > EXPRESSION_BYTES {
            return Err(format!("must have at most {EXPRESSION_BYTES} bytes"));
        }
        // What is encoded has readings that are not, which such an expression would leave open.
        let is_encoded = |three: &[u8]| three[0] == b'%' && three[1..].iter().all(u8::is_ascii_hexdigit);
        if text.as_bytes().windows(3).any(is_encoded) {
            return Err(
                "is held against paths with nothing encoded, too: write the letter itself, or \\x20 for a blank"
                    .to_owned(),
            );
        }
        let whole = anchored(text);
        // A path may hold any byte once it is decoded, and `.` stands for each.
        let build = |fold| RegexBuilder::new(&whole).case_insensitive(fold).dot_matches_new_line(true).build();
        let (as_sent, folded) =
            (build(false).map_err(|error| one_line(&error))?, build(true).map_err(|error| one_line(&error))?);
        let syntax =
            regex_syntax::ParserBuilder::new().utf8(false).build().parse(text).map_err(|error| one_line(&error))?;
        let literals = Extractor::new().extract(&syntax);
        let common = literals.longest_common_prefix().unwrap_or_default();
        let common = std::str::from_utf8(common).unwrap_or_default();
        if !common.is_empty() && !common.starts_with('/') {
            return Err("can match no path: one begins with /".to_owned());
        }
        let beginning = common.rfind('/').map_or("", |slash| &common[..slash]);
        let mut example = Vec::new();
        exemplify(&syntax, &mut example);
        let example =
            String::from_utf8(example).ok().filter(|path| path.is_ascii() && as_sent.is_match(path.as_bytes()));
        Ok(Self { text: text.to_owned(), beginning: beginning.to_owned(), example, as_sent, folded })
    }

    /// A path that it matches, for `explain`; none where the simplest attempt gives none.
    pub fn example(&self) -> Option<&str> {
        self.example.as_deref()
    }

    pub(super) fn matches(&self, path: &[u8], fold: bool) -> bool {
        let expression = if fold { &self.folded } else { &self.as_sent };
        // What is no UTF-8 applications read as U+FFFD, which `.` and `[^/]` match.
        expression.is_match(path)
            || matches!(String::from_utf8_lossy(path), Cow::Owned(text) if expression.is_match(text.as_bytes()))
    }
}

/// Writes a text that an expression matches: of alternatives the first, of classes an `x` where it is in them, of
/// repetitions as few as possible.
fn exemplify(syntax: &Hir, out: &mut Vec<u8>) {
    match syntax.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => out.extend_from_slice(&literal.0),
        HirKind::Class(Class::Unicode(class)) => {
            let has_x = class.ranges().iter().any(|range| range.start() <= 'x' && 'x' <= range.end());
            let first = class.ranges().first().map(regex_syntax::hir::ClassUnicodeRange::start);
            out.extend(first.map(|first| if has_x { 'x' } else { first }).and_then(|letter| u8::try_from(letter).ok()));
        }
        HirKind::Class(Class::Bytes(class)) => out.extend(class.ranges().first().map(|range| range.start())),
        HirKind::Repetition(repetition) => {
            (0..repetition.min.clamp(1, 100)).for_each(|_| exemplify(&repetition.sub, out));
        }
        HirKind::Capture(capture) => exemplify(&capture.sub, out),
        HirKind::Concat(all) => all.iter().for_each(|one| exemplify(one, out)),
        HirKind::Alternation(any) => any.first().into_iter().for_each(|one| exemplify(one, out)),
    }
}

/// The expression, anchored at both ends.
pub(super) fn anchored(text: &str) -> String {
    format!("^(?:{text})$")
}

/// What is wrong with an expression, in one line: the last of the compiler's message, without the excerpt above it.
pub(super) fn one_line(error: &dyn std::fmt::Display) -> String {
    let text = error.to_string();
    let last = text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it cannot be read").trim();
    format!("is no expression: {}", last.trim_start_matches("error: "))
}

/// A path that matches itself and everything below it: `/admin` matches `/admin` and `/admin/x`, and not
/// `/administrator`. `/` matches every path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPrefix(String);

impl PathPrefix {
    /// Only a path that begins with `/` and that every server reads in one way. One that looks like a pattern of
    /// another gateway (`/api/*`, `/:id`, `/{id}`) is refused, with what to write instead.
    pub fn parse(text: &str) -> Result<Self, BadPath> {
        let is_parameter = |segment: &str| {
            segment.starts_with([':', '{', '<', '^', '(', '[']) || segment.contains('*') || segment.ends_with('$')
        };
        if text.starts_with('/') && text.split('/').any(is_parameter) {
            let fixed: Vec<&str> = text.split('/').take_while(|segment| !is_parameter(segment)).collect();
            // `/api*` and `/api$` mean `/api`; of `/v1/*` the segments before the star are meant.
            let star = text.split('/').nth(fixed.len()).and_then(|segment| segment.split(['*', '$']).next());
            let star = star.filter(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric()));
            let path: Vec<&str> = fixed.into_iter().chain(star).collect();
            let path = path.join("/");
            return Err(BadPath::Pattern { instead: if path.is_empty() { "/".to_owned() } else { path } });
        }
        let trimmed = text.strip_suffix('/').unwrap_or(text);
        let is_path = text.starts_with('/') && readings::is_plain(text.as_bytes());
        if is_path { Ok(Self(trimmed.to_owned())) } else { Err(BadPath::NotPlain) }
    }

    /// The path as it was configured, without a trailing slash; `/` for all paths.
    pub fn as_str(&self) -> &str {
        if self.0.is_empty() { "/" } else { &self.0 }
    }
}

/// Why a text is not a path of a route. `Display` is the second half of a sentence that begins with the setting's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPath {
    /// Servers read it in more than one way.
    #[error("must be a plain path, as \"/admin\": nothing encoded, no `..`, no `;`")]
    NotPlain,
    /// A pattern was written where one path alone is meant.
    #[error(
        "is no pattern but one path alone: path = \"{instead}\" covers everything below it, path_regex is for patterns"
    )]
    ExactPattern {
        /// The path that covers everything below it.
        instead: String,
    },
    /// A pattern was written where a plain path is meant; it would match nothing but its own text.
    #[error("is no pattern: a path covers everything below it, so write \"{instead}\"")]
    Pattern {
        /// The path to write instead.
        instead: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_lies_below_the_beginning_that_all_its_paths_share() {
        for (text, beginning) in [
            ("/users/[0-9]+/files", "/users"),
            (r".*\.js", ""),
            (r"/admin/.*\.js", "/admin"),
            ("/v1(/.*)?", ""),
            ("/a/x|/b/y", ""),
            ("/a/x|/a/y", "/a"),
            ("^/files/x$", "/files"),
            ("(?i)/Admin/x", ""),
            ("/a/(b|c)/d", "/a"),
        ] {
            assert_eq!(PathRegex::parse(text).map(|regex| regex.beginning), Ok(beginning.to_owned()), "{text}");
        }
    }

    #[test]
    fn an_expression_has_an_example() {
        for (text, example) in
            [("/users/[0-9]+/files", "/users/0/files"), (r".*\.js", "x.js"), ("/(a|b)/.{2}", "/a/xx"), ("^/x$", "/x")]
        {
            let regex = PathRegex::parse(text).expect("an expression");
            assert_eq!(regex.example(), Some(example), "{text}");
        }
    }

    /// P-13.
    #[test]
    fn an_expression_matches_a_whole_path_in_bounded_time() {
        let regex = PathRegex::parse(r"/public/.*\.js|/x").expect("an expression");
        for (path, matches) in [
            ("/public/a.js", true),
            ("/x", true),
            ("/public/a.js/admin", false),
            ("/admin/public/a.js", false),
            ("/xx", false),
        ] {
            assert_eq!(regex.matches(path.as_bytes(), false), matches, "{path}");
        }
        assert!(regex.matches(b"/PUBLIC/A.JS", true) && !regex.matches(b"/PUBLIC/A.JS", false));
        let hard = PathRegex::parse("/(a+)+b").expect("an expression");
        assert!(!hard.matches(&[b"/".as_slice(), &[b'a'; 1 << 20]].concat(), false));
        for bad in
            ["(", "a{1,2", "admin", "/caf%C3%A9", "/a%20b", &"a".repeat(2000), "/a{1000000}", r"/(\w{1000}){1000}"]
        {
            assert!(PathRegex::parse(bad).is_err(), "{bad}");
        }
    }
}
