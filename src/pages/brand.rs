//! One look, compiled: names, addresses of its files, and the stylesheet that its colours become.
//!
//! A picture is what its first bytes say it is, whatever its name: PNG (RFC 2083), WebP (RFC 9649), JPEG,
//! ICO or SVG. A logo gets its size from the file, so that nothing moves while it loads.

use std::fs;
use std::path::Path;

use super::assets::Assets;
use super::look::{HostLook, Look, Radius, Theme};
use super::palette::{self, Shade};
use super::strings::{self, StringId};

/// The largest logo or icon.
const PICTURE: usize = 64 * 1024;
/// The largest picture behind the card.
const BACKGROUND: usize = 512 * 1024;
/// The largest stylesheet of an operator.
const STYLESHEET: usize = 32 * 1024;
/// The space for a logo, in CSS pixels.
const SPACE: (f64, f64) = (200.0, 40.0);

/// One look, ready to be shown. Files are named by the last part of their address.
pub(super) struct Brand {
    pub(super) name: String,
    pub(super) theme: &'static str,
    pub(super) favicon: String,
    pub(super) logo: Option<Picture>,
    pub(super) logo_dark: Option<Picture>,
    pub(super) sheets: Vec<String>,
    /// The words of each link, and where it leads.
    pub(super) links: Vec<(StringId, String)>,
    hosts: Vec<String>,
}

/// A picture with the size it is shown at.
pub(super) struct Picture {
    pub(super) file: String,
    pub(super) width: u32,
    pub(super) height: u32,
}

/// Compiles the look for every host, and those for some of them, the plain one last.
pub(super) fn compile(look: &Look, favicon: &str, assets: &mut Assets, problems: &mut Vec<String>) -> Vec<Brand> {
    let mut brands = Vec::new();
    let mut found = Vec::new();
    for (at, host) in look.for_hosts.iter().enumerate() {
        let table = format!("branding.for_hosts[{at}]");
        if host.hosts.is_empty() {
            found.push(format!("{table}.hosts: names no host"));
        }
        // What a host does not say for itself stands in the table for every host.
        let key = |name: &str| if gives(host, name) { format!("{table}.{name}") } else { format!("branding.{name}") };
        brands.push(brand(&merged(look, host), host.hosts.clone(), &key, favicon, assets, &mut found));
    }
    brands.push(brand(look, Vec::new(), &|name| format!("branding.{name}"), favicon, assets, &mut found));
    for problem in found {
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }
    brands
}

/// Whether the host's table has this setting.
fn gives(host: &HostLook, name: &str) -> bool {
    match name {
        "name" => host.name.is_some(),
        "logo" => host.logo.is_some(),
        "logo_dark" => host.logo_dark.is_some(),
        "favicon" => host.favicon.is_some(),
        "background_image" => host.background_image.is_some(),
        "colors" => host.colors.is_some(),
        "colors_dark" => host.colors_dark.is_some(),
        "css" => host.css.is_some(),
        "links" => host.links.is_some(),
        _ => false,
    }
}

impl Brand {
    /// Whether this look is for `host` (a port and case do not matter).
    pub(super) fn is_for(&self, host: &str) -> bool {
        let name = match host.rsplit_once(':') {
            Some((name, port)) if !name.is_empty() && port.bytes().all(|digit| digit.is_ascii_digit()) => name,
            _ => host,
        };
        let name = name.trim_end_matches('.');
        self.hosts.is_empty()
            || self.hosts.iter().any(|pattern| match pattern.strip_prefix("*.") {
                Some(parent) => name.len().checked_sub(parent.len() + 1).is_some_and(|at| {
                    at > 0
                        && name
                            .get(at..)
                            .is_some_and(|end| end[1..].eq_ignore_ascii_case(parent) && end.starts_with('.'))
                }),
                None => name.eq_ignore_ascii_case(pattern),
            })
    }
}

fn merged(look: &Look, host: &HostLook) -> Look {
    let or = |own: &Option<_>, all: &Option<_>| own.clone().or_else(|| all.clone());
    Look {
        name: host.name.clone().unwrap_or_else(|| look.name.clone()),
        logo: or(&host.logo, &look.logo),
        // A logo of its own must not be joined by the other look's dark one.
        logo_dark: if host.logo.is_some() { host.logo_dark.clone() } else { or(&host.logo_dark, &look.logo_dark) },
        favicon: or(&host.favicon, &look.favicon),
        background_image: or(&host.background_image, &look.background_image),
        theme: host.theme.unwrap_or(look.theme),
        radius: host.radius.unwrap_or(look.radius),
        colors: host.colors.clone().unwrap_or_else(|| look.colors.clone()),
        colors_dark: host.colors_dark.clone().unwrap_or_else(|| look.colors_dark.clone()),
        css: or(&host.css, &look.css),
        links: host.links.clone().unwrap_or_else(|| look.links.clone()),
        ..Look::default()
    }
}

fn brand(
    look: &Look,
    hosts: Vec<String>,
    key: &dyn Fn(&str) -> String,
    favicon: &str,
    assets: &mut Assets,
    problems: &mut Vec<String>,
) -> Brand {
    if look.name.trim().is_empty() {
        problems.push(format!("{}: is empty", key("name")));
    }
    let mut picture = |name: &str, path: &Option<_>, kinds: &[&str], most| {
        let path: &std::path::PathBuf = path.as_ref()?;
        read_picture(path, kinds, most)
            .map_err(|problem| problems.push(format!("{}: {}: {problem}", key(name), path.display())))
            .ok()
    };
    let mut keep = |found: Option<(&'static str, Vec<u8>)>, name: &str| {
        found.map(|(kind, bytes)| {
            let (width, height) = fit(size(kind, &bytes));
            Picture { file: assets.keep(name, kind, bytes), width, height }
        })
    };
    let logo = keep(picture("logo", &look.logo, &["svg", "png", "webp"], PICTURE), "logo");
    let logo_dark = keep(picture("logo_dark", &look.logo_dark, &["svg", "png", "webp"], PICTURE), "logo-dark");
    let icon = keep(picture("favicon", &look.favicon, &["svg", "png", "ico"], PICTURE), "icon");
    let behind =
        keep(picture("background_image", &look.background_image, &["png", "jpg", "webp"], BACKGROUND), "background");
    let (theme, logo, logo_dark) = match look.theme {
        Theme::Auto => ("auto", logo, logo_dark),
        Theme::Light => ("light", logo, None),
        Theme::Dark => ("dark", logo_dark.or(logo), None),
    };

    let mut sheets = Vec::new();
    match stylesheet(look, key, behind.as_ref()) {
        Ok(css) if css.is_empty() => {}
        Ok(css) => sheets.push(assets.keep("theme", "css", css)),
        Err(found) => problems.extend(found),
    }
    if let Some(path) = &look.css {
        match read(path, STYLESHEET) {
            Ok(css) => sheets.push(assets.keep("extra", "css", css)),
            Err(problem) => problems.push(format!("{}: {}: {problem}", key("css"), path.display())),
        }
    }
    Brand {
        name: look.name.clone(),
        theme,
        favicon: icon.map_or_else(|| favicon.to_owned(), |icon| icon.file),
        logo,
        logo_dark,
        sheets,
        links: links(look, &key("links"), problems),
        hosts,
    }
}

fn links(look: &Look, key: &str, problems: &mut Vec<String>) -> Vec<(StringId, String)> {
    let mut links = Vec::new();
    let all = [
        (strings::HELP, &look.links.help),
        (strings::PRIVACY, &look.links.privacy),
        (strings::TERMS, &look.links.terms),
    ];
    for (id, href) in all {
        let Some(href) = href else { continue };
        let ours = href.starts_with('/') && !href.starts_with("//") && !href.starts_with("/\\");
        if ours || href.starts_with("https://") || href.starts_with("http://") {
            links.push((id, href.clone()));
        } else {
            problems.push(format!("{key}.{}: `{href}` is neither an https:// address nor a path", id.name()));
        }
    }
    if let Some(address) = &look.links.support_email {
        if address.contains('@')
            && !address.contains(|character: char| character.is_whitespace() || "?&:<>".contains(character))
        {
            links.push((strings::CONTACT_SUPPORT, format!("mailto:{address}")));
        } else {
            problems.push(format!("{key}.support_email: `{address}` is not an e-mail address"));
        }
    }
    links
}

/// What differs from our stylesheet; empty where nothing does.
fn stylesheet(look: &Look, key: &dyn Fn(&str) -> String, behind: Option<&Picture>) -> Result<String, Vec<String>> {
    let brand = look.colors.brand.as_deref();
    let light = palette::properties(&look.colors, None, Shade::Light, &key("colors"));
    let dark = palette::properties(&look.colors_dark, brand, Shade::Dark, &key("colors_dark"));
    let (light, dark) = match (light, dark) {
        (Ok(light), Ok(dark)) => (light, dark),
        (light, dark) => return Err(light.err().into_iter().chain(dark.err()).flatten().collect()),
    };
    let radius = match look.radius {
        Radius::None => "--radius:0;--radius-s:0;",
        Radius::Sm => "--radius:.375rem;--radius-s:.25rem;",
        Radius::Md => "",
        Radius::Lg => "--radius:1.25rem;--radius-s:.875rem;",
    };
    let mut css = String::new();
    if !light.is_empty() || !radius.is_empty() {
        css.push_str(&format!(":root{{{radius}{light}}}\n"));
    }
    if !dark.is_empty() {
        let dark =
            format!("{{{}{dark}}}", if dark.contains("--brand-line") { "" } else { "--brand-line:transparent;" });
        css.push_str(&format!(
            "@media(prefers-color-scheme:dark){{:root:not([data-theme=light]){dark}}}\n:root[data-theme=dark]{dark}\n"
        ));
    }
    if let Some(behind) = behind {
        css.push_str(&format!(
            "@media(min-width:30.01rem){{body{{background:var(--bg) url(\"{}\") center/cover fixed}}.foot{{background:var(--surface)}}}}\n",
            behind.file
        ));
    }
    Ok(css)
}

fn read(path: &Path, most: usize) -> Result<Vec<u8>, String> {
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    match bytes.len() {
        0 => Err("is empty".to_owned()),
        size if size > most => Err(format!("has {size} bytes; at most {most} are taken")),
        _ => Ok(bytes),
    }
}

fn read_picture(path: &Path, kinds: &[&str], most: usize) -> Result<(&'static str, Vec<u8>), String> {
    let bytes = read(path, most)?;
    let kind = match bytes.as_slice() {
        [0x89, b'P', b'N', b'G', ..] => "png",
        [0xFF, 0xD8, 0xFF, ..] => "jpg",
        [0, 0, 1, 0, ..] => "ico",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "webp",
        text if String::from_utf8_lossy(text).contains("<svg") => "svg",
        _ => "something else",
    };
    if kinds.contains(&kind) { Ok((kind, bytes)) } else { Err(format!("is {kind}; it can be {}", kinds.join(", "))) }
}

/// Width and height as the file says them.
fn size(kind: &str, bytes: &[u8]) -> Option<(f64, f64)> {
    let number = |at: usize, width: usize| {
        let part = bytes.get(at..at + width)?;
        Some(part.iter().rev().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte)))
    };
    match kind {
        "png" => {
            let big = |at: usize| bytes.get(at..at + 4).and_then(|part| part.try_into().ok()).map(u32::from_be_bytes);
            Some((f64::from(big(16)?), f64::from(big(20)?)))
        }
        "webp" => match bytes.get(12..16)? {
            b"VP8X" => Some((f64::from(number(24, 3)? + 1), f64::from(number(27, 3)? + 1))),
            b"VP8L" => {
                let bits = number(21, 4)?;
                Some((f64::from((bits & 0x3FFF) + 1), f64::from((bits >> 14 & 0x3FFF) + 1)))
            }
            _ => Some((f64::from(number(26, 2)? & 0x3FFF), f64::from(number(28, 2)? & 0x3FFF))),
        },
        "svg" => {
            let text = String::from_utf8_lossy(bytes);
            let tag = text.split_once("<svg")?.1.split_once('>')?.0;
            let attribute = |name: &str| {
                tag.split_once(&format!("{name}=\"")).and_then(|(_, rest)| rest.split_once('"')).map(|(value, _)| value)
            };
            let pixels = |name: &str| attribute(&format!(" {name}"))?.trim_end_matches("px").parse::<f64>().ok();
            match (pixels("width"), pixels("height")) {
                (Some(width), Some(height)) => Some((width, height)),
                _ => {
                    let mut numbers =
                        attribute("viewBox")?.split([' ', ',']).filter_map(|part| part.parse().ok()).skip(2);
                    Some((numbers.next()?, numbers.next()?))
                }
            }
        }
        _ => None,
    }
}

/// The size at which a picture is shown, within the space for it.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and 200")]
fn fit(size: Option<(f64, f64)>) -> (u32, u32) {
    let (width, height) = size.filter(|(width, height)| *width >= 1.0 && *height >= 1.0).unwrap_or(SPACE);
    let scale = (SPACE.0 / width).min(SPACE.1 / height).min(1.0);
    ((width * scale).round().max(1.0) as u32, (height * scale).round().max(1.0) as u32)
}
