//! Languages: what a visitor asked for, and which of ours that means.
//!
//! A choice (`ui_locales`, a list in order of preference as in OpenID Connect Core 3.1.2.1, or the
//! language cookie) comes before `Accept-Language` with its weights (RFC 9110, 12.5.4). Each tag is
//! looked up as in RFC 4647, 3.4: whole, then without its last part, and so on; at the end any language
//! of ours with the same first part counts, so that `pt-PT` finds `pt-BR`. Chinese is the exception:
//! its two scripts are not read by the same people.

use unic_langid::LanguageIdentifier;

use super::catalogue::{Catalogue, ENGLISH};

/// At most this many tags of a list are looked at.
const TAGS: usize = 16;

/// The language of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Language {
    tag: String,
    asked: String,
    right_to_left: bool,
}

impl Language {
    /// The tag of the strings, as `pt-BR`: for `lang` and the language cookie.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// For `dir`.
    pub(in crate::pages) fn direction(&self) -> &'static str {
        if self.right_to_left { "rtl" } else { "ltr" }
    }

    /// For `Accept-Language` of calls to the org, so that what we have no string for arrives in the
    /// same language: what was asked for, then what we chose, then English, as
    /// `fr-CA, fr;q=0.9, en;q=0.1`.
    pub fn accept(&self) -> String {
        let mut tags: Vec<&str> = Vec::new();
        for tag in [self.asked.as_str(), self.tag.as_str(), first_part(&self.asked), first_part(&self.tag)] {
            if !tags.contains(&tag) {
                tags.push(tag);
            }
        }
        let mut value = String::new();
        for (at, tag) in tags.iter().enumerate() {
            match at {
                0 => value.push_str(tag),
                at => value.push_str(&format!(", {tag};q=0.{}", 10 - at)),
            }
        }
        if !tags.contains(&ENGLISH) {
            value.push_str(", en;q=0.1");
        }
        value
    }
}

/// Chooses among the languages of `catalogue`.
pub(in crate::pages) fn choose(
    catalogue: &Catalogue,
    default: &str,
    chosen: Option<&str>,
    accept_language: Option<&str>,
) -> Language {
    let chosen = chosen.into_iter().flat_map(str::split_whitespace).take(TAGS).map(str::to_owned);
    let accepted = accept_language.map(weighted).unwrap_or_default();
    for wanted in chosen.chain(accepted) {
        if wanted == "*" {
            break;
        }
        // What is repeated to the org is a well-formed tag, whatever was sent.
        let Ok(asked) = wanted.parse::<LanguageIdentifier>() else {
            continue;
        };
        let asked = asked.to_string();
        if let Some(language) = lookup(catalogue, &asked) {
            return language;
        }
    }
    language(catalogue, default, default)
}

fn lookup(catalogue: &Catalogue, asked: &str) -> Option<Language> {
    let mut tag = asked;
    loop {
        if let Some(found) = catalogue.locales().iter().find(|locale| locale.tag.eq_ignore_ascii_case(tag)) {
            return Some(language(catalogue, &found.tag, asked));
        }
        match tag.rsplit_once('-') {
            Some((shorter, _)) => tag = shorter,
            None => break,
        }
    }
    let near = catalogue.locales().iter().find(|locale| tag != "zh" && first_part(&locale.tag) == tag)?;
    Some(language(catalogue, &near.tag, asked))
}

fn language(catalogue: &Catalogue, tag: &str, asked: &str) -> Language {
    let right_to_left = catalogue.locale(tag).is_some_and(|locale| locale.right_to_left);
    Language { tag: tag.to_owned(), asked: asked.to_owned(), right_to_left }
}

fn first_part(tag: &str) -> &str {
    tag.split_once('-').map_or(tag, |(first, _)| first)
}

/// The tags of an `Accept-Language`, best first; those of equal weight in the order given, those of
/// weight 0 not at all.
fn weighted(header: &str) -> Vec<String> {
    let mut tags: Vec<(String, u16)> = header
        .split(',')
        .take(TAGS)
        .filter_map(|item| {
            let mut parts = item.split(';');
            let tag = parts.next()?.trim();
            let weight = match parts.next().map(str::trim) {
                None => 1000,
                Some(weight) => thousandths(weight.strip_prefix("q=").or_else(|| weight.strip_prefix("Q="))?.trim())?,
            };
            (!tag.is_empty() && weight > 0).then(|| (tag.to_owned(), weight))
        })
        .collect();
    tags.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
    tags.into_iter().map(|(tag, _)| tag).collect()
}

/// A weight in thousandths: `0`, `1`, or either with up to three decimals (RFC 9110, 12.4.2).
fn thousandths(weight: &str) -> Option<u16> {
    let (whole, decimals) = weight.split_once('.').unwrap_or((weight, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let decimals: u16 = format!("{decimals:0<3}").parse().ok()?;
    match (whole, decimals) {
        ("0", decimals) => Some(decimals),
        ("1", 0) => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours() -> Catalogue {
        Catalogue::compile(&[], None).unwrap()
    }

    #[test]
    fn a_choice_comes_before_the_browser_s_wish_and_the_best_weight_before_the_first_place() {
        let ours = ours();
        let cases = [
            (None, None, "en", "en"),
            (Some("de"), Some("fr"), "de", "de, en;q=0.1"),
            (Some("xx de"), None, "de", "de, en;q=0.1"),
            (Some("nonsense!"), Some("ja"), "ja", "ja, en;q=0.1"),
            (None, Some("EN-gb;q=0.1, FR;q=0.9"), "fr", "fr, en;q=0.1"),
            (None, Some("fr-CA"), "fr", "fr-CA, fr;q=0.9, en;q=0.1"),
            (None, Some("pt-PT"), "pt-BR", "pt-PT, pt-BR;q=0.9, pt;q=0.8, en;q=0.1"),
            (None, Some("pt"), "pt-BR", "pt, pt-BR;q=0.9, en;q=0.1"),
            (None, Some("de;q=0, es"), "es", "es, en;q=0.1"),
            (None, Some("de;q=7, es;q=0.0001, ar"), "ar", "ar, en;q=0.1"),
            (None, Some("xx, *;q=0.5, fr;q=0.1"), "en", "en"),
            (None, Some("en-AU\r\nX: y"), "en", "en"),
            (None, Some("en-AU"), "en", "en-AU, en;q=0.9"),
        ];
        for (chosen, accepted, tag, accept) in cases {
            let language = choose(&ours, "en", chosen, accepted);
            assert_eq!((language.tag(), language.accept().as_str()), (tag, accept), "{chosen:?} {accepted:?}");
        }
    }

    #[test]
    fn only_arabic_is_written_from_right_to_left() {
        let ours = ours();
        for locale in ours.locales() {
            let language = choose(&ours, "en", Some(&locale.tag), None);
            assert_eq!(language.direction(), if locale.tag == "ar" { "rtl" } else { "ltr" });
        }
    }
}
