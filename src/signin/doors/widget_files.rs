//! The files of Okta's Sign-In Widget, as its package `@okta/okta-signin-widget` has them in `dist`: one script, one
//! stylesheet, fonts, pictures and texts, read whole at start and served under an address that changes with them.
//!
//! A folder that lacks one of them, or is of another version than 7, is refused.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use bytes::Bytes;
use data_encoding::HEXLOWER;

use crate::secret::sha256;
use crate::web::Response;

/// The scripts that will do, the one for Identity Engine alone first.
const SCRIPTS: [&str; 3] =
    ["js/okta-sign-in.oie.min.js", "js/okta-sign-in.min.js", "js/okta-sign-in.no-polyfill.min.js"];
/// The stylesheet.
pub(super) const STYLESHEET: &str = "css/okta-sign-in.min.css";
/// What else belongs to it: fonts, pictures and texts.
const FOLDERS: [&str; 3] = ["font", "img", "labels/json"];
/// The most files that are read, and the most bytes of one. Those of 7.49.0 are 246, and 1.6 MB.
const MOST_FILES: usize = 2000;
const MOST_BYTES: u64 = 8 * 1024 * 1024;

/// The widget's files, by their path in `dist`.
pub struct WidgetFiles {
    /// As `7.49.0`.
    pub version: String,
    /// The path of its script.
    pub script: &'static str,
    files: BTreeMap<String, Bytes>,
    digest: String,
}

impl WidgetFiles {
    /// Reads the folder.
    ///
    /// # Errors
    /// What is missing or not as it should be.
    pub fn read(folder: &Path) -> Result<Self, String> {
        let script = SCRIPTS.into_iter().find(|script| folder.join(script).is_file());
        let script = script.filter(|_| folder.join(STYLESHEET).is_file()).ok_or_else(|| {
            let place = folder.display();
            format!(
                "{place} is not the folder `dist` of @okta/okta-signin-widget: it lacks {} or {STYLESHEET}",
                SCRIPTS[0]
            )
        })?;
        let mut files = BTreeMap::new();
        for path in [script, STYLESHEET] {
            keep(folder, path, &mut files)?;
        }
        for path in FOLDERS {
            walk(folder, path, &mut files)?;
        }
        let version = version(&files[script])
            .ok_or_else(|| format!("{script} does not say its version: it is not the widget's"))?;
        if !version.starts_with("7.") {
            return Err(format!("{script} is of version {version}: 7 is wanted"));
        }
        let all: Vec<u8> =
            files.iter().flat_map(|(path, content)| [path.as_bytes(), &sha256(content)].concat()).collect();
        Ok(Self { version, script, files, digest: HEXLOWER.encode(&sha256(all)[..8]) })
    }

    /// What stands for all of them in addresses.
    pub(super) fn digest(&self) -> &str {
        &self.digest
    }

    /// The file of this path, under the digest of these files and no other.
    pub(super) fn answer(&self, digest: &str, path: &str) -> Option<Response> {
        let content = self.files.get(path).filter(|_| digest == self.digest)?;
        Some(Response::asset(path, content.clone()))
    }

    /// Whether it has texts in the language of this tag, as `pt-BR`; those in English are in its script.
    pub(super) fn speaks(&self, tag: &str) -> bool {
        tag == "en" || self.files.contains_key(&format!("labels/json/login_{}.json", tag.replace('-', "_")))
    }

    /// Every path and the SHA-256 of what stands there, in hexadecimal digits.
    pub fn hashes(&self) -> impl Iterator<Item = (&str, String)> {
        self.files.iter().map(|(path, content)| (path.as_str(), HEXLOWER.encode(&sha256(content))))
    }
}

/// What the script says of its own version: it stands behind the list of languages that is built into it.
fn version(script: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(script);
    let (_, after) = text.split_once("\"defaultLanguage\":")?;
    let after: String = after.chars().take(200).collect();
    let version = after.split_once("\"version\":\"")?.1.split('"').next()?.to_owned();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-+".contains(&byte);
    (version.len() <= 40 && version.bytes().all(plain)).then_some(version)
}

fn walk(folder: &Path, below: &str, files: &mut BTreeMap<String, Bytes>) -> Result<(), String> {
    let place = folder.join(below);
    let entries = fs::read_dir(&place).map_err(|error| format!("{} cannot be read: {error}", place.display()))?;
    for entry in entries {
        let entry = entry.map_err(|error| format!("{} cannot be read: {error}", place.display()))?;
        let name = entry.file_name().into_string().map_err(|_| format!("{} has a file of no name", place.display()))?;
        let path = format!("{below}/{name}");
        let kind = entry.file_type().map_err(|error| format!("{path} cannot be read: {error}"))?;
        match (kind.is_dir(), kind.is_file()) {
            (true, _) => walk(folder, &path, files)?,
            (_, true) => keep(folder, &path, files)?,
            // A link could lead anywhere.
            _ => return Err(format!("{path} is neither a file nor a folder")),
        }
    }
    Ok(())
}

fn keep(folder: &Path, path: &str, files: &mut BTreeMap<String, Bytes>) -> Result<(), String> {
    let place = folder.join(path);
    let unreadable = |error: std::io::Error| format!("{} cannot be read: {error}", place.display());
    if fs::metadata(&place).map_err(unreadable)?.len() > MOST_BYTES || files.len() >= MOST_FILES {
        return Err(format!("{} is more than the widget has", place.display()));
    }
    files.insert(path.to_owned(), fs::read(&place).map_err(unreadable)?.into());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with the least that the widget needs.
    fn folder(version: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |path: &str, content: &str| {
            let place = folder.path().join(path);
            fs::create_dir_all(place.parent().expect("a folder")).expect("a folder");
            fs::write(place, content).expect("a file");
        };
        write(SCRIPTS[0], &format!("JSON.parse('{{\"defaultLanguage\":\"en\",\"version\":\"{version}\"}}')"));
        write(STYLESHEET, "a{}");
        write("font/a.woff2", "font");
        write("img/icons/a.svg", "<svg/>");
        write("labels/json/login_de.json", "{}");
        write("labels/json/login_pt_BR.json", "{}");
        write("js/okta-sign-in.js.map", "not needed");
        folder
    }

    #[test]
    fn a_folder_of_the_widget_is_read_and_served_under_its_digest() {
        let folder = folder("7.49.0");
        let files = WidgetFiles::read(folder.path()).expect("a widget");
        assert_eq!((files.version.as_str(), files.script), ("7.49.0", SCRIPTS[0]));
        let paths: Vec<&str> = files.hashes().map(|(path, _)| path).collect();
        let texts = ["labels/json/login_de.json", "labels/json/login_pt_BR.json"];
        assert_eq!(paths, [&[STYLESHEET, "font/a.woff2", "img/icons/a.svg", SCRIPTS[0]][..], &texts].concat());
        assert_eq!(["en", "de", "pt-BR", "ar"].map(|tag| files.speaks(tag)), [true, true, true, false]);
        let digest = files.digest().to_owned();
        let answer = files.answer(&digest, "font/a.woff2").expect("a file");
        assert_eq!(answer.headers["content-type"], "font/woff2");
        assert_eq!(answer.headers["cache-control"], "public, max-age=31536000, immutable");
        for (digest, path) in
            [(digest.as_str(), "../secret"), (&digest, "js/okta-sign-in.js.map"), ("0", "font/a.woff2")]
        {
            assert!(files.answer(digest, path).is_none(), "{path}");
        }
        fs::write(folder.path().join("font/a.woff2"), "another").expect("a file");
        assert_ne!(WidgetFiles::read(folder.path()).expect("a widget").digest(), digest);
    }

    #[test]
    fn a_folder_that_is_none_is_refused() {
        let refused = |folder: &Path| WidgetFiles::read(folder).err().expect("a refusal");
        let empty = tempfile::tempdir().expect("a folder");
        assert!(refused(empty.path()).contains("is not the folder `dist` of @okta/okta-signin-widget"));
        assert!(refused(folder("6.9.0").path()).contains("is of version 6.9.0: 7 is wanted"));
        let whole = folder("7.1.0");
        fs::remove_dir_all(whole.path().join("labels")).expect("removed");
        assert!(refused(whole.path()).contains("labels/json cannot be read"));
        let other = folder("7.1.0");
        fs::write(other.path().join(SCRIPTS[0]), "alert(1)").expect("a file");
        assert!(refused(other.path()).contains("does not say its version"));
    }
}
