//! What can be installed.

/// Something that is installed as one.
#[derive(Debug)]
pub struct Package {
    /// Its directory, and its name in what is printed.
    pub name: &'static str,
    /// Where it comes from.
    pub source: Source,
}

/// Where packages come from.
#[derive(Debug)]
pub enum Source {
    /// The registry that `pip` is set up for: into a virtual environment.
    Python {
        /// What `pip install` is given; the first is the package itself, with its version.
        requirements: &'static [&'static str],
    },
    /// Debian's unstable suite, from the mirror that the machine's own apt uses: unpacked, not installed.
    ///
    /// The suite has one version at a time, so that none can be named.
    Debian {
        /// The names of the packages.
        packages: &'static [&'static str],
    },
}

/// All packages, those that take longest first.
pub const PACKAGES: &[Package] = &[
    python("phoenix", &["arize-phoenix==20.26.1"]),
    python("litellm", &["litellm[proxy]==1.106.2"]),
    python("mlflow", &["mlflow==3.17.2"]),
    python("ddapm", &["ddapm-test-agent==1.69.1"]),
    python("rotel", &["rotel==0.0.1a15"]),
    Package {
        name: "debian",
        source: Source::Debian { packages: &["prometheus", "promtool", "victoria-metrics"] },
    },
];

const fn python(name: &'static str, requirements: &'static [&'static str]) -> Package {
    Package { name, source: Source::Python { requirements } }
}

/// The package of this name.
pub fn named(name: &str) -> Option<&'static Package> {
    PACKAGES.iter().find(|package| package.name == name)
}

impl Package {
    /// What it is made from: a package whose stamp says something else is made anew.
    pub(crate) fn recipe(&self) -> String {
        match &self.source {
            Source::Python { requirements } => format!("python {}\n", requirements.join(" ")),
            Source::Debian { packages } => format!("debian {}\n", packages.join(" ")),
        }
    }

    /// The version that the first requirement names.
    pub(crate) fn version(&self) -> &'static str {
        match &self.source {
            Source::Python { requirements: [first, ..] } => {
                first.split_once("==").map_or("", |(_, version)| version)
            }
            _ => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_package_of_python_has_its_version() {
        for package in PACKAGES {
            assert_eq!(named(package.name).map(Package::recipe), Some(package.recipe()));
            if matches!(package.source, Source::Python { .. }) {
                assert!(package.version().starts_with(|first: char| first.is_ascii_digit()));
            }
        }
    }
}
