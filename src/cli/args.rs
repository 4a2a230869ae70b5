//! The arguments, as clap derives them. Plain data; the commands give it meaning.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

use crate::report::Format;

const NOTE: &str = "Without a command, `check` is meant: `worklint app` is `worklint check app`. A path that is named \
    like a command needs `./` before it.\n\nworklint reads source files and nothing else: no build, no network, no \
    telemetry, no files written but those asked for.\n\nExit codes: 0 nothing at or above --fail-on, 1 findings, 2 not run as asked, \
    3 internal failure or something could not be read.";

/// Is this Android app's background work right? Threads, alarms, foreground services, persistence.
#[derive(Debug, Parser)]
#[command(name = "worklint", version, max_term_width = 100, after_help = NOTE, disable_help_subcommand = true)]
#[command(override_usage = "worklint [COMMAND] [OPTIONS] [PATH]...")]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Analyse and report (the default command)
    Check(Box<CheckArgs>),
    /// Show a rule's page: why, bad and good code, references
    Explain(ExplainArgs),
    /// List all rules
    Rules(RulesArgs),
    /// Tell where a function may run, by which way, and what in it blocks
    Why(WhyArgs),
    /// List every piece of background work with its kind and what the platform's guide recommends
    Inventory(InventoryArgs),
    /// List the files that would be analysed, one path a line
    Files(FilesArgs),
    /// Keep a list of known findings that are not reported
    Baseline(BaselineArgs),
    /// Write, show, describe or check worklint.toml
    Config(ConfigCommandArgs),
    /// Check what is about to be committed, as a git hook
    Hook(HookArgs),
    /// Print a script that completes commands and options
    Completions {
        #[arg(value_name = "SHELL")]
        shell: clap_complete::Shell,
    },
    /// Print the manual, or write all its pages into a directory
    Man {
        #[arg(value_name = "DIRECTORY")]
        directory: Option<PathBuf>,
    },
}

const KNOWN: &str = "Known and unchanged";
const RULES: &str = "Rules (IDS are rule ids or groups, comma-separated)";

pub(super) const COMMANDS: [&str; 11] = [
    "check",
    "explain",
    "rules",
    "why",
    "inventory",
    "files",
    "baseline",
    "config",
    "hook",
    "completions",
    "man",
];

/// Puts `check` before the arguments unless the first one is a command or asks for help or version.
pub(super) fn with_default_command(mut args: Vec<OsString>) -> Vec<OsString> {
    let first = args.get(1).and_then(|it| it.to_str());
    let own = ["-h", "--help", "-V", "--version"];
    let named = first.is_some_and(|it| COMMANDS.contains(&it) || own.contains(&it));
    if !named {
        let at = args.len().min(1);
        args.insert(at, OsStr::new("check").to_owned());
    }
    args
}

#[derive(Debug, Args)]
#[command(after_help = NOTE, max_term_width = 100)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    pub(super) files: FileArgs,
    #[command(flatten)]
    pub(super) select: SelectArgs,
    #[command(flatten)]
    pub(super) known: KnownArgs,
    #[command(flatten)]
    pub(super) config: ConfigArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,

    /// Exit 1 on findings of this severity and above [default: error]
    #[arg(long, value_name = "LEVEL", help_heading = "Exit code")]
    pub(super) fail_on: Option<FailOn>,
    /// Exit 0 whatever is found
    #[arg(long, conflicts_with_all = ["fail_on", "max_warnings", "strict"], help_heading = "Exit code")]
    pub(super) exit_zero: bool,
    /// Exit 1 on more warnings than this
    #[arg(long, value_name = "N", help_heading = "Exit code")]
    pub(super) max_warnings: Option<usize>,
    /// Exit 1 if a file was only partly understood or a suppression hides nothing
    #[arg(long, help_heading = "Exit code")]
    pub(super) strict: bool,
    /// Exit 0 instead of 2 if there is nothing to analyse
    #[arg(long, help_heading = "Exit code")]
    pub(super) allow_empty: bool,
}

/// Which files.
#[derive(Debug, Args)]
pub(super) struct FileArgs {
    /// Directories or files of Android projects
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) paths: Vec<PathBuf>,
    /// Leave out what matches, relative to the analysed root; repeatable
    #[arg(long, value_name = "GLOB", help_heading = "Files")]
    pub(super) exclude: Vec<String>,
    /// Also read what .gitignore and its like leave out
    #[arg(long, help_heading = "Files")]
    pub(super) no_ignore: bool,
    /// Also analyse test source sets
    #[arg(long, help_heading = "Files")]
    pub(super) include_tests: bool,
    /// Also analyse generated code
    #[arg(long, help_heading = "Files")]
    pub(super) include_generated: bool,
    /// Number of threads [default: all cores]
    #[arg(short = 'j', long, value_name = "N", help_heading = "Files")]
    pub(super) threads: Option<std::num::NonZeroUsize>,
}

/// Which rules, and how severe.
#[derive(Debug, Args)]
pub(super) struct SelectArgs {
    /// Run these rules instead of the default ones
    #[arg(long, value_name = "IDS", value_delimiter = ',', help_heading = RULES)]
    pub(super) select: Vec<String>,
    /// Run these rules too
    #[arg(long, value_name = "IDS", value_delimiter = ',', help_heading = RULES)]
    pub(super) extend_select: Vec<String>,
    /// Do not run these rules
    #[arg(long, value_name = "IDS", value_delimiter = ',', help_heading = RULES)]
    pub(super) ignore: Vec<String>,
    /// Run these rules and nothing else
    #[arg(long, value_name = "IDS", value_delimiter = ',', help_heading = RULES)]
    #[arg(conflicts_with_all = ["select", "extend_select", "ignore"])]
    pub(super) only: Vec<String>,
    /// Report these rules as errors
    #[arg(long, value_name = "IDS", value_delimiter = ',', help_heading = RULES)]
    pub(super) error: Vec<String>,
    /// Report these rules as warnings
    #[arg(long, value_name = "IDS", value_delimiter = ',', help_heading = RULES)]
    pub(super) warning: Vec<String>,
    /// Report these rules as infos
    #[arg(long, value_name = "IDS", value_delimiter = ',', help_heading = RULES)]
    pub(super) info: Vec<String>,
    /// Turn these rules off
    #[arg(long, value_name = "IDS", value_delimiter = ',', help_heading = RULES)]
    pub(super) off: Vec<String>,
    /// Lowest certainty that is reported [default: medium]
    #[arg(long, value_name = "LEVEL", help_heading = RULES)]
    pub(super) confidence: Option<Certainty>,
    /// Also show suppressed findings, marked; they do not count
    #[arg(long, help_heading = RULES)]
    pub(super) no_suppressions: bool,
}

/// What is known or unchanged, and so not reported.
#[derive(Debug, Args)]
pub(super) struct KnownArgs {
    /// Hide what this file lists [default: worklint-baseline.json of the project, if there is one]
    #[arg(long, value_name = "FILE", help_heading = KNOWN)]
    pub(super) baseline: Option<PathBuf>,
    /// Use no baseline
    #[arg(long, conflicts_with = "baseline", help_heading = KNOWN)]
    pub(super) no_baseline: bool,
    /// Report what has to do with lines changed since the merge base with REF, committed or not
    #[arg(long, value_name = "REF", help_heading = KNOWN)]
    pub(super) diff_base: Option<String>,
    /// Report what has to do with staged lines
    #[arg(long, conflicts_with = "diff_base", help_heading = KNOWN)]
    pub(super) staged: bool,
    /// Write hidden findings too, marked; they do not count
    #[arg(long, visible_alias = "sarif-include", value_name = "KINDS", value_delimiter = ',', help_heading = KNOWN)]
    pub(super) include: Vec<IncludeKind>,
}

/// Which settings hold.
#[derive(Debug, Args)]
pub(super) struct ConfigArgs {
    /// Settings for all paths [default: worklint.toml of the project; env: WORKLINT_CONFIG]
    #[arg(long, value_name = "FILE", help_heading = "Settings")]
    pub(super) config: Option<PathBuf>,
    /// Read no worklint.toml
    #[arg(long, conflicts_with = "config", help_heading = "Settings")]
    pub(super) no_config: bool,
    /// Set one key for this run, such as `rules.ExactAlarm.severity=info`; repeatable
    #[arg(long, value_name = "KEY=VALUE", help_heading = "Settings")]
    pub(super) set: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct OutputArgs {
    /// How findings are written to stdout [default: full; env: WORKLINT_FORMAT]
    #[arg(long, value_name = "FORMAT", value_parser = formats(), hide_possible_values = false, help_heading = "Output")]
    pub(super) format: Option<Format>,
    /// Also write a report to a file; repeatable; `FORMAT=-` is stdout
    #[arg(short, long, value_name = "FORMAT=FILE", value_parser = report_file, help_heading = "Output")]
    pub(super) output: Vec<ReportFile>,
    /// Address before paths in markdown and html, such as `https://github.com/o/r/blob/main/`
    #[arg(long, value_name = "URL", help_heading = "Output")]
    pub(super) link_base: Option<String>,
    /// Findings shown in text; 0 shows all
    #[arg(long, value_name = "N", default_value_t = 50, help_heading = "Output")]
    pub(super) max_findings: usize,
    /// Leave times out of reports
    #[arg(long, help_heading = "Output")]
    pub(super) reproducible: bool,
    #[command(flatten)]
    pub(super) color: ColorArgs,
    /// Only findings; twice: nothing
    #[arg(short, long, action = ArgAction::Count, conflicts_with = "verbose", help_heading = "Output")]
    pub(super) quiet: u8,
    /// Also say which files were only partly understood, and where
    #[arg(short, long, help_heading = "Output")]
    pub(super) verbose: bool,
    /// Show the time of each phase and rule
    #[arg(long, help_heading = "Output")]
    pub(super) timings: bool,
    /// Show what could not be read or understood, and what was assumed
    #[arg(long, help_heading = "Output")]
    pub(super) stats: bool,
}

#[derive(Debug, Args)]
pub(super) struct ColorArgs {
    /// Colour; `auto` asks NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE and the terminal
    #[arg(long, value_name = "WHEN", default_value = "auto", help_heading = "Output")]
    pub(super) color: When,
    /// Clickable rule names; `auto` asks the terminal
    #[arg(long, value_name = "WHEN", default_value = "auto", help_heading = "Output")]
    pub(super) links: When,
}

impl ColorArgs {
    /// Plain text, whatever the terminal.
    pub(super) fn never() -> ColorArgs {
        ColorArgs { color: When::Never, links: When::Never }
    }
}

#[derive(Debug, Args)]
#[command(max_term_width = 100)]
pub(super) struct ExplainArgs {
    /// Rule id in any spelling: `ExactAlarm`, `exact-alarm`
    #[arg(value_name = "RULE")]
    pub(super) rule: String,
    #[command(flatten)]
    pub(super) color: ColorArgs,
}

#[derive(Debug, Args)]
#[command(max_term_width = 100)]
pub(super) struct RulesArgs {
    /// How the list is written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: ListFormat,
}

#[derive(Debug, Args)]
#[command(max_term_width = 100)]
pub(super) struct WhyArgs {
    /// `Class.function`, `function`, or `path/File.kt:12` for what is on that line
    #[arg(value_name = "FUNCTION")]
    pub(super) question: String,
    #[command(flatten)]
    pub(super) files: FileArgs,
    #[command(flatten)]
    pub(super) config: ConfigArgs,
    /// Also tell what each call in it was taken for
    #[arg(long, help_heading = "Output")]
    pub(super) calls: bool,
    /// How the answer is written
    #[arg(long, value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    pub(super) format: ListFormat,
}

const INVENTORY: &str = "Every construct that starts background work is listed: coroutines, threads, executors, Rx, timers, services, \
    jobs, workers, alarms, receivers. Its kind is immediate, long-running or deferrable, and persistent (survives the process and a \
    restart) or impersistent; the evidence is named.\n\nExit codes: 0 written, 2 not run as asked, 3 internal failure or something \
    could not be read.";

#[derive(Debug, Args)]
#[command(after_help = INVENTORY, max_term_width = 100)]
pub(super) struct InventoryArgs {
    #[command(flatten)]
    pub(super) files: FileArgs,
    #[command(flatten)]
    pub(super) config: ConfigArgs,
    #[command(flatten)]
    pub(super) color: ColorArgs,
    /// How it is written
    #[arg(long, value_name = "FORMAT", default_value = "table", help_heading = "Output")]
    pub(super) format: InventoryFormat,
    /// Write to this file instead of stdout
    #[arg(short = 'o', long, value_name = "FILE", help_heading = "Output")]
    pub(super) output: Option<PathBuf>,
    /// Only what should change
    #[arg(long, help_heading = "Output")]
    pub(super) only_changes: bool,
}

/// How an inventory is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum InventoryFormat {
    Table,
    Json,
    Markdown,
    Html,
}

#[derive(Debug, Args)]
#[command(max_term_width = 100)]
pub(super) struct FilesArgs {
    #[command(flatten)]
    pub(super) files: FileArgs,
    #[command(flatten)]
    pub(super) config: ConfigArgs,
    /// Say whether a file is analysed, and why not
    #[arg(long, value_name = "FILE")]
    pub(super) why: Option<PathBuf>,
    /// Also show module and source set, separated by tabs
    #[arg(short, long, conflicts_with = "why")]
    pub(super) long: bool,
}

#[derive(Debug, Args)]
#[command(max_term_width = 100)]
pub(super) struct BaselineArgs {
    #[command(subcommand)]
    pub(super) command: BaselineCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum BaselineCommand {
    /// Write all present findings into a new baseline
    Create(BaselineRunArgs),
    /// Bring the baseline up to date: take out what is gone, note what has moved
    Update(BaselineUpdateArgs),
    /// Only take out entries that match nothing any more
    Prune(BaselineRunArgs),
    /// List the entries with where they are now
    Show(BaselineRunArgs),
}

#[derive(Debug, Args)]
pub(super) struct BaselineRunArgs {
    #[command(flatten)]
    pub(super) files: FileArgs,
    #[command(flatten)]
    pub(super) config: ConfigArgs,
    /// The baseline [default: worklint-baseline.json of the project]
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct BaselineUpdateArgs {
    #[command(flatten)]
    pub(super) run: BaselineRunArgs,
    /// Also put in what is new
    #[arg(long)]
    pub(super) add: bool,
}

#[derive(Debug, Args)]
#[command(max_term_width = 100)]
pub(super) struct ConfigCommandArgs {
    #[command(subcommand)]
    pub(super) command: ConfigCommand,
}

#[derive(Debug, Args)]
#[command(max_term_width = 100)]
pub(super) struct HookArgs {
    #[command(subcommand)]
    pub(super) command: HookCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum HookCommand {
    /// Print the pre-commit hook, or write it
    Install {
        /// Write it into the repository
        #[arg(long)]
        write: bool,
        /// A directory of the repository
        #[arg(value_name = "PATH", default_value = ".")]
        path: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Write a commented worklint.toml
    Init {
        /// Where to
        #[arg(value_name = "DIRECTORY", default_value = ".")]
        directory: PathBuf,
    },
    /// Show every setting that holds, and where it comes from
    Show {
        #[command(flatten)]
        config: ConfigArgs,
        /// The path whose settings are shown
        #[arg(value_name = "PATH", default_value = ".")]
        path: PathBuf,
    },
    /// Print the JSON schema of worklint.toml, for editors
    Schema,
    /// Check worklint.toml and the files it names
    Check {
        #[command(flatten)]
        config: ConfigArgs,
        /// The path whose settings are checked
        #[arg(value_name = "PATH", default_value = ".")]
        path: PathBuf,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum FailOn {
    Error,
    Warning,
    Info,
    Never,
}

impl From<FailOn> for crate::config::file::FailOn {
    fn from(level: FailOn) -> crate::config::file::FailOn {
        match level {
            FailOn::Error => crate::config::file::FailOn::Error,
            FailOn::Warning => crate::config::file::FailOn::Warning,
            FailOn::Info => crate::config::file::FailOn::Info,
            FailOn::Never => crate::config::file::FailOn::Never,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Certainty {
    High,
    Medium,
    Low,
}

/// `report::Format` by the names of the command line.
fn formats() -> impl TypedValueParser<Value = Format> {
    let names = Format::ALL.map(Format::name);
    PossibleValuesParser::new(names).map(|name| Format::named(&name).unwrap_or(Format::Full))
}

/// A report that goes somewhere; `-` is stdout.
#[derive(Clone, Debug)]
pub(super) struct ReportFile {
    pub(super) format: Format,
    pub(super) path: PathBuf,
}

fn report_file(text: &str) -> Result<ReportFile, String> {
    let Some((name, path)) = text.split_once('=') else {
        return Err("give FORMAT=FILE, such as `sarif=worklint.sarif`".to_owned());
    };
    let names = Format::ALL.map(Format::name);
    match Format::named(name) {
        Some(_) if path.is_empty() => Err("the file has no name".to_owned()),
        Some(format) => Ok(ReportFile { format, path: PathBuf::from(path) }),
        None => Err(format!("no format is called `{name}`; there are {}", names.join(", "))),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum IncludeKind {
    Suppressed,
    Baseline,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum When {
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ListFormat {
    Text,
    Json,
}
