//! The numbers of docs/limits.md are those of the sources and of gateway.toml.

use crate::tree::{Tree, breaks_with, holds, passes_with};

const PAGE: &str = "docs/limits.md";

/// A constant, where it is, and words of the row that tells its value.
const CONSTANTS: [(&str, &str, &str); 43] = [
    ("src/proxy/limits.rs", "IDLE_TIME", "| a connection without a request |"),
    ("src/proxy/limits.rs", "HTTP2_IDLE_TIME", "| a connection without a request |"),
    ("src/proxy/limits.rs", "HANDSHAKE_TIME", "TLS handshake"),
    ("src/proxy/limits.rs", "PROXY_HEADER_TIME", "TLS handshake"),
    ("src/proxy/limits.rs", "HEAD_BYTES", "| the head of a request |"),
    ("src/proxy/limits.rs", "FIELDS", "| the head of a request |"),
    ("src/proxy/limits.rs", "HEAD_TIME", "| the head of a request |"),
    ("src/proxy/limits.rs", "HEAD_BYTES", "| `head_too_large` |"),
    ("src/proxy/limits.rs", "FIELDS", "| `head_too_large` |"),
    ("src/proxy/limits.rs", "HEAD_TIME", "| `head_timeout` |"),
    ("src/proxy/limits.rs", "HTTP2_STREAMS", "| HTTP/2 |"),
    ("src/proxy/limits.rs", "FRAMES_COST", "| HTTP/2 |"),
    ("src/proxy/limits.rs", "FRAMES_COST_A_SECOND", "| HTTP/2 |"),
    ("src/proxy/limits.rs", "FRAME_RESET_COST", "| HTTP/2 |"),
    ("src/proxy/limits.rs", "BODY_TIME", "| a pause within a body |"),
    ("src/proxy/limits.rs", "BODY_TIME", "| `body_timeout` |"),
    ("src/proxy/limits.rs", "UNREAD_TIME", "| a client that does not read |"),
    ("src/proxy/http2_stream.rs", "FRAME_BYTES", "| a client that does not read |"),
    ("src/web/request.rs", "FORM_BYTES", "| a form for the gateway's own pages |"),
    ("src/proxy/limits.rs", "FORM_TIME", "| a form for the gateway's own pages |"),
    ("src/web/request.rs", "FORM_FIELDS", "| a form for the gateway's own pages |"),
    ("src/web/request.rs", "FORM_BYTES", "| `form_too_large` |"),
    ("src/proxy/limits.rs", "FORM_TIME", "| `body_timeout` |"),
    ("src/signin/kept_form.rs", "KEPT_BYTES", "`keep_post`"),
    ("src/signin/entry_address.rs", "UNSEALED_TARGET_BYTES", "| the address to come back to |"),
    ("src/signin/return_to.rs", "TARGET_BYTES", "| the address to come back to |"),
    ("src/access/path.rs", "EXPRESSION_BYTES", "| an expression of a route |"),
    ("src/limits/mod.rs", "PEOPLE_BEHIND_AN_ADDRESS", "codes_in_ten_minutes"),
    ("src/limits/mod.rs", "ADDRESSES_OF_A_NAME", "codes_in_ten_minutes"),
    ("src/signin/transaction.rs", "MAX_OPEN", "| sign-ins under way in one browser |"),
    ("src/signin/transaction.rs", "MAX_BYTES", "| sign-ins under way in one browser |"),
    ("src/session/cookie.rs", "REQUEST_BYTES", "| cookies of the gateway in a request |"),
    ("src/session/cookie.rs", "LARGE_REQUEST_BYTES", "| cookies of the gateway in a request |"),
    ("src/session/cookie.rs", "OUR_COOKIES_BYTES", "| cookies of the gateway in a request |"),
    ("src/session/revocations.rs", "MOST", "| ended sessions that one process remembers |"),
    ("src/oidc/limits.rs", "CALL", "| one call |"),
    ("src/oidc/limits.rs", "CONNECT", "| one call |"),
    ("src/oidc/limits.rs", "KEY_FETCHES", "| unknown key ids |"),
    ("src/oidc/limits.rs", "KEY_FETCH_EVERY", "| unknown key ids |"),
    ("src/oidc/limits.rs", "REPLY_BYTES", "| a reply |"),
    ("src/oidc/limits.rs", "REPLY_DEPTH", "| a reply |"),
    ("src/oidc/limits.rs", "ORDER_BYTES", "| a logout token, an order to revoke |"),
    ("src/oidc/limits.rs", "ACCESS_TOKEN_BYTES", "| an access token |"),
];

/// Settings of which the page tells the default, as gateway.toml has it.
const SETTINGS: [&str; 14] = [
    "max_connections",
    "max_connections_per_address",
    "connect_timeout_seconds",
    "timeout_seconds",
    "eject_after_failures",
    "eject_seconds",
    "starts_a_minute",
    "wrong_answers_in_ten_minutes",
    "codes_in_ten_minutes",
    "lifetime_minutes",
    "idle_minutes",
    "absolute_hours",
    "head_bytes",
    "timeout_ms",
];

#[test]
fn the_page_of_limits_has_the_numbers_of_the_sources() {
    let rule = |tree: &Tree| check(tree, &CONSTANTS, &SETTINGS);
    holds(rule);
    let rule = |tree: &Tree| check(tree, &[("src/a.rs", "A_BYTES", "| a |")], &["b"]);
    let file = ("gateway.toml", "[x]\n# b = 1_000\n");
    let source = ("src/a.rs", "/// How many.\npub(super) const A_BYTES: usize = 2 * 1024;\n");
    passes_with(rule, &[file, source, (PAGE, "| a | 2 KiB |\n| c | `x.b` (1,000)")]);
    breaks_with(rule, &[file, source, (PAGE, "| a | 12 KiB |\n| c | `x.b` (1,000)")]);
    breaks_with(rule, &[file, source, (PAGE, "| a | 0.2 KiB |\n| c | `x.b` (1,000)")]);
    breaks_with(rule, &[file, source, (PAGE, "| b | 2 KiB |\n| c | `x.b` (1,000)")]);
    breaks_with(rule, &[file, source, (PAGE, "| a | 2 KiB |\n| c | `x.b` (11,000)")]);
    breaks_with(rule, &[file, source, (PAGE, "| a | 2 KiB |\n| c | `x.b` (1,000,000)")]);
    breaks_with(rule, &[file, source, (PAGE, "| a | 2 KiB |\n| c | `x.a_b` (1,000), `x.b` (2)")]);
    breaks_with(rule, &[file, ("src/a.rs", "const B: u8 = 1;"), (PAGE, "| a | 2 KiB |\n| c | `x.b` (1,000)")]);
}

/// What the page does not say.
fn check(tree: &Tree, constants: &[(&str, &str, &str)], settings: &[&str]) -> Vec<String> {
    let (Some(page), Some(file)) = (tree.text(PAGE), tree.text("gateway.toml")) else { return Vec::new() };
    let said = |what: &str, value: Option<String>, row: &str| match value {
        None => Some(format!("{what} is not there any more")),
        Some(value) => {
            let is_said = page.lines().any(|line| line.contains(row) && says(line, &value));
            (!is_said).then(|| format!("{PAGE}: {what} is {value}, and no row with `{row}` says so"))
        }
    };
    let constants = constants.iter().filter_map(|(path, name, row)| {
        let value = tree.text(path).and_then(|text| constant(text, name));
        said(&format!("{path}: {name}"), value, row)
    });
    let settings = settings.iter().filter_map(|name| {
        let line =
            file.lines().find_map(|line| line.trim_start_matches(['#', ' ']).strip_prefix(&format!("{name} = ")));
        let value = line.and_then(|line| line.split_whitespace().next()?.replace('_', "").parse().ok());
        let Some(value) = value else { return Some(format!("gateway.toml: {name} is not there any more")) };
        let shown = format!("{name}` ({}", grouped(value));
        // Alone, or after the name of its table.
        let is_said = ['`', '.'].iter().any(|before| says(page, &format!("{before}{shown}")));
        (!is_said).then(|| format!("{PAGE}: nothing says `{shown}), as gateway.toml does"))
    });
    constants.chain(settings).collect()
}

/// Whether a text stands in another, and the number with which it begins or ends not as a part of a longer one.
fn says(text: &str, wanted: &str) -> bool {
    let is_number = |text: &str| text.starts_with(|letter: char| letter.is_ascii_digit());
    text.match_indices(wanted).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + wanted.len()..]);
        !before.ends_with(|letter: char| letter.is_ascii_digit() || ",.".contains(letter))
            && !is_number(after)
            && !after.strip_prefix([',', '.']).is_some_and(is_number)
    })
}

/// The value of a constant as people read it: a duration, a size, a number.
fn constant(source: &str, name: &str) -> Option<String> {
    let (_, rest) = source.split_once(&format!("const {name}: "))?;
    let (_, value) = rest.split_once(';')?.0.split_once(" = ")?;
    if let Some(seconds) = value.strip_prefix("Duration::from_secs(") {
        return Some(format!("{} s", grouped(product(seconds.strip_suffix(')')?)?)));
    }
    let number = product(value.trim_end_matches(".0"))?;
    Some(match number {
        _ if !name.ends_with("_BYTES") => grouped(number),
        size if size.is_multiple_of(1 << 20) => format!("{} MiB", size >> 20),
        size if size.is_multiple_of(1 << 10) => format!("{} KiB", size >> 10),
        size if size.is_multiple_of(1 << 9) && size > 1 << 10 => format!("{}.5 KiB", size >> 10),
        size => format!("{} bytes", grouped(size)),
    })
}

fn product(text: &str) -> Option<u64> {
    text.split('*').map(|factor| factor.trim().replace('_', "").parse::<u64>().ok()).product()
}

/// With a comma before every three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
