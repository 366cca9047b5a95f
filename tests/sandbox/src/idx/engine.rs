//! The next-step engine: from what somebody needs and has proven to the step that comes next.
//!
//! [`advance`] asks, in this order: recovery, unlocking, who it is, the identity provider, a device,
//! an expired password, what is needed and not yet proven, whether a mail was theirs, what must or
//! may be set up, identity verification, what the device is like, whether the org has time, the
//! profile, consent, a passkey, staying signed in; and when nothing is left it gives an interaction
//! code, or connects the device that asked for it.

use crate::authenticator::Key;
use crate::http::Call;
use crate::idx::transaction::{Challenge, Ending, Intent, NewPassword, Step, Transaction, Who};
use crate::idx::{Message, device, endings, hosted, sending};
use crate::oauth::grant::Earned;
use crate::policies::{DeviceAssurance, Landing, Policies};
use crate::state::State;
use crate::user::{Enrolment, Proof, Standing, User};

/// Puts a sign-in at the step that comes next.
pub(crate) fn advance(state: &mut State, transaction: &mut Transaction, call: &Call) {
    transaction.step = next(state, transaction, call);
    if let Step::Done { .. } = transaction.step
        && let Some(user) = transaction.login().map(str::to_owned).and_then(|login| state.user_mut(&login))
        && user.standing == Standing::Staged
    {
        user.standing = Standing::Active;
    }
}

fn next(state: &mut State, transaction: &mut Transaction, call: &Call) -> Step {
    let user = match &transaction.who {
        Who::Nobody => return first(state, transaction),
        Who::Unknown { .. } => {
            let candidates = candidates(&state.policies, &User::default(), transaction);
            return to_prove(&candidates, None, call);
        }
        Who::Known { login } => state.user(login).cloned().unwrap_or_default(),
    };
    if transaction.intent == Intent::Recovery {
        return recovery(&candidates(&state.policies, &user, transaction), transaction, call);
    }
    if transaction.intent == Intent::Unlock
        && let Some(step) = unlocked(state, transaction, &user)
    {
        return step;
    }
    if user.standing == Standing::Denied && !transaction.verified.is_empty() {
        return ended(403, Message::access_denied());
    }
    if user.standing == Standing::Unassigned && !transaction.verified.is_empty() {
        let told = "You are not allowed to access this app. To request access, contact an admin.";
        return ended(403, Message::error("idx.error.code.user_not_assigned", told));
    }
    if user.idp && !transaction.verified.contains(&Key::ExternalIdp) {
        return Step::Idp;
    }
    if let Some(device) = user.device.filter(|_| !transaction.device_asked) {
        return Step::Device(device);
    }
    if let Some(step) = password_age(transaction, &user) {
        return step;
    }
    if let Some(step) = factors(state, transaction, &user, call) {
        return step;
    }
    let asks_who_read = state.policies.email_consent.is_some() && transaction.verified.contains(&Key::Email);
    if asks_who_read && !transaction.email_consented {
        return Step::EmailConsent;
    }
    if let Some(step) = enrolments(state, transaction, &user, call) {
        return step;
    }
    if let Some(step) = before_the_end(state, transaction, &user, call) {
        return step;
    }
    match &state.policies.device_code {
        Some(device) if transaction.connecting => Step::Ended(hosted::connected(device.fails)),
        _ => done(state, transaction, &user, call),
    }
}

/// Resetting a password: what proves the account, then the new password.
fn recovery(left: &[Enrolment], transaction: &Transaction, call: &Call) -> Step {
    if !left.is_empty() {
        return to_prove(left, None, call);
    }
    if transaction.proven.is_empty() {
        let message = "Reset password is not allowed at this time. Please contact support for assistance.";
        return ended(403, Message::error("oie.selfservice.reset.password.not.allowed", message));
    }
    Step::NewPassword(NewPassword::Forgotten)
}

/// What comes after all proofs and enrolments.
fn before_the_end(state: &State, transaction: &Transaction, user: &User, call: &Call) -> Option<Step> {
    if user.prove_identity && !transaction.identity_proven {
        return Some(Step::ProveIdentity);
    }
    match state.policies.device_assurance {
        Some(DeviceAssurance::Denied) => {
            return Some(Step::Ended(Ending { status: 403, messages: device::to_do() }));
        }
        Some(DeviceAssurance::Grace) if !transaction.device_warned => return Some(Step::DeviceGrace),
        _ => {}
    }
    if transaction.polled_while_busy < state.policies.busy_polls {
        return Some(Step::Busy);
    }
    if !user.missing_profile.is_empty() && !transaction.profile_skipped {
        return Some(Step::Profile);
    }
    if let Some(kind) = user.consent.filter(|_| !transaction.consented) {
        return Some(Step::Consent(kind));
    }
    if state.policies.passkey_promotion && !user.has(Key::Webauthn) && !transaction.promotion_skipped {
        return Some(Step::Promotion(sending::enrolling(Key::Webauthn, "webauthn", call)));
    }
    if (user.stay || state.policies.keep_me_signed_in) && !transaction.stay_answered {
        return Some(Step::StaySignedIn);
    }
    None
}

fn ended(status: u16, message: Message) -> Step {
    Step::Ended(Ending { status, messages: vec![message] })
}

fn first(state: &State, transaction: &Transaction) -> Step {
    if let Some(end) = state.policies.ends_with {
        return Step::Met(end);
    }
    match (transaction.intent, state.policies.device) {
        _ if transaction.expired_activation.is_some() => Step::ActivationExpired,
        (Intent::Recovery, _) => Step::IdentifyRecovery,
        _ if state.policies.device_code.is_some() && !transaction.connecting => Step::UserCode { wrong: 0 },
        (_, Some(device)) if !transaction.device_asked => Step::Device(device),
        _ => Step::Identify,
    }
}

/// Unlocks once that was proven; `None` when the person goes on into the app.
fn unlocked(state: &mut State, transaction: &mut Transaction, user: &User) -> Option<Step> {
    if let Some(user) = state.user_mut(&user.login)
        && user.standing == Standing::Locked
    {
        user.standing = Standing::Active;
        user.wrong_passwords = 0;
    }
    if state.policies.unlock_lands == Landing::Message {
        return Some(ended(
            200,
            Message::info(
                "oie.selfservice.unlock_user.success.message",
                "You can log in using your existing username and password",
            ),
        ));
    }
    transaction.intent = Intent::Login;
    transaction.verified.append(&mut transaction.proven);
    transaction.notice = Some(Message::info(
        "oie.selfservice.unlock_user.landing.to.app.success.message",
        "Account successfully unlocked! Verify your account with a security method to continue.",
    ));
    None
}

fn password_age(transaction: &Transaction, user: &User) -> Option<Step> {
    if !transaction.verified.contains(&Key::Password) {
        return None;
    }
    if user.password_expired && user.password_elsewhere {
        return Some(Step::PasswordElsewhere { days: None });
    }
    if user.password_expired {
        return Some(Step::NewPassword(NewPassword::Expired));
    }
    let days = user.password_expires_in_days.filter(|_| !transaction.expiry_skipped)?;
    Some(match user.password_elsewhere {
        true => Step::PasswordElsewhere { days: Some(days) },
        false => Step::NewPassword(NewPassword::Expiring { days }),
    })
}

/// What is needed and not yet proven: an authenticator to verify, or one to set up.
fn factors(state: &State, transaction: &Transaction, user: &User, call: &Call) -> Option<Step> {
    let need = unmet(user, transaction)?;
    let candidates = candidates(&state.policies, user, transaction);
    if !candidates.is_empty() {
        return Some(to_prove(&candidates, user.preferred, call));
    }
    Some(match need.into_iter().any(Key::is_enrollable) {
        true => Step::ChooseEnrolment,
        false => ended(
            403,
            Message::error(
                "oie.assurance.unsatisfiable",
                "Unable to login to \"Sandbox App\" at this time. For assistance, please contact your administrator.",
            )
            .about("Sandbox App"),
        ),
    })
}

/// What must be set up, and what may be.
fn enrolments(state: &mut State, transaction: &mut Transaction, user: &User, call: &Call) -> Option<Step> {
    let to_set_up = to_set_up(&state.policies, user, transaction);
    if to_set_up.is_empty() || transaction.enrolment_skipped {
        return None;
    }
    if state.policies.set_up_unavailable {
        return Some(match may_skip(&state.policies, user) {
            true => Step::SetUpUnavailable,
            false => ended(403, endings::set_up_unavailable()),
        });
    }
    // A new account whose one requirement is its address goes straight to the code.
    let required = required(&state.policies, user);
    if transaction.intent == Intent::Enrolment && required == [Key::Email] && !user.has(Key::Email) {
        return Some(sending::enrol_email(state, transaction, user, call));
    }
    Some(Step::ChooseEnrolment)
}

fn done(state: &mut State, transaction: &Transaction, user: &User, call: &Call) -> Step {
    let code = crate::random::handle();
    let earned = Earned {
        asked: transaction.asked.clone(),
        login: user.login.clone(),
        authenticated: call.at,
        verified: transaction.verified.clone(),
        expires: call.at.plus(state.policies.interaction_code_lifetime_s),
        state_handle: transaction.state_handle.clone(),
        grant_type: "interaction_code",
    };
    state.grants.codes.insert(code.clone(), earned);
    Step::Done { code }
}

/// The first set of authenticators of which none is proven yet.
pub(crate) fn unmet(user: &User, transaction: &Transaction) -> Option<Vec<Key>> {
    let mut needs = user.needs.clone();
    if transaction.intent == Intent::Enrolment {
        needs.clear(); // a new account proves itself by what it sets up
    }
    let second: Vec<_> = Key::ALL.into_iter().filter(|key| !needs.iter().flatten().any(|need| need == key)).collect();
    match transaction.asked.acr_values.as_deref() {
        Some("urn:okta:loa:2fa:any") if needs.len() < 2 => needs.push(second),
        Some("urn:okta:loa:2fa:any:ifpossible") if needs.len() < 2 && second.iter().any(|key| user.has(*key)) => {
            needs.push(second);
        }
        Some("urn:okta:loa:1fa:pwd") if !needs.concat().contains(&Key::Password) => needs.push(vec![Key::Password]),
        _ => {}
    }
    // An identity provider, or a passkey that came first, stands for the password.
    let instead =
        transaction.verified.contains(&Key::ExternalIdp) || transaction.verified.first() == Some(&Key::Webauthn);
    let proven = |key: &Key| transaction.verified.contains(key) || (*key == Key::Password && instead);
    needs.into_iter().find(|need| !need.iter().any(proven))
}

/// The enrolments with which the person could go on now.
pub(crate) fn candidates(policies: &Policies, user: &User, transaction: &Transaction) -> Vec<Enrolment> {
    if let Who::Unknown { .. } = transaction.who {
        let proof = match transaction.intent {
            Intent::Login | Intent::Enrolment => Proof::Password,
            Intent::Recovery | Intent::Unlock => Proof::Email,
        };
        return vec![Enrolment { id: "eaeunknownunknown000".to_owned(), used: Vec::new(), proof }];
    }
    let wanted = match transaction.intent {
        Intent::Recovery | Intent::Unlock if transaction.proven.is_empty() => policies.recovery_methods.clone(),
        Intent::Recovery if policies.recovery_question => vec![Key::SecurityQuestion],
        Intent::Recovery | Intent::Unlock => Vec::new(),
        Intent::Login | Intent::Enrolment => unmet(user, transaction).unwrap_or_default(),
    };
    let open = |key: &Key| wanted.contains(key) && !transaction.proven.contains(key);
    Key::ALL.into_iter().filter(open).flat_map(|key| user.enrolments(key)).cloned().collect()
}

/// What is still to be set up: what a need lacks, else what is required, else what is optional.
pub(crate) fn to_set_up(policies: &Policies, user: &User, transaction: &Transaction) -> Vec<Key> {
    let missing = |key: &Key| key.is_enrollable() && !user.has(*key);
    if let Some(need) = unmet(user, transaction) {
        return need.into_iter().filter(missing).collect();
    }
    let mut keys: Vec<_> = required(policies, user);
    if keys.is_empty() || may_skip(policies, user) {
        let optional = user.optional.iter().chain(&policies.optional_enrolments).copied();
        keys.extend(optional.filter(missing));
    }
    keys
}

/// What must be set up and is not.
pub(crate) fn required(policies: &Policies, user: &User) -> Vec<Key> {
    let keys = user.required.iter().chain(&policies.required_enrolments);
    keys.copied().filter(|key| key.is_enrollable() && !user.has(*key)).collect()
}

/// Whether setting up may be put off: nothing is required, or there is grace.
pub(crate) fn may_skip(policies: &Policies, user: &User) -> bool {
    required(policies, user).is_empty() || user.grace_skips > 0 || user.grace_until.is_some()
}

/// Whether every missing attribute may stay missing.
pub(crate) fn may_skip_profile(user: &User) -> bool {
    user.missing_profile.iter().all(|field| !field.required)
}

/// One candidate's own step, or the list of them.
pub(crate) fn to_prove(candidates: &[Enrolment], preferred: Option<Key>, call: &Call) -> Step {
    let preferred = candidates.iter().find(|candidate| Some(candidate.proof.key()) == preferred);
    match (candidates, preferred) {
        ([only], _) | (_, Some(only)) => own_step(only, call),
        _ => Step::Choose,
    }
}

/// The step of an enrolment before anything was sent.
pub(crate) fn own_step(enrolment: &Enrolment, call: &Call) -> Step {
    match enrolment.proof.key() {
        Key::Email | Key::Phone | Key::OktaVerify => Step::Method { enrolment: enrolment.id.clone() },
        key => Step::Answer(challenge(enrolment, key.facts().methods[0], call)),
    }
}

/// A challenge for which nothing was sent.
pub(crate) fn challenge(enrolment: &Enrolment, method: &str, call: &Call) -> Challenge {
    Challenge {
        key: enrolment.proof.key(),
        enrolment: enrolment.id.clone(),
        method: method.to_owned(),
        code: None,
        sent: call.at,
        wrong: 0,
        challenge: crate::random::handle(),
    }
}
