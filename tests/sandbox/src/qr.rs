//! QR codes as PNG images in data URLs, as Okta's replies carry them (`contextualData.qrcode`).
//!
//! The PNG (W3C PNG, Third Edition) is grey, 8 bits a pixel, its data stored without compression.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use qrcodegen::{QrCode, QrCodeEcc};
use serde_json::{Value, json};

/// Pixels to a module, and modules of margin.
const SCALE: i32 = 4;
const MARGIN: i32 = 4;

/// A `qrcode` member for a text; an empty one when the text is too long for a code.
pub(crate) fn image(text: &str) -> Value {
    let png = QrCode::encode_text(text, QrCodeEcc::Medium).map(|code| png(&code)).unwrap_or_default();
    json!({
        "method": "embedded",
        "href": format!("data:image/png;base64,{}", STANDARD.encode(png)),
        "type": "image/png",
    })
}

fn png(code: &QrCode) -> Vec<u8> {
    let side = (code.size() + 2 * MARGIN) * SCALE;
    let mut rows = Vec::new();
    for y in 0..side {
        rows.push(0); // no filter
        rows.extend((0..side).map(|x| if code.get_module(x / SCALE - MARGIN, y / SCALE - MARGIN) { 0 } else { 255 }));
    }
    let side = side.unsigned_abs().to_be_bytes();
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut png, b"IHDR", &[&side[..], &side, &[8, 0, 0, 0, 0]].concat());
    chunk(&mut png, b"IDAT", &zlib(&rows));
    chunk(&mut png, b"IEND", &[]);
    png
}

fn chunk(png: &mut Vec<u8>, name: &[u8; 4], data: &[u8]) {
    png.extend(u32::try_from(data.len()).unwrap_or_default().to_be_bytes());
    let named = [&name[..], data].concat();
    png.extend(&named);
    png.extend(crc32(&named).to_be_bytes());
}

/// A zlib stream (RFC 1950) of stored blocks (RFC 1951 §3.2.4).
fn zlib(data: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let blocks: Vec<_> = data.chunks(0xffff).collect();
    for (place, block) in blocks.iter().enumerate() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        stream.push(u8::from(place + 1 == blocks.len()));
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend(*block);
    }
    let (mut a, mut b) = (1_u32, 0_u32);
    for byte in data {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    stream.extend((b << 16 | a).to_be_bytes());
    stream
}

fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::{crc32, zlib};

    #[test]
    fn the_check_value_of_crc_32() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn a_stored_stream_ends_in_adler_32() {
        assert_eq!(zlib(b"Wikipedia")[..7], [0x78, 0x01, 1, 9, 0, 0xf6, 0xff]);
        assert_eq!(zlib(b"Wikipedia")[16..], [0x11, 0xe6, 0x03, 0x98]);
    }
}
