//! No cycle of files: following the names that files use never leads back to the first.
//!
//! A path is resolved to the file that defines the name, through every `pub use`, so that a `mod.rs` in between hides
//! nothing. A `mod.rs` and the files of its folder count as one: names that they use of each other are not followed.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::File;
use crate::tree::{Tree, breaks_with, holds, passes_with};

#[test]
fn no_circle_of_files() {
    let rule = |tree: &Tree| {
        let circles = Arrows::of(tree).circles().into_iter();
        circles.map(|circle| format!("a circle: {}", circle.join(" → "))).collect()
    };
    holds(rule);
    let a = ("src/a.rs", "use crate::b::B; pub struct A;");
    breaks_with(rule, &[a, ("src/b.rs", "use crate::a::A; pub struct B;")]);
    breaks_with(rule, &[a, ("src/b.rs", "use crate::c::C; pub struct B;"), ("src/c.rs", "fn f() { crate::a::g() }")]);
    let hidden = ("src/m/mod.rs", "mod x; mod y; pub use x::X; pub use y::*;");
    breaks_with(
        rule,
        &[hidden, ("src/m/x.rs", "use super::Y; pub struct X;"), ("src/m/y.rs", "use super::X; pub struct Y;")],
    );
    passes_with(rule, &[hidden, ("src/m/x.rs", "use super::Y; pub struct X;"), ("src/m/y.rs", "pub struct Y;")]);
    passes_with(rule, &[("src/m/mod.rs", "mod x; pub use x::X; pub struct M;"), ("src/m/x.rs", "use super::M;")]);
}

/// Of each file, by its path: what it names for others, and what it defines.
type Facts<'a> = BTreeMap<&'a str, (BTreeMap<String, Vec<String>>, BTreeSet<String>)>;

/// Which file names which, by their paths.
struct Arrows(BTreeMap<String, BTreeSet<String>>);

impl Arrows {
    fn of(tree: &Tree) -> Self {
        let files: Vec<&File> = tree.src().collect();
        let by_module: BTreeMap<String, &File> =
            files.iter().map(|file| (format!("crate::{}", file.own_path().join("::")), *file)).collect();
        let facts: Facts = files.iter().map(|file| (file.path.as_str(), (file.exports(), items(file)))).collect();
        let names = |file: &File| -> BTreeSet<String> {
            let mut found = BTreeSet::new();
            for path in file.paths() {
                // A child of this module is named without `crate` or `self`.
                let near = format!("crate::{}::{path}", file.own_path().join("::"));
                for path in [path, near] {
                    found.extend(defined_in(&path, &by_module, &facts, 0));
                }
            }
            found.retain(|other| *other != file.path && !is_family(other, &file.path));
            found
        };
        Self(files.iter().map(|file| (file.path.clone(), names(file))).collect())
    }

    /// One circle for each file that leads back to itself, the shortest way; each circle once.
    fn circles(&self) -> Vec<Vec<String>> {
        let mut seen = BTreeSet::new();
        let mut circles = Vec::new();
        for start in self.0.keys() {
            if let Some(circle) = self.way_back(start) {
                let members: BTreeSet<String> = circle.iter().cloned().collect();
                if seen.insert(members) {
                    circles.push(circle);
                }
            }
        }
        circles
    }

    fn way_back(&self, start: &str) -> Option<Vec<String>> {
        let mut ways = vec![vec![start.to_owned()]];
        let mut been = BTreeSet::new();
        while !ways.is_empty() {
            let mut next = Vec::new();
            for way in ways {
                for other in self.0.get(way.last()?).into_iter().flatten() {
                    let mut way = way.clone();
                    way.push(other.clone());
                    if other == start {
                        return Some(way);
                    }
                    if been.insert(other.clone()) {
                        next.push(way);
                    }
                }
            }
            ways = next;
        }
        None
    }
}

/// Whether one file is the `mod.rs` (or `x.rs`) of the folder that the other is in.
fn is_family(one: &str, other: &str) -> bool {
    let folder = |path: &str| path.trim_end_matches(".rs").trim_end_matches("/mod").to_owned() + "/";
    one.starts_with(&folder(other)) || other.starts_with(&folder(one))
}

/// The files that define what `path` names: the deepest module on it, or whatever that one passes on.
fn defined_in(path: &str, files: &BTreeMap<String, &File>, facts: &Facts, depth: usize) -> Vec<String> {
    let Some((module, file)) = deepest(path, files) else { return Vec::new() };
    let name = path[module.len()..].trim_start_matches("::").split("::").next().unwrap_or_default();
    let (passed_on, _) = &facts[file.path.as_str()];
    let named = passed_on.get(name).into_iter().flatten().cloned();
    let globs = passed_on.get("*").into_iter().flatten().filter_map(|path| path.strip_suffix("::*"));
    let globs =
        globs.filter(|module| files.get(*module).is_some_and(|file| facts[file.path.as_str()].1.contains(name)));
    let paths: Vec<String> = named.chain(globs.map(|module| format!("{module}::{name}"))).collect();
    if depth == 8 || paths.is_empty() {
        return vec![file.path.clone()];
    }
    paths.iter().flat_map(|path| defined_in(path, files, facts, depth + 1)).collect()
}

/// The longest beginning of `path` that is a module, and its file.
fn deepest<'p, 'f>(path: &'p str, files: &BTreeMap<String, &'f File>) -> Option<(&'p str, &'f File)> {
    let ends = path.match_indices("::").map(|(at, _)| at).chain([path.len()]);
    let modules = ends.filter_map(|end| Some((&path[..end], *files.get(&path[..end])?)));
    modules.last()
}

/// The names of what a file defines.
fn items(file: &File) -> BTreeSet<String> {
    let code = file.code();
    let names = code.items.iter().filter_map(|item| match item {
        syn::Item::Struct(item) => Some(&item.ident),
        syn::Item::Enum(item) => Some(&item.ident),
        syn::Item::Fn(item) => Some(&item.sig.ident),
        syn::Item::Const(item) => Some(&item.ident),
        syn::Item::Static(item) => Some(&item.ident),
        syn::Item::Type(item) => Some(&item.ident),
        syn::Item::Trait(item) => Some(&item.ident),
        _ => None,
    });
    names.map(ToString::to_string).collect()
}
