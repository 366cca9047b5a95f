//! An operator's pictures: what they are, and the size at which they are shown.
//!
//! A picture is what its first bytes say it is, whatever its name. A logo gets its size from the file, so that
//! nothing moves while it loads.

use std::fs;
use std::path::Path;

use imagesize::{ImageType, blob_size, image_type};

use super::assets::Assets;

/// The space for a logo, in CSS pixels.
const SPACE: (f64, f64) = (200.0, 40.0);

/// A picture with the size it is shown at.
pub(in crate::pages) struct Picture {
    /// The last part of its address.
    pub(in crate::pages) file: String,
    pub(in crate::pages) width: u32,
    pub(in crate::pages) height: u32,
}

/// Keeps the picture at `path` as `name`, if it is one of these kinds and has at most `most` bytes.
pub(super) fn keep(
    path: &Path,
    kinds: &[&str],
    most: usize,
    name: &str,
    assets: &mut Assets,
) -> Result<Picture, String> {
    let bytes = read(path, most)?;
    let kind = match image_type(&bytes) {
        Ok(ImageType::Png) => "png",
        Ok(ImageType::Jpeg) => "jpg",
        Ok(ImageType::Ico) => "ico",
        Ok(ImageType::Webp) => "webp",
        _ if String::from_utf8_lossy(&bytes).contains("<svg") => "svg",
        _ => "something else",
    };
    if !kinds.contains(&kind) {
        return Err(format!("is {kind}; it can be {}", kinds.join(", ")));
    }
    let size = match kind {
        "svg" => svg_size(&String::from_utf8_lossy(&bytes)),
        _ => blob_size(&bytes).ok().map(|size| (size.width as f64, size.height as f64)),
    };
    let (width, height) = fit(size);
    Ok(Picture { file: assets.keep(name, kind, bytes), width, height })
}

/// A file that is neither empty nor larger than `most` bytes.
pub(super) fn read(path: &Path, most: usize) -> Result<Vec<u8>, String> {
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    match bytes.len() {
        0 => Err("is empty".to_owned()),
        size if size > most => Err(format!("has {size} bytes; at most {most} are taken")),
        _ => Ok(bytes),
    }
}

/// Width and height of an SVG in pixels: its own, else those of its `viewBox`.
fn svg_size(text: &str) -> Option<(f64, f64)> {
    let tag = text.split_once("<svg")?.1.split_once('>')?.0;
    let attribute = |name: &str| tag.split_once(&format!(" {name}=\"")).and_then(|(_, rest)| rest.split('"').next());
    let pixels = |name: &str| attribute(name)?.trim_end_matches("px").parse::<f64>().ok();
    if let (Some(width), Some(height)) = (pixels("width"), pixels("height")) {
        return Some((width, height));
    }
    let mut numbers = attribute("viewBox")?.split([' ', ',']).filter_map(|part| part.parse().ok()).skip(2);
    Some((numbers.next()?, numbers.next()?))
}

/// The size at which a picture is shown, within the space for it.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and 200")]
fn fit(size: Option<(f64, f64)>) -> (u32, u32) {
    let (width, height) = size.filter(|(width, height)| *width >= 1.0 && *height >= 1.0).unwrap_or(SPACE);
    let scale = (SPACE.0 / width).min(SPACE.1 / height).min(1.0);
    ((width * scale).round().max(1.0) as u32, (height * scale).round().max(1.0) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_what_its_bytes_say_and_fits_the_space_for_a_logo() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\x90\0\0\0\x64\x08\x06\0\0\0";
        // A canvas of 1,600 by 80 pixels (RFC 9649, 2.7).
        let webp = b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x3f\x06\0\x4f\0\0";
        let sized = br#"<?xml version="1.0"?><svg width="20px" height="10" viewBox="0 0 400 100">"#;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("picture.jpg");
        for (bytes, expected) in [
            (&png[..], ("png", 160, 40)),
            (&webp[..], ("webp", 200, 10)),
            (&sized[..], ("svg", 20, 10)),
            (br#"<svg viewBox="0 0 400 100"/>"#, ("svg", 160, 40)),
            (b"<svg/>", ("svg", 200, 40)),
        ] {
            fs::write(&path, bytes).unwrap();
            let kept = keep(&path, &["png", "webp", "svg"], 1_000, "logo", &mut Assets::default()).unwrap();
            let kind = kept.file.rsplit('.').next().unwrap();
            assert_eq!((kind, kept.width, kept.height), expected);
        }
        fs::write(&path, b"GIF89a").unwrap();
        let refused = keep(&path, &["png"], 1_000, "logo", &mut Assets::default()).err();
        assert_eq!(refused.as_deref(), Some("is something else; it can be png"));
    }
}
