//! What both tables have in common: the options, and how figures are made and written.

use clap::{Args, ValueEnum};

/// Options of a table with these rows.
#[derive(Args)]
pub struct Options<R: ValueEnum + Send + Sync + 'static> {
    /// Rounds; each round runs every contestant once.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..))]
    pub rounds: u64,
    /// Only these rows.
    #[arg(long = "row", value_name = "NAME", value_delimiter = ',')]
    rows: Vec<R>,
    /// Only these contestants; a part of the name will do.
    #[arg(long = "contestant", value_name = "NAME", value_delimiter = ',')]
    contestants: Vec<String>,
    /// A tenth of the size, to see that everything runs. The figures mean little.
    #[arg(long)]
    pub quick: bool,
    /// One JSON object per row and contestant instead of the table.
    #[arg(long)]
    pub json: bool,
    /// Also compare with the project's targets; the exit code is 1 if one is missed.
    #[arg(long)]
    pub check: bool,
}

impl<R: ValueEnum + Send + Sync + 'static> Options<R> {
    /// The rows asked for, or all.
    pub fn rows(&self) -> &[R] {
        if self.rows.is_empty() { R::value_variants() } else { &self.rows }
    }

    /// Whether a contestant is asked for. One that is named in full (`gc`) does not stand for those that have the name as a
    /// part of theirs.
    pub fn takes(&self, name: &str, everybody: &[&'static str]) -> bool {
        let asked_for =
            |wanted: &String| name == wanted || !everybody.contains(&wanted.as_str()) && name.contains(wanted.as_str());
        self.contestants.is_empty() || self.contestants.iter().any(asked_for)
    }
}

/// A row's name on the command line and in JSON.
pub fn key(row: impl ValueEnum) -> String {
    row.to_possible_value().expect("no row is hidden").get_name().to_owned()
}

/// The median of some samples.
pub fn median(samples: &[f64]) -> Option<f64> {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        len if len % 2 == 1 => Some(sorted[middle]),
        _ => Some(f64::midpoint(sorted[middle - 1], sorted[middle])),
    }
}

/// Three significant digits, no more than two decimals unless the figure is very small.
pub fn figure(value: f64) -> String {
    match value {
        0.0 => "0".into(),
        v if v < 0.1 => format!("{v:.3}"),
        v if v < 10.0 => format!("{v:.2}"),
        v if v < 100.0 => format!("{v:.1}"),
        v => format!("{v:.0}"),
    }
}
