//! Several upstreams of a route: which of them a request goes to, and what happens when one of them is gone.

use std::io::{Read as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use crate::proxying::raw;
use crate::upstream::Upstream;
use crate::world::World;

/// Says its name to whatever is asked, and keeps connections.
fn saying(name: &'static str) -> Upstream {
    Upstream::new(move |stream, _, _| {
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{name}", name.len());
        stream.write_all(answer.as_bytes()).is_ok()
    })
}

fn route(upstreams: &[String], more: &str) -> String {
    format!("\n[[route]]\nname = \"several\"\nallow = \"public\"\nupstream = [{}]\n{more}\n", upstreams.join(", "))
}

fn url(upstream: &Upstream) -> String {
    format!("\"http://{}\"", upstream.address())
}

fn ask(world: &World, cookie: &str) -> String {
    let port = world.port;
    raw(world, format!("GET /x HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n{cookie}\r\n").as_bytes())
}

fn said(answer: &str) -> &str {
    answer.split("\r\n\r\n").nth(1).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_are_shared_as_weights_say_and_a_browser_stays_where_it_was() {
    let (one, two) = (saying("one"), saying("two"));
    let weighed = [format!("{{ url = {}, weight = 3 }}", url(&one)), format!("{{ url = {} }}", url(&two))];
    let world = World::with(&route(&weighed, ""), &[]).await;
    let names: Vec<String> = (0..8).map(|_| said(&ask(&world, "")).to_owned()).collect();
    assert_eq!(names.iter().filter(|name| *name == "one").count(), 6, "{names:?}");
    let world = World::with(&route(&weighed, "sticky = true"), &[]).await;
    let first = ask(&world, "");
    let cookie = first.lines().find(|line| line.to_ascii_lowercase().starts_with("set-cookie: ")).expect("a cookie");
    let pair = cookie["set-cookie: ".len()..].split(';').next().expect("a pair");
    assert!(pair.starts_with("gw_member_") && cookie.contains("HttpOnly") && !cookie.contains("127.0.0.1"), "{cookie}");
    assert!(first.to_ascii_lowercase().contains("cache-control: private"), "{first}");
    for _ in 0..6 {
        let again = ask(&world, &format!("Cookie: {pair}\r\n"));
        assert_eq!(said(&again), said(&first));
        assert!(!again.to_ascii_lowercase().contains("set-cookie"), "{again}");
    }
    assert!(one.heads().iter().chain(&two.heads()).all(|head| !head.contains("gw_member_")), "it is not the app's");
    let forged = format!("Cookie: {}x\r\n", pair);
    assert!(ask(&world, &forged).contains("200 OK"));
}

/// An upstream whose every connection can be cut, and which then refuses new ones: as one that was killed.
struct Mortal {
    address: std::net::SocketAddr,
    tasks: tokio::task::JoinHandle<()>,
}

impl Mortal {
    async fn new(name: &'static str) -> Self {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let tasks = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                connections.spawn(async move {
                    let mut bytes = [0; 4096];
                    while let Ok(1..) = stream.read(&mut bytes).await {
                        tokio::time::sleep(Duration::from_millis(2)).await;
                        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{name}", name.len());
                        if stream.write_all(answer.as_bytes()).await.is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Self { address, tasks }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_member_that_dies_under_load_costs_no_request_that_may_be_sent_again() {
    let (one, two) = (Mortal::new("one").await, Mortal::new("two").await);
    let urls = [&one, &two].map(|member| format!("\"http://{}\"", member.address));
    let world = World::with(&route(&urls, ""), &[]).await;
    let (failed, of_two) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let ends = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..8)
        .map(|_| {
            let (failed, of_two, ends, port) =
                (Arc::clone(&failed), Arc::clone(&of_two), Arc::clone(&ends), world.port);
            tokio::spawn(async move {
                let client = reqwest::Client::builder().no_proxy().build().expect("a client");
                while !ends.load(Ordering::Relaxed) {
                    let answer =
                        client.get(format!("http://127.0.0.1:{port}/x")).header("host", "localhost").send().await;
                    match answer {
                        Ok(answer) if answer.status() == 200 => {
                            if answer.text().await.is_ok_and(|text| text == "two") {
                                of_two.fetch_add(1, Ordering::Relaxed);
                            }
                        }
                        _ => drop(failed.fetch_add(1, Ordering::Relaxed)),
                    }
                }
            })
        })
        .collect();
    let answered = |at_least: usize| {
        let of_two = Arc::clone(&of_two);
        async move {
            // A busy machine may take its time: a minute.
            for _ in 0..6000 {
                if of_two.load(Ordering::Relaxed) >= at_least {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            panic!("only {} answers", of_two.load(Ordering::Relaxed));
        }
    };
    answered(200).await;
    one.tasks.abort();
    let before = of_two.load(Ordering::Relaxed);
    answered(before + 1000).await;
    ends.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.expect("it ends");
    }
    assert_eq!(failed.load(Ordering::Relaxed), 0, "{}", world.log());
    let metrics = world.metrics().await;
    let name = format!("gateway_upstream_ejections_total{{upstream=\"http://{}\"}}", one.address);
    assert!(metrics.contains(&name), "{name}\n{metrics}");
    assert!(!world.log().contains("a request failed"), "a retry that succeeds is no warning");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upstream_that_is_not_well_gets_no_requests_until_it_is() {
    let is_well = Arc::new(AtomicBool::new(true));
    let sick = {
        let is_well = Arc::clone(&is_well);
        Upstream::new(move |stream, head, _| {
            let status = if head.starts_with("GET /up ") && !is_well.load(Ordering::Relaxed) { 503 } else { 200 };
            stream.write_all(format!("HTTP/1.1 {status} X\r\nContent-Length: 4\r\n\r\nsick").as_bytes()).is_ok()
        })
    };
    let well = saying("well");
    let check = "health_check = { path = \"/up\", interval_seconds = 1, timeout_seconds = 60, failures = 1 }";
    let world = World::with(&route(&[url(&sick), url(&well)], check), &[]).await;
    let available = |value: u8| format!("gateway_upstream_available{{upstream=\"http://{}\"}} {value}", sick.address());
    let becomes = async |value: u8| {
        for _ in 0..200 {
            if world.metrics().await.contains(&available(value)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{} never comes: {}", available(value), world.metrics().await);
    };
    becomes(1).await;
    let names = || -> Vec<String> { (0..6).map(|_| said(&ask(&world, "")).to_owned()).collect() };
    assert!(names().contains(&"sick".to_owned()));
    is_well.store(false, Ordering::Relaxed);
    becomes(0).await;
    assert!(names().iter().all(|name| name == "well"), "{:?}", names());
    assert!(world.log().contains("the upstream is not well, and gets no requests"));
    is_well.store(true, Ordering::Relaxed);
    becomes(1).await;
    assert!(names().contains(&"sick".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_every_member_is_gone_that_is_said_and_the_first_that_is_back_gets_requests() {
    let ports = [crate::world::free_port(), crate::world::free_port()];
    let urls = ports.map(|port| format!("\"http://127.0.0.1:{port}\""));
    let world = World::with(&route(&urls, "eject_after_failures = 2\neject_seconds = 2"), &[]).await;
    for _ in 0..4 {
        let answer = ask(&world, "");
        assert!(answer.starts_with("HTTP/1.1 502 ") && answer.contains("\"reference\""), "{answer}");
    }
    let log = world.log();
    let failed = log.lines().filter(|line| line.contains("WARN") && line.contains("a request failed"));
    assert!(failed.clone().count() == 4 && failed.clone().all(|line| line.contains("ConnectRefused")), "{log}");
    let metrics = world.metrics().await;
    assert!(metrics.contains("gateway_requests_total{route=\"several\",status=\"5xx\"} 4"), "{metrics}");
    let named = |what: &str, port: u16| format!("gateway_upstream_{what}{{upstream=\"http://127.0.0.1:{port}\"}}");
    for port in ports {
        assert!(log.contains(&format!("it is left alone for a while upstream=http://127.0.0.1:{port}")), "{log}");
        assert!(metrics.contains(&named("ejections_total", port)), "{metrics}");
    }
    let _back = Upstream::at(ports[1], |stream, _, _| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nback").is_ok()
    });
    for _ in 0..4 {
        assert_eq!(said(&ask(&world, "")), "back", "nobody who asks meets the one that is still gone");
    }
    let is_back = format!("{} 1", named("available", ports[1]));
    for _ in 0..200 {
        if world.metrics().await.contains(&is_back) {
            assert!(world.log().contains("an upstream that was left alone gets requests again"));
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{is_back} never comes: {}", world.metrics().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_may_have_been_done_is_not_done_again_elsewhere() {
    // Takes a request and hangs up.
    let (broken, well) = (Upstream::new(|_, _, _| false), saying("well"));
    let world = World::with(&route(&[url(&broken), url(&well)], "eject_after_failures = 1000"), &[]).await;
    let send = |method: &str| {
        let port = world.port;
        let request =
            format!("{method} /x HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        crate::upstream::status(&raw(&world, request.as_bytes()))
    };
    for method in ["GET", "PUT", "DELETE", "OPTIONS"] {
        assert_eq!([send(method), send(method)], [200, 200], "{method}");
    }
    for method in ["POST", "PATCH"] {
        let mut both = [send(method), send(method)];
        both.sort_unstable();
        assert_eq!(both, [200, 502], "{method}");
    }
    let count =
        |upstream: &Upstream, method: &str| upstream.heads().iter().filter(|head| head.starts_with(method)).count();
    for method in ["POST", "PATCH"] {
        assert_eq!((count(&broken, method), count(&well, method)), (1, 1), "{method}");
    }
    assert_eq!(count(&well, "GET"), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upstream_may_listen_at_a_socket_in_the_file_system() {
    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("app.sock");
    let listener = std::os::unix::net::UnixListener::bind(&socket).expect("a socket");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut bytes = [0; 4096];
            let _ = stream.read(&mut bytes);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsocket");
        }
    });
    let world = World::with(&route(&[format!("\"unix:{}\"", socket.display())], ""), &[]).await;
    assert_eq!(said(&ask(&world, "")), "socket");
}

/// An upstream that speaks HTTP/2 without TLS, and answers each call with a message and a status in trailers.
async fn grpc() -> std::net::SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let Ok(mut connection) = h2::server::handshake(stream).await else { return };
                while let Some(Ok((_, mut respond))) = connection.accept().await {
                    let head =
                        http::Response::builder().header("content-type", "application/grpc").body(()).expect("a head");
                    let Ok(mut body) = respond.send_response(head, false) else { return };
                    let _ = body.send_data(bytes::Bytes::from_static(b"\0\0\0\0\x02hi"), false);
                    let trailers = [("grpc-status", "0"), ("x-trailer", "kept")];
                    let trailers =
                        trailers.map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")));
                    let _ = body.send_trailers(trailers.into_iter().collect());
                }
            });
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn grpc_passes_with_its_trailers_and_is_refused_with_a_status() {
    let address = grpc().await;
    let route = |path: &str, allow: &str, upstream: &str| {
        format!("\n[[route]]\npath = \"{path}\"\nupstream = \"{upstream}\"\nallow = {allow}\n")
    };
    let to = format!("h2c://{address}");
    let routes = route("/open", "\"public\"", &to)
        + &route("/closed", "\"signed-in\"", &to)
        + &route("/elsewhere", "{ networks = [\"10.0.0.0/8\"] }", &to)
        + &route("/gone", "\"public\"", "http://127.0.0.1:9");
    let world = World::with(&format!("h2c = true\n{routes}"), &[]).await;
    let stream = tokio::net::TcpStream::connect(("127.0.0.1", world.port)).await.expect("a connection");
    let (client, connection) = h2::client::handshake(stream).await.expect("HTTP/2");
    tokio::spawn(connection);
    let mut client = client.ready().await.expect("ready");
    for (path, status) in [
        ("/open/Call", "0"),
        ("/closed/Call", "16"),
        ("/elsewhere/Call", "7"),
        ("/gone/Call", "14"),
        ("/none/Call", "12"),
    ] {
        let request = http::Request::post(format!("http://localhost:{}{path}", world.port))
            .header("content-type", "application/grpc+proto")
            .header("te", "trailers")
            .body(())
            .expect("a request");
        let (answer, mut body) = client.send_request(request, false).expect("sent");
        body.send_data(bytes::Bytes::from_static(b"\0\0\0\0\0"), true).expect("sent");
        let answer = answer.await.expect("an answer");
        assert_eq!(answer.status(), 200, "{path}");
        let (head, mut body) = answer.into_parts();
        assert_eq!(head.headers["content-type"], "application/grpc", "{path}");
        if status != "0" {
            assert_eq!(head.headers["grpc-status"], status, "{path}");
            assert!(
                body.is_end_stream(),
                "{path}: clients take a status in a head for one only where the stream ends with it"
            );
            continue;
        }
        assert_eq!(body.data().await.expect("data").expect("data"), &b"\0\0\0\0\x02hi"[..]);
        let trailers = body.trailers().await.expect("trailers").expect("trailers");
        assert_eq!(
            (&trailers["grpc-status"], &trailers["x-trailer"]),
            (&"0".parse().expect("a value"), &"kept".parse().expect("a value"))
        );
    }
}

/// An upstream that speaks HTTP/2 and waits for the end of a body hears that there is none, and the client at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_an_http_2_upstream_waits_for_has_no_more_bytes_than_its_route_takes() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let tell = tell.clone();
            tokio::spawn(async move {
                let Ok(mut connection) = h2::server::handshake(stream).await else { return };
                while let Some(Ok((request, mut respond))) = connection.accept().await {
                    let tell = tell.clone();
                    tokio::spawn(async move {
                        let (mut body, mut length) = (request.into_body(), 0);
                        let end = loop {
                            match body.data().await {
                                Some(Ok(data)) => length += data.len(),
                                Some(Err(error)) => break error.reason(),
                                None => break None,
                            }
                        };
                        let _ = tell.send((length, end));
                        let _ = respond.send_response(http::Response::new(()), true);
                    });
                }
            });
        }
    });
    let world = World::with(&route(&[format!("\"h2c://{address}\"")], "max_body = \"10 B\""), &[]).await;
    let post = |content_type: &str, size: usize| {
        let head = format!("POST / HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n", world.port);
        let body = "a".repeat(size);
        let request =
            format!("{head}Content-Type: {content_type}\r\nTransfer-Encoding: chunked\r\n\r\n{size:x}\r\n{body}\r\n");
        // Nothing ends the body of the larger one, as nothing ends an upload that goes on.
        let end = if size > 10 { "" } else { "0\r\n\r\n" };
        raw(&world, format!("{request}{end}").as_bytes())
    };
    let answer = post("text/plain", 10);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(told.recv().await, Some((10, None)));
    let answer = post("text/plain", 20);
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert_eq!(told.recv().await, Some((0, Some(h2::Reason::CANCEL))));
    let answer = post("application/grpc", 20);
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\r\ngrpc-status: 8\r\n"), "{answer}");
    assert_eq!(told.recv().await, Some((0, Some(h2::Reason::CANCEL))));
    let metrics = world.metrics().await;
    assert!(metrics.contains("gateway_requests_refused_total{reason=\"body_too_large\"} 2"), "{metrics}");
}

/// With the host in the target, and by the scheme that is spoken: nginx and gRPC servers refuse any other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upstream_of_http_2_is_asked_about_its_health_as_visitors_ask_it() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (told, mut asked) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let told = told.clone();
            tokio::spawn(async move {
                let Ok(mut connection) = h2::server::handshake(stream).await else { return };
                while let Some(Ok((request, mut respond))) = connection.accept().await {
                    let _ = told.send(request.into_parts().0);
                    let _ = respond.send_response(http::Response::new(()), true);
                }
            });
        }
    });
    let check = "health_check = { path = \"/up\", interval_seconds = 1, failures = 1 }";
    let world = World::with(&route(&[format!("\"h2c://{address}\"")], check), &[]).await;
    // The second, after the first was judged.
    for _ in 0..2 {
        let head = tokio::time::timeout(Duration::from_secs(60), asked.recv()).await.expect("in time").expect("a head");
        assert_eq!(head.uri.to_string(), format!("http://{address}/up"));
        assert!(!head.headers.contains_key("host"), "{head:?}");
    }
    let line = format!("gateway_upstream_available{{upstream=\"h2c://{address}\"}} 1");
    assert!(world.metrics().await.contains(&line), "{}", world.metrics().await);
}

/// Over HTTP/2 an upstream can say that it did not begin a request: that is sent again, and nothing else that is no idempotent
/// one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_post_is_sent_again_only_where_the_upstream_says_that_it_was_not_begun() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let seen = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let counted = Arc::clone(&counted);
            tokio::spawn(async move {
                let Ok(mut connection) = h2::server::handshake(stream).await else { return };
                while let Some(Ok((request, mut respond))) = connection.accept().await {
                    let is_first = counted.fetch_add(1, Ordering::Relaxed) == 0;
                    match request.uri().path() {
                        "/refused" if is_first => respond.send_reset(h2::Reason::REFUSED_STREAM),
                        "/broken" => respond.send_reset(h2::Reason::INTERNAL_ERROR),
                        _ => drop(respond.send_response(http::Response::new(()), true)),
                    }
                }
            });
        }
    });
    let world = World::with(&route(&[format!("\"h2c://{address}\"")], ""), &[]).await;
    for (path, status, times) in [("/refused", 200, 2), ("/broken", 502, 1), ("/fine", 200, 1)] {
        seen.store(0, Ordering::Relaxed);
        let port = world.port;
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: 3\r\nConnection: close\r\n\r\na=1"
        );
        let answer = raw(&world, request.as_bytes());
        assert_eq!(crate::upstream::status(&answer), status, "{path}: {answer}\n{}", world.log());
        assert_eq!(seen.load(Ordering::Relaxed), times, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_busy_get_less_and_a_client_s_address_decides_where_that_is_asked_for() {
    let (held, release) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let slow = {
        let (held, release) = (Arc::clone(&held), Arc::clone(&release));
        Upstream::new(move |stream, _, _| {
            held.fetch_add(1, Ordering::Relaxed);
            while !release.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(5));
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nslow").is_ok()
        })
    };
    let fast = saying("fast");
    let urls = [url(&slow), url(&fast)];
    let world = Arc::new(World::with(&route(&urls, "balance = \"least-connections\""), &[]).await);
    // Somebody asks until it holds them, and waits there longer than `ask` does; from then on nothing else goes there.
    let asking = {
        let world = Arc::clone(&world);
        let port = world.port;
        let request = format!("GET /x HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n");
        std::thread::spawn(move || {
            let answers = (0..10).map(|_| crate::upstream::ask(world.port, &request));
            answers.map(|answer| said(&answer).to_owned()).find(|name| name != "fast")
        })
    };
    for _ in 0..1000 {
        if held.load(Ordering::Relaxed) == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let names: Vec<String> = (0..6).map(|_| said(&ask(&world, "")).to_owned()).collect();
    release.store(true, Ordering::Relaxed);
    let was_held = asking.join().expect("an answer");
    assert!(names.iter().all(|name| name == "fast"), "{names:?}\n{}", world.log());
    assert_eq!(was_held.as_deref(), Some("slow"), "{}", world.log());
    assert_eq!(held.load(Ordering::Relaxed), 1);

    let (one, two) = (saying("one"), saying("two"));
    let hashed = route(&[url(&one), url(&two)], "balance = \"hash\"");
    let world = World::with(&format!("trusted_proxies = [\"127.0.0.1\"]\n{hashed}"), &[]).await;
    let of = |client: usize| said(&ask(&world, &format!("X-Forwarded-For: 192.0.2.{client}\r\n"))).to_owned();
    let before: Vec<String> = (1..20).map(of).collect();
    assert_eq!((1..20).map(of).collect::<Vec<_>>(), before, "the same client, the same upstream");
    assert!(before.contains(&"one".to_owned()) && before.contains(&"two".to_owned()), "{before:?}");
}
