//! `[headers]` and `[route.headers]`: what applications are told of people, in which headers and how it is written.
//!
//! A route's own table begins from `[headers]`: what it names is replaced, `map` and `set` are added to. With a preset of
//! its own it begins from that alone.

use std::sync::Arc;

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
    /// Literals.
    fixed: Vec<Mapping>,
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
        HeaderContract::new(Arc::clone(&self.identity), others, self.certificates, self.listed.clone())
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
        for (setting, mapping) in written(section) {
            self.mappings.retain(|earlier| !earlier.is_called(&mapping.spelled));
            self.fixed.retain(|earlier| !earlier.is_called(&mapping.spelled));
            if setting == "set" { self.fixed.push(mapping) } else { self.mappings.push(mapping) }
        }
        if let Some(table) = section.optional("authorization") {
            self.authorization = authorization(&table);
        }
        self
    }

    /// No header is written twice.
    fn keeps_clear_of(&self, certificates: CertificateHeaders, section: &Section<'_>) {
        let mapped = self.mappings.iter().map(|mapping| ("map", mapping));
        let all = mapped.chain(self.fixed.iter().map(|fixed| ("set", fixed)));
        for (table, mapping) in
            all.filter(|(_, mapping)| certificates.names().iter().any(|name| mapping.is_called(name)))
        {
            let text = "is written for clients' certificates already (tls.client_certificate_headers)";
            section.problem(&format!("{table}.{}", mapping.spelled), text);
        }
    }

    fn map(self) -> Arc<IdentityMap> {
        Arc::new(IdentityMap::new(self.mappings, self.style, self.fixed, self.authorization))
    }
}

/// Every header that `map`, `set` and `assertion` of one table write, each with the setting that does. A name has one
/// source: which of two an application would read is up to its server.
fn written(section: &Section<'_>) -> Vec<(&'static str, Mapping)> {
    let mapped = section.pairs("map").into_iter().map(|(header, source)| ("map", header, source));
    let set = section.pairs("set").into_iter().map(|(header, text)| ("set", header, format!("literal:{text}")));
    let assertion = section.flag("assertion", false);
    let assertion = assertion.then(|| ("assertion", ASSERTION.to_owned(), "assertion".to_owned()));
    let key = |setting: &str, header: &str| match setting {
        "assertion" => setting.to_owned(),
        table => format!("{table}.{header}"),
    };
    let mut all: Vec<(&str, Mapping)> = Vec::new();
    for (setting, header, source) in mapped.chain(set).chain(assertion) {
        match Mapping::new(&header, &source) {
            Ok(mapping) => match all.iter().find(|(_, earlier)| earlier.is_called(&header)) {
                Some((other, earlier)) => {
                    let other = key(other, &earlier.spelled);
                    section.problem(
                        &key(setting, &header),
                        format!("is the header of {other} too: one of them may write it"),
                    );
                }
                None => all.push((setting, mapping)),
            },
            Err(problem) => section.problem(&key(setting, &header), problem.to_string()),
        }
    }
    all
}

fn style(section: &Section<'_>, otherwise: Style) -> Style {
    let separator = section.read("separator", |text| match text.as_bytes() {
        [byte] if byte.is_ascii_punctuation() && !b"%\"\\".contains(byte) => Ok(char::from(*byte)),
        _ => Err("must be one punctuation mark, as \",\" or \"|\", and not %, \" or \\, which escape".to_owned()),
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
        section.read(name, |text| Source::parse(text).filter(|_| fits(text)).ok_or_else(|| shape.to_owned()))
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
