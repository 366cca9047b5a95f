//! Other identity providers, smart cards, proofing vendors: links, because a form's post may not end on another site.

use super::screen::{Asked, Screen};
use crate::idx::{AuthenticatorKey as Key, Kind, Remediation};
use crate::pages::{Part, Provider, Text, strings};

/// A provider is all that is offered, or the one that a method asks for. The links are [`links`].
pub(super) fn screen(asked: &Asked<'_>) -> Screen {
    match (&asked.form.kind, asked.key()) {
        (Kind::RedirectIdVerify, _) => {
            let name = asked.form.provider.as_ref().map(|provider| provider.name.clone()).unwrap_or_default();
            Screen::new(strings::PROVE_WHO_YOU_ARE).lead(Text::ours(strings::PROVE_WHO_YOU_ARE_TEXT).with("name", name))
        }
        (Kind::PivIdp, _) | (_, Some(Key::SmartCard)) => {
            Screen::new(strings::SMART_CARD).lead(strings::SMART_CARD_TEXT)
        }
        (_, Some(_)) => Screen::new(strings::VERIFY_IT_IS_YOU),
        (_, None) => Screen::new(strings::SIGN_IN),
    }
}

/// Whether a form leads to a page that is not ours.
pub(in crate::signin) fn leads_away(kind: &Kind) -> bool {
    matches!(kind, Kind::RedirectIdp | Kind::PivIdp | Kind::RedirectIdVerify)
}

/// The links, on the pages that have them.
pub(super) fn links(asked: &Asked<'_>) -> Vec<Part> {
    let leaves = leads_away(&asked.form.kind);
    if !leaves && !matches!(asked.form.kind, Kind::Identify | Kind::EnrollProfile) {
        return Vec::new();
    }
    let forms = asked.reply.remediations.iter().enumerate();
    let mut providers: Vec<_> = forms
        .filter(|(_, form)| leads_away(&form.kind) && form.href.is_some())
        .map(|(index, form)| Provider {
            href: asked.url().provider(index),
            name: name(form),
            kind: form.provider.as_ref().map(|provider| provider.kind.to_ascii_lowercase()).unwrap_or_default(),
        })
        .collect();
    if asked.form.kind == Kind::Identify {
        providers.extend(asked.view.providers.iter().cloned());
    }
    match (providers.is_empty(), leaves) {
        (true, _) => Vec::new(),
        (false, true) => vec![Part::Providers { providers }],
        (false, false) => vec![Part::Or, Part::Providers { providers }],
    }
}

fn name(form: &Remediation) -> String {
    let own = form.provider.as_ref().map(|provider| provider.name.clone());
    own.or_else(|| form.about.as_ref()?.display_name.clone()).or_else(|| form.label.clone()).unwrap_or_default()
}
