//! Methods to be challenged by, where that is open or plain (a phone's two, Okta Verify's): a button each.

use super::screen::{Asked, Screen};
use crate::idx::{AuthenticatorKey as Key, Shape};
use crate::pages::{Button, Control, Form, Part, StringId, Text, strings};

/// The screen with one button a method, and nothing sent until one is pressed; else with the form's own button.
pub(super) fn form(asked: &Asked<'_>, screen: Screen, button: StringId, busy: StringId) -> Screen {
    let mut methods = methods(asked);
    if methods.is_empty() {
        return screen.form(asked, button, busy);
    }
    // A push shows the place of our server, not of the person, so the other ways come first.
    methods.sort_by_key(|method| method == "push");
    let buttons = methods.iter().enumerate().map(|(index, method)| Button {
        text: Text::ours(match (method.as_str(), index) {
            ("sms", _) => strings::SEND_TEXT,
            ("voice", 0) => strings::CALL,
            ("voice", _) => strings::CALL_ME,
            ("totp", _) => strings::ENTER_CODE,
            ("push", _) => strings::SEND_PUSH,
            _ => strings::CONTINUE,
        }),
        sends: Some(("methodType".to_owned(), method.clone())),
        primary: index == 0,
    });
    screen.with([Part::Form(Form {
        act: asked.form.kind.name().to_owned(),
        controls: asked.controls().into_iter().filter(|control| matches!(control, Control::Check { .. })).collect(),
        buttons: buttons.collect(),
        busy: Some(Text::ours(strings::SENDING)),
        ceremony: None,
    })])
}

fn methods(asked: &Asked<'_>) -> Vec<String> {
    match (asked.form.about.as_ref().map(|about| &about.key), asked.form.method()) {
        (Some(Key::Phone | Key::OktaVerify | Key::CustomApp), Some(Shape::Choice(options, _))) => {
            let methods = options.iter().filter_map(|(_, value)| value.as_str());
            methods.filter(|method| *method != "signed_nonce").map(str::to_owned).collect()
        }
        (Some(Key::Phone), Some(Shape::Fixed(value))) => value.as_str().map(str::to_owned).into_iter().collect(),
        _ => Vec::new(),
    }
}
