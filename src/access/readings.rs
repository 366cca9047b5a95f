//! Every plausible reading of a path.
//!
//! What servers are known to do with a path is a [`Step`] each. Since servers take these steps in any order and more
//! than once, the readings of a path are all paths that any sequence of steps leads to. An [`UpstreamKind`] says which
//! steps a server of that kind takes; for an upstream of unknown kind every step is tried.
//!
//! A path seldom has more than four readings, and the work is bounded: a path is refused when it has more than [`MOST`]
//! readings, when finding them takes more than [`WORK`] bytes, when it is longer than [`LONGEST`] and not plain, or
//! when it holds overlong UTF-8 (RFC 3629 §3), which only an attack sends.

use std::collections::HashSet;

use icu_normalizer::DecomposingNormalizerBorrowed;
use memchr::memmem;

/// The most readings that a path may have.
const MOST: usize = 64;

/// How many bytes may be read and written to find the readings of a path; each costs a few nanoseconds.
const WORK: usize = 96 * 1024;

/// The longest path, in bytes, of which other readings than itself are sought.
const LONGEST: usize = 8 * 1024;

/// What is known of an upstream's way of reading paths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UpstreamKind {
    /// Unknown: every step is tried.
    #[default]
    Generic,
    /// Tomcat, Jetty and other servlet containers.
    Tomcat,
    /// IIS and ASP.NET.
    Iis,
    /// PHP behind nginx or Apache.
    Php,
    /// Node with Express or a similar framework.
    Node,
    /// nginx that serves files or forwards requests.
    Nginx,
    /// Spring MVC.
    Spring,
}

/// Something a server may do to a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// `%2e` → `.` (RFC 3986 §2.1); a `%` without two hex digits stays.
    Decode,
    /// The same, where an encoded slash stays: `a%2Fb/%2e%2e` → `a%2Fb/..`, whose dots take away one segment and not two. So
    /// do the URL standard, Envoy, HAProxy, and Apache with `AllowEncodedSlashes NoDecode`.
    DecodeWithinSegments,
    /// `%u002e` → `.`, as IIS does.
    DecodeUnicode,
    /// `\\` → `/`.
    Backslashes,
    /// `a;x=1/b` → `a/b` (RFC 3986 §3.3).
    DropParameters,
    /// `a::$DATA`, `a:$i30:$INDEX_ALLOCATION` → `a`: NTFS streams.
    DropStreams,
    /// `/(S(x))/a` → `/a`, `/b/(S(x))in` → `/b/in`: the cookieless session of ASP.NET.
    DropSession,
    /// The same, with the slash before it: `/b/(S(x))in` → `/bin`.
    DropSessionAndSlash,
    /// The path ends before NUL, `#` or `?`.
    Cut,
    /// The path ends before `;`, where the query begins to find-my-way (Fastify, restify).
    CutAtSemicolon,
    /// `/a/index.php/b` → `/a/b`: a front controller takes what follows its name for the path.
    DropScript,
    /// `/a/index.php/b` → `/b`: the program reads `PATH_INFO` (RFC 3875 §4.1.5).
    DropThroughScript,
    /// `/a/index.php/b` → `/a/index.php`: the program runs, whatever follows its name.
    CutAfterScript,
    /// `/a/index.php/b` → `/a/index/b`: pages are called without their ending.
    DropScriptEnding,
    /// A segment loses blanks around it, control characters, and dots at its end; `.` and `..` stay.
    Trim,
    /// Control characters are dropped, as by `parseInt` at the end of a segment.
    DropControls,
    /// Blanks beyond ASCII, soft hyphens and zero-width characters are dropped.
    DropInvisible,
    /// `//a/b` → `/b`: what two slashes begin is a host and its path (a network-path reference, RFC 3986 §4.2), as
    /// `new URL`, `parse_url` and `urlsplit` take it. The URL standard (§4.4) passes over further slashes.
    DropAuthority,
    /// `//` → `/`.
    MergeSlashes,
    /// `.` and `..` are resolved (RFC 3986 §5.2.4).
    ResolveDots,
    /// `/VirtualHostBase/https/a.example:443/b/VirtualHostRoot/c` → `/b/c`: Zope is told so for whom it answers.
    DropVirtualHost,
    /// `/_next/data/build/a.json` → `/a`, and `index.json` → `/`: the data of a page of Next.js; and what other frameworks
    /// keep a page's data at.
    FindPageOfData,
    /// Letters beyond ASCII become the ASCII letters that some servers take them for: full-width forms, ligatures,
    /// letters with marks (NFKD), `ı`, `ſ`; and digits of other scripts the digits of ASCII.
    FoldLetters,
}

impl UpstreamKind {
    /// The paths whose page such a server may answer `path` with, as frameworks that map suffixes do: `/admin.json` → `/admin`.
    pub(super) fn shorter(self, path: &[u8]) -> impl Iterator<Item = &[u8]> {
        // nginx itself only leads to programs that are called without their ending.
        let maps_suffixes = self != Self::Nginx || is_program(path);
        maps_suffixes.then(|| without_suffixes(path)).into_iter().flatten()
    }

    /// Whether such a server may give a file whose suffix is left out: `/report` → `/report.html`, as MultiViews of Apache,
    /// `try_files` and `express.static` do.
    pub(super) fn adds_suffixes(self) -> bool {
        !matches!(self, Self::Tomcat | Self::Spring)
    }
}

impl Step {
    const ALL: [Self; 23] = [
        Self::Decode,
        Self::DecodeWithinSegments,
        Self::DecodeUnicode,
        Self::Backslashes,
        Self::DropParameters,
        Self::DropStreams,
        Self::DropSession,
        Self::DropSessionAndSlash,
        Self::Cut,
        Self::CutAtSemicolon,
        Self::DropScript,
        Self::DropThroughScript,
        Self::CutAfterScript,
        Self::DropScriptEnding,
        Self::Trim,
        Self::DropControls,
        Self::DropInvisible,
        Self::DropAuthority,
        Self::MergeSlashes,
        Self::ResolveDots,
        Self::DropVirtualHost,
        Self::FindPageOfData,
        Self::FoldLetters,
    ];

    /// Whether a server of this kind may take the step.
    fn is_taken_by(self, kind: UpstreamKind) -> bool {
        use UpstreamKind::{Generic, Iis, Nginx, Node, Php, Spring, Tomcat};
        match self {
            Self::Decode | Self::DecodeWithinSegments | Self::Cut | Self::CutAfterScript => true,
            Self::DropAuthority | Self::MergeSlashes | Self::ResolveDots => true,
            Self::Backslashes => !matches!(kind, Php | Nginx),
            Self::DropParameters => matches!(kind, Generic | Tomcat | Spring),
            Self::CutAtSemicolon | Self::FindPageOfData => matches!(kind, Generic | Node),
            Self::DropScript | Self::DropThroughScript => matches!(kind, Generic | Iis | Php),
            Self::DropScriptEnding => matches!(kind, Generic | Iis | Php | Nginx),
            Self::Trim => !matches!(kind, Tomcat | Node | Nginx),
            // The others trim, which drops them too.
            Self::DropControls => matches!(kind, Tomcat | Node | Nginx),
            Self::DecodeUnicode | Self::FoldLetters => matches!(kind, Generic | Iis),
            Self::DropStreams | Self::DropSession | Self::DropSessionAndSlash => matches!(kind, Generic | Iis),
            Self::DropInvisible | Self::DropVirtualHost => kind == Generic,
        }
    }
}

/// Whether `path` has no reading but itself, apart from the case of its letters and from its suffix.
pub(super) fn has_one_reading(path: &[u8]) -> bool {
    is_plain(path) && page_of_data(path).is_none() && memmem::find(path, VIRTUAL_HOST).is_none()
}

/// Whether every server reads a path in the same way, but for the case of its letters, its suffix, and segments by which one
/// framework alone tells what the path is.
pub(super) fn is_plain(path: &[u8]) -> bool {
    let (mut before, mut earlier, mut dot) = (b'/', 0, 0);
    let start = usize::from(path.starts_with(b"/"));
    for (at, &byte) in path.iter().enumerate().skip(start) {
        let is_plain = match byte {
            // Not an empty segment, one that ends in a dot, or the name of a script.
            b'/' => before != b'/' && before != b'.' && !(dot > 0 && is_script(&path[dot..at])),
            // Not the beginning of an NTFS stream's name.
            b':' => before != b':',
            b'$' => before != b':',
            // Not the beginning of a cookieless session, as in `(S(`.
            b'(' => earlier != b'(',
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => true,
            b'.' | b'-' | b'_' | b'~' | b'!' | b'&' | b'\'' | b')' | b'*' | b'+' | b',' | b'=' | b'@' => true,
            _ => false,
        };
        if !is_plain {
            return false;
        }
        dot = match byte {
            b'.' => at,
            b'/' => 0,
            _ => dot,
        };
        (before, earlier) = (byte, before);
    }
    before != b'.'
}

/// Whether some server runs a file with this ending as a program.
fn is_script(ending: &[u8]) -> bool {
    const SCRIPTS: [&[u8]; 14] = [
        b".php", b".php5", b".php7", b".php8", b".phtml", b".cgi", b".fcgi", b".pl", b".py", b".rb", b".asp", b".aspx",
        b".ashx", b".dll",
    ];
    SCRIPTS.iter().any(|script| ending.eq_ignore_ascii_case(script))
}

/// Whether a path ends in the name of a program.
pub(super) fn is_program(path: &[u8]) -> bool {
    memchr::memrchr(b'.', path).is_some_and(|dot| is_script(&path[dot..]))
}

/// Where the first script's name begins, where its ending does, and where it ends, if a slash follows it.
fn script(path: &[u8]) -> Option<(usize, usize, usize)> {
    let mut start = 0;
    for end in memchr::memchr_iter(b'/', path) {
        let ending = memchr::memrchr(b'.', &path[start..end]).map(|dot| start + dot);
        if let Some(ending) = ending.filter(|ending| is_script(&path[*ending..end])) {
            return Some((start, ending, end));
        }
        start = end + 1;
    }
    None
}

/// Every reading of `path`, itself included; none when the path is refused.
pub(super) fn readings(path: &[u8], kind: UpstreamKind) -> Option<Vec<Vec<u8>>> {
    readings_and_work(path, kind).0
}

/// The same, with the number of bytes read and written to find them.
fn readings_and_work(path: &[u8], kind: UpstreamKind) -> (Option<Vec<Vec<u8>>>, usize) {
    if path.len() > LONGEST {
        return (None, 0);
    }
    let mut seen: HashSet<Vec<u8>> = HashSet::new();
    let (mut new, mut work) = (vec![path.to_vec()], 0);
    while let Some(reading) = new.pop() {
        if seen.contains(&reading) {
            continue;
        }
        let marks = Marks::of(&reading);
        work += reading.len();
        if work > WORK || (marks.has(Marks::BEYOND_ASCII) && is_overlong(&reading)) {
            return (None, work);
        }
        for step in Step::ALL.into_iter().filter(|step| step.is_taken_by(kind) && marks.may_change(*step)) {
            let read = step.apply(&reading);
            work += read.len();
            if seen.len() >= MOST || work > WORK {
                return (None, work);
            }
            if read != reading {
                new.push(read);
            }
        }
        seen.insert(reading);
    }
    if seen.len() > MOST {
        return (None, work);
    }
    let rooted = |path: Vec<u8>| if path.starts_with(b"/") { path } else { [b"/", path.as_slice()].concat() };
    (Some(seen.into_iter().map(rooted).collect()), work)
}

/// `/admin.json` → `/admin`; `/admin.tar.gz` → `/admin.tar`, `/admin`: the last segment up to its last and its first dot.
/// Slashes at the end count for nothing (Rails).
pub(super) fn without_suffixes(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    let path = &path[..path.iter().rposition(|byte| *byte != b'/').map_or(0, |last| last + 1)];
    let start = memchr::memrchr(b'/', path).map_or(0, |slash| slash + 1);
    let last = memchr::memrchr(b'.', &path[start..]);
    let first = memchr::memchr(b'.', &path[start..]).filter(|first| Some(*first) != last);
    [last, first].into_iter().flatten().filter(|dot| *dot > 0).map(move |dot| &path[..start + dot])
}

/// The zeros of scripts whose digits NFKD leaves as they are; the other nine follow each (Unicode, general category Nd).
const ZEROS: [u32; 34] = [
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0, 0xf20,
    0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0,
    0xa900, 0xa9d0, 0xa9f0, 0xaa50,
];

/// How the segments begin by which Zope is told for whom it answers.
const VIRTUAL_HOST: &[u8] = b"/VirtualHost";

/// The path without `/VirtualHostBase`, the scheme and host behind it, and `/VirtualHostRoot` with the segments of the
/// address behind it, which begin with `_vh_`. A segment `*` is the first label of that host.
fn without_virtual_host(path: &[u8]) -> Vec<u8> {
    let (mut segments, mut label): (Vec<&[u8]>, &[u8]) = (Vec::new(), b"*");
    let mut rest = path.split(|byte| *byte == b'/').peekable();
    while let Some(segment) = rest.next() {
        match segment {
            b"VirtualHostBase" => {
                let host = rest.nth(1).unwrap_or_default();
                label = host.split(|byte| matches!(byte, b'.' | b':')).next().unwrap_or_default();
            }
            b"VirtualHostRoot" => while rest.next_if(|segment| segment.starts_with(b"_vh_")).is_some() {},
            _ => segments.push(segment),
        }
    }
    let named = segments.into_iter().map(|segment| if segment == b"*" { label } else { segment });
    named.collect::<Vec<_>>().join(&b'/')
}

/// The path of the page whose data is kept at `path`: by Next.js below `/_next/data` and one more segment, by Gatsby below
/// `/page-data`, by SvelteKit and Nuxt in a file of the page's own.
fn page_of_data(path: &[u8]) -> Option<Vec<u8>> {
    let rest = path.strip_suffix(b".json")?;
    let (before, page): (&[u8], &[u8]) =
        if let Some(page) = rest.strip_suffix(b"/__data").or_else(|| rest.strip_suffix(b"/_payload")) {
            (b"", page)
        } else if let Some(rest) = rest.strip_suffix(b"/page-data") {
            let at = memmem::find(rest, b"/page-data/")?;
            (&rest[..at], &rest[at + "/page-data".len()..])
        } else {
            let at = memmem::find(rest, b"/_next/data/")?;
            let inside = &rest[at + "/_next/data/".len()..];
            (&rest[..at], &inside[memchr::memchr(b'/', inside)?..])
        };
    Some([before, if matches!(page, b"" | b"/index") { b"/" } else { page }].concat())
}

/// Which steps could change a path, by the bytes that it holds.
#[derive(Clone, Copy)]
struct Marks {
    bytes: u8,
    begins_with_slashes: bool,
    has_slashes: bool,
    has_dots: bool,
}

impl Marks {
    const PERCENT: u8 = 1;
    const BACKSLASH: u8 = 2;
    const SEMICOLON: u8 = 4;
    const COLON: u8 = 8;
    const PARENTHESIS: u8 = 16;
    const BLANK: u8 = 32;
    const CUT: u8 = 64;
    const BEYOND_ASCII: u8 = 128;

    const OF_BYTE: [u8; 256] = {
        let mut marks = [0; 256];
        let mut byte = 0;
        while byte < 256 {
            marks[byte] = match byte as u8 {
                b'%' => Self::PERCENT,
                b'\\' => Self::BACKSLASH,
                b';' => Self::SEMICOLON,
                b':' => Self::COLON,
                b'(' => Self::PARENTHESIS,
                0 => Self::CUT | Self::BLANK,
                b'#' | b'?' => Self::CUT,
                1..=b' ' | 0x7f => Self::BLANK,
                0x80.. => Self::BEYOND_ASCII,
                _ => 0,
            };
            byte += 1;
        }
        marks
    };

    fn of(path: &[u8]) -> Self {
        let bytes = path.iter().fold(0, |marks, byte| marks | Self::OF_BYTE[usize::from(*byte)]);
        Self {
            bytes,
            begins_with_slashes: path.starts_with(b"//"),
            has_slashes: memmem::find(path, b"//").is_some(),
            has_dots: memchr::memchr(b'.', path).is_some(),
        }
    }

    fn has(self, marks: u8) -> bool {
        self.bytes & marks != 0
    }

    fn may_change(self, step: Step) -> bool {
        match step {
            Step::Decode | Step::DecodeUnicode | Step::DecodeWithinSegments => self.has(Self::PERCENT),
            Step::Backslashes => self.has(Self::BACKSLASH),
            Step::DropParameters | Step::CutAtSemicolon => self.has(Self::SEMICOLON),
            Step::DropStreams => self.has(Self::COLON),
            Step::DropSession | Step::DropSessionAndSlash => self.has(Self::PARENTHESIS),
            Step::Cut => self.has(Self::CUT),
            Step::Trim => self.has_dots || self.has(Self::BLANK),
            Step::DropControls => self.has(Self::BLANK),
            Step::DropInvisible | Step::FoldLetters => self.has(Self::BEYOND_ASCII),
            Step::DropAuthority => self.begins_with_slashes,
            Step::MergeSlashes => self.has_slashes,
            Step::DropScript | Step::DropThroughScript | Step::CutAfterScript | Step::DropScriptEnding => self.has_dots,
            Step::ResolveDots | Step::FindPageOfData => self.has_dots,
            Step::DropVirtualHost => true,
        }
    }
}

impl Step {
    fn apply(self, path: &[u8]) -> Vec<u8> {
        match self {
            Self::Decode => decoded(path, |_| true),
            Self::DecodeWithinSegments => decoded(path, |byte| !matches!(byte, b'/' | b'\\')),
            Self::DecodeUnicode => unicode_decoded(path),
            Self::Backslashes => path.iter().map(|byte| if *byte == b'\\' { b'/' } else { *byte }).collect(),
            Self::DropParameters => by_segment(path, |segment, out| {
                out.extend_from_slice(&segment[..memchr::memchr(b';', segment).unwrap_or(segment.len())]);
            }),
            Self::DropStreams => by_segment(path, |segment, out| {
                let stream = segment.windows(2).position(|pair| pair == b"::" || pair == b":$");
                out.extend_from_slice(&segment[..stream.unwrap_or(segment.len())]);
            }),
            Self::DropSession => without_session(path, false),
            Self::DropSessionAndSlash => without_session(path, true),
            Self::DropScript => match script(path) {
                Some((start, _, end)) => [&path[..start], &path[end + 1..]].concat(),
                None => path.to_vec(),
            },
            Self::DropThroughScript => script(path).map_or(path, |(.., end)| &path[end..]).to_vec(),
            Self::CutAfterScript => script(path).map_or(path, |(.., end)| &path[..end]).to_vec(),
            Self::DropScriptEnding => match script(path) {
                Some((_, ending, end)) => [&path[..ending], &path[end..]].concat(),
                None => path.to_vec(),
            },
            Self::Cut => path.split(|byte| matches!(byte, 0 | b'#' | b'?')).next().unwrap_or_default().to_vec(),
            Self::CutAtSemicolon => path[..memchr::memchr(b';', path).unwrap_or(path.len())].to_vec(),
            Self::Trim => by_segment(path, trimmed),
            Self::DropControls => path.iter().copied().filter(|byte| !byte.is_ascii_control()).collect(),
            Self::DropInvisible => visible(path),
            Self::DropAuthority => without_authority(path).to_vec(),
            Self::MergeSlashes => {
                let mut out = path.to_vec();
                out.dedup_by(|next, last| *next == b'/' && *last == b'/');
                out
            }
            Self::ResolveDots => resolved(path),
            Self::DropVirtualHost => without_virtual_host(path),
            Self::FindPageOfData => page_of_data(path).unwrap_or_else(|| path.to_vec()),
            Self::FoldLetters => letters_folded(path),
        }
    }
}

fn by_segment(path: &[u8], keep: impl Fn(&[u8], &mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::with_capacity(path.len());
    for (at, segment) in path.split(|byte| *byte == b'/').enumerate() {
        if at > 0 {
            out.push(b'/');
        }
        keep(segment, &mut out);
    }
    out
}

/// What is encoded is decoded, as far as it is a byte that `counts`.
fn decoded(path: &[u8], counts: fn(u8) -> bool) -> Vec<u8> {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let (mut out, mut at) = (Vec::with_capacity(path.len()), 0);
    while at < path.len() {
        let encoded = digit(path.get(at + 1)).zip(digit(path.get(at + 2))).map(|(high, low)| (high * 16 + low) as u8);
        match encoded.filter(|byte| path[at] == b'%' && counts(*byte)) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(path[at]);
                at += 1;
            }
        }
    }
    out
}

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

/// The path without its first `(X(…))`; `and_slash` drops the slash before it too.
fn without_session(path: &[u8], and_slash: bool) -> Vec<u8> {
    let is_start = |at: usize| matches!(path[at..], [b'(', letter, b'(', ..] if letter.is_ascii_alphabetic());
    let Some(start) = memchr::memchr_iter(b'(', path).find(|at| is_start(*at)) else { return path.to_vec() };
    let Some(length) = memmem::find(&path[start..], b"))") else { return path.to_vec() };
    let end = start + length + 2;
    let start = if and_slash && start > 0 && path[start - 1] == b'/' { start - 1 } else { start };
    [&path[..start], &path[end..]].concat()
}

fn trimmed(segment: &[u8], out: &mut Vec<u8>) {
    let begin = out.len();
    out.extend(segment.iter().filter(|byte| !byte.is_ascii_control()));
    let kept = out[begin..].trim_ascii();
    let end = kept.iter().rposition(|byte| !matches!(byte, b'.' | b' ')).map_or(0, |last| last + 1);
    let kept = if end == 0 { kept.to_vec() } else { kept[..end].to_vec() };
    out.truncate(begin);
    out.extend_from_slice(&kept);
}

fn visible(path: &[u8]) -> Vec<u8> {
    let is_seen = |letter: &char| {
        !matches!(u32::from(*letter), 0xad | 0x200b..=0x200f | 0x2060 | 0xfeff)
            && (letter.is_ascii() || !letter.is_whitespace())
    };
    let mut out = Vec::with_capacity(path.len());
    for chunk in path.utf8_chunks() {
        out.extend(chunk.valid().chars().filter(is_seen).collect::<String>().into_bytes());
        // Read as Latin-1, where each byte is a letter.
        out.extend(chunk.invalid().iter().filter(|byte| is_seen(&char::from(**byte))));
    }
    out
}

/// What follows the first segment that is not empty; nothing where nothing does.
fn without_authority(path: &[u8]) -> &[u8] {
    let authority = path.iter().position(|byte| *byte != b'/').unwrap_or(path.len());
    let end = memchr::memchr(b'/', &path[authority..]).map_or(path.len(), |length| authority + length);
    &path[end..]
}

fn resolved(path: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(path.len() + 1);
    let mut segments = path.strip_prefix(b"/").unwrap_or(path).split(|byte| *byte == b'/').peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        if segment == b".." {
            out.truncate(memchr::memrchr(b'/', &out).unwrap_or(0));
        }
        if segment != b"." && segment != b".." {
            out.push(b'/');
            out.extend_from_slice(segment);
        } else if is_last {
            out.push(b'/');
        }
    }
    if out.is_empty() { b"/".to_vec() } else { out }
}

fn letters_folded(path: &[u8]) -> Vec<u8> {
    let fold = |letter: char| match letter {
        '\u{3002}' => '.',
        '\u{2044}' | '\u{2215}' | '\u{29f8}' => '/',
        'ı' => 'i',
        _ => match ZEROS.iter().find(|zero| (**zero..**zero + 10).contains(&u32::from(letter))) {
            // `\d` and `int` of Python take it for the digit that it is.
            Some(zero) => char::from(b'0' + (u32::from(letter) - zero) as u8),
            None => letter,
        },
    };
    let is_mark = |letter: char| matches!(u32::from(letter), 0x300..=0x36f);
    let mut out = Vec::with_capacity(path.len());
    for chunk in path.utf8_chunks() {
        let split = DecomposingNormalizerBorrowed::new_nfkd().normalize(chunk.valid());
        out.extend(split.chars().filter(|letter| !is_mark(*letter)).map(fold).collect::<String>().into_bytes());
        out.extend_from_slice(chunk.invalid());
    }
    out
}

/// Whether ASCII is encoded in more bytes than it needs, or a dot or a slash follows the first byte of such an
/// encoding.
fn is_overlong(path: &[u8]) -> bool {
    path.windows(2).any(|pair| {
        matches!(pair, [0xc0 | 0xc1, 0x80..=0xbf | b'.' | b'/' | b'\\'] | [0xe0, 0x80..=0x9f] | [0xf0, 0x80..=0x8f])
    })
}

#[cfg(test)]
mod tests;
