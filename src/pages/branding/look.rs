//! The look: what an operator may change about the pages without touching a template.
//!
//! Plain values, as written in `[branding]` and `[ui]`; [`crate::pages::Pages::compile`] checks them and reads
//! the files. Colours are `#rrggbb`.

use std::path::PathBuf;

/// How the pages look, and in which languages they speak.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// In titles, as the logo's alternative, and as `$brand` in every string.
    pub name: String,
    /// SVG, PNG or WebP, at most 64 KiB.
    pub logo: Option<PathBuf>,
    /// Its variant for dark pages.
    pub logo_dark: Option<PathBuf>,
    /// SVG, PNG or ICO, at most 64 KiB.
    pub favicon: Option<PathBuf>,
    /// Behind the card, on screens wider than the card; PNG, JPEG or WebP, at most 512 KiB.
    pub background_image: Option<PathBuf>,
    /// Light, dark, or as the visitor's system says.
    pub theme: Theme,
    /// How round corners are.
    pub radius: Radius,
    /// Colours; only `brand` is usual, the rest is derived from it.
    pub colors: Colors,
    /// The same for dark pages.
    pub colors_dark: Colors,
    /// A stylesheet loaded after ours, at most 32 KiB.
    pub css: Option<PathBuf>,
    /// A folder whose files replace templates of the same name.
    pub templates: Option<PathBuf>,
    /// A folder of `<language>/*.ftl` whose messages replace ours one by one.
    pub strings: Option<PathBuf>,
    /// Links of the footer.
    pub links: Links,
    /// Which languages are offered; none means all.
    pub languages: Vec<String>,
    /// Which one where nothing else is asked for.
    pub default_language: String,
    /// Whether user names are e-mail addresses, so that phones show the keyboard for them.
    pub identifier_is_email: bool,
    /// Other looks for other hosts; the first that matches counts.
    pub for_hosts: Vec<HostLook>,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            name: "Sign-in".to_owned(),
            logo: None,
            logo_dark: None,
            favicon: None,
            background_image: None,
            theme: Theme::default(),
            radius: Radius::default(),
            colors: Colors::default(),
            colors_dark: Colors::default(),
            css: None,
            templates: None,
            strings: None,
            links: Links::default(),
            languages: Vec::new(),
            default_language: "en".to_owned(),
            identifier_is_email: false,
            for_hosts: Vec::new(),
        }
    }
}

/// What differs for some hosts; what is not given is as everywhere.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(missing_docs, reason = "each setting is the one of the same name in `Look`")]
pub struct HostLook {
    /// Host names, without port; `*.example.com` stands for every name below `example.com`.
    pub hosts: Vec<String>,
    pub name: Option<String>,
    pub logo: Option<PathBuf>,
    pub logo_dark: Option<PathBuf>,
    pub favicon: Option<PathBuf>,
    pub background_image: Option<PathBuf>,
    pub theme: Option<Theme>,
    pub radius: Option<Radius>,
    pub colors: Option<Colors>,
    pub colors_dark: Option<Colors>,
    pub css: Option<PathBuf>,
    pub links: Option<Links>,
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the visitor's system says.
    #[default]
    Auto,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// How round corners are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Radius {
    /// Square.
    None,
    /// A little.
    Sm,
    /// As we ship it.
    #[default]
    Md,
    /// Very.
    Lg,
}

/// Colours as `#rrggbb`. Those that are given are checked, not changed; the rest is derived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Colors {
    /// The main button and the strip at the top; everything else follows from it.
    pub brand: Option<String>,
    /// Words on the main button.
    pub on_brand: Option<String>,
    /// Links.
    pub link: Option<String>,
    /// The ring around what has the focus.
    pub focus: Option<String>,
    /// The page behind the card.
    pub bg: Option<String>,
    /// The card.
    pub surface: Option<String>,
    /// Words.
    pub text: Option<String>,
}

/// Links of the footer, the same on every page (WCAG 3.2.6).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// Help.
    pub help: Option<String>,
    /// The privacy notice.
    pub privacy: Option<String>,
    /// The terms of use.
    pub terms: Option<String>,
    /// Shown as "Contact support".
    pub support_email: Option<String>,
}
