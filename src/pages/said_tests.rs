//! No string is kept that no page says.

use std::fs;
use std::path::Path;

#[test]
fn every_string_is_said_somewhere() {
    fn read(folder: &Path, all: &mut String) {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            match path.extension().and_then(|extension| extension.to_str()) {
                None if name != "samples" && name != "tests" => read(&path, all),
                Some("rs" | "html") if !name.contains("tests") => all.push_str(&fs::read_to_string(&path).unwrap()),
                _ => {}
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut code = String::new();
    read(&root.join("src"), &mut code);
    read(&root.join("templates"), &mut code);
    let english = root.join("templates/locales/en");
    let files = [english.join("auth.ftl"), english.join("device.ftl"), root.join("templates/locales/okta.ftl")];
    let strings = files.map(|file| fs::read_to_string(file).unwrap()).concat();
    let is_said = |id: &str| {
        code.contains(&format!("\"{id}\""))
            || [format!("{{ {id} }}"), format!("{{ {id}.")].iter().any(|held| strings.contains(held))
            // Put together of a beginning, as `field-{leaf}`, or of an end, as `what ~ "-shown"`.
            || id.match_indices('-').any(|(at, _)| {
                let (head, tail) = (&id[..=at], &id[at..]);
                [format!("\"{head}{{"), format!("\"{head}\" ~"), format!("~ \"{tail}\"")].iter().any(|made| code.contains(made))
            })
    };
    let ids = strings.lines().filter_map(|line| line.split_once(" =")).map(|(id, _)| id);
    let dead: Vec<&str> = ids
        .filter(|id| id.starts_with(|first: char| first.is_ascii_alphabetic()) && !id.starts_with("okta-"))
        .filter(|id| *id != "language-name" && !is_said(id))
        .collect();
    assert!(dead.is_empty(), "{dead:?}");
}
