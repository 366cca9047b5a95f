//! Colours: from one brand colour to two palettes that can be read.
//!
//! Contrast is WCAG 2.2's (relative luminance of sRGB): words need 4.5:1 (1.4.3), rings and borders 3:1
//! (1.4.11). Derived colours keep the brand's hue and saturation and move in HSL lightness until they
//! pass; colours that an operator names are checked and never changed.

use super::look::Colors;

/// Words on their background (WCAG 2.2, 1.4.3).
const WORDS: f64 = 4.5;
/// Rings, borders and fills against what is beside them (WCAG 2.2, 1.4.11).
const SHAPES: f64 = 3.0;
/// How far lightness moves between two tries.
const PACE: f64 = 0.005;

/// An sRGB colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rgb(u8, u8, u8);

const WHITE: Rgb = Rgb(255, 255, 255);
const BLACK: Rgb = Rgb(0, 0, 0);

/// What the stylesheet has where nobody says otherwise: page, card, words.
const LIGHT: [Rgb; 3] = [Rgb(0xF3, 0xF4, 0xF6), WHITE, Rgb(0x16, 0x19, 0x1D)];
const DARK: [Rgb; 3] = [Rgb(0x0E, 0x11, 0x14), Rgb(0x17, 0x1B, 0x20), Rgb(0xEC, 0xEE, 0xF1)];

/// Light or dark.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shade {
    Light,
    Dark,
}

/// The custom properties that differ from the stylesheet's, as `--name:#rrggbb;`. `brand` is the main
/// colour where `colors` names none; `key` begins the problems.
pub(super) fn properties(colors: &Colors, brand: Option<&str>, shade: Shade, key: &str) -> Result<String, Vec<String>> {
    let mut problems = Vec::new();
    let mut read = |name: &str, written: &Option<String>| {
        let written = written.as_deref()?;
        let color = Rgb::read(written);
        if color.is_none() {
            problems.push(format!("{key}.{name}: `{written}` is not a colour such as `#1d5bd1`"));
        }
        color
    };
    let own_brand = read("brand", &colors.brand);
    let on_brand = read("on_brand", &colors.on_brand);
    let link = read("link", &colors.link);
    let focus = read("focus", &colors.focus);
    let (bg, surface, text) = (read("bg", &colors.bg), read("surface", &colors.surface), read("text", &colors.text));
    let brand = own_brand.or_else(|| brand.and_then(Rgb::read));
    let plain = if shade == Shade::Light { LIGHT } else { DARK };
    let ground = bg.or(surface).or(text).is_some();
    let [plain_bg, plain_surface, plain_text] = plain;
    let (bg, surface, text) = (bg.unwrap_or(plain_bg), surface.unwrap_or(plain_surface), text.unwrap_or(plain_text));

    let mut css = Css(String::new());
    if ground {
        css.set("bg", bg).set("surface", surface).set("text", text);
        css.set("muted", between(text, surface, |color| least(color, [surface, bg]) >= WORDS));
        css.set("field", between(text, surface, |color| least(color, [surface, bg]) >= SHAPES));
        css.set("line", surface.towards(text, 0.15));
        check(&mut problems, key, "text", text, &[("surface", surface), ("bg", bg)], WORDS);
    }
    if let Some(brand) = brand {
        let readable = brand.until(shade, |color| least(color, [surface, bg]) >= WORDS);
        let fill = match (shade, own_brand) {
            (Shade::Dark, None) => readable,
            _ => brand,
        };
        let words = on_brand.unwrap_or(if fill.contrast(WHITE) >= WORDS { WHITE } else { BLACK });
        let hover = [fill.lightness(-0.08), fill.lightness(0.08)]
            .into_iter()
            .find(|hover| *hover != fill && hover.contrast(words) >= WORDS)
            .unwrap_or(fill);
        css.set("brand", fill).set("brand-hover", hover).set("on-brand", words);
        if fill.contrast(surface) < SHAPES {
            css.0.push_str("--brand-line:var(--field);");
        }
        css.set("link", link.unwrap_or(readable)).set("focus", focus.unwrap_or(readable));
        check(&mut problems, key, "on_brand", words, &[("brand", fill)], WORDS);
    } else {
        on_brand.into_iter().for_each(|color| _ = css.set("on-brand", color));
        link.into_iter().for_each(|color| _ = css.set("link", color));
        focus.into_iter().for_each(|color| _ = css.set("focus", color));
    }
    if let Some(link) = link {
        check(&mut problems, key, "link", link, &[("surface", surface), ("bg", bg)], WORDS);
    }
    if let Some(focus) = focus {
        check(&mut problems, key, "focus", focus, &[("surface", surface), ("bg", bg)], SHAPES);
    }
    if problems.is_empty() { Ok(css.0) } else { Err(problems) }
}

struct Css(String);

impl Css {
    fn set(&mut self, name: &str, color: Rgb) -> &mut Self {
        self.0.push_str(&format!("--{name}:{};", color.written()));
        self
    }
}

fn check(problems: &mut Vec<String>, key: &str, name: &str, color: Rgb, grounds: &[(&str, Rgb)], needed: f64) {
    for (ground, behind) in grounds {
        let contrast = color.contrast(*behind);
        if contrast < needed {
            problems.push(format!(
                "{key}.{name}: {} on {ground} {} has a contrast of {contrast:.2}:1; it takes {needed}:1",
                color.written(),
                behind.written(),
            ));
        }
    }
}

fn least(color: Rgb, grounds: [Rgb; 2]) -> f64 {
    grounds.into_iter().map(|ground| color.contrast(ground)).fold(f64::INFINITY, f64::min)
}

/// The palest mixture of `text` and `surface` that passes, with a little to spare.
fn between(text: Rgb, surface: Rgb, passes: impl Fn(Rgb) -> bool) -> Rgb {
    (0..=20)
        .map(|step| surface.towards(text, 0.4 + 0.03 * f64::from(step)))
        .find(|color| passes(*color))
        .unwrap_or(text)
}

impl Rgb {
    /// Reads `#rrggbb`.
    pub(super) fn read(written: &str) -> Option<Self> {
        let digits = written.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
        let part = |from: usize| u8::from_str_radix(digits.get(from..from + 2)?, 16).ok();
        digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then_some(())?;
        Some(Self(part(0)?, part(2)?, part(4)?))
    }

    fn written(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }

    /// Relative luminance (WCAG 2.2, "relative luminance").
    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }

    /// Contrast ratio, from 1 to 21.
    pub(super) fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    fn towards(self, other: Self, share: f64) -> Self {
        let mix = |from: u8, to: u8| byte(f64::from(from) + (f64::from(to) - f64::from(from)) * share);
        Self(mix(self.0, other.0), mix(self.1, other.1), mix(self.2, other.2))
    }

    /// Darker on light pages, lighter on dark ones, until it passes; the end of the scale always does.
    fn until(self, shade: Shade, passes: impl Fn(Self) -> bool) -> Self {
        let (hue, saturation, mut lightness) = self.hsl();
        let mut color = self;
        while !passes(color) {
            lightness += if shade == Shade::Light { -PACE } else { PACE };
            if !(0.0..=1.0).contains(&lightness) {
                return if shade == Shade::Light { BLACK } else { WHITE };
            }
            color = from_hsl(hue, saturation, lightness);
        }
        color
    }

    fn lightness(self, change: f64) -> Self {
        let (hue, saturation, lightness) = self.hsl();
        from_hsl(hue, saturation, (lightness + change).clamp(0.0, 1.0))
    }

    /// Hue in sixths of the circle, saturation and lightness from 0 to 1 (CSS Color 4, 7).
    fn hsl(self) -> (f64, f64, f64) {
        let [red, green, blue] = [self.0, self.1, self.2].map(|part| f64::from(part) / 255.0);
        let (most, least) = (red.max(green).max(blue), red.min(green).min(blue));
        let (lightness, spread) = (f64::midpoint(most, least), most - least);
        if spread == 0.0 {
            return (0.0, 0.0, lightness);
        }
        let saturation = spread / (1.0 - (2.0 * lightness - 1.0).abs());
        let hue = if most == red {
            ((green - blue) / spread).rem_euclid(6.0)
        } else if most == green {
            (blue - red) / spread + 2.0
        } else {
            (red - green) / spread + 4.0
        };
        (hue, saturation, lightness)
    }
}

fn from_hsl(hue: f64, saturation: f64, lightness: f64) -> Rgb {
    let chroma = (1.0 - (2.0 * lightness - 1.0).abs()) * saturation;
    let second = chroma * (1.0 - (hue.rem_euclid(2.0) - 1.0).abs());
    let (red, green, blue) = match hue {
        hue if hue < 1.0 => (chroma, second, 0.0),
        hue if hue < 2.0 => (second, chroma, 0.0),
        hue if hue < 3.0 => (0.0, chroma, second),
        hue if hue < 4.0 => (0.0, second, chroma),
        hue if hue < 5.0 => (second, 0.0, chroma),
        _ => (chroma, 0.0, second),
    };
    let base = lightness - chroma / 2.0;
    let part = |part: f64| byte((part + base) * 255.0);
    Rgb(part(red), part(green), part(blue))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to what fits")]
fn byte(value: f64) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(css: &str, name: &str) -> Option<Rgb> {
        let after = css.split_once(&format!("--{name}:"))?.1;
        Rgb::read(after.split_once(';')?.0)
    }

    #[test]
    fn contrast_is_the_figure_of_wcag() {
        let cases = [
            ("#000000", "#ffffff", 21.0),
            ("#777777", "#ffffff", 4.48),
            ("#767676", "#ffffff", 4.54),
            ("#1d5bd1", "#ffffff", 6.05),
        ];
        for (one, two, expected) in cases {
            let contrast = Rgb::read(one).unwrap().contrast(Rgb::read(two).unwrap());
            assert!((contrast - expected).abs() < 0.02, "{one} {two}: {contrast}");
        }
    }

    #[test]
    fn any_brand_colour_gives_words_links_and_rings_that_can_be_read_in_both_themes() {
        let colors = [
            "#00a3a1", "#ffcc00", "#00297a", "#ffffff", "#000000", "#808080", "#7a1fa2", "#ff0000", "#00ff00",
            "#0000ff",
        ];
        for color in colors {
            for (shade, [bg, surface, _]) in [(Shade::Light, LIGHT), (Shade::Dark, DARK)] {
                let css = properties(&Colors::default(), Some(color), shade, "branding.colors").unwrap();
                let get = |name: &str| value(&css, name).unwrap();
                assert!(get("on-brand").contrast(get("brand")) >= WORDS, "{color}: {css}");
                assert!(get("on-brand").contrast(get("brand-hover")) >= WORDS, "{color}: {css}");
                for ground in [bg, surface] {
                    assert!(
                        get("link").contrast(ground) >= WORDS && get("focus").contrast(ground) >= SHAPES,
                        "{color}: {css}"
                    );
                }
                assert!(
                    get("brand").contrast(surface) >= SHAPES || css.contains("--brand-line:var(--field)"),
                    "{color}: {css}"
                );
            }
        }
    }

    #[test]
    fn every_colour_there_is_can_be_the_brand() {
        for red in (0..=255).step_by(51) {
            for green in (0..=255).step_by(51) {
                for blue in (0..=255).step_by(51) {
                    let color = format!("#{red:02x}{green:02x}{blue:02x}");
                    for shade in [Shade::Light, Shade::Dark] {
                        assert!(properties(&Colors::default(), Some(&color), shade, "x").is_ok(), "{color}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_named_colour_is_kept_or_refused_with_its_contrast() {
        let colors = Colors { link: Some("#ffcc00".into()), bg: Some("blue".into()), ..Colors::default() };
        let problems = properties(&colors, None, Shade::Light, "branding.colors").unwrap_err();
        assert_eq!(
            problems,
            [
                "branding.colors.bg: `blue` is not a colour such as `#1d5bd1`",
                "branding.colors.link: #ffcc00 on surface #ffffff has a contrast of 1.51:1; it takes 4.5:1",
                "branding.colors.link: #ffcc00 on bg #f3f4f6 has a contrast of 1.37:1; it takes 4.5:1",
            ]
        );
        let colors = Colors { brand: Some("#1d5bd1".into()), on_brand: Some("#000000".into()), ..Colors::default() };
        let problems = properties(&colors, None, Shade::Light, "branding.colors").unwrap_err();
        assert_eq!(
            problems,
            ["branding.colors.on_brand: #000000 on brand #1d5bd1 has a contrast of 3.47:1; it takes 4.5:1"]
        );
    }
}
