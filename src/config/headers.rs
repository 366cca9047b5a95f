//! `[headers]` and `[route.headers]`: what applications are told of people, in which headers and how it is written.
//!
//! A route's own table begins from `[headers]`: what it names is replaced, `map` and `set` are added to. With a preset of
//! its own it begins from that alone.

use std::sync::Arc;

use http::HeaderValue;

use super::reader::Section;
use crate::headers::{
    Authorization, CertificateHeaders, Escape, HeaderContract, IdentityMap, Mapping, NamePattern, NonAscii, PRESETS,
    Preset, Source, Style,
};

/// The setting that adds the assertion under its own name.
const ASSERTION: &str = "X-Gateway-Assertion";

/// `[headers]`
pub(super) struct HeaderSettings {
    told: Told,
    pub(super) identity: Arc<IdentityMap>,
    listed: Option<Vec<NamePattern>>,
    certificates: CertificateHeaders,
}

/// What identity headers are made of.
#[derive(Clone)]
struct Told {
    mappings: Vec<Mapping>,
    fixed: Vec<(Mapping, HeaderValue)>,
    style: Style,
    authorization: Option<Authorization>,
}

impl HeaderSettings {
    /// `[headers]`: the preset, what `map` adds to it or replaces of it, and whether only listed headers pass.
    pub(super) fn read(section: &Section<'_>, certificates: CertificateHeaders) -> Self {
        let (_, preset) = PRESETS[0];
        let told = Told::of(&preset).changed_by(section);
        let is_listed = section.one_of("pass", &[("unreserved", false), ("listed", true)], false);
        let listed = super::names(section, "listed");
        if is_listed == listed.is_empty() {
            section.problem("listed", "goes with pass = \"listed\": both or neither");
        }
        told.keeps_clear_of(certificates, section);
        Self { identity: told.clone().map(), told, listed: is_listed.then_some(listed), certificates }
    }

    /// `[route.headers]`, if it is there.
    pub(super) fn of_route(&self, section: &Section<'_>) -> Option<Arc<IdentityMap>> {
        section.is_there().then(|| {
            let told = self.told.clone().changed_by(section);
            told.keeps_clear_of(self.certificates, section);
            told.map()
        })
    }

    /// The contract of all routes, which write `others` besides.
    pub(super) fn contract(&self, others: &[Arc<IdentityMap>]) -> HeaderContract {
        let contract = HeaderContract::new(Arc::clone(&self.identity), others, self.listed.clone());
        contract.with_certificates(self.certificates)
    }
}

impl Told {
    fn of(preset: &Preset) -> Self {
        let mappings = preset.headers.iter().filter_map(|(header, source)| Mapping::new(header, source).ok()).collect();
        Self { mappings, fixed: Vec::new(), style: preset.style, authorization: None }
    }

    fn changed_by(mut self, section: &Section<'_>) -> Self {
        if let Some(preset) = section.choice("preset", &PRESETS) {
            self = Self::of(&preset);
        }
        self.style = style(section, self.style);
        let assertion = section.flag("assertion", false).then(|| (ASSERTION.to_owned(), "assertion".to_owned()));
        for (header, source) in section.pairs("map").into_iter().chain(assertion) {
            match Mapping::new(&header, &source) {
                Ok(mapping) => {
                    self.mappings.retain(|earlier| earlier.header != mapping.header);
                    self.mappings.push(mapping);
                }
                Err(problem) => section.problem(&format!("map.{header}"), problem.to_string()),
            }
        }
        for (header, text) in section.pairs("set") {
            let value = HeaderValue::from_str(&text).map_err(|_| "cannot stand in a header".to_owned());
            let named = Mapping::new(&header, "literal:").map_err(|problem| problem.to_string());
            match named.and_then(|named| value.map(|value| (named, value))) {
                Ok((named, value)) => {
                    self.mappings.retain(|mapping| mapping.header != named.header);
                    self.fixed.retain(|(earlier, _)| earlier.header != named.header);
                    self.fixed.push((named, value));
                }
                Err(problem) => section.problem(&format!("set.{header}"), problem),
            }
        }
        if section.given("authorization") {
            self.authorization = authorization(&section.section("authorization"));
        }
        self
    }

    /// No header is written twice.
    fn keeps_clear_of(&self, certificates: CertificateHeaders, section: &Section<'_>) {
        let own =
            |mapping: &Mapping| certificates.names().iter().any(|name| name.eq_ignore_ascii_case(&mapping.spelled));
        let mapped = self.mappings.iter().map(|mapping| ("map", mapping));
        let all = mapped.chain(self.fixed.iter().map(|(named, _)| ("set", named)));
        for (table, mapping) in all.filter(|(_, mapping)| own(mapping)) {
            let text = "is written for clients' certificates already (tls.client_certificate_headers)";
            section.problem(&format!("{table}.{}", mapping.spelled), text);
        }
    }

    fn map(self) -> Arc<IdentityMap> {
        let fixed = self.fixed.into_iter().map(|(named, value)| (named.header, named.spelled, value)).collect();
        Arc::new(IdentityMap::new(self.mappings, self.style, fixed, self.authorization))
    }
}

fn style(section: &Section<'_>, otherwise: Style) -> Style {
    let separator = section.text("separator").and_then(|text| {
        section.parsed("separator", &text, |text| match text.as_bytes() {
            [byte] if byte.is_ascii_punctuation() && !b"%\"\\".contains(byte) => Ok(char::from(*byte)),
            _ => Err("must be one character, as \",\" or \"|\"".to_owned()),
        })
    });
    let escapes = [
        ("percent", Escape::Percent),
        ("backslash", Escape::Backslash),
        ("quotes", Escape::Quotes),
        ("none", Escape::None),
    ];
    let rules = [("raw-utf8", NonAscii::RawUtf8), ("percent", NonAscii::Percent), ("rfc2047", NonAscii::Rfc2047)];
    Style {
        separator: separator.unwrap_or(otherwise.separator),
        escape: section.one_of("escape", &escapes, otherwise.escape),
        non_ascii: section.one_of("non_ascii", &rules, otherwise.non_ascii),
        sends_empty: section.one_of("empty", &[("omit", false), ("send", true)], otherwise.sends_empty),
    }
}

/// `{ basic = "preferred_username", password = … }` or `{ bearer = "assertion" }`. No other claim is a token: a name that
/// no provider makes would send nothing, and an e-mail address proves nothing.
fn authorization(section: &Section<'_>) -> Option<Authorization> {
    const USER: &str = "must be a claim, a template or \"assertion\"";
    const TOKEN: &str = "must be \"assertion\", \"id_token\" or \"access_token\"";
    let source = |name: &str, shape: &str, fits: fn(&str) -> bool| {
        let text = section.text(name)?;
        let parse = |text: &str| Source::parse(text).filter(|_| fits(text)).ok_or_else(|| shape.to_owned());
        section.parsed(name, &text, parse)
    };
    let user = source("basic", USER, |_| true);
    let token = source("bearer", TOKEN, |text| matches!(text, "assertion" | "id_token" | "access_token"));
    match (section.given("basic"), section.given("bearer"), section.secret("password")) {
        (true, false, Some(password)) => Some(Authorization::Basic(user?, password)),
        (false, true, None) => Some(Authorization::Bearer(token?)),
        _ => {
            section.problem("basic", "goes with password, and not with bearer: one of both is told");
            None
        }
    }
}
