//! `[sign_in]`: how long a sign-in may take, how much visitors may do, and by which doors they come.

use std::time::Duration;

use super::providers::{self, WidgetSource};
use super::reader::Section;
use crate::limits::Allowance;
use crate::signin::doors::Doors;

/// `[sign_in]`
#[derive(Debug)]
pub struct SignInSettings {
    /// How long a sign-in may take.
    pub lifetime: Duration,
    /// How much visitors may do.
    pub allowance: Allowance,
    /// Whether passkeys are offered.
    pub passkeys: bool,
    /// Whether their RP ID may be of another domain.
    pub passkeys_of_related_origin: bool,
    /// What a telephone number without country gets.
    pub calling_code: Option<String>,
    /// How a code is come by, and where.
    pub doors: Doors,
    /// Where Okta's widget is, where there is one.
    pub widget: Option<WidgetSource>,
}

pub(super) fn read(section: &Section<'_>, known: &providers::Known) -> SignInSettings {
    let calling_code = section.read("calling_code", |text| {
        let digits = text.strip_prefix('+').unwrap_or_default();
        let is_code = (1..=4).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_code.then(|| text.to_owned()).ok_or_else(|| "must be a country's code, as \"+44\"".to_owned())
    });
    SignInSettings {
        lifetime: section.minutes("lifetime_minutes", 10..=120, 120),
        allowance: Allowance {
            starts_a_minute: section.number("starts_a_minute", 1..=1_000_000, 300),
            guesses: section.number("wrong_answers_in_ten_minutes", 1..=1_000_000, 10),
            codes: section.number("codes_in_ten_minutes", 1..=1_000_000, 10),
        },
        passkeys: section.flag("passkeys", true),
        passkeys_of_related_origin: section.flag("passkeys_of_related_origin", false),
        calling_code,
        widget: providers::widget(section),
        doors: providers::doors(section, known),
    }
}
