//! Everything the org remembers. One lock guards it all ([`crate::org`]); nothing here does I/O.

use std::collections::{HashMap, HashSet};

use crate::Settings;
use crate::accounts;
use crate::faults::{Faults, Kind, TokenFault};
use crate::idx::Transaction;
use crate::inbox::Letter;
use crate::oauth::grant::Grants;
use crate::policies::Policies;
use crate::transcript::Entry;
use crate::user::User;

/// The most entries that the transcript and the inbox keep; the oldest go first.
const MOST_KEPT: usize = 10_000;

/// What a token in a mail or from an administrator is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenPurpose {
    Activation,
    Recovery,
}

/// What happens when somebody opens a link of ours.
#[derive(Clone, Debug)]
pub(crate) enum Link {
    /// Confirms the address of a new account, in a sign-in that waits for it.
    Activate { state_handle: String },
    /// Ends the set-up of Okta Verify, as the app on a phone would.
    OktaVerify { state_handle: String },
}

/// The org's memory.
pub(crate) struct State {
    pub(crate) settings: Settings,
    pub(crate) policies: Policies,
    pub(crate) users: Vec<User>,
    pub(crate) inbox: Vec<Letter>,
    pub(crate) transcript: Vec<Entry>,
    pub(crate) faults: Faults,
    /// The faults that strike the call being answered.
    pub(crate) struck: Vec<Kind>,
    /// The sign-in that the call being answered is about.
    pub(crate) about: Option<String>,
    pub(crate) transactions: Vec<Transaction>,
    /// Handles of sign-ins that are over.
    pub(crate) ended: HashSet<String>,
    pub(crate) grants: Grants,
    /// Ids of client assertions already used.
    pub(crate) used_assertions: HashSet<String>,
    pub(crate) tokens: HashMap<String, (String, TokenPurpose)>,
    pub(crate) links: HashMap<String, Link>,
}

impl State {
    /// The memory of an org that has just been started.
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            settings,
            policies: Policies::default(),
            users: accounts::start().into_iter().map(|account| account.user).collect(),
            inbox: Vec::new(),
            transcript: Vec::new(),
            faults: Faults::default(),
            struck: Vec::new(),
            about: None,
            transactions: Vec::new(),
            ended: HashSet::new(),
            grants: Grants::default(),
            used_assertions: HashSet::new(),
            tokens: HashMap::new(),
            links: HashMap::new(),
        }
    }

    /// Forgets everything that happened since the start.
    pub(crate) fn reset(&mut self) {
        *self = Self::new(self.settings.clone());
    }

    /// The person who signs in under this name, compared without case.
    pub(crate) fn user(&self, login: &str) -> Option<&User> {
        self.users.iter().find(|user| user.login.eq_ignore_ascii_case(login))
    }

    /// The same, to be changed.
    pub(crate) fn user_mut(&mut self, login: &str) -> Option<&mut User> {
        self.users.iter_mut().find(|user| user.login.eq_ignore_ascii_case(login))
    }

    /// Whether a fault strikes the call being answered.
    pub(crate) fn struck_by(&self, kind: Kind) -> bool {
        self.struck.contains(&kind)
    }

    /// The faults of tokens that strike the call being answered.
    pub(crate) fn token_faults(&self) -> Vec<TokenFault> {
        let fault = |kind: &Kind| {
            if let Kind::Token(fault) = kind { Some(*fault) } else { None }
        };
        self.struck.iter().filter_map(fault).collect()
    }

    pub(crate) fn redirect_uris(&self) -> impl Iterator<Item = &String> {
        self.settings.redirect_uris.iter().chain(&self.policies.redirect_uris)
    }

    pub(crate) fn post_logout_redirect_uris(&self) -> impl Iterator<Item = &String> {
        self.settings.post_logout_redirect_uris.iter().chain(&self.policies.post_logout_redirect_uris)
    }

    /// Whether a grant has a refresh token that is good.
    pub(crate) fn has_refresh(&self, grant: usize) -> bool {
        self.grants.refresh.values().any(|issued| issued.grant == grant && !issued.ended)
    }

    /// Spends a token of an activation or recovery; gives whose it was.
    pub(crate) fn redeem(&mut self, token: &str, purpose: TokenPurpose) -> Option<String> {
        let right = self.tokens.get(token).is_some_and(|(_, good_for)| *good_for == purpose);
        right.then(|| self.tokens.remove(token)).flatten().map(|(login, _)| login)
    }

    /// Ends a sign-in: its handles are refused from now on.
    pub(crate) fn end_transaction(&mut self, state_handle: &str) {
        let over = |transaction: &Transaction| transaction.is_called(state_handle);
        if let Some(place) = self.transactions.iter().position(over) {
            let transaction = self.transactions.swap_remove(place);
            self.about = Some(transaction.id);
            self.ended.insert(transaction.state_handle);
            self.ended.insert(transaction.interaction_handle);
        }
    }

    /// Puts a message into the inbox.
    pub(crate) fn send(&mut self, letter: Letter) {
        keep(&mut self.inbox, letter);
    }

    pub(crate) fn record(&mut self, entry: Entry) {
        keep(&mut self.transcript, entry);
    }
}

fn keep<T>(kept: &mut Vec<T>, more: T) {
    if kept.len() >= MOST_KEPT {
        kept.remove(0);
    }
    kept.push(more);
}
