//! Feature file `totp-signin`.

use std::time::{SystemTime, UNIX_EPOCH};

use super::*;

/// The key on the page, without its spaces: the longest run of base32 (RFC 4648) after "Enter this key".
fn key_on(view: &View) -> String {
    let rest = view.page.text.split("Enter this key in your app:").nth(1);
    let rest = rest.unwrap_or_else(|| panic!("no key: {}", view.page.text));
    let base32 = |word: &&str| word.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7'));
    rest.split_whitespace().take_while(base32).collect()
}

/// What an app shows that was given this key (RFC 6238: SHA-1, 30 seconds, six digits).
fn code_of(key: &str) -> String {
    let (mut bits, mut held, mut secret) = (0u32, 0u32, Vec::new());
    for byte in key.bytes() {
        let value = if byte.is_ascii_digit() { byte - b'2' + 26 } else { byte - b'A' };
        bits = (bits << 5 | u32::from(value)) & 0xffff;
        held += 5;
        if held >= 8 {
            held -= 8;
            secret.push((bits >> held) as u8);
        }
    }
    let counter = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs() / 30;
    let secret = ring::hmac::Key::new(ring::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &secret);
    let tag = ring::hmac::sign(&secret, &counter.to_be_bytes());
    let tag = tag.as_ref();
    let at = usize::from(tag[19] & 15);
    let number = u32::from_be_bytes([tag[at] & 0x7f, tag[at + 1], tag[at + 2], tag[at + 3]]);
    format!("{:06}", number % 1_000_000)
}

/// Types the key of the page into an app, and the app's code into the page. The picture is there too; that it says
/// the same key is the org's affair, which draws it.
pub(super) async fn app_set_up(visitor: &mut Visitor, view: &View) -> View {
    let view = set_up(visitor, view, "Google Authenticator").await;
    assert_eq!(view.page.headings, ["Set up an authenticator app"]);
    assert!(view.body.contains("src=\"data:image/png;base64,"), "{}", view.page.text);
    let key = key_on(&view);
    assert!(key.len() >= 16, "`{key}` is no key: {}", view.page.text);
    visitor.answer(&view, &[("code", &code_of(&key))]).await
}

/// Scenario: Mary signs in and enrols Google Authenticator.
#[tokio::test]
async fn mary_signs_in_and_enrolls_google_authenticator() {
    let (world, mut visitor) = world().await;
    world.tell("policies", json!({"required_enrolments": ["google_otp"]})).await;
    mary(&world, json!({})).await;
    let view = past_the_password(&mut visitor, "mary").await;
    is_in(&app_set_up(&mut visitor, &view).await);
}

/// Scenario: Mary signs in with Google Authenticator; the only second factor needs no list.
#[tokio::test]
async fn mary_signs_in_with_google_authenticator() {
    let (world, mut visitor) = world().await;
    mary(&world, json!({"needs": password_and("google_otp"), "enrolled": [{"key": "google_otp"}]})).await;
    let view = past_the_password(&mut visitor, "mary").await;
    assert_eq!(view.page.headings, ["Enter the code from Google Authenticator"]);
    let code = shown_code(&world, "mary").await;
    is_in(&visitor.answer(&view, &[("code", &code)]).await);
}
