//! Reads Rust far enough to say which paths a file names; `syn` splits it into tokens.
//!
//! `use` trees are expanded, and every other path is resolved to its root with them. Comments and strings are ignored.
//! The arguments of a macro count, its expansion is not seen.

use std::collections::BTreeMap;

use syn::visit_mut::VisitMut;

/// One file of this repository.
#[derive(Clone, Debug)]
pub(crate) struct File {
    /// From the top of the repository, with `/`.
    pub(crate) path: String,
    /// As it stands on disk; empty where it is not text.
    pub(crate) text: String,
}

impl File {
    /// Whether this is Rust.
    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// The module under `src/` that this file belongs to: `signin` for `src/signin/finish.rs`.
    pub(crate) fn module(&self) -> Option<&str> {
        let inside = self.path.strip_prefix("src/")?;
        let first = inside.split('/').next()?;
        Some(first.strip_suffix(".rs").unwrap_or(first))
    }

    /// The module that this file is, from the root: `["signin", "finish"]` for `src/signin/finish.rs`.
    pub(crate) fn own_path(&self) -> Vec<&str> {
        let inside = self.path.strip_prefix("src/").unwrap_or(&self.path);
        let mut own: Vec<&str> = inside.trim_end_matches(".rs").split('/').collect();
        if matches!(own.last(), Some(&("mod" | "lib" | "main"))) {
            own.pop();
        }
        own
    }

    /// Whether the file holds tests and nothing else.
    fn is_tests(&self) -> bool {
        self.path.ends_with("/tests.rs") || self.path.ends_with("_tests.rs") || self.path.contains("/tests/")
    }

    /// The file as syntax.
    ///
    /// # Panics
    /// It is not Rust.
    pub(crate) fn syntax(&self) -> syn::File {
        syn::parse_file(&self.text).unwrap_or_else(|error| panic!("{}: {error}", self.path))
    }

    /// The code without its tests.
    pub(crate) fn code(&self) -> syn::File {
        let mut code = self.syntax();
        if self.is_tests() {
            code.items.clear();
        }
        WithoutTests.visit_file_mut(&mut code);
        code
    }

    /// Every path that the code names, from its root: `crate::…` for our own, and the first word
    /// replaced by what a `use` says it is.
    pub(crate) fn paths(&self) -> Vec<String> {
        let words = words(self.code());
        let mut used = Vec::new();
        let mut inline = Vec::new();
        let mut at = 0;
        while at < words.len() {
            if words[at] == "use" {
                let end = (at..words.len()).find(|end| words[*end] == ";").unwrap_or(words.len());
                spread(&words[at + 1..end], "", &mut used);
                at = end;
            } else if is_name(&words[at]) {
                let mut path = words[at].clone();
                while at + 2 < words.len() && words[at + 1] == "::" && is_name(&words[at + 2]) {
                    path = format!("{path}::{}", words[at + 2]);
                    at += 2;
                }
                inline.push(path);
            }
            at += 1;
        }
        let used: Vec<(String, String)> = used.into_iter().map(|(path, name)| (self.rooted(&path), name)).collect();
        let inline = inline.into_iter().map(|path| {
            let (first, rest) = path.split_once("::").map_or((path.as_str(), ""), |(first, rest)| (first, rest));
            match used.iter().find(|(_, name)| name == first) {
                Some((whole, _)) if rest.is_empty() => whole.clone(),
                Some((whole, _)) => format!("{whole}::{rest}"),
                None => self.rooted(&path),
            }
        });
        let mut all: Vec<String> = inline.collect();
        all.extend(used.iter().map(|(path, _)| path.clone()));
        all.sort();
        all.dedup();
        all
    }

    /// What this file names for others (`pub use`): the name → the path it stands for, `*` for all of a module.
    pub(crate) fn exports(&self) -> BTreeMap<String, Vec<String>> {
        let mut exports: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for item in &self.code().items {
            let syn::Item::Use(item) = item else { continue };
            if matches!(item.vis, syn::Visibility::Inherited) {
                continue;
            }
            let mut used = Vec::new();
            spread(&words(&item.tree), "", &mut used);
            for (path, name) in used {
                let path = self.rooted(&path);
                let path = if path.starts_with("crate::") { path } else { self.rooted(&format!("self::{path}")) };
                exports.entry(name).or_default().push(path);
            }
        }
        exports
    }

    /// `self::` and `super::` replaced by what they mean in this file.
    fn rooted(&self, path: &str) -> String {
        let mut here = self.own_path();
        let mut rest = path;
        let mut relative = false;
        while let Some((first @ ("self" | "super"), after)) = rest.split_once("::") {
            if first == "super" {
                here.pop();
            }
            (rest, relative) = (after, true);
        }
        if !relative {
            return path.to_owned();
        }
        let mut whole = vec!["crate"];
        whole.extend(here);
        whole.push(rest);
        whole.join("::")
    }
}

/// Takes out whatever is only compiled for tests.
struct WithoutTests;

impl VisitMut for WithoutTests {
    fn visit_file_mut(&mut self, file: &mut syn::File) {
        file.items.retain(|item| !is_for_tests(item));
        syn::visit_mut::visit_file_mut(self, file);
    }

    fn visit_item_mod_mut(&mut self, module: &mut syn::ItemMod) {
        if let Some((_, items)) = &mut module.content {
            items.retain(|item| !is_for_tests(item));
        }
        syn::visit_mut::visit_item_mod_mut(self, module);
    }

    fn visit_item_impl_mut(&mut self, block: &mut syn::ItemImpl) {
        block.items.retain(|item| match item {
            syn::ImplItem::Fn(function) => !function.attrs.iter().any(is_test_only),
            _ => true,
        });
        syn::visit_mut::visit_item_impl_mut(self, block);
    }
}

fn is_for_tests(item: &syn::Item) -> bool {
    let attributes = match item {
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Const(item) => &item.attrs,
        _ => return false,
    };
    attributes.iter().any(is_test_only)
}

fn is_test_only(attribute: &syn::Attribute) -> bool {
    attribute.path().is_ident("cfg") && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
}

/// Whether `path` is `prefix`, or lies within it.
pub(crate) fn lies_in(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c == '_' || c.is_alphabetic())
}

/// Names, `::`, and every other sign by itself. Literals, documentation among them, are left out.
pub(crate) fn words(code: impl quote::ToTokens) -> Vec<String> {
    let mut words = Vec::new();
    flatten(code.to_token_stream(), &mut words);
    words
}

fn flatten(tokens: proc_macro2::TokenStream, words: &mut Vec<String>) {
    use proc_macro2::{Delimiter, TokenTree};
    let mut joins = false;
    for token in tokens {
        let mut is_first_colon = false;
        match token {
            TokenTree::Ident(name) => words.push(name.to_string().trim_start_matches("r#").to_owned()),
            TokenTree::Punct(sign) if sign.as_char() == ':' && joins => words.push("::".to_owned()),
            TokenTree::Punct(sign) => {
                is_first_colon = sign.as_char() == ':' && sign.spacing() == proc_macro2::Spacing::Joint;
                if !is_first_colon {
                    words.push(sign.as_char().to_string());
                }
            }
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                words.push(open.to_owned());
                flatten(group.stream(), words);
                words.push(close.to_owned());
            }
            TokenTree::Literal(_) => {}
        }
        joins = is_first_colon;
    }
}

/// A `use` tree as paths, each with the name it is known by from there on.
fn spread(tree: &[String], before: &str, into: &mut Vec<(String, String)>) {
    let mut path = before.to_owned();
    let mut at = 0;
    while at < tree.len() {
        match tree[at].as_str() {
            "{" => {
                let (mut depth, mut start) = (0, at + 1);
                for end in at..tree.len() {
                    match tree[end].as_str() {
                        "{" => depth += 1,
                        "}" => depth -= 1,
                        _ => {}
                    }
                    if (depth == 1 && tree[end] == ",") || depth == 0 {
                        if start < end {
                            spread(&tree[start..end], &path, into);
                        }
                        start = end + 1;
                    }
                    if depth == 0 {
                        break;
                    }
                }
                return;
            }
            "::" => {}
            "as" => {
                into.push((path, tree.get(at + 1).cloned().unwrap_or_default()));
                return;
            }
            "self" if !path.is_empty() => {}
            word if path.is_empty() => path = word.to_owned(),
            word => path = format!("{path}::{word}"),
        }
        at += 1;
    }
    let name = path.rsplit("::").next().unwrap_or_default().to_owned();
    into.push((path, name));
}
