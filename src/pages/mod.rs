//! Pages: templates compiled at start, plain values in, HTML out, strings in the visitor's language.
//!
//! ```text
//! Look ── compile ──► Pages        every problem of templates, strings and branding at once
//! Page + Frame ── render ──► HTML  within a millisecond; no file is read, nothing is remembered
//! ```
//!
//! Nothing here knows of IDX, of sessions or of HTTP beyond addresses: `signin` says what a page shows
//! ([`page`]), the templates lay it out, the catalogue says it. Every page works without script and
//! without inline code or style, so a strict content security policy (CSP Level 3) holds. The goals are
//! those of WCAG 2.2, levels A and AA.
//!
//! Source: HTML Living Standard (forms, autofill), WCAG 2.2, Project Fluent's syntax 1.0.

mod branding;
mod check;
mod control;
mod page;
pub(crate) mod strings;
mod templates;
mod text;

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, context};
use time::OffsetDateTime;

pub use branding::{Colors, HostLook, Links, Look, Radius, Theme};
pub use check::samples;
pub use control::{Control, Labelled, Rule, SecretKind, TextKind};
pub use page::*;
pub use strings::{Family, Language, StringId};
pub use text::Text;

use branding::{Assets, Brand, Picture};
use check::{overrides, trial};
use strings::{Catalogue, ENGLISH};
use templates::Overrides;

/// The static files that we ship: name, extension, content.
const STATIC_FILES: [(&str, &str, &str); 5] = [
    ("auth", "css", include_str!("../../templates/static/auth.css")),
    ("auth", "js", include_str!("../../templates/static/auth.js")),
    ("widget", "css", include_str!("../../templates/static/widget.css")),
    ("widget", "js", include_str!("../../templates/static/widget.js")),
    ("favicon", "svg", include_str!("../../templates/static/favicon.svg")),
];

/// Every template, string and static file, compiled.
pub struct Pages {
    templates: Environment<'static>,
    catalogue: Arc<Catalogue>,
    assets: Assets,
    default_language: String,
    identifier_is_email: bool,
    /// The last is for every host.
    brands: Vec<Brand>,
}

/// What a page needs to know of the request it answers.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The page's language.
    pub language: Language,
    /// Where our own addresses begin, as `/.gateway`.
    pub prefix: String,
    /// The address that the language form returns to.
    pub here: String,
    /// The host that was asked for, for its own look; its port does not matter.
    pub host: String,
}

/// A page that could not be rendered: a defect of a template, with file and line.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct PageError(String);

impl Pages {
    /// Compiles every template and string with this look; every problem at once.
    pub fn compile(look: &Look) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        let catalogue = Catalogue::compile(&look.languages, look.strings.as_deref())
            .map(Arc::new)
            .map_err(|found| problems.extend(found))
            .ok();
        let default_language = match look.default_language.as_str() {
            "" => ENGLISH.to_owned(),
            tag => tag.to_owned(),
        };
        if catalogue.as_ref().is_some_and(|catalogue| catalogue.locale(&default_language).is_none()) {
            problems.push(format!("the default language `{default_language}` is not among the languages"));
        }
        let mut assets = Assets::default();
        let mut keep = |(name, extension, body)| (format!("{name}.{extension}"), assets.keep(name, extension, body));
        let files: BTreeMap<String, String> = STATIC_FILES.into_iter().map(&mut keep).collect();
        let brands = branding::compile(look, &files["favicon.svg"], &mut assets, &mut problems);
        let theirs = look.templates.as_deref().map(|folder| overrides::read(folder, &mut problems)).unwrap_or_default();
        let compile = |theirs: &Overrides, catalogue: &Arc<Catalogue>| {
            templates::compile(theirs, Arc::clone(catalogue), files.clone())
        };
        let templates = catalogue.as_ref().and_then(|catalogue| {
            let unfit = overrides::problems(&theirs, catalogue);
            match compile(&theirs, catalogue) {
                Ok(templates) if unfit.is_empty() => Some(templates),
                compiled => {
                    problems.extend(compiled.err().into_iter().flatten().chain(unfit));
                    None
                }
            }
        });
        let (Some(catalogue), Some(templates)) = (catalogue, templates) else {
            return Err(problems);
        };
        let identifier_is_email = look.identifier_is_email;
        let pages = Self { templates, catalogue, assets, default_language, identifier_is_email, brands };
        if !theirs.is_empty() {
            problems.extend(trial::problems(&pages, &theirs, |theirs| compile(theirs, &pages.catalogue).ok()));
        }
        if problems.is_empty() { Ok(pages) } else { Err(problems) }
    }

    /// The page as HTML.
    pub fn render(&self, page: &Page, frame: &Frame) -> Result<String, PageError> {
        self.rendered(&self.templates, page, frame)
            .map_err(|error| PageError(templates::describe(&error, str::to_owned)))
    }

    fn rendered(
        &self,
        templates: &Environment<'static>,
        page: &Page,
        frame: &Frame,
    ) -> Result<String, minijinja::Error> {
        let languages: Vec<Value> = match self.catalogue.locales() {
            [_] => Vec::new(),
            locales => locales.iter().map(|locale| context! { tag => &locale.tag, name => &locale.name }).collect(),
        };
        // The last look is for every host, so there is one.
        let Some(brand) = self.brands.iter().find(|brand| brand.is_for(&frame.host)) else {
            return Err(minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, "there is no look"));
        };
        let address = |file: &str| format!("{}/static/{file}", frame.prefix);
        let picture = |picture: &Picture| {
            context! { href => address(&picture.file), width => picture.width, height => picture.height }
        };
        let footer: Vec<Value> = brand.links.iter().map(|(id, href)| context! { id => id.name(), href }).collect();
        let context = context! {
            lang => frame.language.tag(),
            dir => frame.language.direction(),
            prefix => &frame.prefix,
            here => &frame.here,
            brand => context! {
                name => &brand.name,
                theme => brand.theme,
                color => &brand.color,
                favicon => address(&brand.favicon),
                sheets => brand.sheets.iter().map(|file| address(file)).collect::<Vec<_>>(),
                logo => brand.logo.as_ref().map(picture),
                logo_dark => brand.logo_dark.as_ref().map(picture),
            },
            footer,
            languages,
            identifier_is_email => self.identifier_is_email,
            focus => focus(page),
            page => Value::from(Serde(page)),
        };
        templates.get_template(template(page))?.render(context)
    }

    /// Which language: an explicit choice (a `ui_locales` value or the language cookie), else
    /// `Accept-Language` with its weights, else the default.
    pub fn language(&self, chosen: Option<&str>, accept_language: Option<&str>) -> Language {
        strings::choose(&self.catalogue, &self.default_language, chosen, accept_language)
    }

    /// A moment in words, as "21 November 2026, 05:42 UTC": `seconds` since 1970, as in Unix time.
    pub fn moment(&self, language: &Language, seconds: i64) -> String {
        let at = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let date = format!("{:04}-{:02}-{:02}", at.year(), u8::from(at.month()), at.day());
        self.catalogue.moment(language.tag(), &format!("{date}T{:02}:{:02}", at.hour(), at.minute()))
    }

    /// A static file by the last part of its address.
    pub fn asset(&self, name: &str) -> Option<&Bytes> {
        self.assets.find(name)
    }

    /// Whether the catalogue of this language, or English, has a string for this name, so that callers can
    /// count what it lacks.
    pub fn knows(&self, language: &Language, family: Family, name: &str) -> bool {
        self.catalogue.knows(language.tag(), &family.id(name))
    }
}

fn template(page: &Page) -> &'static str {
    match page {
        Page::Step(_) => "step.html",
        Page::Message(_) => "message.html",
        Page::Account(_) => "account.html",
        Page::Sessions(_) => "sessions.html",
        Page::SignOut(_) => "sign-out.html",
        Page::SendAgain(_) => "send-again.html",
        Page::HandOver(_) => "hand-over.html",
        Page::Widget(_) => "widget.html",
    }
}

/// The id of what has the focus when the page opens; empty where nothing has.
fn focus(page: &Page) -> &str {
    let Page::Step(step) = page else { return "" };
    match step.focus {
        Focus::Nothing => "",
        Focus::Problems => "problems",
        Focus::First => step
            .parts
            .iter()
            .flat_map(|part| match part {
                Part::Form(form) => form.controls.as_slice(),
                Part::Choices(choices) => choices.controls.as_slice(),
                _ => &[],
            })
            .find_map(|control| match control {
                Control::Text { at, .. }
                | Control::Secret { at, .. }
                | Control::NewPassword { at, .. }
                | Control::Select { at, .. } => Some(at.id.as_str()),
                _ => None,
            })
            .unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod look_tests;
