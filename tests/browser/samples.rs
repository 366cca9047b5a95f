//! Serves every sample page with the headers that real pages carry, for the browser tests.
//!
//! ```text
//! cargo run --example samples         prints "http://127.0.0.1:PORT" and serves until stdin closes
//! GET  /                              the names as JSON: {"pages": […], "languages": […], "looks": […]}
//! GET  /LOOK/LANGUAGE/PAGE            the page
//! POST anything                       an echo of the posted body and of the headers that count
//!
//! cargo run --release --example samples -- cost
//!                                     what each page costs: microseconds of CPU and bytes, dearest first;
//!                                     exit status 1 where one takes more than a millisecond or 12 KiB
//! ```
//!
//! Beside our languages there are two that are made up: `en-XA`, accented and 40 % longer, and `ar-XB`,
//! mirrored. A text that stays plain in them is not in the catalogue.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use fluent_syntax::ast::{Entry, Expression, Pattern, PatternElement};
use http::StatusCode;
use idx_gateway::pages::{Colors, Frame, Links, Look, Page, Pages, Radius, Theme, samples::samples};
use idx_gateway::web::{Csp, Response};

fn main() -> Result<(), Box<dyn Error>> {
    if std::env::args().nth(1).as_deref() == Some("cost") {
        return cost();
    }
    let strings = tempfile::tempdir()?;
    make_up(strings.path())?;
    let served = Arc::new(Served { looks: looks(strings.path())?, pages: samples() });
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("http://{}", listener.local_addr()?);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let served = Arc::clone(&served);
            thread::spawn(move || served.answer(stream));
        }
    });
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}

fn cost() -> Result<(), Box<dyn Error>> {
    // Unoptimised code takes some twenty times as long, and says nothing about the limit.
    const TIMES: u32 = if cfg!(debug_assertions) { 10 } else { 500 };
    let pages = Pages::compile(&Look::default()).map_err(|problems| problems.join("\n"))?;
    let mut costs = Vec::new();
    for language in ["en", "ar"] {
        let language = pages.language(Some(language), None);
        let tag = language.tag().to_owned();
        let frame = Frame { language, prefix: "/.gateway".into(), here: "/".into(), host: String::new() };
        for (name, page) in samples() {
            let begun = processor_time()?;
            let mut size = 0;
            for _ in 0..TIMES {
                size = pages.render(&page, &frame)?.len();
            }
            costs.push(((processor_time()? - begun) / TIMES, size, format!("{name} {tag}")));
        }
    }
    costs.sort();
    for (time, size, name) in costs.iter().rev() {
        println!("{:>6} µs {size:>6} bytes  {name}", time.as_micros());
    }
    let too_dear = |(time, size, _): &&(Duration, usize, String)| {
        (*time > Duration::from_millis(1) && !cfg!(debug_assertions)) || *size > 12 * 1024
    };
    match costs.iter().filter(too_dear).count() {
        0 => Ok(()),
        some => Err(format!("{some} pages take more than a millisecond or 12 KiB").into()),
    }
}

/// How long this thread has run, as Linux counts it.
fn processor_time() -> Result<Duration, Box<dyn Error>> {
    let counted = fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds = counted.split(' ').next().unwrap_or_default().parse()?;
    Ok(Duration::from_nanos(nanoseconds))
}

struct Served {
    looks: BTreeMap<&'static str, Pages>,
    pages: Vec<(&'static str, Page)>,
}

impl Served {
    fn answer(&self, mut stream: TcpStream) {
        let Ok(reader) = stream.try_clone() else { return };
        let mut reader = BufReader::new(reader);
        while let Some(request) = Request::read(&mut reader) {
            let answer = self.respond(&request);
            let mut head = format!("HTTP/1.1 {}\r\nContent-Length: {}\r\n", answer.status, answer.body.len());
            for (name, value) in &answer.headers {
                let _ = write!(head, "{name}: {}\r\n", String::from_utf8_lossy(value.as_bytes()));
            }
            head.push_str("\r\n");
            if stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&answer.body)).is_err() {
                return;
            }
        }
    }

    fn respond(&self, request: &Request) -> Response {
        if request.method == "POST" {
            let body = format!("<!doctype html><title>posted</title><pre>{}</pre>", escaped(&request.whole()));
            return Response::page(StatusCode::OK, body);
        }
        if let Some(name) = request.path.strip_prefix("/.gateway/static/") {
            let found = self.looks.values().find_map(|pages| pages.asset(name));
            return found
                .map_or(Response::empty(StatusCode::NOT_FOUND), |content| Response::asset(name, content.clone()));
        }
        let parts: Vec<&str> = request.path.trim_start_matches('/').split('/').collect();
        match parts.as_slice() {
            [""] => Response::json(StatusCode::OK, &self.index()),
            [look, language, name] => {
                let page = self.pages.iter().find(|(known, _)| known == name);
                let (Some(pages), Some((_, page))) = (self.looks.get(look), page) else {
                    return Response::empty(StatusCode::NOT_FOUND);
                };
                let frame = Frame {
                    language: pages.language(Some(language), None),
                    prefix: "/.gateway".into(),
                    here: request.path.clone(),
                    host: "apps.example.com".into(),
                };
                match pages.render(page, &frame) {
                    Ok(html) => Response::page(StatusCode::OK, html).with_policy(&Csp::page().with_images("data:")),
                    Err(error) => Response::page(StatusCode::INTERNAL_SERVER_ERROR, escaped(&error.to_string())),
                }
            }
            _ => Response::empty(StatusCode::NOT_FOUND),
        }
    }

    fn index(&self) -> serde_json::Value {
        serde_json::json!({
            "pages": self.pages.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
            "languages": ["ar", "de", "en", "es", "fr", "ja", "pt-BR", "en-XA", "ar-XB"],
            "looks": self.looks.keys().collect::<Vec<_>>(),
        })
    }
}

/// Our look, both themes forced, and colours that are hard to make readable.
fn looks(strings: &Path) -> Result<BTreeMap<&'static str, Pages>, Box<dyn Error>> {
    let plain = Look { name: "Example".into(), strings: Some(strings.into()), ..Look::default() };
    let brand = |color: &str| Look {
        colors: Colors { brand: Some(color.into()), ..Colors::default() },
        radius: Radius::Lg,
        links: Links {
            help: Some("https://help.example.com/".into()),
            privacy: Some("https://example.com/privacy".into()),
            terms: Some("https://example.com/terms".into()),
            support_email: Some("help@example.com".into()),
        },
        ..plain.clone()
    };
    let ground =
        |bg: &str, surface: &str| Colors { bg: Some(bg.into()), surface: Some(surface.into()), ..Colors::default() };
    let stone =
        Look { colors: ground("#b0b0b0", "#c0c0c0"), colors_dark: ground("#303030", "#404040"), ..plain.clone() };
    let looks = [
        ("stone", stone),
        ("plain", plain.clone()),
        ("light", Look { theme: Theme::Light, ..plain.clone() }),
        ("dark", Look { theme: Theme::Dark, ..plain.clone() }),
        ("teal", brand("#00a3a1")),
        ("yellow", brand("#ffcc00")),
        ("navy", brand("#00297a")),
        ("white", brand("#ffffff")),
        ("black", brand("#000000")),
        ("grey", brand("#808080")),
    ];
    looks
        .into_iter()
        .map(|(name, look)| Ok((name, Pages::compile(&look).map_err(|problems| problems.join("\n"))?)))
        .collect()
}

/// Writes the two made-up languages.
fn make_up(folder: &Path) -> Result<(), Box<dyn Error>> {
    let english = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/locales/en");
    for (tag, change) in [("en-XA", accented as fn(&str) -> String), ("ar-XB", mirrored)] {
        fs::create_dir_all(folder.join(tag))?;
        for file in ["auth.ftl", "device.ftl"] {
            let source = fs::read_to_string(english.join(file))?;
            let mut resource = fluent_syntax::parser::parse(source).map_err(|(_, errors)| format!("{errors:?}"))?;
            for entry in &mut resource.body {
                if let Entry::Message(message) = entry
                    && let Some(pattern) = &mut message.value
                {
                    change_words(pattern, change);
                }
            }
            fs::write(folder.join(tag).join(file), fluent_syntax::serializer::serialize(&resource))?;
        }
    }
    Ok(())
}

fn change_words(pattern: &mut Pattern<String>, change: fn(&str) -> String) {
    for element in &mut pattern.elements {
        match element {
            PatternElement::TextElement { value } => *value = change(value),
            PatternElement::Placeable { expression: Expression::Select { variants, .. } } => {
                variants.iter_mut().for_each(|variant| change_words(&mut variant.value, change));
            }
            PatternElement::Placeable { .. } => {}
        }
    }
}

/// Accents on every vowel, and 40 % more of it.
fn accented(words: &str) -> String {
    let mut changed = String::new();
    for character in words.chars() {
        match character {
            'a' => changed.push_str("áá"),
            'e' => changed.push_str("éé"),
            'i' => changed.push_str("íí"),
            'o' => changed.push_str("óó"),
            'u' => changed.push_str("úú"),
            other => changed.push(other),
        }
    }
    changed
}

/// Shown from right to left, whatever the letters (UAX #9, explicit overrides).
fn mirrored(words: &str) -> String {
    format!("\u{202e}{words}\u{202c}")
}

struct Request {
    method: String,
    path: String,
    headers: Vec<String>,
    body: String,
}

impl Request {
    fn read(reader: &mut impl BufRead) -> Option<Self> {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let mut parts = line.split_whitespace();
        let (method, target) = (parts.next()?.to_owned(), parts.next()?.to_owned());
        let mut headers = Vec::new();
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let line = line.trim().to_owned();
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().ok()?;
            }
            headers.push(line);
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let path = target.split('?').next()?.to_owned();
        Some(Self { method, path, headers, body: String::from_utf8_lossy(&body).into_owned() })
    }

    /// What a test wants to see of a post.
    fn whole(&self) -> String {
        let mut whole = format!("{} {}\n", self.method, self.path);
        for header in &self.headers {
            let _ = writeln!(whole, "{}", header.to_ascii_lowercase());
        }
        whole + "\n" + &self.body
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
