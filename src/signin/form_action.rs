//! What the button of a page asks for: the hidden field `do`, read once.

use crate::idx::{Remediation, Reply};

/// What a posted form asks for, held against the step that the org holds.
pub(super) enum FormAction<'r> {
    /// To answer a form of the step.
    Submit(&'r Remediation),
    /// To have a code or link sent again.
    Resend(&'r Remediation),
    /// To go back to where the sign-in began.
    Cancel,
}

impl<'r> FormAction<'r> {
    /// What goes back.
    pub(super) const CANCEL: &'static str = "cancel";
    /// What asks once, where no script polls.
    pub(super) const POLL: &'static str = "poll";

    /// Reads a posted name; nothing where the step has no such form.
    pub(super) fn parse(name: &str, reply: &'r Reply) -> Option<Self> {
        if name == Self::CANCEL {
            return Some(Self::Cancel);
        }
        if name == Self::POLL {
            return reply.poll().map(Self::Submit);
        }
        let remediation = reply.remediations.iter().find(|form| form.kind.name() == name && !form.navigates);
        remediation.map(Self::Submit).or_else(|| {
            let action = reply.actions.iter().find(|action| action.name == name)?;
            Some(if action.is_resend() { Self::Resend(&action.form) } else { Self::Submit(&action.form) })
        })
    }
}
