//! The numbers of docs/limits.md are those of the sources and of gateway.toml.

use crate::tree::{Tree, breaks_with, holds, passes_with};

const PAGE: &str = "docs/limits.md";

/// A constant, where it is, and what the page says of it, with `{}` for its value.
const CONSTANTS: [(&str, &str, &str); 40] = [
    ("src/proxy/limits.rs", "IDLE_TIME", "| a connection without a request | {} |"),
    ("src/proxy/limits.rs", "HTTP2_IDLE_TIME", "| a connection without a request | {} |"),
    ("src/proxy/limits.rs", "HANDSHAKE_TIME", "| a TLS handshake; a header of the PROXY protocol | {}; "),
    ("src/proxy/limits.rs", "PROXY_HEADER_TIME", "| a TLS handshake; a header of the PROXY protocol | 10 s; {} |"),
    ("src/proxy/limits.rs", "HEAD_BYTES", "| the head of a request | {}, "),
    ("src/proxy/limits.rs", "FIELDS", "| the head of a request | 64 KiB, {} fields, "),
    ("src/proxy/limits.rs", "HEAD_TIME", "| the head of a request | 64 KiB, 256 fields, {} from its first byte |"),
    ("src/proxy/limits.rs", "HEAD_BYTES", "| `head_too_large` | a head of more than {} or 256 fields |"),
    ("src/proxy/limits.rs", "HEAD_TIME", "| `head_timeout` | a head that was not complete after {} |"),
    ("src/proxy/limits.rs", "HTTP2_STREAMS", "| HTTP/2 | {} streams at once; "),
    ("src/proxy/limits.rs", "FRAMES_COST", "100 streams at once; {} frames that carry nothing "),
    ("src/proxy/limits.rs", "FRAMES_COST_A_SECOND", "1,000 frames that carry nothing and then {} a second "),
    ("src/proxy/limits.rs", "FRAME_RESET_COST", "(a reset counts as {})"),
    ("src/proxy/limits.rs", "BODY_TIME", "| a pause within a body | {} |"),
    ("src/proxy/limits.rs", "BODY_TIME", "| `body_timeout` | a body that paused for {}, "),
    ("src/proxy/limits.rs", "UNREAD_TIME", "| a client that does not read | {}; "),
    ("src/proxy/http2_stream.rs", "FRAME_BYTES", "over HTTP/2 60 s for each {} of an answer |"),
    ("src/web/request.rs", "FORM_BYTES", "| a form for the gateway's own pages | {}, "),
    ("src/proxy/limits.rs", "FORM_TIME", "| a form for the gateway's own pages | 96 KiB, {}; "),
    ("src/web/request.rs", "FORM_FIELDS", "| a form for the gateway's own pages | 96 KiB, 10 s; {} fields |"),
    ("src/web/request.rs", "FORM_BYTES", "| `form_too_large` | a form for the gateway's own pages of more than {} |"),
    ("src/proxy/limits.rs", "FORM_TIME", "or a form that took more than {} |"),
    ("src/signin/kept_form.rs", "KEPT_BYTES", "| a posted form that is kept over the sign-in (`keep_post`) | {}, "),
    (
        "src/signin/entry_address.rs",
        "UNSEALED_TARGET_BYTES",
        "| the address to come back to | {} in a link of others; ",
    ),
    ("src/signin/return_to.rs", "TARGET_BYTES", ", or {} of what compresses to that, "),
    ("src/access/path.rs", "EXPRESSION_BYTES", "| an expression of a route | {} |"),
    ("src/limits/mod.rs", "PEOPLE_BEHIND_AN_ADDRESS", "; {} times as many for the address, "),
    ("src/limits/mod.rs", "ADDRESSES_OF_A_NAME", "{} times as many for the name |"),
    ("src/signin/transaction.rs", "MAX_OPEN", "| sign-ins under way in one browser | {}, "),
    ("src/signin/transaction.rs", "MAX_BYTES", "| sign-ins under way in one browser | 8, {} together |"),
    ("src/session/cookie.rs", "REQUEST_BYTES", "| cookies of the gateway in a request | {}, "),
    ("src/session/cookie.rs", "LARGE_REQUEST_BYTES", ", {} for a session in two parts |"),
    ("src/session/cookie.rs", "OUR_COOKIES_BYTES", "over {} nobody could have made them: signed out |"),
    ("src/session/revocations.rs", "MOST", "| ended sessions that one process remembers | {}, and as many people |"),
    ("src/oidc/limits.rs", "CALL", "| one call | {}, "),
    ("src/oidc/limits.rs", "CONNECT", "| one call | 10 s, {} of them for connecting |"),
    ("src/oidc/limits.rs", "KEY_FETCHES", "| unknown key ids | {} fetches in a row, "),
    ("src/oidc/limits.rs", "KEY_FETCH_EVERY", "| unknown key ids | 4 fetches in a row, then one in {} |"),
    ("src/oidc/limits.rs", "REPLY_BYTES", "| a reply | {}, nested 32 deep |"),
    ("src/oidc/limits.rs", "ACCESS_TOKEN_BYTES", "| an access token | {} |"),
];

/// A setting as gateway.toml shows it, and what the page says of it.
const SETTINGS: [(&str, &str); 14] = [
    ("max_connections", "`server.max_connections` ({}, "),
    ("max_connections_per_address", "`server.max_connections_per_address` ({})"),
    ("connect_timeout_seconds", "`connect_timeout_seconds` ({})"),
    ("timeout_seconds", "`timeout_seconds` ({}) |"),
    ("eject_after_failures", "`eject_after_failures` ({})"),
    ("eject_seconds", "`eject_seconds` ({})"),
    ("starts_a_minute", "`sign_in.starts_a_minute` ({})"),
    ("wrong_answers_in_ten_minutes", "`sign_in.wrong_answers_in_ten_minutes`, `codes_in_ten_minutes` ({})"),
    ("codes_in_ten_minutes", "`sign_in.wrong_answers_in_ten_minutes`, `codes_in_ten_minutes` ({})"),
    ("lifetime_minutes", "`sign_in.lifetime_minutes` ({})"),
    ("idle_minutes", "`session.idle_minutes` ({})"),
    ("absolute_hours", "`session.absolute_hours` ({})"),
    ("head_bytes", "`forward_auth.head_bytes` ({})"),
    ("timeout_ms", "`session.redis.timeout_ms` ({})"),
];

#[test]
fn the_page_of_limits_has_the_numbers_of_the_sources() {
    let rule = |tree: &Tree| check(tree, &CONSTANTS, &SETTINGS);
    holds(rule);
    let rule = |tree: &Tree| check(tree, &[("src/a.rs", "A_BYTES", "| a | {} |")], &[("b", "`x.b` ({})")]);
    let file = ("gateway.toml", "[x]\n# b = 1_000\n");
    let source = ("src/a.rs", "/// How many.\npub(super) const A_BYTES: usize = 2 * 1024;\n");
    passes_with(rule, &[file, source, (PAGE, "| a | 2 KiB | `x.b` (1,000)")]);
    breaks_with(rule, &[file, source, (PAGE, "| a | 3 KiB | `x.b` (1,000)")]);
    breaks_with(rule, &[file, source, (PAGE, "| a | 2 KiB | `x.b` (1000)")]);
    breaks_with(rule, &[file, ("src/a.rs", "const B: u8 = 1;"), (PAGE, "| a | 2 KiB | `x.b` (1,000)")]);
}

/// What the page does not say.
fn check(tree: &Tree, constants: &[(&str, &str, &str)], settings: &[(&str, &str)]) -> Vec<String> {
    let (Some(page), Some(file)) = (tree.text(PAGE), tree.text("gateway.toml")) else { return Vec::new() };
    let said = |what: &str, value: Option<String>, phrase: &str| match value {
        None => Some(format!("{PAGE}: {what} is not there any more")),
        Some(value) => {
            let phrase = phrase.replace("{}", &value);
            (!page.contains(&phrase)).then(|| format!("{PAGE}: {what} is {value}, and the page lacks `{phrase}`"))
        }
    };
    let constants = constants.iter().filter_map(|(path, name, phrase)| {
        let value = tree.text(path).and_then(|text| constant(text, name));
        said(&format!("{path}: {name}"), value, phrase)
    });
    let settings = settings.iter().filter_map(|(name, phrase)| {
        let line =
            file.lines().find_map(|line| line.trim_start_matches(['#', ' ']).strip_prefix(&format!("{name} = ")));
        let value = line.and_then(|line| line.split_whitespace().next()?.replace('_', "").parse().ok());
        said(&format!("gateway.toml: {name}"), value.map(grouped), phrase)
    });
    constants.chain(settings).collect()
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
