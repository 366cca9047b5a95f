//! A sign-in under way: what was asked for, who it is, what they have proven, and the step they are at.

use crate::authenticator::Key;
use crate::clock::Moment;
use crate::idx::Message;
use crate::oauth::interact::Asked;
use crate::policies::{Device, EndsWith};
use crate::totp::TotpSecret;
use crate::user::ConsentKind;

/// Who is signing in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Nobody,
    Known {
        login: String,
    },
    /// Somebody who does not exist, treated as if they did.
    Unknown {
        id: String,
        login: String,
    },
}

/// What the person is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Intent {
    Login,
    Recovery,
    Unlock,
    /// A new account, made by its owner or waiting to be activated.
    Enrolment,
}

/// An authenticator that is to be verified, its code perhaps sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Challenge {
    pub(crate) key: Key,
    pub(crate) enrolment: String,
    pub(crate) method: String,
    /// The code that was sent, until it is spent.
    pub(crate) code: Option<String>,
    pub(crate) sent: Moment,
    pub(crate) wrong: u32,
    /// For passkeys: base64url.
    pub(crate) challenge: String,
}

/// A push that waits for its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Push {
    pub(crate) enrolment: String,
    /// What the person must choose on the phone.
    pub(crate) number: Option<u8>,
    pub(crate) sent: Moment,
    /// What was answered, and is told at the next poll.
    pub(crate) answer: Option<PushAnswer>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PushAnswer {
    Approved,
    Rejected,
}

/// An authenticator that is being set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Enrolling {
    pub(crate) key: Key,
    pub(crate) method: String,
    pub(crate) code: Option<String>,
    pub(crate) sent: Moment,
    pub(crate) wrong: u32,
    /// The number of a phone.
    pub(crate) number: Option<String>,
    /// What an app or token is given.
    pub(crate) secret: TotpSecret,
    /// For passkeys: base64url.
    pub(crate) challenge: String,
}

/// Okta Verify being set up on a phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AppSetup {
    /// `qrcode`, `email` or `sms`.
    pub(crate) channel: String,
    /// Where the link was sent.
    pub(crate) sent_to: Option<String>,
    pub(crate) sent: Moment,
    /// The page that a phone opens.
    pub(crate) link: String,
    pub(crate) secret: TotpSecret,
    pub(crate) done: bool,
}

/// Why a new password is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NewPassword {
    Forgotten,
    Expired,
    Expiring { days: i64 },
}

/// How a sign-in ended without tokens.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ending {
    pub(crate) status: u16,
    pub(crate) messages: Vec<Message>,
}

/// Where a sign-in is. Each is a page with its forms ([`crate::idx::page`]).
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    Identify,
    /// The device breaks a rule, and has until a day.
    DeviceGrace,
    /// Nothing to do but to ask again (`poll`, what the org calls its safe mode).
    Busy,
    IdentifyRecovery,
    ChooseUnlock,
    /// One of the candidates.
    Choose,
    /// How to use this enrolment, before a code is sent.
    Method {
        enrolment: String,
    },
    Answer(Challenge),
    Push(Push),
    PushRejected {
        enrolment: String,
    },
    ChooseEnrolment,
    /// A phone's number and method.
    EnrolmentData,
    Enrol(Enrolling),
    EnrolApp(AppSetup),
    /// The address for a link to Okta Verify.
    EnrolChannel {
        channel: String,
    },
    Register,
    /// A mail with a link was sent; nothing to be done here.
    AwaitActivation,
    Profile,
    NewPassword(NewPassword),
    /// The password is kept elsewhere; with days while it is still good.
    PasswordElsewhere {
        days: Option<i64>,
    },
    Consent(ConsentKind),
    StaySignedIn,
    Idp,
    Device(Device),
    /// The code that a device shows.
    UserCode {
        wrong: u32,
    },
    /// The link of a new account is too old.
    ActivationExpired,
    /// A message before anything was asked.
    Met(EndsWith),
    /// Nothing can be set up just now, and need not be.
    SetUpUnavailable,
    /// Whether it was them who asked for a mail.
    EmailConsent,
    ProveIdentity,
    /// A passkey is offered after everything else.
    Promotion(Enrolling),
    /// What nobody has heard of, before the real step: a fault.
    Unheard {
        then: Box<Step>,
    },
    Ended(Ending),
    Done {
        code: String,
    },
}

/// A code that was sent, so that it is not sent again at once.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) method: String,
    pub(crate) to: String,
    /// `None` once it was spent, rightly or by too many wrong tries.
    pub(crate) code: Option<String>,
    pub(crate) at: Moment,
}

/// A sign-in.
#[derive(Clone, Debug)]
pub(crate) struct Transaction {
    /// What the transcript calls it.
    pub(crate) id: String,
    pub(crate) interaction_handle: String,
    pub(crate) state_handle: String,
    pub(crate) asked: Asked,
    pub(crate) started: Moment,
    pub(crate) last_seen: Moment,
    /// When calls came, of the last five seconds.
    pub(crate) calls: Vec<Moment>,
    pub(crate) step: Step,
    pub(crate) who: Who,
    pub(crate) intent: Intent,
    /// What was proven, for signing in; in order.
    pub(crate) verified: Vec<Key>,
    /// What was proven, for recovery or unlocking.
    pub(crate) proven: Vec<Key>,
    pub(crate) sent: Vec<Sent>,
    /// What is said above the next page.
    pub(crate) notice: Option<Message>,
    pub(crate) enrolment_skipped: bool,
    pub(crate) expiry_skipped: bool,
    pub(crate) profile_skipped: bool,
    pub(crate) consented: bool,
    pub(crate) stay_answered: bool,
    pub(crate) device_warned: bool,
    pub(crate) polled_while_busy: u32,
    /// Whether the sign-in connects a device, rather than the app.
    pub(crate) connecting: bool,
    /// Whose activation was asked for with a token that is too old.
    pub(crate) expired_activation: Option<String>,
    pub(crate) email_consented: bool,
    pub(crate) identity_proven: bool,
    pub(crate) promotion_skipped: bool,
    pub(crate) device_asked: bool,
    /// The challenge for a passkey on the first page, base64url.
    pub(crate) first_challenge: String,
}

impl Transaction {
    /// A sign-in about which nothing is known but what was asked for.
    pub(crate) fn new(asked: Asked, now: Moment) -> Self {
        Self {
            id: crate::random::id("txn"),
            interaction_handle: crate::random::handle(),
            state_handle: format!("02.id.{}~c.1", crate::random::handle()),
            asked,
            started: now,
            last_seen: now,
            calls: Vec::new(),
            step: Step::Identify,
            who: Who::Nobody,
            intent: Intent::Login,
            verified: Vec::new(),
            proven: Vec::new(),
            sent: Vec::new(),
            notice: None,
            enrolment_skipped: false,
            expiry_skipped: false,
            profile_skipped: false,
            consented: false,
            stay_answered: false,
            device_warned: false,
            polled_while_busy: 0,
            connecting: false,
            expired_activation: None,
            email_consented: false,
            identity_proven: false,
            promotion_skipped: false,
            device_asked: false,
            first_challenge: crate::random::handle(),
        }
    }

    /// Begins with a person whose account waits to be activated.
    pub(crate) fn activate(&mut self, login: String) {
        self.who = Who::Known { login };
        self.intent = Intent::Enrolment;
        self.verified.push(Key::Email);
    }

    /// Begins with a person whose token already proves that they may set a new password.
    pub(crate) fn recover_with_token(&mut self, login: String) {
        self.who = Who::Known { login };
        self.intent = Intent::Recovery;
        self.proven.push(Key::Email);
    }

    /// Whether this is its state handle or its interaction handle.
    pub(crate) fn is_called(&self, handle: &str) -> bool {
        self.state_handle == handle || self.interaction_handle == handle
    }

    /// The login of a person who exists.
    pub(crate) fn login(&self) -> Option<&str> {
        if let Who::Known { login } = &self.who { Some(login) } else { None }
    }

    /// Notes that something was proven.
    pub(crate) fn prove(&mut self, key: Key) {
        match self.intent {
            Intent::Recovery | Intent::Unlock => self.proven.push(key),
            Intent::Login | Intent::Enrolment => self.verified.push(key),
        }
    }

    /// Spends a code, so that choosing its authenticator again does not bring it back.
    pub(crate) fn spend(&mut self, code: Option<&String>) {
        for sent in self.sent.iter_mut().filter(|sent| sent.code.as_ref() == code) {
            sent.code = None;
        }
    }

    /// A state handle of its own for the next step; gives the one that ends.
    pub(crate) fn rotate(&mut self) -> String {
        let (stem, count) = self.state_handle.rsplit_once("~c.").unwrap_or((&self.state_handle, "1"));
        let next = format!("{stem}~c.{}", count.parse::<u64>().unwrap_or(1) + 1);
        std::mem::replace(&mut self.state_handle, next)
    }

    /// Back to the first step, under handles of its own; gives the state handle that ends.
    pub(crate) fn start_again(&mut self, now: Moment) -> String {
        let fresh = Self::new(self.asked.clone(), now);
        let (id, interaction_handle) = (self.id.clone(), self.interaction_handle.clone());
        std::mem::replace(self, Self { id, interaction_handle, ..fresh }).state_handle
    }
}
