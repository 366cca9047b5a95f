//! What refreshes have changed about a person since their session began, for sessions that the browser keeps.
//!
//! A handle never changes, so what a refresh has changed is kept beside it, and is mostly small: groups that came or went,
//! a claim that has another value. Claims about the sign-in itself (`auth_time`, `amr`, `acr`) never change.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ClaimValue, Session};

/// The differences between a session and the same one later. Whether its address is verified is always said, so nothing
/// stands for "no change" but [`Self::between`] a session and itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Changes {
    names: Option<Names>,
    has_verified_email: bool,
    /// Places of groups in the earlier list.
    groups_gone: Vec<u32>,
    groups_new: Vec<String>,
    claims_gone: Vec<String>,
    claims_new: BTreeMap<String, ClaimValue>,
    left_out: Option<Vec<String>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Names {
    username: Option<String>,
    name: Option<String>,
    email: Option<String>,
}

impl Changes {
    pub(super) fn between(earlier: &Session, later: &Session) -> Self {
        let (before, after) = (&earlier.identity, &later.identity);
        let are_named_alike =
            (&before.username, &before.name, &before.email) == (&after.username, &after.name, &after.email);
        let names = || Names { username: after.username.clone(), name: after.name.clone(), email: after.email.clone() };
        let gone = before.groups.iter().zip(0..).filter(|(group, _)| !after.groups.contains(group));
        let new = after.groups.iter().filter(|group| !before.groups.contains(group));
        Self {
            names: (!are_named_alike).then(names),
            has_verified_email: later.has_verified_email,
            groups_gone: gone.map(|(_, place)| place).collect(),
            groups_new: new.cloned().collect(),
            claims_gone: before.claims.keys().filter(|name| !after.claims.contains_key(*name)).cloned().collect(),
            claims_new: (after.claims.iter())
                .filter(|(name, value)| before.claims.get(*name) != Some(value))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            left_out: (before.left_out != after.left_out).then(|| after.left_out.clone()),
        }
    }

    /// Makes the earlier session the later one; groups that came stand last.
    pub(super) fn apply(self, session: &mut Session) {
        let identity = &mut session.identity;
        if let Some(Names { username, name, email }) = self.names {
            (identity.username, identity.name, identity.email) = (username, name, email);
        }
        session.has_verified_email = self.has_verified_email;
        let mut place = 0;
        identity.groups.retain(|_| {
            place += 1;
            !self.groups_gone.contains(&(place - 1))
        });
        identity.groups.extend(self.groups_new);
        identity.claims.retain(|name, _| !self.claims_gone.contains(name));
        identity.claims.extend(self.claims_new);
        if let Some(left_out) = self.left_out {
            identity.left_out = left_out;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{jane, session_of};
    use super::super::{GROUPS, Identity};
    use super::*;

    fn groups(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn claims(claims: &[(&str, &str)]) -> BTreeMap<String, ClaimValue> {
        claims.iter().map(|(name, value)| ((*name).to_owned(), ClaimValue::Text((*value).to_owned()))).collect()
    }

    #[test]
    fn what_changed_makes_the_earlier_session_the_later_one() {
        let earlier = Identity {
            groups: groups(&["staff", "admins", "auditors"]),
            claims: claims(&[("title", "clerk"), ("room", "1")]),
            ..jane()
        };
        for later in [
            earlier.clone(),
            Identity { groups: groups(&["staff", "auditors", "owners"]), ..earlier.clone() },
            Identity { groups: Vec::new(), ..earlier.clone() },
            Identity { claims: claims(&[("title", "judge"), ("phone", "2")]), ..earlier.clone() },
            Identity { email: None, name: Some("Jane Roe".to_owned()), ..earlier.clone() },
            Identity { groups: groups(&["admins"]), left_out: vec![GROUPS.to_owned()], ..earlier.clone() },
        ] {
            let earlier = session_of(earlier.clone());
            let later = Session { identity: later, has_verified_email: true, ..earlier.clone() };
            let mut session = earlier.clone();
            Changes::between(&earlier, &later).apply(&mut session);
            assert_eq!(session, later);
        }
    }

    #[test]
    fn nothing_changed_takes_no_room() {
        let session = session_of(jane());
        let same = postcard::to_stdvec(&Changes::between(&session, &session)).expect("bytes");
        assert!(same.len() <= 8, "{same:?}");
    }
}
