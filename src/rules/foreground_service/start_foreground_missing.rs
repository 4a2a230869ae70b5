//! Services started as foreground services that leave their callbacks without having called `startForeground`.

use rustc_hash::FxHashSet;

use super::services::{call_step, class_place, goes_itself};
use crate::base::Name;
use crate::catalog::Cost;
use crate::flow::given::{Given, Known};
use crate::flow::must::{Answer, Exit, Question, Relevant, ask};
use crate::flow::path::call_name;
use crate::flow::services::{How, Started, service_entries};
use crate::model::TypeId;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "foreground-service",
    doc: include_str!("../../../rules/foreground-service/StartForegroundMissing.md"),
    check,
};

const MEDIA_BUTTON: &str = "android.intent.action.MEDIA_BUTTON";
/// `startForegroundService` came with this level.
const SINCE: u32 = 26;

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let services = &cx.flow.services;
    let placed = services.going.iter().map(|going| going.site);
    let goals: FxHashSet<SiteId> = placed.chain(services.unplaced.iter().copied()).collect();
    let before: FxHashSet<SiteId> = cx
        .flow
        .blocking
        .iter()
        .filter(|call| {
            call.cost == Cost::Severe && call.certainty > Confidence::Low && holds(call.kind.as_str())
        })
        .map(|call| call.site)
        .collect();
    let calls: FxHashSet<SiteId> = goals.union(&before).copied().collect();
    let relevant = Relevant::new(cx.model, cx.flow, &goals);
    let early = Relevant::new(cx.model, cx.flow, &calls);
    let mut started: Vec<(TypeId, &Started)> = services
        .starts
        .iter()
        .filter(|start| matches!(start.how, How::Foreground | How::PendingForeground))
        .filter_map(|start| Some((start.service?, start)))
        .collect();
    started.sort_by_key(|(service, start)| (*service, start.site));
    for group in started.chunk_by(|one, other| one.0 == other.0) {
        let service = group[0].0;
        if goes_itself(cx, service) {
            continue;
        }
        let starts: Vec<&Started> = group.iter().map(|(_, start)| *start).collect();
        let check = Check { cx, service, goals: &goals, before: &before, relevant: &relevant, early: &early };
        check.service(acc, &starts);
    }
}

/// Kinds of blocking that may take longer than the system waits.
fn holds(kind: &str) -> bool {
    matches!(kind, "network" | "wait" | "coroutine" | "sleep")
}

struct Check<'c, 'a> {
    cx: &'c Context<'a>,
    service: TypeId,
    goals: &'c FxHashSet<SiteId>,
    before: &'c FxHashSet<SiteId>,
    relevant: &'c Relevant,
    early: &'c Relevant,
}

impl Check<'_, '_> {
    fn service(&self, acc: &mut Findings<'_>, starts: &[&Started]) {
        let nothing = Given::default();
        let create = self.callback("onCreate");
        let created = create.map(|function| self.ask(function, &nothing, self.relevant));
        let slow = create.map(|function| self.ask(function, &nothing, self.early)).unwrap_or_default();
        if let Some(first) = slow.early.first().filter(|_| slow.always()) {
            self.late(acc, starts[0], *first);
        }
        if created.as_ref().is_some_and(Answer::always) {
            return;
        }
        let command =
            ["onStartCommand", "onHandleIntent", "onStart"].iter().find_map(|name| self.callback(name));
        let Some(command) = command else {
            if created.is_none_or(|answer| answer.never()) && !self.may_go_elsewhere() {
                self.never(acc, starts[0]);
            }
            return;
        };
        let mut exits: Vec<(Exit, &Started)> = Vec::new();
        let mut never = true;
        let mut slow = None;
        for start in starts {
            let answer = self.ask(command, &start.given, self.relevant);
            never &= answer.never();
            exits.extend(answer.exits.iter().map(|exit| (*exit, *start)));
            let early = self.ask(command, &start.given, self.early);
            slow = slow
                .or_else(|| early.early.first().copied().filter(|_| answer.always()).map(|id| (id, *start)));
        }
        if let Some(start) = self.media_button(starts) {
            let answer = self.ask(command, &start, self.relevant);
            never &= answer.never();
            exits.extend(answer.exits.iter().filter(|exit| exit.matched).map(|exit| (*exit, starts[0])));
        }
        exits.sort_by_key(|(exit, start)| (exit.place, start.site));
        if let Some((exit, start)) = exits.first() {
            self.leaves(acc, command, *exit, start, never && created.is_none_or(|answer| answer.never()));
        } else if let Some((id, start)) = slow {
            self.late(acc, start, id);
        }
    }

    fn callback(&self, name: &str) -> Option<FnId> {
        let methods = self.cx.model.methods_named(self.service, Name::new(name));
        methods.into_iter().find(|it| self.cx.model.function(*it).body.is_some())
    }

    fn ask(&self, function: FnId, given: &Given, relevant: &Relevant) -> Answer {
        let question = Question {
            goals: self.goals,
            before: self.before,
            class: Some(self.service),
            given,
            needless_below: SINCE,
            failing_counts: true,
            unknown_counts: true,
        };
        ask(self.cx.model, self.cx.flow, relevant, &question, function)
    }

    /// Media buttons start a service with this filter as a foreground service, by androidx's MediaButtonReceiver or the
    /// system.
    fn media_button(&self, starts: &[&Started]) -> Option<Given> {
        let class = self.cx.model.symbols.info(self.service).qualified;
        let declared = service_entries(self.cx.model, class).iter().any(|(_, component)| {
            let mut actions = component.filters.iter().flat_map(|filter| &filter.actions);
            actions.any(|action| action.text == MEDIA_BUTTON)
        });
        let known = starts
            .iter()
            .any(|start| matches!(start.given.action, Known::Is(Some(it)) if it == MEDIA_BUTTON));
        let given =
            Given { action: Known::Is(Some(Name::new(MEDIA_BUTTON))), whole: true, ..Given::default() };
        (declared && !known).then_some(given)
    }

    /// Does some call bring the service to the foreground later, or code that is not in sight get the service?
    fn may_go_elsewhere(&self) -> bool {
        self.cx.flow.services.going_of(self.service).next().is_some()
    }

    fn steps(&self, start: &Started) -> Vec<Step> {
        let mut steps: Vec<Step> =
            start.helpers.iter().map(|id| call_step(self.cx, *id, "hands the Intent on")).collect();
        let name = self.cx.model.display_type(self.service);
        steps.push(call_step(self.cx, start.site, &format!("starts {name} as a foreground service")));
        steps
    }

    fn never(&self, acc: &mut Findings<'_>, start: &Started) {
        let cx = self.cx;
        let name = cx.model.display_type(self.service);
        acc.report(class_place(cx, self.service))
            .message(format!("{name} is started as a foreground service and never calls startForeground: the app crashes"))
            .label("never goes to the foreground")
            .help("call ServiceCompat.startForeground() first thing in onStartCommand(), or start it with startService()")
            .symbol(cx.model.symbols.info(self.service).qualified.as_str())
            .key("never")
            .steps(self.steps(start));
    }

    fn leaves(&self, acc: &mut Findings<'_>, command: FnId, exit: Exit, start: &Started, never: bool) {
        let cx = self.cx;
        let name = cx.model.display_type(self.service);
        let later = cx.flow.services.going_of(self.service).next();
        let mut steps = self.steps(start);
        steps.push(Step {
            role: StepRole::Call,
            place: cx.model.fn_place(command),
            message: format!("{} has to call startForeground on every path", cx.model.display(command)),
            symbol: cx.model.symbol(command),
        });
        let message = match (never, later) {
            (true, Some(_)) => format!(
                "{name} is started as a foreground service, but calls startForeground only later, in other code: \
                 ForegroundServiceDidNotStartInTimeException if that comes late"
            ),
            (true, None) => format!(
                "{name} is started as a foreground service, but {} never calls startForeground: the app crashes",
                cx.model.function(command).name
            ),
            (false, _) => format!(
                "{name} is started as a foreground service, but a path through {} ends here without startForeground: the app \
                 crashes",
                cx.model.function(command).name
            ),
        };
        acc.report(exit.place)
            .message(message)
            .label("startForeground was not called")
            .help(
                "call ServiceCompat.startForeground() first thing in onStartCommand(), before any return; then stopForeground() \
                 and stopSelf() where there is nothing to do",
            )
            .symbol(cx.model.symbol(command))
            .key(if never { "never" } else { "path" })
            .confidence(if never && later.is_none() { Confidence::High } else { Confidence::Medium })
            .steps(steps);
    }

    fn late(&self, acc: &mut Findings<'_>, start: &Started, id: SiteId) {
        let cx = self.cx;
        let site = cx.model.site(id);
        let name = cx.model.display_type(self.service);
        acc.report(site.point())
            .message(format!(
                "{} holds {name} before startForeground, which has to come within seconds after startForegroundService",
                call_name(cx.model, site)
            ))
            .label("comes before startForeground")
            .help("call ServiceCompat.startForeground() first, with a notification that says what is being prepared")
            .symbol(cx.model.symbol(site.function))
            .key(format!("late {}", call_name(cx.model, site)))
            .confidence(Confidence::Medium)
            .steps(self.steps(start));
    }
}
