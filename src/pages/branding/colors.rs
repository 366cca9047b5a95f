//! Colours: from one brand colour to two palettes that can be read.
//!
//! Contrast is WCAG 2.2's (relative luminance of sRGB): words need 4.5:1 (1.4.3), rings and borders 3:1
//! (1.4.11). Derived colours keep the brand's hue and saturation and move in HSL lightness until they
//! pass; colours that an operator names are checked and never changed.

use palette::color_difference::Wcag21RelativeContrast;
use palette::{FromColor, Hsl, Mix, Srgb};

use super::look::Colors;

/// Words on their background (WCAG 2.2, 1.4.3).
const WORDS: f64 = 4.5;
/// Rings, borders and fills against what is beside them (WCAG 2.2, 1.4.11).
const SHAPES: f64 = 3.0;
/// How far lightness moves between two tries.
const PACE: f64 = 0.005;

type Rgb = Srgb<u8>;

const WHITE: Rgb = Rgb::new(0xFF, 0xFF, 0xFF);
const BLACK: Rgb = Rgb::new(0, 0, 0);

/// What the stylesheet has where nobody says otherwise.
struct Plain {
    shade: Shade,
    bg: Rgb,
    surface: Rgb,
    text: Rgb,
    brand: Rgb,
    /// What messages are written in, each on a tint of its own.
    states: [(&'static str, Rgb); 4],
}

const LIGHT: Plain = Plain {
    shade: Shade::Light,
    bg: Rgb::new(0xF3, 0xF4, 0xF6),
    surface: WHITE,
    text: Rgb::new(0x16, 0x19, 0x1D),
    brand: Rgb::new(0x1D, 0x5B, 0xD1),
    states: [
        ("danger", Rgb::new(0xB3, 0x26, 0x1E)),
        ("ok", Rgb::new(0x14, 0x6C, 0x43)),
        ("warn", Rgb::new(0x7A, 0x4B, 0x00)),
        ("info", Rgb::new(0x1D, 0x4F, 0x91)),
    ],
};
const DARK: Plain = Plain {
    shade: Shade::Dark,
    bg: Rgb::new(0x0E, 0x11, 0x14),
    surface: Rgb::new(0x17, 0x1B, 0x20),
    text: Rgb::new(0xEC, 0xEE, 0xF1),
    brand: Rgb::new(0x8A, 0xB4, 0xFF),
    states: [
        ("danger", Rgb::new(0xFF, 0xB4, 0xAB)),
        ("ok", Rgb::new(0x84, 0xD9, 0xA9)),
        ("warn", Rgb::new(0xF3, 0xC4, 0x6F)),
        ("info", Rgb::new(0xA8, 0xC8, 0xF5)),
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
    let mut color = |name: &str, written: &Option<String>| {
        let written = written.as_deref()?;
        let color = read(written);
        if color.is_none() {
            problems.push(format!("{key}.{name}: `{written}` is not a colour such as `#1d5bd1`"));
        }
        color
    };
    let own_brand = color("brand", &colors.brand);
    let on_brand = color("on_brand", &colors.on_brand);
    let link = color("link", &colors.link);
    let focus = color("focus", &colors.focus);
    let (bg, surface, text) = (color("bg", &colors.bg), color("surface", &colors.surface), color("text", &colors.text));
    if colors == &Colors::default() && brand.is_none() {
        return Ok(String::new());
    }
    let plain = if shade == Shade::Light { LIGHT } else { DARK };
    let ground = bg.or(surface).or(text).is_some();
    let (bg, surface) = (bg.unwrap_or(plain.bg), surface.unwrap_or(plain.surface));
    let grounds = [("surface", surface), ("bg", bg)];
    let on_both = |needed: f64| move |color: Rgb| least(color, &grounds) >= needed;
    let text = text.unwrap_or_else(|| until(plain.text, shade, on_both(WORDS)));
    let brand = own_brand.or_else(|| brand.and_then(read)).unwrap_or(plain.brand);

    let mut css = Css(String::new());
    check(&mut problems, key, "text", text, &grounds, WORDS);
    if !problems.is_empty() {
        // Where not even text can be read, there is nothing that could be derived.
        return Err(problems);
    }
    if ground {
        on_own_ground(&mut css, &mut problems, key, plain, text, grounds);
    }
    let readable = until(brand, shade, on_both(WORDS));
    let fill = match (shade, own_brand) {
        (Shade::Dark, None) => readable,
        _ => brand,
    };
    let words = on_brand.unwrap_or(if contrast(fill, WHITE) >= WORDS { WHITE } else { BLACK });
    let hover = [-0.08, 0.08]
        .into_iter()
        .filter_map(|change| lighter(fill, change))
        .find(|hover| *hover != fill && contrast(*hover, words) >= WORDS)
        .unwrap_or(fill);
    css.set("brand", fill).set("brand-hover", hover).set("on-brand", words);
    if contrast(fill, surface) < SHAPES {
        css.0.push_str("--brand-line:var(--field);");
    }
    let (link, focus) = (link.unwrap_or(readable), focus.unwrap_or(readable));
    css.set("link", link).set("focus", focus);
    check(&mut problems, key, "on_brand", words, &[("brand", fill)], WORDS);
    check(&mut problems, key, "link", link, &grounds, WORDS);
    check(&mut problems, key, "focus", focus, &grounds, SHAPES);
    if problems.is_empty() { Ok(css.0) } else { Err(problems) }
}

/// What depends on the ground, where that is an operator's: words, lines and the boxes of messages.
fn on_own_ground(
    css: &mut Css,
    problems: &mut Vec<String>,
    key: &str,
    plain: Plain,
    text: Rgb,
    grounds: [(&str, Rgb); 2],
) {
    let [(_, surface), (_, bg)] = grounds;
    let on_both = |needed: f64| move |color: Rgb| least(color, &grounds) >= needed;
    css.set("bg", bg).set("surface", surface).set("text", text);
    css.set("muted", between(text, surface, on_both(WORDS)));
    css.set("field", between(text, surface, on_both(SHAPES)));
    css.set("line", towards(surface, text, 0.15));
    for (name, color) in plain.states {
        let tint = format!("{name}-bg");
        let box_of_it = towards(surface, color, TINT);
        let grounds = [grounds[0], grounds[1], (tint.as_str(), box_of_it)];
        let color = until(color, plain.shade, |color| least(color, &grounds) >= WORDS);
        css.set(name, color).set(&tint, box_of_it);
        check(problems, key, name, color, &grounds, WORDS);
    }
}

struct Css(String);

impl Css {
    fn set(&mut self, name: &str, color: Rgb) -> &mut Self {
        self.0.push_str(&format!("--{name}:{};", written(color)));
        self
    }
}

fn check(problems: &mut Vec<String>, key: &str, name: &str, color: Rgb, grounds: &[(&str, Rgb)], needed: f64) {
    for (ground, behind) in grounds {
        let contrast = contrast(color, *behind);
        if contrast < needed {
            problems.push(format!(
                "{key}.{name}: {} on {ground} {} has a contrast of {contrast:.2}:1; it takes {needed}:1",
                written(color),
                written(*behind),
            ));
        }
    }
}

fn least(color: Rgb, grounds: &[(&str, Rgb)]) -> f64 {
    grounds.iter().map(|(_, ground)| contrast(color, *ground)).fold(f64::INFINITY, f64::min)
}

/// The palest mixture of `text` and `surface` that passes, with a little to spare.
fn between(text: Rgb, surface: Rgb, passes: impl Fn(Rgb) -> bool) -> Rgb {
    (0..=20)
        .map(|step| towards(surface, text, 0.4 + 0.03 * f64::from(step)))
        .find(|color| passes(*color))
        .unwrap_or(text)
}

/// Reads `#rrggbb`.
fn read(written: &str) -> Option<Rgb> {
    written.strip_prefix('#').filter(|digits| digits.len() == 6)?.parse().ok()
}

fn written(color: Rgb) -> String {
    format!("#{color:x}")
}

/// Contrast ratio, from 1 to 21.
fn contrast(one: Rgb, other: Rgb) -> f64 {
    one.into_format::<f64>().relative_contrast(other.into_format())
}

fn towards(from: Rgb, to: Rgb, share: f64) -> Rgb {
    from.into_format::<f64>().mix(to.into_format(), share).into_format()
}

/// Darker on light pages, lighter on dark ones, until it passes; the other way where that does not
/// help, as it is where nothing does.
fn until(color: Rgb, shade: Shade, passes: impl Fn(Rgb) -> bool) -> Rgb {
    let pace = if shade == Shade::Light { -PACE } else { PACE };
    let way = |pace: f64| {
        let steps = (0..=(1.0 / PACE) as u32).map(move |step| pace * f64::from(step));
        steps.map_while(move |change| lighter(color, change))
    };
    let tried = std::iter::once(color).chain(way(pace)).chain(way(-pace)).chain([BLACK, WHITE]);
    tried.into_iter().find(|color| passes(*color)).unwrap_or(color)
}

/// The colour with more lightness or less, from 0 to 1; none where there is no more.
fn lighter(color: Rgb, change: f64) -> Option<Rgb> {
    let mut color = Hsl::from_color(color.into_format::<f64>());
    color.lightness += change;
    (0.0..=1.0).contains(&color.lightness).then(|| Srgb::from_color(color).into_format())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(css: &str, name: &str) -> Option<Rgb> {
        let after = css.split_once(&format!("--{name}:"))?.1;
        read(after.split_once(';')?.0)
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
            let contrast = contrast(read(one).unwrap(), read(two).unwrap());
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
                assert!(contrast(get("on-brand"), get("brand")) >= WORDS, "{color}: {css}");
                assert!(contrast(get("on-brand"), get("brand-hover")) >= WORDS, "{color}: {css}");
                for ground in [bg, surface] {
                    assert!(
                        contrast(get("link"), ground) >= WORDS && contrast(get("focus"), ground) >= SHAPES,
                        "{color}: {css}"
                    );
                }
                assert!(
                    contrast(get("brand"), surface) >= SHAPES || css.contains("--brand-line:var(--field)"),
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
                    let grounds = [Rgb::new(bg, bg, bg), Rgb::new(surface, surface, surface)];
                    let black_or_white = |color: Rgb| grounds.iter().all(|ground| contrast(color, *ground) >= WORDS);
                    assert!(!black_or_white(BLACK) && !black_or_white(WHITE), "{bg} {surface}");
                    continue;
                };
                fine += 1;
                let get = |name: &str| value(&css, name).unwrap();
                for ground in ["bg", "surface"] {
                    for words in ["text", "muted", "link", "danger", "ok", "warn", "info"] {
                        assert!(contrast(get(words), get(ground)) >= WORDS, "{words} on {ground}: {css}");
                    }
                    assert!(contrast(get("focus"), get(ground)) >= SHAPES, "{css}");
                    assert!(contrast(get("field"), get(ground)) >= SHAPES, "{css}");
                }
                for state in ["danger", "ok", "warn", "info"] {
                    assert!(contrast(get(state), get(&format!("{state}-bg"))) >= WORDS, "{state}: {css}");
                }
                assert!(contrast(get("on-brand"), get("brand")) >= WORDS, "{css}");
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
