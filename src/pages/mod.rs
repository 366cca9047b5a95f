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

mod assets;
mod catalogue;
mod language;
mod look;
pub mod page;
mod parameters;
pub mod samples;
mod templates;

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::value::{Serde, Value};
use minijinja::{Environment, context};

pub use assets::Asset;
pub use language::Language;
pub use look::{Colors, HostLook, Links, Look, Radius, Theme};
pub use page::*;

use assets::Assets;
use catalogue::{Catalogue, ENGLISH};

/// Every template, string and static file, compiled.
pub struct Pages {
    templates: Environment<'static>,
    catalogue: Arc<Catalogue>,
    assets: Assets,
    default_language: String,
    identifier_is_email: bool,
    look: Look,
    favicon: String,
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

/// A page that could not be rendered: a defect of a template, told with file and line.
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
        if catalogue.as_ref().is_some_and(|catalogue| catalogue.tongue(&default_language).is_none()) {
            problems.push(format!("the default language `{default_language}` is not among the languages"));
        }
        let mut assets = Assets::default();
        let mut files = BTreeMap::new();
        files.insert("auth.css", assets.keep("auth", "css", include_str!("../../templates/static/auth.css")));
        files.insert("auth.js", assets.keep("auth", "js", include_str!("../../templates/static/auth.js")));
        files.insert("favicon.svg", assets.keep("favicon", "svg", include_str!("../../templates/static/favicon.svg")));
        let favicon = files.get("favicon.svg").cloned().unwrap_or_default();
        let templates = catalogue.as_ref().and_then(|catalogue| {
            templates::compile(look.templates.as_deref(), Arc::clone(catalogue), files)
                .map_err(|found| problems.extend(found))
                .ok()
        });
        match (catalogue, templates) {
            (Some(catalogue), Some(templates)) if problems.is_empty() => Ok(Self {
                templates,
                catalogue,
                assets,
                default_language,
                identifier_is_email: look.identifier_is_email,
                look: look.clone(),
                favicon,
            }),
            _ => Err(problems),
        }
    }

    /// The page as HTML.
    pub fn render(&self, page: &Page, frame: &Frame) -> Result<String, PageError> {
        let (template, focus, content) = match page {
            Page::Step(step) => ("step.html", focus(step), Value::from(Serde(step))),
            Page::Message(message) => ("message.html", "", Value::from(Serde(message))),
            Page::Account(account) => ("account.html", "", Value::from(Serde(account))),
            Page::SignOut(sign_out) => ("sign-out.html", "", Value::from(Serde(sign_out))),
            Page::HandOver(hand_over) => ("hand-over.html", "", Value::from(Serde(hand_over))),
        };
        let languages: Vec<Value> = match self.catalogue.tongues() {
            [_] => Vec::new(),
            tongues => tongues.iter().map(|tongue| context! { tag => &tongue.tag, name => &tongue.name }).collect(),
        };
        let links = &self.look.links;
        let footer: Vec<Value> = [("help", &links.help), ("privacy", &links.privacy), ("terms", &links.terms)]
            .into_iter()
            .filter_map(|(id, href)| href.as_ref().map(|href| context! { id, href }))
            .collect();
        let brand = context! {
            name => &self.look.name,
            theme => "auto",
            favicon => format!("{}/static/{}", frame.prefix, self.favicon),
            sheets => Vec::<String>::new(),
            logo => (),
            logo_dark => (),
        };
        let context = context! {
            lang => frame.language.tag(),
            dir => frame.language.direction(),
            prefix => &frame.prefix,
            here => &frame.here,
            brand,
            brand_name => &self.look.name,
            footer,
            languages,
            identifier_is_email => self.identifier_is_email,
            focus,
            page => content,
        };
        self.templates
            .get_template(template)
            .and_then(|template| template.render(context))
            .map_err(|error| PageError(templates::told(&error, str::to_owned)))
    }

    /// Which language: an explicit choice (a `ui_locales` value or the language cookie), else
    /// `Accept-Language` with its weights, else the default.
    pub fn language(&self, chosen: Option<&str>, accept_language: Option<&str>) -> Language {
        language::choose(&self.catalogue, &self.default_language, chosen, accept_language)
    }

    /// A static file by the last part of its address.
    pub fn asset(&self, name: &str) -> Option<&Asset> {
        self.assets.find(name)
    }

    /// Whether the catalogue of this language, or English, has this id, so that callers can count what
    /// it lacks. An attribute is asked for as `id.attribute`.
    pub fn knows(&self, language: &Language, id: &str) -> bool {
        self.catalogue.knows(language.tag(), id)
    }
}

/// The id of what has the focus when the page opens; empty where nothing has.
fn focus(step: &Step) -> &str {
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
