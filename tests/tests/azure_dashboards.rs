//! The workbook and the alert rules for Azure Monitor: every table, column, custom dimension, metric and event that
//! their queries name is in what our exporters send.

#[path = "azure_dashboards/columns.rs"]
mod columns;
#[path = "azure_dashboards/kql.rs"]
mod kql;
#[path = "azure_dashboards/run.rs"]
mod run;

use std::collections::{BTreeMap, BTreeSet};

use llmobs_runtime::conventions::Dialect;
use llmobs_tests::dashboards::{Query, read};
use serde_json::{Value, json};

const WORKBOOK: &str = "azure/llm-applications.workbook";
const ALERTS: &str = "azure/alerts.json";

fn parsed(file: &str) -> Value {
    serde_json::from_str(&read(file)).expect("the file is JSON")
}

/// The items of a workbook, those in groups too.
fn items(of: &Value) -> Vec<&Value> {
    let mut found = Vec::new();
    for item in of["items"].as_array().into_iter().flatten() {
        found.push(item);
        found.extend(items(&item["content"]));
    }
    found
}

/// With the parameters of the workbook replaced by what they may be.
fn replaced(query: &str) -> String {
    let query = query.replace("{TimeRange:grain}", "5m").replace("{Prices}", r#""m", 1.0, 2.0"#);
    assert!(!query.contains(['{', '}']), "a parameter that is not known: {query}");
    query
}

fn of_workbook() -> Vec<Query> {
    let workbook = parsed(WORKBOOK);
    let queries = items(&workbook).into_iter().filter(|item| item["type"] == 3).map(|item| {
        let text = item["content"]["query"].as_str().expect("a query");
        Query { place: format!("{WORKBOOK}, {}", item["name"]), text: replaced(text) }
    });
    queries.collect()
}

fn of_alerts() -> Vec<Query> {
    let template = parsed(ALERTS);
    let rules = template["variables"]["rules"].as_array().expect("rules");
    let queries = rules.iter().map(|rule| {
        let text = rule["query"].as_str().expect("a query");
        Query { place: format!("{ALERTS}, {}", rule["name"]), text: replaced(text) }
    });
    queries.collect()
}

fn understood(query: &Query) -> kql::Uses {
    kql::uses(&query.text).unwrap_or_else(|error| panic!("{}: {error}", query.place))
}

#[test]
fn what_queries_name_is_in_our_envelopes() {
    let mut envelopes = run::envelopes(Dialect::Released);
    envelopes.extend(run::envelopes(Dialect::Latest));
    let mut tables: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for envelope in &envelopes {
        tables.entry(columns::table(envelope)).or_default().push(envelope);
    }
    let queries: Vec<_> = of_workbook().into_iter().chain(of_alerts()).collect();
    assert_eq!(queries.len(), 21 + 8);
    let mut missing = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for query in &queries {
        let uses = understood(query);
        assert!(!uses.columns.is_empty(), "{}", query.place);
        let mut look = |(table, what): (String, String), has: &dyn Fn(&Value) -> bool| {
            let rows = tables.get(table.as_str()).map_or(&[][..], Vec::as_slice);
            if !rows.iter().any(|row| has(row)) {
                missing.insert(format!("{}: {what} of {table}", query.place));
            }
            seen.insert((table, what));
        };
        for (table, column) in uses.columns {
            let (_, from) = columns::columns(&table).find(|(name, _)| *name == column).expect("it");
            look((table, column), &|row| columns::has(row, from));
        }
        for (table, key) in uses.keys {
            let of = key.clone();
            look((table, key), &|row| row["data"]["baseData"]["properties"].get(&of).is_some());
        }
        for (table, name) in uses.names {
            let of = name.clone();
            let (_, from) = columns::columns(&table).find(|(name, _)| *name == "name").expect("it");
            let columns::Origin::Envelope(pointer) = from else { panic!("no name") };
            look((table, name), &|row| row.pointer(pointer) == Some(&json!(of)));
        }
    }
    assert_eq!(missing, BTreeSet::new());
    let used: BTreeSet<&str> = seen.iter().map(|(table, _)| table.as_str()).collect();
    assert_eq!(used, ["customEvents", "customMetrics", "dependencies", "exceptions"].into());
}

/// What the queries of one dialect's dashboards would find nothing by.
#[test]
fn what_only_one_dialect_says() {
    let said = |dialect| {
        let mut keys = BTreeSet::new();
        for envelope in run::envelopes(dialect) {
            let properties = envelope["data"]["baseData"]["properties"].as_object().cloned();
            let table = columns::table(&envelope).to_owned();
            keys.extend(
                properties.unwrap_or_default().into_iter().map(|(key, _)| (table.clone(), key)),
            );
        }
        keys
    };
    let (released, latest) = (said(Dialect::Released), said(Dialect::Latest));
    let mut used = BTreeSet::new();
    for query in of_workbook().iter().chain(&of_alerts()) {
        used.extend(understood(query).keys);
    }
    let only = |one: &BTreeSet<(String, String)>, other: &BTreeSet<(String, String)>| {
        let keys = used.iter().filter(|key| one.contains(key) && !other.contains(key));
        keys.map(|(table, key)| format!("{table} {key}")).collect::<Vec<_>>()
    };
    assert_eq!(only(&released, &latest), ["customMetrics gen_ai.token.type"]);
    assert_eq!(only(&latest, &released), [""; 0]);
}

#[test]
fn names_that_nothing_has_are_found() {
    let wrong = |query: &str| kql::uses(query).expect_err("wrong");
    assert!(wrong("dependency | where success == false").contains("`dependency` is no table"));
    assert!(wrong("dependencies | where valueSum > 1").contains("`valueSum` is neither"));
    assert!(
        wrong("dependencies | summarize A = sum(itemCount) by name | where duration > 1")
            .contains("`duration`")
    );
    assert!(wrong("dependencies | extend a = sumof(duration)").contains("`sumof`"));
    assert!(wrong("dependencies | lookup kind=inner prices on name").contains("`prices`"));
    assert!(wrong("dependencies | frobnicate name").contains("`frobnicate`"));
    assert!(wrong("dependencies | summarize count() by name").contains("without a name"));
    let uses = kql::uses(
        "let p = datatable(m: string, usd: real) [\"a\", 1.0]; customMetrics | where name in (\"x\", \"y\") \
         | extend m = tostring(customDimensions[\"k\"]) | lookup kind=inner p on m | project Cost = valueSum * usd",
    );
    let uses = uses.expect("right");
    let of = |values: &[&str]| -> BTreeSet<(String, String)> {
        values.iter().map(|value| ("customMetrics".to_owned(), (*value).to_owned())).collect()
    };
    assert_eq!(uses.columns, of(&["customDimensions", "name", "valueSum"]));
    assert_eq!((uses.keys, uses.names), (of(&["k"]), of(&["x", "y"])));
    assert_eq!(uses.result, ["Cost".to_owned()].into());
}

/// Each rule measures a column of its query, by columns of it.
#[test]
fn alerts_measure_what_their_queries_give() {
    let template = parsed(ALERTS);
    let rules = template["variables"]["rules"].as_array().expect("rules");
    let mut names = BTreeSet::new();
    for (rule, query) in rules.iter().zip(of_alerts()) {
        let result = understood(&query).result;
        let measured = rule["column"].as_str().expect("a column");
        assert!(result.contains(measured), "{}: {measured}", query.place);
        for dimension in rule["dimensions"].as_array().expect("dimensions") {
            let name = dimension["name"].as_str().expect("a name");
            assert!(result.contains(name) && name != measured, "{}: {name}", query.place);
            assert_eq!(
                (&dimension["operator"], &dimension["values"]),
                (&json!("Include"), &json!(["*"]))
            );
        }
        assert!(
            names.insert(rule["name"].as_str().expect("a name")),
            "{} stands twice",
            rule["name"]
        );
        assert!(rule["severity"].as_u64().is_some_and(|severity| severity <= 4));
        assert!(rule["failing"].as_u64() <= rule["periods"].as_u64());
        let threshold =
            rule["threshold"].as_str().and_then(|text| text.strip_prefix("[parameters('"));
        let parameter = threshold.and_then(|text| text.strip_suffix("')]")).expect("a parameter");
        assert!(
            template["parameters"][parameter]["defaultValue"].as_u64() > Some(0),
            "{parameter}"
        );
        // The window is not shorter than the time between two looks.
        let minutes = |key: &str| {
            let text =
                rule[key].as_str().expect("a duration").strip_prefix("PT").expect("of a day");
            match text.split_at(text.len() - 1) {
                (hours, "H") => 60 * hours.parse::<u32>().expect("hours"),
                (minutes, _) => minutes.parse::<u32>().expect("minutes"),
            }
        };
        assert!(minutes("window") >= minutes("frequency"));
    }
    // Every field of a rule reaches the resource, and every parameter is used.
    let resource = template["resources"][0].to_string();
    for field in rules[0].as_object().expect("a rule").keys() {
        assert!(resource.contains(&format!("[copyIndex()].{field}")), "{field}");
    }
    let all = template.to_string();
    for parameter in template["parameters"].as_object().expect("parameters").keys() {
        assert!(all.contains(&format!("parameters('{parameter}')")), "{parameter}");
    }
}

/// What the schema of workbooks asks of items of these types.
#[test]
fn the_workbook_is_one() {
    let workbook = parsed(WORKBOOK);
    assert_eq!(workbook["version"], "Notebook/1.0");
    let items = items(&workbook);
    let mut names = BTreeSet::new();
    for item in &items {
        let content = &item["content"];
        match item["type"].as_u64() {
            Some(1) => assert!(content["json"].is_string()),
            Some(3) => {
                assert_eq!(content["version"], "KqlItem/1.0");
                assert_eq!(content["queryType"], 0);
                assert_eq!(content["resourceType"], "microsoft.insights/components");
                assert_eq!(content["timeContextFromParameter"], "TimeRange");
                assert_eq!(content["crossComponentResources"], json!(["{Components}"]));
                let drawn =
                    content["query"].as_str().is_some_and(|query| query.contains("| render "));
                let expected = if drawn { "timechart" } else { "table" };
                assert_eq!(content["visualization"], expected, "{}", item["name"]);
            }
            Some(9) => assert_eq!(content["version"], "KqlParameterItem/1.0"),
            Some(12) => assert_eq!(content["version"], "NotebookGroup/1.0"),
            other => panic!("an item of type {other:?}"),
        }
        assert!(
            names.insert(item["name"].as_str().expect("a name")),
            "{} stands twice",
            item["name"]
        );
    }
    let parameters = items.iter().filter(|item| item["type"] == 9);
    let parameters: BTreeSet<_> = parameters
        .flat_map(|item| item["content"]["parameters"].as_array().into_iter().flatten())
        .map(|parameter| parameter["name"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(parameters, ["Components", "Prices", "TimeRange"].into());
}
