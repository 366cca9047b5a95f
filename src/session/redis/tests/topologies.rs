//! The ways in which a store can be reached: a user with few rights, TLS, Sentinel, Cluster.

use std::net::TcpListener;
use std::path::Path;
use std::sync::atomic::AtomicU16;

use super::*;
use crate::session::Password;

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

/// A server at a port, with more of its own settings.
struct AtPort(Child);

impl AtPort {
    async fn start(port: u16, folder: &Path, more: &[&str]) -> Self {
        let mut command = Command::new("redis-server");
        if let [first, ..] = more
            && first.ends_with(".conf")
        {
            command.arg(first).args(&more[1..]);
        } else {
            command.args(["--save", "", "--appendonly", "no", "--port", &port.to_string()]).args(more);
        }
        let child = command.current_dir(folder).stdout(Stdio::null()).spawn().expect("the server starts");
        let server = Self(child);
        for _ in 0..500 {
            if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return server;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the server does not listen at {port}");
    }
}

impl Drop for AtPort {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What the server at this port says to a command.
async fn says(port: u16, words: &[&str]) -> String {
    let mut connection = TcpStream::connect(("127.0.0.1", port)).await.expect("a connection");
    connection.write_all(format!("{}\r\n", words.join(" ")).as_bytes()).await.expect("sent");
    let mut answer = vec![0; 65536];
    let length = connection.read(&mut answer).await.expect("an answer");
    String::from_utf8_lossy(&answer[..length]).into_owned()
}

/// Every command that the gateway knows.
async fn everything_works(redis: &Arc<Redis>) {
    store::keeps_its_promises(&store_of(redis)).await;
    let sessions = sessions_of(redis);
    let (session, cookie) = begin_as(&sessions, jane(), Some("102a")).await;
    assert!(is_active(&find(&sessions, &cookie, START).await));
    let token = text_of(&crate::secret::random());
    assert_eq!(sessions.take("okta", &token, seconds(600), START).await, Ok(true));
    sessions.done("okta", &token, seconds(600)).await.expect("it is kept");
    assert_eq!(sessions.take("okta", &token, seconds(600), START).await, Ok(false));
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
    let Some(server) = Server::start().await else { return };
    let documented = include_str!("../../../../docs/sessions.md");
    let rights = documented.split("user gateway on >PASSWORD ").nth(1).and_then(|rest| rest.split("```").next());
    let rights: Vec<&str> = rights.expect("the rights").split_whitespace().collect();
    let user = async |password: &str| {
        let rule = ["ACL", "SETUSER", "gateway", "reset", "on"];
        let password = format!(">{password}");
        let words: Vec<&str> = rule.into_iter().chain([password.as_str()]).chain(rights.iter().copied()).collect();
        assert_eq!(server.says(&words).await.trim(), "+OK");
    };
    user("first").await;
    let file = server.folder.path().join("password");
    std::fs::write(&file, "first\n").expect("written");
    let settings = RedisSettings {
        username: Some("gateway".to_owned()),
        password: Some(Password::File(file.clone())),
        ..server.settings()
    };
    let redis = connected(settings).await;
    everything_works(&redis).await;
    user("second").await;
    server.says(&["CLIENT", "KILL", "USER", "gateway"]).await;
    until(|| !redis.is_connected()).await;
    std::fs::write(&file, "second\n").expect("written");
    until(|| redis.is_connected()).await;
    everything_works(&redis).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_tls_only_a_server_of_the_named_authority_is_spoken_to() {
    let Some(server) = Server::start().await else { return };
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = server.folder.path();
    let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
    std::fs::write(folder.join("cert.pem"), own.cert.pem()).expect("written");
    std::fs::write(folder.join("key.pem"), own.signing_key.serialize_pem()).expect("written");
    let port = free_port();
    let tls = port.to_string();
    let more = ["--port", "0", "--tls-port", &tls, "--tls-cert-file", "cert.pem", "--tls-key-file", "key.pem"];
    let more: Vec<&str> = more.into_iter().chain(["--tls-auth-clients", "no"]).collect();
    let _tls = AtPort::start(port, folder, &more).await;
    let settings = settings(&format!("rediss://localhost:{port}"));
    let trusted = RedisSettings { authority: Some(own.cert.pem().into_bytes()), ..settings.clone() };
    everything_works(&connected(trusted).await).await;
    let stranger = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
    for authority in [None, Some(stranger.cert.pem().into_bytes())] {
        let redis =
            Arc::new(Redis::new(RedisSettings { authority, ..settings.clone() }, Arc::default(), Arc::default()));
        redis.start();
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert!(!redis.is_connected());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_is_one_store() {
    let Some(server) = Server::start().await else { return };
    let ports = [free_port(), free_port(), free_port()];
    let mut nodes = Vec::new();
    for port in ports {
        let name = format!("nodes-{port}.conf");
        let bus = free_port().to_string();
        let more = ["--cluster-enabled", "yes", "--cluster-config-file", &name, "--cluster-port", &bus];
        nodes.push(AtPort::start(port, server.folder.path(), &more).await);
        for other in ports.iter().take(nodes.len() - 1) {
            let other_bus = says(*other, &["CONFIG", "GET", "cluster-port"]).await;
            let other_bus = other_bus.lines().last().unwrap_or_default().to_owned();
            says(port, &["CLUSTER", "MEET", "127.0.0.1", &other.to_string(), &other_bus]).await;
        }
    }
    for (port, range) in ports.iter().zip([["0", "5460"], ["5461", "10922"], ["10923", "16383"]]) {
        assert_eq!(says(*port, &["CLUSTER", "ADDSLOTSRANGE", range[0], range[1]]).await.trim(), "+OK");
    }
    for _ in 0..500 {
        let mut ready = 0;
        for port in ports {
            ready += usize::from(says(port, &["CLUSTER", "INFO"]).await.contains("cluster_state:ok"));
        }
        if ready == 3 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let address = |port: &u16| Secret::new(format!("redis://127.0.0.1:{port}"));
    let servers = Servers::Cluster(ports[..2].iter().map(address).collect());
    let redis = connected(RedisSettings { servers, ..settings("redis://unused") }).await;
    everything_works(&redis).await;
}

/// The primary dies: its replica takes its place, and the session goes on there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sentinels_name_the_next_primary() {
    let Some(server) = Server::start().await else { return };
    let folder = server.folder.path();
    let [primary, replica, sentinel] = [free_port(), free_port(), free_port()];
    let first = AtPort::start(primary, folder, &[]).await;
    let follows = format!("127.0.0.1 {primary}");
    let _second = AtPort::start(replica, folder, &["--replicaof", &follows]).await;
    let config = format!(
        "port {sentinel}\nsentinel monitor gw 127.0.0.1 {primary} 1\nsentinel down-after-milliseconds gw 500\n\
         sentinel failover-timeout gw 2000\n"
    );
    std::fs::write(folder.join("sentinel.conf"), config).expect("written");
    let _sentinel = AtPort::start(sentinel, folder, &["sentinel.conf", "--sentinel"]).await;
    for _ in 0..600 {
        if says(sentinel, &["SENTINEL", "REPLICAS", "gw"]).await.contains(&replica.to_string())
            && says(replica, &["INFO", "replication"]).await.contains("master_link_status:up")
        {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let servers = Servers::Sentinel {
        sentinels: vec![Secret::new(format!("redis://127.0.0.1:{sentinel}"))],
        primary: "gw".to_owned(),
        username: None,
        password: None,
    };
    let redis = connected(RedisSettings { servers, ..settings("redis://unused") }).await;
    everything_works(&redis).await;
    let sessions = sessions_of(&redis);
    let (_, cookie) = begin(&sessions).await;
    assert_eq!(says(primary, &["WAIT", "1", "5000"]).await.trim(), ":1", "the replica has it");
    drop(first);
    until(|| !redis.is_connected()).await;
    let mut goes_on = false;
    for _ in 0..600 {
        goes_on = redis.is_connected() && is_active(&find(&sessions, &cookie, START.after(seconds(60))).await);
        if goes_on {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(goes_on, "it goes on at the next primary");
    everything_works(&redis).await;
}
