//! Okta Verify and apps like it: a push to approve, and setting the app up.

use super::by_method;
use super::screen::{Asked, Resend, Screen, Waits, to};
use crate::idx::{AuthenticatorKey as Key, Kind, Shape};
use crate::pages::{Link, Part, Text, strings};

/// A push, or another of its methods. Nothing is sent until that is pressed.
pub(super) fn choose(asked: &Asked<'_>) -> Screen {
    let screen = match leaves_method_open(asked) {
        true => Screen::new(strings::VERIFY_IT_IS_YOU).lead(strings::CHOOSE_HOW_TO_VERIFY),
        false => Screen::new(strings::GET_A_PUSH),
    };
    by_method::form(asked, screen, strings::SEND_PUSH, strings::SENDING)
}

fn leaves_method_open(asked: &Asked<'_>) -> bool {
    matches!(asked.form.method(), Some(Shape::Choice(options, _)) if options.len() > 1)
}

/// Nothing is on its way to the phone yet, or any more. What the step itself sends again needs no link beside it.
pub(super) fn push_again(asked: &Asked<'_>) -> Screen {
    let screen = Screen { resend: Resend::Not, ..Screen::new(strings::GET_A_PUSH) };
    screen.form(asked, strings::SEND_ANOTHER_PUSH, strings::SENDING)
}

/// A push is on its way: the page waits for its approval, with the number to tap.
pub(super) fn approve(asked: &Asked<'_>) -> Screen {
    let app = asked.about.and_then(|about| about.display_name.clone()).unwrap_or_else(|| "Okta Verify".to_owned());
    let number = asked.about.and_then(|about| about.context.correct_answer.clone());
    let lead = if number.is_some() { strings::TAP_NUMBER } else { strings::APPROVE_ON_PHONE };
    let resends_push =
        asked.reply.authenticator.as_ref().is_some_and(|about| matches!(about.key, Key::OktaVerify | Key::CustomApp));
    let screen = Screen {
        before: number.map(|number| Part::Number { number }).into_iter().collect(),
        waits: Waits::For(strings::WAITING_FOR_APPROVAL, strings::APPROVED_IT),
        resend: if resends_push { Resend::Words(strings::SEND_ANOTHER_PUSH) } else { Resend::Usual },
        ..Screen::new(strings::CHECK_YOUR_PHONE).lead(Text::ours(lead).with("app", app))
    };
    let form = asked.form.asks().then(|| Part::Form(asked.plain(Text::ours(strings::SAVE), strings::SAVING)));
    screen.with(form)
}

/// Setting the app up: another way to, where to send the link, waiting until it is done.
pub(super) fn set_up(asked: &Asked<'_>) -> Screen {
    let own_name =
        asked.about.filter(|about| about.key != Key::OktaVerify).and_then(|about| about.display_name.clone());
    let heading = own_name.map_or_else(|| Text::ours(strings::SET_UP_OKTA_VERIFY), Text::Theirs);
    match asked.form.kind {
        Kind::EnrollPoll => wait_for_set_up(asked, heading),
        ref kind => {
            let screen = Screen::titled(heading).lead(strings::SET_UP_OKTA_VERIFY_LEAD);
            match kind {
                Kind::EnrollmentChannelData => screen.form(asked, strings::SEND_LINK, strings::SENDING),
                _ => screen.form(asked, strings::CONTINUE, strings::BUSY),
            }
        }
    }
}

fn wait_for_set_up(asked: &Asked<'_>, heading: Text) -> Screen {
    let mut screen = Screen {
        waits: Waits::For(strings::WAITING_FOR_PHONE, strings::SET_IT_UP),
        resend: Resend::Words(strings::SEND_NEW_LINK),
        ..Screen::titled(heading)
    };
    let Some(context) = asked.about.map(|about| &about.context) else {
        return screen.lead(strings::SET_UP_OKTA_VERIFY_LEAD);
    };
    let app = context.same_device.iter().map(|link| (link, strings::SET_UP_OKTA_VERIFY));
    let download = context.download.iter().map(|link| (link, strings::GET_OKTA_VERIFY));
    if let Some((href, text)) = app.chain(download).next() {
        screen.before.push(Part::Leave { href: href.clone(), text: Text::ours(text) });
    }
    if !context.enrolled_devices.is_empty() {
        let device = |name: &String| (Text::ours(strings::FACT_DEVICE), name.clone());
        screen.before.push(Part::Facts { facts: context.enrolled_devices.iter().map(device).collect() });
    }
    let current = asked.reply.authenticator.as_ref().map(|about| &about.context);
    if let Some((Some(_), Some(download))) = current.map(|context| (&context.same_device, &context.download)) {
        screen.links.push(Link::href(strings::GET_OKTA_VERIFY, download.clone()));
    }
    match context.channel.as_deref() {
        Some("email" | "sms") => screen.lead(to(strings::LINK_SENT_TO, strings::LINK_SENT, context.sent_to.clone())),
        _ if context.qr.is_some() => screen.lead(strings::SET_UP_OKTA_VERIFY_LEAD).lead(strings::SCAN_WITH_OKTA_VERIFY),
        _ if !context.enrolled_devices.is_empty() => screen.lead(strings::SET_UP_FROM_OTHER_DEVICE),
        _ => screen.lead(strings::SET_UP_OKTA_VERIFY_LEAD),
    }
}
