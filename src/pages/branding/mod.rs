//! Branding: what an operator changes about the look, compiled into files that pages link to.

mod assets;
mod brand;
mod colors;
mod look;
mod picture;

pub use look::{Colors, HostLook, Links, Look, Radius, Theme};

pub(super) use assets::Assets;
pub(super) use brand::{Brand, compile};
pub(super) use picture::Picture;
