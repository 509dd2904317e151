//! The command line.

use crate::server::SERVERS;

/// What is printed where a word is not understood.
const USAGE: &str = "\
cargo run -p llmobs-servers [-- OPTIONS]

  --only NAME,NAME   only these servers, and however few answer
  --install-only     installs, and starts nothing
  --keep             leaves the servers running until this program is interrupted
  --directory PATH   where they are kept, instead of `servers` in the build directory";

/// What was asked for.
#[derive(Debug, Default)]
pub(crate) struct Options {
    pub(crate) only: Vec<String>,
    pub(crate) install_only: bool,
    pub(crate) keep: bool,
    pub(crate) directory: Option<String>,
    /// Not to be said by hand: this process is to be a workload.
    pub(crate) workload: Option<String>,
}

impl Options {
    /// Understands the words, or says what it does.
    pub(crate) fn read(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self::default();
        while let Some(word) = words.next() {
            let mut value =
                || words.next().ok_or_else(|| format!("{word} takes a value\n\n{USAGE}"));
            match word.as_str() {
                "--only" => {
                    for name in value()?.split(',').map(str::trim).filter(|name| !name.is_empty()) {
                        if !SERVERS.iter().any(|server| server.name == name) {
                            let known: Vec<_> = SERVERS.iter().map(|server| server.name).collect();
                            return Err(format!(
                                "there is no server `{name}`, only {}",
                                known.join(", ")
                            ));
                        }
                        options.only.push(name.to_owned());
                    }
                }
                "--install-only" => options.install_only = true,
                "--keep" => options.keep = true,
                "--directory" => options.directory = Some(value()?),
                "--workload" => options.workload = Some(value()?),
                _ => return Err(format!("`{word}` is no option\n\n{USAGE}")),
            }
        }
        Ok(options)
    }

    /// Whether this server is wanted.
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &str) -> Result<Options, String> {
        Options::read(words.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn words_are_understood_or_refused() {
        let options = read("--only phoenix,rotel --keep --directory /x").expect("understood");
        assert!(options.wants("phoenix") && options.wants("rotel") && !options.wants("mlflow"));
        assert!(options.keep && !options.install_only);
        assert_eq!(options.directory.as_deref(), Some("/x"));
        assert!(read("").expect("understood").wants("mlflow"));
        assert!(read("--only nothing").expect_err("refused").contains("no server `nothing`"));
        assert!(read("--only").expect_err("refused").starts_with("--only takes a value"));
        assert!(read("--other").expect_err("refused").contains(USAGE));
    }
}
