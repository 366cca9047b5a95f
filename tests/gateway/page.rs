//! A page as a browser without script reads it: headings, text, links, forms with their controls.
//!
//! The tokens are the HTML standard's (html5gum); this only sorts them.

use html5gum::{Token, Tokenizer};

/// A page.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// `<title>`.
    pub(crate) title: String,
    /// Every `<h1>`.
    pub(crate) headings: Vec<String>,
    /// All words that a person sees, with single spaces.
    pub(crate) text: String,
    /// Every link: address, words.
    pub(crate) links: Vec<(String, String)>,
    /// Every form.
    pub(crate) forms: Vec<Form>,
    /// The lines of the box that lists problems.
    pub(crate) problems: Vec<String>,
    /// Every `<meta http-equiv=refresh>`'s address.
    pub(crate) refreshes: Vec<String>,
    /// `data-*` attributes that a script reads: name, value.
    pub(crate) data: Vec<(String, String)>,
}

/// A form.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form {
    /// `action`.
    pub(crate) action: String,
    /// Its controls, hidden ones too, in order.
    pub(crate) controls: Vec<Control>,
    /// Its submit buttons: name, value, words.
    pub(crate) buttons: Vec<(String, String, String)>,
}

/// A control.
#[derive(Clone, Debug, Default)]
pub(crate) struct Control {
    /// `name`.
    pub(crate) name: String,
    /// `type`, or `select`.
    pub(crate) kind: String,
    /// What it holds.
    pub(crate) value: String,
    /// Whether it is posted as it stands (a box that is not ticked is not).
    pub(crate) on: bool,
    /// The values to choose from.
    pub(crate) options: Vec<String>,
    /// `autocomplete`.
    pub(crate) autocomplete: String,
    /// Whether it is shown at all.
    pub(crate) hidden: bool,
}

impl Page {
    /// Reads a page.
    pub(crate) fn read(html: &str) -> Self {
        let mut page = Self::default();
        let mut reader = Reader::default();
        for Ok(token) in Tokenizer::new(html) {
            match token {
                Token::StartTag(tag) => {
                    let name = text_of(&tag.name);
                    let attribute = |wanted: &str| {
                        tag.attributes
                            .iter()
                            .find(|(name, _)| name.as_slice() == wanted.as_bytes())
                            .map(|(_, value)| text_of(value))
                    };
                    for (name, value) in &tag.attributes {
                        let name = text_of(name);
                        if name.starts_with("data-") {
                            page.data.push((name, text_of(value)));
                        }
                    }
                    reader.open(&mut page, &name, &attribute);
                }
                Token::EndTag(tag) => reader.close(&mut page, &text_of(&tag.name)),
                Token::String(text) => reader.words(&text_of(&text)),
                _ => {}
            }
        }
        page.text = reader.text.split_whitespace().collect::<Vec<_>>().join(" ");
        page
    }

    /// The form whose hidden `do` is this.
    pub(crate) fn form(&self, act: &str) -> Option<&Form> {
        self.forms.iter().find(|form| form.value("do") == Some(act))
    }

    /// The address behind the link with these words.
    pub(crate) fn link(&self, words: &str) -> Option<&str> {
        self.links.iter().find(|(_, text)| text == words).map(|(address, _)| address.as_str())
    }

    /// The form with a button of these words.
    pub(crate) fn button(&self, words: &str) -> Option<&Form> {
        self.forms.iter().find(|form| form.buttons.iter().any(|(_, _, text)| text.contains(words)))
    }

    /// The first form with a control that a person fills in.
    pub(crate) fn main(&self) -> Option<&Form> {
        let own = self.forms.iter().filter(|form| !form.action.ends_with("/language"));
        own.into_iter().find(|form| form.controls.iter().any(|control| !control.hidden))
    }
}

impl Form {
    /// What the control of this name holds.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.controls.iter().find(|control| control.name == name).map(|control| control.value.as_str())
    }

    /// The control of this name.
    pub(crate) fn control(&self, name: &str) -> Option<&Control> {
        self.controls.iter().find(|control| control.name == name)
    }
}

#[derive(Default)]
struct Reader {
    text: String,
    form: Option<Form>,
    capture: Vec<(Captured, String)>,
    select: Option<Control>,
    unseen: usize,
    in_problems: bool,
}

enum Captured {
    Title,
    Heading,
    Link(String),
    Button(String, String),
    Problem,
}

impl Reader {
    fn open(&mut self, page: &mut Page, name: &str, attribute: &dyn Fn(&str) -> Option<String>) {
        let get = |name: &str| attribute(name).unwrap_or_default();
        match name {
            "title" => self.capture.push((Captured::Title, String::new())),
            "h1" => self.capture.push((Captured::Heading, String::new())),
            "a" => self.capture.push((Captured::Link(get("href")), String::new())),
            "script" | "style" => self.unseen += 1,
            "meta" if get("http-equiv").eq_ignore_ascii_case("refresh") => {
                page.refreshes.extend(get("content").split_once("url=").map(|(_, address)| address.to_owned()));
            }
            "form" => self.form = Some(Form { action: get("action"), ..Form::default() }),
            "div" if attribute("id").as_deref() == Some("problems") => self.in_problems = true,
            "li" if self.in_problems => self.capture.push((Captured::Problem, String::new())),
            "input" => self.input(attribute),
            "select" => {
                self.select =
                    Some(Control { name: get("name"), kind: "select".to_owned(), on: true, ..Control::default() })
            }
            "option" => {
                if let Some(select) = &mut self.select {
                    let value = get("value");
                    if select.options.is_empty() || attribute("selected").is_some() {
                        select.value.clone_from(&value);
                    }
                    select.options.push(value);
                }
            }
            "button" if attribute("type").as_deref() != Some("button") => {
                self.capture.push((Captured::Button(get("name"), get("value")), String::new()));
            }
            _ => {}
        }
        self.text.push(' ');
    }

    /// A control of the open form; radios of one name are one control.
    fn input(&mut self, attribute: &dyn Fn(&str) -> Option<String>) {
        let get = |name: &str| attribute(name).unwrap_or_default();
        let kind = attribute("type").unwrap_or_else(|| "text".to_owned());
        let default = if kind == "checkbox" { "on" } else { "" };
        let control = Control {
            name: get("name"),
            value: attribute("value").unwrap_or_else(|| default.to_owned()),
            on: !matches!(kind.as_str(), "checkbox" | "radio") || attribute("checked").is_some(),
            autocomplete: get("autocomplete"),
            hidden: kind == "hidden" || attribute("hidden").is_some(),
            options: Vec::new(),
            kind,
        };
        let Some(form) = &mut self.form else { return };
        match form.controls.iter_mut().find(|known| known.name == control.name && known.kind == "radio") {
            Some(known) => {
                if control.on {
                    (known.value, known.on) = (control.value.clone(), true);
                }
                known.options.push(control.value);
            }
            None => {
                let options = vec![control.value.clone()];
                form.controls.push(Control { options, ..control });
            }
        }
    }

    fn close(&mut self, page: &mut Page, name: &str) {
        let squeeze = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let captured = match name {
            "title" | "h1" | "a" => self.capture.pop(),
            "button" if matches!(self.capture.last(), Some((Captured::Button(..), _))) => self.capture.pop(),
            "li" if matches!(self.capture.last(), Some((Captured::Problem, _))) => self.capture.pop(),
            _ => None,
        };
        match captured {
            Some((Captured::Title, text)) => page.title = squeeze(&text),
            Some((Captured::Heading, text)) => page.headings.push(squeeze(&text)),
            Some((Captured::Link(address), text)) => page.links.push((address, squeeze(&text))),
            Some((Captured::Problem, text)) => page.problems.push(squeeze(&text)),
            Some((Captured::Button(name, value), text)) => {
                if let Some(form) = &mut self.form {
                    form.buttons.push((name, value, squeeze(&text)));
                }
            }
            None => {}
        }
        match name {
            "script" | "style" => self.unseen = self.unseen.saturating_sub(1),
            "ul" => self.in_problems = false,
            "form" => page.forms.extend(self.form.take()),
            "select" => {
                if let (Some(form), Some(select)) = (&mut self.form, self.select.take()) {
                    form.controls.push(select);
                }
            }
            _ => {}
        }
        self.text.push(' ');
    }

    fn words(&mut self, words: &str) {
        for (_, text) in &mut self.capture {
            text.push_str(words);
        }
        if self.unseen == 0 {
            self.text.push_str(words);
        }
    }
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
