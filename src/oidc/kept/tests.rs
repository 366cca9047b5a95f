//! Moments are made up: an hour passes by naming a later one. What really runs takes no longer than it must.

use std::sync::atomic::{AtomicU32, Ordering};

use super::*;

const SECOND: Duration = Duration::from_secs(1);
const DOWN: Failure = Failure::TimedOut;

/// Counts the fetches that began, and numbers the documents that they bring.
#[derive(Clone, Default)]
struct Provider(Arc<AtomicU32>);

impl Provider {
    fn asked(&self) -> u32 {
        self.0.load(Ordering::SeqCst)
    }

    async fn answers(self) -> Result<u32, Failure> {
        Ok(self.0.fetch_add(1, Ordering::SeqCst) + 1)
    }

    async fn answers_late(self) -> Result<u32, Failure> {
        let document = self.answers().await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        document
    }

    async fn fails(self) -> Result<u32, Failure> {
        self.answers().await.and(Err(DOWN))
    }

    async fn hangs(self) -> Result<u32, Failure> {
        let _ = self.answers().await;
        std::future::pending().await
    }
}

fn kept() -> (Arc<Kept<u32>>, Provider, Instant) {
    (Arc::default(), Provider::default(), Instant::now())
}

/// Waits until a task in the background has done it.
async fn until(done: impl Fn() -> bool) {
    for _ in 0..1000 {
        if done() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("it is never done");
}

#[tokio::test]
async fn an_old_copy_is_used_while_another_is_fetched() {
    let (kept, provider, start) = kept();
    let get = async |at| kept.get(start + at, || provider.clone().answers()).await.map(|copy| *copy);
    assert_eq!(get(Duration::ZERO).await, Ok(1));
    assert_eq!(get(limits::RENEW_AFTER - SECOND).await, Ok(1));
    assert_eq!(provider.asked(), 1, "a young copy is enough");
    assert_eq!(get(limits::RENEW_AFTER).await, Ok(1));
    until(|| provider.asked() == 2 && kept.0.lock().fetch.is_none()).await;
    assert_eq!(get(limits::RENEW_AFTER).await, Ok(2));
    assert_eq!(provider.asked(), 2);
}

#[tokio::test]
async fn a_provider_that_hangs_costs_nobody_anything_while_a_copy_counts() {
    let (kept, provider, start) = kept();
    kept.get(start, || provider.clone().answers()).await.expect("a copy");
    for at in [limits::RENEW_AFTER, limits::RENEW_AFTER * 2, limits::MOST_STALE - SECOND] {
        let copy = kept.get(start + at, || provider.clone().hangs());
        let copy = tokio::time::timeout(SECOND, copy).await.expect("at once");
        assert_eq!(copy.map(|copy| *copy), Ok(1));
    }
    until(|| provider.asked() == 2).await;
    let late = kept.get(start + limits::MOST_STALE, || provider.clone().answers());
    assert!(tokio::time::timeout(Duration::from_millis(20), late).await.is_err(), "a copy of a day counts");
    assert_eq!(provider.asked(), 2, "one fetch at a time");
}

#[tokio::test]
async fn a_provider_that_fails_is_left_alone_while_a_copy_counts() {
    let (kept, provider, start) = kept();
    kept.get(start, || provider.clone().answers()).await.expect("a copy");
    let later = start + limits::RENEW_AFTER;
    for _ in 0..10 {
        assert_eq!(kept.get(later, || provider.clone().fails()).await.map(|copy| *copy), Ok(1));
        until(|| kept.0.lock().fetch.is_none()).await;
    }
    assert_eq!(provider.asked(), 2);
    kept.get(later + limits::FIRST_PAUSE * 2, || provider.clone().fails()).await.expect("the copy");
    until(|| provider.asked() == 3).await;
}

#[tokio::test]
async fn many_wait_for_one_fetch() {
    let (kept, provider, start) = kept();
    let mut crowd = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (kept, provider) = (Arc::clone(&kept), provider.clone());
        crowd.spawn(async move { kept.get(start, || provider.answers_late()).await.map(|copy| *copy) });
    }
    for outcome in crowd.join_all().await {
        assert_eq!(outcome, Ok(1));
    }
    assert_eq!(provider.asked(), 1);
}

#[tokio::test]
async fn whoever_began_a_fetch_may_leave() {
    let (kept, provider, start) = kept();
    let first = kept.get(start, || provider.clone().answers_late());
    assert!(tokio::time::timeout(Duration::from_millis(5), first).await.is_err());
    assert_eq!(kept.get(start, || provider.clone().answers()).await.map(|copy| *copy), Ok(1));
    assert_eq!(provider.asked(), 1);
}

#[tokio::test]
async fn a_failure_is_told_to_all_who_wait_and_to_who_comes_soon_after() {
    let (kept, provider, start) = kept();
    for count in 1..=4 {
        // A minute apart, when each pause is over.
        let at = start + SECOND * 60 * count;
        assert_eq!(kept.get(at, || provider.clone().fails()).await.err(), Some(DOWN));
    }
    // After four failures the pause is two seconds at least.
    let at = start + SECOND * 240;
    assert_eq!(kept.get(at, || provider.clone().answers()).await.err(), Some(DOWN));
    assert_eq!(provider.asked(), 4);
    assert_eq!(kept.get(at + SECOND * 5, || provider.clone().answers()).await.map(|copy| *copy), Ok(5));
    assert!(kept.0.lock().failures.is_none());
}

#[tokio::test]
async fn after_one_failure_the_next_waits_out_the_pause() {
    let (kept, provider, start) = kept();
    kept.get(start, || provider.clone().fails()).await.expect_err("a failure");
    let began = Instant::now();
    let copy = kept.get(start + began.duration_since(start), || provider.clone().answers()).await;
    assert_eq!(copy.map(|copy| *copy), Ok(2));
    assert!((limits::FIRST_PAUSE / 3..=limits::FIRST_PAUSE * 2).contains(&began.elapsed()), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_fetch_that_breaks_off_is_begun_again() {
    let (kept, provider, start) = kept();
    let broken = kept.get(start, || async { panic!("a fetch that breaks off, as this test wants it") }).await;
    assert!(matches!(broken, Err(Failure::Unreachable(_))));
    assert_eq!(kept.get(start, || provider.clone().answers()).await.map(|copy| *copy), Ok(1));
}

#[tokio::test]
async fn a_newer_copy_is_one_that_was_asked_for_later() {
    let (kept, provider, start) = kept();
    kept.get(start, || provider.clone().answers()).await.expect("a copy");
    // Somebody else's, asked for earlier, is under way; it brings 2, which will not do.
    let earlier = {
        let (kept, provider) = (Arc::clone(&kept), provider.clone());
        tokio::spawn(async move { kept.newer(start + SECOND, |_| false, || provider.answers_late()).await })
    };
    until(|| provider.asked() == 2).await;
    let newer = kept.newer(start + SECOND * 2, |copy| *copy == 3, || provider.clone().answers()).await;
    assert_eq!(newer.map(|copy| copy.map(|copy| *copy)), Ok(Some(3)));
    assert_eq!(earlier.await.expect("a task").map(|copy| copy.map(|copy| *copy)), Ok(Some(2)));
    // One that will do is not fetched again, whenever it was asked for.
    let same = kept.newer(start + SECOND * 9, |copy| *copy == 3, || provider.clone().answers()).await;
    assert_eq!(same.map(|copy| copy.map(|copy| *copy)), Ok(Some(3)));
    assert_eq!(provider.asked(), 3);
}

#[tokio::test]
async fn newer_copies_cannot_be_demanded_without_end() {
    let (kept, provider, start) = kept();
    let mut brought = 0;
    for _ in 0..100 {
        let newer = kept.newer(start + SECOND, |_| false, || provider.clone().answers()).await.expect("no failure");
        brought += u32::from(newer.is_some());
        // As another caller would: what was brought was asked for before.
        if let Some((_, asked)) = &mut kept.0.lock().copy {
            *asked = start;
        }
    }
    assert_eq!((brought, provider.asked()), (limits::KEY_FETCHES, limits::KEY_FETCHES));
}

#[test]
fn what_is_demanded_is_a_few_in_a_row_and_then_one_now_and_then() {
    let (kept, _, start) = kept();
    let mut state = kept.0.lock();
    let mut demand = |seconds: u64| state.may_demand(start + SECOND * u32::try_from(seconds).expect("a small number"));
    let every = limits::KEY_FETCH_EVERY.as_secs();
    let answers: Vec<_> = (0..6).map(|_| demand(0)).collect();
    assert_eq!(answers, [true, true, true, true, false, false]);
    assert_eq!([demand(every - 1), demand(every), demand(every)], [false, true, false]);
    // After a quiet hour all of them are there again, and no more.
    let answers: Vec<_> = (0..6).map(|_| demand(3600)).collect();
    assert_eq!(answers, [true, true, true, true, false, false]);
}

#[test]
fn pauses_grow_to_half_a_minute_and_differ_by_half() {
    let millis = |failures, jitter| pause(failures, jitter).as_millis();
    for (failures, most) in [(0, 500), (1, 1000), (2, 2000), (3, 4000), (5, 16_000), (6, 30_000), (u32::MAX, 30_000)] {
        assert_eq!((millis(failures, 0), millis(failures, 255)), (most, most / 2), "{failures}");
        assert!((most / 2..=most).contains(&millis(failures, 100)));
    }
}
