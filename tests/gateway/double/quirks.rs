//! What real providers do in their own way, each as the setting that is for it.

use serde_json::{Value, json};

use super::{Double, before, is_in, nobody_is_in, signs_in};
use crate::visitor::Visitor;
use crate::world::World;

/// A route for one group.
const STAFF: &str = "[[route]]\nname = \"app\"\nupstream = \"APP\"\n[[route]]\nname = \"staff\"\npath = \"/staff\"\n\
                     upstream = \"APP\"\nallow = { groups = [\"staff\"] }";

async fn staff(visitor: &mut Visitor) -> u16 {
    visitor.visit("/staff").await.status.as_u16()
}

#[tokio::test]
async fn a_hosted_domain_is_asked_for_and_compared() {
    let double = Double::start().await;
    let (_world, mut visitor) = before(&double, "hosted_domain = \"example.com\"").await;
    for hd in [Value::Null, json!("evil.example"), json!(["example.com"]), json!("example.com.evil.example")] {
        double.plan().claims = json!({"hd": hd});
        let view = signs_in(&double, &mut visitor).await;
        assert_eq!((view.status.as_u16(), &view.page.headings[..]), (403, &["You can’t sign in here".to_owned()][..]));
        nobody_is_in(&mut visitor);
    }
    double.plan().claims = json!({"hd": "example.com"});
    is_in(&signs_in(&double, &mut visitor).await);
}

#[tokio::test]
async fn a_provider_may_have_a_second_name_for_itself() {
    let double = Double::start().await;
    double.plan().claims = json!({"iss": "accounts.google.com"});
    let (_world, mut visitor) = before(&double, "").await;
    assert!(signs_in(&double, &mut visitor).await.status.is_server_error());
    let (_world, mut visitor) = before(&double, "issuer_aliases = [\"accounts.google.com\"]").await;
    is_in(&signs_in(&double, &mut visitor).await);
}

#[tokio::test]
async fn only_tenants_that_are_named_sign_in() {
    let double = Double::start().await;
    let of = |tenant: &str| format!("{}/{tenant}/v2.0", double.origin);
    double.plan().document = json!({"issuer": of("{tenantid}")});
    let section = double
        .section(
            "entra",
            "tenants = [\"tenant-a\", \"tenant-b\"]\nsubject_claim = \"oid\"\n[headers.map]\nX-Id = \"sub\"",
        )
        .replace(&format!("\"{}\"", double.origin), &format!("\"{}\"", of("common")));
    let world = World::without_org(&section).await;
    let mut visitor = Visitor::new(&world);
    for (issuer, tenant) in [
        (of("tenant-c"), json!("tenant-c")),
        (of("tenant-a"), json!("tenant-b")),
        (of("tenant-a"), Value::Null),
        (of("{tenantid}"), json!("tenant-a")),
        (of("common"), json!("common")),
    ] {
        double.plan().claims = json!({"iss": issuer, "tid": tenant, "oid": "o-1"});
        assert!(signs_in(&double, &mut visitor).await.status.is_server_error(), "{issuer} {tenant}");
        nobody_is_in(&mut visitor);
    }
    double.plan().claims = json!({"iss": of("tenant-b"), "tid": "tenant-b"});
    assert!(
        signs_in(&double, &mut visitor).await.status.is_server_error(),
        "the claim that names the person is missing"
    );
    double.plan().claims = json!({"iss": of("tenant-b"), "tid": "tenant-b", "oid": "o-1"});
    let view = signs_in(&double, &mut visitor).await;
    is_in(&view);
    assert!(view.body.contains("o-1"), "{}", view.body);
}

#[tokio::test]
async fn groups_that_are_elsewhere_are_fetched_or_nobody_signs_in() {
    let double = Double::start().await;
    double.plan().claims = json!({"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "x"}}});
    double.plan().groups = vec![vec!["a", "b"], vec!["staff"]];
    let (_world, mut visitor) = before(&double, STAFF).await;
    assert!(signs_in(&double, &mut visitor).await.status.is_server_error(), "not known is not none");
    nobody_is_in(&mut visitor);

    let graph = format!("groups_overage = \"graph\"\ngroups_overage_url = \"{}/groups\"\n{STAFF}", double.origin);
    let (_world, mut visitor) = before(&double, &graph).await;
    is_in(&signs_in(&double, &mut visitor).await);
    assert_eq!((staff(&mut visitor).await, double.calls("/groups")), (200, 2));

    // What another claim lists is not all of them, and stays beside those that are fetched.
    double.plan().claims = json!({"_claim_names": {"groups": "src1"}, "roles": ["auditor"]});
    let (_world, mut visitor) = before(&double, &format!("groups_claim = [\"groups\", \"roles\"]\n{STAFF}")).await;
    assert!(signs_in(&double, &mut visitor).await.status.is_server_error(), "not known is not none");
    let both = STAFF.replace("groups = [\"staff\"]", "all = [{ groups = [\"staff\"] }, { groups = [\"auditor\"] }]");
    let both = graph.replace(STAFF, &format!("groups_claim = [\"groups\", \"roles\"]\n{both}"));
    let (_world, mut visitor) = before(&double, &both).await;
    is_in(&signs_in(&double, &mut visitor).await);
    assert_eq!(staff(&mut visitor).await, 200);
    // Roles alone are never too many, and a token without room for more says only that there are groups.
    let (_world, mut visitor) = before(&double, "groups_claim = \"roles\"").await;
    is_in(&signs_in(&double, &mut visitor).await);
    double.plan().claims = json!({"hasgroups": true});
    let (_world, mut visitor) = before(&double, "").await;
    assert!(signs_in(&double, &mut visitor).await.status.is_server_error(), "not known is not none");

    // A page that leads elsewhere is not followed with the token.
    let graph = graph.replace("/groups\"\n", "/nowhere\"\n");
    let (_world, mut visitor) = before(&double, &graph).await;
    assert!(!signs_in(&double, &mut visitor).await.status.is_success());
    nobody_is_in(&mut visitor);
}

#[tokio::test]
async fn groups_are_found_in_nested_and_in_namespaced_claims() {
    let double = Double::start().await;
    for (setting, claims) in [
        ("realm_access.roles", json!({"realm_access": {"roles": ["staff"]}})),
        ("https://example.com/groups", json!({"https://example.com/groups": ["staff"]})),
        ("cognito:groups", json!({"cognito:groups": ["staff"]})),
    ] {
        double.plan().claims = claims;
        let (_world, mut visitor) = before(&double, &format!("groups_claim = \"{setting}\"\n{STAFF}")).await;
        is_in(&signs_in(&double, &mut visitor).await);
        assert_eq!(staff(&mut visitor).await, 200, "{setting}");
    }
    let (_world, mut visitor) = before(&double, STAFF).await;
    is_in(&signs_in(&double, &mut visitor).await);
    assert_eq!(staff(&mut visitor).await, 403);
}

#[tokio::test]
async fn signing_out_goes_where_the_provider_has_it() {
    let double = Double::start().await;
    for (settings, expected) in [
        ("", None),
        ("logout = \"none\"", None),
        ("logout = \"cognito\"\nlogout_url = \"LOGOUT\"", Some("logout_uri")),
        ("logout = \"auth0\"\nlogout_url = \"LOGOUT\"", Some("returnTo")),
    ] {
        let settings = settings.replace("LOGOUT", &format!("{}/logout", double.origin));
        let settings = format!("title = \"Somebody & Co\"\n{settings}");
        let (world, mut visitor) = before(&double, &settings).await;
        is_in(&signs_in(&double, &mut visitor).await);
        let view = visitor.visit("/.gateway/sign-out").await;
        let view = visitor.choose(&view, "Sign out").await;
        match expected {
            Some(name) => {
                let value = |wanted: &str| {
                    let pairs: Vec<_> = view.url.query_pairs().into_owned().collect();
                    pairs.into_iter().find(|(name, _)| name == wanted).map(|(_, value)| value)
                };
                let back = format!("http://localhost:{}/.gateway/signed-out", world.public);
                assert_eq!((value("client_id").as_deref(), value(name)), (Some("client"), Some(back)), "{settings}");
                assert_eq!(value("state"), None, "{settings}: not of their protocol");
            }
            None => {
                assert_eq!(view.url.path(), "/.gateway/signed-out", "{settings}");
                let said = "You are signed out here, but maybe not from Somebody & Co";
                assert!(view.page.text.contains(said), "{settings}: {}", view.page.text);
                // Who has only the address is told nothing else, and nobody can make it up.
                let view = visitor.visit("/.gateway/signed-out?here-only&state=v2.x.y").await;
                assert!(!view.page.text.contains("maybe not from"), "{}", view.page.text);
            }
        }
        nobody_is_in(&mut visitor);
    }
}

/// OpenID Connect RP-Initiated Logout 1.0: a token that is too large to keep is no reason to stay signed in there.
#[tokio::test]
async fn signing_out_names_the_client_and_the_token_where_there_is_room_for_it() {
    let double = Double::start().await;
    double.plan().document = json!({"end_session_endpoint": format!("{}/logout?a=b", double.origin)});
    let (world, mut visitor) = before(&double, "").await;
    for (claims, is_named) in [(json!({}), true), (json!({"padding": "x".repeat(6_000)}), false)] {
        double.plan().claims = claims;
        is_in(&signs_in(&double, &mut visitor).await);
        let view = visitor.visit("/.gateway/sign-out").await;
        let there = visitor.choose(&view, "Sign out").await.url;
        let asked: std::collections::BTreeMap<_, _> = there.query_pairs().into_owned().collect();
        let value = |name: &str| asked.get(name).map(String::as_str);
        let back = format!("http://localhost:{}/.gateway/signed-out", world.public);
        assert_eq!((value("a"), value("client_id")), (Some("b"), Some("client")), "{there}");
        assert_eq!(value("post_logout_redirect_uri"), Some(back.as_str()), "{there}");
        assert_eq!(value("id_token_hint").is_some(), is_named, "{there}");
        let view = visitor.visit(&format!("{back}?state={}", value("state").expect("a state"))).await;
        assert_eq!(view.page.headings, ["You have signed out"]);
        assert!(!view.page.text.contains("maybe not from"), "{}", view.page.text);
        nobody_is_in(&mut visitor);
    }
    assert!(!world.log().contains("a state that is not ours"), "{}", world.log());
}
