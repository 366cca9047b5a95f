//! Which paths a route is for: everything below one, one exactly, or those that an expression matches.
//!
//! Of several that match, an exact one wins; then the one whose beginning without any pattern ([`PathPattern::beginning`])
//! is the longest, an expression before a path of the same length; then the one that the file names first. So
//! `.*\.js` opens nothing below `/admin` where that has a route.

use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::hir::literal::Extractor;
use regex_syntax::hir::{Class, Hir, HirKind};

use super::readings;

/// The longest expression, in bytes; a path is matched against it in time proportional to both.
const EXPRESSION_BYTES: usize = 1024;

/// Which paths a route is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathPattern {
    /// This one and everything below it.
    Below(PathPrefix),
    /// This one alone.
    Exactly(ExactPath),
    /// Those that match as a whole.
    Matching(PathRegex),
}

impl PathPattern {
    /// The longest path up to the end of a segment that all paths it matches lie at or below, without a slash at its
    /// end: empty for any.
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

    /// The setting that says so.
    pub const fn setting(&self) -> &'static str {
        match self {
            Self::Below(_) => "path",
            Self::Exactly(_) => "path_exact",
            Self::Matching(_) => "path_regex",
        }
    }
}

/// One path, as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExactPath(String);

impl ExactPath {
    /// Only what begins with `/` and has one reading only.
    pub fn parse(text: &str) -> Result<Self, BadPath> {
        PathPrefix::parse(text).map(|_| Self(text.to_owned())).map_err(|bad| match bad {
            BadPath::Pattern { instead } => BadPath::ExactPattern { instead },
            bad => bad,
        })
    }

    /// The path.
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
    /// An expression; `^` and `$` around it are implied.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > EXPRESSION_BYTES {
            return Err(format!("must have at most {EXPRESSION_BYTES} bytes"));
        }
        let whole = anchored(text);
        let build = |fold| RegexBuilder::new(&whole).case_insensitive(fold).build().map_err(|error| one_line(&error));
        let (as_sent, folded) = (build(false)?, build(true)?);
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

    /// A path that it matches, where one is easily found.
    pub fn example(&self) -> Option<&str> {
        self.example.as_deref()
    }

    pub(super) fn matches(&self, path: &[u8], fold: bool) -> bool {
        if fold { self.folded.is_match(path) } else { self.as_sent.is_match(path) }
    }
}

/// Writes what an expression matches: the first alternative, an x where that will do, nothing more often than it must.
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

/// The expression as one that matches from the first byte to the last.
pub(super) fn anchored(text: &str) -> String {
    format!("^(?:{text})$")
}

/// What is wrong with an expression, without the picture that points at it.
pub(super) fn one_line(error: &dyn std::fmt::Display) -> String {
    let text = error.to_string();
    let last = text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it cannot be read").trim();
    format!("is no expression: {}", last.trim_start_matches("error: "))
}

/// The beginning of a path, up to the end of a segment: `/admin` is that of `/admin` and `/admin/x`,
/// not of `/administrator`. The one of all paths is `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPrefix(String);

impl PathPrefix {
    /// Only what begins with `/` and has one reading only, and nothing that others write for several paths.
    pub fn parse(text: &str) -> Result<Self, BadPath> {
        let is_parameter = |segment: &str| {
            segment.starts_with([':', '{', '<', '^', '(', '[']) || segment.contains('*') || segment.ends_with('$')
        };
        if text.starts_with('/') && text.split('/').any(is_parameter) {
            let fixed: Vec<&str> = text.split('/').take_while(|segment| !is_parameter(segment)).collect();
            // Of `/api*` and `/api$`, the part before the sign is meant; of `/v1/*`, what stands before it.
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

    /// The prefix as it is written; `/` for all paths.
    pub fn as_str(&self) -> &str {
        if self.0.is_empty() { "/" } else { &self.0 }
    }
}

/// Why a text is no path of a route.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPath {
    /// It could be read in several ways.
    #[error("must be a plain path, as \"/admin\": nothing encoded, no `..`, no `;`")]
    NotPlain,
    /// It is written as a pattern, where one path alone is meant.
    #[error(
        "is no pattern but one path alone: path = \"{instead}\" covers everything below it, path_regex is for patterns"
    )]
    ExactPattern {
        /// What would cover them.
        instead: String,
    },
    /// It is written as a pattern, which would match nothing but itself.
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
        for bad in ["(", "a{1,2", "admin", &"a".repeat(2000), "/a{1000000}", r"/(\w{1000}){1000}"] {
            assert!(PathRegex::parse(bad).is_err(), "{bad}");
        }
    }
}
