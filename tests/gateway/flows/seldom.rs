//! Pages that few people ever see: details that may be left out, a step of an unknown kind, the page between
//! this site and another.

use reqwest::Method;
use serde_json::json;

use super::{PASSWORD, is_in, past_the_password, world};
use crate::page::Page;

#[tokio::test]
async fn details_that_are_all_optional_may_be_skipped_or_given() {
    for skips in [true, false] {
        let (world, mut visitor) = world().await;
        let nickname = json!([{"name": "nickname", "label": "Nickname", "kind": "text"}]);
        world.tell("users", json!({"login": "profile@example.com", "missing_profile": nickname})).await;
        let view = past_the_password(&mut visitor, "profile").await;
        assert_eq!(view.page.headings, ["A few more details"]);
        is_in(&match skips {
            true => {
                let form = view.page.form("skip").unwrap_or_else(|| panic!("no skipping: {}", view.page.text)).clone();
                visitor.submit(&view, &form, &[]).await
            }
            false => visitor.answer(&view, &[("userProfile.nickname", "Sandy")]).await,
        });
    }
}

#[tokio::test]
async fn a_step_that_nobody_has_heard_of_has_a_reference_and_a_way_back() {
    for (unheard, heading) in [("ceremony", "This method can’t be used here"), ("rite", "We can’t continue here")] {
        let (world, mut visitor) = world().await;
        world.tell("users", json!({"login": "unknown@example.com", "unheard": unheard})).await;
        let view = past_the_password(&mut visitor, "unknown").await;
        assert_eq!(view.page.headings, [heading], "{}", view.page.text);
        for words in ["Reference: ", "Try another way"] {
            assert!(view.page.text.contains(words), "{words}: {}", view.page.text);
        }
        let view = visitor.choose(&view, "Back to sign in").await;
        assert_eq!(view.page.headings, ["Sign in"], "{}", view.page.text);
        is_in(&visitor.answer(&view, &[("identifier", "password@example.com"), ("password", PASSWORD)]).await);
    }
}

#[tokio::test]
async fn signing_out_goes_by_a_page_that_leads_to_the_org() {
    let (world, mut visitor) = world().await;
    is_in(&past_the_password(&mut visitor, "password").await);
    let view = visitor.visit("/.gateway/sign-out").await;
    assert_eq!(view.page.headings, ["Sign out?"]);
    let form = view.page.button("Sign out").expect("a form").clone();
    let fields = form.controls.iter().map(|control| (&control.name, &control.value));
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let url = view.url.join(&form.action).expect("an address");
    let answer = visitor.send(Method::POST, url, Some(body), "same-origin").await;
    assert_eq!(answer.status(), 200);
    let page = Page::read(&answer.text().await.expect("a page"));
    let logout = format!("{}/v1/logout", world.org.issuer());
    assert!(page.refreshes[0].starts_with(&logout), "{:?}", page.refreshes);
    assert!(page.links.iter().any(|(address, _)| *address == page.refreshes[0]), "{:?}", page.links);
    assert_eq!(page.headings.len(), 1, "{}", page.text);
}
