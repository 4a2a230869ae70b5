//! Manifests and lint.xml as written, and manifests as merged.

use worklint::base::Name;
use worklint::facts::manifest::{ComponentKind, ManifestFacts, MergeNode};
use worklint::model::{Component, MergedManifest};
use worklint::syntax::{lint_xml, manifest};

use crate::trees::{Files, module, told};

const NAMESPACES: &str = "xmlns:android=\"http://schemas.android.com/apk/res/android\" xmlns:tools=\"http://schemas.android.com/tools\"";

fn wrap(inside: &str) -> String {
    format!("<manifest {NAMESPACES} package=\"a.b\">{inside}</manifest>")
}

fn parse(text: &str) -> ManifestFacts {
    let (facts, problems) = manifest::parse(text, "AndroidManifest.xml");
    assert_eq!(told(&problems), Vec::<String>::new());
    facts
}

#[test]
fn spans_and_entities() {
    let text = wrap(
        "<application>\n<service android:name=\".S\" android:label='a &amp; b' android:foregroundServiceType=\"dataSync|location\">\n<intent-filter><action android:name=\"x.Y\"/><category android:name=\"c\"/></intent-filter></service></application>",
    );
    let facts = parse(&text);
    let service = &facts.components[0];
    assert_eq!(&text[service.name.span.range()], ".S");
    assert!(
        text[service.tag.range()].starts_with("<service ")
            && text[service.tag.range()].ends_with("location\">")
    );
    assert!(
        text[service.span.range()].starts_with("<service ")
            && text[service.span.range()].ends_with("</service>")
    );
    let label = &service.attributes.iter().find(|(key, _)| *key == "android:label").expect("a label").1;
    assert_eq!((label.text.as_str(), &text[label.span.range()]), ("a & b", "a &amp; b"));
    assert_eq!(service.filters[0].actions[0].text, "x.Y");
    assert_eq!(&text[service.filters[0].actions[0].span.range()], "x.Y");
    assert!(text[service.filters[0].span.range()].starts_with("<intent-filter>"));
    assert!(text[facts.application.expect("an application").range()].ends_with("</application>"));
}

#[test]
fn a_byte_order_mark_moves_no_span() {
    let text = format!("\u{feff}<?xml version=\"1.0\"?>\n{}", wrap("<application android:name=\".App\"/>"));
    let facts = parse(&text);
    assert_eq!(&text[facts.application_name.expect("a name").span.range()], ".App");
    assert_eq!(
        &text[facts.application.expect("an application").range()],
        "<application android:name=\".App\"/>"
    );
}

#[test]
fn any_prefix_means_android() {
    let text = "<manifest xmlns:a=\"http://schemas.android.com/apk/res/android\" xmlns:android=\"urn:other\" xmlns:t=\"http://schemas.android.com/tools\"><uses-permission a:name=\"p\" t:node=\"remove\"/><uses-permission a:name=\"q\" android:maxSdkVersion=\"1\"/></manifest>";
    let facts = parse(text);
    assert_eq!(facts.permissions[0].name.text, "p");
    assert_eq!(facts.permissions[0].node, MergeNode::Remove);
    assert!(facts.permissions[1].max_sdk.is_none());
}

#[test]
fn everything_that_matters_is_read() {
    let facts = parse(&wrap(
        r#"<uses-sdk android:minSdkVersion="9" android:targetSdkVersion="19"/>
        <uses-permission android:name="p" android:maxSdkVersion="28" tools:remove="android:maxSdkVersion"/>
        <uses-permission-sdk-23 android:name="q"/>
        <queries><intent><action android:name="no"/></intent></queries>
        <application android:name="App">
            <provider android:name="P" tools:replace="android:authorities, android:exported" tools:remove="android:x">
                <meta-data android:name="keep" android:value="v"/>
                <meta-data android:name="gone" tools:node="remove"/>
            </provider>
            <activity-alias android:name=".Alias" android:targetActivity=".Main" android:enabled="${on}"/>
            <receiver android:name="r.R" tools:node="replace"/>
        </application>"#,
    ));
    assert_eq!(facts.min_sdk.as_ref().map(|it| it.text.as_str()), Some("9"));
    assert_eq!(facts.permissions.iter().map(|it| it.name.text).collect::<Vec<_>>(), ["p", "q"]);
    assert_eq!(facts.permissions[0].remove, ["android:maxSdkVersion"]);
    let provider = &facts.components[0];
    assert_eq!(provider.replace, ["android:authorities", "android:exported"]);
    assert_eq!(provider.properties.len(), 1);
    assert_eq!(provider.removed_properties[0].0, "gone");
    assert_eq!(facts.components[1].kind, ComponentKind::ActivityAlias);
    assert!(facts.components[1].attributes.iter().any(|(_, value)| value.is_placeholder()));
    assert_eq!(facts.components[2].node, MergeNode::Replace);
}

#[test]
fn suppressions() {
    let text = wrap(
        "<application tools:ignore=\"A,B\"><!--suppress C --><service android:name=\".S\"/></application><!-- just text -->",
    );
    let facts = parse(&text);
    let found: Vec<(Vec<Name>, &str)> =
        facts.suppressions.iter().map(|it| (it.ids.clone(), &text[it.scope.range()])).collect();
    assert_eq!(found[0].0, ["A", "B"]);
    assert!(found[0].1.starts_with("<application ") && found[0].1.ends_with("</application>"));
    assert_eq!(found[1].0, ["C"]);
    assert_eq!(found[1].1, "<service android:name=\".S\"/>");
    assert_eq!(&text[facts.suppressions[1].span.range()], "<!--suppress C -->");
}

#[test]
fn broken_manifests_name_the_line_and_keep_what_was_read() {
    let broken = [
        ("<application>\n<service android:name=\".S\"/>\n</applicaton>", 3, "expected `</application>`"),
        ("<application>\n<service android:name=\".S\"/>\n<oops", 3, ""),
        ("<application>\n<service android:name=\".S\"/>\n<x a=b/></application>", 3, "attribute of <x>"),
        (
            "<application>\n<service android:name=\".S\"/>\n<service/></application>",
            3,
            "<service> without android:name",
        ),
    ];
    for (inside, line, message) in broken {
        let (facts, problems) = manifest::parse(&wrap(inside), "a/AndroidManifest.xml");
        let told = told(&problems);
        assert!(told[0].starts_with(&format!("a/AndroidManifest.xml:{line} ")), "{told:?}");
        assert!(told[0].contains(message), "{told:?}");
        assert_eq!(facts.components.len(), 1, "{inside}");
    }
    for text in
        ["", "<", "<manifest", "</a>", "<a></b>", "<!--", "<![CDATA[", "&", "<manifest a>", "\u{feff}<"]
    {
        manifest::parse(text, "x");
        lint_xml::parse(text, "x");
    }
    manifest::parse(&"<a>".repeat(100_000), "x");
    let unclosed = manifest::parse(&format!("<manifest {NAMESPACES}>\n\n<application>"), "x").1;
    assert_eq!(told(&unclosed), ["x:3 broken XML: <application> is never closed"]);
}

#[test]
fn lint_files() {
    let text = "<lint>\n<issue id=\"A, B\" severity=\"ignore\"/>\n<issue id=\"C\"><ignore path=\"src/x\"/><ignore regexp=\"foo.*\"/></issue>\n</lint>";
    let (facts, problems) = lint_xml::parse(text, "lint.xml");
    assert!(problems.is_empty());
    assert_eq!(facts.issues[0].ids, ["A", "B"]);
    assert_eq!(facts.issues[0].severity.as_ref().map(|it| it.text.as_str()), Some("ignore"));
    assert_eq!(&text[facts.issues[1].ignored_paths[0].span.range()], "src/x");
    assert_eq!(facts.issues[1].ignored_patterns[0].text, "foo.*");
    assert!(text[facts.issues[1].span.range()].ends_with("</issue>"));
    let (facts, problems) = lint_xml::parse("<lint>\n<issue id=\"A\"/>\n</link>", "lint.xml");
    assert!(told(&problems)[0].starts_with("lint.xml:3 broken XML: "));
    assert_eq!(facts.issues.len(), 1);
}

/// An app with a library and another one behind it; the manifests' insides are given.
fn app(main: &str, debug: &str, library: &str, far: &str) -> Files {
    let wrapped = |inside: &str| format!("<manifest {NAMESPACES}>{inside}</manifest>");
    let files = Files::new(&[
        ("settings.gradle", "include ':app', ':lib', ':far'"),
        (
            "app/build.gradle",
            "plugins { id 'com.android.application' }\nandroid { namespace 'my.app' }\ndependencies { implementation project(':lib') }",
        ),
        (
            "lib/build.gradle",
            "plugins { id 'com.android.library' }\nandroid { namespace 'my.lib' }\ndependencies { api project(':far') }",
        ),
        ("far/build.gradle", "plugins { id 'com.android.library' }\nandroid { namespace 'my.far' }"),
    ]);
    for (path, inside) in
        [("app/src/main", main), ("app/src/debug", debug), ("lib/src/main", library), ("far/src/main", far)]
    {
        if !inside.is_empty() {
            files.write(&format!("{path}/AndroidManifest.xml"), wrapped(inside).as_bytes());
        }
    }
    files
}

fn merged(main: &str, debug: &str, library: &str, far: &str) -> MergedManifest {
    let (mut project, problems) = app(main, debug, library, far).project();
    assert!(told(&problems).iter().all(|it| it.contains("assumed")), "{problems:?}");
    let at = project.modules.iter().position(|it| it.path == ":app").expect("an app");
    project.modules.swap_remove(at).manifest
}

fn classes(manifest: &MergedManifest) -> Vec<&str> {
    manifest.components.iter().map(|it| it.class.map_or("?", |class| class.as_str())).collect()
}

fn service<'m>(manifest: &'m MergedManifest, class: &str) -> &'m Component {
    manifest.components_of(class.into()).next().unwrap_or_else(|| panic!("no {class}"))
}

#[test]
fn names_belong_to_the_module_that_declares_them() {
    let manifest = merged(
        "<application android:name='.App'><service android:name='.A$Inner'/><service android:name='B'/><service android:name='x.C'/><service android:name='${applicationId}.D'/><activity-alias android:name='.Alias' android:targetActivity='.Main'/></application>",
        "",
        "<application><service android:name='.L'/></application>",
        "<application><service android:name='.F'/></application>",
    );
    let expected = ["my.app.A.Inner", "my.app.B", "x.C", "?", "my.app.Main", "my.lib.L", "my.far.F"];
    assert_eq!(classes(&manifest), expected);
    assert_eq!(manifest.application_class, Some("my.app.App".into()));
    assert!(manifest.present && !manifest.incomplete);
}

#[test]
fn attributes_of_components() {
    let manifest = merged(
        "<application><service android:name='.A' android:exported='true' android:enabled='${on}' android:foregroundServiceType='dataSync | location'/><service android:name='.B' android:enabled='false'/></application>",
        "",
        "",
        "",
    );
    let a = service(&manifest, "my.app.A");
    assert_eq!((a.exported, a.enabled), (Some(true), None));
    assert_eq!(
        a.foreground_types.as_ref().map(|(types, _)| types.as_slice()),
        Some(&["dataSync".into(), "location".into()][..])
    );
    let b = service(&manifest, "my.app.B");
    assert_eq!((b.exported, b.enabled, b.foreground_types.is_none()), (None, Some(false), true));
}

#[test]
fn variants_are_united_and_marked() {
    let manifest = merged(
        "<application><service android:name='.A'/></application>",
        "<uses-permission android:name='p'/><application><service android:name='.A' tools:node='remove'/><service android:name='.D'/></application>",
        "",
        "",
    );
    // Removed in `debug` only, so still there.
    assert_eq!(classes(&manifest), ["my.app.A", "my.app.D"]);
    assert_eq!(service(&manifest, "my.app.D").source_sets, ["debug"]);
    assert_eq!(manifest.permission("p").map(|it| it.source_sets.clone()), Some(vec!["debug".into()]));
}

#[test]
fn libraries_add_and_the_app_decides() {
    let manifest = merged(
        "<uses-permission android:name='no' tools:node='remove'/><uses-permission android:name='free' tools:remove='android:maxSdkVersion'/><uses-permission android:name='narrowed'/>
        <application>
            <service android:name='my.lib.Gone' tools:node='remove'/>
            <service android:name='my.lib.Kept' android:exported='false' tools:replace='android:exported' tools:remove='android:process'/>
            <service android:name='my.lib.Mine' tools:node='replace'/>
            <receiver tools:node='removeAll'/>
        </application>",
        "",
        "<uses-permission android:name='no'/><uses-permission android:name='free' android:maxSdkVersion='28'/><uses-permission android:name='narrowed' android:maxSdkVersion='28'/>
        <application>
            <service android:name='.Gone'/>
            <service android:name='.Kept' android:exported='true' android:process=':x' android:foregroundServiceType='location'>
                <intent-filter><action android:name='go'/></intent-filter>
            </service>
            <service android:name='.Mine' android:foregroundServiceType='location'/>
            <receiver android:name='.R'/>
        </application>",
        "<uses-permission android:name='far'/>",
    );
    assert_eq!(classes(&manifest), ["my.lib.Kept", "my.lib.Mine"]);
    let kept = service(&manifest, "my.lib.Kept");
    assert_eq!(kept.exported, Some(false));
    assert!(!kept.attributes.iter().any(|(name, _)| *name == "android:process"));
    assert_eq!(kept.filters.len(), 1);
    let (types, place) = kept.foreground_types.clone().expect("types of the library");
    assert_eq!(types, ["location"]);
    assert_ne!(place.file, kept.place.file);
    assert!(service(&manifest, "my.lib.Mine").foreground_types.is_none());
    let permissions: Vec<(&str, Option<u32>)> =
        manifest.permissions.iter().map(|it| (it.name.as_str(), it.max_sdk)).collect();
    assert_eq!(permissions, [("free", None), ("narrowed", Some(28)), ("far", None)]);
    let removed: Vec<&str> = manifest.removed.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(removed, ["my.lib.Gone", "", "no"]);
}

#[test]
fn initializers_that_are_removed_stay_removed() {
    let provider = "androidx.startup.InitializationProvider";
    let manifest = merged(
        &format!(
            "<application><provider android:name='{provider}' tools:node='merge'><meta-data android:name='w' tools:node='remove'/></provider></application>"
        ),
        "",
        &format!(
            "<application><provider android:name='{provider}'><meta-data android:name='w' android:value='1'/><meta-data android:name='v' android:value='1'/></provider></application>"
        ),
        "",
    );
    let merged = service(&manifest, provider);
    assert_eq!(merged.properties.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["v"]);
    assert_eq!(merged.removed_properties[0].0, "w");
}

#[test]
fn what_is_missing_makes_the_manifest_incomplete() {
    let files = app("<application/>", "", "<application></applicaton>", "");
    let (project, problems) = files.project();
    assert!(told(&problems).iter().any(|it| it.starts_with("lib/src/main/AndroidManifest.xml:1 broken XML")));
    assert!(module(&project, ":app").manifest.incomplete && module(&project, ":lib").manifest.incomplete);
    assert!(!module(&project, ":far").manifest.incomplete);
    files.write("lib/src/main/AndroidManifest.xml", b"\xff\x00");
    let (project, problems) = files.project();
    let doubt = "lib/src/main/AndroidManifest.xml:1 this line is not UTF-8, such bytes are read as Latin-1";
    assert!(told(&problems).contains(&doubt.to_owned()), "{problems:?}");
    assert!(module(&project, ":app").manifest.incomplete);
    files.write("lib/src/main/AndroidManifest.xml", b"<manifest/>");
    files.write("lib/build.gradle", b"dependencies { api project(':absent') }");
    assert!(module(&files.project().0, ":app").manifest.incomplete);
}

#[test]
fn a_library_of_one_variant_is_marked_and_tests_bring_nothing() {
    let files = app(
        "<application/>",
        "",
        "<application><service android:name='.L'/></application>",
        "<application><service android:name='.F'/></application>",
    );
    files.write(
        "app/build.gradle",
        b"plugins { id 'com.android.application' }\nandroid { namespace 'my.app' }\ndependencies { debugImplementation project(':lib')\ntestImplementation project(':far')\nksp project(':far') }",
    );
    files.write("lib/build.gradle", b"plugins { id 'com.android.library' }\nandroid { namespace 'my.lib' }");
    let (project, _) = files.project();
    let app = module(&project, ":app");
    assert_eq!(classes(&app.manifest), ["my.lib.L"]);
    assert_eq!(app.manifest.components[0].source_sets, ["debug"]);
    assert!(module(&project, ":far").applications.is_empty());
}
