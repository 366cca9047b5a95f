//! Methods, as routes and policies name them.

use http::Method;

/// Some methods, or all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Methods(Vec<Method>);

impl Methods {
    /// These; none when one of them is no method, or there is none.
    pub fn new(names: &[String]) -> Option<Self> {
        let is_name =
            |name: &String| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-');
        let methods = names.iter().filter(|name| is_name(name)).filter_map(|name| name.parse().ok());
        let methods: Vec<Method> = methods.collect();
        (!methods.is_empty() && methods.len() == names.len()).then_some(Self(methods))
    }

    /// Whether it is one of them; HEAD asks for what GET does (RFC 9110 §9.3.2).
    pub fn has(&self, method: &Method) -> bool {
        self.0.is_empty() || self.0.contains(method) || (*method == Method::HEAD && self.0.contains(&Method::GET))
    }

    /// Whether every method is one of them.
    pub fn are_all(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a method could be one of both, where both are not all.
    pub fn meet(&self, other: &Self) -> bool {
        self.are_all() == other.are_all() && (self.are_all() || self.0.iter().any(|method| other.0.contains(method)))
    }

    /// Each that is named.
    pub fn iter(&self) -> std::slice::Iter<'_, Method> {
        self.0.iter()
    }
}
