//! Ready code in findings: the user's own names, in the file's language.

use serde_json::Value;

use crate::support::{project, run};

/// The sketches of a project's findings of a rule, in order.
#[track_caller]
fn sketches(files: &[(&str, &str)], rule: &str) -> Vec<String> {
    let directory = project(files);
    let root = directory.path().to_string_lossy().into_owned();
    let ran = run(&["check", "--format", "json", "--select", rule, &root]);
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    let findings = report["findings"].as_array().unwrap().clone();
    assert!(!findings.is_empty(), "{rule} reports nothing: {}", ran.err);
    findings.iter().map(|it| it["sketch"]["code"].as_str().unwrap_or("none").to_owned()).collect()
}

const MANIFEST: (&str, &str) = (
    "src/main/AndroidManifest.xml",
    r#"<manifest xmlns:android="http://schemas.android.com/apk/res/android" package="app">
    <application>
        <receiver android:name=".FeedReceiver" android:exported="false" />
    </application>
</manifest>
"#,
);

#[test]
fn alarms_become_periodic_work() {
    let source = r#"package app

import android.app.AlarmManager
import android.app.PendingIntent
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import java.net.URL

class FeedReceiver : BroadcastReceiver() {
    override fun onReceive(context: Context, intent: Intent) {
        if (intent.action == null) return
        URL("https://example.com/feed").readText()
    }
}

class Alarms(private val context: Context, private val alarms: AlarmManager) {
    fun schedule() {
        val intent = Intent(context, FeedReceiver::class.java).setAction("feed")
        val target = PendingIntent.getBroadcast(context, 0, intent, PendingIntent.FLAG_IMMUTABLE)
        alarms.setInexactRepeating(AlarmManager.RTC, 0, AlarmManager.INTERVAL_HALF_DAY, target)
    }
}
"#;
    let files = [MANIFEST, ("src/main/java/app/Alarms.kt", source)];
    insta::assert_snapshot!(sketches(&files, "AlarmForBackgroundWork").join("\n---\n"));
}

#[test]
fn work_of_receivers_becomes_a_java_worker() {
    let source = r#"package app;

import android.content.BroadcastReceiver;
import android.content.Context;
import android.content.Intent;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URL;
import java.util.concurrent.Executors;

public class FeedReceiver extends BroadcastReceiver {
    @Override
    public void onReceive(Context ctx, Intent intent) {
        Executors.newSingleThreadExecutor().execute(() -> {
            if (intent == null) {
                return;
            }
            fetch();
        });
    }

    private static void fetch() {
        try {
            ((HttpURLConnection) new URL("https://example.com").openConnection()).getResponseCode();
        } catch (IOException ignored) {
        }
    }
}
"#;
    let files = [MANIFEST, ("src/main/java/app/FeedReceiver.java", source)];
    insta::assert_snapshot!(sketches(&files, "AsyncWorkInReceiver").join("\n---\n"));
}

#[test]
fn blocking_calls_move_to_where_they_may_block() {
    let source = r#"package app

import android.os.Bundle
import androidx.appcompat.app.AppCompatActivity
import androidx.lifecycle.ViewModel
import androidx.lifecycle.viewModelScope
import android.widget.TextView
import java.io.File
import kotlinx.coroutines.launch

class Notes(private val dir: File) {
    fun latest(): String {
        if (!dir.exists()) return ""
        return File(dir, "latest").readText()
    }
}

class NotesModel(private val dir: File) : ViewModel() {
    fun refresh() = viewModelScope.launch {
        val text = File(dir, "model").readText()
        println(text)
    }
}

class NotesActivity(private val notes: Notes, private val dir: File) : AppCompatActivity() {
    override fun onCreate(savedInstanceState: Bundle?) {
        val text = notes.latest()
        title = text
        show(TextView(this))
    }

    private fun show(view: TextView) {
        view.text = File(dir, "shown").readText()
    }
}
"#;
    let files = [MANIFEST, ("src/main/java/app/Notes.kt", source)];
    insta::assert_snapshot!(sketches(&files, "DiskOnMainThread").join("\n---\n"));
}

#[test]
fn java_screens_use_an_executor() {
    let source = r#"package app;

import android.app.Activity;
import android.os.Bundle;
import java.io.File;

public class ListActivity extends Activity {
    @Override
    protected void onCreate(Bundle state) {
        super.onCreate(state);
        File[] files = getFilesDir().listFiles();
        setTitle(String.valueOf(files.length));
    }
}
"#;
    let files = [MANIFEST, ("src/main/java/app/ListActivity.java", source)];
    insta::assert_snapshot!(sketches(&files, "DiskOnMainThread").join("\n---\n"));
}

#[test]
fn run_blocking_goes() {
    let source = r#"package app

import android.os.Bundle
import androidx.appcompat.app.AppCompatActivity
import kotlinx.coroutines.delay
import kotlinx.coroutines.runBlocking

class Session {
    fun name(id: Int): String = runBlocking { load(id) }

    private suspend fun load(id: Int): String {
        delay(10)
        return "$id"
    }

    suspend fun save() = delay(10)
}

class SessionActivity(private val session: Session) : AppCompatActivity() {
    override fun onCreate(savedInstanceState: Bundle?) {
        title = session.name(1)
    }

    override fun onStop() {
        runBlocking {
            session.save()
        }
    }
}
"#;
    let files = [MANIFEST, ("src/main/java/app/Session.kt", source)];
    insta::assert_snapshot!(sketches(&files, "RunBlockingOnMainThread").join("\n---\n"));
}
