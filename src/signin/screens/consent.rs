//! Yes or no: consent to what an application asks, "was this you?", staying signed in. A button each, the refusal as
//! easy as the consent.

use super::screen::{Asked, Screen};
use crate::idx::{Kind, Shape};
use crate::pages::{Control, Form, Part, StringId, Text, strings};

/// An application asks to be allowed something.
pub(super) fn screen(asked: &Asked<'_>) -> Screen {
    let app = asked.reply.app.clone().unwrap_or_default();
    let screen = Screen::titled(Text::ours(strings::APP_WANTS_ACCESS).with("app", app.as_str()))
        .lead(Text::ours(strings::APP_WILL_BE_ABLE).with("app", app));
    decision(asked, screen, "consent", strings::ALLOW, strings::DO_NOT_ALLOW)
}

/// Somebody followed the link of an e-mail.
pub(super) fn was_this_you(asked: &Asked<'_>) -> Screen {
    let screen = Screen::new(strings::WAS_THIS_YOU).lead(strings::WAS_THIS_YOU_LEAD);
    decision(asked, screen, "consent", strings::YES_IT_IS_ME, strings::NO_IT_IS_NOT_ME)
}

/// Staying signed in at the org.
pub(super) fn stay_signed_in(asked: &Asked<'_>) -> Screen {
    let screen = Screen::new(strings::STAY_SIGNED_IN).lead(strings::STAY_SIGNED_IN_LEAD);
    decision(asked, screen, "keepMeSignedIn", strings::YES_STAY_SIGNED_IN, strings::NO_STAY)
}

fn decision(asked: &Asked<'_>, screen: Screen, name: &str, yes: StringId, no: StringId) -> Screen {
    let form = asked.form;
    let is_granular = form.kind == Kind::GranularConsent;
    let mut parts = Vec::new();
    if !is_granular && !form.scopes.is_empty() {
        let scopes = form
            .scopes
            .iter()
            .map(|scope| (scope.label.clone().unwrap_or_else(|| scope.name.clone()), scope.description.clone()));
        parts.push(Part::Scopes { scopes: scopes.collect() });
    }
    let controls = if is_granular { granted(asked) } else { Vec::new() };
    let asks = Form::new(form.kind.name(), controls).choice(yes, name, "true", true).choice(no, name, "false", false);
    parts.push(Part::Form(asks.busy(strings::BUSY)));
    screen.with(parts)
}

/// The scopes of a granular consent: a box each, and the ones that are always shared.
fn granted(asked: &Asked<'_>) -> Vec<Control> {
    let scopes = &asked.form.scopes;
    let words = |name: &str| scopes.iter().find(|scope| scope.name == name).and_then(|scope| scope.label.clone());
    let mut controls: Vec<_> =
        asked.controls().into_iter().filter(|control| matches!(control, Control::Check { .. })).collect();
    for at in controls.iter_mut().filter_map(Control::labelled_mut) {
        if let Some(words) = words(at.name.strip_prefix("optedScopes.").unwrap_or(&at.name)) {
            at.label = Text::Theirs(words);
        }
    }
    if let Some(Shape::Group(members)) = asked.form.field("optedScopes").map(|field| &field.shape) {
        let fixed = members.iter().filter(|member| matches!(member.shape, Shape::Fixed(_)));
        controls.extend(fixed.map(|member| Control::Fixed {
            label: Text::ours(strings::ALWAYS_SHARED),
            value: words(&member.name).or_else(|| member.label.clone()).unwrap_or_else(|| member.name.clone()),
        }));
    }
    controls
}
