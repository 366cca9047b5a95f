//! Pages for people: what the org holds and how to change it, and the inbox.

use serde_json::json;

use crate::accounts;
use crate::http::{Reply, escape};
use crate::policies::MEANINGS;
use crate::state::State;
use crate::user;

const STYLE: &str = "<style>body{font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}\
    table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ccc;padding:.3rem .6rem;text-align:left}\
    td:nth-child(2){overflow-wrap:anywhere}pre{background:#f4f4f4;padding:.6rem;overflow:auto}</style>";

fn page(title: &str, body: &str) -> Reply {
    Reply::page(format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <title>{title}</title>{STYLE}<h1>{title}</h1>{body}</html>"
    ))
}

/// `GET /sandbox/`.
pub(super) fn overview(state: &State, origin: &str) -> Reply {
    let rows: String = accounts::start()
        .iter()
        .map(|account| format!("<tr><td><code>{}</code><td>{}", escape(&account.user.login), escape(account.asked)))
        .collect();
    let members: String = user::MEANINGS
        .iter()
        .map(|(name, meaning)| format!("<tr><td><code>{name}</code><td>{}", escape(meaning)))
        .collect();
    let policies = json!(state.policies);
    let policies: String = MEANINGS
        .iter()
        .map(|(name, meaning)| {
            let now = escape(&policies[name].to_string());
            format!("<tr><td><code>{name}</code><td><code>{now}</code><td>{}", escape(meaning))
        })
        .collect();
    page(
        "Sandbox org",
        &format!(
            "<p>Every account has the password <code>{password}</code>, which is also the answer to every security question.\
         <p><a href=/sandbox/inbox>Inbox</a> · <a href=/sandbox/transcript>Transcript</a> · <a href=/sandbox/users>People as JSON</a>\
         <table><tr><th>Account<th>Will be asked for{rows}</table>\
         <h2>Codes and pushes</h2><p>Codes by e-mail, SMS and call are in the inbox. An app's or token's code: \
         <code>GET {origin}/sandbox/totp?user=totp@example.com</code>. A push, or Okta Verify being set up:\
         <pre>curl -d '{{\"to\":\"push@example.com\",\"answer\":\"approve\"}}' {origin}/sandbox/push\n\
         curl -d '{{\"to\":\"push-number@example.com\",\"answer\":\"approve\",\"number\":42}}' {origin}/sandbox/push</pre>\
         <h2>Factors and people</h2><p>Members that are named are changed, for a login nobody has somebody is made:\
         <pre>curl -d '{{\"login\":\"mary@example.com\",\"password\":\"Sandbox-1234\",\"needs\":[[\"okta_password\"],[\"google_otp\"]],\
         \"enrolled\":[{{\"key\":\"okta_email\"}},{{\"key\":\"google_otp\"}}]}}' {origin}/sandbox/users\n\
         curl -d '{{\"login\":\"consent@example.com\",\"consent\":\"granular\"}}' {origin}/sandbox/users\n\
         curl -d '{{\"login\":\"device@example.com\",\"device\":\"sso_extension\"}}' {origin}/sandbox/users\n\
         curl -d '{{\"login\":\"unknown@example.com\",\"unheard\":\"field\"}}' {origin}/sandbox/users\n\
         curl -d '{{\"login\":\"smart-card@example.com\",\"enrolled\":[{{\"key\":\"okta_email\"}},{{\"key\":\"smart_card_idp\",\"by_script\":true}}]}}' {origin}/sandbox/users\n\
         curl -d '{{\"login\":\"new@example.com\",\"activation_token\":true}}' {origin}/sandbox/users</pre>\
         <table><tr><th>Member<th>What{members}</table>\
         <h2>Policies</h2><p>Members that are named are changed; redirect URIs are added. Now:\
         <pre>curl -d '{{\"first_page\":\"identifier\"}}' {origin}/sandbox/policies</pre><table><tr><th>Policy<th>Now<th>What{policies}</table>\
         <h2>Faults</h2><pre>curl -d '[{{\"at\":\"token\",\"fault\":\"wrong_nonce\",\"times\":1}}]' {origin}/sandbox/faults\n\
         curl -d '[]' {origin}/sandbox/faults</pre>\
         <form method=post action=/sandbox/reset><button>Reset everything</button></form>",
            password = accounts::PASSWORD,
        ),
    )
}

/// `GET /sandbox/inbox`.
pub(super) fn inbox(state: &State) -> Reply {
    let rows: String = state
        .inbox
        .iter()
        .rev()
        .map(|letter| {
            let link = letter.link.as_deref().map(escape).unwrap_or_default();
            let link = if link.is_empty() { link } else { format!("<a href=\"{link}\">open the link</a>") };
            format!(
                "<tr><td>{}<td>{}<td>{}<td><code>{}</code><td>{link}",
                letter.at.iso(),
                escape(&letter.to),
                letter.channel.name(),
                escape(letter.code.as_deref().unwrap_or_default()),
            )
        })
        .collect();
    page(
        "Inbox",
        &format!("<p><a href=/sandbox/>Overview</a><table><tr><th>At<th>To<th>By<th>Code<th>Link{rows}</table>"),
    )
}
