//! What the portal's Agents view makes of an agent's run, from what our exporters send.
//!
//! The view is a workbook, whose queries read the tables `dependencies` and `customEvents`. Here an agent runs,
//! instrumented as an application does it; what it sends is put into those tables as the service does, and what each
//! query asks for is asked of them.

#[path = "azure_agents_view/panels.rs"]
mod panels;
#[path = "azure_agents_view/run.rs"]
mod run;
#[path = "azure_agents_view/tables.rs"]
mod tables;

use std::collections::{BTreeMap, BTreeSet};

use llmobs_runtime::conventions::Dialect;

use panels::{Errors, Evaluation, Use, View};
use run::{GUIDE, PACKER, REMOTE, Share};
use tables::Tables;

const ALL: View<'static> = View { agent: None };
const OF_GUIDE: View<'static> = View { agent: Some(GUIDE) };
const OF_PACKER: View<'static> = View { agent: Some(PACKER) };

/// Runs everything in every way: with all traces kept an item stands for one, with half of them for two.
fn each(check: impl Fn(&Tables, u64)) {
    in_dialect(Dialect::Released, &check);
    in_dialect(Dialect::Latest, &check);
}

/// The same in the released conventions only: see [`of_the_latest_conventions_the_view_shows_less`].
fn each_released(check: impl Fn(&Tables, u64)) {
    in_dialect(Dialect::Released, &check);
}

fn in_dialect(dialect: Dialect, check: &impl Fn(&Tables, u64)) {
    for (share, weight) in [(Share::All, 1), (Share::Half, 2)] {
        check(&Tables::of(&run::everything(dialect, share)), weight);
    }
}

fn counts<const N: usize>(of: [(&str, u64); N]) -> BTreeMap<String, u64> {
    of.into_iter().map(|(name, count)| (name.to_owned(), count)).collect()
}

#[test]
fn the_view_has_data_and_no_tab_of_costs() {
    each(|tables, _| {
        assert!(panels::has_gen_ai_data(tables));
        assert!(panels::has_evaluations(tables));
        assert!(!panels::has_costs(tables), "nobody said a price");
    });
}

#[test]
fn the_agents_to_choose_from() {
    each(|tables, _| {
        let names: BTreeSet<String> = [GUIDE, PACKER, REMOTE].map(str::to_owned).into();
        assert_eq!(panels::agent_names(tables), names);
    });
}

#[test]
fn agent_runs() {
    each(|tables, weight| {
        let all = counts([(GUIDE, weight), (PACKER, weight), (REMOTE, weight)]);
        assert_eq!(panels::agent_runs(tables, &ALL), all);
        assert_eq!(panels::agent_runs(tables, &OF_PACKER), counts([(PACKER, weight)]));
    });
}

#[test]
fn gen_ai_errors() {
    each(|tables, weight| {
        let failed =
            counts([("chat: rate_limit_exceeded", weight), ("execute_tool: sold_out", weight)]);
        assert_eq!(panels::gen_ai_errors(tables, &ALL), failed);
        assert_eq!(panels::gen_ai_errors(tables, &OF_GUIDE), failed);
        assert_eq!(panels::gen_ai_errors(tables, &OF_PACKER), counts([]));
    });
}

#[test]
fn tool_calls() {
    each(|tables, weight| {
        let calls = |of: &[Use]| {
            of.iter().map(|one| (one.name.clone(), one.calls, one.errors)).collect::<Vec<_>>()
        };
        let all = panels::tool_calls(tables, &ALL);
        let expected = |of: &[(&str, u64, u64)]| {
            of.iter()
                .map(|(name, calls, errors)| ((*name).to_owned(), calls * weight, errors * weight))
                .collect::<Vec<_>>()
        };
        assert_eq!(calls(&all), expected(&[("book_flight", 1, 1), ("get_weather", 2, 0)]));
        assert_eq!(all[1].description.as_deref(), Some("The weather in a city"));
        assert!(all.iter().all(|tool| tool.duration > 0.0), "{all:?}");
        // Found by its parent: the tool is the agent's own child.
        let of_guide = panels::tool_calls(tables, &OF_GUIDE);
        assert_eq!(calls(&of_guide), expected(&[("book_flight", 1, 1), ("get_weather", 1, 0)]));
        let of_packer = panels::tool_calls(tables, &OF_PACKER);
        assert_eq!(calls(&of_packer), expected(&[("get_weather", 1, 0)]));
    });
}

#[test]
fn models() {
    each(|tables, weight| {
        let calls = |view: &View<'_>| {
            let used = panels::models(tables, view).into_iter();
            used.map(|one| (one.name, one.calls / weight, one.errors / weight)).collect::<Vec<_>>()
        };
        let row = |name: &str, calls, errors| (name.to_owned(), calls, errors);
        assert_eq!(calls(&ALL), [row("gpt-4o", 4, 1), row("gpt-4o-mini", 1, 0)]);
        assert_eq!(calls(&OF_GUIDE), [row("gpt-4o", 4, 1)]);
        assert_eq!(calls(&OF_PACKER), [row("gpt-4o-mini", 1, 0)]);
    });
}

#[test]
fn tokens_are_those_of_the_models_and_not_counted_twice() {
    each(|tables, weight| {
        // The guide says 1 500 of itself, which is what its models said and more; the agent elsewhere has no model
        // here, and is counted by what it says.
        let by_model = counts([
            ("", 14 * weight),
            ("gpt-4o", (120 + 180 + 72) * weight),
            ("gpt-4o-mini", 37 * weight),
        ]);
        assert_eq!(panels::token_consumption_by_model(tables, &ALL), by_model);
        assert_eq!(
            panels::token_consumption_by_model(tables, &OF_GUIDE),
            counts([("gpt-4o", 372 * weight)])
        );
        assert_eq!(
            panels::input_vs_output_tokens(tables, &ALL),
            ((100 + 150 + 60 + 30 + 11) * weight, (20 + 30 + 12 + 7 + 3) * weight)
        );
        assert_eq!(panels::input_vs_output_tokens(tables, &OF_PACKER), (30 * weight, 7 * weight));
    });
}

#[test]
fn all_agents() {
    each_released(|tables, weight| {
        let rows = panels::agents(tables, false);
        let row = |rows: &[panels::Agent], name: &str| {
            rows.iter().find(|row| row.name == name).cloned().unwrap_or_else(|| panic!("{name}"))
        };
        assert_eq!(rows.len(), 3);
        let expected = |name: &str, platform: &str, errors: u64, tokens: u64| panels::Agent {
            name: name.to_owned(),
            platform: platform.to_owned(),
            errors: errors * weight,
            tokens: tokens * weight,
        };
        assert_eq!(row(&rows, GUIDE), expected(GUIDE, "Microsoft Agent Framework", 2, 372));
        assert_eq!(row(&rows, PACKER), expected(PACKER, "LangChain", 0, 37));
        assert_eq!(row(&rows, REMOTE), expected(REMOTE, "OpenAI", 0, 14));

        // Only agents that a run began with: their own name is the main agent's.
        let main: Vec<String> =
            panels::agents(tables, true).into_iter().map(|row| row.name).collect();
        assert_eq!(main, [REMOTE, GUIDE]);
    });
}

#[test]
fn the_platform_is_found_under_either_name() {
    each_released(|tables, _| {
        let agents = || tables.dependencies.iter().filter(|row| row.operation() == "invoke_agent");
        assert!(agents().count() >= 3);
        for row in agents() {
            let now = row.text("gen_ai.provider.name");
            assert!(!now.is_empty());
            assert_eq!(row.text("gen_ai.system"), now, "{}", row.name);
        }
    });
}

#[test]
fn every_descendant_names_the_main_agent() {
    each_released(|tables, _| {
        let remote = tables.dependencies.iter().find(|row| row.name.ends_with(REMOTE)).expect("it");
        let (mut below, mut alone) = (0, 0);
        let rows = tables.dependencies.iter().chain(&tables.custom_events);
        for row in rows {
            let said = |key: &str| row.text(&format!("microsoft.gen_ai.main_agent.{key}"));
            if row.operation_id == remote.operation_id {
                assert_eq!(
                    (said("name").as_str(), said("id").as_str()),
                    (REMOTE, "agent-9"),
                    "{}",
                    row.name
                );
                alone += 1;
            } else {
                let all = ["name", "id", "version", "conversation_id"].map(said);
                assert_eq!(all, [GUIDE, "agent-1", "3", "conversation-1"], "{}", row.name);
                below += 1;
            }
        }
        // Ten spans and three evaluations; one span.
        assert_eq!((below, alone), (13, 1));
    });
}

#[test]
fn evaluations() {
    each_released(|tables, _| {
        let found = panels::evaluations_summary(tables, &ALL);
        let run = tables.dependencies.iter().find(|row| row.name.ends_with(GUIDE)).expect("it");
        let operations: BTreeSet<String> = [run.operation_id.clone()].into();
        // One was emitted as an event with a name, one as a record that says which event it is.
        let relevance = panels::Summary { runs: 2, average: 3.0, operations };
        assert_eq!(found.get("Relevance"), Some(&relevance));
        let of_packer = panels::evaluations_summary(tables, &OF_PACKER);
        assert_eq!(of_packer.get("Relevance"), None, "they are the guide's");

        let row = |score, label: &str, error: &str| Evaluation {
            score,
            label: label.to_owned(),
            error: error.to_owned(),
        };
        let relevance = panels::evaluation(tables, &OF_GUIDE, "Relevance");
        assert_eq!(relevance, [row(Some(4.0), "pass", ""), row(Some(2.0), "fail", "")]);
        let safety = panels::evaluation(tables, &OF_GUIDE, "Safety");
        assert_eq!(safety, [row(None, "", "timeout")]);
        assert_eq!(panels::threshold(tables, &OF_GUIDE, "Relevance"), Some((3.0, 1.0, 5.0)));
    });
}

#[test]
fn what_dashboards_in_grafana_filter_by() {
    each(|tables, weight| {
        // They look for the operation in the span's name.
        let runs = tables.dependencies.iter().filter(|row| row.name.contains("invoke_agent"));
        let names: BTreeMap<String, u64> =
            runs.map(|row| (row.text("gen_ai.agent.name"), row.item_count)).collect();
        assert_eq!(names, counts([(GUIDE, weight), (PACKER, weight), (REMOTE, weight)]));
        let Errors { failed, all } = panels::success_rate(tables);
        assert_eq!((failed, all), (2 * weight, 11 * weight));
        let finished =
            tables.dependencies.iter().filter(|row| row.operation() == "chat" && row.success);
        for row in finished {
            let reasons: Vec<String> =
                serde_json::from_str(&row.text("gen_ai.response.finish_reasons")).expect("JSON");
            assert_eq!(reasons, ["stop"], "{}", row.name);
        }
    });
}

/// They have no provider, id and version on the span of an agent that runs in this process: what is named by these
/// stays empty, and all the rest is as above.
#[test]
fn of_the_latest_conventions_the_view_shows_less() {
    in_dialect(Dialect::Latest, &|tables, weight| {
        let lines: Vec<_> = panels::agents(tables, false)
            .into_iter()
            .map(|line| (line.name, line.platform, line.errors / weight, line.tokens / weight))
            .collect();
        let line = |name: &str, platform: &str, errors, tokens| {
            (name.to_owned(), platform.to_owned(), errors, tokens)
        };
        assert_eq!(
            lines,
            [line(REMOTE, "OpenAI", 0, 14), line(PACKER, "", 0, 37), line(GUIDE, "", 2, 372)]
        );
        for row in tables.dependencies.iter().filter(|row| !row.name.ends_with(REMOTE)) {
            let said = |key: &str| row.text(&format!("microsoft.gen_ai.main_agent.{key}"));
            assert_eq!([said("name"), said("conversation_id")], [GUIDE, "conversation-1"]);
            assert_eq!([said("id"), said("version")], ["", ""]);
        }
        // Results are found by the answer and by the span that they are about, not by the agent's id.
        assert_eq!(panels::evaluations_summary(tables, &OF_GUIDE).get("Relevance"), None);
        let all = panels::evaluations_summary(tables, &ALL);
        assert_eq!(
            all.get("Relevance").map(|found| (found.runs, found.operations.len())),
            Some((2, 1))
        );
    });
}
