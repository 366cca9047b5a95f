//! What the app says: a page, JSON, or a number of bytes.

use std::io;

use serde::Serialize;
use tokio::io::{AsyncWrite, AsyncWriteExt};

use crate::Received;

/// How much of `/bytes` is written at a time.
const PIECE: usize = 16 * 1024;
static FILLING: [u8; PIECE] = [b'x'; PIECE];

/// A response, without the connection it goes to.
pub(crate) struct Answer {
    status: &'static str,
    media_type: &'static str,
    body: Body,
}

enum Body {
    Whole(String),
    Bytes { n: u64, chunked: bool },
}

/// How a response is written.
#[derive(Clone, Copy)]
pub(crate) struct Manner {
    /// Whether the body follows the head: not for HEAD.
    pub(crate) body: bool,
    /// Whether this is the connection's last response.
    pub(crate) close: bool,
}

/// The app's word on a request: a page, or JSON to a client that asks for it.
pub(crate) fn about(received: &Received) -> Answer {
    let wants_json = received.values("accept").iter().any(|value| value.contains("application/json"));
    let (media_type, body) =
        if wants_json { ("application/json", as_json(received)) } else { ("text/html; charset=utf-8", page(received)) };
    Answer { status: "200 OK", media_type, body: Body::Whole(body) }
}

/// A refusal: the app cannot tell what it was sent.
pub(crate) fn refusal(status: &'static str, why: &str) -> Answer {
    Answer { status, media_type: "text/plain; charset=utf-8", body: Body::Whole(format!("{why}\n")) }
}

impl Answer {
    /// With the body, and nothing after it.
    pub(crate) const WHOLE_AND_CLOSE: Manner = Manner { body: true, close: true };

    /// `n` bytes, none of them held in memory.
    pub(crate) fn bytes(n: u64, length_known: bool) -> Self {
        Self {
            status: "200 OK",
            media_type: "application/octet-stream",
            body: Body::Bytes { n, chunked: !length_known },
        }
    }

    /// Writes the response.
    pub(crate) async fn write<W: AsyncWrite + Unpin>(&self, to: &mut W, manner: Manner) -> io::Result<()> {
        let framing = match &self.body {
            Body::Whole(text) => format!("Content-Length: {}", text.len()),
            Body::Bytes { n, chunked: false } => format!("Content-Length: {n}"),
            Body::Bytes { chunked: true, .. } => "Transfer-Encoding: chunked".to_owned(),
        };
        let head = format!(
            "HTTP/1.1 {}\r\nContent-Type: {}\r\n{framing}\r\nCache-Control: no-store\r\nVary: Accept\r\n{}\r\n",
            self.status,
            self.media_type,
            if manner.close { "Connection: close\r\n" } else { "" },
        );
        to.write_all(head.as_bytes()).await?;
        if !manner.body {
            return to.flush().await;
        }
        match &self.body {
            Body::Whole(text) => to.write_all(text.as_bytes()).await?,
            Body::Bytes { n, chunked } => write_bytes(to, *n, *chunked).await?,
        }
        to.flush().await
    }
}

async fn write_bytes<W: AsyncWrite + Unpin>(to: &mut W, n: u64, chunked: bool) -> io::Result<()> {
    let mut left = n;
    while left > 0 {
        let piece = usize::try_from(left).map_or(PIECE, |left| left.min(PIECE));
        if chunked {
            to.write_all(format!("{piece:x}\r\n").as_bytes()).await?;
        }
        to.write_all(&FILLING[..piece]).await?;
        if chunked {
            to.write_all(b"\r\n").await?;
        }
        left -= piece as u64;
    }
    if chunked { to.write_all(b"0\r\n\r\n").await } else { Ok(()) }
}

fn as_json(received: &Received) -> String {
    let shown = Shown {
        method: &received.method,
        target: &received.target,
        headers: &received.headers,
        body_bytes: received.body_bytes.unwrap_or_default(),
    };
    serde_json::to_string(&shown).unwrap_or_default()
}

/// What a program is shown of a request.
#[derive(Serialize)]
struct Shown<'a> {
    method: &'a str,
    target: &'a str,
    headers: &'a [(String, String)],
    body_bytes: u64,
}

const STYLE: &str = "
:root { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
caption { text-align: left; padding: .5rem 0 }
th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0 }
th, td { border-top: 1px solid color-mix(in srgb, currentColor 25%, transparent) }
td, code { overflow-wrap: anywhere }
";

/// The rows of who is asking.
fn identity_rows(received: &Received) -> String {
    let identity = [
        ("User", "X-Forwarded-User"),
        ("E-mail", "X-Forwarded-Email"),
        ("Groups", "X-Forwarded-Groups"),
        ("Preferred name", "X-Forwarded-Preferred-Username"),
    ];
    let row = |(label, name)| {
        let values = received.values(name);
        let value = if values.is_empty() { "<em>not said</em>".to_owned() } else { escaped(&values.join(", ")) };
        format!("<tr><th scope=\"row\">{label}</th><td>{value}</td><td><code>{name}</code></td></tr>\n")
    };
    identity.map(row).concat()
}

/// The rows of all headers.
fn header_rows(received: &Received) -> String {
    let row = |(name, value): &(String, String)| {
        let (name, value) = (escaped(name), escaped(value));
        format!("<tr><th scope=\"row\"><code>{name}</code></th><td><code>{value}</code></td></tr>\n")
    };
    received.headers.iter().map(row).collect()
}

fn page(received: &Received) -> String {
    let (who, came) = (identity_rows(received), header_rows(received));
    let greeting = match received.values("x-forwarded-preferred-username")[..] {
        [name] => format!("Hello, {}", escaped(name)),
        _ if received.values("x-forwarded-user").is_empty() => "Hello, stranger".to_owned(),
        _ => "Hello".to_owned(),
    };
    let (method, target) = (escaped(&received.method), escaped(&received.target));
    let body_bytes = received.body_bytes.unwrap_or_default();
    format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sample app</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<h1>{greeting}</h1>
<p>This is the sample app: an old application that knows nothing of sign-in and believes the headers it is sent.</p>
<h2>Whom it takes you for</h2>
<table>
<tbody>
{who}</tbody>
</table>
<h2>What it received</h2>
<p><code>{method} {target}</code>, with a body of {body_bytes} bytes.</p>
<table>
<caption>Headers, as they arrived</caption>
<tbody>
{came}</tbody>
</table>
<h2>Try</h2>
<ul>
<li><a href="/reports?x=1">another page</a></li>
<li><a href="/bytes?n=1000000">a million bytes</a>, <a href="/slow?ms=3000">a slow answer</a></li>
<li><a href="/.gateway/account">your account at the gateway</a>, where you can sign out</li>
</ul>
</main>
</body>
</html>
"#
    )
}

/// Text as it may stand in HTML.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}
