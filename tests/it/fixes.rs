//! What fixes make of the source: the edits of the JSON report, applied.

use serde_json::Value;

use crate::support::{project, run};

const MANIFEST: &str = r#"<manifest xmlns:android="http://schemas.android.com/apk/res/android" package="app">
    <application>
        <service android:name=".SyncService" android:foregroundServiceType="dataSync" android:exported="false" />
    </application>
</manifest>
"#;

/// The files after the fixes of a rule's findings, the last edit first; only those that changed.
#[track_caller]
fn fixed(files: &[(&str, &str)], rule: &str) -> String {
    let directory = project(files);
    let root = directory.path().to_string_lossy().into_owned();
    let ran = run(&["check", "--format", "json", "--select", rule, &root]);
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let of_rule = findings.iter().filter(|it| it["rule"] == rule);
    let mut edits: Vec<&Value> =
        of_rule.flat_map(|it| it["fix"]["edits"].as_array().into_iter().flatten()).collect();
    assert!(!edits.is_empty(), "{rule} mends nothing: {} {}", ran.out, ran.err);
    let number = |edit: &Value, key: &str| usize::try_from(edit[key].as_u64().unwrap()).unwrap();
    edits.sort_by_key(|edit| std::cmp::Reverse((number(edit, "line"), number(edit, "column"))));
    let mut texts = String::new();
    for (path, text) in files {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for edit in edits.iter().filter(|edit| edit["path"] == *path) {
            let (line, end) = (number(edit, "line") - 1, number(edit, "endLine") - 1);
            let (from, to) = (number(edit, "column") - 1, number(edit, "endColumn") - 1);
            let joined =
                format!("{}{}{}", &lines[line][..from], edit["text"].as_str().unwrap(), &lines[end][to..]);
            lines.splice(line..=end, [joined]);
        }
        let after = lines.join("\n") + "\n";
        if after != *text {
            texts.push_str(&after);
        }
    }
    texts
}

fn in_kotlin(body: &str, rule: &str) -> String {
    let source = format!("package app\n\n{body}");
    let gradle =
        "plugins { id(\"com.android.application\") }\nandroid { defaultConfig { targetSdk = 34 } }\n";
    let files = [
        ("build.gradle.kts", gradle),
        ("src/main/AndroidManifest.xml", MANIFEST),
        ("src/main/java/app/App.kt", source.as_str()),
    ];
    fixed(&files, rule)
}

#[test]
fn preferences_are_applied() {
    let found = in_kotlin(
        "import android.content.SharedPreferences\nimport androidx.core.content.edit\n\nfun save(prefs: SharedPreferences) {\n    \
         prefs.edit().putInt(\"a\", 1).commit()\n    prefs.edit(commit = true) { putInt(\"b\", 2) }\n}\n",
        "ApplySharedPref",
    );
    insta::assert_snapshot!(found);
}

#[test]
fn alarms_wait_and_are_permitted() {
    let source = "import android.app.AlarmManager\nimport android.app.PendingIntent\n\nfun set(alarms: AlarmManager, target: PendingIntent) {\n    \
                  alarms.setRepeating(AlarmManager.RTC_WAKEUP, 0, 3_600_000, target)\n    alarms.setExact(AlarmManager.RTC, 0, target)\n}\n";
    insta::assert_snapshot!("alarm-wakeup", in_kotlin(source, "WakeupRepeatingAlarm"));
    insta::assert_snapshot!("alarm-permission", in_kotlin(source, "ExactAlarmPermission"));
}

#[test]
fn services_get_their_permissions() {
    let source = "import android.app.Notification\nimport android.app.Service\nimport android.content.Intent\nimport android.os.IBinder\n\n\
                  class SyncService : Service() {\n    override fun onBind(intent: Intent): IBinder? = null\n\n    override fun onCreate() {\n        \
                  startForeground(1, Notification())\n    }\n}\n";
    insta::assert_snapshot!(in_kotlin(source, "ForegroundServicePermission"));
}

#[test]
fn requests_are_mended() {
    let source = r#"import android.app.Application
import android.content.Context
import androidx.work.CoroutineWorker
import androidx.work.ExistingPeriodicWorkPolicy
import androidx.work.OneTimeWorkRequestBuilder
import androidx.work.PeriodicWorkRequestBuilder
import androidx.work.WorkManager
import androidx.work.WorkerParameters
import java.util.concurrent.TimeUnit

class Sync(context: Context, params: WorkerParameters) : CoroutineWorker(context, params) {
    override suspend fun doWork(): Result = Result.success()
}

class App : Application() {
    override fun onCreate() {
        super.onCreate()
        val request = PeriodicWorkRequestBuilder<Sync>(600, TimeUnit.SECONDS).build()
        val manager = WorkManager.getInstance(this)
        manager.enqueueUniquePeriodicWork("sync", ExistingPeriodicWorkPolicy.CANCEL_AND_REENQUEUE, request)
        manager.beginWith(OneTimeWorkRequestBuilder<Sync>().build())
    }
}
"#;
    insta::assert_snapshot!("request-interval", in_kotlin(source, "InvalidPeriodicWorkRequestInterval"));
    insta::assert_snapshot!("request-replaced", in_kotlin(source, "UniquePeriodicWorkReplaced"));
    insta::assert_snapshot!("request-enqueued", in_kotlin(source, "EnqueueWork"));
}

#[test]
fn coroutines_end_with_their_owner() {
    let source = "import androidx.lifecycle.ViewModel\nimport kotlinx.coroutines.GlobalScope\nimport kotlinx.coroutines.delay\n\
                  import kotlinx.coroutines.launch\n\nclass Model : ViewModel() {\n    fun load() {\n        GlobalScope.launch { delay(1) }\n    }\n}\n";
    insta::assert_snapshot!(in_kotlin(source, "GlobalCoroutineUsage"));
}

#[test]
fn job_services_are_guarded() {
    let source = "import android.app.job.JobInfo\nimport android.app.job.JobParameters\nimport android.app.job.JobService\n\
                  import android.content.ComponentName\nimport android.content.Context\n\n\
                  class SyncService : JobService() {\n    override fun onStartJob(params: JobParameters) = false\n    \
                  override fun onStopJob(params: JobParameters) = false\n}\n\n\
                  fun job(context: Context): JobInfo =\n    JobInfo.Builder(1, ComponentName(context, SyncService::class.java)).build()\n";
    insta::assert_snapshot!(in_kotlin(source, "JobSchedulerService"));
}

#[test]
fn types_of_services_are_declared() {
    let gradle =
        "plugins { id(\"com.android.application\") }\nandroid { defaultConfig { targetSdk = 34 } }\n";
    let manifest = r#"<manifest xmlns:android="http://schemas.android.com/apk/res/android" package="app">
    <uses-permission android:name="android.permission.FOREGROUND_SERVICE" />
    <application>
        <service android:name=".PlayService" android:exported="false" />
    </application>
</manifest>
"#;
    let service = "package app\n\nimport android.app.Notification\nimport android.app.Service\nimport android.content.Intent\n\
                   import android.content.pm.ServiceInfo\nimport android.os.IBinder\n\n\
                   class PlayService : Service() {\n    override fun onBind(intent: Intent): IBinder? = null\n\n    override fun onCreate() {\n        \
                   startForeground(1, Notification(), ServiceInfo.FOREGROUND_SERVICE_TYPE_MEDIA_PLAYBACK)\n    }\n}\n";
    let worker = "package app\n\nimport android.app.Notification\nimport android.content.Context\nimport android.content.pm.ServiceInfo\n\
                  import androidx.work.CoroutineWorker\nimport androidx.work.ForegroundInfo\nimport androidx.work.WorkerParameters\n\n\
                  class Upload(context: Context, params: WorkerParameters) : CoroutineWorker(context, params) {\n    \
                  override suspend fun doWork(): Result {\n        \
                  setForeground(ForegroundInfo(1, Notification(), ServiceInfo.FOREGROUND_SERVICE_TYPE_DATA_SYNC))\n        \
                  return Result.success()\n    }\n}\n";
    let with = |manifest: &str, source: &str, rule: &str| {
        let files = [
            ("build.gradle.kts", gradle),
            ("src/main/AndroidManifest.xml", manifest),
            ("src/main/java/app/App.kt", source),
        ];
        fixed(&files, rule)
    };
    insta::assert_snapshot!("type-of-a-service", with(manifest, service, "ForegroundServiceType"));
    insta::assert_snapshot!("type-of-a-worker", with(manifest, worker, "SpecifyForegroundServiceType"));
    let declared = manifest.replace(
        ".PlayService\"",
        "androidx.work.impl.foreground.SystemForegroundService\" android:foregroundServiceType=\"location\"",
    );
    insta::assert_snapshot!(
        "type-added-for-a-worker",
        with(&declared, worker, "SpecifyForegroundServiceType")
    );
    let typeless = worker.replace(", ServiceInfo.FOREGROUND_SERVICE_TYPE_DATA_SYNC", "");
    insta::assert_snapshot!(
        "type-passed-by-a-worker",
        with(&declared, &typeless, "SpecifyForegroundServiceType")
    );
}

#[test]
fn blocking_code_is_moved() {
    let source = "import java.io.File\n\nclass Notes(private val file: File) {\n    suspend fun load(): String {\n        \
                  return file.readText().trim()\n    }\n}\n";
    // Nobody calls it, so any thread may.
    insta::assert_snapshot!("suspend-moved", in_kotlin(source, "BlockingInSuspend"));
    let source = "import androidx.lifecycle.ViewModel\nimport kotlinx.coroutines.delay\nimport kotlinx.coroutines.runBlocking\n\n\
                  class NotesModel : ViewModel() {\n    init {\n        runBlocking { delay(1) }\n    }\n}\n";
    insta::assert_snapshot!("main-launched", in_kotlin(source, "RunBlockingOnMainThread"));
    let source = "import android.content.Context\nimport androidx.work.Worker\nimport androidx.work.WorkerParameters\n\
                  import kotlinx.coroutines.delay\nimport kotlinx.coroutines.runBlocking\n\n\
                  class Sync(context: Context, params: WorkerParameters) : Worker(context, params) {\n    \
                  override fun doWork(): Result = runBlocking {\n        delay(1)\n        Result.success()\n    }\n}\n";
    insta::assert_snapshot!("worker-suspends", in_kotlin(source, "RunBlockingInWorker"));
}

#[test]
fn periodic_work_gets_a_name() {
    let source = "import android.content.Context\nimport androidx.work.CoroutineWorker\nimport androidx.work.PeriodicWorkRequestBuilder\n\
                  import androidx.work.WorkManager\nimport androidx.work.WorkerParameters\nimport java.util.concurrent.TimeUnit\n\n\
                  class Sync(context: Context, params: WorkerParameters) : CoroutineWorker(context, params) {\n    \
                  override suspend fun doWork(): Result = Result.success()\n}\n\n\
                  fun start(context: Context) {\n    val request = PeriodicWorkRequestBuilder<Sync>(1, TimeUnit.HOURS).build()\n    \
                  WorkManager.getInstance(context).enqueue(request)\n}\n";
    insta::assert_snapshot!(in_kotlin(source, "BadPeriodicWorkRequestEnqueue"));
}

#[test]
fn the_default_initializer_is_removed() {
    let source = "package app\n\nimport android.app.Application\nimport androidx.work.Configuration\n\n\
                  class App : Application(), Configuration.Provider {\n    \
                  override val workManagerConfiguration = Configuration.Builder().build()\n}\n";
    let manifest = r#"<manifest xmlns:android="http://schemas.android.com/apk/res/android" package="app">
    <application android:name=".App">
    </application>
</manifest>
"#;
    let files = [
        ("build.gradle.kts", "plugins { id(\"com.android.application\") }\n"),
        ("src/main/AndroidManifest.xml", manifest),
        ("src/main/java/app/App.kt", source),
    ];
    insta::assert_snapshot!(fixed(&files, "RemoveWorkManagerInitializer"));
}
