//! Posted fields → answers, held against the current step.
//!
//! The controls are made again from the step that the org holds, so a post can fill in what the org left
//! open and nothing else. What is plainly missing or wrong is shown at once, without a call.

use crate::idx::{Answer, Answers, AuthenticatorKey, Remediation, Reply, Shape};
use crate::pages::{Control, Problem, Text, strings};

use super::fields::{BoundField, InputKind, bound};
use super::{methods, password_rules};

/// What was posted: names and values.
pub type Posted = [(String, String)];

/// The value posted under this name.
pub fn value<'a>(posted: &'a Posted, name: &str) -> Option<&'a str> {
    posted.iter().find(|(posted, _)| posted == name).map(|(_, value)| value.as_str())
}

/// Whether the person wants to stay signed in when the browser is closed, where `form` asks that.
pub fn stays(form: &Remediation, posted: &Posted) -> Option<bool> {
    let asked = ["rememberMe", "keepMeSignedIn"].into_iter().find(|name| form.field(name).is_some());
    asked.map(|name| value(posted, name) == Some("true"))
}

/// Reads the answers to `form`; where something is plainly wrong, what.
pub fn read(
    form: &Remediation,
    reply: &Reply,
    posted: &Posted,
    calling_code: Option<&str>,
) -> Result<Answers, Vec<Problem>> {
    let mut answers = Answers::default();
    let mut problems = Vec::new();
    if let Some(choice) = value(posted, "choice") {
        match choice.parse().ok().and_then(|index: usize| methods::all(form).into_iter().nth(index)) {
            Some(row) => row.answer(&mut answers),
            None => problems.push(Problem::new(strings::CHOOSE_ONE)),
        }
    }
    for control in bound(form, reply) {
        let said = value(posted, &control.name).unwrap_or_default();
        match control.input.read(said, posted, calling_code) {
            Ok(read) => control.answer(read, value(posted, &control.name).is_some(), &mut answers, &mut problems),
            Err(text) => problems.push(control.problem(text)),
        }
    }
    own_question(form, reply, posted, &mut answers, &mut problems);
    if form.needs_script() && form.answers_with("clientData") && value(posted, "clientData").is_none_or(str::is_empty) {
        // Nothing came of the ceremony: the org need not be asked what that is worth.
        problems.push(Problem::new(strings::PASSKEY_FAILED));
    }
    decide(form, posted, &mut answers);
    if problems.is_empty() {
        problems = check_password(form, reply, posted);
    }
    if problems.is_empty() { Ok(answers) } else { Err(problems) }
}

impl BoundField {
    fn answer(&self, said: String, present: bool, answers: &mut Answers, problems: &mut Vec<Problem>) {
        if said.is_empty() && self.required {
            return problems.push(self.problem(self.missing()));
        }
        if let Control::NewPassword { rules, .. } = &self.control
            && !rules.is_empty()
            && said.is_empty()
        {
            return problems.push(self.problem(Text::ours(strings::ENTER_PASSWORD)));
        }
        let answer = match self.input {
            InputKind::Tick => Answer::Bool(present),
            InputKind::WordsOrNothing if present => Answer::Exactly(said),
            InputKind::Script if said.is_empty() => return,
            InputKind::Set => match said.parse() {
                Ok(index) => Answer::Choice(index),
                Err(_) => return problems.push(self.problem(Text::ours(strings::CHOOSE_ONE))),
            },
            _ => Answer::Text(said),
        };
        if !self.name.is_empty() {
            answers.set(self.path.clone(), answer);
        }
    }

    fn problem(&self, text: Text) -> Problem {
        Problem { text, field: self.control.labelled().map(|at| at.id.clone()) }
    }

    fn missing(&self) -> Text {
        Text::ours(match self.name.as_str() {
            "identifier" => strings::ENTER_USERNAME,
            "password" => strings::ENTER_PASSWORD,
            "code" => strings::ENTER_CODE,
            "answer" => strings::ENTER_ANSWER,
            "questionKey" => strings::ENTER_QUESTION,
            "phone" => strings::PHONE_INVALID,
            _ => {
                let label = self.control.labelled().map(|at| at.label.clone());
                return label.map_or_else(
                    || Text::ours(strings::ENTER_THIS),
                    |label| Text::ours(strings::FILL_IN).with("field", label),
                );
            }
        })
    }
}

/// Whether our script could have made this: base64 or JSON of plain ASCII, and no more than a ceremony takes.
fn is_made_by_a_script(said: &str) -> bool {
    const BYTES: usize = 64 * 1024;
    let base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=-_".contains(&byte);
    let json = said.starts_with(['{', '[']) && said.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    said.len() <= BYTES && (json || said.bytes().all(base64))
}

impl InputKind {
    fn read(self, said: &str, posted: &Posted, calling_code: Option<&str>) -> Result<String, Text> {
        Ok(match self {
            Self::Script if !is_made_by_a_script(said) => return Err(Text::ours(strings::PASSKEY_FAILED)),
            Self::Exactly | Self::Script | Self::Option | Self::Set | Self::Tick => said.to_owned(),
            Self::Words | Self::WordsOrNothing => said.trim().to_owned(),
            Self::Digits => code(said),
            Self::Letters => code(said).to_uppercase(),
            Self::Phone if said.trim().is_empty() => String::new(),
            Self::Phone => {
                // E.164, and for calls an extension, in a box of its own or behind the number (`x123`).
                let call = value(posted, "methodType") == Some("voice");
                let (number, extension) = match said.split_once(['x', 'X']).filter(|_| call) {
                    Some((number, extension)) => (number, code(extension)),
                    None => (said, value(posted, "ext").filter(|_| call).map(code).unwrap_or_default()),
                };
                let number = phone(number, calling_code).ok_or_else(|| Text::ours(strings::PHONE_INVALID))?;
                match extension.as_str() {
                    "" => number,
                    digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => format!("{number}x{digits}"),
                    _ => return Err(Text::ours(strings::PHONE_INVALID)),
                }
            }
        })
    }
}

/// A code as it was meant: without spaces and dashes, full-width digits (U+FF10 and on) as plain ones.
fn code(said: &str) -> String {
    said.chars()
        .filter(|character| !character.is_whitespace() && !matches!(character, '-' | '\u{2010}'..='\u{2015}'))
        .map(|character| match character {
            '\u{ff10}'..='\u{ff19}' => char::from(b'0' + (u32::from(character) - 0xff10) as u8),
            other => other,
        })
        .collect()
}

/// A telephone number in E.164: `+` and up to 15 digits. `00` counts as `+`; a number without either gets
/// the configured calling code, and none where there is none.
fn phone(said: &str, calling_code: Option<&str>) -> Option<String> {
    let said = code(said);
    // Dropping what is no digit would send a message to a number that nobody typed.
    let plain = said.strip_prefix('+').unwrap_or(&said);
    if !plain.chars().all(|character| character.is_ascii_digit() || matches!(character, '(' | ')' | '.' | '/')) {
        return None;
    }
    let digits: String = said.chars().filter(char::is_ascii_digit).collect();
    let international = said.starts_with('+');
    let number = match (international, digits.strip_prefix("00"), calling_code) {
        (true, ..) => format!("+{digits}"),
        (_, Some(rest), _) => format!("+{rest}"),
        (_, _, Some(prefix)) => format!("{prefix}{}", digits.strip_prefix('0').unwrap_or(&digits)),
        (_, _, None) => return None,
    };
    (5..=16).contains(&number.len()).then_some(number)
}

/// Whether the second box of a new password, where it was sent, and the rules agree.
fn check_password(form: &Remediation, reply: &Reply, posted: &Posted) -> Vec<Problem> {
    let Some(new) = bound(form, reply).into_iter().find(|bound| matches!(bound.control, Control::NewPassword { .. }))
    else {
        return Vec::new();
    };
    let password = value(posted, "password").unwrap_or_default();
    if value(posted, "confirm").is_some_and(|again| again != password) {
        return vec![Problem::at("confirm", strings::PASSWORDS_DIFFER)];
    }
    match reply.password_rules_of(form) {
        Some(rules) if !password.is_empty() && !password_rules::meets(password, rules, reply.user.as_deref()) => {
            vec![new.problem(Text::ours(strings::PASSWORD_NOT_MET))]
        }
        _ => Vec::new(),
    }
}

/// A security question to set up has two shapes at the org: one of its questions, or one's own.
fn own_question(
    form: &Remediation,
    reply: &Reply,
    posted: &Posted,
    answers: &mut Answers,
    problems: &mut Vec<Problem>,
) {
    let is_question = reply.about(form).is_some_and(|about| about.key == AuthenticatorKey::Question);
    let Some(Shape::Alternatives(sets)) = form.field("credentials").map(|field| &field.shape) else { return };
    if !is_question {
        return;
    }
    let own = value(posted, "questionKey") == Some("custom");
    let index = sets.iter().position(|set| set.fields.iter().any(|member| member.name == "question") == own);
    if own && value(posted, "customQuestion").is_none_or(|question| question.trim().is_empty()) {
        problems.push(Problem::at("customQuestion", strings::ENTER_QUESTION));
    }
    answers.set(["credentials"], Answer::Choice(index.unwrap_or(0)));
}

/// Yes or no, where each is a button: consent, staying signed in.
fn decide(form: &Remediation, posted: &Posted, answers: &mut Answers) {
    for name in ["consent", "keepMeSignedIn"] {
        if form.field(name).is_some() {
            answers.set([name], Answer::Bool(value(posted, name) == Some("true")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_script_of_ours_makes_is_not_sent_to_the_org() {
        for said in ["", "aGk+/w==", r#"{"credProps":{"rk":true}}"#, r#"["usb","nfc"]"#] {
            assert!(is_made_by_a_script(said), "{said}");
        }
        for said in ["<script>", "a b", "aGk\n", "{\u{0}}", "{é}", &"A".repeat(64 * 1024 + 1)] {
            assert!(!is_made_by_a_script(said), "{said}");
        }
    }

    #[test]
    fn a_code_is_read_as_it_was_meant() {
        for (said, meant) in
            [("123456", "123456"), (" 123-456 ", "123456"), ("１２３ ４５６", "123456"), ("12–34", "1234"), ("", "")]
        {
            assert_eq!(code(said), meant, "{said}");
        }
    }

    #[test]
    fn an_extension_goes_with_a_call_and_with_nothing_else() {
        for (method, number, extension, sent) in [
            ("voice", "+1 555 123 4567", "", Some("+15551234567")),
            ("voice", "+1 555 123 4567", "12-3", Some("+15551234567x123")),
            ("voice", "+1 555 123 4567 x123", "", Some("+15551234567x123")),
            ("voice", "+1 555 123 4567X 1 2", "9", Some("+15551234567x12")),
            ("voice", "+1 555 123 4567 x12a", "", None),
            ("voice", "+1 555 123 4567", "none", None),
            ("sms", "+1 555 123 4567", "123", Some("+15551234567")),
            ("sms", "+1 555 123 4567 x123", "", None),
        ] {
            let posted = [("methodType", method), ("ext", extension)].map(|(name, value)| (name.into(), value.into()));
            let read = InputKind::Phone.read(number, &posted, None).ok();
            assert_eq!(read.as_deref(), sent, "{method} {number} {extension}");
        }
    }

    #[test]
    fn a_phone_number_is_written_internationally() {
        for (said, calling_code, meant) in [
            ("+1 (555) 123-4567", None, Some("+15551234567")),
            ("0044 7700 900123", None, Some("+447700900123")),
            ("07700 900123", Some("+44"), Some("+447700900123")),
            ("07700 900123", None, None),
            ("+", None, None),
            ("+15550100invalid", None, None),
            ("+1 555+0100", None, None),
            ("+1.555.123.4567", None, Some("+15551234567")),
            ("+12345678901234567", None, None),
        ] {
            assert_eq!(phone(said, calling_code).as_deref(), meant, "{said}");
        }
    }
}
