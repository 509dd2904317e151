//! Attribute keys against the conventions.

use proc_macro2::{Ident, Span};

use crate::conventions::{self, ATTRIBUTES, Attribute};
use crate::errors::Errors;
use crate::parse::Key;

/// The attribute that a key names; `None` for a key of the user's own, and for a wrong one, which is reported.
pub(crate) fn find_key(key: &Key, errors: &mut Errors) -> Option<&'static Attribute> {
    if let Some(old) = conventions::deprecated(&key.text) {
        let mend = match old.instead {
            Some(instead) => format!("write `{instead}`"),
            None => "it has no successor".to_owned(),
        };
        errors.at(key, format!("the attribute `{}` is deprecated: {mend}", key.text));
        return None;
    }
    let found = conventions::attribute(&key.text);
    if found.is_none() && conventions::governed(&key.text) {
        let mend = match conventions::nearest(&key.text, ATTRIBUTES.iter().map(|row| row.key)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "a key of your own belongs into a namespace of your own, such as `app.…`".to_owned(),
        };
        errors.at(key, format!("the conventions have no attribute `{}`: {mend}", key.text));
    }
    found
}

/// The runtime's constant for an attribute.
pub(crate) fn constant(key: &str) -> Ident {
    Ident::new(&key.replace('.', "_").to_uppercase(), Span::call_site())
}
