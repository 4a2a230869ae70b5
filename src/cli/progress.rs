//! One line on stderr while the analysis runs, if it runs long enough to wonder, and gone before anything is written.

use std::io::IsTerminal;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

const PATIENCE: Duration = Duration::from_millis(300);
const TICK: Duration = Duration::from_millis(100);

/// Shown until dropped.
pub(super) struct Progress {
    done: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// Shows nothing unless stderr is a terminal that can.
    pub(super) fn start(quiet: bool, unicode: bool) -> Progress {
        let dumb = std::env::var_os("TERM").is_some_and(|it| it == "dumb");
        if quiet || dumb || !std::io::stderr().is_terminal() {
            return Progress { done: None };
        }
        let (done, wait) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            if wait.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let bar = ProgressBar::new_spinner();
            let ticks = if unicode { "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ " } else { "-\\|/ " };
            if let Ok(style) = ProgressStyle::with_template("{spinner} analysing, {elapsed}") {
                bar.set_style(style.tick_chars(ticks));
            }
            while wait.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                bar.tick();
            }
            bar.finish_and_clear();
        });
        Progress { done: Some((done, thread)) }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((done, thread)) = self.done.take() {
            let _ = done.send(());
            // A thread that panicked has nothing left to clear.
            let _ = thread.join();
        }
    }
}
