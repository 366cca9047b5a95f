//! Every plausible reading of a path.
//!
//! What servers are known to do with a path, each on its own: decode `%xx` (RFC 3986 §2.1), and `%uxxxx` as
//! IIS does; take `\` for `/`, drop `;parameters` and `::$DATA` streams of a segment, cut at NUL, `#` or `?`,
//! drop blanks and dots at the end of a segment and what cannot be seen, merge slashes, resolve `.` and `..`
//! (§5.2.4), and fold letters. Since they do so in
//! any order and more than once, the readings are all paths that any sequence of these leads to.
//!
//! There are seldom more than four. A path with more than [`MOST`], one longer than [`LONGEST`] that is
//! not plain, and one with overlong UTF-8 (RFC 3629 §3) is not worth guessing: none.

use std::collections::BTreeSet;

/// How many readings are looked at.
const MOST: usize = 64;

/// The longest path, in bytes, that is read in more than one way.
const LONGEST: usize = 4096;

/// Whether `path` has one reading only, apart from the case of its letters.
pub(super) fn is_plain(path: &str) -> bool {
    let mut before = b'/';
    for &byte in &path.as_bytes()[usize::from(path.starts_with('/'))..] {
        let is_plain = match byte {
            // An empty segment, or one that ends in a dot.
            b'/' => before != b'/' && before != b'.',
            b':' => before != b':',
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => true,
            b'.' | b'-' | b'_' | b'~' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b'=' | b'@' => {
                true
            }
            _ => false,
        };
        if !is_plain {
            return false;
        }
        before = byte;
    }
    before != b'.'
}

/// Every reading of `path`, itself included; none when there are too many or it is an attack.
pub(super) fn readings(path: &str) -> Option<Vec<String>> {
    if path.len() > LONGEST {
        return None;
    }
    let mut seen: BTreeSet<Vec<u8>> = BTreeSet::new();
    let mut new = vec![path.as_bytes().to_vec()];
    while let Some(reading) = new.pop() {
        if !seen.insert(reading.clone()) {
            continue;
        }
        if seen.len() > MOST || is_overlong(&reading) {
            return None;
        }
        new.extend(STEPS.iter().map(|step| step(&reading)).filter(|read| !seen.contains(read)));
    }
    Some(seen.into_iter().map(|reading| rooted(&String::from_utf8_lossy(&reading))).collect())
}

type Step = fn(&[u8]) -> Vec<u8>;

/// What a server may do to a path. None of them makes it longer, so there is an end to it.
const STEPS: [Step; 10] =
    [decoded, unicode_decoded, slashes, without_parameters, cut, trimmed, visible, merged, resolved, letters_folded];

fn rooted(path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("/{path}") }
}

/// `%2e` → `.`; what is not two hex digits stays.
fn decoded(path: &[u8]) -> Vec<u8> {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let (mut out, mut at) = (Vec::with_capacity(path.len()), 0);
    while at < path.len() {
        match (path[at], digit(path.get(at + 1)), digit(path.get(at + 2))) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 3;
            }
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}

/// `%u002e` → `.`; what is not four hex digits stays.
fn unicode_decoded(path: &[u8]) -> Vec<u8> {
    let (mut out, mut rest) = (Vec::with_capacity(path.len()), path);
    while let Some((first, after)) = rest.split_first() {
        let digits = rest.strip_prefix(b"%u").or(rest.strip_prefix(b"%U")).and_then(|digits| digits.get(..4));
        let digits = digits.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let letter = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        match letter.and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32) {
            Some(letter) => {
                out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                rest = &rest[6..];
            }
            None => {
                out.push(*first);
                rest = after;
            }
        }
    }
    out
}

fn slashes(path: &[u8]) -> Vec<u8> {
    path.iter().map(|byte| if *byte == b'\\' { b'/' } else { *byte }).collect()
}

fn without_parameters(path: &[u8]) -> Vec<u8> {
    let kept = |segment: &[u8]| {
        let end = segment.iter().position(|byte| *byte == b';').unwrap_or(segment.len());
        segment.windows(2).position(|pair| pair == b"::").map_or(end, |stream| end.min(stream))
    };
    path.split(|byte| *byte == b'/').map(|segment| &segment[..kept(segment)]).collect::<Vec<_>>().join(&b'/')
}

fn cut(path: &[u8]) -> Vec<u8> {
    path.split(|byte| matches!(byte, 0 | b'#' | b'?')).next().unwrap_or_default().to_vec()
}

/// Blanks and control characters around a segment, and dots at its end, are dropped; `.` and `..`
/// stay, since they mean something.
fn trimmed(path: &[u8]) -> Vec<u8> {
    let trim = |segment: &[u8]| -> Vec<u8> {
        let kept: Vec<u8> = segment.iter().copied().filter(|byte| !byte.is_ascii_control()).collect();
        let kept = kept.trim_ascii();
        let end = kept.iter().rposition(|byte| !matches!(byte, b'.' | b' ')).map_or(0, |last| last + 1);
        if end == 0 { kept.to_vec() } else { kept[..end].to_vec() }
    };
    path.split(|byte| *byte == b'/').map(trim).collect::<Vec<_>>().join(&b'/')
}

/// Without blanks beyond ASCII, soft hyphens, and letters that have no width.
fn visible(path: &[u8]) -> Vec<u8> {
    let is_seen = |letter: char| {
        !matches!(u32::from(letter), 0xad | 0x200b..=0x200f | 0x2060 | 0xfeff)
            && (letter.is_ascii() || !letter.is_whitespace())
    };
    match std::str::from_utf8(path) {
        Ok(text) => text.chars().filter(|letter| is_seen(*letter)).collect::<String>().into_bytes(),
        // As Latin-1 then, a byte a letter.
        Err(_) => path.iter().copied().filter(|byte| is_seen(char::from(*byte))).collect(),
    }
}

fn merged(path: &[u8]) -> Vec<u8> {
    let mut out = path.to_vec();
    out.dedup_by(|next, last| *next == b'/' && *last == b'/');
    out
}

fn resolved(path: &[u8]) -> Vec<u8> {
    let mut kept: Vec<&[u8]> = Vec::new();
    let mut segments = path.strip_prefix(b"/").unwrap_or(path).split(|byte| *byte == b'/').peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        match segment {
            b"." | b".." => {
                if segment == b".." {
                    kept.pop();
                }
                if is_last {
                    kept.push(b"");
                }
            }
            segment => kept.push(segment),
        }
    }
    [b"/", kept.join(&b'/').as_slice()].concat()
}

/// Letters beyond ASCII that fold to one within it, as `ı` and `ſ` do, and the full-width forms.
fn letters_folded(path: &[u8]) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(path) else { return path.to_vec() };
    if text.is_ascii() {
        return path.to_vec();
    }
    let narrow = |letter: char| match u32::from(letter) {
        wide @ 0xff01..=0xff5e => char::from_u32(wide - 0xfee0).unwrap_or(letter),
        0x2024 | 0xfe52 | 0x3002 => '.',
        0x2044 | 0x2215 => '/',
        _ => letter,
    };
    let fold = |letter: char| {
        let upper = letter.to_uppercase().next().unwrap_or(letter);
        match (letter.is_ascii(), upper.is_ascii(), letter.to_lowercase().next()) {
            (false, true, _) => upper.to_ascii_lowercase(),
            (false, false, Some(lower)) if lower.is_ascii() => lower,
            _ => letter,
        }
    };
    text.chars().map(narrow).map(fold).collect::<String>().into_bytes()
}

/// Whether ASCII is written as more bytes than it takes, or a dot or a slash follows what would begin that.
fn is_overlong(path: &[u8]) -> bool {
    path.windows(2).any(|pair| {
        matches!(pair, [0xc0 | 0xc1, 0x80..=0xbf | b'.' | b'/' | b'\\'] | [0xe0, 0x80..=0x9f] | [0xf0, 0x80..=0x8f])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_plain_has_one_reading() {
        for (path, plain) in [
            ("/", true),
            ("/reports/2024", true),
            ("/a.b/c-d_e~f", true),
            ("/.well-known/x", true),
            ("/.gateway", true),
            ("/ADMIN", true),
            ("//admin", false),
            ("/a//b", false),
            ("/./admin", false),
            ("/a/..", false),
            ("/a/../b", false),
            ("/a.", false),
            ("/a./b", false),
            ("/a;x", false),
            ("/%61", false),
            ("/a\\b", false),
            ("/a b", false),
            ("/a|b", false),
            ("/a:b", true),
            ("/a::$DATA", false),
        ] {
            assert_eq!(is_plain(path), plain, "{path}");
        }
    }

    #[test]
    fn each_trick_is_among_the_readings() {
        for (path, read) in [
            ("/admin%23/public", "/admin"),
            ("/public/..;/admin", "/admin"),
            ("/public;x/../admin", "/admin"),
            ("/public/%2e%2e/admin", "/admin"),
            ("/public/.%2e/admin", "/admin"),
            ("/public/%%32%65%2e/admin", "/admin"),
            ("/public/%252e%252e/admin", "/admin"),
            ("/public/..%2fadmin", "/admin"),
            ("/public/..%5cadmin", "/admin"),
            ("/public/..\\admin", "/admin"),
            ("//admin", "/admin"),
            ("/./admin", "/admin"),
            ("/admin/.", "/admin/"),
            ("/admin%20", "/admin"),
            ("/admin%00", "/admin"),
            ("/admin%00.png", "/admin"),
            ("/admin%09", "/admin"),
            ("/admin.", "/admin"),
            ("/admin;.js", "/admin"),
            ("/admin%3f.js", "/admin"),
            ("/%61dmin", "/admin"),
            ("/adm%C4%B1n", "/admin"),
            ("/%EF%BD%81dmin", "/admin"),
            ("/x/%2e%2e%3b/admin", "/admin"),
            ("/%u0061dmin", "/admin"),
            ("/public/%u002e%u002e/admin", "/admin"),
            ("/public/..%u2215admin", "/admin"),
            ("/public/%uff0e%uff0e/admin", "/admin"),
            ("/admin::$DATA", "/admin"),
            ("/admin%c2%a0", "/admin"),
            ("/admin%e2%80%8b", "/admin"),
            ("/admin%ef%bb%bf", "/admin"),
            ("/%adadmin", "/admin"),
            ("/a/../%2561dmin", "/admin"),
            ("/a/../admin%2f..%2fb", "/admin/../b"),
        ] {
            let all = readings(path).unwrap_or_default();
            assert!(all.iter().any(|reading| reading == read), "{path}: {all:?}");
            assert!(all.contains(&path.to_owned()), "the path as it was sent is one of them");
        }
    }

    #[test]
    fn an_ordinary_name_has_few_readings() {
        for path in ["/My%20Documents/a%2Bb.pdf", "/caf%C3%A9", "/caf%E9", "/a;jsessionid=1/b", "/%E6%97%A5%E6%9C%AC"] {
            assert!(readings(path).is_some_and(|all| all.len() <= 4), "{path}: {:?}", readings(path));
        }
    }

    #[test]
    fn attacks_and_riddles_have_none() {
        let riddle = "/a%2f;b%2e%2e%5c//%2e/..;x/%20.%09".repeat(8);
        for path in [
            "/%c0%af/admin",
            "/public/..%c0%5cadmin",
            "/%e0%80%af",
            "/%f0%80%80%af",
            &riddle,
            &format!("/{}", "%41".repeat(2000)),
        ] {
            assert_eq!(readings(path), None, "{path}");
        }
    }
}
