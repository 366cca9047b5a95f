//! The addresses of one sign-in: written here, and read here.
//!
//! ```text
//! <prefix>/flow/<id>                     the step that the org holds now
//! <prefix>/flow/<id>?c=1                 the same, right after the sign-in began
//! <prefix>/flow/<id>?done                the same, and what was posted was of an earlier step
//! <prefix>/flow/<id>?overtaken           the same, after a moment: another replica may have ended it meanwhile
//! <prefix>/flow/<id>?s=<step>            the step that a post has just brought
//! <prefix>/flow/<id>?show=<form>&s=<step>   another form of the same step
//! <prefix>/flow/<id>/poll · /hosted · /idp/<index>
//! ```

use std::fmt;

use crate::idx::Kind;

/// The address of a sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FlowUrl(String);

/// Which view of a sign-in its address asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FlowView {
    /// The step that the org holds now.
    Current,
    /// The same, right after the sign-in began: it tells a browser that keeps no cookies from a sign-in that is over.
    First,
    /// The same, and the step that was posted is over.
    StepDone,
    /// The same, and the provider takes nothing more of it: another replica may have ended it.
    Overtaken,
    /// The step of this fingerprint, which a post has just brought.
    Step(String),
    /// Another form of the step of this fingerprint.
    Form(Kind, Option<String>),
}

impl FlowUrl {
    /// Under this prefix.
    pub(super) fn new(prefix: &str, flow: impl fmt::Display) -> Self {
        Self(format!("{prefix}/flow/{flow}"))
    }

    /// The one that a page's forms are posted to.
    pub(super) fn posted_to(action: &str) -> Self {
        Self(action.to_owned())
    }

    /// Where forms are posted, and the current step is shown.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Where the page's script asks whether to go on waiting.
    pub(super) fn poll(&self) -> String {
        format!("{}/poll", self.0)
    }

    /// Leaves for the org's own sign-in page.
    pub(super) fn hosted(&self) -> String {
        format!("{}/hosted", self.0)
    }

    /// Leaves for the identity provider of the reply's form of this index.
    pub(super) fn provider(&self, index: usize) -> String {
        format!("{}/idp/{index}", self.0)
    }

    /// With this view of it.
    pub(super) fn view(&self, view: &FlowView) -> String {
        let here = &self.0;
        match view {
            FlowView::Current => here.clone(),
            FlowView::First => format!("{here}?c=1"),
            FlowView::StepDone => format!("{here}?done"),
            FlowView::Overtaken => format!("{here}?overtaken"),
            FlowView::Step(step) => format!("{here}?s={step}"),
            FlowView::Form(form, Some(step)) => format!("{here}?show={}&s={step}", form.name()),
            FlowView::Form(form, None) => format!("{here}?show={}", form.name()),
        }
    }
}

impl FlowView {
    /// Reads the parameters of an address, by their names.
    pub(super) fn parse<'q>(query: impl Fn(&str) -> Option<&'q str>) -> Self {
        let step = query("s").map(str::to_owned);
        match (query("show"), step) {
            (Some(form), step) => Self::Form(Kind::parse(form), step),
            (None, Some(step)) => Self::Step(step),
            (None, None) if query("done").is_some() => Self::StepDone,
            (None, None) if query("overtaken").is_some() => Self::Overtaken,
            (None, None) if query("c").is_some() => Self::First,
            (None, None) => Self::Current,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_it_was_written() {
        let url = FlowUrl::new("/.gateway", "AAAA");
        for (view, written) in [
            (FlowView::Current, ""),
            (FlowView::First, "?c=1"),
            (FlowView::StepDone, "?done"),
            (FlowView::Overtaken, "?overtaken"),
            (FlowView::Step("x-1".to_owned()), "?s=x-1"),
            (FlowView::Form(Kind::Identify, Some("x-1".to_owned())), "?show=identify&s=x-1"),
            (FlowView::Form(Kind::Other("wave".to_owned()), None), "?show=wave"),
        ] {
            assert_eq!(url.view(&view), format!("/.gateway/flow/AAAA{written}"));
            let pairs: Vec<_> = url::form_urlencoded::parse(written.trim_start_matches('?').as_bytes()).collect();
            let query = |name: &str| pairs.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_ref());
            assert_eq!(FlowView::parse(query), view);
        }
    }
}
