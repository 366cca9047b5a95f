//! How an input is changed: somewhere in the reply's tree something else, or libFuzzer's own way.

use libfuzzer_sys::fuzzer_mutate;
use serde_json::{Map, Value, json};

use crate::halves;

/// A generator of numbers that look random (xorshift64*): one seed, one change.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % end.max(1)
    }
}

/// Changes the first `size` bytes of `data` and says how many there are now, `most` at most.
pub fn change(data: &mut [u8], size: usize, most: usize, seed: u32) -> usize {
    let mut chance = Chance(u64::from(seed) << 1 | 1);
    let (line, reply) = halves(&data[..size]);
    let mut line = line.to_vec();
    let root = serde_json::from_slice::<Value>(reply).ok();
    let (Some(mut root), 1..) = (root, chance.below(16)) else { return fuzzer_mutate(data, size, most) };
    if chance.below(3) == 0 {
        line = mutated(&line);
        line.retain(|byte| *byte != b'\n');
    } else {
        let whole = root.clone();
        for _ in 0..=chance.below(3) {
            bend(&mut root, &mut chance, &whole);
        }
    }
    line.push(b'\n');
    line.extend(root.to_string().into_bytes());
    let size = line.len().min(most);
    data[..size].copy_from_slice(&line[..size]);
    size
}

/// As libFuzzer changes bytes: with words of its dictionary and of comparisons that it saw.
fn mutated(bytes: &[u8]) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    let most = bytes.len() + 64;
    changed.resize(most, 0);
    let size = fuzzer_mutate(&mut changed, bytes.len(), most);
    changed.truncate(size);
    changed
}

fn words(of: &str, chance: &mut Chance) -> String {
    let from = if chance.below(2) == 0 { "" } else { of };
    String::from_utf8_lossy(&mutated(from.as_bytes())).into_owned()
}

/// Somewhere in the tree, something else.
fn bend(value: &mut Value, chance: &mut Chance, whole: &Value) {
    let down = chance.below(5) > 0;
    match value {
        Value::Object(members) if down && !members.is_empty() => {
            let at = chance.below(members.len());
            let name = members.keys().nth(at).cloned().unwrap_or_default();
            match chance.below(12) {
                0 => drop(members.remove(&name)),
                1 => {
                    let moved = members.remove(&name).unwrap_or_default();
                    members.insert(words(&name, chance), moved);
                }
                2 => drop(members.insert(words("", chance), piece(whole, chance))),
                _ => bend(&mut members[&name], chance, whole),
            }
        }
        Value::Array(items) if down && !items.is_empty() => {
            let at = chance.below(items.len());
            match chance.below(10) {
                0 => drop(items.remove(at)),
                1 => items.push(items[at].clone()),
                2 => items.swap(0, at),
                _ => bend(&mut items[at], chance, whole),
            }
        }
        Value::String(text) if down => *text = words(text, chance),
        value => {
            *value = match chance.below(9) {
                0 => Value::Null,
                1 => json!(chance.below(2) == 0),
                2 => json!(-1),
                3 => json!(u64::MAX),
                4 => json!("\u{202e}<script>\u{0}'\"&"),
                5 => Value::Array(Vec::new()),
                6 => Value::Object(Map::new()),
                7 => json!(words("", chance)),
                _ => piece(whole, chance),
            }
        }
    }
}

/// A part of the tree, to be put elsewhere.
fn piece(whole: &Value, chance: &mut Chance) -> Value {
    let mut at = whole;
    loop {
        let next = match at {
            Value::Object(members) => members.values().nth(chance.below(members.len())),
            Value::Array(items) => items.get(chance.below(items.len())),
            _ => None,
        };
        match next {
            Some(next) if chance.below(4) > 0 => at = next,
            _ => return at.clone(),
        }
    }
}
