//! Which hosts are answered for, as bytes on the wire.

use crate::proxying::raw;
use crate::raw::status;
use crate::world::World;

const ROUTES: &str = "[[route]]\nname = \"app\"\nupstream = \"APP\"\n\
    [[route]]\nname = \"open\"\npath = \"/public\"\nupstream = \"APP\"\nallow = \"public\"\n\
    [[route]]\nname = \"named\"\nhost = \"wiki.localhost\"\nupstream = \"APP\"\nallow = \"public\"\n\
    [[route]]\nname = \"below\"\nhost = \"*.apps.localhost\"\nupstream = \"APP\"\nallow = \"public\"\n";

fn get(target: &str, host: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
}

/// P-14.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_hosts_that_the_configuration_names_are_answered() {
    let world = World::with(ROUTES, &[]).await;
    for (host, expect) in [
        ("localhost", "200"),
        ("LOCALHOST.:99", "200"),
        ("wiki.localhost", "200"),
        ("a.apps.localhost", "200"),
        ("apps.localhost", "421"),
        ("127.0.0.1", "421"),
        ("evil.example", "421"),
        ("localhost.evil.example", "421"),
    ] {
        for target in ["/public", &format!("http://{host}/public")] {
            let answer = raw(&world, get(target, host).as_bytes());
            assert_eq!(status(&answer), expect, "{target} of {host}: {answer}");
        }
        let answer = raw(&world, get("/.gateway/signed-out", host).as_bytes());
        assert_eq!(status(&answer), expect, "our own pages of {host}: {answer}");
    }
    let answer =
        raw(&world, b"POST /.gateway/sign-out HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 5\r\n\r\na=b&c");
    assert_eq!(status(&answer), "421", "{answer}");
    let metrics = world.metrics().await;
    assert!(metrics.contains("gateway_requests_refused_total{reason=\"unknown_host\"} 13\n"), "{metrics}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_load_balancer_need_not_know_the_host() {
    let world = World::new().await;
    for request in [
        get("/.gateway/ping", "localhost"),
        get("/.gateway/ping?x=1", "10.0.0.7:8080"),
        get("/.gateway/ping", "evil.example"),
        "OPTIONS /.gateway/ping HTTP/1.0\r\n\r\n".to_owned(),
        "HEAD /.gateway/ping HTTP/1.1\r\nHost: [::1]\r\nConnection: close\r\n\r\n".to_owned(),
    ] {
        let answer = raw(&world, request.as_bytes());
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        assert_eq!((status(head), body), ("200", ""), "{request:?}: {answer}");
        assert!(!head.to_ascii_lowercase().contains("set-cookie"), "{head}");
    }
    assert_eq!(status(&raw(&world, get("/.gateway/ping/x", "10.0.0.7").as_bytes())), "421");
}
