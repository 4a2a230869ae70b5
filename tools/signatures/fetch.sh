#!/usr/bin/env bash
# Downloads what extract.py reads into DIRECTORY, with the ordinary clients of the registries, and notes the versions
# in DIRECTORY/SOURCES. Needs npm, pip, apt-get and dpkg, cargo, unzip, and a JDK (JAVA_HOME) with jimage.
set -euo pipefail
[ $# = 1 ] || { echo "usage: fetch.sh DIRECTORY" >&2; exit 2; }
mkdir -p "$1"
cd "$1"
mkdir -p packages jars stubs
: > SOURCES
note() { echo "$*" >> SOURCES; }

# npm: the Android API as TypeScript; Kotlin's library and coroutines; a bundle with OkHttp, Okio, Retrofit and others.
npm_package() { # name version directory
  (cd packages && npm pack --silent "$1@$2" > /dev/null && mkdir -p "$3" && tar xzf "$(ls -t ./*.tgz | head -1)" -C "$3")
  note "npm $1 $2"
}
npm_package @nativescript/types-android 9.1.1 types-android
npm_package kotlin-compiler 2.4.20 kotlin-compiler
npm_package allure-commandline 2.46.1 allure-commandline
ln -sfn packages/types-android types-android
cp packages/kotlin-compiler/package/lib/{kotlin-stdlib,kotlinx-coroutines-core-jvm}.jar jars/
bundle=packages/allure-commandline/package/dist
for jar in "$bundle"/plugins/jira-plugin/lib/{okhttp-jvm,okio-jvm,retrofit}-*.jar \
  "$bundle"/lib/{commons-io,commons-lang3,jackson-annotations,jackson-core,jackson-databind,jsoup,slf4j-api}-*.jar; do
  cp "$jar" jars/
  note "  $(basename "$jar" .jar)"
done

# PyPI: the Android API and androidx as Python type stubs.
while read -r stub version; do
  pip download --quiet --no-deps --dest stubs "chaquopy-stubs-$stub==$version" 2> /dev/null
  note "PyPI chaquopy-stubs-$stub $version"
done < "$(dirname "$(realpath "$0")")/stubs.txt"

# Debian: further libraries.
(cd packages && apt-get download librx-java libreactive-streams-java libgoogle-gson-java libguava-java libjoda-time-java \
  libatinject-jsr330-api-java libcommons-codec-java libzxing-core-java > /dev/null 2>&1)
for package in packages/*.deb; do
  dpkg -x "$package" packages/debian
  note "Debian $(dpkg-deb --field "$package" Package) $(dpkg-deb --field "$package" Version)"
done
for jar in rxjava reactive-streams gson guava joda-time atinject-jsr330-api commons-codec core; do
  cp -L "$(find packages/debian/usr/share/java -name "$jar-*.jar" | sort | head -1)" jars/
done

# crates.io: exact descriptors of an older API level.
(cd packages && mkdir -p descriptors && cd descriptors && { [ -f Cargo.toml ] || cargo init --quiet --name descriptors .; } \
  && cargo add --quiet jni-android-sys@=0.0.10 2> /dev/null && cargo vendor --quiet vendor > /dev/null)
ln -sfn packages/descriptors/vendor/jni-android-sys/src/generated descriptors
note "crates.io jni-android-sys 0.0.10"

# The JDK: java.* and javax.*, of which extract.py takes what Android has.
"${JAVA_HOME:?}/bin/jimage" extract --dir jdk \
  --include 'regex:/(java.base|java.sql|java.xml|java.logging|java.desktop|java.prefs)/(java|javax|org)/.*' "$JAVA_HOME/lib/modules"
note "JDK $(sed -n 's/^JAVA_RUNTIME_VERSION="\(.*\)"/\1/p' "$JAVA_HOME/release")"
