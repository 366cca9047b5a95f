//! Back to the very page: long addresses, pages that start again, pages within pages.

use reqwest::Method;
use url::Url;

use crate::visitor::Visitor;
use crate::world::World;

const PASSWORD: &[(&str, &str)] = &[("identifier", "password@example.com"), ("password", "Sandbox-1234")];

/// A query without any order, of characters that may stand in one.
fn noise(bytes: usize) -> String {
    let letters = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$()*,;:@/?";
    let mut seed = 7_u64;
    std::iter::repeat_with(|| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(letters[usize::try_from(seed >> 40).expect("fits") % letters.len()])
    })
    .take(bytes)
    .collect()
}

#[tokio::test]
async fn a_long_address_is_come_back_to_whole() {
    let world = World::new().await;
    let panel = "&panel=%7B%22field%22%3A%22state%22%2C%22op%22%3A%22in%22%7D";
    for (target, host) in [
        (format!("/reports?{}", noise(2480)), "localhost"),
        (format!("/d?{}", panel.repeat(135)), "localhost"),
        ("/short?x=1".to_owned(), "localhost"),
    ] {
        let mut visitor = Visitor::new(&world);
        let address = format!("http://{host}:{}{target}", world.port);
        let view = visitor.visit(&address).await;
        assert!(!view.page.text.contains("too long to keep"), "{}", view.page.text);
        let view = visitor.answer(&view, PASSWORD).await;
        assert_eq!((view.status.as_u16(), view.url.as_str()), (200, address.as_str()), "{} bytes", target.len());
        assert!(visitor.largest_head <= 4000, "{} bytes of head", visitor.largest_head);
        assert!(visitor.largest_cookies <= 4000, "{} bytes of cookies", visitor.largest_cookies);
    }
}

#[tokio::test]
async fn of_an_address_that_is_too_long_the_path_is_kept_and_it_is_said() {
    let world = World::new().await;
    for target in [format!("/reports?{}", noise(6000)), format!("/reports?{}", "a=b&".repeat(3000))] {
        let mut visitor = Visitor::new(&world);
        let view = visitor.visit(&target).await;
        assert!(view.page.text.contains("too long to keep"), "{}", view.page.text);
        let view = visitor.answer(&view, PASSWORD).await;
        assert_eq!((view.url.path(), view.url.query()), ("/reports", None), "{}", view.body);
        assert!(visitor.largest_head <= 4000, "{} bytes of head", visitor.largest_head);
    }
    assert!(world.log().contains("too long to come back to"), "{}", world.log());
}

#[tokio::test]
async fn a_page_that_starts_again_leads_to_where_it_was_to_lead() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.visit("/reports?x=1").await;
    visitor.jar().retain(|name, _| !name.contains("tx_"));
    let view = visitor.answer(&view, PASSWORD).await;
    assert_eq!(view.status, 400);
    let again = view.page.link("Start again").expect("a way on").to_owned();
    assert_eq!(again, "/.gateway/sign-in?return=%2Freports%3Fx%3D1");
    let view = visitor.follow(&view, &again).await;
    let view = visitor.answer(&view, PASSWORD).await;
    assert_eq!((view.url.path(), view.url.query()), ("/reports", Some("x=1")));
}

/// L-27.
#[tokio::test]
async fn within_another_page_nothing_begins_and_a_link_leads_out() {
    let world = World::new().await;
    for (dest, referer, back) in [
        ("iframe", format!("http://localhost:{}/outer?a=1", world.port), "%2Fouter%3Fa%3D1"),
        ("frame", "http://other.example/".to_owned(), "%2Finner%3Fx%3D1"),
        ("object", format!("http://localhost:{}.evil.example/", world.port), "%2Finner%3Fx%3D1"),
        ("embed", String::new(), "%2Finner%3Fx%3D1"),
    ] {
        let mut visitor = Visitor::new(&world);
        visitor.headers = vec![("sec-fetch-dest".to_owned(), dest.to_owned()), ("referer".to_owned(), referer)];
        let view = visitor.visit("/inner?x=1").await;
        assert_eq!(view.status, 401, "{dest}: {}", view.body);
        assert!(!view.headers.contains_key("x-frame-options"), "it shows within the page");
        let policy = view.headers["content-security-policy"].to_str().expect("text").to_owned();
        assert!(!policy.contains("frame-ancestors"), "{policy}");
        let way = format!("href=\"/.gateway/sign-in?return={back}\" target=\"_top\"");
        assert!(view.body.contains(&way), "{dest}: {way} is not in {}", view.body);
        assert!(visitor.jar().is_empty(), "nothing begins: {:?}", visitor.jar());
    }
    assert_eq!(world.calls("/v1/interact").await, 0);
    // The sign-in pages themselves show in no frame.
    let mut visitor = Visitor::new(&world);
    let view = visitor.visit("/inner?x=1").await;
    assert_eq!(view.headers["x-frame-options"], "DENY");
    let url = Url::parse(&format!("http://localhost:{}/.gateway/sign-in", world.port)).expect("an address");
    visitor.headers = vec![("sec-fetch-dest".to_owned(), "iframe".to_owned())];
    assert_eq!(visitor.send(Method::GET, url, None, "cross-site").await.status(), 401);
}

/// L-25: nobody is signed in, and another site's page sends the visitor over and over.
#[tokio::test]
async fn another_website_pushes_no_open_sign_in_out() {
    let world = World::new().await;
    for target in ["/x".to_owned(), format!("/x?{}", noise(400))] {
        let mut visitor = Visitor::new(&world);
        let own = visitor.visit("/mine?a=1").await;
        visitor.headers = vec![("sec-fetch-site".to_owned(), "cross-site".to_owned())];
        let (mut begun, mut asked) = (0, 0);
        for number in 0..12 {
            let view = visitor.visit(&format!("{target}&{number}")).await;
            match view.page.headings[0].as_str() {
                "Sign in" => begun += 1,
                "Sign in needed" => asked += 1,
                other => panic!("{other}: {}", view.page.text),
            }
        }
        assert!(begun > 0 && asked > 0, "{begun} begun, {asked} asked");
        assert!(visitor.largest_cookies <= 4000, "{}", visitor.largest_cookies);
        // A press begins another one all the same, and the visitor's own goes on.
        visitor.headers.clear();
        let view = visitor.answer(&own, PASSWORD).await;
        assert_eq!((view.url.path(), view.url.query()), ("/mine", Some("a=1")), "{}", view.body);
    }
}
