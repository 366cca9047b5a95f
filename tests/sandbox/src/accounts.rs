//! The accounts the org starts with, named for what they need. All have the password
//! [`PASSWORD`], the domain `@example.com` and the group `staff`; `password@` is in `admins` too.
//!
//! One table, [`start`]: the name, what is told of it on the page, and what differs from an account
//! that needs its password and has its e-mail address enrolled.

use crate::authenticator::Key;
use crate::policies::{Device, FieldKind, ProfileField};
use crate::totp::TotpSecret;
use crate::user::{ConsentKind, Proof, Standing, Unheard, User};

/// The password of every account, and the answer to every security question.
pub(crate) const PASSWORD: &str = "Sandbox-1234";

/// What may be set up where nothing in particular is asked.
const ANYTHING: [Key; 10] = [
    Key::Phone,
    Key::OktaVerify,
    Key::GoogleOtp,
    Key::Webauthn,
    Key::SecurityQuestion,
    Key::Email,
    Key::Rsa,
    Key::OnPrem,
    Key::Symantec,
    Key::Yubikey,
];

/// An account and what the page says that it will be asked.
pub(crate) struct Account {
    pub(crate) user: User,
    pub(crate) asked: &'static str,
}

/// Every account, as at the start and after `POST /sandbox/reset`.
pub(crate) fn start() -> Vec<Account> {
    let password = account("password", "the password", |user| user.groups.push("admins".to_owned()));
    let groups = [vec![password], tokens(), factors(), setting_up(), others()];
    groups.into_iter().flatten().collect()
}

/// Who proves a code of a token besides the password.
fn tokens() -> Vec<Account> {
    [
        ("totp", "the password, then a code of Google Authenticator", Key::GoogleOtp),
        ("tac", "the password, then a temporary access code", Key::TemporaryAccessCode),
        ("rsa", "the password, then a code of an RSA token", Key::Rsa),
        ("onprem", "the password, then a code of an on-premises token", Key::OnPrem),
        ("symantec", "the password, then a code of Symantec VIP", Key::Symantec),
        ("yubikey", "the password, then a code of a YubiKey", Key::Yubikey),
        ("custom-otp", "the password, then a code of a custom token", Key::CustomOtp),
    ]
    .map(|(name, asked, key)| account(name, asked, |user| second(user, token(key))))
    .into()
}

/// Who proves something besides, or instead of, the password.
fn factors() -> Vec<Account> {
    vec![
        account("phone", "the password, then a code by SMS or voice call", |user| {
            second(user, phone(&["sms", "voice"]));
        }),
        account("email", "a code or link by e-mail; the password too if it is on the first page", |user| {
            user.needs = vec![vec![Key::Email]];
        }),
        account("password-email", "the password, then a code or link by e-mail", |user| {
            user.needs.push(vec![Key::Email]);
        }),
        account("push", "the password, then a push or a code of Okta Verify", |user| second(user, okta_verify(false))),
        account("push-number", "the password, then a push of Okta Verify with a number to choose", |user| {
            second(user, okta_verify(true));
        }),
        account("passkey", "the password, then a passkey; to set one up where there is none", |user| {
            user.needs.push(vec![Key::Webauthn]);
        }),
        account("question", "the password, then the security question (its answer is the password)", |user| {
            second(user, question());
        }),
        account("voice", "the password, then a code by voice call", |user| second(user, phone(&["voice"]))),
        account("duo", "the password, then Duo in a frame of its own, or a code by e-mail", |user| {
            second_or_email(user, Proof::Duo);
        }),
        account("nfc-pin", "the password, then the PIN of an NFC card, which is 1234, or a code by e-mail", |user| {
            second_or_email(user, Proof::NfcPin { pin: "1234".to_owned() });
        }),
        account("smart-card", "the password, then a smart card, or a code by e-mail", |user| {
            second_or_email(user, Proof::SmartCard { by_script: false });
        }),
        account(
            "many",
            "the password, then any one of all that a code, a push or an answer proves; no passkey, which only a browser makes",
            |user| {
                let tokens = [
                    Key::GoogleOtp,
                    Key::Rsa,
                    Key::OnPrem,
                    Key::Symantec,
                    Key::Yubikey,
                    Key::CustomOtp,
                    Key::TemporaryAccessCode,
                ];
                let proofs = [phone(&["sms", "voice"]), okta_verify(false), question()];
                proofs.into_iter().chain(tokens.map(token)).for_each(|proof| user.enrol(proof));
                user.needs.push(Key::ALL.into_iter().filter(|key| *key != Key::Password).collect());
            },
        ),
    ]
}

/// Who is asked to set something up, or to change the password.
fn setting_up() -> Vec<Account> {
    vec![
        account("enroll", "the password, then to set up a second factor of any kind", |user| {
            user.needs.push(ANYTHING.to_vec());
            user.enrolled.retain(|enrolment| enrolment.proof.key() != Key::Email);
        }),
        account("optional", "the password, then offered to set up more, which may be skipped", |user| {
            user.optional = vec![Key::Phone, Key::GoogleOtp, Key::SecurityQuestion, Key::Webauthn];
        }),
        account(
            "grace",
            "the password, then to set up a phone or a question, which may be put off three times",
            |user| {
                user.required = vec![Key::Phone, Key::SecurityQuestion];
                user.grace_skips = 3;
            },
        ),
        account("expired", "the password, then a new one, because it has expired", |user| user.password_expired = true),
        account("expiring", "the password, then a new one, which may be skipped", |user| {
            user.password_expires_in_days = Some(4);
        }),
        account(
            "expired-elsewhere",
            "the password, then sent elsewhere to change it, because it has expired",
            |user| {
                user.password_expired = true;
                user.password_elsewhere = true;
            },
        ),
        account("expiring-elsewhere", "the password, then sent elsewhere to change it, which may be skipped", |user| {
            user.password_expires_in_days = Some(4);
            user.password_elsewhere = true;
        }),
    ]
}

/// Who is refused, or asked for something that proves nothing.
fn others() -> Vec<Account> {
    vec![
        account("locked", "told that signing in failed, until unlocked by e-mail or phone", |user| {
            user.standing = Standing::Locked;
            user.enrol(phone(&["sms", "voice"]));
        }),
        account("denied", "the password, then told that access is denied", |user| user.standing = Standing::Denied),
        account("unassigned", "the password, then told that the app is not theirs", |user| {
            user.standing = Standing::Unassigned;
        }),
        account("consent", "the password, then consent to what the app may see", |user| {
            user.consent = Some(ConsentKind::Whole);
        }),
        account("stay", "the password, then whether to stay signed in", |user| user.stay = true),
        account("idp", "to go to an identity provider", |user| user.idp = true),
        account("identity", "the password, then to have their identity checked", |user| user.prove_identity = true),
        account("profile", "the password, then for an attribute that is missing", |user| {
            user.missing_profile = vec![field("department", "Department", true), field("nickname", "Nickname", false)];
        }),
        account("device", "the password, then a device's answer; cancelled, a code by e-mail", |user| {
            user.device = Some(Device::Loopback);
            user.needs.push(vec![Key::Email]);
        }),
        account("unknown", "the password, then something nobody has heard of, or a code by e-mail", |user| {
            second_or_email(user, token(Key::Wave));
            user.unheard = Some(Unheard::Remediation);
        }),
    ]
}

fn account(name: &str, asked: &'static str, differs: impl FnOnce(&mut User)) -> Account {
    let login = format!("{name}@example.com");
    let id = crate::random::id_of("00u", &login);
    let mut user = User { id, email: login.clone(), login, ..User::default() };
    user.first_name = name.split('-').map(capitalised).collect();
    user.set_password(PASSWORD);
    user.enrol(Proof::Email);
    differs(&mut user);
    Account { user, asked }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

/// Enrols a proof and makes it the second thing that is needed.
fn second(user: &mut User, proof: Proof) {
    user.needs.push(vec![proof.key()]);
    user.enrol(proof);
}

/// The same, asked for first, with the mailed code as the other way.
fn second_or_email(user: &mut User, proof: Proof) {
    let key = proof.key();
    second(user, proof);
    user.needs[1].push(Key::Email);
    user.preferred = Some(key);
}

fn phone(methods: &[&str]) -> Proof {
    Proof::Phone {
        number: "+15555550123".to_owned(),
        methods: methods.iter().map(|method| (*method).to_owned()).collect(),
    }
}

fn okta_verify(number_challenge: bool) -> Proof {
    let methods = vec!["push".to_owned(), "totp".to_owned()];
    Proof::OktaVerify { secret: TotpSecret::fresh(), methods, number_challenge }
}

fn question() -> Proof {
    Proof::Question {
        question_key: "disliked_food".to_owned(),
        question: "What is the food you least liked as a child?".to_owned(),
        answer: PASSWORD.to_owned(),
    }
}

fn token(key: Key) -> Proof {
    Proof::token(key, TotpSecret::fresh()).expect("a kind of token")
}

fn field(name: &str, label: &str, required: bool) -> ProfileField {
    ProfileField {
        name: name.to_owned(),
        label: label.to_owned(),
        kind: FieldKind::Text,
        required,
        options: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::start;

    #[test]
    fn every_account_is_there() {
        let mut names: Vec<_> = start().into_iter().map(|account| account.user.login).collect();
        names.sort();
        let mut expected = [
            "consent",
            "custom-otp",
            "denied",
            "device",
            "duo",
            "email",
            "enroll",
            "expired",
            "expired-elsewhere",
            "expiring",
            "expiring-elsewhere",
            "grace",
            "identity",
            "idp",
            "locked",
            "many",
            "nfc-pin",
            "onprem",
            "optional",
            "passkey",
            "password",
            "password-email",
            "phone",
            "profile",
            "push",
            "push-number",
            "question",
            "rsa",
            "smart-card",
            "stay",
            "symantec",
            "tac",
            "totp",
            "unassigned",
            "unknown",
            "voice",
            "yubikey",
        ]
        .map(|name| format!("{name}@example.com"));
        expected.sort();
        assert_eq!(names, expected);
    }
}
