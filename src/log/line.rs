//! One line of the log, in either format.
//!
//! ```text
//! 2026-11-26T14:22:15.123456Z  WARN idx_gateway::proxy: a request failed route=app cause="it \"broke\""
//! {"timestamp":"2026-11-26T14:22:15.123456Z","level":"WARN","target":"idx_gateway::proxy","message":"a request failed","route":"app",…}
//! ```
//!
//! In text a value is bare where it consists of visible ASCII without `"`, `=` and `\`, and quoted otherwise. Both
//! formats escape quotes and backslashes in quoted values, and every character that is not printable (those that
//! `char::escape_debug` escapes: control characters, line ends, direction marks). Bytes that are not UTF-8 become
//! `\xNN` in text and U+FFFD in JSON.

use std::io::Write as _;
use std::net::IpAddr;
use std::time::Duration;

use tracing::Level;

use crate::web::write_address;

/// The longest value or message, in bytes before escaping; the rest is cut off.
pub(super) const MOST_VALUE: usize = 4096;

/// The format of lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `time LEVEL target: message name=value`
    Text,
    /// One JSON object in each line.
    Json,
}

/// A line that is being written; [`Line::end`] completes it.
pub(super) struct Line<'b> {
    out: &'b mut Vec<u8>,
    format: Format,
}

impl<'b> Line<'b> {
    /// Begins a line. `target` is the name of a crate or module.
    pub(super) fn begin(out: &'b mut Vec<u8>, format: Format, time: &Time, level: Level, target: &str) -> Self {
        match format {
            Format::Text => {
                out.extend_from_slice(time);
                let level = match level {
                    Level::ERROR => " ERROR ",
                    Level::WARN => "  WARN ",
                    Level::INFO => "  INFO ",
                    Level::DEBUG => " DEBUG ",
                    Level::TRACE => " TRACE ",
                };
                out.extend_from_slice(level.as_bytes());
                escape(out, target.as_bytes(), format, false);
                out.push(b':');
            }
            Format::Json => {
                out.extend_from_slice(b"{\"timestamp\":\"");
                out.extend_from_slice(time);
                out.extend_from_slice(b"\",\"level\":\"");
                out.extend_from_slice(level.as_str().as_bytes());
                out.extend_from_slice(b"\",\"target\":\"");
                escape(out, target.as_bytes(), format, true);
                out.push(b'"');
            }
        }
        Self { out, format }
    }

    /// The message, which comes before any value.
    pub(super) fn message(&mut self, message: &str) {
        match self.format {
            Format::Text => {
                self.out.push(b' ');
                escape(self.out, message.as_bytes(), self.format, false);
            }
            Format::Json => self.text("message", message.as_bytes()),
        }
    }

    /// A text value, of any origin.
    pub(super) fn text(&mut self, name: &str, value: &[u8]) {
        self.name(name);
        let is_bare = |byte: u8| matches!(byte, 0x21..=0x7e) & !matches!(byte, b'"' | b'=' | b'\\');
        if self.format == Format::Text && (1..=MOST_VALUE).contains(&value.len()) && all(value, is_bare) {
            return self.out.extend_from_slice(value);
        }
        self.out.push(b'"');
        escape(self.out, value, self.format, true);
        self.out.push(b'"');
    }

    /// An address; an empty value where there is none.
    pub(super) fn address(&mut self, name: &str, address: Option<IpAddr>) {
        let Some(address) = address else { return self.text(name, b"") };
        self.name(name);
        self.quote();
        write_address(self.out, address);
        self.quote();
    }

    pub(super) fn number(&mut self, name: &str, value: u64) {
        self.name(name);
        self.out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
    }

    /// A value that has the same form in both formats: `true`, `-1`, `0.5`.
    pub(super) fn literal(&mut self, name: &str, value: impl std::fmt::Display) {
        self.name(name);
        // Writing to memory does not fail.
        let _ = write!(self.out, "{value}");
    }

    pub(super) fn end(self) {
        match self.format {
            Format::Text => self.out.push(b'\n'),
            Format::Json => self.out.extend_from_slice(b"}\n"),
        }
    }

    /// Names are literals of our own and need no escaping.
    fn name(&mut self, name: &str) {
        let (before, after): (&[u8], &[u8]) = match self.format {
            Format::Text => (b" ", b"="),
            Format::Json => (b",\"", b"\":"),
        };
        self.out.extend_from_slice(before);
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(after);
    }

    fn quote(&mut self) {
        if self.format == Format::Json {
            self.out.push(b'"');
        }
    }
}

/// `2026-11-26T14:22:15.123456Z`
pub(super) type Time = [u8; 27];

/// Formats times; the date is computed once a second.
#[derive(Clone, Copy, Default)]
pub(super) struct Calendar {
    second: u64,
    written: Time,
}

impl Calendar {
    pub(super) fn write(&mut self, since_1970: Duration) -> &Time {
        if self.second != since_1970.as_secs() || self.written[0] == 0 {
            self.second = since_1970.as_secs();
            // After the year 9999 it is 1970.
            let moment =
                i64::try_from(self.second).ok().and_then(|at| time::OffsetDateTime::from_unix_timestamp(at).ok());
            let moment = moment.unwrap_or(time::OffsetDateTime::UNIX_EPOCH);
            self.written = *b"0000-00-00T00:00:00.000000Z";
            put(&mut self.written[..4], moment.year().unsigned_abs());
            put(&mut self.written[5..7], u32::from(u8::from(moment.month())));
            put(&mut self.written[8..10], u32::from(moment.day()));
            put(&mut self.written[11..13], u32::from(moment.hour()));
            put(&mut self.written[14..16], u32::from(moment.minute()));
            put(&mut self.written[17..19], u32::from(moment.second()));
        }
        put(&mut self.written[20..26], since_1970.subsec_micros());
        &self.written
    }
}

fn put(digits: &mut [u8], mut number: u32) {
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
    }
}

/// Appends `value` without line ends and without anything that a terminal interprets; within quotes, without quotes
/// too.
fn escape(out: &mut Vec<u8>, value: &[u8], format: Format, is_quoted: bool) {
    let cut = value.get(..MOST_VALUE).unwrap_or(value);
    let is_plain = |byte: u8| matches!(byte, 0x20..=0x7e) & !(is_quoted & matches!(byte, b'"' | b'\\'));
    if all(cut, is_plain) {
        out.extend_from_slice(cut);
    } else {
        for chunk in cut.utf8_chunks() {
            chunk.valid().chars().for_each(|character| escape_one(out, character, format, is_quoted));
            match format {
                // The value may have been cut in the middle of a character here.
                _ if chunk.invalid().is_empty() || cut.len() < value.len() && cut.ends_with(chunk.invalid()) => {}
                Format::Text => chunk.invalid().iter().for_each(|byte| drop(write!(out, "\\x{byte:02x}"))),
                Format::Json => out.extend_from_slice(b"\\ufffd"),
            }
        }
    }
    if cut.len() < value.len() {
        // Writing to memory does not fail.
        let _ = write!(out, "… ({} bytes more)", value.len() - cut.len());
    }
}

/// Whether all bytes are good. It never returns early, so that the compiler can compare many bytes at once.
fn all(bytes: &[u8], is_good: impl Fn(u8) -> bool) -> bool {
    bytes.iter().fold(true, |all, byte| all & is_good(*byte))
}

fn escape_one(out: &mut Vec<u8>, character: char, format: Format, is_quoted: bool) {
    let is_printable = match character {
        ' '..='~' => !(is_quoted && matches!(character, '"' | '\\')),
        other => other.escape_debug().len() == 1,
    };
    match (is_printable, format) {
        (true, _) => out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        (false, _) if matches!(character, '"' | '\\') => out.extend_from_slice(&[b'\\', character as u8]),
        (false, Format::Text) => drop(write!(out, "{}", character.escape_debug())),
        (false, Format::Json) => {
            character.encode_utf16(&mut [0; 2]).iter().for_each(|unit| drop(write!(out, "\\u{unit:04x}")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(format: Format, message: &str, values: &[(&str, &[u8])]) -> String {
        let mut out = Vec::new();
        let time = *Calendar::default().write(Duration::from_micros(1_795_702_935_000_123));
        let mut line = Line::begin(&mut out, format, &time, Level::WARN, "idx_gateway::x");
        line.message(message);
        for (name, value) in values {
            line.text(name, value);
        }
        line.end();
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn a_line_has_a_time_a_level_a_message_and_values() {
        let values: [(&str, &[u8]); 3] = [("a", b"1"), ("b", b""), ("c", b"two words")];
        assert_eq!(
            line(Format::Text, "it \"broke\"", &values),
            "2026-11-26T14:22:15.000123Z  WARN idx_gateway::x: it \"broke\" a=1 b=\"\" c=\"two words\"\n"
        );
        assert_eq!(
            line(Format::Json, "it \"broke\"", &values),
            "{\"timestamp\":\"2026-11-26T14:22:15.000123Z\",\"level\":\"WARN\",\"target\":\"idx_gateway::x\",\
             \"message\":\"it \\\"broke\\\"\",\"a\":\"1\",\"b\":\"\",\"c\":\"two words\"}\n"
        );
    }

    /// D-03.
    #[test]
    fn a_value_stays_within_its_line_and_its_quotes() {
        for (value, text, json) in [
            ("a\nb".as_bytes(), r#""a\nb""#, r#""a\u000ab""#),
            (b"a\rb", r#""a\rb""#, r#""a\u000db""#),
            (b"a\0b", r#""a\0b""#, r#""a\u0000b""#),
            (b"\x1b[2J", r#""\u{1b}[2J""#, r#""\u001b[2J""#),
            (b"\x7f", r#""\u{7f}""#, r#""\u007f""#),
            (b"a status=200", r#""a status=200""#, r#""a status=200""#),
            (b"a=b", r#""a=b""#, r#""a=b""#),
            (b"a\" b=\"c", r#""a\" b=\"c""#, r#""a\" b=\"c""#),
            (b"a\\", r#""a\\""#, r#""a\\""#),
            (b"a\xffb", r#""a\xffb""#, r#""a\ufffdb""#),
            ("a\u{2028}b".as_bytes(), r#""a\u{2028}b""#, r#""a\u2028b""#),
            ("a\u{202e}b".as_bytes(), r#""a\u{202e}b""#, r#""a\u202eb""#),
            ("a\u{85}b".as_bytes(), r#""a\u{85}b""#, r#""a\u0085b""#),
            ("a\u{e0001}b".as_bytes(), r#""a\u{e0001}b""#, r#""a\udb40\udc01b""#),
            ("Zoë".as_bytes(), "\"Zoë\"", "\"Zoë\""),
            (b"/a%0Ab", "/a%0Ab", "\"/a%0Ab\""),
        ] {
            assert!(line(Format::Text, "m", &[("v", value)]).ends_with(&format!(": m v={text}\n")), "{text}");
            let json_line = line(Format::Json, "m", &[("v", value)]);
            assert!(json_line.ends_with(&format!(",\"v\":{json}}}\n")), "{json}");
            let parsed: serde_json::Value = serde_json::from_str(&json_line).expect("JSON");
            assert_eq!(parsed["v"], *String::from_utf8_lossy(value));
            if let Ok(message) = std::str::from_utf8(value) {
                assert_eq!(line(Format::Text, message, &[]).lines().count(), 1, "{message:?}");
                let parsed: serde_json::Value = serde_json::from_str(&line(Format::Json, message, &[])).expect("JSON");
                assert_eq!(parsed["message"], message);
            }
        }
    }

    #[test]
    fn a_value_has_an_end() {
        let long = "é".repeat(MOST_VALUE);
        let written = line(Format::Text, "m", &[("v", long.as_bytes())]);
        assert!(written.ends_with("é… (4096 bytes more)\"\n") && written.len() < MOST_VALUE + 200, "{}", written.len());
        let written = line(Format::Json, "m", &[("v", &[&b"a"[..], long.as_bytes()].concat())]);
        assert!(written.ends_with("é… (4097 bytes more)\"}\n"), "{}", &written[written.len() - 40..]);
    }

    #[test]
    fn addresses_and_numbers_are_written_as_everybody_writes_them() {
        for text in ["0.0.0.0", "1.20.255.9", "255.255.255.255", "::1", "2001:db8::ff"] {
            for (format, expected) in
                [(Format::Text, format!(" a={text}")), (Format::Json, format!(",\"a\":\"{text}\""))]
            {
                let mut out = Vec::new();
                Line { out: &mut out, format }.address("a", text.parse().ok());
                assert_eq!(String::from_utf8(out).expect("text"), expected);
            }
        }
        let mut out = Vec::new();
        let mut line = Line { out: &mut out, format: Format::Json };
        line.number("n", u64::MAX);
        line.literal("l", -0.5);
        line.address("a", None);
        assert_eq!(String::from_utf8(out).expect("text"), ",\"n\":18446744073709551615,\"l\":-0.5,\"a\":\"\"");
    }

    #[test]
    fn the_calendar_knows_leap_years_and_the_end_of_a_second() {
        let mut calendar = Calendar::default();
        for (micros, written) in [
            (0, "1970-01-01T00:00:00.000000Z"),
            (951_827_696_999_999, "2000-02-29T12:34:56.999999Z"),
            (951_827_697_000_000, "2000-02-29T12:34:57.000000Z"),
            (4_107_542_400_000_001, "2100-03-01T00:00:00.000001Z"),
        ] {
            assert_eq!(std::str::from_utf8(calendar.write(Duration::from_micros(micros))), Ok(written));
        }
    }
}
