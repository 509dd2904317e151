//! What each query of the view asks, named as its panel is.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::tables::{Row, Tables};

const INPUT: &str = "gen_ai.usage.input_tokens";
const OUTPUT: &str = "gen_ai.usage.output_tokens";
/// How far above a model's call its agent is looked for.
const HOPS: usize = 16;

/// The agent that was chosen, or all.
pub(crate) struct View<'a> {
    pub(crate) agent: Option<&'a str>,
}

impl View<'_> {
    fn shows(&self, agent: &str) -> bool {
        self.agent.is_none_or(|chosen| chosen == agent)
    }
}

pub(crate) fn has_gen_ai_data(tables: &Tables) -> bool {
    tables.dependencies.iter().any(|row| !row.operation().is_empty())
}

pub(crate) fn has_evaluations(tables: &Tables) -> bool {
    results(tables).next().is_some()
}

pub(crate) fn has_costs(tables: &Tables) -> bool {
    tables.dependencies.iter().any(|row| {
        ["microsoft.gen_ai.cost.input", "microsoft.gen_ai.cost.output"]
            .iter()
            .any(|cost| row.double(cost).is_some_and(|cost| cost > 0.0))
    })
}

/// The spans that invoke an agent, with its name.
fn invocations(tables: &Tables) -> impl Iterator<Item = (&Row, String)> {
    let agents = tables.dependencies.iter().filter(|row| row.operation() == "invoke_agent");
    agents.map(|row| (row, row.text("gen_ai.agent.name")))
}

/// The name of the agent whose span is directly above; empty where that is none.
fn caller(tables: &Tables, row: &Row) -> String {
    let above = invocations(tables).find(|(agent, _)| agent.id == row.operation_parent_id);
    above.map(|(_, name)| name).unwrap_or_default()
}

fn add(counts: &mut BTreeMap<String, u64>, key: String, more: u64) {
    *counts.entry(key).or_default() += more;
}

pub(crate) fn agent_names(tables: &Tables) -> BTreeSet<String> {
    invocations(tables).map(|(_, name)| name).filter(|name| !name.is_empty()).collect()
}

pub(crate) fn agent_runs(tables: &Tables, view: &View<'_>) -> BTreeMap<String, u64> {
    let mut runs = BTreeMap::new();
    for (row, name) in invocations(tables).filter(|(_, name)| view.shows(name)) {
        add(&mut runs, name, row.item_count);
    }
    runs
}

/// What went wrong with a row, as the view says it; `None` where nothing did.
fn error(row: &Row) -> Option<String> {
    let said = row.text("error.type");
    match (said.is_empty(), row.success) {
        (true, true) => None,
        (true, false) => Some("Other".to_owned()),
        (false, _) => Some(said),
    }
}

/// The spans of agents and those directly below, with the agent's name.
fn of_agents(tables: &Tables) -> Vec<(&Row, String)> {
    let calls = tables.dependencies.iter().filter_map(|row| {
        let (_, name) =
            invocations(tables).find(|(agent, _)| agent.id == row.operation_parent_id)?;
        Some((row, name))
    });
    invocations(tables).chain(calls).collect()
}

pub(crate) fn gen_ai_errors(tables: &Tables, view: &View<'_>) -> BTreeMap<String, u64> {
    let mut errors = BTreeMap::new();
    for (row, agent) in of_agents(tables) {
        if view.shows(&agent)
            && let Some(error) = error(row)
        {
            let failed = if row.success { 0 } else { row.item_count };
            add(&mut errors, format!("{}: {error}", row.operation()), failed);
        }
    }
    errors
}

/// A count as a number to reckon with.
fn double(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::NAN, f64::from)
}

/// How a tool or a model was used.
#[derive(Clone, Debug, Default)]
pub(crate) struct Use {
    pub(crate) name: String,
    pub(crate) calls: u64,
    pub(crate) errors: u64,
    /// Milliseconds, on average.
    pub(crate) duration: f64,
    pub(crate) description: Option<String>,
}

fn uses<'a>(rows: impl Iterator<Item = (&'a Row, String)>) -> Vec<Use> {
    let mut uses: BTreeMap<String, Use> = BTreeMap::new();
    for (row, name) in rows {
        let line = uses.entry(name.clone()).or_insert_with(|| Use { name, ..Use::default() });
        let (before, count) = (double(line.calls), double(row.item_count));
        line.duration = (line.duration * before + row.duration * count) / (before + count);
        line.calls += row.item_count;
        line.errors += if row.success { 0 } else { row.item_count };
        let description = row.text("gen_ai.tool.description");
        line.description =
            Some(description).filter(|text| !text.is_empty()).or(line.description.take());
    }
    uses.into_values().collect()
}

pub(crate) fn tool_calls(tables: &Tables, view: &View<'_>) -> Vec<Use> {
    let tools = tables.dependencies.iter().filter(|row| row.operation() == "execute_tool");
    let shown = tools.filter(|row| view.shows(&caller(tables, row)));
    uses(shown.map(|row| (row, row.text("gen_ai.tool.name"))))
}

pub(crate) fn models(tables: &Tables, view: &View<'_>) -> Vec<Use> {
    let named = tables.dependencies.iter().map(|row| (row, row.text("gen_ai.request.model")));
    let models = named.filter(|(_, model)| !model.is_empty());
    uses(models.filter(|(row, _)| view.shows(&caller(tables, row))))
}

/// A row whose tokens count, and the agent that they count for.
struct Spent<'a> {
    row: &'a Row,
    agent: String,
}

impl Spent<'_> {
    fn input(&self) -> u64 {
        self.row.int(INPUT).unwrap_or(0) * self.row.item_count
    }

    fn output(&self) -> u64 {
        self.row.int(OUTPUT).unwrap_or(0) * self.row.item_count
    }
}

/// Tokens belong to the nearest agent above, at most so many hops away; an agent's own do not count when models below
/// it have some.
fn spent(tables: &Tables) -> Vec<Spent<'_>> {
    let data = || tables.dependencies.iter().filter(|row| !row.operation().is_empty());
    let is_agent = |row: &Row| row.operation() == "invoke_agent";
    let nearest = |row| {
        let mut at: &Row = row;
        for _ in 0..=HOPS {
            if is_agent(at) {
                return at;
            }
            let Some(above) = data().find(|one| one.id == at.operation_parent_id) else { break };
            at = above;
        }
        row
    };
    let used = data().filter(|row| [INPUT, OUTPUT].iter().any(|key| row.int(key).unwrap_or(0) > 0));
    let attributed: Vec<(&Row, &Row)> = used.map(|row| (row, nearest(row))).collect();
    let has_model = |agent: &Row| {
        attributed.iter().any(|(row, nearest)| nearest.id == agent.id && !is_agent(row))
    };
    let kept = attributed.iter().filter(|(row, agent)| !is_agent(row) || !has_model(agent));
    kept.map(|(row, agent)| Spent { row, agent: agent.text("gen_ai.agent.name") }).collect()
}

pub(crate) fn token_consumption_by_model(
    tables: &Tables,
    view: &View<'_>,
) -> BTreeMap<String, u64> {
    let mut tokens = BTreeMap::new();
    for spent in spent(tables).iter().filter(|spent| view.shows(&spent.agent)) {
        let model = spent.row.text("gen_ai.request.model");
        add(&mut tokens, model, spent.input() + spent.output());
    }
    tokens
}

pub(crate) fn input_vs_output_tokens(tables: &Tables, view: &View<'_>) -> (u64, u64) {
    let spent = spent(tables);
    let shown = || spent.iter().filter(|spent| view.shows(&spent.agent));
    (shown().map(Spent::input).sum(), shown().map(Spent::output).sum())
}

/// A line of the tab of all agents.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Agent {
    pub(crate) name: String,
    pub(crate) platform: String,
    pub(crate) errors: u64,
    pub(crate) tokens: u64,
}

pub(crate) fn agents(tables: &Tables, only_main: bool) -> Vec<Agent> {
    let is_shown = |row: &Row, name: &str| {
        !name.is_empty() && (!only_main || row.text("microsoft.gen_ai.main_agent.name") == name)
    };
    let mut lines: BTreeMap<String, Agent> = BTreeMap::new();
    for (row, name) in invocations(tables).filter(|(row, name)| is_shown(row, name)) {
        let line = Agent { name: name.clone(), platform: platform(row), errors: 0, tokens: 0 };
        lines.entry(name).or_insert(line);
    }
    for (row, agent) in of_agents(tables) {
        if let Some(line) = lines.get_mut(&agent)
            && error(row).is_some()
        {
            line.errors += row.item_count;
        }
    }
    for spent in spent(tables) {
        if let Some(line) = lines.get_mut(&spent.agent) {
            line.tokens += spent.input() + spent.output();
        }
    }
    lines.into_values().collect()
}

fn platform(row: &Row) -> String {
    let mut provider = row.text("gen_ai.provider.name");
    if provider.is_empty() {
        provider = row.text("gen_ai.system");
    }
    let known = match provider.as_str() {
        "langchain" => "LangChain",
        "microsoft.agent_framework" => "Microsoft Agent Framework",
        "openai" => "OpenAI",
        "microsoft.foundry" => "Microsoft Foundry",
        other => other,
    };
    known.to_owned()
}

/// The results of evaluations.
fn results(tables: &Tables) -> impl Iterator<Item = &Row> {
    tables.custom_events.iter().filter(|row| row.name == "gen_ai.evaluation.result")
}

/// The name of the agent that a result is about.
fn evaluated(tables: &Tables, row: &Row) -> String {
    let id = row.text("gen_ai.agent.id");
    let about = invocations(tables).find(|(agent, _)| agent.text("gen_ai.agent.id") == id);
    about.map(|(_, name)| name).unwrap_or_default()
}

/// All results of one evaluator.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Summary {
    pub(crate) runs: u64,
    pub(crate) average: f64,
    /// The traces that they are about, by the answer's id and by the span that they were made in.
    pub(crate) operations: BTreeSet<String>,
}

pub(crate) fn evaluations_summary(tables: &Tables, view: &View<'_>) -> BTreeMap<String, Summary> {
    let mut of: BTreeMap<String, Vec<&Row>> = BTreeMap::new();
    for row in results(tables).filter(|row| view.shows(&evaluated(tables, row))) {
        of.entry(row.text("gen_ai.evaluation.name")).or_default().push(row);
    }
    let summary = |rows: &Vec<&Row>| {
        let scores: Vec<f64> =
            rows.iter().filter_map(|row| row.double("gen_ai.evaluation.score.value")).collect();
        let mut operations = BTreeSet::new();
        for row in rows {
            let response = row.text("gen_ai.response.id");
            let answer = tables
                .dependencies
                .iter()
                .find(|one| !response.is_empty() && one.text("gen_ai.response.id") == response);
            let agent = invocations(tables).find(|(agent, _)| agent.id == row.operation_parent_id);
            let found = answer.into_iter().chain(agent.map(|(agent, _)| agent));
            operations.extend(found.map(|row| row.operation_id.clone()));
        }
        Summary {
            runs: rows.iter().map(|row| row.item_count).sum(),
            average: scores.iter().sum::<f64>() / double(scores.len() as u64),
            operations,
        }
    };
    of.iter().map(|(evaluator, rows)| (evaluator.clone(), summary(rows))).collect()
}

/// One result.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Evaluation {
    pub(crate) score: Option<f64>,
    pub(crate) label: String,
    pub(crate) error: String,
}

fn of_evaluator<'a>(
    tables: &'a Tables,
    view: &View<'_>,
    evaluator: &str,
) -> impl Iterator<Item = &'a Row> {
    results(tables)
        .filter(move |row| row.text("gen_ai.evaluation.name") == evaluator)
        .filter(move |row| view.shows(&evaluated(tables, row)))
}

pub(crate) fn evaluation(tables: &Tables, view: &View<'_>, evaluator: &str) -> Vec<Evaluation> {
    let rows = of_evaluator(tables, view, evaluator);
    rows.map(|row| Evaluation {
        score: row.double("gen_ai.evaluation.score.value"),
        label: row.text("gen_ai.evaluation.score.label"),
        error: row.text("error.type"),
    })
    .collect()
}

/// The threshold, the least and the greatest score of an evaluator.
pub(crate) fn threshold(
    tables: &Tables,
    view: &View<'_>,
    evaluator: &str,
) -> Option<(f64, f64, f64)> {
    let mut said = of_evaluator(tables, view, evaluator).filter_map(|row| {
        let properties: Value = serde_json::from_str(&row.text("internal_properties")).ok()?;
        let number = |name: &str| properties[format!("gen_ai.evaluation.{name}")].as_f64();
        Some((number("threshold")?, number("min_value")?, number("max_value")?))
    });
    said.next()
}

/// How many of all failed.
pub(crate) struct Errors {
    pub(crate) failed: u64,
    pub(crate) all: u64,
}

pub(crate) fn success_rate(tables: &Tables) -> Errors {
    let count = |rows: &mut dyn Iterator<Item = &Row>| rows.map(|row| row.item_count).sum();
    Errors {
        failed: count(&mut tables.dependencies.iter().filter(|row| !row.success)),
        all: count(&mut tables.dependencies.iter()),
    }
}
