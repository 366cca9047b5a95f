//! The content of a step's page, and its ways out.

use super::fields::bound;
use super::passkeys::{self, Passkeys};
use super::{View, is_by_device, is_proven, methods, not_offered};
use crate::idx::{AuthenticatorKey as Key, Kind, Remediation, Reply, Shape};
use crate::pages::{
    Button, Choices, Control, Form, Labelled, Link, Part, Poll, Provider, StringId, Text, TextKind, To, strings,
};

/// How often a page asks by itself where the org does not say.
const POLL_MILLISECONDS: u64 = 4000;

/// The content of a step, in order.
pub(super) fn of(shown: &Remediation, reply: &Reply, view: &View<'_>) -> Vec<Part> {
    if is_by_device(shown, reply) || not_offered(shown, reply, view.entry).is_some() {
        return Vec::new();
    }
    let mut parts = Vec::new();
    let context = shown.about.as_ref().or(reply.authenticator.as_ref()).map(|about| &about.context);
    if let Some(context) = context {
        if let (Some(number), Kind::ChallengePoll) = (&context.correct_answer, &shown.kind) {
            parts.push(Part::Number { number: number.clone() });
        }
        if let Some(image) = &context.qr {
            let secret = context.shared_secret.as_ref().map(|secret| in_fours(secret));
            parts.push(Part::Qr { image: image.clone(), secret, secret_first: view.on_phone });
        }
        if shown.kind == Kind::EnrollPoll {
            let set_up = context.same_device.iter().map(|link| (link, strings::SET_UP_OKTA_VERIFY));
            let get = context.download.iter().map(|link| (link, strings::GET_OKTA_VERIFY));
            if let Some((link, text)) = set_up.chain(get).next() {
                parts.push(Part::Leave { href: link.clone(), text: Text::ours(text) });
            }
            if !context.enrolled_devices.is_empty() {
                let device = |name: &String| (Text::ours(strings::FACT_DEVICE), name.clone());
                parts.push(Part::Facts { facts: context.enrolled_devices.iter().map(device).collect() });
            }
        }
    }
    if !shown.facts.is_empty() {
        parts.push(Part::Facts {
            facts: shown.facts.iter().map(|(label, value)| (Text::Theirs(label.clone()), value.clone())).collect(),
        });
    }
    parts.extend(poll(shown, reply, view));
    match &shown.kind {
        Kind::SelectAuthenticatorAuthenticate | Kind::SelectAuthenticatorEnroll | Kind::SelectAuthenticatorUnlock => {
            let optional = reply.remediation(&Kind::Skip).is_some();
            let proven = is_proven(reply, view.entry);
            let groups = methods::groups(shown, optional, *view.passkeys != Passkeys::Off, proven);
            if !groups.is_empty() {
                let controls = controls(shown, reply);
                parts.push(Part::Choices(Choices { act: shown.kind.name().to_owned(), controls, groups }));
            }
        }
        Kind::ChallengePoll if shown.asks() => parts.push(Part::Form(plain(shown, reply))),
        Kind::ChallengePoll | Kind::EnrollPoll | Kind::Poll => {}
        Kind::RedirectIdp | Kind::PivIdp | Kind::RedirectIdVerify => {}
        Kind::ReenrollCustomPassword | Kind::ReenrollCustomPasswordWarning => {
            if let Some((name, url)) = &shown.elsewhere {
                parts.push(Part::Paragraph {
                    text: Text::ours(strings::PASSWORD_ELSEWHERE_TEXT).with("name", name.as_str()),
                });
                parts.push(Part::Leave {
                    href: url.as_str().to_owned(),
                    text: Text::ours(strings::GO_TO).with("name", name.as_str()),
                });
            }
        }
        Kind::Consent
        | Kind::AdminConsent
        | Kind::GranularConsent
        | Kind::EmailChallengeConsent
        | Kind::KeepMeSignedIn => {
            parts.extend(decision(shown, reply));
        }
        Kind::AuthenticatorVerificationData if !methods(shown).is_empty() => {
            parts.push(Part::Form(by_method(shown, reply)));
        }
        _ if is_beyond_us(shown) => {}
        // A puzzle needs a vendor's script on our page; whoever can do without it may still go on.
        _ if shown.field("captchaVerify").is_some() => {
            parts.push(Part::Paragraph { text: Text::ours(strings::CAPTCHA_NOT_USABLE) });
            parts.push(Part::Form(plain(shown, reply)));
        }
        _ if shown.needs_script() => parts.extend(passkeys::ceremony(shown, reply, view)),
        Kind::LaunchAuthenticator | Kind::LaunchNfc | Kind::CancelTransaction => {}
        _ => parts.push(Part::Form(plain(shown, reply))),
    }
    parts.extend(passkeys::beside_the_name(shown, reply, view));
    parts.extend(providers(shown, reply, view));
    parts
}

fn in_fours(secret: &str) -> String {
    let characters: Vec<char> = secret.chars().filter(|character| !character.is_whitespace()).collect();
    characters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

pub(super) fn controls(shown: &Remediation, reply: &Reply) -> Vec<Control> {
    bound(shown, reply).into_iter().map(|bound| bound.control).collect()
}

/// A form with one button.
fn plain(shown: &Remediation, reply: &Reply) -> Form {
    let mut controls = controls(shown, reply);
    let calls = matches!(shown.field("authenticator").map(|field| &field.shape), Some(Shape::Group(members))
        if members.iter().any(|member| matches!(&member.shape, Shape::Choice(options, _) if options.iter().any(|(_, value)| value == "voice"))));
    if calls && controls.iter().any(|control| matches!(control, Control::Text { kind: TextKind::Phone, .. })) {
        let at = Labelled {
            id: "ext".to_owned(),
            name: "ext".to_owned(),
            label: Text::ours(strings::EXTENSION),
            hint: None,
            error: None,
            optional: true,
        };
        controls.push(Control::Text { at, kind: TextKind::Extension, value: String::new() });
    }
    let (button, busy) = button(shown, reply);
    Form {
        act: shown.kind.name().to_owned(),
        controls,
        buttons: vec![Button { text: button, sends: None, primary: true }],
        busy: Some(Text::ours(busy)),
        ceremony: None,
    }
}

fn button(shown: &Remediation, reply: &Reply) -> (Text, StringId) {
    let about = shown.about.as_ref().or(reply.authenticator.as_ref()).map(|about| &about.key);
    let (text, busy) = match (&shown.kind, about) {
        (Kind::Identify, _) if shown.field("credentials").is_some() => (strings::SIGN_IN, strings::SIGNING_IN),
        (Kind::Identify, _) => (strings::NEXT, strings::BUSY),
        (Kind::IdentifyRecovery | Kind::UnlockAccount, _) => (strings::CONTINUE, strings::BUSY),
        (Kind::ChallengeAuthenticator, Some(Key::Password)) => (strings::SIGN_IN, strings::SIGNING_IN),
        (Kind::ChallengeAuthenticator, _) => (strings::VERIFY, strings::CHECKING),
        (Kind::EnrollAuthenticator, Some(Key::Password)) => (strings::SAVE_PASSWORD, strings::SAVING),
        (Kind::EnrollAuthenticator, Some(Key::Question)) => (strings::SAVE, strings::SAVING),
        (Kind::EnrollAuthenticator, _) => (strings::VERIFY, strings::CHECKING),
        (Kind::ResetAuthenticator, Some(Key::GoogleOtp)) => (strings::VERIFY, strings::CHECKING),
        (Kind::ResetAuthenticator | Kind::ReenrollAuthenticator | Kind::ReenrollAuthenticatorWarning, _) => {
            (strings::SAVE_PASSWORD, strings::SAVING)
        }
        (Kind::AuthenticatorVerificationData | Kind::AuthenticatorEnrollmentData, Some(Key::Email)) => {
            (strings::SEND_EMAIL, strings::SENDING)
        }
        (Kind::AuthenticatorVerificationData, Some(Key::OktaVerify | Key::CustomApp)) => {
            (strings::SEND_PUSH, strings::SENDING)
        }
        (Kind::AuthenticatorEnrollmentData, Some(Key::Phone)) => (strings::SEND_CODE, strings::SENDING),
        (Kind::EnrollmentChannelData, _) => (strings::SEND_LINK, strings::SENDING),
        (Kind::Resend, _) => (strings::SEND_ANOTHER_PUSH, strings::SENDING),
        (Kind::ChallengePoll, _) => (strings::SAVE, strings::SAVING),
        (Kind::EnrollProfile, _) => match &reply.display.1 {
            Some(label) => return (Text::Theirs(label.clone()), strings::SAVING),
            None => (strings::REGISTER_BUTTON, strings::SAVING),
        },
        (Kind::ProfileUpdate, _) => (strings::SAVE, strings::SAVING),
        (Kind::RequestActivationEmail, _) => (strings::SEND_NEW_LINK, strings::SENDING),
        (Kind::UserCode, _) => (strings::NEXT, strings::BUSY),
        (Kind::DeviceAssuranceGracePeriod, _) => (strings::CONTINUE_TO_APP, strings::BUSY),
        (Kind::SelectIdentify, _) if shown.asks() => (strings::NEXT, strings::BUSY),
        (Kind::SelectIdentify, _) => (strings::HAVE_AN_ACCOUNT, strings::BUSY),
        (Kind::SelectEnrollProfile, _) => (strings::CREATE_ACCOUNT, strings::BUSY),
        (Kind::Skip, _) => (strings::SKIP, strings::BUSY),
        (Kind::LaunchWebauthn, _) => (strings::SIGN_IN_WITH_PASSKEY, strings::BUSY),
        _ => (strings::CONTINUE, strings::BUSY),
    };
    (Text::ours(text), busy)
}

/// Yes or no, a button each, the refusal as easy as the consent.
fn decision(shown: &Remediation, reply: &Reply) -> Vec<Part> {
    let (name, yes, no) = match shown.kind {
        Kind::KeepMeSignedIn => ("keepMeSignedIn", strings::YES_STAY_SIGNED_IN, strings::NO_STAY),
        Kind::EmailChallengeConsent => ("consent", strings::YES_IT_IS_ME, strings::NO_IT_IS_NOT_ME),
        _ => ("consent", strings::ALLOW, strings::DO_NOT_ALLOW),
    };
    let mut parts = Vec::new();
    if shown.kind != Kind::GranularConsent && !shown.scopes.is_empty() {
        let scopes = shown
            .scopes
            .iter()
            .map(|scope| (scope.label.clone().unwrap_or_else(|| scope.name.clone()), scope.description.clone()));
        parts.push(Part::Scopes { scopes: scopes.collect() });
    }
    let controls = if shown.kind == Kind::GranularConsent { granted(shown, reply) } else { Vec::new() };
    let button = |text: StringId, value: &str| Button {
        text: Text::ours(text),
        sends: Some((name.to_owned(), value.to_owned())),
        primary: value == "true",
    };
    parts.push(Part::Form(Form {
        act: shown.kind.name().to_owned(),
        controls,
        buttons: vec![button(yes, "true"), button(no, "false")],
        busy: Some(Text::ours(strings::BUSY)),
        ceremony: None,
    }));
    parts
}

/// The scopes of a granular consent: a box each, and the ones that are always shared.
fn granted(shown: &Remediation, reply: &Reply) -> Vec<Control> {
    let words = |name: &str| shown.scopes.iter().find(|scope| scope.name == name).and_then(|scope| scope.label.clone());
    let mut controls: Vec<_> =
        controls(shown, reply).into_iter().filter(|control| matches!(control, Control::Check { .. })).collect();
    for at in controls.iter_mut().filter_map(Control::labelled_mut) {
        if let Some(words) = words(at.name.strip_prefix("optedScopes.").unwrap_or(&at.name)) {
            at.label = Text::Theirs(words);
        }
    }
    if let Some(Shape::Group(members)) = shown.field("optedScopes").map(|field| &field.shape) {
        let fixed = members.iter().filter(|member| matches!(member.shape, Shape::Fixed(_)));
        controls.extend(fixed.map(|member| Control::Fixed {
            label: Text::ours(strings::ALWAYS_SHARED),
            value: words(&member.name).or_else(|| member.label.clone()).unwrap_or_else(|| member.name.clone()),
        }));
    }
    controls
}

/// The methods to be challenged by, where that is open or plain: a phone's two, Okta Verify's.
fn methods(shown: &Remediation) -> Vec<String> {
    let about = shown.about.as_ref().map(|about| &about.key);
    let Some(Shape::Group(members)) = shown.field("authenticator").map(|field| &field.shape) else { return Vec::new() };
    let method = members.iter().find(|member| member.name == "methodType").map(|method| &method.shape);
    match (about, method) {
        (Some(Key::Phone | Key::OktaVerify | Key::CustomApp), Some(Shape::Choice(options, _))) => {
            let methods = options.iter().filter_map(|(_, value)| value.as_str());
            methods.filter(|method| *method != "signed_nonce").map(str::to_owned).collect()
        }
        (Some(Key::Phone), Some(Shape::Fixed(value))) => value.as_str().map(str::to_owned).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// One button a method, and nothing sent until one is pressed.
fn by_method(shown: &Remediation, reply: &Reply) -> Form {
    let mut methods = methods(shown);
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
    let controls = controls(shown, reply).into_iter().filter(|control| matches!(control, Control::Check { .. }));
    Form {
        act: shown.kind.name().to_owned(),
        controls: controls.collect(),
        buttons: buttons.collect(),
        busy: Some(Text::ours(strings::SENDING)),
        ceremony: None,
    }
}

/// Something that no form of ours can answer: a vendor's frame, a card to tap.
fn is_beyond_us(shown: &Remediation) -> bool {
    let vendor = shown.about.as_ref().is_some_and(|about| matches!(about.key, Key::Duo | Key::NfcPin | Key::SmartCard));
    let nothing = matches!(shown.kind, Kind::Other(_)) && (shown.href.is_none() || shown.navigates);
    let unanswerable = shown.needs_script() || !shown.asks();
    nothing || (vendor && unanswerable && shown.kind != Kind::RedirectIdp)
}

/// Other identity providers: links, because a form's post may not end on another site.
fn providers(shown: &Remediation, reply: &Reply, view: &View<'_>) -> Vec<Part> {
    let front = matches!(
        shown.kind,
        Kind::Identify | Kind::EnrollProfile | Kind::RedirectIdp | Kind::PivIdp | Kind::RedirectIdVerify
    );
    let leaves = |kind: &Kind| matches!(kind, Kind::RedirectIdp | Kind::PivIdp | Kind::RedirectIdVerify);
    let providers: Vec<_> = reply
        .remediations
        .iter()
        .enumerate()
        .filter(|(_, remediation)| leaves(&remediation.kind) && remediation.href.is_some())
        .map(|(index, remediation)| Provider {
            href: format!("{}/idp/{index}", view.post.action),
            name: remediation
                .provider
                .as_ref()
                .map(|provider| provider.name.clone())
                .or_else(|| remediation.about.as_ref()?.display_name.clone())
                .or_else(|| remediation.label.clone())
                .unwrap_or_default(),
            kind: remediation.provider.as_ref().map(|provider| provider.kind.to_ascii_lowercase()).unwrap_or_default(),
        })
        .collect();
    match (front && !providers.is_empty(), leaves(&shown.kind)) {
        (false, _) => Vec::new(),
        (true, true) => vec![Part::Providers { providers }],
        (true, false) => vec![Part::Or, Part::Providers { providers }],
    }
}

fn poll(shown: &Remediation, reply: &Reply, view: &View<'_>) -> Option<Part> {
    if matches!(shown.kind, Kind::SelectAuthenticatorAuthenticate | Kind::SelectAuthenticatorEnroll) {
        return None;
    }
    let form = reply.poll().filter(|_| reply.first().is_some_and(|first| first.kind == shown.kind))?;
    let (waiting, button) = match shown.kind {
        Kind::EnrollPoll => (strings::WAITING_FOR_PHONE, strings::SET_IT_UP),
        Kind::ChallengePoll => (strings::WAITING_FOR_APPROVAL, strings::APPROVED_IT),
        Kind::Poll => (strings::BUSY, strings::TRY_AGAIN),
        _ if reply.authenticator.as_ref().is_some_and(|about| about.key == Key::Email && !about.context.magic_link) => {
            return None;
        }
        _ => (strings::WAITING_FOR_LINK, strings::OPENED_THE_LINK),
    };
    Some(Part::Poll(Poll {
        url: format!("{}/poll", view.post.action),
        refresh: form.refresh.map_or(POLL_MILLISECONDS, |refresh| refresh.as_millis().clamp(1000, 60_000) as u64),
        waiting: Text::ours(waiting),
        button: Text::ours(button),
        stopped: Text::ours(strings::STOPPED_CHECKING),
        act: "poll".to_owned(),
        countdown: shown.kind == Kind::Poll,
    }))
}

/// What leads back to a step that was left for another page of the same reply.
fn back_to(step: &Remediation, reply: &Reply) -> StringId {
    let about = step.about.as_ref().or(reply.authenticator.as_ref()).map(|about| &about.key);
    match (&step.kind, about) {
        (Kind::Identify, _) => strings::SIGN_IN_WITH_USERNAME,
        (Kind::ChallengeAuthenticator, Some(Key::Password)) => strings::ENTER_PASSWORD,
        (Kind::ChallengeAuthenticator, Some(Key::Question)) => strings::ANSWER_QUESTION,
        (Kind::ChallengeAuthenticator, Some(Key::Webauthn)) => strings::USE_YOUR_PASSKEY,
        (Kind::EnrollAuthenticator, Some(Key::Password)) => strings::CHOOSE_A_PASSWORD,
        (Kind::EnrollAuthenticator, Some(Key::Question)) => strings::CHOOSE_QUESTION,
        (Kind::EnrollAuthenticator, Some(Key::Webauthn)) => strings::CREATE_A_PASSKEY,
        _ => strings::ENTER_CODE,
    }
}

/// The ways out of a step.
pub(super) fn links(shown: &Remediation, reply: &Reply, view: &View<'_>) -> Vec<Link> {
    let mut links = Vec::new();
    let post = |text: StringId, act: &str| Link { text: Text::ours(text), to: To::Post(act.to_owned()) };
    let at_first = reply.first().is_some_and(|first| first.kind == shown.kind);
    // What the step itself sends again needs no link beside it.
    if at_first
        && shown.kind != Kind::Resend
        && !is_by_device(shown, reply)
        && let Some(resend) = reply.resend()
    {
        let text = match reply.authenticator.as_ref().map(|about| &about.key) {
            _ if shown.kind == Kind::EnrollPoll => strings::SEND_NEW_LINK,
            Some(Key::Email) => strings::SEND_AGAIN,
            Some(Key::OktaVerify | Key::CustomApp) if shown.kind == Kind::ChallengePoll => strings::SEND_ANOTHER_PUSH,
            _ => strings::SEND_NEW_CODE,
        };
        links.push(post(text, &resend.name));
    }
    if let Some(recover) = reply.recover() {
        links.push(post(strings::FORGOT_PASSWORD, &recover.name));
    }
    let page =
        |other: &Remediation| To::Href(format!("{}?show={}&s={}", view.post.action, other.kind.name(), view.post.step));
    // What has to be filled in first has a page of its own.
    let page_or_post = |other: &Remediation| match other.asks() {
        true => page(other),
        false => To::Post(other.kind.name().to_owned()),
    };
    let link = |text: StringId, to: To| Link { text: Text::ours(text), to };
    for other in
        reply.remediations.iter().filter(|other| other.kind != shown.kind && other.href.is_some() && !other.navigates)
    {
        let is_first = reply.first().is_some_and(|first| first.kind == other.kind);
        match &other.kind {
            Kind::SelectAuthenticatorAuthenticate | Kind::SelectAuthenticatorEnroll => {
                // The list is also the way back to the number that a code was sent to.
                let mistyped = shown.kind == Kind::EnrollAuthenticator && reply.is_about(&Key::Phone);
                match methods::others(other, reply) {
                    // What an account has would tell that there is one.
                    more if more || !is_proven(reply, view.entry) => {
                        links.push(link(strings::TRY_ANOTHER_WAY, page(other)))
                    }
                    _ if mistyped => links.push(link(strings::USE_ANOTHER_NUMBER, page(other))),
                    _ => {}
                }
            }
            Kind::Skip => {
                let text = match shown.kind {
                    Kind::ReenrollAuthenticatorWarning
                    | Kind::ReenrollCustomPasswordWarning
                    | Kind::SelectAuthenticatorEnroll => strings::REMIND_ME_LATER,
                    Kind::EnrollPromotion => strings::NOT_NOW,
                    Kind::DeviceAssuranceGracePeriod => strings::CONTINUE_TO_APP,
                    _ => strings::SKIP,
                };
                links.push(post(text, other.kind.name()));
            }
            Kind::UnlockAccount => links.push(link(strings::UNLOCK_ACCOUNT, page_or_post(other))),
            Kind::SelectEnrollProfile => links.push(link(strings::CREATE_ACCOUNT, page_or_post(other))),
            Kind::SelectIdentify => links.push(link(strings::HAVE_AN_ACCOUNT, page_or_post(other))),
            Kind::LaunchWebauthn if *view.passkeys != Passkeys::Off => {
                links.push(post(strings::SIGN_IN_WITH_PASSKEY, other.kind.name()));
            }
            Kind::SelectEnrollmentChannel => links.push(link(strings::SET_UP_ANOTHER_WAY, page(other))),
            Kind::Resend => links.push(link(strings::SEND_ANOTHER_PUSH, page(other))),
            Kind::AuthenticatorVerificationData => links.push(link(strings::GET_CODE_ANOTHER_WAY, page(other))),
            Kind::Identify if !is_first => links.push(link(strings::SIGN_IN_WITH_USERNAME, page(other))),
            Kind::ChallengeAuthenticator | Kind::EnrollAuthenticator | Kind::Identify if !at_first => {
                links.push(link(back_to(other, reply), To::Href(view.post.action.clone())));
            }
            Kind::Other(_) if other.asks() && !other.needs_script() => {
                let label = other.label.clone().map_or_else(|| Text::ours(strings::TRY_ANOTHER_WAY), Text::Theirs);
                links.push(Link { text: label, to: page(other) });
            }
            Kind::Other(_) if !other.asks() => {
                let label = other.label.clone().map_or_else(|| Text::ours(strings::CONTINUE), Text::Theirs);
                links.push(Link { text: label, to: To::Post(other.kind.name().to_owned()) });
            }
            _ => {}
        }
    }
    if let (Kind::EnrollPoll, Some(context)) = (&shown.kind, reply.authenticator.as_ref().map(|about| &about.context))
        && let (Some(_), Some(download)) = (&context.same_device, &context.download)
    {
        links.push(link(strings::GET_OKTA_VERIFY, To::Href(download.clone())));
    }
    links.dedup_by(|one, other| one.to == other.to);
    if shown.kind != Kind::Identify || view.entry != super::Entry::SignIn {
        links.push(post(strings::BACK_TO_SIGN_IN, "cancel"));
    }
    links
}
