//! Lists that were written by hand and must agree with the code.

use std::collections::BTreeSet;

use syn::visit::Visit;

use crate::source::File;
use crate::tree::{Tree, breaks, breaks_with, holds, passes, passes_with};

#[test]
fn the_readme_lists_every_metric_and_no_other() {
    let rule = |tree: &Tree| {
        let (Some(readme), Some(source)) = (tree.text("README.md"), tree.text("src/metrics.rs")) else {
            return Vec::new();
        };
        let (listed, counted) = (metrics_in(readme), metrics_in(&strings(source)));
        let missing = counted.difference(&listed).map(|name| format!("README.md: does not list {name}"));
        let invented = listed.difference(&counted).map(|name| format!("README.md: lists {name}, which nobody counts"));
        missing.chain(invented).collect()
    };
    holds(rule);
    let counted = ("src/metrics.rs", "fn f() { counter(\"gateway_a_total\") }");
    breaks_with(rule, &[("README.md", "`gateway_b_total`"), counted]);
    breaks_with(rule, &[("README.md", "none"), counted]);
    breaks_with(rule, &[("README.md", "`gateway_a_total` and `gateway_b_total`"), counted]);
    passes_with(rule, &[("README.md", "| `gateway_a_total` |, `gateway_process_*`"), counted]);
}

#[test]
fn the_configuration_file_shows_every_setting() {
    let rule = |tree: &Tree| {
        let Some(shown) = tree.text("gateway.toml") else {
            return Vec::new();
        };
        let shown = keys_shown_in(shown);
        let getters = tree.rust().find(|file| file.path == READER).map(getters).unwrap_or_default();
        let mut found = Vec::new();
        let readers = tree.under("src/config").chain(tree.under("src/pages/branding/look.rs"));
        for file in readers.filter(|file| file.is_rust() && !file.path.ends_with("/tests.rs")) {
            for key in keys_read_in(file, &getters).into_iter().filter(|key| !shown.contains(key)) {
                found.push(format!("{}: reads `{key}`, which gateway.toml does not show", file.path));
            }
        }
        found
    };
    holds(rule);
    let shown = ("gateway.toml", "[server]\n# listen = \"0.0.0.0:80\"");
    let reader = (
        READER,
        "impl Section { fn number(&self, name: &str) {}\nfn section(&self, name: &str) {}\nfn sections(&self, name: &str) {}\nfn text(&self, name: &str) {}\nfn problem(&self, name: &str, text: &str) {} }",
    );
    breaks_with(
        rule,
        &[shown, ("src/config/raw.rs", "#[derive(Deserialize)]\nstruct Server { listen: String, trusted: bool }")],
    );
    breaks_with(
        rule,
        &[
            shown,
            (
                "src/config/raw.rs",
                "#[derive(Deserialize)]\nstruct Server {\n#[serde(rename = \"ears\")]\nlisten: String }",
            ),
        ],
    );
    passes_with(
        rule,
        &[
            shown,
            (
                "src/config/raw.rs",
                "#[derive(Debug, serde::Deserialize)]\nstruct S { #[serde(default)] pub(super) listen: Option<Vec<A>> }",
            ),
        ],
    );
    breaks_with(rule, &[shown, reader, ("src/config/mod.rs", "fn f() { section.number(\n\"threads\", 1..=9, 2) }")]);
    breaks_with(rule, &[shown, reader, ("src/config/mod.rs", "fn f() { reader.sections(\"route\") }")]);
    passes_with(rule, &[shown, reader, ("src/config/mod.rs", "fn f() { section.problem(\"trusted\", A) }")]);
    passes_with(
        rule,
        &[shown, reader, ("src/config/mod.rs", "fn f() { reader.section(\"server\").text(\"listen\") }")],
    );
    passes_with(rule, &[shown, ("src/config/mod.rs", "struct Config { trusted: bool }")]);
}

/// The anchors of a page's headings, as GitHub makes them.
fn anchors(page: &str) -> BTreeSet<String> {
    let mut is_block = false;
    let mut anchors = BTreeSet::new();
    for line in page.lines() {
        is_block ^= line.trim_start().starts_with("```");
        if let Some(heading) = line.strip_prefix('#').filter(|_| !is_block) {
            let words = heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
            anchors.insert(words.chars().filter(|char| char.is_alphanumeric() || "-_".contains(*char)).collect());
        }
    }
    anchors
}

/// The path of what a page at `of` links to; what leads out of the repository is not there.
fn linked(of: &str, target: &str) -> String {
    let mut parts: Vec<&str> = of.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "" | "." => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[test]
fn links_of_pages_lead_somewhere() {
    let rule = |tree: &Tree| {
        let mut wrong = Vec::new();
        for page in tree.files.iter().filter(|file| file.path.ends_with(".md")) {
            let targets = page.text.match_indices("](").filter_map(|(at, _)| page.text[at + 2..].split(')').next());
            for target in targets.filter(|target| !target.contains("://") && !target.contains(char::is_whitespace)) {
                let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
                let path = if file.is_empty() { page.path.clone() } else { linked(&page.path, file) };
                let folder = format!("{path}/");
                let is_there = tree.files.iter().any(|file| file.path == path || file.path.starts_with(&folder));
                let has_anchor =
                    anchor.is_empty() || tree.text(&path).is_none_or(|text| anchors(text).contains(anchor));
                if !is_there || !has_anchor {
                    wrong.push(format!("{}: {target} is not there", page.path));
                }
            }
        }
        wrong
    };
    holds(rule);
    breaks(rule, "README.md", "see [this](docs/nothing.md)");
    breaks(rule, "docs/policy.md", "see [this](README.md)");
    breaks(rule, "docs/policy.md", "## Tests\n```sh\n# here\n```\nsee [this](#here)");
    let pages = [
        ("README.md", "# The first ten minutes"),
        ("docs/policy.md", "see [this](../README.md#the-first-ten-minutes)"),
    ];
    passes_with(rule, &pages);
    passes(rule, "README.md", "## What is `here`?\nsee [this](#what-is-here), [that](https://example.com/#x)");
}

#[test]
fn the_benchmark_measures_the_pingora_that_is_shipped() {
    let rule = |tree: &Tree| {
        let version = |path: &str| {
            let line = tree.text(path)?.lines().find(|line| line.starts_with("pingora "))?;
            Some(line.split('#').next()?.trim().to_owned())
        };
        match (version("Cargo.toml"), version("tests/bench/plain/Cargo.toml")) {
            (Some(ours), Some(plain)) if ours != plain => {
                vec![format!("tests/bench/plain/Cargo.toml: {plain}, ours is {ours}")]
            }
            _ => Vec::new(),
        }
    };
    holds(rule);
    let ours = ("Cargo.toml", "[dependencies]\npingora = { version = \"=0.9.1\" } # exact");
    breaks_with(rule, &[ours, ("tests/bench/plain/Cargo.toml", "pingora = { version = \"=0.9.0\" }")]);
    passes_with(rule, &[ours, ("tests/bench/plain/Cargo.toml", "pingora = { version = \"=0.9.1\" }")]);
}

/// Names of metrics in a text, without what follows them. Those of the process are left out: the
/// prometheus crate names them.
fn metrics_in(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| c != '_' && !c.is_ascii_alphanumeric());
    words
        .filter(|word| word.starts_with("gateway_") && word.len() > "gateway_".len())
        .filter(|word| !word.starts_with("gateway_process_"))
        .map(str::to_owned)
        .collect()
}

/// The insides of strings, a line each; comments do not count, nor do tests.
fn strings(source: &str) -> String {
    let source = source.split("#[cfg(test)]\nmod ").next().unwrap_or(source);
    let lines: Vec<&str> = source.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    lines.join("\n").split('"').skip(1).step_by(2).collect::<Vec<_>>().join("\n")
}

/// The keys that a configuration shows, set or commented out.
fn keys_shown_in(configuration: &str) -> BTreeSet<String> {
    let is_sign = |c: char| c != '_' && !c.is_ascii_alphanumeric();
    let mut keys = BTreeSet::new();
    for line in configuration.lines().map(|line| line.trim_start_matches(['#', ' '])) {
        if line.starts_with('[') {
            keys.extend(line.split(is_sign).map(str::to_owned));
        } else {
            let before = line.split('=').map(|part| part.trim_end().rsplit(is_sign).next().unwrap_or_default());
            keys.extend(before.map(str::to_owned));
        }
    }
    keys
}

/// Where the methods are by which `src/config` asks for a setting.
const READER: &str = "src/config/reader.rs";

/// Those methods: whatever takes the `name` of a setting, and does not only say something of it.
fn getters(file: &File) -> BTreeSet<String> {
    let methods = file.code().items.into_iter().filter_map(|item| match item {
        syn::Item::Impl(item) => Some(item.items),
        _ => None,
    });
    let takes_a_name = |inputs: &syn::punctuated::Punctuated<syn::FnArg, _>| {
        matches!(inputs.iter().nth(1), Some(syn::FnArg::Typed(argument))
            if matches!(&*argument.pat, syn::Pat::Ident(name) if name.ident == "name"))
    };
    let names = methods.flatten().filter_map(|item| match item {
        syn::ImplItem::Fn(method) if takes_a_name(&method.sig.inputs) => Some(method.sig.ident.to_string()),
        _ => None,
    });
    names.filter(|name| !matches!(name.as_str(), "problem" | "warn" | "key" | "environment")).collect()
}

/// The keys that a file asks for by one of the `getters`, and those that serde reads into its structs.
fn keys_read_in(file: &File, getters: &BTreeSet<String>) -> BTreeSet<String> {
    let mut keys = KeysRead { getters, keys: BTreeSet::new() };
    keys.visit_file(&file.code());
    keys.keys
}

struct KeysRead<'g> {
    getters: &'g BTreeSet<String>,
    keys: BTreeSet<String>,
}

impl<'ast> Visit<'ast> for KeysRead<'_> {
    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if let Some(syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(key), .. })) = call.args.first()
            && self.getters.contains(&call.method.to_string())
        {
            self.keys.insert(key.value());
        }
        syn::visit::visit_expr_method_call(self, call);
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        let derives = item.attrs.iter().filter(|attribute| attribute.path().is_ident("derive"));
        if derives.into_iter().any(|derive| crate::source::words(derive).iter().any(|word| word == "Deserialize")) {
            let names =
                item.fields.iter().filter_map(|field| renamed(field).or(Some(field.ident.as_ref()?.to_string())));
            self.keys.extend(names);
        }
    }
}

/// The name that serde reads a field by, where it is another.
fn renamed(field: &syn::Field) -> Option<String> {
    let mut renamed = None;
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        // What is not understood here is no new name.
        let _ = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("rename") {
                renamed = Some(meta.value()?.parse::<syn::LitStr>()?.value());
            }
            Ok(())
        });
    }
    renamed
}
