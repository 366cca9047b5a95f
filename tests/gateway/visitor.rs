//! A person with a browser without script: it keeps cookies, follows redirects, and fills in forms.

use std::collections::BTreeMap;

use reqwest::{Method, StatusCode};
use url::Url;

use crate::page::{Form, Page};
use crate::world::World;

/// The hosts that a browser resolves to the gateway: that of its public address, and others for tests.
pub(crate) const HOSTS: [&str; 4] = ["localhost", "wiki.localhost", "git.example.test", "evil.example.test"];

/// Cookies as the value of one `Cookie` header.
pub(crate) fn cookie_line(cookies: &BTreeMap<String, String>) -> String {
    cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
}

/// A browser.
pub(crate) struct Visitor {
    http: reqwest::Client,
    /// Cookies by host and port, then by name.
    pub(crate) cookies: BTreeMap<String, BTreeMap<String, String>>,
    /// Additional headers of every request; an empty value removes one that is usually sent.
    pub(crate) headers: Vec<(String, String)>,
    site: Url,
    /// Status and address of every response on the way to the last page.
    pub(crate) trail: Vec<(u16, String)>,
    /// Every `Set-Cookie` that was received.
    pub(crate) set_cookies: Vec<String>,
    /// The largest head of a response, in bytes.
    pub(crate) largest_head: usize,
    /// The most bytes of the gateway's cookies in a request, names and values.
    pub(crate) largest_cookies: usize,
}

/// A page that the browser shows.
#[derive(Debug)]
pub(crate) struct View {
    /// Its address.
    pub(crate) url: Url,
    /// The status.
    pub(crate) status: StatusCode,
    /// The headers.
    pub(crate) headers: reqwest::header::HeaderMap,
    /// The body as it came.
    pub(crate) body: String,
    /// The body as a page.
    pub(crate) page: Page,
}

impl Visitor {
    /// A new browser, for the gateway of this test.
    pub(crate) fn new(world: &World) -> Self {
        Self::at(&format!("http://localhost:{}", world.public))
    }

    /// A new browser, for the gateway at this address of this machine.
    pub(crate) fn at(site: &str) -> Self {
        let site = Url::parse(site).expect("an address");
        let address = std::net::SocketAddr::from(([127, 0, 0, 1], site.port().expect("a port")));
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
        let http = HOSTS.iter().fold(http, |http, host| http.resolve(host, address)).build().expect("a client");
        Self {
            http,
            cookies: BTreeMap::new(),
            headers: Vec::new(),
            site,
            trail: Vec::new(),
            set_cookies: Vec::new(),
            largest_head: 0,
            largest_cookies: 0,
        }
    }

    /// The cookies that it sends to the gateway.
    pub(crate) fn jar(&mut self) -> &mut BTreeMap<String, String> {
        self.cookies.entry(key(&self.site)).or_default()
    }

    /// The value of `Cookie` in its requests to the gateway.
    pub(crate) fn cookie_line(&mut self) -> String {
        cookie_line(self.jar())
    }

    /// The origin of the gateway's public address.
    pub(crate) fn origin(&self) -> String {
        self.site.origin().ascii_serialization()
    }

    /// The gateway's public address.
    pub(crate) fn site(&self) -> &Url {
        &self.site
    }

    /// Opens an address, as if it were typed, and follows redirects.
    pub(crate) async fn visit(&mut self, address: &str) -> View {
        let url = self.site.join(address).expect("an address");
        self.go(Method::GET, url, None, "none").await
    }

    /// Follows a link of a page.
    pub(crate) async fn follow(&mut self, view: &View, address: &str) -> View {
        let url = view.url.join(address).expect("an address");
        let site = if url.origin() == view.url.origin() { "same-origin" } else { "cross-site" };
        self.go(Method::GET, url, None, site).await
    }

    /// Fills in a form, and presses its first button.
    pub(crate) async fn submit(&mut self, view: &View, form: &Form, answers: &[(&str, &str)]) -> View {
        self.press(view, form, answers, 0).await
    }

    /// Fills in a form, and presses the button with this index.
    pub(crate) async fn press(&mut self, view: &View, form: &Form, answers: &[(&str, &str)], button: usize) -> View {
        let url = view.url.join(&form.action).expect("an address");
        self.go(Method::POST, url, Some(filled_in(form, answers, button)), "same-origin").await
    }

    /// Fills in the page's main form, and presses its first button.
    pub(crate) async fn answer(&mut self, view: &View, answers: &[(&str, &str)]) -> View {
        let form = view.page.main().unwrap_or_else(|| panic!("nothing to fill in: {}", view.page.text)).clone();
        self.submit(view, &form, answers).await
    }

    /// Presses the button or follows the link with this text.
    pub(crate) async fn choose(&mut self, view: &View, words: &str) -> View {
        let exact = view.page.forms.iter().find(|form| form.buttons.iter().any(|(_, _, text)| text == words));
        if let Some(form) = exact.or(view.page.button(words)).cloned() {
            let at = |matches: &dyn Fn(&str) -> bool| form.buttons.iter().position(|(_, _, text)| matches(text));
            let button = at(&|text| text == words).or(at(&|text| text.contains(words))).expect("a button");
            return self.press(view, &form, &[], button).await;
        }
        let address = view.page.links.iter().find(|(_, text)| text.contains(words)).map(|(address, _)| address.clone());
        let address = address.unwrap_or_else(|| panic!("neither button nor link says `{words}`: {}", view.page.text));
        self.follow(view, &address).await
    }

    /// Opens `target` and signs in with a password on one page.
    pub(crate) async fn sign_in(&mut self, target: &str, account: &str) -> View {
        let view = self.visit(target).await;
        self.answer(&view, &[("identifier", account), ("password", "Sandbox-1234")]).await
    }

    /// Sends one request, without following redirects.
    pub(crate) async fn send(
        &mut self,
        method: Method,
        url: Url,
        body: Option<String>,
        site: &str,
    ) -> reqwest::Response {
        let mut request = self.http.request(method.clone(), url.clone());
        let mut default = |name: &str, value: &str| {
            if !self.headers.iter().any(|(given, _)| given.eq_ignore_ascii_case(name)) && !value.is_empty() {
                request = std::mem::replace(&mut request, self.http.get("http://unused")).header(name, value);
            }
        };
        default("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        default("sec-fetch-site", site);
        default("sec-fetch-mode", "navigate");
        default("sec-fetch-dest", "document");
        default("accept-language", "en");
        default("user-agent", "Visitor/1.0");
        for (name, value) in self.headers.iter().filter(|(_, value)| !value.is_empty()) {
            request = request.header(name, value);
        }
        let cookies = self.cookies.entry(key(&url)).or_default();
        if !cookies.is_empty() {
            request = request.header("cookie", cookie_line(cookies));
        }
        if let Some(body) = body {
            let origin = url.origin().ascii_serialization();
            request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
            if !self.headers.iter().any(|(given, _)| given.eq_ignore_ascii_case("origin")) {
                request = request.header("origin", origin);
            }
        }
        let ours: usize =
            cookies.iter().filter(|(name, _)| name.contains("gw_")).map(|(name, value)| name.len() + value.len()).sum();
        self.largest_cookies = self.largest_cookies.max(ours);
        let response = request.send().await.expect("an answer");
        let lines = response.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4);
        self.largest_head = self.largest_head.max("HTTP/1.1 200 OK\r\n\r\n".len() + lines.sum::<usize>());
        for line in response.headers().get_all("set-cookie") {
            let line = line.to_str().expect("a cookie is text");
            self.set_cookies.push(line.to_owned());
            let (name, value) = line.split(';').next().and_then(|pair| pair.split_once('=')).expect("a cookie");
            if value.is_empty() || line.contains("Max-Age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        response
    }

    async fn go(&mut self, mut method: Method, mut url: Url, mut body: Option<String>, site: &str) -> View {
        self.trail.clear();
        for _ in 0..10 {
            let response = self.send(method.clone(), url.clone(), body.take(), site).await;
            let status = response.status();
            self.trail.push((status.as_u16(), url.to_string()));
            if let Some(location) = response.headers().get("location").filter(|_| status.is_redirection()) {
                url = url.join(location.to_str().expect("an address")).expect("an address");
                method = Method::GET;
                continue;
            }
            let headers = response.headers().clone();
            let body = response.text().await.expect("a body");
            let page = Page::read(&body);
            if let Some(address) = page.refreshes.first() {
                url = url.join(address).expect("an address");
                method = Method::GET;
                continue;
            }
            return View { url, status, headers, body, page };
        }
        panic!("too many redirects: {:?}", self.trail);
    }
}

/// The body that is posted when the button with this index is pressed, after filling in the form.
pub(crate) fn filled_in(form: &Form, answers: &[(&str, &str)], button: usize) -> String {
    let mut fields: Vec<(String, String)> = Vec::new();
    for control in form.controls.iter().filter(|control| !control.name.is_empty()) {
        match answers.iter().find(|(name, _)| *name == control.name) {
            Some((_, "-")) => {}
            Some((name, value)) => fields.push(((*name).to_owned(), (*value).to_owned())),
            None if control.on => fields.push((control.name.clone(), control.value.clone())),
            None => {}
        }
    }
    for (name, _) in answers {
        assert!(form.control(name).is_some(), "the form has no `{name}`: {form:?}");
    }
    if let Some((name, value, _)) = form.buttons.get(button).filter(|(name, ..)| !name.is_empty()) {
        fields.push((name.clone(), value.clone()));
    }
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish()
}

fn key(url: &Url) -> String {
    format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default())
}

impl Visitor {
    /// Presses the page's main button, where nothing has to be filled in.
    pub(crate) async fn answer_or_press(&mut self, view: &View) -> View {
        let aside = |form: &Form| form.action.ends_with("/language") || form.value("do") == Some("cancel");
        let own = view.page.forms.iter().find(|form| !aside(form) && !form.buttons.is_empty());
        let form = own.unwrap_or_else(|| panic!("no button: {}", view.page.text)).clone();
        self.submit(view, &form, &[]).await
    }
}
