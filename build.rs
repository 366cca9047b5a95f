//! Writes what `pages::strings` includes: `languages.rs`, the shipped catalogues, and `ids.rs`, one constant for
//! each string of the English one.
//!
//! So code can name no string that is not there, and the compiler reports a string that nothing names. One that
//! only a template or another string names is marked as used; families, whose names are made while the gateway
//! runs (`pages::strings::Family`), get no constants.
//!
//! Only the first line of each message is read, so the standard library is enough; a test holds the result
//! against Fluent's own parser. `include_dir` or `rust-embed` would do the first part with two more crates.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

const FAMILIES: [&str; 3] = ["field-", "question-", "amr-"];

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=templates");
    let templates = Path::new("templates");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("languages.rs"), languages(&templates.join("locales"))?)?;
    fs::write(out.join("ids.rs"), ids(templates)?)
}

/// `&[(tag, &[(file name, text)])]`, by tag. The compiler says where the package is: what stands here may be built again
/// from another copy of it.
fn languages(locales: &Path) -> io::Result<String> {
    let mut list = String::new();
    for folder in entries(locales)?.into_iter().filter(|path| path.is_dir()) {
        list += &format!("({:?}, &[", name(&folder));
        for file in entries(&folder)? {
            let path = format!("/{}", file.display());
            list += &format!("({:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {path:?}))), ", name(&file));
        }
        list += "]),\n";
    }
    Ok(format!("&[\n{list}]"))
}

fn ids(templates: &Path) -> io::Result<String> {
    let english = read(&templates.join("locales/en"))?;
    let strings = english.clone() + &fs::read_to_string(templates.join("locales/okta.ftl"))?;
    let pages = read(templates)? + &read(&templates.join("parts"))?;
    let (mut constants, mut names) = (String::new(), String::new());
    for (id, words) in english.lines().filter_map(|line| line.split_once(" =")) {
        let is_message = id.starts_with(|first: char| first.is_ascii_alphabetic());
        if !is_message || FAMILIES.iter().any(|family| id.starts_with(family)) {
            continue;
        }
        if pages.contains(&format!("\"{id}\"")) || strings.contains(&format!("{{ {id} }}")) {
            constants += "#[allow(dead_code, reason = \"named by a template or another string\")]\n";
        }
        let name = id.to_ascii_uppercase().replace('-', "_");
        constants += &format!("#[doc = {:?}]\n", format!("`{}`", words.trim()));
        constants += &format!("pub(crate) const {name}: StringId = StringId({id:?});\n");
        names += &format!("{id:?}, ");
    }
    Ok(constants + &format!("#[cfg(test)]\nconst NAMES: &[&str] = &[{names}];\n"))
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// The files of a folder, one after the other.
fn read(folder: &Path) -> io::Result<String> {
    entries(folder)?.into_iter().filter(|path| path.is_file()).map(fs::read_to_string).collect()
}
