//! Functions that return when they are done.

use std::borrow::Cow;
use std::hint::black_box;

use llmobs_runtime::instrument_llm;

use super::{Fault, says};

pub fn run() {
    says("plain", plain(black_box(3)));
    says("early", early(black_box("41")).map_err(|fault| fault.0));
    says("early", early(black_box("x")).map_err(|fault| fault.0));
    says("borrowed", borrowed(black_box("a b c"), black_box("z")));
    says("patterns", patterns(black_box((4, [5, 6])), black_box(&Fault(7))));
    says("looping", looping(black_box(&[3, 9, 27])));
    says("filled", filled(&mut vec![1], black_box(5)));
    says("options", options(black_box(Some(&[8, 2]))));
    says("panics", std::panic::catch_unwind(|| panics(black_box(&[1, 2]), black_box(1))).is_ok());
    says("documented", documented(black_box(12)));
    says("shadowing", shadowing(black_box(100)));
    says("fixed", fixed(black_box(21)));
    says("inlined", inlined(black_box(2)));
    says("closures", closures(black_box(5))(black_box(6)));
    says(
        "dispatched",
        dispatched(black_box(9)).iter().map(|it| it.to_string()).collect::<String>(),
    );
    black_box(ends as fn(u32) -> !);
    expanded_here::run();
}

#[instrument_llm(provider = "openai", model = "gpt-4o", response = none)]
#[inline(never)]
fn plain(x: u32) -> u32 {
    x.wrapping_mul(3_001) ^ 5
}

#[instrument_llm(operation = execute_tool, tool(name = "early"), attributes(app.text = text))]
#[inline(never)]
fn early(text: &str) -> Result<u32, Fault> {
    let number: u32 = text.parse()?;
    if number == 1_013 {
        return Err(Fault(number));
    }
    Ok(number + 101)
}

#[inline(never)]
#[instrument_llm(provider = "openai", response = none)]
fn borrowed<'a, 'b: 'a>(text: &'a str, other: &'b str) -> Cow<'a, str> {
    match text.split_once(' ') {
        Some((first, _)) => Cow::Borrowed(first),
        None => Cow::Borrowed(other),
    }
}

#[inline(never)]
#[instrument_llm(operation = execute_tool)]
fn patterns((a, [b, _]): (u64, [u64; 2]), Fault(c): &Fault) -> u64 {
    a * 7 + b * 11 + u64::from(*c) * 13
}

#[inline(never)]
#[instrument_llm(provider = "anthropic", response = none, name = "loop")]
fn looping(values: &[u32]) -> u32 {
    let mut sum = 0_u32;
    'outer: for value in values {
        for step in 0..*value {
            if step == 19 {
                break 'outer;
            }
            sum = sum.wrapping_add(step * 23);
        }
    }
    sum
}

#[inline(never)]
#[instrument_llm(operation = execute_tool)]
fn filled(into: &mut Vec<u32>, mut count: u32) -> usize {
    while count > 0 {
        into.push(count * 29);
        count -= 1;
    }
    into.len()
}

#[inline(never)]
#[instrument_llm(operation = execute_tool)]
fn options(values: Option<&[u8]>) -> Option<u32> {
    let first = values?.first()?;
    Some(u32::from(*first) * 31)
}

#[inline(never)]
#[instrument_llm(operation = execute_tool)]
fn panics(values: &[u32], at: usize) -> u32 {
    assert!(values.len() > at + 37, "{at} of {values:?}");
    values[at]
}

/// Documented, with attributes around ours.
#[must_use = "it is the answer"]
#[cfg_attr(all(), inline(never))]
#[instrument_llm(operation = create_agent, provider = "openai", agent(name = "a"))]
#[doc(hidden)]
#[expect(clippy::identity_op, reason = "an attribute that says why")]
fn documented(#[allow(unused_variables)] x: u16) -> u16 {
    #![allow(unused_mut)]
    x * 41 + 0
}

#[inline(never)]
#[instrument_llm(operation = execute_tool)]
fn shadowing(value: u32) -> u32 {
    let call = value / 43;
    let value = call + 1;
    let r#fn = value % 47;
    r#fn
}

#[inline(never)]
#[instrument_llm(operation = execute_tool)]
fn fixed(x: u32) -> u32 {
    const STEP: u32 = 53;
    static TABLE: [u32; 3] = [59, 61, 67];
    fn inner(x: u32) -> u32 {
        TABLE[(x % 3) as usize] + STEP
    }
    inner(x)
}

/// The only one that ends up in its caller.
#[inline]
#[instrument_llm(operation = execute_tool)]
fn inlined(x: u32) -> u32 {
    x * 71
}

#[inline(never)]
#[instrument_llm(operation = execute_tool)]
fn closures(x: u32) -> impl Fn(u32) -> u32 {
    let start = x * 73;
    move |y| start + y
}

#[inline(never)]
#[instrument_llm(operation = execute_tool)]
fn dispatched(x: u32) -> Vec<Box<dyn std::fmt::Display>> {
    vec![Box::new(x + 79), Box::new('b')]
}

#[inline(never)]
#[instrument_llm(operation = execute_tool)]
fn ends(code: u32) -> ! {
    std::process::exit(code as i32 + 83)
}

/// A function that another macro writes, of tokens that it was given.
mod expanded_here {
    use std::hint::black_box;

    use llmobs_runtime::instrument_llm;

    macro_rules! function {
        ($(#[$more:meta])* $name:ident($argument:ident: $type:ty) -> $returned:ty = $value:expr) => {
            $(#[$more])*
            #[instrument_llm(operation = execute_tool)]
            #[inline(never)]
            fn $name($argument: $type) -> $returned {
                2 * $value
            }
        };
    }

    function!(
        /// Handed on.
        #[must_use]
        substituted(x: &[u32]) -> u32 = x.len() as u32 + 89
    );

    pub fn run() {
        super::says("substituted", substituted(black_box(&[1])));
    }
}
