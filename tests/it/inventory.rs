//! `worklint inventory`: kinds with their evidence, in every form.

use crate::support::{project, repository, run};

fn sample() -> String {
    repository().join("fixtures/apps/podcast").to_string_lossy().into_owned()
}

#[test]
fn table() {
    let ran = run(&["inventory", &sample()]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    insta::assert_snapshot!("inventory-table", ran.out);
}

#[test]
fn markdown() {
    let ran = run(&["inventory", "--format", "markdown", &sample()]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    insta::assert_snapshot!("inventory-markdown", ran.out);
}

#[test]
fn every_kind_has_its_evidence() {
    let source = r#"
package com.example

import android.app.Activity
import android.app.AlarmManager
import android.app.PendingIntent
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.os.Bundle
import androidx.lifecycle.ViewModel
import androidx.lifecycle.viewModelScope
import androidx.work.*
import java.net.URL
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread
import kotlinx.coroutines.GlobalScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch

class SyncWorker(context: Context, params: WorkerParameters) : CoroutineWorker(context, params) {
    override suspend fun doWork(): Result = Result.success()
}

class ExportWorker(context: Context, params: WorkerParameters) : CoroutineWorker(context, params) {
    override suspend fun doWork(): Result {
        try {
            setForeground(getForegroundInfo())
        } catch (e: IllegalStateException) {
            return Result.retry()
        }
        return Result.success()
    }
}

class PillReceiver : BroadcastReceiver() {
    override fun onReceive(context: Context, intent: Intent) = println("now")
}

class Starts(private val context: Context) {
    fun periodic() = WorkManager.getInstance(context).enqueueUniquePeriodicWork(
        "sync", ExistingPeriodicWorkPolicy.KEEP, PeriodicWorkRequestBuilder<SyncWorker>(1, TimeUnit.DAYS).build())

    fun expedited() = WorkManager.getInstance(context).enqueue(
        OneTimeWorkRequestBuilder<SyncWorker>().setExpedited(OutOfQuotaPolicy.DROP_WORK_REQUEST).build())

    fun long() = WorkManager.getInstance(context).enqueue(OneTimeWorkRequestBuilder<ExportWorker>().build())

    fun endless() = thread {
        while (true) URL("https://example.com").readText()
    }

    fun hourly() = GlobalScope.launch {
        while (true) {
            URL("https://example.com").readText()
            delay(60 * 60 * 1000L)
        }
    }

    fun alarm(alarms: AlarmManager, at: Long) = alarms.set(
        AlarmManager.RTC, at,
        PendingIntent.getBroadcast(context, 0, Intent(context, PillReceiver::class.java), PendingIntent.FLAG_IMMUTABLE))
}

class FeedViewModel : ViewModel() {
    fun load() = viewModelScope.launch { println("loading") }
}
"#;
    let directory = project(&[
        ("app/build.gradle.kts", "plugins { id(\"com.android.application\") }\n"),
        (
            "app/src/main/AndroidManifest.xml",
            "<manifest xmlns:android=\"http://schemas.android.com/apk/res/android\"><application/></manifest>\n",
        ),
        ("app/src/main/java/com/example/Starts.kt", source),
    ]);
    let path = directory.path().to_str().expect("temporary paths are UTF-8");
    let ran = run(&["inventory", "--format", "json", path]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let document: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    let kinds: Vec<String> = document["work"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|it| {
            let of = |name: &str| it[name].as_str().unwrap_or_default().to_owned();
            format!(
                "{} {} {}, {}: {}",
                of("symbol"),
                of("api"),
                of("urgency"),
                of("persistence"),
                of("verdict")
            )
        })
        .collect();
    insta::assert_snapshot!("inventory-kinds", kinds.join("\n"));
}

#[test]
fn pages_stay_small_and_say_nothing_unescaped() {
    let calls: String =
        (0..5000).map(|at| format!("    fun f{at}() = thread {{ println({at}) }}\n")).collect();
    let source = format!(
        "package com.example\n\nimport kotlin.concurrent.thread\n\nclass `Starts</script>` {{\n{calls}}}\n"
    );
    let directory = project(&[("app/src/main/java/com/example/Starts.kt", &source)]);
    let path = directory.path().to_str().expect("temporary paths are UTF-8");
    let ran = run(&["inventory", "--format", "html", path]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.out.contains("5000 pieces of background work"), "{}", &ran.out[..2000]);
    assert!(ran.out.len() < 1_000_000, "{} bytes", ran.out.len());
    assert!(!ran.out.contains("Starts</script>"));
}

#[test]
fn only_what_should_change() {
    let ran = run(&["inventory", "--only-changes", "--format", "json", &sample()]);
    let document: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    let work = document["work"].as_array().expect("a list");
    assert!(!work.is_empty() && work.iter().all(|it| it["verdict"] == "change"), "{}", ran.out);
}
