//! A body in chunks, checked while it passes (RFC 9112 §7.1).
//!
//! ```text
//! size [ ;extension ] CRLF  data CRLF  …  0 CRLF  [ trailer CRLF ]… CRLF
//! ```
//!
//! pingora's own reader takes an empty size for 0 and a bare LF inside an extension; servers behind us may read
//! either otherwise. Here every line ends with CRLF, a size has 1 to 16 hexadecimal digits, an extension or a
//! trailer holds no control character, and both have a limit. Nothing is changed or kept: bytes are looked at once.

use super::head::is_token;

/// The longest extensions of one chunk, in bytes.
const EXTENSION_BYTES: u16 = 1024;

/// All trailers of a body together, in bytes.
const TRAILER_BYTES: u16 = 8 * 1024;

/// Where in a chunked body the next byte stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chunks {
    /// In a chunk's size, with its digits so far.
    Size { digits: u8, size: u64 },
    /// In the extensions of a chunk of that size.
    Extension { size: u64, length: u16 },
    /// After the CR of a size's line.
    SizeEnd { size: u64 },
    /// In the data.
    Data { left: u64 },
    /// After the data: its CR, then its LF.
    DataEnd { is_cr_seen: bool },
    /// At the beginning of a trailer line, or of the last line of all.
    TrailerStart { total: u16 },
    /// In the name of a trailer.
    TrailerName { total: u16 },
    /// In its value.
    Trailer { total: u16 },
    /// After the CR of a trailer line; it is the last one if the line was empty.
    TrailerEnd { total: u16, is_last: bool },
    /// After the last byte.
    Done,
}

/// The bytes are not what a chunked body may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BadChunk;

impl Chunks {
    /// Before the first byte.
    pub(super) const fn new() -> Self {
        Self::Size { digits: 0, size: 0 }
    }

    /// Goes over `bytes`; gives how many of them belong to the body.
    pub(super) fn pass(&mut self, bytes: &[u8]) -> Result<usize, BadChunk> {
        let mut at = 0;
        while at < bytes.len() && *self != Self::Done {
            if let Self::Data { left } = self {
                let here = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len() - at);
                *left -= here as u64;
                at += here;
                if *left == 0 {
                    *self = Self::DataEnd { is_cr_seen: false };
                }
                continue;
            }
            *self = self.after(bytes[at]).ok_or(BadChunk)?;
            at += 1;
        }
        Ok(at)
    }

    /// What comes after `byte`; none where it may not stand here.
    fn after(self, byte: u8) -> Option<Self> {
        let is_text = byte == b'\t' || (byte >= b' ' && byte != 0x7f);
        Some(match (self, byte) {
            (Self::Size { digits, size }, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') if digits < 16 => {
                let digit = char::from(byte).to_digit(16)?;
                Self::Size { digits: digits + 1, size: size << 4 | u64::from(digit) }
            }
            (Self::Size { digits: 1.., size }, b'\r') => Self::SizeEnd { size },
            (Self::Size { digits: 1.., size }, b';') => Self::Extension { size, length: 1 },
            (Self::Extension { size, .. }, b'\r') => Self::SizeEnd { size },
            (Self::Extension { size, length }, _) if is_text && length < EXTENSION_BYTES => {
                Self::Extension { size, length: length + 1 }
            }
            (Self::SizeEnd { size: 0 }, b'\n') => Self::TrailerStart { total: 0 },
            (Self::SizeEnd { size }, b'\n') => Self::Data { left: size },
            (Self::DataEnd { is_cr_seen: false }, b'\r') => Self::DataEnd { is_cr_seen: true },
            (Self::DataEnd { is_cr_seen: true }, b'\n') => Self::new(),
            (Self::TrailerStart { total }, b'\r') => Self::TrailerEnd { total, is_last: true },
            // A name, and a colon at once: anything else could be the next request (RFC 9112 §5, §7.1.2).
            (Self::TrailerName { total }, b':') => Self::Trailer { total: counted(total)? },
            (Self::TrailerStart { total } | Self::TrailerName { total }, _) if is_token(byte) => {
                Self::TrailerName { total: counted(total)? }
            }
            (Self::Trailer { total }, b'\r') => Self::TrailerEnd { total, is_last: false },
            (Self::Trailer { total }, _) if is_text => Self::Trailer { total: counted(total)? },
            (Self::TrailerEnd { is_last: true, .. }, b'\n') => Self::Done,
            (Self::TrailerEnd { total, is_last: false }, b'\n') => Self::TrailerStart { total },
            _ => return None,
        })
    }
}

/// One more byte of trailers, where there may be one.
fn counted(total: u16) -> Option<u16> {
    (total < TRAILER_BYTES).then_some(total + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// How many bytes belong to the body, and whether it is whole; none where it is malformed.
    fn read(bytes: &[u8], step: usize) -> Option<(usize, bool)> {
        let mut chunks = Chunks::new();
        let mut at = 0;
        for piece in bytes.chunks(step) {
            let belong = chunks.pass(piece).ok()?;
            at += belong;
            if belong < piece.len() {
                break;
            }
        }
        Some((at, chunks == Chunks::Done))
    }

    #[test]
    fn a_body_ends_where_it_says() {
        for (body, rest) in [
            ("0\r\n\r\n", ""),
            ("3\r\nabc\r\n0\r\n\r\n", "GET / HTTP/1.1\r\n"),
            ("A;name=value;other=\"x y\"\r\n0123456789\r\n000\r\n\r\n", "x"),
            ("1\r\n\r\r\n2\r\n\r\n\r\n0\r\nTrailer: x\r\nOther:\r\n\r\n", "\r\n"),
            ("0000000000000003\r\nabc\r\n0\r\n\r\n", ""),
        ] {
            let bytes = format!("{body}{rest}");
            for step in [1, 2, 3, 7, 1000] {
                assert_eq!(read(bytes.as_bytes(), step), Some((body.len(), true)), "{bytes:?} by {step}");
            }
        }
    }

    /// S-01, S-13.
    #[test]
    fn what_others_read_otherwise_is_refused() {
        for body in [
            "\r\n",
            ";x\r\n",
            "3\nabc\n0\n\n",
            "3\r\nabc\n0\r\n\r\n",
            "3;a\nb\r\nabc\r\n0\r\n\r\n",
            "3;a\rb\r\nabc\r\n",
            "3 \r\nabc\r\n",
            " 3\r\nabc\r\n",
            "+3\r\nabc\r\n",
            "0x3\r\nabc\r\n",
            "-1\r\n",
            "g\r\n",
            "3\r\nabcd\r\n",
            "3\r\nabc0\r\n\r\n",
            "00000000000000003\r\nabc\r\n",
            "10000000000000000\r\n",
            "0\r\n Trailer: folded\r\n\r\n",
            "0\r\n: x\r\n\r\n",
            "0\r\nGET /next HTTP/1.1\r\n\r\n",
            "0\r\nGET /next:1 HTTP/1.1\r\n\r\n",
            "0\r\nTrailer\r\n\r\n",
            "0\r\nTrailer : x\r\n\r\n",
            "0\r\nTr(iler: x\r\n\r\n",
            "0\r\nTrailer: a\0b\r\n\r\n",
            "0\r\nTrailer: x\n\r\n",
            "0\r\n\n",
        ] {
            for step in [1, 1000] {
                assert_eq!(read(body.as_bytes(), step), None, "{body:?} by {step}");
            }
        }
    }

    #[test]
    fn extensions_and_trailers_have_limits() {
        let of = |length: usize| format!("1;{}\r\nx\r\n0\r\nT: {}\r\n\r\n", "e".repeat(length), "t".repeat(10));
        assert!(read(of(1000).as_bytes(), 100).is_some());
        assert_eq!(read(of(2000).as_bytes(), 100), None);
        assert_eq!(read(format!("0\r\n{}\r\n", "T: x\r\n".repeat(10_000)).as_bytes(), 100), None);
    }

    proptest! {
        #[test]
        fn however_the_bytes_come_they_are_read_alike(
            bytes in proptest::collection::vec(proptest::sample::select(b"0123aF;\r\n x:\0".to_vec()), 0..60),
            step in 1_usize..9,
        ) {
            prop_assert_eq!(read(&bytes, step), read(&bytes, 1000));
        }
    }
}
