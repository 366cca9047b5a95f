//! Nobody can find out by trying who has an account: page, status and headers are the same for every name.

use serde_json::json;

use crate::visitor::{View, Visitor};
use crate::world::World;

const KNOWN: &str = "password@example.com";
const UNKNOWN: &str = "nobody@example.com";

#[tokio::test]
async fn naming_oneself_says_nothing_about_the_account() {
    let world = World::new().await;
    world.tell("policies", json!({"first_page": "identifier"})).await;
    same(&world, "/.gateway/sign-in?return=/app", &[("identifier", "")]).await;
}

#[tokio::test]
async fn a_wrong_password_says_nothing_about_the_account() {
    let world = World::new().await;
    same(&world, "/.gateway/sign-in?return=/app", &[("identifier", ""), ("password", "Wrong-1234")]).await;
}

#[tokio::test]
async fn asking_for_a_new_password_says_nothing_about_the_account() {
    let world = World::new().await;
    same(&world, "/.gateway/recover", &[("identifier", "")]).await;
}

#[tokio::test]
async fn unlocking_says_nothing_about_the_account() {
    let world = World::new().await;
    for unlocking in [KNOWN, UNKNOWN] {
        let mut visitor = Visitor::new(&world);
        let view = visitor.visit("/.gateway/unlock").await;
        assert_eq!(view.page.headings, ["Unlock your account"], "{unlocking}");
    }
    let mut seen = Vec::new();
    for name in [KNOWN, UNKNOWN, "locked@example.com"] {
        let mut visitor = Visitor::new(&world);
        let view = visitor.visit("/.gateway/unlock").await;
        let form = view.page.form("select-authenticator-unlock-account").expect("the methods").clone();
        let view = visitor.press(&view, &form, &[("identifier", name)], 0).await;
        seen.push(without_chance(&view, name));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[1], seen[2]);
}

#[tokio::test]
async fn unlocking_that_begins_at_the_sign_in_says_nothing_about_the_account() {
    let world = World::new().await;
    world.tell("policies", json!({"unlock": true})).await;
    let mut seen = Vec::new();
    for name in [KNOWN, UNKNOWN] {
        let mut visitor = Visitor::new(&world);
        let view = visitor.visit("/app").await;
        let view = visitor.choose(&view, "Unlock your account").await;
        let form = view.page.form("select-authenticator-unlock-account").expect("the methods").clone();
        let by_email = form.buttons.iter().position(|(_, _, text)| text.contains("Email")).expect("a row");
        let view = visitor.press(&view, &form, &[("identifier", name)], by_email).await;
        assert_eq!(view.page.headings, ["Check your email"], "{name}: {}", view.page.text);
        seen.push(without_chance(&view, name));
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn a_method_that_the_account_has_not_is_refused_in_words_of_ours() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.visit("/.gateway/unlock").await;
    let form = view.page.form("select-authenticator-unlock-account").expect("the methods").clone();
    let by_text = form.buttons.iter().position(|(_, _, text)| text.contains("Text message")).expect("a row");
    let view = visitor.press(&view, &form, &[("identifier", KNOWN)], by_text).await;
    assert!(!view.page.text.contains("enrolled"), "{}", view.page.text);
    assert_eq!(view.page.problems, ["If we find an account, instructions are on their way."]);
}

/// Fills the first page of this address in for both, and compares what each sees next.
async fn same(world: &World, address: &str, answers: &[(&str, &str)]) {
    let mut seen = Vec::new();
    for name in [KNOWN, UNKNOWN] {
        let mut visitor = Visitor::new(world);
        let view = visitor.visit(address).await;
        let answers: Vec<_> =
            answers.iter().map(|(field, value)| (*field, if *field == "identifier" { name } else { *value })).collect();
        let view = visitor.answer(&view, &answers).await;
        seen.push(without_chance(&view, name));
    }
    assert_eq!(seen[0], seen[1]);
}

/// Status, names of headers, and the body without the name itself and without what is drawn for each visit.
fn without_chance(view: &View, name: &str) -> (u16, Vec<String>, String) {
    let mut headers: Vec<_> = view.headers.keys().map(ToString::to_string).collect();
    headers.sort_unstable();
    // An address may break at its joints, wherever those are.
    let body = view.body.replace(name, "NAME");
    let words = body.split_inclusive(|character: char| !character.is_ascii_alphanumeric() && !"-_".contains(character));
    let drawn = |word: &str| word.len() > 16 && word.bytes().any(|byte| byte.is_ascii_uppercase());
    let body = words.map(|word| if drawn(word) { "DRAWN" } else { word }).collect();
    (view.status.as_u16(), headers, body)
}
