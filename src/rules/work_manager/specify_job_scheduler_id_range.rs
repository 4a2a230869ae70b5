//! Jobs of one's own beside WorkManager's, without job ids kept apart.

use super::workers::{calls_anywhere, concrete, name_place, uses_work_manager};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "work-manager",
    doc: include_str!("../../../rules/work-manager/SpecifyJobSchedulerIdRange.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let jobs = concrete(cx, "android.app.job.JobService");
    if jobs.is_empty()
        || !uses_work_manager(cx)
        || calls_anywhere(cx, "androidx.work.Configuration.Builder", "setJobSchedulerJobIdRange")
    {
        return;
    }
    for job in jobs {
        let name = cx.model.display_type(job);
        acc.report(name_place(cx, job))
            .message(format!("{name} is scheduled beside WorkManager's jobs, and their ids can collide"))
            .label("job ids are shared with WorkManager")
            .help("give WorkManager a range of ids with Configuration.Builder.setJobSchedulerJobIdRange(), and stay out of it")
            .symbol(cx.model.symbols.info(job).qualified.as_str())
            .key(name);
    }
}
