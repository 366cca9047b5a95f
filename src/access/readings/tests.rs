//! What servers make of a path.

use proptest::prelude::*;

use super::*;

fn texts(path: &str, kind: UpstreamKind) -> Option<Vec<String>> {
    let text = |path: Vec<u8>| String::from_utf8_lossy(&path).into_owned();
    readings(path.as_bytes(), kind).map(|all| all.into_iter().map(text).collect())
}

#[test]
fn what_is_plain_has_one_reading() {
    for (path, plain) in [
        ("/", true),
        ("/reports/2024", true),
        ("/a.b/c-d_e~f", true),
        ("/.well-known/x", true),
        ("/.gateway", true),
        ("/ADMIN", true),
        ("//admin", false),
        ("/a//b", false),
        ("/./admin", false),
        ("/a/..", false),
        ("/a/../b", false),
        ("/a.", false),
        ("/index.php", true),
        ("/index.php/admin", false),
        ("/a/index.PHP/admin", false),
        ("/a.php.b/admin", true),
        ("/.php/admin", false),
        ("/a./b", false),
        ("/a;x", false),
        ("/%61", false),
        ("/a\\b", false),
        ("/a b", false),
        ("/a|b", false),
        ("/a:b", true),
        ("/a::$DATA", false),
        ("/a:$i30:$INDEX_ALLOCATION", false),
        ("/a(b)", true),
        ("/(S(x))/a", false),
        ("/b/(S(x))in", false),
    ] {
        assert_eq!(is_plain(path.as_bytes()), plain, "{path}");
    }
}

/// Each of these paths has the other among its readings, and itself.
#[track_caller]
fn are_read(paths: &[(&str, &str)]) {
    for (path, read) in paths {
        let all = texts(path, UpstreamKind::Generic).unwrap_or_default();
        assert!(all.iter().any(|reading| reading == read), "{path}: {all:?}");
        assert!(all.contains(&(*path).to_owned()), "the path as it was sent is one of them");
    }
}

#[test]
fn what_is_encoded_and_dotted_and_doubled_is_among_the_readings() {
    are_read(&[
        ("/admin%23/public", "/admin"),
        ("/public/..;/admin", "/admin"),
        ("/public;x/../admin", "/admin"),
        ("/public/%2e%2e/admin", "/admin"),
        ("/a%2Fb/%2e%2e/admin", "/admin"),
        ("/a%252fb/%252e%252e/admin", "/admin"),
        ("/admin;/../x", "/admin"),
        ("/_next/data/x/admin.json", "/admin"),
        ("/base/_next/data/x/admin/a.json", "/base/admin/a"),
        ("/_next/data/x/index.json", "/"),
        ("/public/.%2e/admin", "/admin"),
        ("/public/%%32%65%2e/admin", "/admin"),
        ("/public/%252e%252e/admin", "/admin"),
        ("/public/..%2fadmin", "/admin"),
        ("/public/..%5cadmin", "/admin"),
        ("/public/..\\admin", "/admin"),
        ("//admin", "/admin"),
        ("//x/admin", "/admin"),
        ("///x:80/admin", "/admin"),
        ("/\\x/admin", "/admin"),
        ("/%2fx%2fadmin", "/admin"),
        ("/a/..//x//admin", "/admin"),
        ("//x", "/"),
        ("/./admin", "/admin"),
        ("/admin/.", "/admin/"),
        ("/admin%20", "/admin"),
        ("/admin%00", "/admin"),
        ("/admin%00.png", "/admin"),
        ("/admin%09", "/admin"),
        ("/admin.", "/admin"),
        ("/admin;.js", "/admin"),
        ("/admin%3f.js", "/admin"),
        ("/%61dmin", "/admin"),
        ("/x/%2e%2e%3b/admin", "/admin"),
        ("/a/../%2561dmin", "/admin"),
        ("/a/../admin%2f..%2fb", "/admin/../b"),
    ]);
}

#[test]
fn letters_that_servers_take_for_others_are_among_the_readings() {
    are_read(&[
        ("/adm%C4%B1n", "/admin"),
        ("/%EF%BD%81dmin", "/admin"),
        ("/admin%c2%a0", "/admin"),
        ("/admin%e2%80%8b", "/admin"),
        ("/admin%ef%bb%bf", "/admin"),
        ("/%adadmin", "/admin"),
        ("/%E2%93%90dmin", "/admin"),    // a in a circle
        ("/%E1%B5%83dmin", "/admin"),    // a above the line
        ("/%C3%A0dmin", "/admin"),       // a with a mark, which a best fit drops
        ("/%F0%9D%93%AAdmin", "/admin"), // a mathematical a
        ("/x%E2%84%80", "/xa/c"),        // a sign that holds a slash
        ("/public/..%E2%A7%B8admin", "/admin"),
        ("/adm%C4%B1n/%ff", "/admin/\u{fffd}"), // the byte that is no text changes nothing of the others
        ("/admin%e2%80%8b/%ff", "/admin/\u{fffd}"),
    ]);
}

#[test]
fn what_one_kind_of_server_alone_makes_of_a_path_is_among_the_readings() {
    are_read(&[
        ("/%u0061dmin", "/admin"),
        ("/public/%u002e%u002e/admin", "/admin"),
        ("/public/..%u2215admin", "/admin"),
        ("/public/%uff0e%uff0e/admin", "/admin"),
        ("/admin::$DATA", "/admin"),
        ("/(S(x))/admin", "/admin"),
        ("/(S(x)F(y))/admin", "/admin"),
        ("/%28S%28x%29%29/admin", "/admin"),
        ("/ad/(S(x))min", "/admin"),
        ("/admin:$i30:$INDEX_ALLOCATION", "/admin"),
        ("/admin:$i30:$INDEX_ALLOCATION/x", "/admin/x"),
        ("/index.php/admin", "/admin"),
        ("/a/index.php/admin", "/a/admin"),
        ("/a/index.php/admin", "/admin"),
        ("/index%2ephp/admin", "/admin"),
        ("/Default.aspx/admin", "/admin"),
        ("/a.php/b.cgi/admin", "/admin"),
    ]);
}

#[test]
fn an_ordinary_name_has_few_readings() {
    for path in ["/My%20Documents/a%2Bb.pdf", "/caf%C3%A9", "/caf%E9", "/a;jsessionid=1/b", "/%E6%97%A5%E6%9C%AC"] {
        let all = texts(path, UpstreamKind::Generic);
        assert!(all.as_ref().is_some_and(|all| all.len() <= 4), "{path}: {all:?}");
    }
}

#[test]
fn attacks_and_riddles_have_none() {
    let riddle = "/a%2f;b%2e%2e%5c//%2e/..;x/%20.%09".repeat(8);
    for path in [
        "/%c0%af/admin",
        "/public/..%c0%5cadmin",
        "/%e0%80%af",
        "/%f0%80%80%af",
        &riddle,
        &format!("/{}", "%41".repeat(3000)),
    ] {
        assert_eq!(texts(path, UpstreamKind::Generic), None, "{path}");
    }
}

#[test]
fn a_kind_of_upstream_narrows_what_is_read() {
    use UpstreamKind::{Generic, Iis, Nginx, Node, Php, Spring, Tomcat};
    for (path, read, kinds) in [
        ("/x/..;/admin", "/admin", &[Generic, Tomcat, Spring][..]),
        ("/x/..%5cadmin", "/admin", &[Generic, Tomcat, Spring, Iis, Node]),
        ("/\\x/admin", "/admin", &[Generic, Tomcat, Spring, Iis, Node]),
        ("//x/admin", "/admin", &[Generic, Iis, Php, Spring, Tomcat, Node, Nginx]),
        ("/%u0061dmin", "/admin", &[Generic, Iis]),
        ("/(S(x))/admin", "/admin", &[Generic, Iis]),
        ("/admin::$DATA", "/admin", &[Generic, Iis]),
        ("/index.php/admin", "/admin", &[Generic, Iis, Php]),
        ("/admin%20", "/admin", &[Generic, Iis, Php, Spring]),
        ("/x/..%2fadmin", "/admin", &[Generic, Iis, Php, Spring, Tomcat, Node, Nginx]),
        ("//admin", "/admin", &[Generic, Iis, Php, Spring, Tomcat, Node, Nginx]),
        ("/a%2fb/%2e%2e/admin", "/admin", &[Generic, Iis, Php, Spring, Tomcat, Node, Nginx]),
        ("/admin%0a", "/admin", &[Generic, Iis, Php, Spring, Tomcat, Node, Nginx]),
        ("/admin;/x", "/admin", &[Generic, Node]),
        ("/_next/data/x/admin.json", "/admin", &[Generic, Node]),
    ] {
        for kind in [Generic, Tomcat, Iis, Php, Node, Nginx, Spring] {
            let all = texts(path, kind).unwrap_or_default();
            assert_eq!(all.contains(&read.to_owned()), kinds.contains(&kind), "{path} {kind:?}: {all:?}");
        }
    }
}

#[test]
fn a_suffix_is_dropped_from_the_last_segment() {
    for (path, shorter) in [
        ("/admin.json", &["/admin"][..]),
        ("/a/admin.tar.gz", &["/a/admin.tar", "/a/admin"]),
        ("/a.b/admin", &[]),
        ("/admin.json/", &["/admin"]),
        ("/admin.json//", &["/admin"]),
        ("/.well-known", &[]),
        ("/", &[]),
    ] {
        let found: Vec<&[u8]> = without_suffixes(path.as_bytes()).collect();
        assert_eq!(found, shorter.iter().map(|text| text.as_bytes()).collect::<Vec<_>>(), "{path}");
    }
}

/// What costs most, at most 8 KB each.
fn costly() -> Vec<String> {
    let fill =
        |head: &str, part: &str, bytes: usize| format!("{head}{}", part.repeat((bytes - head.len()) / part.len()));
    let mut paths: Vec<String> = [8192, 4096, 2048, 1024, 512]
        .into_iter()
        .flat_map(|bytes| {
            [
                fill("/%c2%ad;x%5c.%20//%2525", "a/", bytes),
                fill("/", "%25", bytes),
                fill("/", "%2e%2e/", bytes),
                fill("/", "a/../", bytes),
                fill("/", "..;/", bytes),
                fill("/", "(S(x))", bytes),
                fill("/", "a%c3%a9", bytes),
                fill("/", "%ef%b7%ba", bytes),
                fill("/", ".%20/", bytes),
                fill("/", "%u0061", bytes),
                fill("/", "//", bytes),
                fill("/%20", ".", bytes),
                fill("/%5c;/%20.", "%25%32%35", bytes),
                fill("/", "a:$b/%00", bytes),
            ]
        })
        .collect();
    paths.push("/a%2f;b%2e%2e%5c//%2e/..;x/%20.%09".repeat(60));
    paths
}

/// At two to three nanoseconds a byte, this is what keeps the longest path under half a millisecond.
#[test]
fn any_path_is_read_in_bounded_work() {
    for path in costly() {
        assert!(path.len() <= LONGEST, "{}", path.len());
        let (found, work) = readings_and_work(path.as_bytes(), UpstreamKind::Generic);
        // The step that goes beyond is the last one; only letters grow, the worst of them to 33 bytes for 3.
        let most = if path.contains("%ef") { WORK + 11 * LONGEST } else { WORK + LONGEST };
        assert!(work <= most, "{work} {}", &path[..40]);
        assert!(found.is_none_or(|found| found.len() <= MOST), "{}", &path[..40]);
    }
}

proptest! {
    /// However a path is disguised by what a server undoes, what it stands for is among its readings.
    #[test]
    fn a_disguise_is_seen_through(disguises in proptest::collection::vec(0..10_usize, 0..4), prefix in "/[a-z]{1,6}") {
        let mut path = "/admin".to_owned();
        for disguise in disguises {
            path = match disguise {
                0 => path.replacen("ad", "%61d", 1),
                1 => path.replace('/', "//"),
                2 => format!("{prefix}/..{path}"),
                3 => format!("{path};x=1"),
                4 => format!("{path}%20"),
                5 => path.replace('%', "%25"),
                6 => path.replacen('/', "/./", 1),
                7 => path.replacen("/a", "/%c2%ada", 1),
                8 => format!("/{prefix}{path}"),
                _ => format!("{prefix}%5c..{path}"),
            };
        }
        // None is a refusal.
        if let Some(all) = texts(&path, UpstreamKind::Generic) {
            prop_assert!(all.iter().any(|reading| reading == "/admin"), "{path}: {all:?}");
        }
    }

    /// Every reading of a reading is a reading of the path: nothing more can be found by looking again.
    #[test]
    fn readings_are_complete(path in "/[a-z./;%:()\\\\0-9 ]{0,16}") {
        if let Some(all) = readings(path.as_bytes(), UpstreamKind::Generic) {
            for reading in &all {
                let again = readings(reading, UpstreamKind::Generic).unwrap_or_default();
                prop_assert!(again.iter().all(|reading| all.contains(reading)), "{path} {:?}", String::from_utf8_lossy(reading));
            }
        }
    }

    #[test]
    fn what_is_plain_has_one_reading_only(path in "/[a-zA-Z0-9./_~:$()@!-]{0,24}") {
        if has_one_reading(path.as_bytes()) {
            prop_assert_eq!(texts(&path, UpstreamKind::Generic), Some(vec![path]));
        }
    }

    #[test]
    fn no_bytes_stop_it(path in proptest::collection::vec(any::<u8>(), 0..200)) {
        readings(&path, UpstreamKind::Generic);
    }
}
