//! Which passwords are good enough.

use crate::idx::Message;
use crate::policies::Complexity;

/// Passwords that everybody would try, however complex.
const COMMON: [&str; 4] = ["Password1", "Abcd1234", "Welcome1", "Qwerty123"];

/// Why a password is not good enough; `None` when it is.
pub(crate) fn too_weak(rules: &Complexity, password: &str, login: &str) -> Option<Message> {
    if COMMON.contains(&password) {
        let told = "This password was found in a list of commonly used passwords. Please try another password.";
        return Some(Message::error("password.common", told));
    }
    let count = |kind: fn(&char) -> bool| password.chars().filter(kind).count();
    let name = login.split('@').next().unwrap_or_default();
    let parts: Vec<_> = name.split(['.', '-', '_']).filter(|part| part.len() > 3).collect();
    let holds_name = parts.iter().any(|part| password.to_lowercase().contains(&part.to_lowercase()));
    let rules = [
        (password.chars().count() >= rules.min_length, format!("at least {} characters", rules.min_length)),
        (count(char::is_ascii_lowercase) >= rules.min_lower_case, "a lowercase letter".to_owned()),
        (count(char::is_ascii_uppercase) >= rules.min_upper_case, "an uppercase letter".to_owned()),
        (count(char::is_ascii_digit) >= rules.min_number, "a number".to_owned()),
        (count(|letter| !letter.is_alphanumeric()) >= rules.min_symbol, "a symbol".to_owned()),
        (!rules.exclude_username || !holds_name, "no parts of your username".to_owned()),
    ];
    let unmet: Vec<_> = rules.into_iter().filter(|(met, _)| !met).map(|(_, rule)| rule).collect();
    (!unmet.is_empty()).then(|| {
        let requirements = format!("Password requirements: {}.", unmet.join(", "));
        let told = format!("Password requirements were not met. {requirements}");
        Message::error("password.passwordRequirementsNotMet", told).about(requirements)
    })
}

#[cfg(test)]
mod tests {
    use super::too_weak;
    use crate::policies::Complexity;

    #[test]
    fn the_rules_that_are_not_met_are_named() {
        let told =
            |password| too_weak(&Complexity::default(), password, "mary.jones@example.com").map(|message| message.text);
        assert_eq!(told("Sandbox-1234"), None);
        for (password, unmet) in [
            ("Abc1", "at least 8 characters."),
            ("abcdefgh1", "an uppercase letter."),
            ("ABCDEFGH1", "a lowercase letter."),
            ("Abcdefghi", "a number."),
            ("xxJones-99", "no parts of your username."),
        ] {
            let expected = format!("Password requirements were not met. Password requirements: {unmet}");
            assert_eq!(told(password), Some(expected));
        }
    }

    #[test]
    fn a_password_that_everybody_tries_is_refused() {
        let message = too_weak(&Complexity::default(), "Abcd1234", "mary@example.com").expect("a refusal");
        assert_eq!(message.key, "password.common");
    }
}
