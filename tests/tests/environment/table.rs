//! The table of variables in the documentation: each row names a test that there is, and that sets the variable.

use std::fs;
use std::path::Path;

/// The file and the name of a test that is named as `file::module::name` or `file::name`.
fn source(test: &str) -> Option<(String, String)> {
    let (place, name) = test.rsplit_once("::")?;
    let file = format!("{}.rs", place.replace("::", "/"));
    let code = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(file));
    Some((code.ok()?, name.to_owned()))
}

#[test]
fn each_row_names_a_test_that_sets_the_variable() {
    let table = include_str!("../../../llmobs-runtime/src/environment/variables.md");
    let mut variables = 0;
    for row in table.lines().skip(2) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        assert_eq!(cells.len(), 5, "{row}");
        let test = cells[4].trim_matches('`');
        let (code, name) = source(test).unwrap_or_else(|| panic!("{test} is in no file"));
        assert!(code.contains(&format!("#[test]\nfn {name}()")), "{test} is no test");
        for variable in cells[0].split(", ").map(|name| name.trim_matches('`')) {
            assert!(code.contains(&format!("\"{variable}\"")), "{test} says nothing of {variable}");
            variables += 1;
        }
    }
    assert!(variables > 40, "{variables} variables");
}
