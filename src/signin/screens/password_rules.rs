//! The rules for a new password: they are shown on the page, checked by its script while a person types, and checked here
//! again, so that an obvious mistake causes no call. The org decides.

use crate::idx::PasswordRules;
use crate::pages::{Family, Rule, StringId, Text, strings};

/// The rules in words, with the script's name for those that can be checked on the page.
pub(super) fn rules(rules: &PasswordRules, username: Option<&str>) -> Vec<Rule> {
    let mut all = Vec::new();
    let mut count = |number: u64, id: StringId, check: &str| {
        if number > 0 {
            let text = Text::ours(id).with("n", i64::try_from(number).unwrap_or(i64::MAX));
            all.push(Rule { text, check: (!check.is_empty()).then(|| (check.to_owned(), number.to_string())) });
        }
    };
    count(rules.min_length, strings::RULE_LENGTH, "minLength");
    if !rules.three_classes {
        count(rules.min_lower, strings::RULE_LOWER, "minLowerCase");
        count(rules.min_upper, strings::RULE_UPPER, "minUpperCase");
        count(rules.min_number, strings::RULE_NUMBER, "minNumber");
        count(rules.min_symbol, strings::RULE_SYMBOL, "minSymbol");
    }
    count(rules.max_repeated, strings::RULE_REPEATING, "maxConsecutive");
    count(rules.history, strings::RULE_HISTORY, "");
    count(rules.min_age_minutes.div_ceil(60), strings::RULE_AGE_HOURS, "");
    let mut say = |whether: bool, text: Text, check: Option<(String, String)>| {
        if whether {
            all.push(Rule { text, check });
        }
    };
    say(rules.three_classes, Text::ours(strings::RULE_CLASSES), Some(("adComplexity".to_owned(), "3".to_owned())));
    let parts = parts(username.unwrap_or_default());
    let exclude = (!parts.is_empty()).then(|| ("exclude".to_owned(), serde_json::json!(parts).to_string()));
    say(rules.not_username, Text::ours(strings::RULE_NO_USERNAME), exclude);
    say(rules.not_first_name, Text::ours(strings::RULE_NO_FIRST_NAME), None);
    say(rules.not_last_name, Text::ours(strings::RULE_NO_LAST_NAME), None);
    for attribute in &rules.not_attributes {
        let text = match attribute.as_str() {
            "login" => Text::ours(strings::RULE_NO_USERNAME),
            "firstName" => Text::ours(strings::RULE_NO_FIRST_NAME),
            "lastName" => Text::ours(strings::RULE_NO_LAST_NAME),
            other => Text::ours(strings::RULE_NOT_ATTRIBUTE).with("field", Text::named(Family::Field, other, other)),
        };
        if all.iter().all(|rule| rule.text != text) {
            all.push(Rule { text, check: None });
        }
    }
    all
}

/// The parts of a user name that a password may not hold, in small letters: those of four characters and more.
fn parts(username: &str) -> Vec<String> {
    let parts = username.split([',', '.', '-', '_', '#', '@']).filter(|part| part.chars().count() >= 4);
    parts.map(str::to_lowercase).collect()
}

/// Whether a password meets every rule that can be checked here.
pub(super) fn meets(password: &str, rules: &PasswordRules, username: Option<&str>) -> bool {
    let count = |which: fn(&char) -> bool| password.chars().filter(which).count() as u64;
    let classes = [
        count(|character| character.is_lowercase()),
        count(|character| character.is_uppercase()),
        count(|character| character.is_ascii_digit()),
        count(|character| character.is_ascii_punctuation()),
    ];
    let classes_met = match rules.three_classes {
        true => classes.iter().filter(|count| **count > 0).count() >= 3,
        false => {
            let needed = [rules.min_lower, rules.min_upper, rules.min_number, rules.min_symbol];
            classes.iter().zip(needed).all(|(count, needed)| *count >= needed)
        }
    };
    let contains_name = username.is_some_and(|username| {
        let password = password.to_lowercase();
        parts(username).iter().any(|part| password.contains(part))
    });
    classes_met
        && password.chars().count() as u64 >= rules.min_length
        && (rules.max_repeated == 0 || longest_run(password) <= rules.max_repeated)
        && !(rules.not_username && contains_name)
}

fn longest_run(password: &str) -> u64 {
    let (mut longest, mut run, mut last) = (0, 0, None);
    for character in password.chars() {
        run = if last == Some(character) { run + 1 } else { 1 };
        longest = longest.max(run);
        last = Some(character);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_held_against_their_rules() {
        let okta = PasswordRules {
            min_length: 8,
            min_lower: 1,
            min_upper: 1,
            min_number: 1,
            not_username: true,
            ..PasswordRules::default()
        };
        let directory = PasswordRules { min_length: 8, three_classes: true, min_symbol: 1, ..PasswordRules::default() };
        let repeated = PasswordRules { max_repeated: 2, ..PasswordRules::default() };
        for (password, rules, met) in [
            ("Abcdefg1", &okta, true),
            ("Abcdef1", &okta, false),
            ("abcdefg1", &okta, false),
            ("ABCDEFG1", &okta, false),
            ("Abcdefgh", &okta, false),
            ("Mary-1234", &okta, false),
            ("Abcdefg1", &directory, true),
            ("abcdefg1", &directory, false),
            ("aabb", &repeated, true),
            ("aaab", &repeated, false),
        ] {
            assert_eq!(meets(password, rules, Some("mary@example.com")), met, "{password}");
        }
    }
}
