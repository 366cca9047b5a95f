//! The door of the provider's own page: the browser goes there with an authorization request (code, PKCE, `state`,
//! `nonce`) and comes back to the callback with a code. For any OpenID provider, and for the org's own page where our
//! pages cannot go on.
//!
//! ```text
//!   sign-in?return=…                      one provider: 303 to it
//!                                         several: a page with a link each, and a field for the address where domains tell
//!   sign-in?return=…&provider=<name>      303 to that one
//!   POST sign-in?return=…                 the address tells which
//! ```
//!
//! What a visitor's address and a route may add to the request is in [`Provider::parameters`].

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use tracing::{info, warn};

use crate::access::AuthnRequirement;
use crate::idx::Kind;
use crate::metrics::SignInOutcome;
use crate::oidc::{Code, Failure};
use crate::pages::{self, Control, Focus, Form, Labelled, Part, Post, StepPage, StringId, Text, TextKind, strings};
use crate::signin::SignIn;
use crate::signin::flow_cache::NotFinished;
use crate::signin::parameters::EntryParameters;
use crate::signin::providers::{self, ORG, Provider};
use crate::signin::request::SignInRequest;
use crate::signin::screens::{self, Posted};
use crate::signin::transaction::{Entry, Transaction, TransactionState};
use crate::signin::turn::SignInTurn;
use crate::web::Response;

/// The field for an address by whose domain the provider is found.
const ADDRESS: &str = "identifier";

/// How the browser gets to the provider.
enum Leave {
    /// By a redirect.
    AtOnce,
    /// By a redirect, a second time: without a question (`prompt=none`) the provider could not sign them in.
    Asking,
    /// By a redirect, a second time: what they proved there is longer ago than this, and has to be proven anew.
    ProvingAgain(Duration),
    /// By a page on the way, after a form's post; with the address that was typed.
    FromForm(String),
}

/// A visitor comes who may choose among these providers.
pub(in crate::signin) async fn enter(
    request: &SignInRequest<'_>,
    among: &[&Arc<Provider>],
    asked: EntryParameters,
) -> Response {
    match among {
        [] => request.error(StatusCode::INTERNAL_SERVER_ERROR, strings::NOT_SET_UP, strings::NOT_SET_UP_TEXT),
        [only] => begin(request, only, asked, Leave::AtOnce).await,
        several => choose(request, several, &asked, None),
    }
}

/// The visitor has typed an address.
pub(in crate::signin) async fn by_address(
    request: &SignInRequest<'_>,
    among: &[&Arc<Provider>],
    posted: &[(String, String)],
    asked: EntryParameters,
) -> Response {
    let address = screens::value(posted, ADDRESS).unwrap_or_default().trim();
    match providers::of_address(among.iter().copied(), address) {
        Some(provider) => begin(request, provider, asked, Leave::FromForm(address.to_owned())).await,
        None => choose(request, among, &asked, Some(address)),
    }
}

/// The visitor has typed an address on the org's first page, whose domain is another provider's; none where it is not. The
/// sign-in at the org stays open, in case they go back.
pub(in crate::signin) async fn of_typed_address(turn: &SignInTurn<'_>, posted: &Posted) -> Option<Response> {
    let (request, transaction) = (turn.request, &turn.transaction);
    let is_named = screens::value(posted, "do") == Some(Kind::Identify.name());
    let is_ours = screens::value(posted, "csrf").is_some_and(|token| transaction.made_of(token).is_some());
    let steps_up = transaction.requirement.is_some() && request.visitor.is_some();
    if transaction.entry != Entry::SignIn || steps_up || !is_named || !is_ours {
        return None;
    }
    let address = screens::value(posted, ADDRESS)?.trim();
    let providers = &turn.signin.providers;
    let among = providers.among(&turn.signin.rule_for(&transaction.return_to).providers);
    let provider = providers::of_address(among, address).filter(|provider| provider.name != ORG)?;
    Some(begin(request, provider, again(transaction), Leave::FromForm(address.to_owned())).await)
}

/// What this sign-in was asked for, for another one in its place.
fn again(transaction: &Transaction) -> EntryParameters {
    EntryParameters {
        return_to: transaction.return_to.clone(),
        requirement: transaction.requirement.clone(),
        requested: transaction.requested.clone(),
    }
}

/// Starts a sign-in with this provider and leaves for it.
async fn begin(request: &SignInRequest<'_>, provider: &Provider, asked: EntryParameters, leave: Leave) -> Response {
    let signin = request.signin;
    if let Some(response) = request.starts_too_often() {
        return response;
    }
    let EntryParameters { return_to, requirement, requested } = asked;
    let mut more = provider.parameters(&requested);
    let requirement = with_max_age(requirement, &mut more);
    let asked = EntryParameters { return_to, requirement, requested };
    let asked = Transaction::new(&provider.name, Entry::SignIn, asked, request.now);
    let is_silent = |(name, value): &(String, String)| name == "prompt" && value == "none";
    match &leave {
        Leave::AtOnce => {}
        Leave::Asking => more.retain(|parameter| !is_silent(parameter)),
        Leave::ProvingAgain(_) => {
            more.retain(|(name, _)| name != "prompt");
            more.push(("prompt".to_owned(), "login".to_owned()));
        }
        Leave::FromForm(hint) => {
            more.retain(|(name, _)| name != "login_hint");
            more.push(("login_hint".to_owned(), hint.clone()));
        }
    }
    let mut wanted = asked.request();
    let door = match &leave {
        Leave::ProvingAgain(ago) => {
            // Beside `prompt`, which says nothing of what the answer must be: this makes it say `auth_time`.
            wanted.max_age = wanted.max_age.into_iter().chain([ago.as_secs()]).min();
            TransactionState::ProvingAgain
        }
        _ if more.iter().any(is_silent) => TransactionState::Silent,
        _ => TransactionState::Redirect,
    };
    let visitor = request.org_visitor().headers();
    match provider.client.authorization_url(&wanted, &more, visitor, request.now).await {
        Err(failure) => {
            signin.metrics.sign_in(&provider.name, SignInOutcome::Provider);
            request.failed(&provider.name, &request.here_or_sign_in(), &failure)
        }
        Ok(address) => {
            signin.metrics.sign_in(&provider.name, SignInOutcome::Begun);
            info!(provider = provider.name, "a sign-in goes on at the provider's own page");
            let transaction = asked.begun(door);
            let cookies = signin.transactions().keep(request.http, &transaction, &signin.sessions, request.now);
            let mut response = match leave {
                Leave::AtOnce | Leave::Asking | Leave::ProvingAgain(_) => Response::see_other(address.as_str()),
                Leave::FromForm(_) => request.hand_over(strings::SIGNING_YOU_IN, address.as_str()),
            };
            response = response.with_cookies(request.language_cookie());
            response.take_cookies(cookies);
            response
        }
    }
}

/// The requirement, with a `max_age` among the further parameters: as one of the requirement its answer is checked (Core
/// 3.1.3.7). A value that is no number of seconds is not asked.
fn with_max_age(requirement: Option<AuthnRequirement>, more: &mut Vec<(String, String)>) -> Option<AuthnRequirement> {
    let Some(at) = more.iter().position(|(name, _)| name == "max_age") else { return requirement };
    let (_, seconds) = more.remove(at);
    let acr_values = requirement.as_ref().and_then(AuthnRequirement::acr_values).map(str::to_owned);
    match (requirement.as_ref().and_then(AuthnRequirement::max_age), seconds.parse()) {
        (None, Ok(seconds)) => AuthnRequirement::new(acr_values, Some(Duration::from_secs(seconds))),
        _ => requirement,
    }
}

/// The page on which one chooses; `unknown` is an address that no provider is for.
fn choose(
    request: &SignInRequest<'_>,
    among: &[&Arc<Provider>],
    asked: &EntryParameters,
    unknown: Option<&str>,
) -> Response {
    let here = request.entry_url_as_asked(&asked.return_to, &asked.requested);
    let mut parts = Vec::new();
    if among.iter().any(|provider| !provider.domains.is_empty()) {
        parts.push(Part::Form(address_form(unknown)));
        parts.push(Part::Or);
    }
    parts.push(Part::Providers { providers: among.iter().map(|provider| provider.button(&here)).collect() });
    let problems = unknown.map(|_| pages::Problem::at(ADDRESS, strings::NO_PROVIDER_FOR_ADDRESS));
    let page = StepPage {
        heading: Text::ours(strings::SIGN_IN),
        lead: Vec::new(),
        user: None,
        focus: if problems.is_some() { Focus::Problems } else { Focus::First },
        problems: problems.into_iter().collect(),
        notices: Vec::new(),
        post: Post { action: here, csrf: String::new(), step: String::new() },
        parts,
        links: Vec::new(),
    };
    request.page(StatusCode::OK, page)
}

fn address_form(unknown: Option<&str>) -> Form {
    let error = unknown.map(|_| Text::ours(strings::NO_PROVIDER_FOR_ADDRESS));
    let at = Labelled { error, ..Labelled::new(ADDRESS, ADDRESS, strings::EMAIL) };
    let value = unknown.unwrap_or_default().chars().take(providers::ADDRESS_BYTES).collect();
    let address = Control::Text { at, kind: TextKind::Identifier { passkey: false }, value };
    Form::new("address", vec![address]).button(strings::NEXT).busy(strings::BUSY)
}

/// The provider has sent somebody back with a code.
pub(in crate::signin) async fn finish(mut turn: SignInTurn<'_>, code: Code) -> Response {
    match turn.finish(code).await {
        Err(NotFinished::EndedSince(_)) if matches!(turn.transaction.door, TransactionState::ProvingAgain) => {
            proven_before(turn)
        }
        Err(NotFinished::EndedSince(ago)) => prove_again(turn, ago).await,
        end => turn.finished_with(end).await,
    }
}

/// The provider has signed somebody in who proved who they are before all their sessions ended, so long `ago`: it is asked,
/// once, to have them do so again.
async fn prove_again(turn: SignInTurn<'_>, ago: Duration) -> Response {
    let SignInTurn { signin, request, transaction, mut flow } = turn;
    flow.forget();
    let Some(provider) = signin.providers.named(&transaction.provider) else { return request.lost() };
    info!(provider = provider.name, "somebody whose sessions all ended is asked to prove again who they are");
    let response = begin(request, provider, again(&transaction), Leave::ProvingAgain(ago)).await;
    response.with_cookies([signin.transactions().forget(&transaction.flow)])
}

/// It was asked, and has signed them in by the same session of its own all the same.
fn proven_before(turn: SignInTurn<'_>) -> Response {
    let SignInTurn { signin, request, transaction, mut flow } = turn;
    flow.forget();
    let (provider, reference) = (transaction.provider.as_str(), request.http.id.to_string());
    warn!(
        provider,
        reference,
        "the provider was asked to have somebody sign in anew, and tells an `auth_time` from before (or none)"
    );
    let heading = Text::ours(strings::PROVEN_BEFORE).with("name", title(signin, provider));
    rejected(request, &transaction, heading, strings::PROVEN_BEFORE_TEXT)
        .with_cookies([signin.transactions().forget(&transaction.flow)])
}

/// The page of a provider that signed nobody in, or not as was asked.
fn rejected(request: &SignInRequest<'_>, transaction: &Transaction, heading: Text, text: StringId) -> Response {
    request.signin.metrics.sign_in(&transaction.provider, SignInOutcome::Rejected);
    let again = request.entry_url_with(&transaction.return_to, &transaction.requested);
    request.page(StatusCode::FORBIDDEN, screens::refused(heading, text, &again, request.http.id.to_string()))
}

/// What people call the provider of this name.
fn title<'s>(signin: &'s SignIn, provider: &'s str) -> &'s str {
    signin.providers.named(provider).map_or(provider, |provider| &provider.title)
}

/// What the provider said instead of a code (RFC 6749 4.1.2.1, OpenID Connect Core 3.1.2.6).
pub(in crate::signin) async fn refused(turn: SignInTurn<'_>, error: &str, description: &str) -> Response {
    let SignInTurn { signin, request, transaction, mut flow } = turn;
    flow.forget();
    if let (TransactionState::Silent, Some(asked)) = (&transaction.door, signin.providers.named(&transaction.provider))
        && providers::must_ask(error)
    {
        let response = begin(request, asked, again(&transaction), Leave::Asking).await;
        return response.with_cookies([signin.transactions().forget(&transaction.flow)]);
    }
    let short = |text: &str| text.chars().take(300).collect::<String>();
    let (provider, reference) = (transaction.provider.as_str(), request.http.id.to_string());
    warn!(
        provider,
        reference,
        error = short(error),
        description = short(description),
        "the provider sent somebody back"
    );
    let again = request.entry_url_with(&transaction.return_to, &transaction.requested);
    let response = match error {
        error if error == "access_denied" || providers::must_ask(error) => {
            let heading = Text::ours(strings::PROVIDER_FAILED).with("name", title(signin, provider));
            rejected(request, &transaction, heading, strings::PROVIDER_FAILED_TEXT)
        }
        "unmet_authentication_requirements" => {
            let heading = Text::ours(strings::NO_ACCEPTED_METHOD);
            rejected(request, &transaction, heading, strings::CANT_SIGN_IN_HERE_TEXT)
        }
        "invalid_scope"
        | "unauthorized_client"
        | "unsupported_response_type"
        | "invalid_request"
        | "request_not_supported"
        | "request_uri_not_supported"
        | "invalid_request_object" => {
            signin.metrics.sign_in(provider, SignInOutcome::Provider);
            request.failed(provider, &again, &Failure::OAuth { error: short(error), description: short(description) })
        }
        _ => {
            signin.metrics.sign_in(provider, SignInOutcome::Provider);
            request.failed(provider, &again, &Failure::Server { status: 503, said: short(error) })
        }
    };
    // This request is answered, so its `state` is of no more use: only a new sign-in can follow.
    response.with_cookies([signin.transactions().forget(&transaction.flow)])
}

/// Leaves our own pages for the org's, to go on with the same `state`, nonce and proof key there.
pub(in crate::signin) async fn hosted(turn: SignInTurn<'_>) -> Response {
    let Some(provider) = turn.signin.providers.named(&turn.transaction.provider) else { return turn.request.lost() };
    let visitor = turn.request.org_visitor().headers();
    let more = provider.parameters(&turn.transaction.requested);
    match provider.client.authorization_url(&turn.transaction.request(), &more, visitor, turn.request.now).await {
        Ok(address) => {
            info!(provider = provider.name, "a sign-in goes on at the provider's own page");
            Response::see_other(address.as_str())
        }
        Err(failure) => turn.failed(&failure),
    }
}
