//! What every store promises.

use super::super::tests::{START, jane, refresh_state, session_of};
use super::*;

/// A handle with nothing beside it.
pub(in crate::session) fn held(handle: &str) -> Held<'_> {
    Held { handle: handle.into(), ..Held::default() }
}

pub(in crate::session) async fn keeps_its_promises(store: &impl SessionStore) {
    let created = store.create(session_of(jane()), None).await.expect("it is kept");
    let (one, handle) = (created.session, created.handle);
    let created = store.create(session_of(jane()), None).await.expect("it is kept");
    let (other, other_handle) = (created.session, created.handle);
    assert_eq!(one.identity, jane(), "what fits is kept whole");
    assert_ne!(handle, other_handle, "every session has a handle of its own");
    let found = store.load(&held(&handle)).await.expect("what was kept is there");
    assert_eq!(found, Stored { session: one.clone(), usage: Usage::begun(&one), refresh: None });

    for nothing in ["", "x", &handle[1..], &handle[..handle.len() - 1], &format!("{handle}A")] {
        assert_eq!(store.load(&held(nothing)).await, Err(NoSession::Unreadable), "{nothing}");
    }

    let later = Usage { last_seen: START.after(Duration::from_secs(600)), longest_idle: Duration::from_secs(540) };
    let stamp = store.touch(&one, later).await.expect("it answers").unwrap_or_default();
    let stamped = |handle: &'_ str, stamp: &'_ str| {
        let (handle, stamp) = (handle.to_owned(), stamp.to_owned());
        async move { store.load(&Held { handle: handle.into(), stamp: &stamp, refresh: "" }).await }
    };
    assert_eq!(stamped(&handle, &stamp).await.expect("still there").usage, later);
    assert_eq!(
        stamped(&other_handle, &stamp).await,
        Ok(Stored { session: other.clone(), usage: Usage::begun(&other), refresh: None })
    );
    let cut = &stamp[..stamp.len().saturating_sub(1)];
    assert_eq!(stamped(&handle, cut).await.map(|found| found.session), Ok(one.clone()), "a bad stamp ends nothing");

    store.end(&one).await.expect("it answers");
    store.end(&one).await.expect("what has ended may end again");
    let found = store.load(&held(&other_handle)).await;
    assert_eq!(found.map(|found| found.session), Ok(other), "nobody else's ends");
    keeps_what_refreshes(store).await;
}

/// F-05, F-06: a session as a refresh made it is what is found from then on, and an older state never comes after it.
async fn keeps_what_refreshes(store: &impl SessionStore) {
    let later = START.after(Duration::from_secs(600));
    let created = store.create(session_of(jane()), Some(refresh_state())).await.expect("it is kept");
    let (session, handle) = (created.session, created.handle);
    let first = RefreshState { room: 1000, ..created.refresh.expect("there is room") };
    let with = |text: &'_ str| {
        let (handle, refresh) = (handle.clone(), text.to_owned());
        async move { store.load(&Held { handle: handle.into(), stamp: "", refresh: &refresh }).await }
    };
    let mut renamed = session.clone();
    renamed.identity.groups = vec!["owners".to_owned()];
    let second = first.next(Some(Secret::new("two")), Some((later, Duration::from_secs(600))));
    let third = second.next(Some(Secret::new("three")), None);

    let kept = store.replace(&handle, session.clone(), second.clone()).await.expect("it answers");
    let Replaced::Kept { refresh, beside, .. } = kept else { panic!("{kept:?}") };
    assert_eq!(refresh, second);
    let text = beside.unwrap_or_default();
    let found = with(&text).await.expect("it is there");
    assert_eq!((&found.session, found.refresh.as_ref()), (&session, Some(&second)));

    let kept = store.replace(&handle, renamed.clone(), third.clone()).await.expect("it answers");
    let Replaced::Kept { session: as_kept, refresh, beside } = kept else { panic!("{kept:?}") };
    assert_eq!((&*as_kept, &refresh), (&renamed, &third));
    let text = beside.unwrap_or_default();
    let found = with(&text).await.expect("it is there");
    assert_eq!((&found.session, found.refresh.as_ref()), (&renamed, Some(&third)));
    assert_eq!(found.session.signed_in, session.signed_in, "the absolute end stays where it was");
    for older in [&second, &third] {
        let replaced = store.replace(&handle, session.clone(), older.clone()).await.expect("it answers");
        assert!(matches!(replaced, Replaced::Overtaken | Replaced::Kept { .. }), "{replaced:?}");
        let found = with(&text).await.expect("it is there");
        assert_eq!(found.refresh.as_ref(), Some(&third), "an older state does not come back");
    }
    let used = Usage { last_seen: later, longest_idle: Duration::from_secs(600) };
    let stamp = store.touch(&session, used).await.expect("it answers").unwrap_or_default();
    let held = Held { handle: handle.as_str().into(), stamp: &stamp, refresh: &text };
    let found = store.load(&held).await.expect("it is there");
    assert_eq!((found.usage, found.refresh.as_ref()), (used, Some(&third)));

    store.end(&session).await.expect("it answers");
    let fourth = third.next(None, None);
    let replaced = store.replace(&handle, session, fourth).await.expect("it answers");
    // Where nothing is kept but by the browser, what has ended is known elsewhere (`revocations`).
    assert!(matches!(replaced, Replaced::Gone | Replaced::Kept { beside: Some(_), .. }), "{replaced:?}");
}
