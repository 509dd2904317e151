use super::*;

fn text<V: AttributeValue<conventions::Text>>(value: &V) -> Option<Value<'_>> {
    value.attribute_value()
}

fn int<V: AttributeValue<conventions::Int>>(value: &V) -> Option<Value<'_>> {
    value.attribute_value()
}

fn double<V: AttributeValue<conventions::Double>>(value: &V) -> Option<Value<'_>> {
    value.attribute_value()
}

#[test]
fn empty_and_missing_text_is_absent() {
    assert_eq!(text(&""), None);
    assert_eq!(text(&None::<String>), None);
    assert_eq!(text(&Some("gpt-4o")), Some(Value::Text(Str::from("gpt-4o"))));
    assert_eq!(AttributeValue::<Any>::attribute_value(""), Some(Value::Text(Str::from(""))));
}

#[test]
fn numbers_that_do_not_fit_are_absent() {
    assert_eq!(int(&u64::MAX), None);
    assert_eq!(int(&i128::MIN), None);
    assert_eq!(int(&7_u8), Some(Value::Int(7)));
    assert_eq!(double(&f64::NAN), None);
    assert_eq!(double(&f32::INFINITY), None);
    assert_eq!(double(&2_u8), Some(Value::Double(2.0)));
}

#[test]
fn a_single_float_keeps_its_decimal_value() {
    assert_eq!(double(&0.7_f32), Some(Value::Double(0.7)));
    assert_eq!(double(&1e-7_f32), Some(Value::Double(1e-7)));
}

#[test]
fn lists_take_strings_of_every_kind() {
    fn list<V: AttributeValue<conventions::Texts> + ?Sized>(value: &V) -> Option<Value<'_>> {
        value.attribute_value()
    }
    let one = Some(Value::Texts(Texts::one("stop".into())));
    assert_eq!(list(&vec![Some("stop"), None]), one);
    assert_eq!(list("stop"), one);
    assert_eq!(list(&Text::Static("stop")), one);
    assert_eq!(list::<[String]>(&[]), None);
    let two = ["stop", "length"].map(Str::from).into_iter().collect();
    assert_eq!(list(&["stop", "", "length"]), Some(Value::Texts(two)));
    let long = vec!["x"; 1000];
    assert!(matches!(list(&long), Some(Value::Texts(texts)) if texts.len() == LIST_LIMIT));
}

#[test]
fn only_code_of_ours_goes_unguarded() {
    struct Theirs;
    impl AttributeValue<Any> for Theirs {
        fn attribute_value(&self) -> Option<Value<'_>> {
            None
        }
    }
    fn is_ours<V: AttributeValue<Any> + ?Sized>(value: &V) -> bool {
        value.is_ours()
    }
    assert!(is_ours("a") && is_ours(&Some(String::new())) && is_ours(&Box::new(1_u8)));
    assert!(is_ours(&vec!["a"]) && is_ours(&Cow::Borrowed("a")));
    assert!(!is_ours(&Theirs) && !is_ours(&Some(&Theirs)) && !is_ours(&Arc::new(Theirs)));
}
