//! Names that replies have, as enums: those that this client knows, and any other as it came.

/// Makes an enum of names. A name may have other spellings, which are read and not written.
macro_rules! names {
    ($(#[$about:meta])* $enum:ident, $($(#[$doc:meta])* $variant:ident = $name:literal $(| $spelling:literal)*),+ $(,)?) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum $enum {
            $($(#[$doc])* #[doc = concat!("`", $name, "`")] $variant,)+
            /// A name that this client does not know.
            Other(String),
        }

        impl $enum {
            /// Reads a name as it stands in replies.
            pub fn parse(name: &str) -> Self {
                match name {
                    $($name $(| $spelling)* => Self::$variant,)+
                    other => Self::Other(other.to_owned()),
                }
            }

            /// The name as it stands in replies.
            pub fn name(&self) -> &str {
                match self {
                    $(Self::$variant => $name,)+
                    Self::Other(name) => name,
                }
            }
        }
    };
}

pub(super) use names;
