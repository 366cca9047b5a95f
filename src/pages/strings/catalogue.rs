//! Strings: one Fluent bundle a language, compiled at start.
//!
//! A language is a folder of `.ftl` files under `templates/locales`; `okta.ftl` beside the folders says,
//! for every language, which string answers which message key of the org. An operator's folder of the
//! same layout replaces single messages and may add languages.
//!
//! A string is looked up in the page's language, then in English. One that asks for a parameter it was
//! not given counts as missing. Parameters are isolated from the text around them only where the
//! directions differ (UAX #9, 2.7), so that English pages stay plain text.

use std::path::Path;
use std::sync::Arc;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::{CharacterDirection, LanguageIdentifier};

use super::ids::{self, StringId};
use super::operator::{self, Sources};
use super::parameters::{Parameters, parameters};
use crate::pages::text::Arg;

/// English is compiled in whatever is enabled: it answers where another language has no words.
pub(in crate::pages) const ENGLISH: &str = "en";

/// The languages we ship: tag, then file name and text.
const SHIPPED: &[(&str, &[(&str, &str)])] = include!(concat!(env!("OUT_DIR"), "/languages.rs"));

/// Which string answers which message key of the org.
const ANSWERS: &str = include_str!("../../../templates/locales/okta.ftl");

/// January first.
const MONTHS: [StringId; 12] = [
    ids::MONTH_1,
    ids::MONTH_2,
    ids::MONTH_3,
    ids::MONTH_4,
    ids::MONTH_5,
    ids::MONTH_6,
    ids::MONTH_7,
    ids::MONTH_8,
    ids::MONTH_9,
    ids::MONTH_10,
    ids::MONTH_11,
    ids::MONTH_12,
];

/// The strings of every enabled language.
pub(in crate::pages) struct Catalogue {
    locales: Vec<Locale>,
}

/// One language.
pub(in crate::pages) struct Locale {
    /// As `pt-BR`.
    pub(in crate::pages) tag: String,
    /// What its speakers call it.
    pub(in crate::pages) name: String,
    /// Whether it is written from right to left.
    pub(in crate::pages) right_to_left: bool,
    bundle: FluentBundle<Arc<FluentResource>>,
}

impl Catalogue {
    /// Compiles the enabled languages (all that there are when none is named), with what the
    /// operator's folder changes; every problem at once.
    pub(in crate::pages) fn compile(enabled: &[String], folder: Option<&Path>) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        let mut sources = shipped();
        if let Some(folder) = folder {
            operator::strings(folder, &english_parameters(), &mut sources, &mut problems);
        }
        let answers = parse("okta.ftl", ANSWERS.to_owned(), &mut problems);
        for tag in enabled.iter().filter(|tag| !sources.contains_key(*tag)) {
            let known = sources.keys().cloned().collect::<Vec<_>>().join(", ");
            problems.push(format!("there are no strings for the language `{tag}`; there are {known}"));
        }
        let mut locales = Vec::new();
        for (tag, files) in sources {
            if tag != ENGLISH && !enabled.is_empty() && !enabled.contains(&tag) {
                continue;
            }
            match locale(&tag, files, &answers, &mut problems) {
                Ok(locale) => locales.push(locale),
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() { Ok(Self { locales }) } else { Err(problems) }
    }

    /// The languages, by tag.
    pub(in crate::pages) fn locales(&self) -> &[Locale] {
        &self.locales
    }

    /// The language of this tag.
    pub(in crate::pages) fn locale(&self, tag: &str) -> Option<&Locale> {
        self.locales.iter().find(|locale| locale.tag == tag)
    }

    /// The string in this language; else `or`; else in English; none where neither has one.
    pub(in crate::pages) fn format(
        &self,
        tag: &str,
        id: &str,
        args: &[(String, Arg)],
        or: Option<&str>,
    ) -> Option<String> {
        let page = self.locale(tag);
        page.and_then(|locale| locale.format(id, args))
            .or_else(|| or.filter(|words| !words.trim().is_empty()).map(|words| self.isolate(tag, words)))
            .or_else(|| self.locale(ENGLISH).and_then(|english| english.format(id, args)))
            .or_else(|| {
                let unknown = if id.ends_with(".heading") { "okta-unknown.heading" } else { "okta-unknown" };
                (id.starts_with("okta-") && id != unknown).then(|| self.format(tag, unknown, &[], None)).flatten()
            })
    }

    /// Somebody else's words, kept apart from a page that is written the other way.
    pub(in crate::pages) fn isolate(&self, tag: &str, words: &str) -> String {
        isolated(words, self.locale(tag).is_some_and(|locale| locale.right_to_left))
    }

    /// A moment that is written as RFC 3339 has it, in words.
    pub(in crate::pages) fn moment(&self, tag: &str, written: &str) -> String {
        let locales = [tag, ENGLISH].into_iter().filter_map(|tag| self.locale(tag));
        locales.filter_map(|locale| locale.day(written)).next().unwrap_or_default()
    }

    /// Whether this language or English has the id (an attribute is asked for as `id.attribute`).
    pub(in crate::pages) fn knows(&self, tag: &str, id: &str) -> bool {
        [tag, ENGLISH].iter().filter_map(|tag| self.locale(tag)).any(|locale| locale.find(id).is_some())
    }
}

impl Locale {
    /// The string with its parameters, none where it is missing or lacks one.
    fn format(&self, id: &str, args: &[(String, Arg)]) -> Option<String> {
        let (message, attribute) = self.find(id)?;
        let message = self.bundle.get_message(&message)?;
        let pattern = match attribute {
            None => message.value()?,
            Some(name) => message.get_attribute(name)?.value(),
        };
        let mut values = FluentArgs::with_capacity(args.len());
        for (name, arg) in args {
            values.set(name.as_str(), self.value(arg));
        }
        let mut errors = Vec::new();
        let formatted = self.bundle.format_pattern(pattern, Some(&values), &mut errors).into_owned();
        errors.is_empty().then_some(formatted)
    }

    /// The message that answers this id: its own, or the one for its whole family.
    fn find<'id>(&self, id: &'id str) -> Option<(String, Option<&'id str>)> {
        let (message, attribute) = match id.split_once('.') {
            Some((message, attribute)) => (message, Some(attribute)),
            None => (id, None),
        };
        let has = |id: &str| {
            self.bundle.get_message(id).is_some_and(|found| match attribute {
                None => found.value().is_some(),
                Some(name) => found.get_attribute(name).is_some(),
            })
        };
        if has(message) {
            return Some((message.to_owned(), attribute));
        }
        if !message.starts_with("okta-") || self.bundle.has_message(message) {
            return None;
        }
        let mut family = message;
        loop {
            let any = format!("{family}-any");
            if has(&any) {
                return Some((any, attribute));
            }
            family = family.rsplit_once('-')?.0;
        }
    }

    fn value(&self, arg: &Arg) -> FluentValue<'static> {
        match arg {
            Arg::Number(number) => FluentValue::from(*number),
            // The templates have formatted it in the page's language before it comes here.
            Arg::Text(_) => FluentValue::None,
            Arg::Words(words) => {
                let day = self.day(words);
                FluentValue::from(isolated(day.as_deref().unwrap_or(words), self.right_to_left))
            }
        }
    }

    /// A day, or a moment of it, that is written as RFC 3339 has it (`2030-12-01T08:00:00.000Z`), in words.
    fn day(&self, written: &str) -> Option<String> {
        let (date, time) = written.split_once('T').map_or((written, None), |(date, time)| (date, time.get(..5)));
        let digits = |part: &str, most: u32| part.parse::<u32>().ok().filter(|number| *number <= most);
        let [year, month, day] = date.split('-').collect::<Vec<_>>().try_into().ok()?;
        let (true, Some(_), Some(month), Some(day)) =
            (date.len() == 10, digits(year, 9999), digits(month, 12), digits(day, 31))
        else {
            return None;
        };
        let words = |name: &str, value: String| (name.to_owned(), Arg::Words(value));
        let month = self.format(MONTHS.get(month.checked_sub(1)? as usize)?.name(), &[])?;
        let mut parts = vec![words("day", day.to_string()), words("month", month), words("year", year.to_owned())];
        match time.filter(|time| time.as_bytes().get(2) == Some(&b':')) {
            Some(time) => {
                parts.push(words("time", time.to_owned()));
                self.format(ids::DATE_AND_TIME.name(), &parts)
            }
            None => self.format(ids::DATE_ONLY.name(), &parts),
        }
    }
}

/// Between a first-strong isolate and its end where directions may differ; as it is elsewhere.
fn isolated(words: &str, right_to_left: bool) -> String {
    match right_to_left || words.chars().any(reads_right_to_left) {
        true => format!("\u{2068}{words}\u{2069}"),
        false => words.to_owned(),
    }
}

/// Whether a character belongs to a script written from right to left: Hebrew to Arabic Extended-A,
/// their presentation forms, and the right-to-left block of the second plane (Unicode blocks).
fn reads_right_to_left(character: char) -> bool {
    matches!(u32::from(character), 0x0590..=0x08FF | 0xFB1D..=0xFDFF | 0xFE70..=0xFEFF | 0x10800..=0x10FFF | 0x1E800..=0x1EFFF)
}

fn shipped() -> Sources {
    SHIPPED
        .iter()
        .map(|(tag, files)| {
            let files = files.iter().map(|(name, text)| (format!("{tag}/{name}"), (*text).to_owned())).collect();
            ((*tag).to_owned(), files)
        })
        .collect()
}

/// What our own strings ask for; a string of the org has its parameters by position.
fn english_parameters() -> Parameters {
    SHIPPED
        .iter()
        .filter(|(tag, _)| *tag == ENGLISH)
        .flat_map(|(_, files)| files.iter().flat_map(|(_, text)| parameters(text)))
        .collect()
}

fn locale(
    tag: &str,
    files: Vec<(String, String)>,
    answers: &Arc<FluentResource>,
    problems: &mut Vec<String>,
) -> Result<Locale, String> {
    let language: LanguageIdentifier =
        tag.parse().map_err(|_| format!("`{tag}` is not a language tag such as `fr` or `pt-BR`"))?;
    let right_to_left = language.character_direction() == CharacterDirection::RTL;
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    bundle.set_use_isolating(false);
    bundle.add_resource_overriding(Arc::clone(answers));
    for (name, text) in files {
        bundle.add_resource_overriding(parse(&name, text, problems));
    }
    let mut locale = Locale { tag: tag.to_owned(), name: String::new(), right_to_left, bundle };
    locale.name = locale.format(ids::LANGUAGE_NAME.name(), &[]).unwrap_or_else(|| tag.to_owned());
    Ok(locale)
}

/// Reads one file; what cannot be read is a problem with its line, and the rest counts.
fn parse(name: &str, text: String, problems: &mut Vec<String>) -> Arc<FluentResource> {
    match FluentResource::try_new(text) {
        Ok(resource) => Arc::new(resource),
        Err((resource, errors)) => {
            for error in errors {
                let before = resource.source().get(..error.pos.start).unwrap_or_default();
                let line = before.matches('\n').count() + 1;
                problems.push(format!("{name}:{line}: {}", error.kind));
            }
            Arc::new(resource)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn every_language_has_every_string_none_more_and_each_with_the_same_parameters() {
        let english = english_parameters();
        for (tag, files) in SHIPPED {
            let theirs: Parameters = files.iter().flat_map(|(_, text)| parameters(text)).collect();
            let differ: Vec<_> = english
                .keys()
                .chain(theirs.keys())
                .filter(|id| theirs.get(*id) != english.get(*id))
                .map(|id| format!("{id}: {:?} in English, {:?} here", english.get(id), theirs.get(id)))
                .collect();
            assert!(differ.is_empty(), "{tag}: {differ:#?}");
        }
    }

    /// A line that ended within one would read as a division, or as two numbers.
    #[test]
    fn no_line_ends_within_a_hyphened_word_or_a_telephone_number() {
        for (tag, files) in SHIPPED {
            for (name, text) in *files {
                let split =
                    text.lines().filter(|line| line.contains("+44 ") || line.to_lowercase().contains(" e-mail"));
                assert_eq!(split.collect::<Vec<_>>(), [""; 0], "{tag}/{name}: U+2011 and U+00A0 keep it together");
            }
        }
    }

    #[test]
    fn no_file_says_a_thing_twice() {
        for (tag, files) in SHIPPED {
            let mut seen = std::collections::BTreeSet::new();
            for (name, text) in *files {
                for line in text.lines().filter(|line| line.starts_with(|first: char| first.is_ascii_alphabetic())) {
                    let id = line.split(" = ").next().unwrap();
                    assert!(seen.insert(id), "{tag}/{name}: `{id}` stands there twice");
                }
            }
        }
    }

    #[test]
    fn a_day_is_said_in_the_page_s_language_and_nothing_else_is_taken_for_one() {
        let catalogue = Catalogue::compile(&[], None).unwrap();
        let formatted = |tag: &str, written: &str| {
            catalogue.format(tag, "required-by", &[("date".to_owned(), Arg::from(written))], None).unwrap()
        };
        assert_eq!(formatted("en", "2030-12-01"), "Required by 1 December 2030");
        assert_eq!(formatted("en", "2030-12-01T08:05:00.000Z"), "Required by 1 December 2030, 08:05 UTC");
        assert!(formatted("fr", "2030-12-01").contains("décembre"), "{}", formatted("fr", "2030-12-01"));
        for words in ["2030-13-01", "2030-00-01", "2030-12", "12-01-2030", "2030-12-01x", "a-b-c", "--"] {
            assert_eq!(formatted("en", words), format!("Required by {words}"));
        }
    }

    #[test]
    fn every_answer_to_the_org_can_be_said_in_every_language() {
        let catalogue = Catalogue::compile(&[], None).unwrap();
        let args = [("p0", "4"), ("date", "2030-12-01")].map(|(name, value)| (name.to_owned(), Arg::from(value)));
        for id in parameters(ANSWERS).keys() {
            for locale in catalogue.locales() {
                assert!(locale.format(id, &args).is_some(), "{id} in {}", locale.tag);
            }
        }
    }

    #[test]
    fn every_form_of_a_plural_reads_well_in_the_languages_that_have_it() {
        let catalogue = Catalogue::compile(&[], None).unwrap();
        let cases = [
            ("en", 1, "a lowercase letter"),
            ("en", 2, "2 lowercase letters"),
            ("fr", 1, "une lettre minuscule"),
            ("fr", 2, "2 lettres minuscules"),
            ("de", 1, "einen Kleinbuchstaben"),
            ("pt-BR", 2, "2 letras minúsculas"),
            ("es", 1, "una letra minúscula"),
            ("ja", 1, "小文字を 1 文字以上"),
            ("ar", 1, "حرف صغير"),
            ("ar", 2, "حرفين صغيرين"),
            ("ar", 3, "3 أحرف صغيرة"),
            ("ar", 11, "11 حرفًا صغيرًا"),
            ("ar", 100, "100 حرف صغير"),
        ];
        for (tag, n, expected) in cases {
            let formatted = catalogue.format(tag, "rule-lower", &[("n".to_owned(), Arg::Number(n))], None);
            assert_eq!(formatted.as_deref(), Some(expected), "{tag} {n}");
        }
    }

    #[test]
    fn an_address_inside_arabic_is_kept_apart_and_inside_english_is_left_alone() {
        let catalogue = Catalogue::compile(&[], None).unwrap();
        let to = |words: &str| [("to".to_owned(), Arg::Words(words.to_owned()))];
        let formatted = |tag: &str, words: &str| catalogue.format(tag, "can-email", &to(words), None).unwrap();
        assert_eq!(formatted("en", "a***a@example.com"), "We can send an email to a***a@example.com.");
        assert_eq!(formatted("en", "أدا"), "We can send an email to \u{2068}أدا\u{2069}.");
        assert!(formatted("ar", "a***a@example.com").contains("\u{2068}a***a@example.com\u{2069}"));
    }

    #[test]
    fn an_operator_replaces_single_messages_adds_a_language_and_hears_what_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("en/auth.ftl", "sign-in = Log in to { $brand }\n");
        write("it/auth.ftl", "language-name = Italiano\nsign-in = Accedi\n");
        let catalogue = Catalogue::compile(&[], Some(folder.path())).unwrap();
        let brand = [("brand".to_owned(), Arg::Words("Acme".to_owned()))];
        assert_eq!(catalogue.format("en", "sign-in", &brand, None).as_deref(), Some("Log in to Acme"));
        assert_eq!(catalogue.format("it", "sign-in", &[], None).as_deref(), Some("Accedi"));
        assert_eq!(catalogue.format("it", "next", &[], None).as_deref(), Some("Next"));

        write("en/auth.ftl", "next = Next\nbroken = { $\nsign-in = { $nobody }\n");
        let problems = Catalogue::compile(&["xx".to_owned()], Some(folder.path())).err().unwrap();
        let file = folder.path().join("en/auth.ftl").display().to_string();
        assert!(
            problems.iter().any(|problem| problem == &format!("{file}:3: `sign-in` is never given `$nobody`")),
            "{problems:?}"
        );
        assert!(problems.iter().any(|problem| problem.starts_with(&format!("{file}:2: "))), "{problems:?}");
        assert!(problems.iter().any(|problem| problem.contains("no strings for the language `xx`")), "{problems:?}");
    }

    #[test]
    fn an_operator_hears_of_strings_and_languages_that_no_page_would_ever_show() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("en/auth.ftl", "shop = Acme\nsign-in = Log in to { shop }\nokta-new-key = New\nfield-badge = Badge\n");
        assert_eq!(Catalogue::compile(&[], Some(folder.path())).err(), None);
        write("en/auth.ftl", "next = Next\n# a comment\nsignin = Log in\nnext =\n    .title = Next\n");
        write("german/auth.ftl", "sign-in = Anmelden\n");
        write("auth.ftl", "sign-in = Log in\n");
        let problems = Catalogue::compile(&[], Some(folder.path())).err().unwrap().join("\n");
        let path = folder.path().display();
        assert_eq!(
            problems,
            format!(
                "{path}/auth.ftl: stands in no language's folder\n\
                 {path}/en/auth.ftl:3: there is no string `signin` to replace\n\
                 {path}/en/auth.ftl:5: there is no string `next.title` to replace\n\
                 {path}/german: is none of ar, de, en, es, fr, ja, pt-BR, and has no `language-name` to be offered by"
            )
        );
    }
}
