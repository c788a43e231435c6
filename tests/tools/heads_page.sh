#!/bin/sh
# heads_page.sh TOOL WRITE_CASE SOURCES: the page of `headroom heads` in a browser. Fails on any
# error of a script, at desktop and phone width. Skipped, with exit code 77, without Chromium.
set -u
tool=$1 write_case=$2 sources=$3
browser=
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && browser=$name && break
done
if [ -z "$browser" ]; then
    echo "skipped: no Chromium (Debian: chromium; or run toolchains/setup.sh ci)"
    [ -z "${HEADROOM_REQUIRE_CHROMIUM:-}" ] || exit 1
    exit 77
fi
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
failed=0
fail() {
    echo "FAILED: $*"
    failed=1
}

# load PAGE WIDTH: what the page has become, in dom; what the browser says, in log.
load() {
    HOME=$folder timeout 60 "$browser" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
        --disable-background-networking --disable-component-update --disable-sync \
        --disable-dev-shm-usage --user-data-dir="$folder/profile" --window-size="$2",900 \
        --virtual-time-budget=5000 --enable-logging=stderr --dump-dom "file://$folder/$1" \
        >dom 2>log
    grep -q CONSOLE log && fail "$1 at $2 pixels: $(grep CONSOLE log)"
    grep -q '<body data-ready="6"' dom || fail "$1 at $2 pixels: six maps were not drawn"
}
has() {
    grep -qF -- "$1" "${2:-dom}" || fail "nothing of $1 in ${2:-dom}"
}

"$write_case" . || exit 1
make_page() {
    "$tool" heads --weights layer.safetensors --prefix "$(cat prefix.txt)" --heads 6 \
        "$@" >out 2>err || fail "heads: $(cat err)"
}

make_page --html page.html --no-causal --no-rotary --x x.npy --labels labels.txt
verdict="Heads 2-4 are idle: 2 spreads its attention evenly, 3 rests on the first key, \
4 rests on key 5."
has "$verdict" out
load page.html 1440
has "$verdict"
has "&lt;/script&gt;&lt;script&gt;alert("
for words in "previous token" "itself" "spread evenly" "first key" "key 5" "3 tokens ahead"; do
    has "class=\"what\">$words"
done
[ "$(grep -o 'role="img" aria-label="Map of head' dom | wc -l)" -eq 6 ] || fail "not six maps"
grep -qE "https?:|(src|href)=" page.html && fail "the page refers to something outside of it"

has "<title>&lt;/script&gt;&lt;script&gt;alert("
has "idle head</span>"
grep -q "not a number</span>" dom && fail "a legend of what is not there"

# What was taken for granted stands outside of the fold; so does NaN, without numbers.
make_page --html nan.html --causal --rotary half --x batch.npy --sequence 1
load nan.html 1440
has '<ul id="settings"><li>sequence 1 of 2'
has "<li>rotary: half, 16 elements, base 10000 assumed"
has "not a number</span>"
has "query 15: weight not a number on key 0"
dash='<td>–</td>'
has "<td>not a number</td>$dash$dash$dash$dash$dash$dash$dash"
grep -q "idle head</span>" dom && fail "a legend of idle heads without one"
load page.html 1440

# A reader: clicks, keys, choices.
# append SCRIPT [PAGE]
append() {
    sed '/<\/body>/d; /<\/html>/d' "${2:-page.html}"
    printf '<script>\n'
    cat "$1"
    printf '</script>\n</body>\n</html>\n'
}
append "$sources/heads_use.js" >used.html
for width in 1440 800; do
    load used.html "$width"
    has 'data-used="as expected"'
done
# A window cannot be as narrow as a phone, but a frame in it can.
cat >phone.html <<'END'
<!DOCTYPE html>
<html><body><iframe src="used.html" width="390" height="844" style="border: 0"></iframe>
<script>
addEventListener('message', ({ data }) => Object.assign(document.body.dataset, data));
</script>
</body></html>
END
load phone.html 600
has 'data-used="as expected"'
has 'data-width="390"'

# What a query may not see is left out of its map, and said.
make_page --html causal.html --causal --no-rotary --x x.npy
cat >causal.js <<'END'
const { data } = document.querySelector('.card canvas').getContext('2d').getImageData(0, 0, 16, 16);
const opacity = (row, column) => data[4 * (16 * row + column) + 3];
if (opacity(3, 9) !== 0 || opacity(9, 3) !== 255) throw new Error('hidden keys are drawn');
choose(2, false);  // even: query 0 sees one key, query 1 is the first with a choice
if (plot.row !== 1 || plot.column !== 0) throw new Error('does not start where there is a choice');
pointAt(3, 9);
if (byId('readout').textContent !== 'query 3: may not see key 9') throw new Error('not said');
document.body.dataset.used = 'as expected';
END
append causal.js causal.html >hidden.html
load hidden.html 1440
has 'data-used="as expected"'

# What this test rests on: a broken script is seen.
echo 'nothingOfThisName();' >broken.js
append broken.js >broken.html
if (load broken.html 1440; exit "$failed") >said; then fail "an error of a script was not seen"; fi
has "nothingOfThisName is not defined" said

[ "$failed" -eq 0 ] && echo "all pages as expected"
exit "$failed"
