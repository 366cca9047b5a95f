//! The answers of a person to a remediation, and the request body that is made of them.
//!
//! The body follows the reply: fixed members go back as they came, nested ones too; an answer gets the type of its
//! field; a field without an answer gets its default, or is left out. A browser's post can therefore only fill in what
//! the org left open.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::remediation::{Field, Shape};

/// The answer to one field.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// A text; an empty one counts as no answer.
    Text(String),
    /// A text that is sent even when it is empty.
    Exactly(String),
    /// Yes or no.
    Bool(bool),
    /// The index of the chosen option or alternative.
    Choice(usize),
}

/// The answers to a form, each by the path of its field.
#[derive(Clone, Default)]
pub struct Answers(BTreeMap<Vec<String>, Answer>);

impl Answers {
    /// Sets the answer to the field at this path.
    pub fn set<P: Into<String>>(&mut self, path: impl IntoIterator<Item = P>, answer: Answer) {
        self.0.insert(path.into_iter().map(Into::into).collect(), answer);
    }

    /// The answer to the field at this path.
    pub fn at(&self, path: &[String]) -> Option<&Answer> {
        self.0.get(path)
    }

    /// The request body for these fields.
    pub fn body(&self, fields: &[Field]) -> Value {
        Value::Object(self.object(fields, &[]))
    }

    fn object(&self, fields: &[Field], above: &[String]) -> Map<String, Value> {
        let mut object = Map::new();
        for field in fields {
            let mut path = above.to_vec();
            path.push(field.name.clone());
            let Some(value) = self.value(field, &path) else { continue };
            match (object.get_mut(&field.name), value) {
                // Groups with the same name become one object: `profile-update` splits `userProfile` into several.
                (Some(Value::Object(present)), Value::Object(more)) => present.extend(more),
                (_, value) => {
                    object.insert(field.name.clone(), value);
                }
            }
        }
        object
    }

    fn value(&self, field: &Field, path: &[String]) -> Option<Value> {
        let answer = self.at(path);
        match &field.shape {
            Shape::Fixed(value) => Some(value.clone()),
            Shape::Group(members) => {
                let object = self.object(members, path);
                (!object.is_empty()).then_some(Value::Object(object))
            }
            Shape::Alternatives(sets) => {
                let set = match answer {
                    Some(Answer::Choice(index)) => sets.get(*index)?,
                    _ if sets.len() == 1 => sets.first()?,
                    _ => return None,
                };
                Some(Value::Object(self.object(&set.fields, path)))
            }
            Shape::Choice(options, default) => {
                let index = match answer {
                    Some(Answer::Choice(index)) => Some(*index),
                    Some(Answer::Bool(truth)) => {
                        Some(options.iter().position(|(_, value)| *value == Value::Bool(*truth))?)
                    }
                    Some(Answer::Text(words)) if words.is_empty() => return None,
                    Some(Answer::Text(words) | Answer::Exactly(words)) => {
                        Some(options.iter().position(|(_, value)| as_posted(value) == *words)?)
                    }
                    _ => *default,
                };
                let index = index.or_else(|| (options.len() == 1).then_some(0))?;
                options.get(index).map(|(_, value)| value.clone())
            }
            Shape::Boolean(default) => match answer {
                Some(Answer::Bool(truth)) => Some(Value::Bool(*truth)),
                _ => default.map(Value::Bool),
            },
            Shape::Text(_) if !field.mutable => None,
            Shape::Text(default) => match answer {
                Some(Answer::Exactly(words)) => Some(Value::String(words.clone())),
                Some(Answer::Text(words)) if !words.is_empty() => Some(Value::String(words.clone())),
                Some(_) => None,
                None => default.clone().map(Value::String),
            },
        }
    }
}

/// An option's value as the browser posts it; null is an empty text.
pub(crate) fn as_posted(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(words) => words.clone(),
        other => other.to_string(),
    }
}
