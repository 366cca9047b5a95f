//! The log: what others say stays within its line and its value, no line is lost in silence, and a line wakes no other
//! thread by itself.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::proxying::raw;
use crate::visitor::Visitor;
use crate::world::World;

const FORGED: &str = "2026-11-26T00:00:00.000000Z  INFO idx_gateway::signin: somebody signed in";

fn is_line_of_ours(line: &str) -> bool {
    let (time, rest) = line.split_at_checked(27).unwrap_or_default();
    let (level, rest) = rest.split_at_checked(7).unwrap_or_default();
    time.ends_with('Z')
        && time.bytes().all(|byte| byte.is_ascii_digit() || b"-:.TZ".contains(&byte))
        && [" ERROR ", "  WARN ", "  INFO ", " DEBUG ", " TRACE "].contains(&level)
        && rest.split_once(": ").is_some_and(|(target, _)| {
            target.split("::").all(|part| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
        })
}

/// Says hostile things wherever a visitor and the org can say something that is logged.
async fn hostile_world(format: &str) -> World {
    // What a route asks of a sign-in goes to the org, which says it again in its error.
    let forged = serde_json::json!(format!("x\n{FORGED}\r\u{1b}[2J\""));
    let routes = format!(
        "\n[[route]]\nname = \"app\"\nupstream = \"APP\"\nallow = {{ acr_values = {forged} }}\n\
         [[route]]\nname = \"open\"\npath = \"/public\"\nupstream = \"APP\"\nallow = \"public\"\n"
    );
    let world = World::with(&routes, &[("GATEWAY__SERVER__LOG_FORMAT", format)]).await;
    let port = world.port;
    for request in [
        format!("G|E`T /public HTTP/1.1\r\nHost: localhost:{port}\r\n"),
        format!("GET /public/'a\\b%0A{} HTTP/1.1\r\nHost: localhost:{port}\r\n", FORGED.replace(' ', "%20")),
        format!("GET /public/\u{202e}\u{85} HTTP/1.1\r\nHost: localhost:{port}\r\n"),
        format!("GET /public HTTP/1.1\r\nHost: \"local host\\\r\nX: {port}\r\n"),
        format!("GET /public HTTP/1.1\r\nHost: localhost:{port}\r\nUser-Agent: \"\\ {FORGED}\r\n"),
        format!("GET /public HTTP/1.1\r\nHost: localhost status=200 route=admin\tx={port}\r\n"),
    ] {
        raw(&world, format!("{request}Connection: close\r\n\r\n").as_bytes());
    }
    let mut visitor = Visitor::new(&world);
    visitor.sign_in("/.gateway/sign-in?return=/public", "password@example.com").await;
    visitor.visit("/app").await;
    world.faults(json!([{"at": "introspect", "fault": "unknown_version"}])).await;
    visitor.visit("/.gateway/sign-in").await;
    world
}

/// An operator's log is the gateway's own: what libraries tell of their threads is for whoever asks for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn libraries_tell_nothing_of_a_start_unless_they_are_asked() {
    for (level, tells) in [("info", false), ("debug", true)] {
        let world = World::with("[[route]]\nupstream = \"APP\"\n", &[("GATEWAY__SERVER__LOG", level)]).await;
        let log = world.log();
        assert!(log.contains("listening on"), "{log}");
        assert_eq!(log.contains(" pingora_core"), tells, "{level}: {log}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_writes_lines_of_the_log() {
    let world = hostile_world("text").await;
    let log = world.log();
    assert!(log.contains("a sign-in stopped") && log.contains("acr_values"), "the org did not echo it:\n{log}");
    for line in log.lines() {
        assert!(is_line_of_ours(line), "{line}");
        assert!(!line.starts_with(FORGED) && !line.contains('\u{1b}') && !line.contains('\u{202e}'), "{line}");
    }
    for written in ["method=G|E`T ", "path=\"/public/'a\\\\b%0A2026", "host=\"\\\"local host\\\\\""] {
        assert!(log.contains(written), "{written} is not in\n{log}");
    }
    assert!(log.contains("host=\"localhost status=200 route=admin\\tx="), "{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_of_json_is_one_object_that_says_each_value_once() {
    let world = hostile_world("json").await;
    let log = world.log();
    let lines: Vec<Value> =
        log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect();
    for line in &lines {
        let known = |name: &str| line[name].as_str().is_some_and(|value| !value.is_empty());
        assert!(known("timestamp") && known("level") && known("target"), "{line}");
    }
    let signed_in = lines.iter().filter(|line| line["message"] == "somebody signed in").count();
    assert_eq!(signed_in, 1, "one person signed in:\n{log}");
    let access: Vec<&Value> = lines.iter().filter(|line| line["target"] == "access").collect();
    for (name, value) in [("method", "G|E`T"), ("method", "GET"), ("host", "\"local host\\"), ("route", "open")] {
        assert!(access.iter().any(|line| line[name] == value), "{name} is never {value}:\n{log}");
    }
    assert!(access.iter().any(|line| line["path"].as_str().is_some_and(|path| path.starts_with("/public/'a\\b%0A"))));
    assert!(access.iter().all(|line| line["status"].is_u64() && line["duration_us"].is_u64()), "{log}");
    let fields = access.iter().flat_map(|line| line.as_object().expect("an object").keys().map(String::as_str));
    let fields: BTreeSet<&str> = fields.filter(|name| !["timestamp", "level", "target"].contains(name)).collect();
    let page = include_str!("../../docs/troubleshooting.md");
    let table = page.split("| field | what |\n|---|---|\n").nth(1).expect("the table of fields");
    let names = table.lines().map_while(|row| row.strip_prefix("| ")?.split_once(" | "));
    let documented: BTreeSet<&str> = names.flat_map(|(names, _)| names.split('`').skip(1).step_by(2)).collect();
    assert_eq!(fields, documented);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_are_gathered_and_all_of_them_are_written() {
    const REQUESTS: usize = 1000;
    let mut world = World::new().await;
    let began = Instant::now();
    let before = wakes(&world);
    let request = format!("GET /public/counted HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", world.port);
    world.repeat(&request, REQUESTS);
    let woken = wakes(&world) - before;
    let ticks = began.elapsed().as_millis() as u64 / 50;
    assert!(woken <= ticks + 20, "the log's thread woke {woken} times in {ticks} ticks, for {REQUESTS} lines");
    assert_eq!(world.log().matches("path=/public/counted").count(), REQUESTS);
    world.repeat(&request.replace("counted", "the-last"), 1);
    world.signal("INT");
    assert!(world.end(Duration::from_secs(10)).await.is_some_and(|status| status.success()));
    assert!(world.log().contains("path=/public/the-last"), "the end of the log is lost");
}

/// How often the thread that writes the log has slept.
fn wakes(world: &World) -> u64 {
    let tasks = std::fs::read_dir(format!("/proc/{}/task", world.pid())).expect("the gateway runs");
    let tasks = tasks.flatten().map(|task| task.path());
    let log = tasks.filter(|task| std::fs::read_to_string(task.join("comm")).is_ok_and(|name| name.trim() == "log"));
    let status = log.map(|task| std::fs::read_to_string(task.join("status")).expect("it runs")).next();
    let status = status.expect("the thread of the log");
    let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
    line.expect("the count").trim().parse().expect("a number")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_loses_lines_that_are_counted_and_nothing_else() {
    let mut world = World::new().await;
    world.stderr = "/dev/full".into();
    world.restart().await;
    let request = format!("GET /public HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", world.port);
    world.repeat(&request, 10);
    let counted = async {
        loop {
            let metrics = world.metrics().await;
            let dropped = metrics.lines().find_map(|line| line.strip_prefix("gateway_log_lines_dropped_total "));
            if dropped.and_then(|count| count.parse().ok()).is_some_and(|count: f64| count >= 10.0) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), counted).await.expect("ten lines are counted as lost");
    world.repeat(&request, 1);
}
