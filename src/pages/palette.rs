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

/// What the stylesheet has where nobody says otherwise.
struct Plain {
    bg: Rgb,
    surface: Rgb,
    text: Rgb,
    brand: Rgb,
    /// What messages are written in, each on a tint of its own.
    states: [(&'static str, Rgb); 4],
}

const LIGHT: Plain = Plain {
    bg: Rgb(0xF3, 0xF4, 0xF6),
    surface: WHITE,
    text: Rgb(0x16, 0x19, 0x1D),
    brand: Rgb(0x1D, 0x5B, 0xD1),
    states: [
        ("danger", Rgb(0xB3, 0x26, 0x1E)),
        ("ok", Rgb(0x14, 0x6C, 0x43)),
        ("warn", Rgb(0x7A, 0x4B, 0x00)),
        ("info", Rgb(0x1D, 0x4F, 0x91)),
    ],
};
const DARK: Plain = Plain {
    bg: Rgb(0x0E, 0x11, 0x14),
    surface: Rgb(0x17, 0x1B, 0x20),
    text: Rgb(0xEC, 0xEE, 0xF1),
    brand: Rgb(0x8A, 0xB4, 0xFF),
    states: [
        ("danger", Rgb(0xFF, 0xB4, 0xAB)),
        ("ok", Rgb(0x84, 0xD9, 0xA9)),
        ("warn", Rgb(0xF3, 0xC4, 0x6F)),
        ("info", Rgb(0xA8, 0xC8, 0xF5)),
    ],
};
/// How much of a message's colour the box around it has.
const TINT: f64 = 0.06;

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
    if colors == &Colors::default() && brand.is_none() {
        return Ok(String::new());
    }
    let plain = if shade == Shade::Light { LIGHT } else { DARK };
    let ground = bg.or(surface).or(text).is_some();
    let (bg, surface) = (bg.unwrap_or(plain.bg), surface.unwrap_or(plain.surface));
    let grounds = [("surface", surface), ("bg", bg)];
    let on_both = |needed: f64| move |color: Rgb| least(color, &grounds) >= needed;
    let text = text.unwrap_or_else(|| plain.text.until(shade, on_both(WORDS)));
    let brand = own_brand.or_else(|| brand.and_then(Rgb::read)).unwrap_or(plain.brand);

    let mut css = Css(String::new());
    check(&mut problems, key, "text", text, &grounds, WORDS);
    if !problems.is_empty() {
        // Where not even text can be read, there is nothing that could be derived.
        return Err(problems);
    }
    if ground {
        css.set("bg", bg).set("surface", surface).set("text", text);
        css.set("muted", between(text, surface, on_both(WORDS)));
        css.set("field", between(text, surface, on_both(SHAPES)));
        css.set("line", surface.towards(text, 0.15));
        for (name, color) in plain.states {
            let tint = format!("{name}-bg");
            let box_of_it = surface.towards(color, TINT);
            let grounds = [grounds[0], grounds[1], (tint.as_str(), box_of_it)];
            let color = color.until(shade, |color| least(color, &grounds) >= WORDS);
            css.set(name, color).set(&tint, box_of_it);
            check(&mut problems, key, name, color, &grounds, WORDS);
        }
    }
    let readable = brand.until(shade, on_both(WORDS));
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
    let (link, focus) = (link.unwrap_or(readable), focus.unwrap_or(readable));
    css.set("link", link).set("focus", focus);
    check(&mut problems, key, "on_brand", words, &[("brand", fill)], WORDS);
    check(&mut problems, key, "link", link, &grounds, WORDS);
    check(&mut problems, key, "focus", focus, &grounds, SHAPES);
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

fn least(color: Rgb, grounds: &[(&str, Rgb)]) -> f64 {
    grounds.iter().map(|(_, ground)| color.contrast(*ground)).fold(f64::INFINITY, f64::min)
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

    /// Darker on light pages, lighter on dark ones, until it passes; the other way where that does not
    /// help, as it is where nothing does.
    fn until(self, shade: Shade, passes: impl Fn(Self) -> bool) -> Self {
        let (hue, saturation, lightness) = self.hsl();
        let pace = if shade == Shade::Light { -PACE } else { PACE };
        let way = |pace: f64| {
            (0..)
                .map(move |step| lightness + pace * f64::from(step))
                .take_while(|lightness| (0.0..=1.0).contains(lightness))
        };
        let moved = way(pace).chain(way(-pace)).map(|lightness| from_hsl(hue, saturation, lightness));
        std::iter::once(self).chain(moved).chain([BLACK, WHITE]).find(|color| passes(*color)).unwrap_or(self)
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
            for (shade, Plain { bg, surface, .. }) in [(Shade::Light, LIGHT), (Shade::Dark, DARK)] {
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
        assert_eq!(problems, ["branding.colors.bg: `blue` is not a colour such as `#1d5bd1`"]);
        let colors = Colors { link: Some("#ffcc00".into()), ..Colors::default() };
        let problems = properties(&colors, None, Shade::Light, "branding.colors").unwrap_err();
        assert_eq!(
            problems,
            [
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
    #[test]
    fn any_page_and_card_give_words_of_every_kind_that_can_be_read_or_are_refused() {
        let color = |level: u8| format!("#{level:02x}{level:02x}{level:02x}");
        let levels = (0..=255_u8).step_by(15).flat_map(|bg| (0..=255_u8).step_by(15).map(move |surface| (bg, surface)));
        let mut fine = 0;
        for (bg, surface) in levels {
            for shade in [Shade::Light, Shade::Dark] {
                let colors = Colors { bg: Some(color(bg)), surface: Some(color(surface)), ..Colors::default() };
                let Ok(css) = properties(&colors, None, shade, "branding.colors") else {
                    // Neither black nor white can be read on both.
                    let grounds = [Rgb(bg, bg, bg), Rgb(surface, surface, surface)];
                    let black_or_white = |color: Rgb| grounds.iter().all(|ground| color.contrast(*ground) >= WORDS);
                    assert!(!black_or_white(BLACK) && !black_or_white(WHITE), "{bg} {surface}");
                    continue;
                };
                fine += 1;
                let get = |name: &str| value(&css, name).unwrap();
                for ground in ["bg", "surface"] {
                    for words in ["text", "muted", "link", "danger", "ok", "warn", "info"] {
                        assert!(get(words).contrast(get(ground)) >= WORDS, "{words} on {ground}: {css}");
                    }
                    assert!(get("focus").contrast(get(ground)) >= SHAPES, "{css}");
                    assert!(get("field").contrast(get(ground)) >= SHAPES, "{css}");
                }
                for state in ["danger", "ok", "warn", "info"] {
                    assert!(get(state).contrast(get(&format!("{state}-bg"))) >= WORDS, "{state}: {css}");
                }
                assert!(get("on-brand").contrast(get("brand")) >= WORDS, "{css}");
            }
        }
        assert!(fine > 200, "{fine}");
    }

    #[test]
    fn a_page_and_a_card_that_no_words_suit_are_refused_with_pair_and_ratio() {
        let colors = Colors { bg: Some("#101010".into()), ..Colors::default() };
        let problems = properties(&colors, None, Shade::Light, "branding.colors").unwrap_err();
        assert_eq!(problems, ["branding.colors.text: #16191d on bg #101010 has a contrast of 1.08:1; it takes 4.5:1"]);
        let colors = Colors { on_brand: Some("#808080".into()), ..Colors::default() };
        let problems = properties(&colors, None, Shade::Light, "branding.colors").unwrap_err();
        assert_eq!(
            problems,
            ["branding.colors.on_brand: #808080 on brand #1d5bd1 has a contrast of 1.53:1; it takes 4.5:1"]
        );
    }
}
