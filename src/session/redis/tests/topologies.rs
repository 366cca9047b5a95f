//! The ways in which a store can be reached: a user with few rights, TLS, Sentinel, Cluster.

use std::net::TcpListener;
use std::sync::atomic::AtomicU16;

use super::*;
use crate::session::{Password, TokenUse};

/// A port that nobody has, for a server that takes one: below those that outgoing connections take, and given out once.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 26_000 + (std::process::id() % 100) as u16 * 60;
    loop {
        let port = first + NEXT.fetch_add(1, Ordering::Relaxed) % 700;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// Every command that the gateway knows.
async fn everything_works(redis: &Arc<Redis>) {
    store::tests::keeps_its_promises(&store_of(redis)).await;
    let sessions = sessions_of(redis);
    let (session, cookie) = begin_as(&sessions, jane(), Some("102a")).await;
    assert!(is_active(&find(&sessions, &cookie, START).await));
    let token = text_of(&crate::secret::random());
    assert_eq!(sessions.take("okta", &token, seconds(600), START).await, Ok(TokenUse::First));
    sessions.done("okta", &token, seconds(600)).await.expect("it is kept");
    assert_eq!(sessions.take("okta", &token, seconds(600), START).await, Ok(TokenUse::Done));
    assert!(sessions.own(&session, START).await.expect("a list").iter().any(|own| own.is_current));
    sessions.end_all("okta", Whose::OrgSession("102a"), START).await.told.expect("it is told");
    assert!(!is_active(&find(&sessions, &cookie, START).await));
    sessions.end_all("okta", Whose::Person("00u1"), START).await.told.expect("it is told");
    let (_, next) = begin(&sessions).await;
    assert!(is_active(&find(&sessions, &next, START.after(seconds(5))).await));
    redis.poll().await.expect("endings are read");
}

/// The rights that docs/sessions.md gives, and a password that changes while the gateway runs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_with_the_documented_rights_is_enough_and_its_password_may_change() {
    let Some(server) = RedisServer::start() else { return };
    let documented = include_str!("../../../../docs/sessions.md");
    let rights = documented.split("user gateway on >PASSWORD ").nth(1).and_then(|rest| rest.split("```").next());
    let rights: Vec<&str> = rights.expect("the rights").split_whitespace().collect();
    let user = async |password: &str| {
        let rule = ["ACL", "SETUSER", "gateway", "reset", "on"];
        let password = format!(">{password}");
        let words: Vec<&str> = rule.into_iter().chain([password.as_str()]).chain(rights.iter().copied()).collect();
        assert_eq!(server.says(&words).trim(), "+OK");
    };
    user("first").await;
    let file = server.folder().join("password");
    std::fs::write(&file, "first\n").expect("written");
    let settings = RedisSettings {
        username: Some("gateway".to_owned()),
        password: Some(Password::File(file.clone())),
        ..settings_of(&server)
    };
    let redis = connected(settings).await;
    everything_works(&redis).await;
    user("second").await;
    server.says(&["CLIENT", "KILL", "USER", "gateway"]);
    until(|| !redis.link.is_connected()).await;
    std::fs::write(&file, "second\n").expect("written");
    until(|| redis.link.is_connected()).await;
    everything_works(&redis).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_tls_only_a_server_of_the_named_authority_is_spoken_to() {
    let Some(server) = RedisServer::start() else { return };
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = server.folder();
    let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
    std::fs::write(folder.join("cert.pem"), own.cert.pem()).expect("written");
    std::fs::write(folder.join("key.pem"), own.signing_key.serialize_pem()).expect("written");
    let port = free_port();
    let tls = port.to_string();
    let more = ["--port", "0", "--tls-port", &tls, "--tls-cert-file", "cert.pem", "--tls-key-file", "key.pem"];
    let more: Vec<&str> = more.into_iter().chain(["--tls-auth-clients", "no"]).collect();
    let _tls = RedisServer::at(port, folder, &more).expect("as the first");
    let settings = settings(&format!("rediss://localhost:{port}"));
    let trusted = RedisSettings { authority: Some(own.cert.pem().into_bytes()), ..settings.clone() };
    everything_works(&connected(trusted).await).await;
    let stranger = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
    for authority in [None, Some(stranger.cert.pem().into_bytes())] {
        let redis = Arc::new(Redis::new(
            RedisSettings { authority, ..settings.clone() },
            Arc::default(),
            Arc::default(),
            Arc::default(),
        ));
        redis.start();
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert!(!redis.link.is_connected());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_is_one_store() {
    let folder = tempfile::tempdir().expect("a folder");
    let (first, first_bus) = (free_port(), free_port().to_string());
    let mut nodes: Vec<RedisServer> = Vec::new();
    for (port, bus) in
        [(first, first_bus.clone()), (free_port(), free_port().to_string()), (free_port(), free_port().to_string())]
    {
        let name = format!("nodes-{port}.conf");
        let more = ["--cluster-enabled", "yes", "--cluster-config-file", &name, "--cluster-port", &bus];
        let Some(node) = RedisServer::at(port, folder.path(), &more) else { return };
        if port != first {
            node.says(&["CLUSTER", "MEET", "127.0.0.1", &first.to_string(), &first_bus]);
        }
        nodes.push(node);
    }
    for (node, range) in nodes.iter().zip([["0", "5460"], ["5461", "10922"], ["10923", "16383"]]) {
        assert_eq!(node.says(&["CLUSTER", "ADDSLOTSRANGE", range[0], range[1]]).trim(), "+OK");
    }
    for node in &nodes {
        node.until(&["CLUSTER", "INFO"], "cluster_state:ok");
    }
    let servers = Servers::Cluster(nodes[..2].iter().map(|node| Secret::new(node.url())).collect());
    let redis = connected(RedisSettings { servers, ..settings("redis://unused") }).await;
    everything_works(&redis).await;
}

/// The primary dies: its replica takes its place, and the session goes on there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sentinels_name_the_next_primary() {
    let folder = tempfile::tempdir().expect("a folder");
    let [primary, replica, sentinel] = [free_port(), free_port(), free_port()];
    let Some(first) = RedisServer::at(primary, folder.path(), &[]) else { return };
    let follows = format!("127.0.0.1 {primary}");
    let second = RedisServer::at(replica, folder.path(), &["--replicaof", &follows]).expect("as the first");
    let config = format!(
        "port {sentinel}\nsentinel monitor gw 127.0.0.1 {primary} 1\nsentinel down-after-milliseconds gw 500\n\
         sentinel failover-timeout gw 2000\n"
    );
    std::fs::write(folder.path().join("sentinel.conf"), config).expect("written");
    let chooses = RedisServer::at(sentinel, folder.path(), &["sentinel.conf", "--sentinel"]).expect("as the first");
    chooses.until(&["SENTINEL", "REPLICAS", "gw"], &replica.to_string());
    second.until(&["INFO", "replication"], "master_link_status:up");
    let servers = Servers::Sentinel {
        sentinels: vec![Secret::new(chooses.url())],
        primary: "gw".to_owned(),
        username: None,
        password: None,
    };
    let redis = connected(RedisSettings { servers, ..settings("redis://unused") }).await;
    everything_works(&redis).await;
    let sessions = sessions_of(&redis);
    let (_, cookie) = begin(&sessions).await;
    // WAIT would not do: it is about what its own connection has written.
    let offset = |server: &RedisServer, name: &str| -> u64 {
        let said = server.says(&["INFO", "replication"]);
        let line = said.lines().find_map(|line| line.strip_prefix(name)).expect("an offset");
        line.trim().parse().expect("a number")
    };
    until(|| offset(&second, "slave_repl_offset:") >= offset(&first, "master_repl_offset:")).await;
    drop(first);
    until(|| !redis.link.is_connected()).await;
    let mut goes_on = false;
    for _ in 0..600 {
        goes_on = redis.link.is_connected() && is_active(&find(&sessions, &cookie, START.after(seconds(60))).await);
        if goes_on {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(goes_on, "it goes on at the next primary");
    everything_works(&redis).await;
}
