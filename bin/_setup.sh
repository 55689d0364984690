# Shared by bin/run and bin/test (sourced, POSIX sh): messages and the Python environment.
# Tools are always called as "$VENV/bin/python" -m NAME: the first line of an installed script
# holds an absolute path, which breaks on spaces, on long paths and when the folder is moved.

VENV="$ROOT/.venv"
export PYTHONUTF8=1 PYTHONUNBUFFERED=1 PIP_USER=0 PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1
# Byte code and rewritten tests are kept from one process to the next: compiling them anew takes longer than most tests.
unset PYTHONHOME PYTHONPATH PYTHONSAFEPATH PYTHONDONTWRITEBYTECODE

say() { printf '%s\n' "$*"; }
die() {
    printf '\n出错了：%s\n' "$*" >&2
    exit 1
}

STEP=0
step() { # the caller sets STEPS, the number of steps in all
    STEP=$((STEP + 1))
    say "[$STEP/$STEPS] $*"
}

# True for a whole environment, made in this very folder, with a Python that is new enough.
# `activate` is the last thing that venv writes; pyvenv.cfg names the folder it was made in.
venv_is_sound() {
    [ -f "$VENV/bin/activate" ] && "$VENV/bin/python" - "$VENV" 2>/dev/null <<'PY'
import pathlib, sys
import pip
config = pathlib.Path(sys.prefix, "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
here = any(line.startswith("command = ") and line.endswith(" " + sys.argv[1]) for line in config)
sys.exit(not (here and sys.version_info >= (3, 11)))
PY
}

# Sets PYTHON: that of our environment, else the newest on PATH that can make one.
find_python() {
    if venv_is_sound; then
        PYTHON="$VENV/bin/python"
        return
    fi
    PYTHON='' best=0 too_old='' without_venv=''
    for candidate in python3 python3.13 python3.12 python3.11; do
        version=$("$candidate" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null) || continue
        version=${version##* }
        major=${version%%.*}
        minor=${version#*.}
        minor=${minor%%.*}
        case "$major$minor" in '' | *[!0-9]*) continue ;; esac
        rank=$((major * 100 + minor))
        if [ "$rank" -lt 311 ]; then
            too_old="$too_old $version"
        elif ! "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
            without_venv="$candidate（$version）"
        elif [ "$rank" -gt "$best" ]; then
            PYTHON=$candidate best=$rank
        fi
    done
    [ -z "$PYTHON" ] || return 0
    [ -z "$without_venv" ] || die "$without_venv 缺少 venv 模块，请先安装（Debian/Ubuntu：apt install python3-venv）。"
    [ -z "$too_old" ] || die "需要 Python 3.11 或更高版本，这里只找到$too_old。"
    die "没有找到 Python。请先安装 Python 3.11 或更高版本（Debian/Ubuntu：apt install python3 python3-venv）。"
}

make_venv() {
    if [ "$PYTHON" = "$VENV/bin/python" ]; then
        say "    已有，$("$PYTHON" -V)"
        return
    fi
    [ ! -e "$VENV" ] || say "    原有的 .venv 不完整、版本太旧或来自别的文件夹，重新建立"
    rm -rf "$VENV"
    say "    用 $("$PYTHON" -V) 建立 .venv"
    if ! output=$("$PYTHON" -m venv "$VENV" 2>&1); then
        rm -rf "$VENV"
        printf '%s\n' "$output" | tail -n 15 >&2
        case $output in
            *ensurepip* | *'No module named'*) die "缺少 venv 模块，请先安装（Debian/Ubuntu：apt install python3-venv）。" ;;
            *) die "Python 环境没有建成，原因见上。" ;;
        esac
    fi
    PYTHON="$VENV/bin/python"
}

# Runs an installer, shows what it is busy with, keeps the whole of its output in $VENV/install.log.
show_progress() {
    { "$@" 2>&1 && echo '@done'; } | (
        failed=1
        while IFS= read -r line; do
            printf '%s\n' "$line" >>"$VENV/install.log"
            case $line in
                @done) failed=0 ;;
                'Collecting '*) line=${line#Collecting } && say "    下载 ${line%% *}" ;;
                'Processing '*) line=${line#Processing } line=${line%% *} && say "    下载 ${line##*/}" ;;
                'Installing collected'*) say "    装入……" ;;
                Resolved* | Prepared* | Installed* | ' + '*) say "    $line" ;;
            esac
        done
        exit $failed
    )
}

with_uv() {
    command -v uv >/dev/null 2>&1 || return 1
    show_progress uv pip install --python "$PYTHON" -r "$1" && return
    say "    uv 没有装成，改用 pip"
    return 1
}

# install_requirements FILE: nothing to do while the file is the one installed last.
install_requirements() {
    stamp="$VENV/$1.sha256"
    wanted=$("$PYTHON" -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' "$1")
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
        say "    已装好，无须更新"
        return
    fi
    : >"$VENV/install.log"
    if with_uv "$1" || show_progress "$PYTHON" -m pip install --progress-bar off -r "$1"; then
        printf '%s\n' "$wanted" >"$stamp"
    else
        tail -n 15 "$VENV/install.log" >&2
        die "依赖没有装成，原因见上；全部记录在 .venv/install.log。可再运行一次。"
    fi
}
