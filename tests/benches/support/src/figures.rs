//! Numbers out of many, and numbers for people.

/// The one in the middle; NaN of none.
pub fn median(figures: impl IntoIterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.into_iter().collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

/// As many digits as mean something.
pub fn figure(figure: f64) -> String {
    match figure.abs() {
        _ if figure.is_nan() => "–".to_owned(),
        size if size >= 99.95 => format!("{figure:.0}"),
        size if size >= 9.995 => format!("{figure:.1}"),
        _ => format!("{:.2}", figure + 0.0),
    }
}

/// A ratio below one as people say it: `1/8.0`.
pub fn ratio(ratio: f64) -> String {
    if ratio > 0.0 && ratio < 0.5 {
        return format!("1/{:.1}", 1.0 / ratio);
    }
    figure(ratio)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_the_digits_that_mean_something() {
        let shown = [12_345.6, 99.96, 12.34, 1.234, 0.0, -0.0, f64::NAN].map(figure);
        assert_eq!(shown, ["12346", "100", "12.3", "1.23", "0.00", "0.00", "–"]);
        assert_eq!([0.125, 0.5, 1.25, 0.0].map(ratio), ["1/8.0", "0.50", "1.25", "0.00"]);
        assert!((median([3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
    }
}
