//! Policies: conditions on people and their requests, and the policy tests of a configuration.

use std::process::Command;

use crate::raw::{Raw, status};
use crate::visitor::Visitor;
use crate::world::World;

fn route(path: &str, allow: &str) -> String {
    format!("\n[[route]]\npath = \"{path}\"\nupstream = \"APP\"\nallow = {allow}\n")
}

/// What `idx-gateway check` says of the world's configuration, and whether it is good.
fn check(world: &World) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_idx-gateway"))
        .args(["check", "--config"])
        .arg(world.path("gateway.toml"))
        .output()
        .expect("check runs");
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// All that is wrong is told at once: settings, policies that do not say what they should, and what is only unwise.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_kind_of_problem_hides_no_other() {
    let world = World::new().await;
    let text = std::fs::read_to_string(world.path("gateway.toml")).expect("a configuration");
    let wrong = policy_test("\"nobody\"", "GET http://localhost/reports", "pass");
    std::fs::write(
        world.path("gateway.toml"),
        text.replace("[server]\n", "[server]\ntrusted_proxies = [\"0.0.0.0/0\"]\nnonsense = 1\n") + &wrong,
    )
    .expect("written");
    let expected =
        ["server.nonsense: unknown setting", "policy_test[0].expect: GET", "server.trusted_proxies: trusts everybody"];
    let (is_good, said) = check(&world);
    assert!(!is_good, "{said}");
    for line in expected {
        assert_eq!(said.matches(line).count(), 1, "{line}: {said}");
    }
    assert!(said.lines().any(|line| line.contains("trusts everybody") && line.ends_with(" (a warning)")), "{said}");
    assert!(!world.reload().await);
    let log = world.log();
    for (level, line) in ["ERROR", "ERROR", " WARN"].into_iter().zip(expected) {
        assert!(log.lines().any(|logged| logged.contains(level) && logged.contains(line)), "{line}: {log}");
    }
    // Where nothing but a policy is wrong, too.
    world.edit("nonsense = 1\n", "");
    let (is_good, said) = check(&world);
    assert!(!is_good && said.contains(expected[1]) && said.contains(expected[2]), "{said}");
}

fn policy_test(who: &str, request: &str, expect: &str) -> String {
    format!("\n[[policy_test]]\nas = {who}\nrequest = \"{request}\"\nexpect = \"{expect}\"\n")
}

/// WebDAV's COPY and MOVE write to a second address (RFC 4918 §10.3).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_needs_leave_where_it_writes() {
    let stripped = format!("{}strip_prefix = true\n", route("/files", "\"public\""));
    let replaced = route("/old", "\"public\"") + "rewrite = { regex = \"/old/(.*)\", replacement = \"/new/$1\" }\n";
    let routes = [
        route("/dav", "\"public\""),
        route("/dav/closed", "{ groups = [\"admins\"] }"),
        route("/dav/read", "\"public\"") + "methods = [\"GET\", \"COPY\"]\n",
        stripped,
        route("/closed", "\"public\""),
        route("/files/closed", "{ groups = [\"admins\"] }"),
        replaced,
    ];
    let world = World::with(&routes.concat(), &[]).await;
    let here = format!("http://localhost:{}", world.port);
    let ask = async |line: &str, destination: &str| {
        let mut raw = Raw::to(world.port).await;
        raw.send(format!(
            "{line} HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\nDestination: {destination}\r\n\r\n",
            world.port
        ))
        .await;
        status(&raw.rest().await).to_owned()
    };
    for (line, destination, expected) in [
        ("COPY /dav/a", "/dav/b".to_owned(), "200"),
        ("COPY /dav/a", format!("{here}/dav/b"), "200"),
        ("GET /dav/a", "inbox".to_owned(), "200"),
        ("COPY /dav/a", "/dav/closed/b".to_owned(), "401"),
        ("MOVE /dav/a", format!("{here}/dav/closed/b"), "401"),
        ("BCOPY /dav/a", format!("{here}/dav/x/%2e%2e/CLOSED/b"), "401"),
        ("COPY /dav/a", "/dav/read/b".to_owned(), "405"),
        ("COPY /dav/a", "/nowhere/b".to_owned(), "404"),
        ("COPY /dav/a", "http://other.test/dav/b".to_owned(), "400"),
        ("COPY /dav/a", "//other.test/dav/b".to_owned(), "400"),
        ("COPY /files/a", "/files/b".to_owned(), "200"),
        ("COPY /files/a", "/files/closed/b".to_owned(), "401"),
        // As an application that does not know its prefix reads it.
        ("COPY /files/a", "/closed/b".to_owned(), "401"),
        ("COPY /old/a", "/old/b".to_owned(), "400"),
    ] {
        assert_eq!(ask(line, &destination).await, expected, "{line} {destination}");
    }
    assert_eq!(world.app.requests().len(), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn conditions_are_asked_of_whoever_is_signed_in() {
    let cases = [
        ("/domain", "{ email_domains = [\"example.com\"] }", 200),
        ("/other-domain", "{ email_domains = [\"xample.com\"] }", 403),
        ("/email", "{ emails = [\"password@example.com\"] }", 200),
        ("/user", "{ users = [\"PASSWORD@example.com\"] }", 200),
        ("/other-user", "{ users = [\"other@example.com\"] }", 403),
        ("/claim", "{ claims = { email_verified = [true] } }", 200),
        ("/no-claim", "{ claims = { department = [\"sales\"] } }", 403),
        ("/not-claim", "{ not = { claims = { department = [\"sales\"] } } }", 200),
        ("/here", "{ networks = [\"127.0.0.0/8\", \"::1\"] }", 200),
        ("/elsewhere", "{ networks = [\"10.0.0.0/8\"] }", 403),
        ("/reads", "{ methods = [\"GET\"] }", 200),
        ("/writes", "{ methods = [\"POST\"] }", 403),
        ("/either", "{ any = [{ groups = [\"nobody-is\"] }, { users = [\"password@example.com\"] }] }", 200),
        ("/both", "{ all = [{ groups = [\"nobody-is\"] }, { users = [\"password@example.com\"] }] }", 403),
        ("/not-email", "{ not = { emails = [\"other@example.com\"] } }", 200),
        ("/not-this-email", "{ not = { emails = [\"password@example.com\"] } }", 403),
        ("/but", "{ email_domains = [\"example.com\"], not = { users = [\"password@example.com\"] } }", 403),
        ("/optional", "\"optional\"", 200),
    ];
    let routes: String = cases.iter().map(|(path, allow, _)| route(path, allow)).collect();
    let told = "\n[[route]]\npath = \"/told\"\nupstream = \"APP\"\nallow = { groups = [\"nobody-is\"] }\ndeny_message = \"Ask <Jane> in room 7.\"\n";
    let world = World::with(&(routes + told + &route("/", "\"signed-in\"")), &[]).await;
    let mut visitor = Visitor::new(&world);
    // Without a session: what no sign-in would change is refused at once.
    for (path, status) in [("/domain", 401), ("/elsewhere", 403), ("/writes", 403), ("/optional", 200)] {
        let script = [("accept", "application/json"), ("sec-fetch-mode", "cors")];
        visitor.headers = script.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        assert_eq!(visitor.visit(path).await.status, status, "{path}");
    }
    visitor.headers.clear();
    visitor.sign_in("/", "password@example.com").await;
    for (path, allow, status) in cases {
        assert_eq!(visitor.visit(path).await.status, status, "{path}: {allow}");
    }
    let view = visitor.visit("/told").await;
    assert_eq!(view.status, 403);
    assert!(view.page.text.contains("Ask <Jane> in room 7.") && !view.body.contains("<Jane>"), "{}", view.body);
    let metrics = world.metrics().await;
    for line in [
        "gateway_decisions_total{decision=\"pass_conditions\",route=\"/domain\"} 1",
        "gateway_decisions_total{decision=\"refuse_conditions\",route=\"/elsewhere\"} 2",
        "gateway_decisions_total{decision=\"refuse_not_in_group\",route=\"/told\"} 1",
        "gateway_decisions_total{decision=\"pass_optional\",route=\"/optional\"} 2",
    ] {
        assert!(metrics.contains(line), "{line}\n{metrics}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_configuration_whose_own_tests_fail_is_not_taken() {
    let routes = route("/", "\"signed-in\"")
        + &route("/admin", "{ groups = [\"admins\"], not = { claims = { suspended = [\"true\"] } } }")
        + &route("/office", "{ networks = [\"10.0.0.0/8\"], acr_values = \"strong\" }")
        + &route("/public", "\"public\"");
    let tests = policy_test("{ groups = [\"admins\"] }", "GET http://localhost/admin/x?a=b", "pass")
        + &policy_test(
            "{ groups = [\"admins\"], claims = { suspended = true } }",
            "GET http://localhost/admin",
            "refuse",
        )
        + &policy_test("{ groups = [\"staff\"] }", "GET http://localhost/admin", "refuse")
        + &policy_test("\"nobody\"", "GET http://localhost/public/..;/admin", "sign-in")
        + &policy_test("\"nobody\"", "POST http://localhost/public", "pass")
        + &policy_test("\"signed-in\"", "GET http://elsewhere.example/", "refuse")
        + &policy_test("{ acr = \"strong\" }", "GET http://localhost/office", "refuse")
        + &(policy_test("{ acr = \"strong\" }", "GET http://localhost/office", "pass") + "from = \"10.1.2.3\"\n")
        + &(policy_test("{}", "GET http://localhost/office", "step-up") + "from = \"10.1.2.3\"\n")
        + "\n[[policy_test]]\nrequest = \"GET http://localhost/\"\nexpect = \"sign-in\"\n";
    let world = World::with(&(routes + &tests), &[]).await;
    assert_eq!(check(&world), (true, String::new()));
    world.edit("allow = { groups = [\"admins\"], not", "allow = { groups = [\"staff\"], not");
    let (is_good, said) = check(&world);
    assert!(!is_good, "{said}");
    for line in [
        "policy_test[0].expect: GET http://localhost/admin/x?a=b: expected pass, found refuse: route /admin: they are in none",
        "policy_test[2].expect: GET http://localhost/admin: expected refuse, found pass: route /admin: they are in a group",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
    assert!(said.lines().all(|line| line.contains("gateway.toml:")), "{said}");
    assert!(!world.reload().await, "a configuration whose tests fail was taken");
    assert!(world.log().contains("expected pass, found refuse"));
    world.edit("allow = { groups = [\"staff\"], not", "allow = { groups = [\"admins\"], not");
    assert!(world.reload().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reload_that_opens_something_is_refused_unless_it_says_so() {
    let routes = route("/", "\"signed-in\"") + &route("/admin", "{ groups = [\"admins\"] }");
    let excepted = "allow = { groups = [\"x\"], not = { emails = [\"bad@example.com\"] } }";
    let routes = format!("{routes}\n[[route]]\npath = \"/excepted\"\nupstream = \"APP\"\n{excepted}\n");
    let lately = "max_age_minutes = 15";
    let routes = format!("{routes}{}{lately}\nmax_idle_minutes = 5\n", route("/lately", "\"signed-in\""));
    let world =
        World::with(&format!("allow_widening = []\n{routes}"), &[("GATEWAY_REQUIRE_NO_WIDENING", "true")]).await;
    let admins = "allow = { groups = [\"admins\"] }";
    // What closes something, or changes nothing, is taken.
    world.edit(admins, "allow = { groups = [\"admins\"], networks = [\"127.0.0.0/8\"] }");
    assert!(world.reload().await);
    let narrow = "allow = { groups = [\"admins\"], networks = [\"127.0.0.0/8\"] }";
    for (from, to, told) in [
        (
            narrow,
            "allow = { groups = [\"admins\", \"staff\"], networks = [\"127.0.0.0/8\"] }",
            "is open to somebody who is in staff",
        ),
        (narrow, admins, "is open to somebody who is in admins from 192.0.2.1"),
        (narrow, "allow = \"public\"", "GET localhost/admin is open to somebody who is nobody"),
        ("path = \"/admin\"", "path = \"/administration\"", "/admin is open to somebody who is signed in"),
        (
            excepted,
            "allow = { not = { emails = [\"bad@example.com\"] } }",
            "/excepted is open to somebody who is signed in",
        ),
        (
            excepted,
            "allow = { groups = [\"x\"] }",
            "/excepted is open to somebody who is without a verified email and in x",
        ),
        // A limit that is only moved.
        (
            narrow,
            "allow = { groups = [\"admins\"], networks = [\"126.0.0.0/7\"] }",
            "is open to somebody who is in admins from 126.",
        ),
        (lately, "max_age_minutes = 50", "/lately is open to somebody who is signed in, signed in 49 minutes ago"),
        (
            "max_idle_minutes = 5\n",
            "max_idle_minutes = 6\n",
            "/lately is open to somebody who is signed in, left alone for 5 minutes",
        ),
    ] {
        world.edit(from, to);
        assert!(!world.reload().await, "{to} was taken");
        assert!(world.log().contains(told), "{told}\n{}", world.log());
        world.edit(to, from);
    }
    world.edit(narrow, "allow = \"public\"");
    world.edit("allow_widening = []", "allow_widening = [\"/admin\"]");
    assert!(world.reload().await);
    assert!(world.log().contains("as server.allow_widening says"));
}

/// What no made-up visitor shows is compared as a setting, and told by its key.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reload_that_changes_a_setting_about_who_gets_in_is_refused_by_its_key() {
    let proxies = "trusted_proxies = [\"192.0.2.1\", \"192.0.2.2\"]";
    let issuer = "\n[[bearer_issuer]]\nname = \"corp\"\nissuer = \"https://corp.example\"\naudiences = [\"api\"]\n\
                  algorithms = [\"ES256\", \"PS256\"]\ngroups_claim = \"groups\"\n";
    let provider = "\n[[provider]]\nname = \"partners\"\nissuer = \"https://partners.example\"\nclient_id = \"a\"\n\
                    client_secret = \"b\"\nsubject_claim = \"sub\"\n";
    let cors = "cors = { origins = [\"https://a.example\"], methods = [\"GET\", \"POST\"] }";
    let strict = "http://127.0.0.1:9";
    let routes = [
        route("/adm", "{ groups = [\"admins\"] }").replace("APP", strict),
        route("/open", "\"public\"").replace("APP", "http://127.0.0.1:10") + "upstream_kind = \"generic\"\n",
        route("/api", "\"signed-in\"") + "bearer = [\"corp\"]\n" + cors + "\nmaintenance = true\n",
    ]
    .concat();
    let more = format!("allow_widening = []\n{proxies}\n{issuer}{provider}{routes}");
    let world = World::with(&more, &[("GATEWAY_REQUIRE_NO_WIDENING", "true")]).await;
    for (from, to, told) in [
        (proxies, "trusted_proxies = [\"192.0.2.0/24\"]", "server.trusted_proxies has changed"),
        ("\"ES256\", \"PS256\"", "\"ES256\", \"RS256\"", "(bearer_issuer \"corp\": algorithms)"),
        ("groups_claim = \"groups\"", "groups_claim = \"title\"", "(bearer_issuer \"corp\": groups_claim)"),
        ("methods = [\"GET\", \"POST\"] }", "methods = [\"GET\", \"DELETE\"] }", "https://a.example (cors.methods)"),
        ("] }\nmaintenance", "], credentials = true }\nmaintenance", "https://a.example (cors.credentials)"),
        ("upstream_kind = \"generic\"", "upstream_kind = \"tomcat\"", "route `/open`: upstream_kind has changed"),
        ("http://127.0.0.1:10", strict, "route `/open`: upstream has changed"),
        ("subject_claim = \"sub\"", "subject_claim = \"email\"", "provider.partners.subject_claim has changed"),
    ] {
        world.edit(from, to);
        assert!(!world.reload().await, "{to} was taken");
        assert!(world.log().contains(told), "{told}\n{}", world.log());
        if from == "http://127.0.0.1:10" {
            // The stricter route has the same address.
            world.edit(
                "path = \"/open\"\nupstream = \"http://127.0.0.1:9\"",
                "path = \"/open\"\nupstream = \"http://127.0.0.1:10\"",
            );
        } else {
            world.edit(to, from);
        }
    }
    // What is narrower, leads to a new server, or ends maintenance, is taken.
    for (from, to) in [
        (proxies, "trusted_proxies = [\"192.0.2.1\"]"),
        ("\"ES256\", \"PS256\"", "\"ES256\""),
        ("methods = [\"GET\", \"POST\"] }", "methods = [\"GET\"] }"),
        ("http://127.0.0.1:10", "http://127.0.0.1:11"),
        ("maintenance = true", "maintenance = false"),
        (provider, "\n"),
    ] {
        world.edit(from, to);
        assert!(world.reload().await, "{to} was refused\n{}", world.log());
    }
    world.edit("allow_widening = []", "allow_widening = [\"server.trusted_proxies\"]");
    world.edit("[\"192.0.2.1\"]", "[\"192.0.2.1\", \"192.0.2.2\"]");
    assert!(world.reload().await);
    assert!(world.log().contains("server.trusted_proxies has changed"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_refused_reads_which_rule_it_was() {
    let cases = [
        ("/group", "{ groups = [\"auditors\"] }", "It is open to members of auditors.", "in none of the groups"),
        (
            "/both",
            "{ groups = [\"staff\"], all = [{ groups = [\"auditors\", \"board\"] }] }",
            "It is open to members of auditors, board.",
            "in none of the groups",
        ),
        ("/not", "{ not = { groups = [\"staff\"] } }", "Accounts like yours are excluded", "excepted"),
        (
            "/user",
            "{ users = [\"other@example.com\"] }",
            "It is open to certain accounts only",
            "none of those who may",
        ),
        (
            "/claim",
            "{ claims = { department = [\"sales\"] } }",
            "It is open to certain accounts only",
            "none of those who may",
        ),
        ("/but", "{ not = { users = [\"password@example.com\"] } }", "Accounts like yours are excluded", "excepted"),
        (
            "/elsewhere",
            "{ networks = [\"10.0.0.0/8\"] }",
            "It can only be reached from certain networks",
            "none of the networks",
        ),
        ("/writes", "{ methods = [\"POST\"] }", "What you tried to do is not allowed there.", "its method is none"),
    ];
    let routes: String = cases.iter().map(|(path, allow, ..)| route(path, allow)).collect();
    let world = World::with(&(routes + &route("/", "\"signed-in\"")), &[]).await;
    let mut visitor = Visitor::new(&world);
    let anonymous = visitor.visit("/elsewhere").await;
    assert!(anonymous.status == 403 && anonymous.page.text.contains("certain networks"), "{}", anonymous.body);
    assert!(!anonymous.page.text.contains("account"), "nobody is signed in: {}", anonymous.body);
    visitor.sign_in("/", "password@example.com").await;
    for (path, _, said, why) in cases {
        let view = visitor.visit(path).await;
        assert!(view.status == 403 && view.page.text.contains(said), "{path}: {}", view.body);
        assert!(view.page.text.contains("You are signed in as password@example.com"), "{path}: {}", view.body);
        assert!(!view.page.text.contains("staff"), "they are in it: {path}: {}", view.body);
        let log = world.log();
        let line = log
            .lines()
            .rev()
            .find(|line| line.contains("refused by the policy") && line.contains(&format!("route={path} ")));
        let line = line.unwrap_or_else(|| panic!("{path} is not in {log}"));
        assert!(line.contains(why), "{line}");
        let id = line.split("id=").nth(1).and_then(|rest| rest.split(' ').next()).expect("an id");
        assert!(view.body.contains(id), "the page names the line: {line}\n{}", view.body);
    }
}

/// Whoever would meet the next condition only to be refused by another one reads both at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_refused_reads_every_condition_that_fails() {
    let groups = "It is open to members of auditors.";
    let network = "It can only be reached from certain networks";
    let cases = [
        ("/all", "{ groups = [\"auditors\"], networks = [\"10.0.0.0/8\"] }", &[groups, network][..]),
        (
            "/three",
            "{ groups = [\"auditors\"], methods = [\"POST\"], not = { groups = [\"staff\"] } }",
            &[groups, "What you tried to do is not allowed there.", "Accounts like yours are excluded"],
        ),
        (
            "/lists",
            "{ groups = [\"auditors\"], all = [{ groups = [\"board\"] }] }",
            &[groups, "It is open to members of board."],
        ),
        // What holds is not told, and of alternatives the one that is nearest.
        ("/one", "{ groups = [\"staff\"], networks = [\"10.0.0.0/8\"] }", &[network]),
        (
            "/any",
            "{ any = [{ groups = [\"board\"], networks = [\"10.0.0.0/8\"] }, { users = [\"o@example.com\"] }, { groups = [\"auditors\"] }] }",
            &[groups],
        ),
    ];
    let routes: String = cases.iter().map(|(path, allow, _)| route(path, allow)).collect();
    let world = World::with(&(routes + &route("/", "\"signed-in\"")), &[]).await;
    let mut visitor = Visitor::new(&world);
    // Before a sign-in it is not known who somebody is, only where they are.
    let anonymous = visitor.visit("/all").await;
    assert!(anonymous.status == 403 && anonymous.page.text.contains(network), "{}", anonymous.body);
    assert!(!anonymous.page.text.contains("auditors"), "{}", anonymous.body);
    visitor.sign_in("/", "password@example.com").await;
    let sentences = ["It is open to", "It can only be reached", "What you tried", "Accounts like yours"];
    for (path, _, said) in cases {
        let view = visitor.visit(path).await;
        assert_eq!(view.status, 403, "{path}");
        for sentence in said {
            assert!(view.page.text.contains(sentence), "{path}: {sentence}: {}", view.page.text);
        }
        let count: usize = sentences.iter().map(|sentence| view.page.text.matches(sentence).count()).sum();
        assert_eq!(count, said.len(), "{path}: {}", view.page.text);
    }
    let script = [("accept", "application/json"), ("sec-fetch-mode", "cors")];
    visitor.headers = script.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let told: serde_json::Value = serde_json::from_str(&visitor.visit("/all").await.body).expect("JSON");
    let reasons = "they are in none of the groups that may; the request comes from none of the networks that may";
    assert_eq!(told["reason"], reasons);
    assert!(world.log().contains(reasons), "{}", world.log());
}
