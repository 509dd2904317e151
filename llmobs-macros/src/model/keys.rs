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
        let mend = match nearest_key(&key.text) {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                "a key of your own belongs into a namespace of your own, such as `app.…`".to_owned()
            }
        };
        errors.at(key, format!("the conventions have no attribute `{}`: {mend}", key.text));
    }
    found
}

/// The key that a wrong one probably meant, of the same namespace if there is one.
pub(crate) fn nearest_key(given: &str) -> Option<&'static str> {
    let first = |key: &str| key.split('.').next().map(str::to_owned);
    let keys = ATTRIBUTES.iter().map(|row| row.key);
    let same = keys.clone().filter(|key| first(key) == first(given));
    conventions::nearest(given, same).or_else(|| conventions::nearest(given, keys))
}

/// The runtime's constant for an attribute.
pub(crate) fn constant(key: &str) -> Ident {
    Ident::new(&key.replace('.', "_").to_uppercase(), Span::call_site())
}
