//! Ends that a person meets at once, as whoever opened a link that no longer leads on, or came with a device
//! that is not registered: a message and no form. And an org that can set nothing up just now.

use serde_json::{Value, json};

use crate::authenticator::Key;
use crate::idx::Message;
use crate::idx::form::{View, one};
use crate::idx::page::Page;
use crate::policies::EndsWith;

/// What is said.
pub(super) fn message(end: EndsWith) -> Option<Message> {
    Some(match end {
        EndsWith::LinkExpired => Message::info(
            "idx.return.link.expired",
            "This email link has expired. To resend it, return to the screen where you requested it.",
        ),
        EndsWith::LinkStale => Message::unclassed(
            "idx.return.stale",
            "This email link is out of date. Return to the screen where you requested it.",
        ),
        EndsWith::LinkFailed => Message::error(
            "idx.return.error",
            "Could not process this email link. Return to the screen where you requested it.",
        ),
        EndsWith::OtherTab => Message::info("idx.transferred.to.new.tab", "Flow continued in a new tab."),
        EndsWith::Code => {
            Message::info("idx.enter.otp.in.original.tab", "Enter the OTP in your original browser or device.")
        }
        EndsWith::ActivationUnknown => Message::error(
            "idx.missing.activation.token",
            "This can happen if you have already activated your account, or if the URL you are trying to use is \
             invalid. Contact your administrator for further assistance.",
        ),
        EndsWith::Suspended => Message::error(
            "idx.activating.inactive.user",
            "Your account has been temporarily suspended. Contact your administrator for further assistance.",
        ),
        EndsWith::DeviceUnregistered => return None,
    })
}

/// What stands beside it: the code that is to be typed elsewhere and who asked for it, or how a device is
/// registered.
pub(super) fn draw(end: EndsWith, page: &mut Page) {
    match end {
        EndsWith::Code => {
            let mut about = Key::Email.value();
            about["contextualData"] = json!({ "otp": "123456" });
            page.put("currentAuthenticator", one(about));
            let place = json!({ "country": "Canada", "countryISO": "CA", "city": "Toronto", "state": "Ontario" });
            page.put("client", one(json!({ "browser": "FIREFOX", "os": "Android", "location": place })));
        }
        EndsWith::DeviceUnregistered => {
            let how = json!({
                "name": "mdm", "platform": "IOS", "vendor": "Airwatch", "enrollmentLink": "https://mdm.example/enroll",
            });
            page.put("deviceEnrollment", one(how));
        }
        _ => {}
    }
}

/// What is said where nothing can be set up.
pub(super) fn set_up_unavailable() -> Message {
    Message::error(
        "idx.error.server.safe.mode.enrollment.unavailable",
        "Set up is temporarily unavailable due to server maintenance. Try again later.",
    )
}

/// `skip` alone: what is optional goes without.
pub(super) fn only_skip(view: &View<'_>) -> Value {
    view.form("skip", "skip", Vec::new())
}
