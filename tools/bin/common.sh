# Sourced by the scripts in this folder: finds a JDK 25, builds what is missing or stale, starts Java.
# Everything said here goes to the standard error; the standard output belongs to the command.
# shellcheck shell=bash

bin_dir=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
java_version=25

# Aeron needs the first two, the NBD server the third; the node and the commands call the system through FFM.
java_opens=(
    --add-exports java.base/jdk.internal.misc=ALL-UNNAMED
    --add-opens java.base/java.util.zip=ALL-UNNAMED
    --add-exports java.base/sun.nio.ch=ALL-UNNAMED
    --enable-native-access=ALL-UNNAMED
)

die() {
    echo "tidemark: $1" >&2
    exit "${2:-1}"
}

# True if the folder holds a Java of the wanted version.
is_java() {
    [[ -x $1/bin/java ]] || return 1
    if [[ -r $1/release ]]; then
        grep -qE "^JAVA_VERSION=\"$java_version(\.|\")" "$1/release"
    else
        "$1/bin/java" -version 2>&1 | grep -qE "version \"$java_version(\.|\"|-)"
    fi
}

# Prints the folder of a Java 25. Folders below JAVA_SEARCH (for tests; default the usual places) are looked at by name.
find_java() {
    local home candidates=()
    if [[ -n ${TIDEMARK_JAVA_HOME:-} ]]; then
        is_java "$TIDEMARK_JAVA_HOME" \
            || die "TIDEMARK_JAVA_HOME=$TIDEMARK_JAVA_HOME is no Java $java_version. Correct or unset it" 2
        candidates+=("$TIDEMARK_JAVA_HOME")
    fi
    [[ -z ${JAVA_HOME:-} ]] || candidates+=("$JAVA_HOME")
    shopt -s nullglob
    candidates+=(/usr/lib/jvm/*"$java_version"* /opt/*j[dr][ke]*"$java_version"* /usr/java/*"$java_version"*
        "${HOME:-/root}"/.sdkman/candidates/java/"$java_version"*)
    shopt -u nullglob
    if home=$(command -v java); then
        candidates+=("$(dirname "$(dirname "$(readlink -f "$home")")")")
    fi
    for home in "${candidates[@]}"; do
        if is_java "$home"; then
            echo "$home"
            return
        fi
    done
    die "no Java $java_version found. Install a JDK $java_version (Debian: temurin-25-jdk or openjdk-25-jdk-headless) or set TIDEMARK_JAVA_HOME" 2
}

# Runs Maven on the JDK found, whatever JAVA_HOME says: the formatter runs inside Maven and must know Java 25. Terminal codes
# are dropped: Maven writes some even without a terminal, and they would stand in front of the closing line of verify.
run_maven() {
    local java=$1
    shift
    command -v mvn > /dev/null || die "Maven is needed to build and is not installed. Install it (Debian: apt-get install maven)" 2
    [[ -x $java/bin/javac ]] || die "$java has no compiler. Install the JDK, not only the runtime" 2
    JAVA_HOME=$java MAVEN_OPTS="--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow ${MAVEN_OPTS:-}" \
        mvn -B -f "$source_dir/pom.xml" "$@" 2>&1 | sed -u 's/\x1b\[[0-9;]*m//g'
}

# True if a module was never built or a source of its is newer. A folder counts too: it changes when a file goes.
is_stale() {
    local module=$1 stamp=$source_dir/$1/target/dist/built modules=(codec journal nbd tools)
    [[ $module == tools ]] || modules+=("$module")
    [[ -f $stamp ]] || return 0
    [[ -n $(find "$source_dir/pom.xml" "${modules[@]/%//pom.xml}" "${modules[@]/%//src/main}" \
        -newer "$stamp" -print -quit 2> /dev/null) ]]
}

# Builds a module and tools, which all of them need.
build() {
    local java=$1 module=$2 start dist
    (cd "$source_dir" && is_stale "$module") || return 0
    echo "building ..." >&2
    start=$(mktemp)
    # New files instead of changed ones: a node that runs keeps the jars that it has open.
    rm -rf "$source_dir"/{tools,"$module"}/target/dist
    if ! run_maven "$java" -q -pl "$module" -am -DskipTests package >&2; then
        rm -f "$start"
        die "the build failed. See above"
    fi
    for dist in "$source_dir"/{tools,"$module"}/target/dist; do
        cp -p "$start" "$dist/built"
    done
    rm -f "$start"
}

# Sets java_home and class_path for a module. In a source tree that means to build first, one script at a time;
# TIDEMARK_NO_BUILD=1 takes what is there.
prepare() {
    local module=$1
    java_home=$(find_java)
    if [[ -f $bin_dir/../../pom.xml ]]; then
        source_dir=$(cd "$bin_dir/../.." && pwd)
        class_path="$source_dir/$module/target/dist/lib/*"
        if [[ -z ${TIDEMARK_NO_BUILD:-} ]]; then
            mkdir -p "$source_dir/tools/target"
            (
                flock 9
                build "$java_home" "$module"
            ) 9> "$source_dir/tools/target/build.lock"
        fi
    elif [[ $module == tools ]]; then
        class_path="$(cd "$bin_dir/.." && pwd)/lib/*"
    else
        die "$(basename "$0") runs from a source tree only" 2
    fi
}

# Becomes a command: short-lived, so only the fast compiler.
exec_command() {
    prepare tools
    exec "$java_home/bin/java" "${java_opens[@]}" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto -Xmx256m \
        -Dtidemark.bin="$bin_dir" -cp "$class_path" io.tidemark.tools.cli.Tidemark "$@"
}

# Becomes a node: a small heap, as its data lives outside of it, and out of memory means stop rather than limp.
exec_node() {
    prepare tools
    # TIDEMARK_NODE_OPTS is split into words on purpose: it holds several options.
    # shellcheck disable=SC2086
    exec "$java_home/bin/java" "${java_opens[@]}" -XX:+UseSerialGC -Xms32m -Xmx96m -XX:MaxDirectMemorySize=512m \
        -XX:+ExitOnOutOfMemoryError ${TIDEMARK_NODE_OPTS:-} \
        -cp "$class_path" io.tidemark.tools.cli.Tidemark node "$@"
}

# Checks the arguments of primary, replica and node.
expect_config_and_node() {
    if [[ $# -ne 2 || $1 == -* ]]; then
        echo "usage: $(basename "$0") CONFIG NODE" >&2
        exit 2
    fi
}
