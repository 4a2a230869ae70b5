//! The arguments, as clap derives them. Plain data; the commands give it meaning.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

const NOTE: &str = "Without a command, `check` is meant: `worklint app` is `worklint check app`. A path that is named \
    like a command needs `./` before it.\n\nworklint reads source files and nothing else: no build, no network, no \
    telemetry, no files written.\n\nExit codes: 0 nothing at or above --fail-on, 1 findings, 2 not run as asked, \
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
    /// List the files that would be analysed, one path a line
    Files(FilesArgs),
}

const RULES: &str = "Rules (IDS are rule ids or groups, comma-separated)";

pub(super) const COMMANDS: [&str; 5] = ["check", "explain", "rules", "why", "files"];

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
    pub(super) output: OutputArgs,

    /// Exit 1 on findings of this severity and above
    #[arg(long, value_name = "LEVEL", default_value = "error", help_heading = "Exit code")]
    pub(super) fail_on: FailOn,
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
    /// Lowest certainty that is reported
    #[arg(long, value_name = "LEVEL", default_value = "medium", help_heading = RULES)]
    pub(super) confidence: Certainty,
    /// Also show suppressed findings, marked; they do not count
    #[arg(long, help_heading = RULES)]
    pub(super) no_suppressions: bool,
}

#[derive(Debug, Args)]
pub(super) struct OutputArgs {
    /// How findings are written
    #[arg(long, value_name = "FORMAT", default_value = "full", help_heading = "Output")]
    pub(super) format: FormatName,
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
    /// Also tell what each call in it was taken for
    #[arg(long, help_heading = "Output")]
    pub(super) calls: bool,
    /// How the answer is written
    #[arg(long, value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    pub(super) format: ListFormat,
}

#[derive(Debug, Args)]
#[command(max_term_width = 100)]
pub(super) struct FilesArgs {
    #[command(flatten)]
    pub(super) files: FileArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum FailOn {
    Error,
    Warning,
    Info,
    Never,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Certainty {
    High,
    Medium,
    Low,
}

/// `report::Format` by the names of the command line; a test holds the two together.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum FormatName {
    Full,
    Concise,
    Json,
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
