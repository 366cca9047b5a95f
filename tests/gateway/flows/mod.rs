//! Every flow that an org can ask for, through the pages without script, as a person would.

mod codes;
mod decisions;
mod devices;
mod endings;
mod enrolling;
mod hosted;
mod links;
pub(crate) mod passkeys;
mod passwords;
pub(crate) mod pushes;
mod registering;
mod seldom;
mod strange;
mod tokens;

use crate::visitor::{View, Visitor};
use crate::world::World;

/// The password of every account.
pub(crate) const PASSWORD: &str = "Sandbox-1234";

/// Gives user name and password on the first page, on the way to `/app`.
pub(crate) async fn past_the_password(visitor: &mut Visitor, account: &str) -> View {
    visitor.sign_in("/app?x=1", &format!("{account}@example.com")).await
}

/// The visitor is in, at what they asked for.
pub(crate) fn is_in(view: &View) {
    assert_eq!((view.url.path(), view.url.query()), ("/app", Some("x=1")), "{} {}", view.status, view.page.text);
    assert_eq!(view.status, 200);
}

/// What the app or token of this account shows now.
pub(crate) async fn shown_code(world: &World, account: &str) -> String {
    let shown = world.sandbox(&format!("totp?user={account}@example.com")).await;
    shown["code"].as_str().unwrap_or_else(|| panic!("no code: {shown}")).to_owned()
}

/// A world and a browser in it.
pub(crate) async fn world() -> (World, Visitor) {
    let world = World::new().await;
    let visitor = Visitor::new(&world);
    (world, visitor)
}
