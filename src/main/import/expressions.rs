//! Regular expressions of other gateways as the path settings of a route.

use idx_gateway::access::{ExactPath, PathRegex};
use regex_syntax::ast::{Ast, Span};
use regex_syntax::hir::literal::{Extractor, Seq};

/// What is said of an expression that a route cannot have.
const NO_EXPRESSION: &str = "is no expression that a route can have";

/// How many paths an expression may name to become a route each.
const NAMED: usize = 16;

/// The path setting for an expression that a whole path must match, as Envoy's; otherwise as [`expression`].
pub(super) fn whole_expression(text: &str) -> Result<Option<(&'static str, String)>, String> {
    if branches(text).len() == 1 && !text.ends_with("\\$") {
        return expression(&format!("^{}$", text.trim_start_matches('^').trim_end_matches('$')));
    }
    // Each alternative may have anchors of its own, which change nothing.
    let text = plain_slashes(text);
    PathRegex::parse(&text).map_err(|_| NO_EXPRESSION.to_owned())?;
    Ok(Some(("path_regex", text)))
}

/// The path setting for an expression of Go, which matches anywhere in the path. None when it matches every path. An
/// error when it is no expression of the crate `regex`, or looks at the query.
pub(super) fn expression(text: &str) -> Result<Option<(&'static str, String)>, String> {
    let text = &*plain_slashes(text);
    let inner = text.strip_prefix('^').unwrap_or(text);
    let (inner, is_whole) = match inner.strip_suffix('$') {
        Some(inner) if !inner.ends_with('\\') => (inner, true),
        _ => (inner, false),
    };
    let is_plain = |path: &str| {
        path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_~".contains(&byte))
    };
    let exact = unescaped(inner).filter(|path| text.starts_with('^') && is_whole && ExactPath::parse(path).is_ok());
    // `^/a/.*$` is not among these: `/a` itself is none of its paths.
    let ends = [("(/.*)?", is_whole), ("([/?].*)?", is_whole), ("(/|$)", true)];
    let below = ends.iter().find_map(|(end, is_met)| inner.strip_suffix(end).filter(|_| *is_met));
    let path = match below.filter(|_| text.starts_with('^')) {
        Some("") => return Ok(None),
        Some(path) if is_plain(path) => ("path", path.to_owned()),
        _ if matches!(text, "" | "^" | "/" | "^/" | ".*" | "^.*" | "^.*$" | "^/.*" | "^/.*$") => return Ok(None),
        _ if let Some(path) = exact => ("path_exact", path),
        // Each alternative has its own anchors.
        _ if branches(text).len() > 1 => ("path_regex", format!(".*(?:{text}).*")),
        // Without an anchor, anything may stand before or after.
        _ => {
            let before = if text.starts_with('^') { "" } else { ".*" };
            let has_rest = is_whole || inner.ends_with(".*") && !inner.ends_with("\\.*");
            let after = if has_rest { "" } else { ".*" };
            ("path_regex", format!("{before}{inner}{after}"))
        }
    };
    if path.0 == "path_regex" {
        if text.contains("\\?") {
            return Err("looks at the query".to_owned());
        }
        PathRegex::parse(&path.1).map_err(|_| NO_EXPRESSION.to_owned())?;
    }
    Ok(Some(path))
}

/// The expression with `/` for `\/`, which mean the same.
fn plain_slashes(text: &str) -> String {
    let (mut plain, mut letters) = (String::with_capacity(text.len()), text.chars());
    while let Some(letter) = letters.next() {
        match (letter, letters.clone().next()) {
            ('\\', Some('/')) => {}
            ('\\', Some(escaped)) => {
                plain.extend([letter, escaped]);
                letters.next();
            }
            _ => plain.push(letter),
        }
    }
    plain
}

/// The one path that an expression matches which has no pattern in it.
pub(super) fn unescaped(expression: &str) -> Option<String> {
    let (mut path, mut rest) = (String::new(), expression.chars());
    while let Some(letter) = rest.next() {
        path.push(match letter {
            '\\' => rest.next().filter(|escaped| "/.-_~".contains(*escaped))?,
            letter if letter.is_ascii_alphanumeric() || "/-_~".contains(letter) => letter,
            _ => return None,
        });
    }
    Some(path)
}

/// What stands between the bars of an expression that are in no brackets.
pub(super) fn branches(text: &str) -> Vec<&str> {
    let parsed = regex_syntax::ast::parse::Parser::new().parse(text);
    match &parsed {
        Ok(Ast::Alternation(all)) => {
            let of = |span: &Span| &text[span.start.offset..span.end.offset];
            all.asts.iter().map(|branch| of(branch.span())).collect()
        }
        _ => vec![text],
    }
}

/// `^/(a\.ico|b)$` → `^/a\.ico$`, `^/b$`: paths, or their beginnings, that an expression names one by one. Any other is left
/// as it is.
pub(super) fn alternatives(text: &str) -> Vec<String> {
    match &branches(text)[..] {
        [_] => {}
        // The flags of one hold in the next.
        _ if text.contains("(?") => return vec![text.to_owned()],
        several => return several.iter().copied().flat_map(alternatives).collect(),
    }
    let inner = text.strip_prefix('^').unwrap_or_default();
    let (inner, end) = inner.strip_suffix('$').map_or((inner, ""), |inner| (inner, "$"));
    // Literals are extracted as if a `$` or `\b` within were not there, and would then be beginnings of more paths.
    let parsed = regex_syntax::parse(inner).ok().filter(|parsed| parsed.properties().look_set().is_empty());
    let found = parsed.map(|parsed| Extractor::new().extract(&parsed)).filter(Seq::is_exact);
    let literals = found.as_ref().and_then(Seq::literals).unwrap_or_default();
    let paths: Option<Vec<&str>> = literals.iter().map(|one| std::str::from_utf8(one.as_bytes()).ok()).collect();
    match paths {
        Some(paths) if (2..=NAMED).contains(&paths.len()) && paths.iter().all(|path| path.starts_with('/')) => {
            paths.iter().map(|path| format!("^{}{end}", regex::escape(path))).collect()
        }
        _ => vec![text.to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_an_expression_names_are_named_one_by_one() {
        for (text, expected) in [
            ("^/(favicon\\.ico|robots\\.txt)$", &["^/favicon\\.ico$", "^/robots\\.txt$"][..]),
            ("^/a\\.(css|js)$", &["^/a\\.css$", "^/a\\.js$"]),
            ("^(/a|/b/c)", &["^/a", "^/b/c"]),
            ("^/favicon\\.ico$", &["^/favicon\\.ico$"]),
            ("^/[a-z]+$", &["^/[a-z]+$"]),
            ("^/[a-z]$", &["^/[a-z]$"]),
            ("^/x/.*\\.css$", &["^/x/.*\\.css$"]),
            ("^/a\\.css$|^/b/.*", &["^/a\\.css$", "^/b/.*"]),
            ("(?i)^/a|^/b", &["(?i)^/a|^/b"]),
            ("^(?i)/a|/b", &["^(?i)/a|/b"]),
            ("^/(a$|b)", &["^/(a$|b)"]),
            ("^/(a$|b$)", &["^/(a$|b$)"]),
            ("^/(a\\b|b)", &["^/(a\\b|b)"]),
            ("^(/a|b)", &["^(/a|b)"]),
            ("(/a|/b)", &["(/a|/b)"]),
            ("\\.css$", &["\\.css$"]),
            ("[", &["["]),
        ] {
            assert_eq!(alternatives(text), expected, "{text}");
        }
    }

    #[test]
    fn expressions_of_others_become_paths_where_they_are_paths() {
        for (text, expected) in [
            ("^/health$", Some(("path_exact", "/health"))),
            ("^/api(/.*)?$", Some(("path", "/api"))),
            ("^/api/.*$", Some(("path_regex", "/api/.*"))),
            ("^/api/.*", Some(("path_regex", "/api/.*"))),
            ("^/api/", Some(("path_regex", "/api/.*"))),
            ("^/api(/.*)?", Some(("path_regex", "/api(/.*)?.*"))),
            ("^/api([/?].*)?$", Some(("path", "/api"))),
            ("^/api(/|$)", Some(("path", "/api"))),
            ("^/a\\.*", Some(("path_regex", "/a\\.*.*"))),
            ("^/.*$", None),
            ("^/api", Some(("path_regex", "/api.*"))),
            ("^/v[0-9]+/x$", Some(("path_regex", "/v[0-9]+/x"))),
            ("^/favicon\\.ico$", Some(("path_exact", "/favicon.ico"))),
            ("^\\/a\\-b$", Some(("path_exact", "/a-b"))),
            ("^\\/api\\/.*$", Some(("path_regex", "/api/.*"))),
            ("^\\/api(\\/.*)?$", Some(("path", "/api"))),
            ("^/a\\\\/b$", Some(("path_regex", "/a\\\\/b"))),
            ("^/favicon.ico$", Some(("path_regex", "/favicon.ico"))),
            ("^/index\\.php\\/x$", Some(("path_regex", "/index\\.php/x"))),
            ("^/d\\d$", Some(("path_regex", "/d\\d"))),
            ("metrics", Some(("path_regex", ".*metrics.*"))),
            ("^/a/(x|y)[0-9]$", Some(("path_regex", "/a/(x|y)[0-9]"))),
            ("^/a|/b$", Some(("path_regex", ".*(?:^/a|/b$).*"))),
            ("/v1/.*", Some(("path_regex", ".*/v1/.*"))),
            ("^/", None),
            ("/", None),
        ] {
            let found = expression(text).expect("an expression");
            assert_eq!(found.as_ref().map(|(setting, path)| (*setting, path.as_str())), expected, "{text}");
        }
        for text in ["^/a\\?x=1", "^/a(?!b)", "["] {
            assert!(expression(text).is_err(), "{text}");
        }
    }
}
