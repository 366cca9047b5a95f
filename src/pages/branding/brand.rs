//! One look, compiled: names, addresses of its files, and the stylesheet that its colours become.

use std::path::PathBuf;

use super::assets::Assets;
use super::colors::{self, Shade};
use super::look::{HostLook, Look, Radius, Theme};
use super::picture::{self, Picture};
use crate::pages::strings::{self, StringId};

/// The largest logo or icon.
const PICTURE: usize = 64 * 1024;
/// The largest picture behind the card.
const BACKGROUND: usize = 512 * 1024;
/// The largest stylesheet of an operator.
const STYLESHEET: usize = 32 * 1024;
/// One look, ready to be shown. Files are named by the last part of their address.
pub(in crate::pages) struct Brand {
    pub(in crate::pages) name: String,
    pub(in crate::pages) theme: &'static str,
    /// The operator's own colour, where there is one.
    pub(in crate::pages) color: Option<String>,
    pub(in crate::pages) favicon: String,
    pub(in crate::pages) logo: Option<Picture>,
    pub(in crate::pages) logo_dark: Option<Picture>,
    pub(in crate::pages) sheets: Vec<String>,
    /// The words of each link, and where it leads.
    pub(in crate::pages) links: Vec<(StringId, String)>,
    hosts: Vec<String>,
}

/// Compiles the look for every host, and those for some of them, the plain one last.
pub(in crate::pages) fn compile(
    look: &Look,
    favicon: &str,
    assets: &mut Assets,
    problems: &mut Vec<String>,
) -> Vec<Brand> {
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
    pub(in crate::pages) fn is_for(&self, host: &str) -> bool {
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
    let mut picture = |name: &str, path: &Option<PathBuf>, kinds: &[&str], most| {
        let path = path.as_ref()?;
        let file = name.replace('_', "-");
        picture::keep(path, kinds, most, &file, assets)
            .map_err(|problem| problems.push(format!("{}: {}: {problem}", key(name), path.display())))
            .ok()
    };
    let logo = picture("logo", &look.logo, &["svg", "png", "webp"], PICTURE);
    let logo_dark = picture("logo_dark", &look.logo_dark, &["svg", "png", "webp"], PICTURE);
    let icon = picture("favicon", &look.favicon, &["svg", "png", "ico"], PICTURE);
    let behind = picture("background_image", &look.background_image, &["png", "jpg", "webp"], BACKGROUND);
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
        match picture::read(path, STYLESHEET) {
            Ok(css) => sheets.push(assets.keep("extra", "css", css)),
            Err(problem) => problems.push(format!("{}: {}: {problem}", key("css"), path.display())),
        }
    }
    Brand {
        color: look.colors.brand.clone(),
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
    let light = colors::properties(&look.colors, None, Shade::Light, &key("colors"));
    let dark = colors::properties(&look.colors_dark, brand, Shade::Dark, &key("colors_dark"));
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
