//! Lists of HTTP methods, as routes and policies name them.

use http::Method;

/// A list of methods; an empty one means all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Methods(Vec<Method>);

impl Methods {
    /// These methods; none when the list is empty, or a name is not made of upper-case letters and `-`.
    pub fn new(names: &[String]) -> Option<Self> {
        let is_name =
            |name: &String| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-');
        let methods = names.iter().filter(|name| is_name(name)).filter_map(|name| name.parse().ok());
        let methods: Vec<Method> = methods.collect();
        (!methods.is_empty() && methods.len() == names.len()).then_some(Self(methods))
    }

    /// Whether `method` is in the list. HEAD is where GET is (RFC 9110 §9.3.2).
    pub fn has(&self, method: &Method) -> bool {
        self.0.is_empty() || self.0.contains(method) || (*method == Method::HEAD && self.0.contains(&Method::GET))
    }

    /// Whether the list means every method.
    pub(super) fn are_all(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether two routes of the same path with these lists would be in each other's way: both mean all, or both name
    /// the same method. A list that names methods takes precedence over one that means all, so these two do not meet.
    pub fn meet(&self, other: &Self) -> bool {
        self.are_all() == other.are_all() && (self.are_all() || self.0.iter().any(|method| other.0.contains(method)))
    }

    /// Each that is named, and HEAD with GET.
    pub fn allowed(&self) -> impl Iterator<Item = &str> {
        let with_head = |method: &Method| (*method == Method::GET).then_some("HEAD");
        self.0.iter().flat_map(move |method| std::iter::once(method.as_str()).chain(with_head(method)))
    }

    /// Every method that is named; none where the list means all.
    pub fn iter(&self) -> std::slice::Iter<'_, Method> {
        self.0.iter()
    }
}
