//! Databases.

use super::super::fields::Field;
use super::attributes::Attributes;
use super::dependency::Told;
use super::peer;

/// What the service shows as `SQL`.
const SQL: [&str; 12] = [
    "db2",
    "ibm.db2",
    "derby",
    "mariadb",
    "mssql",
    "microsoft.sql_server",
    "oracle",
    "oracle.db",
    "sqlite",
    "other_sql",
    "hsqldb",
    "h2",
];
const SQL_LONG: &str = "h2database";

/// That of a span which names a database system.
pub(super) fn tell<'a>(attributes: &Attributes<'a>) -> Option<Told<'a>> {
    let system = attributes.first([Field::DbSystem, Field::DbSystemOld])?;
    let port = default_port(&system);
    let host = peer::server(attributes, port).or_else(|| peer::peer(attributes, port));
    let name = attributes.first([Field::DbNamespace, Field::DbName]);
    let target = match (host, name) {
        (Some(host), Some(name)) => format!("{host}|{name}").into(),
        (host, name) => host.or(name).unwrap_or_else(|| system.clone()),
    };
    let is_sql = SQL.contains(&system.as_ref()) || system == SQL_LONG;
    Some(Told {
        ty: if is_sql { "SQL".into() } else { system },
        target: Some(target),
        data: attributes.first([
            Field::DbQuery,
            Field::DbStatement,
            Field::DbOperation,
            Field::DbOperationOld,
        ]),
        ..Told::default()
    })
}

/// The port that goes without saying.
pub(super) fn default_port(system: &str) -> Option<i64> {
    Some(match system {
        "postgresql" => 5_432,
        "mysql" | "mariadb" => 3_306,
        "mssql" | "microsoft.sql_server" => 1_433,
        "oracle" | "oracle.db" => 1_521,
        "mongodb" => 27_017,
        "redis" => 6_379,
        "memcached" | "memcache" => 11_211,
        "cassandra" => 9_042,
        "db2" | "ibm.db2" => 50_000,
        "derby" => 1_527,
        "elasticsearch" => 9_200,
        "couchdb" => 5_984,
        "neo4j" => 7_687,
        "h2" | "h2database" => 8_082,
        "hsqldb" => 9_001,
        _ => return None,
    })
}
