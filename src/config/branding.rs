//! `[branding]` and `[ui]`: how the pages look, what they speak, and what they offer.

use super::reader::Section;
use crate::pages::{Colors, HostLook, Links, Look, Radius, Theme};
use crate::signin::Offers;

const THEMES: [(&str, Theme); 3] = [("auto", Theme::Auto), ("light", Theme::Light), ("dark", Theme::Dark)];
const RADII: [(&str, Radius); 4] = [("none", Radius::None), ("sm", Radius::Sm), ("md", Radius::Md), ("lg", Radius::Lg)];

/// How the pages look, and in which languages they speak.
pub(super) fn look(branding: &Section<'_>, ui: &Section<'_>) -> Look {
    let otherwise = Look::default();
    let own = appearance(branding);
    Look {
        name: own.name.unwrap_or(otherwise.name),
        logo: own.logo,
        logo_dark: own.logo_dark,
        favicon: own.favicon,
        background_image: own.background_image,
        theme: own.theme.unwrap_or_default(),
        radius: own.radius.unwrap_or_default(),
        colors: own.colors.unwrap_or_default(),
        colors_dark: own.colors_dark.unwrap_or_default(),
        css: own.css,
        templates: branding.file("templates"),
        strings: branding.file("strings"),
        links: own.links.unwrap_or_default(),
        languages: ui.texts("languages").unwrap_or_default(),
        default_language: ui.text("default_language").unwrap_or(otherwise.default_language),
        identifier_is_email: ui.flag("identifier_is_email", false),
        for_hosts: branding.sections("for_hosts").iter().map(for_hosts).collect(),
    }
}

fn for_hosts(section: &Section<'_>) -> HostLook {
    HostLook { hosts: section.texts("hosts").unwrap_or_default(), ..appearance(section) }
}

/// What may differ by host.
fn appearance(section: &Section<'_>) -> HostLook {
    HostLook {
        hosts: Vec::new(),
        name: section.text("name"),
        logo: section.file("logo"),
        logo_dark: section.file("logo_dark"),
        favicon: section.file("favicon"),
        background_image: section.file("background_image"),
        theme: section.choice("theme", &THEMES),
        radius: section.choice("radius", &RADII),
        colors: section.optional("colors").map(|table| colors(&table)),
        colors_dark: section.optional("colors_dark").map(|table| colors(&table)),
        css: section.file("css"),
        links: section.optional("links").map(|table| links(&table)),
    }
}

fn colors(section: &Section<'_>) -> Colors {
    Colors {
        brand: section.text("brand"),
        on_brand: section.text("on_brand"),
        link: section.text("link"),
        focus: section.text("focus"),
        bg: section.text("bg"),
        surface: section.text("surface"),
        text: section.text("text"),
    }
}

fn links(section: &Section<'_>) -> Links {
    Links {
        help: section.text("help"),
        privacy: section.text("privacy"),
        terms: section.text("terms"),
        support_email: section.text("support_email"),
    }
}

/// What pages offer beyond what the org asks for.
pub(super) fn offers(section: &Section<'_>) -> Offers {
    let account_claims = section.texts("account_claims").unwrap_or_default();
    if account_claims.iter().any(|claim| claim.trim().is_empty()) {
        section.problem("account_claims", "names a claim without a name");
    }
    Offers {
        account_claims,
        account_url: section.read("account_url", web_address),
        request_access_url: section.read("request_access_url", web_address),
        remember_username: section.flag("remember_username", false),
        auto_redirect_single_idp: section.flag("auto_redirect_single_idp", false),
        hosted_fallback: section.flag("hosted_fallback", false),
    }
}

/// An address that a link may lead to.
fn web_address(text: &str) -> Result<String, String> {
    match url::Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "https" | "http") => Ok(text.to_owned()),
        _ => Err("must be an address that begins with https://".to_owned()),
    }
}
