//! `[okta]` and `[[provider]]`: who signs people in, with the same settings by the same names; and which of them, and
//! which door, there are on which host.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::reader::{Reader, Section};
use super::unwise;
use crate::access::HostPattern;
use crate::oidc::client_authentication::SigningKey;
use crate::oidc::discovery::is_loopback;
use crate::oidc::{ClientAuthentication, Issuer, Logout, PROTOCOL_PARAMETERS};
use crate::signin::doors::{Door, DoorRule, Doors};
use crate::signin::providers::{ClaimRules, ORG, PassedParameter};

/// Where Microsoft Graph lists the groups of a token's person, groups within groups included.
const GRAPH: &str = "https://graph.microsoft.com/v1.0/me/transitiveMemberOf?$select=id&$top=100";

/// The pictures that the templates have for buttons.
const ICONS: [(&str, &str); 4] =
    [("google", "google"), ("microsoft", "microsoft"), ("facebook", "facebook"), ("key", "")];

/// One provider.
pub struct ProviderSettings {
    /// Its table, as `okta` or `provider[0]`.
    pub key: String,
    /// Its name.
    pub name: String,
    /// What its button calls it.
    pub title: String,
    /// The picture on the button; empty for the usual one.
    pub icon: &'static str,
    /// People whose addresses end so sign in there.
    pub domains: Vec<String>,
    /// What it calls itself.
    pub issuer: Issuer,
    /// Our client id there.
    pub client_id: String,
    /// How we prove it.
    pub authentication: ClientAuthentication,
    /// What we ask for.
    pub scopes: Vec<String>,
    /// Whether it is asked for claims besides those of the ID token.
    pub asks_userinfo: bool,
    /// How its claims are read.
    pub claims: ClaimRules,
    /// What every sign-in asks besides.
    pub parameters: Vec<(String, String)>,
    /// What a visitor's address may ask.
    pub pass: Vec<PassedParameter>,
    /// Where browsers sign out.
    pub logout: Logout,
    /// A PEM file's content with further authorities.
    pub authority: Option<Vec<u8>>,
    /// How often it is called a second at most; 0 is as often as there is reason to.
    pub calls_a_second: u32,
}

/// All of them, the org first, and which there are. Without any other provider there must be an org.
pub(super) fn read(reader: &Reader) -> (Option<Vec<ProviderSettings>>, Known) {
    let sections = reader.sections("provider");
    let has_org = reader.top().given("okta") || sections.is_empty();
    let org = has_org.then(|| provider(&reader.section("okta"), ORG.to_owned()));
    let mut names = BTreeSet::from([ORG.to_owned()]);
    let mut all: Vec<Option<ProviderSettings>> = org.into_iter().collect();
    let mut known: Vec<String> = has_org.then(|| ORG.to_owned()).into_iter().collect();
    for section in &sections {
        let name = name(section, &mut names);
        known.extend(name.clone());
        all.push(provider(section, name.unwrap_or_default()));
    }
    (all.into_iter().collect(), Known { has_org, has_widget: false, names: known })
}

/// A name that can stand in an address and in a label, once.
fn name(section: &Section<'_>, taken: &mut BTreeSet<String>) -> Option<String> {
    let name = section.required("name")?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
    if name.len() > 40 || !name.bytes().all(plain) {
        section.problem("name", "must be small letters, digits, `-` and `_`, at most 40, as \"partners\"");
        return None;
    }
    if !taken.insert(name.clone()) {
        section.problem("name", format!("is that of another provider; \"{ORG}\" is the org of [okta]"));
        return None;
    }
    Some(name)
}

fn provider(section: &Section<'_>, name: String) -> Option<ProviderSettings> {
    let is_org = name == ORG;
    let tenants = section.texts("tenants").unwrap_or_default();
    let aliases = section.texts("issuer_aliases").unwrap_or_default();
    let issuer = section.required("issuer").and_then(|text| {
        unwise::issuer(section, &text);
        // Okta's have no last slash, Auth0's and authentik's do.
        let text = if is_org { text.trim_end_matches('/').to_owned() } else { text };
        section.parsed("issuer", &text, Issuer::parse)
    });
    let issuer = issuer.map(|issuer| issuer.with_tenants(tenants.clone()).with_aliases(aliases));
    check_tenants(section, issuer.as_ref(), &tenants);
    let client_id = section.required("client_id");
    let authentication = authentication(section);
    let scopes = section.texts("scopes").unwrap_or_else(|| ["openid", "profile", "email"].map(str::to_owned).to_vec());
    if !scopes.iter().any(|scope| scope == "openid") {
        section.problem("scopes", "must name \"openid\": without it there is no ID token");
    }
    unwise::provider(section, issuer.as_ref(), &scopes);
    let authority = section.file_content("ca_file");
    let title = section.text("title").unwrap_or_else(|| if is_org { "Okta".to_owned() } else { name.clone() });
    let domains = section.texts("domains").unwrap_or_default();
    let domains = domains.iter().map(|domain| domain.trim_start_matches('@').to_ascii_lowercase()).collect();
    Some(ProviderSettings {
        key: section.key(""),
        title,
        name,
        icon: section.one_of("icon", &ICONS, ""),
        domains,
        asks_userinfo: section.flag("userinfo", true),
        claims: claims(section),
        parameters: parameters(section),
        pass: pass(section),
        logout: logout(section, is_org),
        calls_a_second: section.number("calls_a_second", 0..=100_000, 0),
        // `?` comes last, when every setting has been read.
        issuer: issuer?,
        client_id: client_id?,
        authentication: authentication?,
        scopes,
        authority,
    })
}

/// A provider of many tenants is accepted for the tenants that are named, and for no other.
fn check_tenants(section: &Section<'_>, issuer: Option<&Issuer>, tenants: &[String]) {
    if tenants.iter().any(|tenant| tenant.is_empty() || tenant.contains('/')) {
        section.problem("tenants", "must be ids of tenants, as \"72f988bf-86f1-41af-91ab-2d7cd011db47\"");
    }
    let path = issuer.map(|issuer| issuer.url().path().to_owned()).unwrap_or_default();
    let common = ["/common/", "/organizations/", "/consumers/"].iter().any(|many| path.starts_with(many));
    let entra = issuer.is_some_and(|issuer| issuer.url().host_str() == Some("login.microsoftonline.com"));
    if entra && common && tenants.is_empty() {
        section.problem("tenants", "is missing: anybody of any tenant could sign in at this issuer");
    }
}

/// An address that nobody on the way can read or change.
fn safe_address(text: &str) -> Result<url::Url, String> {
    let url = url::Url::parse(text).map_err(|error| format!("is not a URL: {error}"))?;
    let is_safe = url.scheme() == "https" || url.scheme() == "http" && is_loopback(&url);
    is_safe.then_some(url).ok_or_else(|| "must begin with https://".to_owned())
}

fn claims(section: &Section<'_>) -> ClaimRules {
    let groups = section.texts("groups_claim").unwrap_or_else(|| vec!["groups".to_owned()]);
    if groups.iter().any(|claim| claim.trim().is_empty()) {
        section.problem("groups_claim", "names a claim without a name");
    }
    let graph = section.one_of("groups_overage", &[("refuse", false), ("graph", true)], false);
    let address = section.text("groups_overage_url").unwrap_or_else(|| GRAPH.to_owned());
    // The groups decide about access, so they must not be changed on the way.
    let address = section.parsed("groups_overage_url", &address, safe_address);
    ClaimRules {
        subject: section.text("subject_claim").unwrap_or_else(|| "sub".to_owned()),
        groups,
        hosted_domain: section.text("hosted_domain").map(|domain| domain.to_ascii_lowercase()),
        overage: address.filter(|_| graph),
    }
}

/// Checks the further parameters under `key`: the protocol's own cannot be set.
pub(super) fn check_parameters(section: &Section<'_>, key: &str, parameters: &[(String, String)]) {
    for (name, value) in parameters {
        check_parameter(section, key, name);
        if name == "max_age" && value.parse::<u64>().is_err() {
            section.problem(key, "has a `max_age` that is no number of seconds");
        }
    }
}

/// What is always asked.
fn parameters(section: &Section<'_>) -> Vec<(String, String)> {
    let mut parameters = section.pairs("parameters");
    check_parameters(section, "parameters", &parameters);
    if let Some(domain) = section.text("hosted_domain")
        && !parameters.iter().any(|(name, _)| name == "hd")
    {
        parameters.push(("hd".to_owned(), domain));
    }
    parameters
}

/// What a visitor's address may ask: `name` with any value, or `name=value` for each that it may have.
fn pass(section: &Section<'_>) -> Vec<PassedParameter> {
    let mut pass: Vec<PassedParameter> = Vec::new();
    for text in section.texts("pass_parameters").unwrap_or_default() {
        let (name, value) = text.split_once('=').map_or((text.as_str(), None), |(name, value)| (name, Some(value)));
        check_parameter(section, "pass_parameters", name);
        let value = value.map(str::to_owned);
        match pass.iter_mut().find(|known| known.name == name) {
            Some(known) => match (&mut known.values, value) {
                (Some(values), Some(value)) => values.push(value),
                _ => section.problem("pass_parameters", format!("names `{name}` both with and without a value")),
            },
            None => {
                let values = value.map(|value| vec![value]);
                pass.push(PassedParameter { name: name.to_owned(), values });
            }
        }
    }
    pass
}

fn check_parameter(section: &Section<'_>, key: &str, name: &str) {
    if name.is_empty() || PROTOCOL_PARAMETERS.contains(&name) {
        section.problem(key, format!("names `{name}`, which is the protocol's to set"));
    }
    // Our own addresses have these, with another meaning.
    if key == "pass_parameters" && ["return", "to", "provider", "lang"].contains(&name) {
        section.problem(key, format!("names `{name}`, which is a parameter of our own pages"));
    }
}

/// Where browsers sign out: as OpenID Connect has it, or as Cognito and Auth0 do.
fn logout(section: &Section<'_>, is_org: bool) -> Logout {
    #[derive(Clone, Copy, PartialEq)]
    enum Kind {
        Discovered,
        Nowhere,
        With(&'static str),
    }
    let kinds = [
        ("oidc", Kind::Discovered),
        ("none", Kind::Nowhere),
        ("cognito", Kind::With("logout_uri")),
        ("auth0", Kind::With("returnTo")),
    ];
    let kind = section.one_of("logout", &kinds, Kind::Discovered);
    match (kind, section.read("logout_url", safe_address)) {
        (Kind::Discovered, None) => Logout::Discovered { names_client: !is_org },
        (Kind::Nowhere, None) => Logout::Nowhere,
        (Kind::With(back_to), Some(address)) => Logout::At { address, back_to },
        (Kind::With(_), None) => {
            section.problem(
                "logout_url",
                "is missing: logout needs it, as https://example.auth.eu-west-1.amazoncognito.com/logout",
            );
            Logout::Nowhere
        }
        (_, Some(_)) => {
            section.problem("logout_url", "goes with logout = \"cognito\" or \"auth0\"");
            Logout::Nowhere
        }
    }
}

fn authentication(section: &Section<'_>) -> Option<ClientAuthentication> {
    #[derive(Clone, Copy, PartialEq)]
    enum Method {
        Post,
        Basic,
        Key,
        Nothing,
    }
    let methods = [
        ("client_secret_post", Method::Post),
        ("client_secret_basic", Method::Basic),
        ("private_key_jwt", Method::Key),
        ("none", Method::Nothing),
    ];
    let method = section.one_of("client_authentication", &methods, Method::Post);
    let (secret, key) = (section.secret("client_secret"), section.secret("private_key"));
    let id = section.text("private_key_id");
    let needs = |name: &str, needed: bool| {
        if section.value(name).is_some() != needed {
            let word = if needed {
                "is missing: client_authentication needs it"
            } else {
                "is not used by client_authentication"
            };
            section.problem(name, word);
        }
    };
    needs("client_secret", matches!(method, Method::Post | Method::Basic));
    needs("private_key", method == Method::Key);
    match method {
        Method::Post => secret.map(ClientAuthentication::Post),
        Method::Basic => secret.map(ClientAuthentication::Basic),
        Method::Nothing => Some(ClientAuthentication::None),
        Method::Key => {
            let key = SigningKey::from_pem(key?.expose(), id);
            let key = key.map_err(|problem| section.problem("private_key", problem.to_string()));
            key.ok().map(ClientAuthentication::PrivateKeyJwt)
        }
    }
}

/// Which providers there are, be it that their settings cannot be read: no second problem follows.
pub(super) struct Known {
    has_org: bool,
    has_widget: bool,
    names: Vec<String>,
}

impl Known {
    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.names.len()
    }

    /// The org, or the first that the file names.
    pub(super) fn first(&self) -> &str {
        self.names.first().map_or(ORG, String::as_str)
    }
}

/// `[sign_in] door, providers` and `[[sign_in.for_hosts]]`.
pub(super) fn doors(section: &Section<'_>, known: &Known) -> Doors {
    let known = Known { has_widget: section.given("widget"), names: known.names.clone(), ..*known };
    let otherwise = rule(section, &known, None);
    let rules = section.sections("for_hosts").iter().map(|section| rule(section, &known, Some(&otherwise))).collect();
    Doors::new(rules, otherwise)
}

fn rule(section: &Section<'_>, known: &Known, otherwise: Option<&DoorRule>) -> DoorRule {
    let words = [("pages", Door::Pages), ("widget", Door::Widget), ("redirect", Door::Redirect)];
    let usual = if known.has_org { Door::Pages } else { Door::Redirect };
    let door = section.one_of("door", &words, otherwise.map_or(usual, |rule| rule.door));
    if door != Door::Redirect && !known.has_org {
        section.problem("door", "must be \"redirect\": there is no [okta], whose pages these would be");
    }
    if door == Door::Widget && !known.has_widget {
        section.problem("door", "is \"widget\", and sign_in.widget does not say where the widget is");
    }
    let providers = section.texts("providers").or(otherwise.map(|rule| rule.providers.clone())).unwrap_or_default();
    for name in providers.iter().filter(|name| !known.names.contains(name)) {
        section.problem("providers", format!("names `{name}`, which is no provider"));
    }
    let hosts = match otherwise {
        Some(_) => hosts(section),
        None => Vec::new(),
    };
    DoorRule { hosts, door, providers }
}

fn hosts(section: &Section<'_>) -> Vec<HostPattern> {
    if section.texts("hosts").unwrap_or_default().is_empty() {
        section.problem("hosts", "is missing: for which hosts?");
    }
    section.each("hosts", |text| {
        HostPattern::parse(text)
            .ok_or_else(|| format!("`{text}` is not a host, as \"wiki.example.com\" or \"*.example.com\""))
    })
}

/// Where Okta's widget is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WidgetSource {
    /// In this folder, the package's `dist`.
    Files(PathBuf),
    /// Below this address.
    At(url::Url),
}

/// `[sign_in.widget]`
pub(super) fn widget(section: &Section<'_>) -> Option<WidgetSource> {
    let section = section.optional("widget")?;
    let address = |text: &str| {
        let url = url::Url::parse(text).map_err(|error| format!("is not a URL: {error}"))?;
        let plain = url.query().is_none() && url.fragment().is_none();
        (url.scheme() == "https" && plain).then_some(url).ok_or_else(|| "must begin with https://".to_owned())
    };
    match (section.file("files"), section.text("base_url")) {
        (Some(folder), None) => Some(WidgetSource::Files(folder)),
        (None, Some(text)) => section.parsed("base_url", &text, address).map(WidgetSource::At),
        (Some(_), Some(_)) => {
            section.problem("base_url", "goes without sign_in.widget.files: one of both");
            None
        }
        (None, None) => {
            if !section.given("base_url") && !section.given("files") {
                section.problem("files", "is missing: the folder `dist` of the package @okta/okta-signin-widget");
            }
            None
        }
    }
}
