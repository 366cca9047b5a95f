//! Replies of the org: the line says the HTTP status.
#![no_main]

use idx_gateway::idx::Step;
use idx_gateway::pages::{Page, To};
use idx_gateway::signin::screens;
use idx_gateway_fuzz::{change, halves, hides_what_is_planted, leaves_safely, page, read, rendered};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_target!(|data: &[u8]| {
    let (status, reply) = halves(data);
    let status = std::str::from_utf8(status).ok().and_then(|status| status.parse().ok()).unwrap_or(200);
    // Rendering takes a hundred times as long as reading.
    let render = data.len().is_multiple_of(32);
    match read(status, reply) {
        Step::Pending(reply) => {
            for shown in reply.remediations.iter().filter(|shown| !shown.navigates).chain(reply.first()) {
                let page = page(shown, &reply, &[]);
                if render {
                    rendered(Page::Step(Box::new(page)));
                }
            }
        }
        Step::Terminal(reply) => {
            let page = screens::terminal(&reply, "/again", None, "01J9");
            for action in &page.actions {
                assert!(matches!(&action.to, To::Href(href) if leaves_safely(href)), "{action:?}");
            }
            hides_what_is_planted(&serde_json::to_string(&page).expect("a page is data"));
            if render {
                rendered(Page::Message(Box::new(page)));
            }
        }
        Step::Failure(failure) => {
            let (status, page, _) = screens::failed(&failure, "/again", String::new());
            assert!(status.is_client_error() || status.is_server_error(), "{status}");
            assert!(!page.actions.is_empty(), "an end that leads nowhere");
        }
        Step::Success(_) | Step::Canceled => {}
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| { change(data, size, max_size, seed) });
